-- Calls are found by a hash of their key. An index of hashes is smaller than one of keys (18.6 MB against 26.5 MB for a
-- million keys of 16 characters, and most are longer), and its random pages are what a first scan of gigabytes waits for.
CREATE TABLE usage_hashed (
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
  key_hash          INTEGER NOT NULL       -- of source and key; of calls with the same hash, the next that is free
) STRICT;
INSERT INTO usage_hashed
  SELECT id, source, key, occurred_at, attribution, task, tool, secondary, input, cache_read, cache_write_short,
         cache_write_long, output, reasoning, web_searches, basis, cost, price_status, price_list, file, offset,
         key_hash(source, key)
  FROM usage ORDER BY id;
DROP TABLE usage;
ALTER TABLE usage_hashed RENAME TO usage;
CREATE INDEX usage_by_attribution ON usage (attribution, occurred_at);
-- As the recorder does it: of calls with the same hash, the first has it and the others the numbers behind it.
UPDATE usage SET key_hash = key_hash + behind
  FROM (SELECT id AS call, row_number() OVER (PARTITION BY key_hash ORDER BY id) - 1 AS behind FROM usage)
  WHERE call = id AND behind > 0;
CREATE UNIQUE INDEX usage_by_key_hash ON usage (key_hash);
