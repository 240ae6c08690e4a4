//! The value codec against PostgreSQL itself: the same texts, the same answers.

use bytes::BytesMut;
use pgiris::upstream::Format;
use pgiris::value::{Scalar, ValueError, decode, encode};
use pgiris_tests::Postgres;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// A type, and texts that it accepts or refuses.
const TEXTS: &[(&str, u32, &[&str])] = &[
    (
        "bool",
        16,
        &[
            "t", "f", "tr", "FALSE", " yes", "n", "on", "of", "o", "1", "0", "2", "", "truee",
        ],
    ),
    (
        "int2",
        21,
        &[
            "0",
            "-32768",
            "32767",
            "32768",
            "-32769",
            "a",
            "1.0",
            "",
            " 1",
            "1 ",
            "+",
            "--1",
            "99999999999999999999",
        ],
    ),
    (
        "int4",
        23,
        &[
            "2147483647",
            "2147483648",
            "-2147483648",
            "-2147483649",
            "1e3",
            "+7",
            "0007",
            "- 7",
        ],
    ),
    (
        "int8",
        20,
        &[
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "x",
        ],
    ),
    (
        "oid",
        26,
        &[
            "0",
            "4294967295",
            "4294967296",
            "-1",
            " 7 ",
            "-2147483648",
            "x",
        ],
    ),
    (
        "numeric",
        1700,
        &[
            "0",
            "-0",
            "0.0",
            "1",
            "-1",
            "10000",
            "9999",
            "99999999",
            "100000000",
            "0.1",
            "0.0001",
            "0.00001",
            "1234.5678",
            "12345.6789",
            "-0.000000000123",
            "1e10",
            "1e-10",
            "1.5e3",
            "1.50e-3",
            "123456789012345678901234567890.0987654321",
            "5.",
            ".5",
            ".",
            "",
            "e5",
            "1e",
            "1e+",
            "1e5.5",
            "--1",
            "1_000",
            "0x10",
            " 7.0 ",
            "+3",
            "1e131071",
            "1e131072",
            "1 2",
        ],
    ),
    (
        "float8",
        701,
        &[
            "0",
            "-0",
            "1",
            "0.1",
            "1e15",
            "1e14",
            "123456789012345",
            "999999999999999.9",
            "1e-4",
            "1e-5",
            "0.00012345",
            "1e23",
            "5e-324",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "2.9802322387695312e-08",
            "inf",
            "-Infinity",
            "nan",
            "abc",
            "1e400",
            "-1e400",
            "1e-400",
            "",
            "1e",
            "1.",
            ".5",
            " 3 ",
            "8.41e21",
            "1655670601208349.25",
        ],
    ),
    (
        "float4",
        700,
        &[
            "0.1",
            "1e6",
            "999999",
            "1234567",
            "16777216",
            "3.4028235e38",
            "1e39",
            "1e-46",
            "1e-45",
            "nan",
            "8388608.5",
            "x",
        ],
    ),
    (
        "bytea",
        17,
        &[
            "",
            "\\x",
            "\\x00ff",
            "\\xABcd",
            "\\x a b",
            "\\x12 34",
            "\\x1",
            "\\xgg",
            "abc",
            "a\\\\b",
            "\\001\\377",
            "\\400",
            "\\1",
            "ü",
            "\\xü1",
        ],
    ),
    (
        "date",
        1082,
        &[
            "2024-01-31",
            "2024-1-3",
            "2024-02-29",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "20240131",
            "0001-01-01",
            "9999-12-31",
            "abc",
            "",
            "2024-01",
            "2024-01-01 10:00",
            "2024-01-01T10:00:00Z",
        ],
    ),
    (
        "time",
        1083,
        &[
            "00:00",
            "23:59:59",
            "23:59:59.999999",
            "12:34:56.1234567",
            "12:34:56.7",
            "25:00",
            "12:60",
            "12:30:61",
            "abc",
            "",
            "12:34:56.100000",
            "12:34:56+02",
        ],
    ),
    (
        "timestamp",
        1114,
        &[
            "2024-01-31 10:20:30",
            "2024-01-31T10:20:30.5",
            "2024-01-31",
            "2024-01-31 24:00:00",
            "2024-01-31 23:59:60",
            "2024-01-31 10:20:30.1234565",
            "1999-12-31 23:59:59.9999999",
            "0001-01-01 00:00:00",
            "2024-01-31 25:00:00",
            "2024-01-31 10:20:30+02",
            "x",
            "2024-02-30 10:00:00",
        ],
    ),
    (
        "timestamptz",
        1184,
        &[
            "2024-01-31 10:20:30",
            "2024-01-31 10:20:30Z",
            "2024-01-31T10:20:30.25+02:00",
            "2024-01-31 10:20:30 UTC",
            "2024-01-31 00:00:00+0530",
            "2024-01-31 10:20:30-08",
            "2024-01-31 10:20:30+16",
            "x",
        ],
    ),
    (
        "uuid",
        2950,
        &[
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9bd380a11}",
            "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "a0e-ebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
        ],
    ),
    ("\"char\"", 18, &["a", "abc", ""]),
];

async fn connect(server: &Postgres) -> Client {
    let (client, connection) = tokio_postgres::connect(&server.url(), NoTls)
        .await
        .expect("the server accepts");
    tokio::spawn(connection);
    client
        .batch_execute("SET timezone TO 'UTC'")
        .await
        .expect("a known setting");
    client
}

/// What the codec makes of a text, by way of the binary format.
fn by_codec(type_oid: u32, text: &str) -> Result<(String, Vec<u8>), (String, String)> {
    let convert = || {
        let value = decode(type_oid, Format::Text, text.as_bytes())?;
        let mut binary = BytesMut::new();
        encode(&value, type_oid, -1, Format::Binary, &mut binary)?;
        let value = decode(type_oid, Format::Binary, &binary)?;
        let mut printed = BytesMut::new();
        encode(&value, type_oid, -1, Format::Text, &mut printed)?;
        Ok((
            String::from_utf8(printed.to_vec()).expect("text is UTF-8"),
            binary.to_vec(),
        ))
    };
    convert().map_err(|error: ValueError| (error.sqlstate().to_owned(), error.to_string()))
}

async fn by_postgresql(
    client: &Client,
    name: &str,
    text: &str,
) -> Result<(String, Vec<u8>), (String, String)> {
    let send = match name {
        "\"char\"" => "charsend".to_owned(),
        "numeric" | "uuid" => format!("{name}_send"),
        "timestamp" | "timestamptz" | "date" | "time" => format!("{name}_send"),
        _ => format!("{name}send"),
    };
    let literal = text.replace('\'', "''");
    let query = format!(
        "SELECT v::text, encode({send}(v), 'hex') FROM (SELECT '{literal}'::{name} AS v) AS s"
    );
    let query = if name == "bool" {
        query.replace("v::text", "CASE WHEN v THEN 't' ELSE 'f' END")
    } else {
        query
    };
    let rows = client.simple_query(&query).await.map_err(|error| {
        let error = error.as_db_error().expect("the server answers");
        (error.code().code().to_owned(), error.message().to_owned())
    })?;
    let row = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.expect("one row");
    let hex = row.get(1).expect("not null").as_bytes();
    let byte = |pair: &[u8]| {
        u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal")
    };
    Ok((
        row.get(0).expect("not null").to_owned(),
        hex.chunks(2).map(byte).collect(),
    ))
}

#[tokio::test]
async fn every_text_is_read_and_printed_as_postgresql_does() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let client = connect(&server).await;
    let mut differences = Vec::new();
    for (name, type_oid, texts) in TEXTS {
        for text in *texts {
            let (ours, theirs) = (
                by_codec(*type_oid, text),
                by_postgresql(&client, name, text).await,
            );
            if ours != theirs {
                differences.push(format!(
                    "{name} {text:?}\n  codec      {ours:?}\n  postgresql {theirs:?}"
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A fixed sequence of bits, the same in every run (xorshift64).
fn bits() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(0x9E37_79B9_7F4A_7C15_u64), |state| {
        let state = state ^ (state << 13);
        let state = state ^ (state >> 7);
        Some(state ^ (state << 17))
    })
}

#[tokio::test]
async fn floats_are_printed_with_the_digits_of_postgresql() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let client = connect(&server).await;
    let powers = (0..52)
        .map(|bit| f64::from_bits(1 << bit))
        .chain((-1022..1024).map(|power| 2_f64.powi(power)));
    let large = bits()
        .take(3000)
        .map(|bits| (bits >> 11) as f64 * 2_f64.powi((bits & 63) as i32 - 20));
    let doubles: Vec<f64> = powers
        .chain(large)
        .chain(bits().take(3000).map(f64::from_bits))
        .collect();
    let powers = (0..23)
        .map(|bit| f32::from_bits(1 << bit))
        .chain((-126..128).map(|power| 2_f32.powi(power)));
    let reals: Vec<f32> = powers
        .chain(bits().take(6000).map(|bits| f32::from_bits(bits as u32)))
        .collect();

    let print = |type_oid, value| {
        let mut printed = BytesMut::new();
        encode(&value, type_oid, -1, Format::Text, &mut printed).expect("a float");
        String::from_utf8(printed.to_vec()).expect("text is UTF-8")
    };
    let theirs = client
        .query_one(
            "SELECT $1::float8[]::text[], $2::float4[]::text[]",
            &[&doubles, &reals],
        )
        .await;
    let theirs = theirs.expect("the server answers");
    for (value, theirs) in doubles.iter().zip(theirs.get::<_, Vec<String>>(0)) {
        assert_eq!(print(701, Scalar::Double(*value)), theirs);
    }
    for (value, theirs) in reals.iter().zip(theirs.get::<_, Vec<String>>(1)) {
        assert_eq!(print(700, Scalar::Float(*value)), theirs);
    }
}
