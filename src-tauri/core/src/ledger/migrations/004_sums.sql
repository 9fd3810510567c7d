-- The same sums per hour, for every zone whose clock shows whole hours: less than half the rows for the same answer.
CREATE TABLE usage_hour (
  hour              INTEGER NOT NULL,      -- hours since 1970, UTC
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
  first_at          INTEGER NOT NULL,      -- milliseconds since 1970, UTC, of the first call
  last_at           INTEGER NOT NULL,      -- and of the last
  PRIMARY KEY (hour, attribution, basis)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_hour
  -- Division rounds towards 1970, and so would take quarters before it to the wrong hour.
  SELECT (quarter - (quarter % 4 + 4) % 4) / 4, attribution, basis, sum(requests), sum(input), sum(cache_read),
         sum(cache_write_short), sum(cache_write_long), sum(output), sum(reasoning), sum(priced_requests), sum(cost),
         sum(unpriced_tokens), min(first_at), max(last_at)
  FROM usage_quarter GROUP BY 1, 2, 3;

-- The same sums per quarter of an hour, whoever spent it: what is usual and where the month is heading need no more.
CREATE TABLE usage_total (
  quarter           INTEGER NOT NULL,      -- quarters of an hour since 1970, UTC
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
  first_at          INTEGER NOT NULL,      -- milliseconds since 1970, UTC, of the first call
  last_at           INTEGER NOT NULL,      -- and of the last
  PRIMARY KEY (quarter, basis)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_total
  SELECT quarter, basis, sum(requests), sum(input), sum(cache_read), sum(cache_write_short), sum(cache_write_long),
         sum(output), sum(reasoning), sum(priced_requests), sum(cost), sum(unpriced_tokens), min(first_at), max(last_at)
  FROM usage_quarter GROUP BY 1, 2;

-- Which projects there are, without a look at every combination.
CREATE INDEX attribution_by_project ON attribution (project);
