-- Price lists that a person had refreshed and taken in. The lists that a version brings along are not here.
CREATE TABLE price_catalogue (
  id         INTEGER PRIMARY KEY,
  version    TEXT    NOT NULL,
  packed     BLOB    NOT NULL,
  fetched_at INTEGER NOT NULL              -- milliseconds since 1970, UTC
) STRICT;

-- What a person decided about prices: the latest row holds. None: the lists that the version brings along, and no more.
CREATE TABLE price_book (
  id         INTEGER PRIMARY KEY,
  decided_at INTEGER NOT NULL,             -- milliseconds since 1970, UTC
  own        TEXT    NOT NULL,             -- prices that the person gave, JSON
  plans      TEXT    NOT NULL,             -- sources that run under a plan, JSON
  catalogue  INTEGER REFERENCES price_catalogue -- NULL: the one that the version brings along
) STRICT;

-- What calls cost is never changed but by one of these.
CREATE TABLE restatement (
  id          INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,            -- milliseconds since 1970, UTC
  why         TEXT    NOT NULL,
  book_before INTEGER REFERENCES price_book, -- NULL: none
  book_after  INTEGER REFERENCES price_book,
  last_usage  INTEGER NOT NULL,            -- the last call that was known then
  calls       INTEGER NOT NULL,
  estimated_before      INTEGER NOT NULL,  -- nano-dollars, of the calls that were restated
  estimated_after       INTEGER NOT NULL,
  api_equivalent_before INTEGER NOT NULL,
  api_equivalent_after  INTEGER NOT NULL,
  undone_at   INTEGER                      -- NULL: it holds
) STRICT;

-- What they cost before, so that it can be undone.
CREATE TABLE restated_call (
  restatement  INTEGER NOT NULL REFERENCES restatement,
  usage        INTEGER NOT NULL REFERENCES usage,
  basis        TEXT    NOT NULL,
  cost         INTEGER,
  cost_after   INTEGER,                    -- where it is another by now, the call was told of anew
  cost_below   INTEGER NOT NULL,
  cost_above   INTEGER NOT NULL,
  price_status TEXT    NOT NULL,
  price_point  INTEGER REFERENCES price_point,
  PRIMARY KEY (restatement, usage)
) STRICT, WITHOUT ROWID;
