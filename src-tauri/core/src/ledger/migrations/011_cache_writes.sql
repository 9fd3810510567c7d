-- What is known of what was written to a cache: 0 how much and for how long, 1 how much, 2 nothing. Until now this was taken
-- from who told of the call; Claude Code's old versions leave the lifetime out, which nobody noted.
ALTER TABLE usage ADD COLUMN cache_writes INTEGER NOT NULL DEFAULT 0 CHECK (cache_writes BETWEEN 0 AND 2);
UPDATE usage SET cache_writes = iif(cache_write_short > 0, 1, 2) WHERE source = (SELECT id FROM name WHERE text = 'codex');
UPDATE usage SET cache_writes = 1 WHERE source IN
  (SELECT id FROM name WHERE text IN ('opencode', 'kilo-code', 'cline', 'roo-code', 'copilot-cli'));
