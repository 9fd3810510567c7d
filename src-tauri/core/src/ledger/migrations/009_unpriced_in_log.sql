-- A restatement may give tokens a price, or take it: the log keeps how many had none, before and after.
ALTER TABLE restatement ADD COLUMN unpriced_before INTEGER; -- NULL: it was made before this was kept
ALTER TABLE restatement ADD COLUMN unpriced_after  INTEGER;
