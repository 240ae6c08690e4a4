SELECT relname, relkind FROM pg_class WHERE relnamespace = 'sales'::regnamespace ORDER BY relname;
SELECT 1 AS one, 'x' AS letter, NULL AS nothing, 1.5 AS fraction, true;
SELECT count(*) FROM pg_type WHERE typtype = 'e';
SELECT n.nspname, count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'sales') GROUP BY n.nspname ORDER BY 1
