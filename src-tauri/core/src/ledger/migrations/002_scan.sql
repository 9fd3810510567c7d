-- Lines that should have told of a call and could not be understood: where they are, so that a person can look.
CREATE TABLE skipped_line (
  file   INTEGER NOT NULL REFERENCES source_file,
  line   INTEGER NOT NULL,                 -- or entry of a document or database, from 1
  reason TEXT    NOT NULL,
  PRIMARY KEY (file, line)
) STRICT, WITHOUT ROWID;

-- Lines are numbered when one is skipped, not counted while reading.
ALTER TABLE source_file DROP COLUMN read_lines;
-- How many lines were skipped in all; the first of them are in `skipped_line`.
ALTER TABLE source_file ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;

-- The price list is named once and not in every row.
CREATE TABLE usage_compact (
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
  basis             TEXT    NOT NULL CHECK (basis IN ('billed', 'estimated')),
  cost              INTEGER,               -- nano-dollars; NULL: no price is known
  price_status      TEXT    NOT NULL,
  price_list        INTEGER NOT NULL REFERENCES name, -- name and version of the price list that was in use
  file              INTEGER REFERENCES source_file,
  offset            INTEGER,               -- of its line in the file
  UNIQUE (source, key)
) STRICT;
INSERT OR IGNORE INTO name (text) SELECT DISTINCT price_list FROM usage;
INSERT INTO usage_compact
  SELECT id, source, key, occurred_at, attribution, task, tool, secondary, input, cache_read, cache_write_short,
         cache_write_long, output, reasoning, web_searches, basis, cost, price_status,
         (SELECT name.id FROM name WHERE text = price_list), file, offset
  FROM usage ORDER BY id;
DROP TABLE usage;
ALTER TABLE usage_compact RENAME TO usage;
-- Calls of a session lie together and come one after the other. By time alone, `usage_quarter` leads to them.
CREATE INDEX usage_by_attribution ON usage (attribution, occurred_at);

-- When the first and the last call of each sum were made, so that a session's span is known without looking at its calls.
ALTER TABLE usage_quarter ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0; -- milliseconds since 1970, UTC
ALTER TABLE usage_quarter ADD COLUMN last_at  INTEGER NOT NULL DEFAULT 0;
UPDATE usage_quarter SET (first_at, last_at) = (
  SELECT coalesce(min(occurred_at), 0), coalesce(max(occurred_at), 0) FROM usage
  WHERE usage.attribution = usage_quarter.attribution AND usage.basis = usage_quarter.basis
    AND occurred_at >= quarter * 900000 AND occurred_at < (quarter + 1) * 900000);
