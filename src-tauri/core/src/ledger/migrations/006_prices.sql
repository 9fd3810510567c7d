-- What calls were priced by: a price as a whole, with where it is known from and since when. Written once and never changed,
-- but for when it ceased to be known.
CREATE TABLE price_point (
  id                INTEGER PRIMARY KEY,
  digest            INTEGER NOT NULL UNIQUE, -- of all that it says; negative: only the name of a list is known
  provider          TEXT    NOT NULL,
  model             TEXT    NOT NULL,
  context           TEXT    NOT NULL,      -- how the call was run: standard, batch, …
  prompt_above      INTEGER NOT NULL,      -- for prompts of more tokens than this
  schedule          TEXT    NOT NULL,      -- at which times of the day; empty: always
  valid_from        INTEGER,               -- seconds since 1970, UTC; NULL: since ever
  valid_to          INTEGER,               -- the first second after; NULL: not over
  evidence          TEXT    NOT NULL,      -- how it is known
  verdict           TEXT    NOT NULL,      -- whether the lists agree
  source            TEXT    NOT NULL,      -- name and version of the list
  evidence_url      TEXT    NOT NULL,
  input             INTEGER,               -- pico-dollars a token, as are those that follow; NULL: none of its own
  output            INTEGER,
  cache_read        INTEGER,
  cache_write_short INTEGER,
  cache_write_long  INTEGER,
  web_search        INTEGER,               -- pico-dollars a search
  known_from        INTEGER NOT NULL,      -- seconds since 1970, UTC: when it was first used; 0: not recorded
  known_to          INTEGER                -- when it was replaced by what is known better; NULL: it is not
) STRICT;
-- Which rates priced a call was not kept before, only from which list they were.
INSERT INTO price_point
  SELECT row_number() OVER (ORDER BY text), -row_number() OVER (ORDER BY text), '', '', '', 0, '', NULL, NULL,
         'unrecorded', '', text, '', NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL
  FROM name WHERE id IN (SELECT price_list FROM usage WHERE cost IS NOT NULL);

CREATE TABLE usage_priced (
  id                INTEGER PRIMARY KEY,
  source            INTEGER NOT NULL REFERENCES name,
  key               TEXT    NOT NULL,
  occurred_at       INTEGER NOT NULL,      -- milliseconds since 1970, UTC
  attribution       INTEGER NOT NULL REFERENCES attribution,
  task              INTEGER NOT NULL REFERENCES name,
  tool              INTEGER NOT NULL REFERENCES name,
  secondary         INTEGER NOT NULL CHECK (secondary IN (0, 1)),
  input             INTEGER NOT NULL,
  cache_read        INTEGER NOT NULL,
  cache_write_short INTEGER NOT NULL,
  cache_write_long  INTEGER NOT NULL,
  output            INTEGER NOT NULL,
  reasoning         INTEGER NOT NULL,      -- of output
  web_searches      INTEGER NOT NULL,
  basis             TEXT    NOT NULL CHECK (basis IN ('billed', 'estimated', 'api_equivalent')),
  cost              INTEGER,               -- nano-dollars; NULL: no price is known
  cost_below        INTEGER NOT NULL DEFAULT 0, -- it may be so much less
  cost_above        INTEGER NOT NULL DEFAULT 0, -- or so much more
  price_status      TEXT    NOT NULL,
  price_point       INTEGER REFERENCES price_point, -- NULL: none
  reported          INTEGER,               -- nano-dollars, as the provider said; NULL: it said nothing
  file              INTEGER REFERENCES source_file,
  offset            INTEGER,               -- of its line in the file
  key_hash          INTEGER NOT NULL       -- of source and key; of calls with the same hash, the next that is free
) STRICT;
INSERT INTO usage_priced
  SELECT usage.id, usage.source, key, occurred_at, attribution, task, tool, secondary, usage.input, usage.cache_read,
         usage.cache_write_short, usage.cache_write_long, usage.output, reasoning, web_searches, basis, cost, 0, 0,
         price_status, iif(cost IS NULL, NULL, price_point.id), NULL, file, offset, key_hash
  FROM usage JOIN name AS list ON list.id = price_list LEFT JOIN price_point ON price_point.source = list.text
  ORDER BY usage.id;
DROP TABLE usage;
ALTER TABLE usage_priced RENAME TO usage;
CREATE INDEX usage_by_attribution ON usage (attribution, occurred_at);
CREATE UNIQUE INDEX usage_by_key_hash ON usage (key_hash);

-- By how much the cost may be less or more, in nano-dollars.
ALTER TABLE usage_quarter ADD COLUMN cost_below INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_quarter ADD COLUMN cost_above INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hour ADD COLUMN cost_below INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hour ADD COLUMN cost_above INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_total ADD COLUMN cost_below INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_total ADD COLUMN cost_above INTEGER NOT NULL DEFAULT 0;
