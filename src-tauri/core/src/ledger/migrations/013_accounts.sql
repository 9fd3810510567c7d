-- Whoever a key belongs to at a provider. What different keys of one organisation tell is one account.
CREATE TABLE account (
  id           INTEGER PRIMARY KEY,
  provider     TEXT    NOT NULL,
  organisation TEXT,                       -- the provider's identifier; NULL: no key was allowed to know
  name         TEXT    NOT NULL,           -- what people call it
  balance      INTEGER,                    -- nano-dollars left of what was paid in advance; NULL: not told
  balance_at   INTEGER,                    -- milliseconds since 1970, UTC
  UNIQUE (provider, organisation)
) STRICT;

-- A key that a person entered, and how asking with it goes. The key itself is in the system's keychain, under this name.
CREATE TABLE connection (
  name          TEXT    PRIMARY KEY,
  provider      TEXT    NOT NULL,
  base          TEXT    NOT NULL,          -- where it is asked
  key_ends      TEXT    NOT NULL,          -- the last letters of the key, to tell it from others
  added_at      INTEGER NOT NULL,          -- milliseconds since 1970, UTC
  account       INTEGER REFERENCES account, -- NULL: not known yet
  identified_at INTEGER,                   -- milliseconds since 1970, UTC, when the provider last said whose key it is
  clock_ahead   INTEGER,                   -- seconds by which the provider's clock is ahead of this machine's; NULL: not told
  hold_until    INTEGER,                   -- milliseconds since 1970, UTC; NULL: until a person does something
  failures      INTEGER NOT NULL DEFAULT 0, -- in a row
  code          TEXT,                      -- what is wrong; NULL: nothing
  trouble       TEXT                       -- the same in words
) STRICT;

-- How far each thing that a provider tells was read.
CREATE TABLE account_feed (
  account       INTEGER NOT NULL REFERENCES account,
  feed          TEXT    NOT NULL,
  told_at       INTEGER,                   -- milliseconds since 1970, UTC, of the last answer; NULL: none
  reread_at     INTEGER,                   -- of the last long look back
  read_from     INTEGER,                   -- seconds since 1970, UTC: everything from here
  read_until    INTEGER,                   -- up to here was read
  counted_until INTEGER,                   -- seconds since 1970, UTC: up to here the provider had counted by then
  hold_until    INTEGER,                   -- as in connection
  failures      INTEGER NOT NULL DEFAULT 0,
  code          TEXT,
  trouble       TEXT,
  PRIMARY KEY (account, feed)
) STRICT, WITHOUT ROWID;

-- What was charged, as the provider says. Never added to what calls are estimated to cost: those calls are in it.
CREATE TABLE account_charge (
  account INTEGER NOT NULL REFERENCES account,
  feed    TEXT    NOT NULL,
  start   INTEGER NOT NULL,                -- seconds since 1970, UTC
  seconds INTEGER NOT NULL,                -- how long the bucket is
  model   INTEGER NOT NULL REFERENCES name,
  key     INTEGER NOT NULL REFERENCES name,
  project INTEGER NOT NULL REFERENCES name,
  user    INTEGER NOT NULL REFERENCES name,
  tier    INTEGER NOT NULL REFERENCES name,
  region  INTEGER NOT NULL REFERENCES name,
  variant INTEGER NOT NULL REFERENCES name,
  item    INTEGER NOT NULL REFERENCES name, -- for what, in the provider's words
  amount  INTEGER NOT NULL,                -- nano-dollars
  PRIMARY KEY (account, feed, start, seconds, model, key, project, user, tier, region, variant, item)
) STRICT, WITHOUT ROWID;

-- What was used, as the provider counts it, and what that costs by the price lists.
CREATE TABLE account_use (
  account           INTEGER NOT NULL REFERENCES account,
  feed              TEXT    NOT NULL,
  start             INTEGER NOT NULL,      -- seconds since 1970, UTC
  seconds           INTEGER NOT NULL,      -- how long the bucket is
  model             INTEGER NOT NULL REFERENCES name,
  key               INTEGER NOT NULL REFERENCES name,
  project           INTEGER NOT NULL REFERENCES name,
  user              INTEGER NOT NULL REFERENCES name,
  tier              INTEGER NOT NULL REFERENCES name,
  region            INTEGER NOT NULL REFERENCES name,
  variant           INTEGER NOT NULL REFERENCES name,
  requests          INTEGER,               -- NULL: not told
  input             INTEGER NOT NULL,
  cache_read        INTEGER NOT NULL,
  cache_write_short INTEGER NOT NULL,
  cache_write_long  INTEGER NOT NULL,
  output            INTEGER NOT NULL,
  reasoning         INTEGER NOT NULL,      -- of output
  cache_writes      INTEGER NOT NULL,      -- what is known of them, as in usage
  web_searches      INTEGER NOT NULL,
  quantity          INTEGER NOT NULL,      -- of what is counted in something else than tokens
  cost              INTEGER,               -- nano-dollars; NULL: no price is known
  cost_below        INTEGER NOT NULL,      -- it may be so much less
  cost_above        INTEGER NOT NULL,      -- or so much more
  PRIMARY KEY (account, feed, start, seconds, model, key, project, user, tier, region, variant)
) STRICT, WITHOUT ROWID;

-- What the provider's identifiers stand for. Kept for good: what was deleted there is still in its bills.
CREATE TABLE account_name (
  account INTEGER NOT NULL REFERENCES account,
  kind    TEXT    NOT NULL CHECK (kind IN ('key', 'project', 'user')),
  id      TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  PRIMARY KEY (account, kind, id)
) STRICT, WITHOUT ROWID;

-- Which account pays the calls of a source on this machine. No row: nobody said, and they are estimated.
CREATE TABLE paid_by (
  source   TEXT    NOT NULL,
  provider TEXT    NOT NULL,               -- of the account: a source may use several
  account  INTEGER NOT NULL REFERENCES account,
  PRIMARY KEY (source, provider)
) STRICT, WITHOUT ROWID;
