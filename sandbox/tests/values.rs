//! Values of every type survive the way from a parameter through storage to a result, bit for bit.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::ops::ControlFlow;

use jiff::civil;
use pgiris_sandbox::{Connection, Nullable, Options, Sandbox, Storage, Value, Version};

fn connection() -> Connection {
    let options = Options {
        version: Version::NEWEST,
        storage: Storage::Memory,
        statement_log: None,
    };
    Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap()
}

fn run(connection: &mut Connection, sql: &str, parameters: &[Value]) -> Vec<Vec<Value>> {
    let statement = connection.prepare(sql).unwrap();
    let mut rows = Vec::new();
    let result = connection.execute(&statement, parameters, &mut |row| {
        rows.push(row.to_vec());
        ControlFlow::Continue(())
    });
    result.unwrap_or_else(|error| panic!("{sql} {parameters:?}: {error}"));
    rows
}

/// The same value, and for doubles the same bits.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

/// Each value goes in alone, comes out, and is found again by itself.
fn survive(ty: &str, values: &[Value]) {
    let mut connection = connection();
    run(
        &mut connection,
        &format!("CREATE TABLE t (n INTEGER, v {ty})"),
        &[],
    );
    let comparable = !ty.starts_with("LONG");
    for (n, value) in values.iter().enumerate() {
        let number = Value::Integer(i64::try_from(n).unwrap());
        run(
            &mut connection,
            "INSERT INTO t VALUES (?, ?)",
            &[number.clone(), value.clone()],
        );
        let rows = run(
            &mut connection,
            "SELECT v FROM t WHERE n = ?",
            std::slice::from_ref(&number),
        );
        assert!(same(&rows[0][0], value), "{ty}: {value:?} became {rows:?}");
        // Once more through a query in FROM, a copy, and a parameter of no type.
        let rows = run(
            &mut connection,
            "SELECT v FROM (SELECT n, v FROM t) WHERE n = ?",
            std::slice::from_ref(&number),
        );
        assert!(same(&rows[0][0], value), "{ty} in a subquery: {rows:?}");
        if comparable && *value != Value::Null {
            let sql = "SELECT n FROM t WHERE %EXACT(v) = ? AND n = ?";
            let rows = run(&mut connection, sql, &[value.clone(), number]);
            assert_eq!(rows.len(), 1, "{ty}: {value:?} not found");
        }
    }
    run(
        &mut connection,
        &format!("CREATE TABLE u (n INTEGER, v {ty})"),
        &[],
    );
    run(&mut connection, "INSERT INTO u SELECT n, v FROM t", &[]);
    let copies = run(&mut connection, "SELECT v FROM u ORDER BY n", &[]);
    for (row, value) in copies.iter().zip(values) {
        assert!(same(&row[0], value), "{ty}: copy of {value:?} is {row:?}");
    }
    assert_eq!(copies.len(), values.len());
}

fn integers(values: &[i64]) -> Vec<Value> {
    let mut values: Vec<Value> = values.iter().map(|n| Value::Integer(*n)).collect();
    values.push(Value::Null);
    values
}

/// A small generator with a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[test]
fn whole_numbers() {
    survive("BIT", &integers(&[0, 1]));
    survive("TINYINT", &integers(&[-128, -1, 0, 127]));
    survive("SMALLINT", &integers(&[-32_768, 0, 32_767]));
    survive("MEDIUMINT", &integers(&[-8_388_608, 8_388_607]));
    survive("INTEGER", &integers(&[-2_147_483_648, 2_147_483_647]));
    let mut values = vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    // Neighbours that no double tells apart.
    values.extend([(1 << 53) + 1, -(1 << 53) - 1]);
    let mut random = Random(1);
    values.extend((0..200).map(|_| random.next() as i64));
    survive("BIGINT", &integers(&values));
}

#[test]
fn decimals() {
    let mut random = Random(2);
    let mut values = vec![Value::Null];
    for text in [
        "0",
        "-0.000000000000000001",
        "999999999999999999.999999999999999999",
    ] {
        values.push(Value::Numeric(text.parse().unwrap()));
    }
    for _ in 0..200 {
        let sign = if random.below(2) == 0 { "-" } else { "" };
        let (whole, fraction) = (random.below(10_u64.pow(18)), random.below(10_u64.pow(18)));
        let text = format!("{sign}{whole}.{fraction:018}");
        values.push(Value::Numeric(text.parse().unwrap()));
    }
    survive("NUMERIC(36,18)", &values);
}

#[test]
fn doubles() {
    let mut values = vec![
        0.0,
        -0.0,
        f64::MIN,
        f64::MAX,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        -f64::from_bits(0x000f_ffff_ffff_ffff),
        0.1,
        1.0 / 3.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let mut random = Random(3);
    let any = (0..500).map(|_| f64::from_bits(random.next()));
    values.extend(any.filter(|number| !number.is_nan()));
    let values: Vec<Value> = values.into_iter().map(Value::Double).collect();
    survive("DOUBLE", &values);
}

#[test]
fn texts() {
    let mut values = vec![Value::Null];
    for text in [
        "",
        " ",
        "\u{0}\u{0}",
        "a\u{0}b",
        "trailing\u{0}",
        "\u{1f600}\u{10ffff}",
        "e\u{301}\u{200d}",
        "'quoted' \"twice\" \\",
        "\r\n\t",
        "007.0",
        "1E5",
        "NULL",
    ] {
        values.push(Value::Varchar(text.to_owned()));
    }
    let mut random = Random(4);
    for _ in 0..200 {
        let length = random.below(30);
        let any = (0..length).filter_map(|_| char::from_u32(random.next() as u32 & 0x1f_ffff));
        let text: String = any.collect();
        if text != "\u{0}" {
            values.push(Value::Varchar(text));
        }
    }
    survive("VARCHAR('')", &values);
    survive("VARCHAR(200)", &values);
    survive("LONGVARCHAR", &values);
}

#[test]
fn bytes() {
    let mut random = Random(5);
    let mut values = vec![
        Value::Null,
        Value::Varbinary(Vec::new()),
        Value::Varbinary(vec![0]),
        Value::Varbinary((0..=255).collect()),
    ];
    for _ in 0..100 {
        let length = random.below(100);
        let any = (0..length).map(|_| random.next() as u8);
        values.push(Value::Varbinary(any.collect()));
    }
    survive("VARBINARY(300)", &values);
    survive("LONGVARBINARY", &values);
}

#[test]
fn dates_and_times() {
    let mut random = Random(6);
    let mut date = |first: i16| {
        let year = i64::from(first) + random.below(10_000 - first as u64) as i64;
        let (month, day) = (random.below(12) as i8 + 1, random.below(28) as i8 + 1);
        civil::date(year as i16, month, day)
    };
    let mut dates = vec![civil::date(1840, 12, 31), civil::date(9999, 12, 31)];
    dates.extend((0..100).map(|_| date(1841)));
    let values: Vec<Value> = dates.iter().copied().map(Value::Date).collect();
    survive("DATE", &values);
    let mut early = vec![civil::date(1, 1, 1)];
    early.extend((0..100).map(|_| date(1)));
    let values: Vec<Value> = early.iter().copied().map(Value::Date).collect();
    survive("%Date(MINVAL=-672045)", &values);

    let mut random = Random(7);
    let mut time = |digits: u32| {
        let step = 10_i64.pow(9 - digits);
        let nanoseconds = random.below(86_400_000_000_000) as i64 / step * step;
        let (seconds, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let part = |n: i64| n as i8;
        civil::time(
            part(seconds / 3600),
            part(seconds / 60 % 60),
            part(seconds % 60),
            fraction as i32,
        )
    };
    for (ty, digits) in [("TIME(0)", 0), ("TIME(6)", 6), ("TIME(9)", 9), ("TIME", 9)] {
        let values: Vec<Value> = (0..100).map(|_| Value::Time(time(digits))).collect();
        survive(ty, &values);
    }
    for (ty, digits, days) in [("TIMESTAMP", 9, &dates), ("POSIXTIME", 6, &early)] {
        let moments = days.iter().map(|date| date.to_datetime(time(digits)));
        let values: Vec<Value> = moments.map(Value::Timestamp).collect();
        survive(ty, &values);
    }
    let last = civil::date(9999, 12, 31).at(23, 59, 59, 999_999_999);
    survive("TIMESTAMP", &[Value::Timestamp(last), Value::Null]);
}

#[test]
fn identifiers() {
    let guid = |text: &str| Value::Varchar(text.to_owned());
    survive(
        "UNIQUEIDENTIFIER",
        &[guid("01234567-89ab-CDEF-0123-456789abcdef"), Value::Null],
    );
}

#[test]
fn vectors() {
    let mut random = Random(8);
    let texts = |values: Vec<String>| Value::Varchar(values.join(","));
    let integers: Vec<Value> = (0..50)
        .map(|_| texts((0..3).map(|_| (random.next() as i64).to_string()).collect()))
        .collect();
    survive("VECTOR(INT, 3)", &integers);
    let decimals: Vec<Value> = (0..50)
        .map(|_| {
            let one = |random: &mut Random| {
                format!(
                    "-{}.{:09}1",
                    random.below(99_999_999) + 1,
                    random.below(99_999_999)
                )
            };
            texts(vec![one(&mut random), one(&mut random)])
        })
        .collect();
    survive("VECTOR(DECIMAL, 2)", &decimals);
}

/// `$CHAR(0)` alone is IRIS's empty string.
#[test]
fn the_one_text_that_changes() {
    let mut connection = connection();
    run(&mut connection, "CREATE TABLE t (v VARCHAR(5))", &[]);
    let nul = Value::Varchar("\u{0}".to_owned());
    run(&mut connection, "INSERT INTO t VALUES (?)", &[nul]);
    let rows = run(&mut connection, "SELECT v FROM t WHERE v = ''", &[]);
    assert_eq!(rows, [[Value::Varchar(String::new())]]);
}

/// What no type can hold is an error, however large it is.
#[test]
fn monstrous_values() {
    let mut connection = connection();
    run(
        &mut connection,
        "CREATE TABLE t (n NUMERIC(36,18), v VARCHAR(''), f DOUBLE, h TIME)",
        &[],
    );
    let monsters = [
        ("n", Value::Numeric("1E+1000000000".parse().unwrap())),
        ("n", Value::Numeric("1E-1000000000".parse().unwrap())),
        ("v", Value::Numeric("-1E+1000000000".parse().unwrap())),
        ("f", Value::Numeric("1E+1000000000".parse().unwrap())),
        ("f", Value::Double(f64::NAN)),
        ("n", Value::Double(f64::INFINITY)),
        ("v", Value::Double(f64::NEG_INFINITY)),
        ("v", Value::Varbinary(vec![0xff])),
        ("h", Value::Integer(i64::MAX)),
        ("h", Value::Double(f64::INFINITY)),
        ("v", Value::Varchar("x".repeat(3_641_145))),
    ];
    for (column, value) in monsters {
        let insert = connection
            .prepare(&format!("INSERT INTO t ({column}) VALUES (?)"))
            .unwrap();
        let refused = connection.execute(&insert, std::slice::from_ref(&value), &mut |_| {
            ControlFlow::Continue(())
        });
        assert!(refused.is_err(), "{column}: {:.40}", format!("{value:?}"));
    }
}

/// Neither NaN nor bytes that are no text turn into something else.
#[test]
fn nothing_becomes_something_else() {
    let mut connection = connection();
    run(
        &mut connection,
        "CREATE TABLE t (f DOUBLE, x VARBINARY(4))",
        &[],
    );
    let zero = [Value::Double(0.0), Value::Varbinary(vec![0xff, 0xfe])];
    run(&mut connection, "INSERT INTO t VALUES (?, ?)", &zero);
    let mut fails = |sql: &str, value: Value| {
        let statement = connection.prepare(sql).unwrap();
        let count = statement.parameters().len();
        let values = vec![value; count];
        let result = connection.execute(&statement, &values, &mut |_| ControlFlow::Continue(()));
        assert!(result.is_err(), "{sql}");
    };
    fails("SELECT f FROM t WHERE f = ?", Value::Double(f64::NAN));
    fails(
        "SELECT f FROM t WHERE f = ? + 0",
        Value::Double(f64::INFINITY),
    );
    fails("SELECT CAST(x AS VARCHAR(4)) FROM t", Value::Null);
    fails("SELECT ?", Value::Varbinary(vec![0xff]));
}

#[test]
fn columns_say_whether_they_may_be_null() {
    let mut connection = connection();
    run(
        &mut connection,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, r VARCHAR(5) NOT NULL, o VARCHAR(5))",
        &[],
    );
    let mut nullable = |sql: &str| {
        let statement = connection.prepare(sql).unwrap();
        let columns = statement.columns().unwrap();
        columns
            .iter()
            .map(|column| column.nullable)
            .collect::<Vec<_>>()
    };
    use Nullable::{No, Unknown, Yes};
    assert_eq!(nullable("SELECT * FROM t"), [No, No, Yes]);
    assert_eq!(
        nullable("SELECT %ID, o, id + 1, ?, COUNT(*) FROM t"),
        [No, Yes, Unknown, Unknown, Unknown]
    );
    assert_eq!(nullable("SELECT r FROM t UNION SELECT o FROM t"), [Unknown]);
}

/// A reopened file describes and validates its columns as before.
#[test]
fn declarations_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        let options = Options {
            version: Version::NEWEST,
            storage: Storage::File(directory.path().join("types.sqlite")),
            statement_log: None,
        };
        Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap()
    };
    let create = "CREATE TABLE t (a NUMBER, b SMALLDATETIME, c DATETIME, d TIME, e TIME(3),
        f %Integer(MINVAL=0,MAXVAL=9), g %Library.Date(MINVAL=-100), h VECTOR(DECIMAL, 2),
        i EMBEDDING('it''s', 'j'), j %String(VALUELIST=',red,green'), k MEDIUMINT,
        l VARBINARY(''), m VARCHAR(''), n NUMERIC(36,18), o SERIAL, p ROWVERSION, q TIMESTAMP2)";
    let mut connection = open();
    run(&mut connection, create, &[]);
    let columns = |connection: &mut Connection| {
        let statement = connection.prepare("SELECT * FROM t").unwrap();
        statement.columns().unwrap().to_vec()
    };
    let before = columns(&mut connection);
    drop(connection);
    let mut connection = open();
    assert_eq!(columns(&mut connection), before);
    for (column, value) in [
        ("b", "1899-01-01"),
        ("f", "10"),
        ("g", "1840-01-01"),
        ("j", "blue"),
        ("h", "1,2,3"),
    ] {
        let sql = format!("INSERT INTO t ({column}) VALUES (?)");
        let statement = connection.prepare(&sql).unwrap();
        let value = Value::Varchar(value.to_owned());
        let refused = connection.execute(&statement, &[value], &mut |_| ControlFlow::Continue(()));
        assert_eq!(refused.unwrap_err().sqlcode, -104, "{column}");
    }
    let embedding = connection.prepare("INSERT INTO t (i) VALUES (?)");
    assert!(embedding.is_err(), "an embedding was written");
    let values = [
        Value::Varchar("2/29/2024 1:33pm".to_owned()),
        Value::Varchar("1840-12-01".to_owned()),
    ];
    run(
        &mut connection,
        "INSERT INTO t (c, g) VALUES (?, ?)",
        &values,
    );
}
