-- pg_catalog.pg_roles
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
       rolconnlimit, '********', rolvaliduntil, rolbypassrls, NULL, oid
FROM pg_authid
-- pg_catalog.pg_user
SELECT rolname, oid, rolcreatedb, rolsuper, rolreplication, rolbypassrls, '********', NULL, NULL
FROM pg_authid WHERE rolcanlogin
-- pg_catalog.pg_shadow
SELECT rolname, oid, rolcreatedb, rolsuper, rolreplication, rolbypassrls, rolpassword, NULL, NULL
FROM pg_authid WHERE rolcanlogin
-- pg_catalog.pg_group
SELECT rolname, oid, ARRAY(SELECT member FROM pg_auth_members m WHERE m.roleid = r.oid)
FROM pg_authid r WHERE NOT rolcanlogin
-- pg_catalog.pg_tables
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), t.spcname, c.relhasindex, c.relhasrules,
       c.relhastriggers, c.relrowsecurity
FROM pg_class c
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
WHERE c.relkind IN ('r', 'p')
-- pg_catalog.pg_views
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), pg_get_viewdef(c.oid)
FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v'
-- pg_catalog.pg_indexes
SELECT n.nspname, c.relname, i.relname, t.spcname, pg_get_indexdef(i.oid)
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_tablespace t ON t.oid = i.reltablespace
WHERE c.relkind IN ('r', 'm', 'p') AND i.relkind IN ('i', 'I')
-- pg_catalog.pg_sequences
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), s.seqtypid::regtype, s.seqstart, s.seqmin,
       s.seqmax, s.seqincrement, s.seqcycle, s.seqcache, pg_sequence_last_value(c.oid)
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S'
-- pg_catalog.pg_available_extensions
SELECT e.extname, e.extversion, e.extversion, d.description
FROM pg_extension e
LEFT JOIN pg_description d ON d.objoid = e.oid AND d.classoid = 3079
-- pg_catalog.pg_available_extension_versions
SELECT extname, extversion, true, true, false, extrelocatable, NULL, NULL, NULL
FROM pg_extension
