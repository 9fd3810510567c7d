-- Never edit a migration that has shipped: add the next one.

-- Bumped by every transaction that changes what a person can see; readers ask again when it moves.
CREATE TABLE generation (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  value    INTEGER NOT NULL
) STRICT;
INSERT INTO generation VALUES (1, 0);

-- Interned text. Row 0 is "not known", so that a missing dimension compares equal to itself.
CREATE TABLE name (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO name VALUES (0, '');

-- Every combination of dimensions that occurred. There are few beside the calls that share them.
CREATE TABLE attribution (
  id             INTEGER PRIMARY KEY,
  agent          INTEGER NOT NULL REFERENCES name,
  provider       INTEGER NOT NULL REFERENCES name,
  model          INTEGER NOT NULL REFERENCES name,
  project        INTEGER NOT NULL REFERENCES name,
  branch         INTEGER NOT NULL REFERENCES name,
  workflow       INTEGER NOT NULL REFERENCES name,
  prompt_version INTEGER NOT NULL REFERENCES name,
  user           INTEGER NOT NULL REFERENCES name,
  session        INTEGER NOT NULL REFERENCES name,
  subagent       INTEGER NOT NULL REFERENCES name,
  client         INTEGER NOT NULL REFERENCES name,
  api_key        INTEGER NOT NULL REFERENCES name,
  tier           INTEGER NOT NULL REFERENCES name,
  region         INTEGER NOT NULL REFERENCES name,
  UNIQUE (session, model, branch, project, agent, provider, workflow, prompt_version, user, subagent, client, api_key,
          tier, region)
) STRICT;

-- Files that sources read: which they are, how far they were read, and what the reader remembers.
CREATE TABLE source_file (
  id         INTEGER PRIMARY KEY,
  source     INTEGER NOT NULL REFERENCES name,
  path       TEXT    NOT NULL,
  device     INTEGER NOT NULL,
  inode      INTEGER NOT NULL,
  size       INTEGER NOT NULL,             -- bytes on disk when last read
  modified   INTEGER NOT NULL,             -- nanoseconds since 1970, of the file itself
  read_to    INTEGER NOT NULL,             -- bytes of content read, up to the end of a whole line
  read_lines INTEGER NOT NULL,
  head_size  INTEGER NOT NULL,             -- how many of the first bytes `head` is the hash of
  head       INTEGER NOT NULL,
  tail       INTEGER NOT NULL,             -- hash of the bytes just before `read_to`
  memory     TEXT    NOT NULL              -- the reader's own, JSON
) STRICT;
CREATE INDEX source_file_by_identity ON source_file (source, device, inode);

-- One row per call to a model.
CREATE TABLE usage (
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
  price_list        TEXT    NOT NULL,      -- name and version of the price list that was in use
  file              INTEGER REFERENCES source_file,
  offset            INTEGER,               -- of its line in the file
  UNIQUE (source, key)
) STRICT;
CREATE INDEX usage_by_time ON usage (occurred_at);

-- Sums per quarter of an hour, kept by the transaction that writes usage. Quarters, since every zone in use today is a
-- whole number of them from UTC, so that a day in Kolkata or Kathmandu is made of them as exactly as one in Berlin.
CREATE TABLE usage_quarter (
  quarter           INTEGER NOT NULL,      -- quarters of an hour since 1970, UTC
  attribution       INTEGER NOT NULL REFERENCES attribution,
  basis             TEXT    NOT NULL,
  requests          INTEGER NOT NULL,
  input             INTEGER NOT NULL,
  cache_read        INTEGER NOT NULL,
  cache_write_short INTEGER NOT NULL,
  cache_write_long  INTEGER NOT NULL,
  output            INTEGER NOT NULL,
  reasoning         INTEGER NOT NULL,
  priced_requests   INTEGER NOT NULL,
  cost              INTEGER NOT NULL,      -- nano-dollars of the priced requests
  unpriced_tokens   INTEGER NOT NULL,
  PRIMARY KEY (quarter, attribution, basis)
) STRICT, WITHOUT ROWID;

-- What went wrong with a source when it was last read. No row: nothing.
CREATE TABLE source_failure (
  source    INTEGER PRIMARY KEY REFERENCES name,
  message   TEXT NOT NULL,
  last_read INTEGER                        -- milliseconds since 1970: when it was last read to the end; NULL: never
) STRICT;
