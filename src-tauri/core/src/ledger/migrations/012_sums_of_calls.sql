-- Whether a row is the sum of several calls, of which nobody tells how long each prompt was: what Copilot CLI's sessions leave
-- behind, whose key ends with the model, and Cline's subagents.
ALTER TABLE usage ADD COLUMN is_sum INTEGER NOT NULL DEFAULT 0 CHECK (is_sum BETWEEN 0 AND 1);
UPDATE usage SET is_sum = 1
WHERE source = (SELECT id FROM name WHERE text = 'copilot-cli')
      AND (SELECT substr(key, -length(text) - 1) = '/' || text FROM attribution JOIN name ON name.id = model
           WHERE attribution.id = usage.attribution)
   OR source = (SELECT id FROM name WHERE text = 'cline')
      AND attribution IN (SELECT id FROM attribution WHERE subagent = (SELECT id FROM name WHERE text = 'subagents'));
-- Qwen Code tells nothing of what was written to a cache.
UPDATE usage SET cache_writes = 2 WHERE source = (SELECT id FROM name WHERE text = 'qwen-code');
