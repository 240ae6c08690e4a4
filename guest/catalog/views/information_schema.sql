-- information_schema.schemata
SELECT current_database(), n.nspname, u.rolname, NULL, NULL, NULL, NULL
FROM pg_namespace n JOIN pg_authid u ON n.nspowner = u.oid
-- information_schema.tables
SELECT current_database(), n.nspname, c.relname,
       CASE WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY'
            WHEN c.relkind IN ('r', 'p') THEN 'BASE TABLE'
            WHEN c.relkind = 'v' THEN 'VIEW' ELSE 'FOREIGN' END,
       NULL, NULL, NULL, NULL, NULL,
       CASE WHEN c.relkind IN ('r', 'p') OR c.relkind IN ('v', 'f')
                 AND pg_relation_is_updatable(c.oid, false) & 8 = 8 THEN 'YES' ELSE 'NO' END,
       'NO', NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'f', 'p')
-- information_schema.views
SELECT current_database(), n.nspname, c.relname, pg_get_viewdef(c.oid), 'NONE', 'NO', 'NO', 'NO', 'NO', 'NO'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v'
-- information_schema.columns
SELECT current_database(), n.nspname, c.relname, a.attname, a.attnum,
       CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN a.attnotnull OR t.typtype = 'd' AND t.typnotnull THEN 'NO' ELSE 'YES' END,
       CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN format_type(a.atttypid, NULL)
            ELSE 'USER-DEFINED' END,
       CASE WHEN a.atttypmod = -1 THEN NULL
            WHEN a.atttypid IN (1042, 1043) THEN a.atttypmod - 4
            WHEN a.atttypid IN (1560, 1562) THEN a.atttypmod END,
       CASE WHEN a.atttypid IN (25, 1042, 1043)
            THEN CASE WHEN a.atttypmod = -1 OR a.atttypid = 25 THEN 1073741824
                      ELSE (a.atttypmod - 4) * 4 END END,
       CASE a.atttypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64
            WHEN 1700 THEN CASE WHEN a.atttypmod = -1 THEN NULL
                                ELSE (a.atttypmod - 4) >> 16 & 65535 END
            WHEN 700 THEN 24 WHEN 701 THEN 53 END,
       CASE WHEN a.atttypid IN (21, 23, 20, 700, 701) THEN 2 WHEN a.atttypid = 1700 THEN 10 END,
       CASE WHEN a.atttypid IN (21, 23, 20) THEN 0
            WHEN a.atttypid = 1700 AND a.atttypmod <> -1 THEN (a.atttypmod - 4) & 65535 END,
       CASE WHEN a.atttypid = 1082 THEN 0
            WHEN a.atttypid IN (1083, 1114, 1184, 1266)
            THEN CASE WHEN a.atttypmod < 0 THEN 6 ELSE a.atttypmod END
            WHEN a.atttypid = 1186
            THEN CASE WHEN a.atttypmod < 0 OR a.atttypmod & 65535 = 65535 THEN 6
                      ELSE a.atttypmod & 65535 END END,
       NULL, NULL, NULL, NULL, NULL,
       CASE WHEN co.collname IS NOT NULL THEN current_database() END, nco.nspname, co.collname,
       CASE WHEN t.typtype = 'd' THEN current_database() END,
       CASE WHEN t.typtype = 'd' THEN tn.nspname END,
       CASE WHEN t.typtype = 'd' THEN t.typname END,
       current_database(), coalesce(bn.nspname, tn.nspname), coalesce(b.typname, t.typname),
       NULL, NULL, NULL, NULL, a.attnum::text, 'NO',
       CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END,
       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
       s.seqstart, s.seqincrement, s.seqmax, s.seqmin,
       CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END,
       CASE WHEN a.attgenerated <> '' THEN 'ALWAYS' ELSE 'NEVER' END,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN c.relkind IN ('r', 'p') THEN 'YES' ELSE 'NO' END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
LEFT JOIN pg_namespace bn ON bn.oid = b.typnamespace
LEFT JOIN pg_collation co
     ON co.oid = a.attcollation AND NOT (co.collname = 'default' AND co.collnamespace = 11)
LEFT JOIN pg_namespace nco ON nco.oid = co.collnamespace
LEFT JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.refobjsubid = a.attnum
     AND dep.classid = 1259 AND dep.deptype = 'i'
LEFT JOIN pg_sequence s ON s.seqrelid = dep.objid
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p')
ORDER BY n.nspname, c.relname, a.attnum
-- information_schema.table_constraints
SELECT current_database(), nc.nspname, k.conname, current_database(), n.nspname, c.relname,
       CASE k.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY'
            WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
       CASE WHEN k.condeferrable THEN 'YES' ELSE 'NO' END,
       CASE WHEN k.condeferred THEN 'YES' ELSE 'NO' END,
       'YES',
       CASE WHEN k.contype = 'u'
            THEN CASE WHEN (SELECT indnullsnotdistinct FROM pg_index WHERE indexrelid = k.conindid)
                      THEN 'NO' ELSE 'YES' END END
FROM pg_constraint k
JOIN pg_namespace nc ON nc.oid = k.connamespace
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype NOT IN ('t', 'x') AND c.relkind IN ('r', 'p')
UNION ALL
SELECT current_database(), n.nspname,
       n.oid::text || '_' || c.oid::text || '_' || a.attnum::text || '_not_null',
       current_database(), n.nspname, c.relname, 'CHECK', 'NO', 'NO', 'YES', NULL
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
-- information_schema.key_column_usage
SELECT current_database(), nc.nspname, k.conname, current_database(), n.nspname, c.relname,
       a.attname, p.n,
       CASE WHEN k.contype = 'f'
            THEN (SELECT o.n FROM pg_index i, generate_series(1, i.indnkeyatts) AS o(n)
                  WHERE i.indexrelid = k.conindid AND i.indkey[o.n - 1] = k.confkey[p.n]) END
FROM pg_constraint k
JOIN pg_namespace nc ON nc.oid = k.connamespace
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL generate_subscripts(k.conkey, 1) AS p(n)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[p.n]
WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p')
-- information_schema.referential_constraints
SELECT current_database(), n.nspname, k.conname,
       CASE WHEN u.conname IS NOT NULL THEN current_database() END, un.nspname, u.conname,
       CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' WHEN 's' THEN 'NONE' END,
       CASE k.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
            WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END,
       CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
            WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END
FROM pg_constraint k
JOIN pg_namespace n ON n.oid = k.connamespace
LEFT JOIN pg_constraint u
     ON u.conindid = k.conindid AND u.conrelid = k.confrelid AND u.contype IN ('p', 'u')
LEFT JOIN pg_namespace un ON un.oid = u.connamespace
WHERE k.contype = 'f'
-- information_schema.constraint_column_usage
SELECT current_database(), n.nspname, c.relname, a.attname, current_database(), nc.nspname, k.conname
FROM pg_constraint k
JOIN pg_namespace nc ON nc.oid = k.connamespace
JOIN pg_class c ON c.oid = CASE k.contype WHEN 'f' THEN k.confrelid ELSE k.conrelid END
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
     AND a.attnum = ANY (CASE k.contype WHEN 'f' THEN k.confkey ELSE k.conkey END)
WHERE k.contype IN ('p', 'u', 'f', 'c') AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
-- information_schema.information_schema_catalog_name
SELECT current_database()
-- information_schema.enabled_roles
SELECT rolname FROM pg_authid
-- information_schema.administrable_role_authorizations
SELECT u.rolname, r.rolname, 'YES'
FROM pg_auth_members m JOIN pg_authid u ON u.oid = m.member JOIN pg_authid r ON r.oid = m.roleid
WHERE m.admin_option
-- information_schema.applicable_roles
SELECT u.rolname, r.rolname, CASE WHEN m.admin_option THEN 'YES' ELSE 'NO' END
FROM pg_auth_members m JOIN pg_authid u ON u.oid = m.member JOIN pg_authid r ON r.oid = m.roleid
-- information_schema.character_sets
SELECT NULL, NULL, 'UTF8', 'UCS', 'UTF8', current_database(), n.nspname, c.collname
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
JOIN pg_database d ON d.datname = current_database() AND d.datcollate = c.collcollate
WHERE c.collencoding IN (-1, 6) AND c.collprovider = 'c'
ORDER BY length(c.collname), c.collname LIMIT 1
-- information_schema.sequences
SELECT current_database(), n.nspname, c.relname, format_type(s.seqtypid, NULL),
       CASE s.seqtypid WHEN 21 THEN 16 WHEN 23 THEN 32 ELSE 64 END, 2, 0,
       s.seqstart::text, s.seqmin::text, s.seqmax::text, s.seqincrement::text,
       CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'i')
-- information_schema.table_privileges
SELECT o.rolname, o.rolname, current_database(), n.nspname, c.relname, p.kind, 'YES',
       CASE WHEN p.kind = 'SELECT' THEN 'YES' ELSE 'NO' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_authid o ON o.oid = c.relowner
CROSS JOIN (VALUES ('INSERT'), ('SELECT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'),
                   ('TRIGGER')) AS p(kind)
WHERE c.relkind IN ('r', 'v', 'f', 'p')
-- information_schema.role_table_grants
SELECT grantor, grantee, table_catalog, table_schema, table_name, privilege_type, is_grantable,
       with_hierarchy
FROM information_schema.table_privileges
-- information_schema.column_privileges
SELECT o.rolname, o.rolname, current_database(), n.nspname, c.relname, a.attname, p.kind, 'YES'
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_authid o ON o.oid = c.relowner
CROSS JOIN (VALUES ('INSERT'), ('SELECT'), ('UPDATE'), ('REFERENCES')) AS p(kind)
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p')
-- information_schema.role_column_grants
SELECT grantor, grantee, table_catalog, table_schema, table_name, column_name, privilege_type,
       is_grantable
FROM information_schema.column_privileges
-- information_schema.check_constraints
SELECT current_database(), n.nspname, k.conname, substr(pg_get_constraintdef(k.oid), 7)
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.contype = 'c'
UNION ALL
SELECT current_database(), n.nspname,
       n.oid::text || '_' || c.oid::text || '_' || a.attnum::text || '_not_null',
       a.attname || ' IS NOT NULL'
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
-- information_schema.constraint_table_usage
SELECT current_database(), n.nspname, c.relname, current_database(), nc.nspname, k.conname
FROM pg_constraint k
JOIN pg_namespace nc ON nc.oid = k.connamespace
JOIN pg_class c ON c.oid = CASE k.contype WHEN 'f' THEN k.confrelid ELSE k.conrelid END
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p')
-- information_schema.triggers
SELECT current_database(), n.nspname, t.tgname, e.word, current_database(), n.nspname, c.relname,
       1, NULL, NULL, CASE WHEN t.tgtype & 1 = 1 THEN 'ROW' ELSE 'STATEMENT' END,
       CASE t.tgtype & 66 WHEN 2 THEN 'BEFORE' WHEN 64 THEN 'INSTEAD OF' ELSE 'AFTER' END,
       t.tgoldtable, t.tgnewtable, NULL, NULL, NULL
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN (VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE')) AS e(bit, word) ON t.tgtype & e.bit <> 0
WHERE NOT t.tgisinternal
-- information_schema.routines
SELECT current_database(), n.nspname, p.proname || '_' || p.oid::text, current_database(), n.nspname,
       p.proname, CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END,
       NULL, NULL, NULL, NULL, NULL, NULL,
       CASE WHEN p.prokind = 'p' THEN NULL WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN nt.nspname = 'pg_catalog' THEN format_type(t.oid, NULL) ELSE 'USER-DEFINED' END,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       CASE WHEN nt.nspname IS NOT NULL THEN current_database() END, nt.nspname, t.typname,
       NULL, NULL, NULL, NULL, CASE WHEN p.prokind <> 'p' THEN '0' END,
       CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END, p.prosrc,
       CASE WHEN l.lanname = 'c' THEN p.prosrc END, upper(l.lanname), 'GENERAL',
       CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END, 'MODIFIES',
       CASE WHEN p.prokind = 'p' THEN NULL WHEN p.proisstrict THEN 'YES' ELSE 'NO' END,
       NULL, 'YES', 0, NULL, NULL, CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END,
       NULL, NULL, NULL, 'NO', NULL, NULL, NULL, 'NO'
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_type t ON t.oid = p.prorettype AND p.prokind <> 'p'
LEFT JOIN pg_namespace nt ON nt.oid = t.typnamespace
