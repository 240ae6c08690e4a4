//! Every function and aggregate of the SQL Reference is known, in each form in which it may be called.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use pgiris_sandbox::{Connection, Options, Sandbox, Storage, Version};

/// Calls with the fewest and the most arguments, separated by `;`.
const STRINGS: &str = "
    ASCII(s); CHAR(n); CHARACTER_LENGTH(s); CHAR_LENGTH(s); DATALENGTH(s); CHARINDEX(s, s);
    CHARINDEX(s, s, 1); CONCAT(s, s); $EXTRACT(s); $EXTRACT(s, 1); $EXTRACT(s, 1, 2); $FIND(s, s);
    $FIND(s, s, 1); INSTR(s, s); INSTR(s, s, 1); INSTR(s, s, 1, 2); $JUSTIFY(s, 9); $JUSTIFY(n, 9, 2);
    LCASE(s); LOWER(s); LEFT(s, 1); LEN(s); LENGTH(s); $LENGTH(s); $LENGTH(s, ','); LPAD(s, 3);
    LPAD(s, 3, 'x'); LTRIM(s); $PIECE(s, ','); $PIECE(s, ',', 1); $PIECE(s, ',', 1, 2);
    REPEAT(s, 2); REPLICATE(s, 2); REPLACE(s, 'a', 'b'); REVERSE(s); RIGHT(s, 1);
    RPAD(s, 3); RPAD(s, 3, 'x'); RTRIM(s); SPACE(2); STR(n); STR(n, 5); STR(n, 5, 1); STRING(s);
    STRING(s, n, d); STUFF(s, 1, 1, 'x'); SUBSTR(s, 1); SUBSTR(s, 1, 2); SUBSTRING(s, 1);
    SUBSTRING(s, 1, 2); SUBSTRING(s FROM 1); SUBSTRING(s FROM 1 FOR 2); $TRANSLATE(s, 'a');
    $TRANSLATE(s, 'a', 'b'); TRIM(s); TRIM(BOTH FROM s); TRIM(LEADING 'x' FROM s);
    TRIM(TRAILING 'x' FROM s); TRIM('x' FROM s); UCASE(s); UPPER(s)";

const COLLATIONS: &str = "
    %EXACT(s); %MINUS(n); %MVR(s); %PLUS(n); %SPACE(s); %SQLSTRING(s); %SQLUPPER(s); %TRUNCATE(s);
    %SQLSTRING(s, 5); %SQLUPPER(s, 5); %TRUNCATE(s, 5)";

const NUMBERS: &str = "
    ABS(n); ACOS(n); ASIN(n); ATAN(n); COS(n); COT(n); EXP(n); LOG(n); LOG10(n); SIN(n); TAN(n);
    ATAN2(n, n); CEILING(n); DEGREES(n); FLOOR(n); GREATEST(n); GREATEST(n, 1, 2); ISNUMERIC(s);
    LEAST(n); LEAST(n, 1, 2); MOD(n, 2); PI(); POWER(n, 2); RADIANS(n); ROUND(n, 1); ROUND(n, 1, 1);
    SIGN(n); SQRT(n); SQUARE(n); TRUNCATE(n, 1)";

const DATES: &str = "
    CURDATE(); CURTIME(); DATE(d); DATEADD('dd', 1, d); DATEDIFF('dd', d, d); DATENAME('dw', d);
    DATEPART('yy', d); DAY(d); DAYNAME(d); DAYOFMONTH(d); DAYOFWEEK(d); DAYOFYEAR(d); GETDATE();
    GETDATE(3); GETUTCDATE(); GETUTCDATE(3); HOUR(d); MINUTE(d); SECOND(d); LAST_DAY(d); MONTH(d);
    MONTHNAME(d); NOW(); QUARTER(d); TIMESTAMPADD(SQL_TSI_DAY, 1, d);
    TIMESTAMPDIFF(SQL_TSI_DAY, d, d); TO_CHAR(d); TO_CHAR(d, 'YYYY-MM-DD'); TO_DATE(s);
    TO_DATE(s, 'YYYY-MM-DD'); TO_POSIXTIME(s); TO_POSIXTIME(s, 'YYYY-MM-DD'); TO_TIMESTAMP(s);
    TO_TIMESTAMP(s, 'YYYY-MM-DD'); UNIX_TIMESTAMP(); UNIX_TIMESTAMP(d); WEEK(d); YEAR(d)";

/// Those that are no calls of the common form, or that must not stand in braces.
const PLAIN_ONLY: &str = "
    POSITION(s IN s); %OID(%ID); CASE WHEN n = 1 THEN s END; CASE n WHEN 1 THEN s ELSE 'x' END; CAST(s AS INTEGER); CURRENT_DATE;
    CURRENT_TIME; CURRENT_TIME(3); CURRENT_TIMESTAMP; CURRENT_TIMESTAMP(3); SYSDATE; USER; {fn USER()};
    %EXACT s; %MINUS n; %MVR s; %PLUS n; %SPACE s; %SQLSTRING s; %SQLUPPER s; %TRUNCATE s;
    CONVERT(INTEGER, s); {fn CONVERT(s, SQL_INTEGER)}; $HOROLOG; $JOB; $NAMESPACE; $TLEVEL; $USERNAME;
    $ZHOROLOG; $ZJOB; $ZPI; $ZTIMESTAMP; $ZTIMEZONE; $ZVERSION; IFNULL(s, 'a', 'b');
    $TSQL_NEWID(); %SYSTEM_SQL.DefaultSchema(); %SYSTEM.SQL_IsReservedWord('x');
    %SYSTEM.SQL_IsValidRegularIdentifier('x'); %SYSTEM_SQL.Util_GetOption('SelectMode');
    %SYSTEM_SQL.Functions_SQLCODE(-30); %SYSTEM.Util_CreateGUID(); XMLELEMENT(NAME \"a\", s);
    XMLELEMENT(\"a\", XMLATTRIBUTES(n AS k), s); XMLFOREST(s, n AS k); XMLCONCAT(XMLELEMENT(\"a\", s), XMLELEMENT(\"b\", n))";

const MISCELLANEOUS: &str = "
    COALESCE(s, 'a'); COALESCE(s, 'a', 'b'); DECODE(n, 1, 'a'); DECODE(n, 1, 'a', 'b'); IFNULL(s, 'a');
    ISNULL(s, 'a'); NULLIF(s, 'a'); NVL(s, 'a'); TO_NUMBER(s); $LIST($LISTBUILD(s)); $LIST($LISTBUILD(s), 1);
    $LIST($LISTBUILD(s), 1, 2); $LISTBUILD(s, n); $LISTDATA($LISTBUILD(s)); $LISTDATA($LISTBUILD(s), 1);
    $LISTFIND($LISTBUILD(s), s); $LISTFROMSTRING(s); $LISTFROMSTRING(s, '|'); $LISTGET($LISTBUILD(s), 1);
    $LISTGET($LISTBUILD(s), 1, 'x'); $LISTLENGTH($LISTBUILD(s)); $LISTSAME($LISTBUILD(s), $LISTBUILD(s));
    $LISTTOSTRING($LISTBUILD(s)); $LISTTOSTRING($LISTBUILD(s), '|'); JSON_ARRAY(s, n);
    JSON_ARRAY(s NULL ON NULL); JSON_ARRAY(s ABSENT ON NULL); JSON_OBJECT('k':s);
    JSON_OBJECT('k':s ABSENT ON NULL); LAST_IDENTITY(); %OBJECT(big); DATABASE();
    %EXTERNAL(s); %INTERNAL(s); %ODBCIN(s); %ODBCOUT(s)";

const AGGREGATES: &str = "
    AVG COUNT LIST %DLIST JSON_ARRAYAGG MAX MIN STDDEV STDDEV_SAMP STDDEV_POP SUM VARIANCE VAR_SAMP VAR_POP";

/// With the version that brought them.
const LATER: [(Version, &str); 6] = [
    (Version::V2024_1, "TO_VECTOR('1,2', double)"),
    (
        Version::V2024_1,
        "VECTOR_COSINE(TO_VECTOR('1,2', double), TO_VECTOR('1,3', double))",
    ),
    (
        Version::V2024_1,
        "VECTOR_DOT_PRODUCT(TO_VECTOR('1,2', double), TO_VECTOR('1,3', double))",
    ),
    (Version::V2025_1, "HASHBYTES('SHA256', s)"),
    (Version::V2025_1, "HASHBYTES('SHA512', s)"),
    (Version::V2025_1, "APPROX_COUNT_DISTINCT(s)"),
];

/// Known, though refused for want of a model, an index or a configuration.
const UNFURNISHED: [&str; 5] = [
    "SEARCH_INDEX(nosuch, 'a')",
    "PREDICT(nosuch)",
    "PROBABILITY(nosuch FOR 'a')",
    "EMBEDDING(s)",
    "EMBEDDING(s, 'nosuch')",
];

fn connect(version: Version) -> Connection {
    let options = Options {
        version,
        storage: Storage::Memory,
        statement_log: None,
    };
    let mut connection = Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap();
    let table =
        "CREATE TABLE t (s VARCHAR(50), n NUMERIC(9,2), d TIMESTAMP, x INTEGER, big LONGVARCHAR)";
    let statement = connection.prepare(table).unwrap();
    connection
        .execute(
            &statement,
            &[],
            &mut |_| std::ops::ControlFlow::Continue(()),
        )
        .unwrap();
    connection
}

fn calls(list: &str) -> impl Iterator<Item = &str> {
    list.split(';').map(str::trim)
}

fn prepares(connection: &mut Connection, item: &str) {
    let sql = format!("SELECT {item} FROM t");
    if let Err(error) = connection.prepare(&sql) {
        panic!("{sql}: {error}");
    }
}

fn code(connection: &mut Connection, item: &str) -> Option<i32> {
    let sql = format!("SELECT {item} FROM t");
    connection.prepare(&sql).err().map(|error| error.sqlcode)
}

#[test]
fn every_call_is_known_with_and_without_braces() {
    let mut connection = connect(Version::V2023_1);
    for list in [STRINGS, NUMBERS, DATES, MISCELLANEOUS] {
        for call in calls(list) {
            prepares(&mut connection, call);
            prepares(&mut connection, &call.to_lowercase());
            prepares(&mut connection, &format!("{{fn {call}}}"));
        }
    }
}

#[test]
fn every_other_form_is_known() {
    let mut connection = connect(Version::V2023_1);
    for call in calls(PLAIN_ONLY).chain(calls(COLLATIONS)) {
        prepares(&mut connection, call);
    }
    for kind in ["", " VALUE", " SCALAR", " ARRAY", " OBJECT"] {
        prepares(
            &mut connection,
            &format!("CASE WHEN s IS JSON{kind} THEN 1 END"),
        );
        prepares(
            &mut connection,
            &format!("CASE WHEN s IS NOT JSON{kind} THEN 1 END"),
        );
    }
}

#[test]
fn every_aggregate_is_known_in_each_form() {
    let mut connection = connect(Version::V2023_1);
    let forms = [
        "(x)",
        "(ALL x)",
        "(DISTINCT x)",
        "(DISTINCT BY(n) x)",
        "(DISTINCT BY(n, s) x)",
        "(x %FOREACH(s))",
        "(DISTINCT x %FOREACH(s, n))",
        "(x %AFTERHAVING)",
        "(x %FOREACH(s) %AFTERHAVING)",
    ];
    for name in AGGREGATES.split_whitespace() {
        for form in forms {
            prepares(&mut connection, &format!("{name}{form}"));
        }
    }
    prepares(&mut connection, "COUNT(*)");
    for form in forms {
        prepares(
            &mut connection,
            &format!("XMLAGG{}", form.replacen('x', r#"XMLELEMENT("a", x)"#, 1)),
        );
    }
}

#[test]
fn later_functions_come_with_their_versions() {
    for version in Version::ALL {
        let mut connection = connect(version);
        for (since, call) in LATER {
            let code = code(&mut connection, call);
            assert_eq!(code.is_some(), version < since, "{version:?} {call}");
        }
    }
}

#[test]
fn what_needs_more_than_a_name_is_refused_by_another_code() {
    let mut connection = connect(Version::NEWEST);
    prepares(&mut connection, "DATE_TRUNC('month', d)");
    for call in UNFURNISHED {
        let code = code(&mut connection, call);
        assert!(code.is_none_or(|code| code != -359), "{call}: {code:?}");
    }
}
