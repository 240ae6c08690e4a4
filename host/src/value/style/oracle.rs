//! Every style beside a real PostgreSQL, over many values: what it prints in the default
//! style, written anew here, must be what it prints in the other. And what it reads as an interval.

use std::error::Error;

use pgiris_tests::{Postgres, WireClient};

use super::{Kind, Style, text};
use crate::rules::wit_plan::SettingScope;
use crate::session::settings::Settings;

type Outcome = Result<(), Box<dyn Error>>;

/// 1,000 values of each type, by a number `i` from 0 on. Intervals of days would be added in
/// the session's zone.
const VALUES: &[(u32, &str)] = &[
    (1082, "date '0001-01-01' + i * 3651"),
    (
        1114,
        "timestamp '0001-01-01' + i * interval '3650 days 07:11:13.001207'",
    ),
    (
        1114,
        "timestamp '1999-12-31 23:59:59' + i * interval '0.25 sec'",
    ),
    (
        1184,
        "timestamptz '0002-01-01 00:00:00+00' + i * interval '87607 hours 11 min 13.001207 sec'",
    ),
    (
        1184,
        "timestamptz '2024-03-01 00:00:00+00' + i * interval '6 hours 1 min'",
    ),
    (
        1184,
        "timestamptz '1880-01-01 00:00:00+00' + i * interval '1752 hours'",
    ),
    (17, "decode(lpad(to_hex(i * 66049), 8, '0'), 'hex')"),
    (17, r"'\x5c27'::bytea"),
    (701, "(i - 500) * 0.1::float8 / 3"),
    (
        701,
        "(CASE WHEN i < 600 THEN (i - 300) * pi() * 10::float8 ^ (i - 300) ELSE 1 END)",
    ),
    (701, "'NaN'::float8"),
    (701, "'-Infinity'::float8"),
    (700, "((i - 500)::float4 / 7)::float4"),
    (
        700,
        "(CASE WHEN i < 70 THEN (10::float8 ^ (i - 35) / 3)::float4 ELSE 1 END)",
    ),
    (
        1186,
        "make_interval(years => i % 3 - 1, months => i % 7 - 3, days => i % 5 - 2, secs => (i % 11 - 5) * 3723.25)",
    ),
    (1186, "make_interval(months => i - 500)"),
    (1186, "make_interval(days => i - 500)"),
    (1186, "make_interval(secs => (i - 500) * 61.000001)"),
    (1186, "make_interval(hours => i - 500, secs => 1)"),
];

const STYLES: &[&[(&str, &str)]] = &[
    &[("DateStyle", "ISO, DMY"), ("TimeZone", "Europe/Berlin")],
    &[
        ("DateStyle", "ISO, YMD"),
        ("TimeZone", "Asia/Kolkata"),
        ("extra_float_digits", "3"),
    ],
    &[
        ("DateStyle", "SQL, DMY"),
        ("TimeZone", "America/New_York"),
        ("extra_float_digits", "0"),
    ],
    &[
        ("DateStyle", "SQL, MDY"),
        ("IntervalStyle", "iso_8601"),
        ("bytea_output", "escape"),
    ],
    &[
        ("DateStyle", "SQL, YMD"),
        ("TimeZone", "America/St_Johns"),
        ("extra_float_digits", "-3"),
    ],
    &[
        ("DateStyle", "Postgres, MDY"),
        ("IntervalStyle", "postgres_verbose"),
    ],
    &[
        ("DateStyle", "Postgres, DMY"),
        ("TimeZone", "Asia/Dubai"),
        ("extra_float_digits", "-15"),
    ],
    &[
        ("DateStyle", "German, DMY"),
        ("TimeZone", "-8"),
        ("IntervalStyle", "sql_standard"),
    ],
    &[
        ("DateStyle", "German, MDY"),
        ("TimeZone", "5.5"),
        ("extra_float_digits", "-9"),
    ],
];

#[test]
fn every_style_is_that_of_postgres() -> Outcome {
    let postgres = Postgres::start()?;
    let mut client = WireClient::ready(postgres.port(), "postgres")?;
    let mut wrong = Vec::new();
    for (type_oid, value) in VALUES {
        set(
            &mut client,
            &[
                ("DateStyle", "ISO, MDY"),
                ("TimeZone", "UTC"),
                ("bytea_output", "hex"),
            ],
        )?;
        set(
            &mut client,
            &[("IntervalStyle", "postgres"), ("extra_float_digits", "1")],
        )?;
        let plain = texts(&mut client, value)?;
        for settings in STYLES {
            set(&mut client, settings)?;
            let theirs = texts(&mut client, value)?;
            let style = ours(settings)?;
            for (plain, theirs) in plain.iter().zip(&theirs) {
                let mut written = plain.clone();
                if style.touches(*type_oid) {
                    written.clear();
                    style.write(*type_oid, plain, &mut written);
                }
                if written != *theirs {
                    wrong.push(format!("{settings:?}: {plain} is {theirs}, not {written}"));
                }
            }
            reset(&mut client)?;
        }
    }
    let count = wrong.len();
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{count} are wrong:\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn settings_are_shown_as_postgres_shows_them() -> Outcome {
    let postgres = Postgres::start()?;
    let mut client = WireClient::ready(postgres.port(), "postgres")?;
    set(
        &mut client,
        &[("DateStyle", "ISO, MDY"), ("TimeZone", "UTC")],
    )?;
    let mut settings = Settings::default();
    for (name, value) in [
        ("DateStyle", "sql"),
        ("DateStyle", "european"),
        ("DateStyle", "GERMAN"),
        ("DateStyle", "ISO"),
        ("DateStyle", "postgresql,ymd"),
        ("DateStyle", "us"),
        ("DateStyle", "iso, german"),
        ("DateStyle", "German, US"),
        ("DateStyle", "US, German"),
        ("DateStyle", "Swiss"),
        ("DateStyle", ""),
        ("TimeZone", "europe/BERLIN"),
        ("TimeZone", "utc"),
        ("TimeZone", "gmt"),
        ("TimeZone", "-8"),
        ("TimeZone", "5.75"),
        ("TimeZone", "0"),
        ("TimeZone", "EST5EDT"),
        ("TimeZone", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("TimeZone", "Nowhere/Land"),
        ("IntervalStyle", "ISO_8601"),
        ("bytea_output", "Escape"),
        ("bytea_output", "base64"),
        ("extra_float_digits", "-15"),
        ("extra_float_digits", "2.5"),
        ("extra_float_digits", "4"),
        ("extra_float_digits", "many"),
        ("client_min_messages", "Debug"),
        ("client_min_messages", "loud"),
        ("default_transaction_isolation", "chaos"),
    ] {
        let theirs = shown(&mut client, name, value)?;
        let ours = match settings.set(name, Some(value), SettingScope::Session) {
            Ok(()) => settings.get(name).unwrap_or_default().to_owned(),
            Err(error) => [Some(error.message.to_string()), error.detail, error.hint]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("|"),
        };
        assert_eq!(ours, theirs, "{name} = {value}");
    }
    Ok(())
}

/// Numbers and units, which are put together.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "12",
    "-3",
    "- 2",
    "+4",
    "1.5",
    "-0.25",
    ".5",
    "1.999999",
    "2147483648",
    "1-2",
    "-1-13",
    "04:05",
    "-04:05:06.7",
    "1:59:60",
    "12:34.5",
];
const UNITS: &[&str] = &[
    " year", " mons", "weeks", " d", "h", " min", " secs", " ms", "us", " decade", " C",
];
const ISO: &[&str] = &[
    "P1Y2M3DT4H5M6.7S",
    "P-1Y2M",
    "P1.5W",
    "PT0.1S",
    "P0001-02-03T04:05:06",
    "P00010203T040506",
    "P1",
    "PT36",
    "P",
    "p1y",
    "P1Y2",
];

#[test]
fn intervals_are_read_as_postgres_reads_them() -> Outcome {
    let mut written: Vec<String> = ISO.iter().map(|text| (*text).to_owned()).collect();
    for number in NUMBERS {
        for unit in UNITS {
            written.push(format!("{number}{unit}"));
            written.push(format!("@ {number}{unit}  ago"));
            written.push(format!("{number}{unit} 1:02:03"));
            let others = NUMBERS.iter().zip(UNITS).map(|(a, b)| format!("{a}{b}"));
            written.extend(others.map(|other| format!("{number}{unit}, {other}")));
        }
        written.push((*number).to_owned());
        written.push(format!("7 {number}"));
    }
    let postgres = Postgres::start()?;
    let mut client = WireClient::ready(postgres.port(), "postgres")?;
    run(
        &mut client,
        "CREATE FUNCTION shown(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN \
         RETURN t::interval::text; EXCEPTION WHEN others THEN RETURN SQLSTATE; END $$",
    )?;
    let list: Vec<String> = written.iter().map(|text| format!("'{text}'")).collect();
    let theirs = run(
        &mut client,
        &format!("SELECT shown(t) FROM unnest(ARRAY[{}]) t", list.join(", ")),
    )?;
    assert_eq!(theirs.len(), written.len());
    for (text, theirs) in written.iter().zip(theirs) {
        let ours = match text::read(Kind::Interval, text) {
            Ok(interval) => interval.to_string(),
            Err(error) => error.sqlstate().to_owned(),
        };
        assert_eq!(ours, theirs, "{text}");
    }
    Ok(())
}

/// What SHOW says after SET, or the error.
fn shown(client: &mut WireClient, name: &str, value: &str) -> Result<String, Box<dyn Error>> {
    let mut said = String::new();
    for query in [format!("SET {name} = '{value}'"), format!("SHOW {name}")] {
        query_text(client, &query)?;
        while let Some(frame) = client.receive()? {
            match frame.tag {
                b'E' => {
                    let fields = [b'M', b'D', b'H']
                        .into_iter()
                        .filter_map(|code| frame.field(code));
                    let error = fields.collect::<Vec<_>>().join("|");
                    said = error;
                }
                b'D' if said.is_empty() => said = value_of(&frame.body),
                b'Z' => break,
                _ => {}
            }
        }
    }
    Ok(said)
}

fn ours(settings: &[(&str, &str)]) -> Result<Style, Box<dyn Error>> {
    let mut kept = Settings::default();
    for (name, value) in settings {
        kept.set(name, Some(value), SettingScope::Session)
            .map_err(|error| error.message.to_string())?;
    }
    Ok(Style::of(|name| kept.get(name)))
}

fn reset(client: &mut WireClient) -> Outcome {
    run(client, "RESET ALL").map(|_| ())
}

fn set(client: &mut WireClient, settings: &[(&str, &str)]) -> Outcome {
    for (name, value) in settings {
        run(client, &format!("SET {name} = '{value}'"))?;
    }
    Ok(())
}

fn texts(client: &mut WireClient, value: &str) -> Result<Vec<String>, Box<dyn Error>> {
    run(
        client,
        &format!("SELECT {value} FROM generate_series(0, 999) AS i ORDER BY i"),
    )
}

fn query_text(client: &mut WireClient, text: &str) -> Outcome {
    let length = u32::try_from(text.len() + 5)?.to_be_bytes();
    client.send(&[b"Q", &length[..], text.as_bytes(), b"\0"].concat())?;
    Ok(())
}

fn run(client: &mut WireClient, text: &str) -> Result<Vec<String>, Box<dyn Error>> {
    query_text(client, text)?;
    let mut rows = Vec::new();
    loop {
        let frame = client.receive()?.ok_or("PostgreSQL left")?;
        match frame.tag {
            b'D' => rows.push(value_of(&frame.body)),
            b'E' => return Err(format!("{text}: {frame}").into()),
            b'Z' => return Ok(rows),
            _ => {}
        }
    }
}

/// The only value of a DataRow: behind the count of columns and its length.
fn value_of(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[6..]).into_owned()
}
