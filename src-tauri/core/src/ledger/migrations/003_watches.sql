-- How roots of sources are watched by the app, if the system does not tell of every change below them. Written by the
-- app when it changes, read by `spend doctor`. No row: the system tells, or there is no such root.
CREATE TABLE watched_root (
  path            TEXT    PRIMARY KEY,
  folders_watched INTEGER NOT NULL,
  folders_polled  INTEGER NOT NULL,
  reason          TEXT    NOT NULL
) STRICT;
