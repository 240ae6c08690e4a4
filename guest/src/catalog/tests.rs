//! Snapshots of made-up answers of IRIS.

use super::*;
use crate::classify::counted;

const SCHEMA: &str = "pgiris_temp_00ff";

fn answer(name: &str, labels: &str, rows: &[&str]) -> MetadataRows {
    let cells = |row: &&str| {
        let cells = row.split('|');
        cells
            .map(|cell| (!cell.is_empty()).then(|| cell.to_owned()))
            .collect()
    };
    MetadataRows {
        name: name.to_owned(),
        columns: labels.split(' ').map(str::to_owned).collect(),
        rows: rows.iter().map(cells).collect(),
    }
}

fn first_answers() -> Vec<MetadataRows> {
    vec![
        answer(
            metadata::TABLES,
            "TABLE_SCHEMA TABLE_NAME TABLE_TYPE",
            &[
                "SQLUser|person|BASE TABLE",
                "pgiris_enum|mood|BASE TABLE",
                "pgiris_enum|app__size|BASE TABLE",
                "pgiris_sequence|ticket|BASE TABLE",
                "pgiris_catalog|description|BASE TABLE",
                "pgiris_temp_00ff|note|BASE TABLE",
                "pgiris_temp_0100|secret|BASE TABLE",
            ],
        ),
        answer(
            metadata::COLUMNS,
            "TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION DATA_TYPE IS_NULLABLE \
             COLUMN_DEFAULT AUTO_INCREMENT DESCRIPTION",
            &[
                "SQLUser|person|id|1|integer|NO||YES|",
                "SQLUser|person|feeling|2|varchar|YES|\"ok\"|NO|how it is",
                "SQLUser|person|number|3|bigint|YES||NO|DEFAULT nextval('ticket')",
                "pgiris_temp_00ff|note|id|1|integer|NO||YES|",
            ],
        ),
        answer(
            metadata::CONSTRAINTS,
            "TABLE_SCHEMA TABLE_NAME CONSTRAINT_NAME CONSTRAINT_TYPE COLUMN_NAME \
             REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME REFERENCED_COLUMN_NAME",
            &["SQLUser|person|person_feeling|FOREIGN KEY|feeling|pgiris_enum|mood|label"],
        ),
    ]
}

fn all_answers() -> Vec<MetadataRows> {
    let mut known = first_answers();
    let asked = metadata::queries(&known);
    for query in asked {
        let rows: &[&str] = match query.text.as_str() {
            "SELECT label FROM pgiris_enum.\"mood\" ORDER BY position" => &["sad", "ok"],
            "SELECT label FROM pgiris_enum.\"app__size\" ORDER BY position" => &["big"],
            "SELECT restart_value, step_by, minimum, maximum FROM pgiris_sequence.\"ticket\" \
             WHERE %ID = 1" => &["10|5|1|99"],
            other => panic!("{other}"),
        };
        known.push(answer(&query.name, "a", rows));
    }
    known
}

fn asked(text: &str) -> Result<String, String> {
    asked_within(10_000_000, text)
}

fn asked_within(steps: u64, text: &str) -> Result<String, String> {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let context = Context {
        iris: crate::wit::IrisVersion {
            year: 2025,
            release: 1,
        },
        user: "tester".to_owned(),
        database: "USER".to_owned(),
        settings: vec![
            setting(
                crate::relations::TEMPORARY_SETTING,
                &format!("{SCHEMA},note"),
            ),
            setting("server_version", "15.18"),
        ],
    };
    let asker = CatalogSession {
        settings: vec![
            setting("search_path", "\"$user\", public"),
            setting("TimeZone", "UTC"),
            setting("work_mem", "4MB"),
        ],
        process: 77,
        transaction_start: 951_782_399_500_000,
        statement_start: 951_782_400_000_000,
    };
    let catalog = build(&context, &all_answers()).map_err(|error| error.message)?;
    let plan = CatalogQuery {
        text: text.to_owned(),
        parameters: Vec::new(),
        columns: Vec::new(),
        tag: counted("SELECT"),
    };
    let budget = Budget {
        steps,
        bytes: 100_000_000,
    };
    let session = session::of(&context, &asker);
    let rows = query::rows(&catalog, &session, &plan, (&[], &[]), budget)
        .map_err(|error| format!("{} {}", error.sqlstate, error.message))?;
    let shown = |row: Vec<Option<String>>| {
        let cells = row.into_iter().map(|cell| cell.unwrap_or_default());
        cells.collect::<Vec<_>>().join("|")
    };
    Ok(rows.into_iter().map(shown).collect::<Vec<_>>().join(" "))
}

#[test]
fn answers_tell_of_the_session_and_of_what_the_broker_keeps() {
    for (text, expected) in [
        (
            "SELECT current_setting('timezone'), pg_backend_pid(), current_user, \
             current_schemas(true), current_schemas(false)",
            Ok("UTC|77|tester|{pg_temp_00ff,pg_catalog,public}|{public}"),
        ),
        (
            "SELECT current_setting('nothing')",
            Err("42704 unrecognized configuration parameter \"nothing\""),
        ),
        ("SELECT current_setting('nothing', true) IS NULL", Ok("t")),
        (
            "SELECT transaction_timestamp(), statement_timestamp(), \
             txid_current() = pg_current_xact_id()::text::int8",
            Ok("2000-02-28 23:59:59.5+00|2000-02-29 00:00:00+00|t"),
        ),
        (
            "SELECT name, setting, unit, vartype FROM pg_settings WHERE name = 'work_mem'",
            Ok("work_mem|4096|kB|integer"),
        ),
        (
            "SELECT pid, usename, state FROM pg_stat_activity",
            Ok("77|tester|active"),
        ),
        (
            "SELECT t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder), n.nspname \
             FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid \
             JOIN pg_namespace n ON n.oid = t.typnamespace GROUP BY 1, 3 ORDER BY 1",
            Ok("mood|{sad,ok}|public size|{big}|app"),
        ),
        (
            "SELECT attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid) \
             FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
             WHERE attrelid = 'person'::regclass ORDER BY attnum",
            Ok("id|integer| feeling|mood|'ok'::mood number|bigint|nextval('ticket'::regclass)"),
        ),
        ("SELECT count(*) FROM pg_constraint", Ok("0")),
        (
            "SELECT description FROM pg_description WHERE objoid = 'person'::regclass",
            Ok("how it is"),
        ),
        (
            "SELECT pg_get_serial_sequence('person', 'id'), pg_get_serial_sequence('person', 'number')",
            Ok("public.person_id_seq|"),
        ),
        (
            "SELECT schemaname, sequencename, start_value, min_value, max_value, increment_by \
             FROM pg_sequences ORDER BY 2",
            Ok("pg_temp_00ff|note_id_seq|1|1|2147483647|1 \
                public|person_id_seq|1|1|2147483647|1 public|ticket|10|1|99|5"),
        ),
        (
            "SELECT column_name, is_identity, identity_generation, identity_maximum \
             FROM information_schema.columns WHERE table_name = 'person' AND ordinal_position = 1",
            Ok("id|YES|BY DEFAULT|2147483647"),
        ),
        (
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'person'",
            Ok("id feeling number"),
        ),
        (
            "SELECT s.schemaname, s.relname, s.seq_scan, s.n_live_tup, i.heap_blks_read \
             FROM pg_stat_user_tables s JOIN pg_statio_all_tables i USING (relid) \
             WHERE s.relname = 'person'",
            Ok("public|person|0|0|0"),
        ),
        (
            "SELECT relname, relpersistence, pg_table_is_visible(oid), \
             pg_is_other_temp_schema(relnamespace) FROM pg_class \
             WHERE relpersistence = 't' AND relkind = 'r' ORDER BY 1",
            Ok("note|t|t|f secret|t|f|t"),
        ),
        (
            "SELECT 'note'::regclass, 'pg_temp.note'::regclass, pg_my_temp_schema()::regnamespace",
            Ok("note|note|pg_temp_00ff"),
        ),
        (
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_[ct]|information)' ORDER BY 1",
            Ok("app public"),
        ),
        (
            "SELECT count(*) FROM pg_class WHERE relname = 'person' \
             AND relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v'])",
            Ok("1"),
        ),
        (
            "SELECT typname[1], typname[63], typname[64] IS NULL FROM pg_type \
             WHERE typname[0] = '_' AND typname = '_int4'",
            Ok("i||t"),
        ),
        (
            "SELECT set_config(name, 'view', false) FROM pg_settings \
             WHERE name = 'restrict_nonsystem_relation_kind'",
            Ok(""),
        ),
        (
            "SELECT set_config(name, '1MB', false) FROM pg_settings WHERE name = 'work_mem'",
            Err(
                "0A000 set_config for rows of the catalogue is not supported in queries on the \
                 catalogue",
            ),
        ),
        (
            "SELECT t.typname, t.typtype, a.typname, c.oid::regclass FROM pg_type t \
             JOIN pg_type a ON a.oid = t.typarray AND a.typelem = t.oid \
             JOIN pg_class c ON c.oid = t.typrelid AND c.reltype = t.oid WHERE c.relname = 'person'",
            Ok("person|c|_person|person"),
        ),
        (
            "SELECT n.nspname, r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner \
             WHERE n.nspname IN ('public', 'pg_catalog') ORDER BY 1",
            Ok("pg_catalog|tester public|pg_database_owner"),
        ),
        (
            "SELECT extname, obj_description(oid, 'pg_extension') FROM pg_extension ORDER BY 1",
            Ok("plpgsql|PL/pgSQL procedural language vector|"),
        ),
        (
            "SELECT p.proname, d.description FROM pg_proc p JOIN pg_description d ON d.objoid = p.oid \
             AND d.classoid = 'pg_proc'::regclass WHERE p.oid IN (177, 1397) ORDER BY p.oid",
            Ok("int4pl|implementation of + operator abs|absolute value"),
        ),
    ] {
        let found = asked(text);
        let found = found.as_deref().map_err(String::as_str);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn there_is_an_end_to_what_is_asked() {
    assert!(!metadata::queries(&[]).is_empty());
    assert_eq!(metadata::queries(&all_answers()), []);
}

/// Drivers ask for the columns of each composite type.
#[test]
fn rows_that_a_subquery_asks_for_are_looked_up() {
    let text = "SELECT count(q.names) FROM (SELECT (SELECT array_agg(a.attname) FROM pg_attribute a \
                JOIN pg_class c ON a.attrelid = c.oid WHERE a.attnum > 0 AND c.reltype = t.oid) AS names \
                FROM pg_type t WHERE t.typtype = 'c') q";
    assert_eq!(asked_within(20_000, text), Ok("2".to_owned()));
}

#[test]
fn an_empty_path_names_no_schema() {
    let context = Context {
        iris: crate::wit::IrisVersion {
            year: 2025,
            release: 1,
        },
        user: "tester".to_owned(),
        database: "USER".to_owned(),
        settings: Vec::new(),
    };
    let path = |shown: &str| {
        let asker = CatalogSession {
            settings: vec![("search_path".to_owned(), shown.to_owned())],
            process: 1,
            transaction_start: 0,
            statement_start: 0,
        };
        session::of(&context, &asker).path
    };
    assert_eq!(path(""), ["pg_catalog"]);
    assert_eq!(path("\"\""), ["pg_catalog"]);
    assert_eq!(path("app, public"), ["pg_catalog", "app", "public"]);
}
