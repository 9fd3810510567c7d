-- A restatement may give tokens a price, or take it: the log keeps how many were without one, before and after.
ALTER TABLE restatement ADD COLUMN unpriced_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE restatement ADD COLUMN unpriced_after  INTEGER NOT NULL DEFAULT 0;

-- Of those that can be taken back it is still known.
UPDATE restatement SET (unpriced_before, unpriced_after) = (
  -- Whatever a log claims to have used: total() does not overflow, as sum() does.
  SELECT CAST(total(tokens) FILTER (WHERE was IS NULL) AS INTEGER),
         CAST(total(tokens) FILTER (WHERE became IS NULL) AS INTEGER)
  FROM (SELECT input + cache_read + cache_write_short + cache_write_long + output AS tokens,
               kept.cost AS was, kept.cost_after AS became
        FROM restated_call AS kept JOIN usage ON usage.id = kept.usage
        WHERE kept.restatement = restatement.id)
);
