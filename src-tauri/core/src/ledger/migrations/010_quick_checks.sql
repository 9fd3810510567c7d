-- For a list of three values, SQLite builds a table to look them up in, again for each row that it checks; comparisons it
-- just makes. What is stored is the same, so that only the words are changed, which takes no time in a large ledger:
-- https://sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'basis IN (''billed'', ''estimated'', ''api_equivalent'')',
                       'basis = ''billed'' OR basis = ''estimated'' OR basis = ''api_equivalent''')
WHERE type = 'table' AND name = 'usage';
PRAGMA writable_schema = RESET;
