-- pg_catalog.pg_stat_all_tables
SELECT c.oid, n.nspname, c.relname, 0, 0, CASE WHEN c.relhasindex THEN 0 END, CASE WHEN c.relhasindex THEN 0 END,
       0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0
FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm', 'p')
-- pg_catalog.pg_stat_xact_all_tables
SELECT c.oid, n.nspname, c.relname, 0, 0, CASE WHEN c.relhasindex THEN 0 END, CASE WHEN c.relhasindex THEN 0 END, 0, 0, 0, 0
FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm', 'p')
-- pg_catalog.pg_stat_all_indexes
SELECT c.oid, i.oid, n.nspname, c.relname, i.relname, 0, 0, 0
FROM pg_class c
JOIN pg_index x ON x.indrelid = c.oid
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm')
-- pg_catalog.pg_statio_all_tables
SELECT c.oid, n.nspname, c.relname, 0, 0, CASE WHEN c.relhasindex THEN 0 END, CASE WHEN c.relhasindex THEN 0 END,
       CASE WHEN c.reltoastrelid <> 0 THEN 0 END, CASE WHEN c.reltoastrelid <> 0 THEN 0 END,
       CASE WHEN c.reltoastrelid <> 0 THEN 0 END, CASE WHEN c.reltoastrelid <> 0 THEN 0 END
FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm')
-- pg_catalog.pg_statio_all_indexes
SELECT c.oid, i.oid, n.nspname, c.relname, i.relname, 0, 0
FROM pg_class c
JOIN pg_index x ON x.indrelid = c.oid
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm')
-- pg_catalog.pg_statio_all_sequences
SELECT c.oid, n.nspname, c.relname, 0, 0
FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S'
-- pg_catalog.pg_stat_sys_tables
SELECT * FROM pg_stat_all_tables
WHERE schemaname IN ('pg_catalog', 'information_schema') OR schemaname LIKE 'pg\_toast%'
-- pg_catalog.pg_stat_user_tables
SELECT * FROM pg_stat_all_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\_toast%'
-- pg_catalog.pg_stat_xact_sys_tables
SELECT * FROM pg_stat_xact_all_tables
WHERE schemaname IN ('pg_catalog', 'information_schema') OR schemaname LIKE 'pg\_toast%'
-- pg_catalog.pg_stat_xact_user_tables
SELECT * FROM pg_stat_xact_all_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\_toast%'
-- pg_catalog.pg_stat_sys_indexes
SELECT * FROM pg_stat_all_indexes
WHERE schemaname IN ('pg_catalog', 'information_schema') OR schemaname LIKE 'pg\_toast%'
-- pg_catalog.pg_stat_user_indexes
SELECT * FROM pg_stat_all_indexes
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\_toast%'
-- pg_catalog.pg_statio_sys_tables
SELECT * FROM pg_statio_all_tables
WHERE schemaname IN ('pg_catalog', 'information_schema') OR schemaname LIKE 'pg\_toast%'
-- pg_catalog.pg_statio_user_tables
SELECT * FROM pg_statio_all_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\_toast%'
-- pg_catalog.pg_statio_sys_indexes
SELECT * FROM pg_statio_all_indexes
WHERE schemaname IN ('pg_catalog', 'information_schema') OR schemaname LIKE 'pg\_toast%'
-- pg_catalog.pg_statio_user_indexes
SELECT * FROM pg_statio_all_indexes
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\_toast%'
-- pg_catalog.pg_statio_sys_sequences
SELECT * FROM pg_statio_all_sequences
WHERE schemaname IN ('pg_catalog', 'information_schema') OR schemaname LIKE 'pg\_toast%'
-- pg_catalog.pg_statio_user_sequences
SELECT * FROM pg_statio_all_sequences
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\_toast%'
