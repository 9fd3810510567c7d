-- What a person set, and what has to be known of it after a restart. One row, with the defaults until something is set.
CREATE TABLE setting (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  looks_daily   INTEGER NOT NULL DEFAULT 0 CHECK (looks_daily IN (0, 1)), -- for newer price lists
  looked_at     INTEGER,                   -- milliseconds since 1970, UTC, of the last look for them; NULL: none
  look_outcome  TEXT CHECK (look_outcome IN ('nothing_new', 'found', 'failed')), -- how it ended; NULL: none
  look_failures INTEGER NOT NULL DEFAULT 0, -- looks in a row that failed
  look_trouble  TEXT                       -- why the last one failed; NULL: it did not
) STRICT;
INSERT INTO setting (id) VALUES (1);
