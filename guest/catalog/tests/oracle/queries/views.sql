SELECT * FROM information_schema.schemata WHERE schema_name NOT LIKE 'pg\_t%';
SELECT table_catalog, table_schema, table_name, table_type, is_typed, commit_action FROM information_schema.tables WHERE table_schema IN ('public', 'sales');
SELECT table_name, is_insertable_into FROM information_schema.tables WHERE table_schema = 'sales';
SELECT * FROM information_schema.columns WHERE table_schema IN ('public', 'sales') AND table_name <> 'active_customer';
SELECT table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length, numeric_precision, udt_name FROM information_schema.columns WHERE table_name = 'active_customer' ORDER BY 3;
SELECT table_name, column_name, data_type, udt_name FROM information_schema.columns WHERE table_name IN ('pg_class', 'pg_type', 'pg_index') AND table_schema = 'pg_catalog' ORDER BY 1, 2;
SELECT * FROM information_schema.table_constraints WHERE table_schema IN ('public', 'sales');
SELECT * FROM information_schema.key_column_usage;
SELECT * FROM information_schema.referential_constraints;
SELECT * FROM information_schema.constraint_column_usage;
SELECT table_schema, table_name, view_definition FROM information_schema.views WHERE table_schema = 'public';
SELECT * FROM pg_roles;
SELECT usename, usesysid, usecreatedb, usesuper, passwd FROM pg_user;
SELECT * FROM pg_tables WHERE schemaname IN ('public', 'sales');
SELECT * FROM pg_views WHERE schemaname = 'public';
SELECT * FROM pg_indexes WHERE schemaname IN ('public', 'sales');
SELECT groname FROM pg_group ORDER BY 1
