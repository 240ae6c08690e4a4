use bytes::BytesMut;

use super::*;

const BOOL: Oid = 16;
const BYTEA: Oid = 17;
const CHAR: Oid = 18;
const INT8: Oid = 20;
const INT2: Oid = 21;
const INT4: Oid = 23;
const TEXT: Oid = 25;
const OID: Oid = 26;
const FLOAT4: Oid = 700;
const FLOAT8: Oid = 701;
const INT4_ARRAY: Oid = 1007;
const DATE: Oid = 1082;
const TIME: Oid = 1083;
const TIMESTAMP: Oid = 1114;
const TIMESTAMPTZ: Oid = 1184;
const NUMERIC: Oid = 1700;
const UUID: Oid = 2950;
const JSONB: Oid = 3802;

fn read(type_oid: Oid, text: &str) -> Result<Scalar<'_>, ValueError> {
    decode(type_oid, Format::Text, text.as_bytes())
}

fn written(value: &Scalar<'_>, type_oid: Oid, format: Format) -> Result<Vec<u8>, ValueError> {
    let mut buffer = BytesMut::new();
    encode(value, type_oid, -1, format, &mut buffer)?;
    Ok(buffer.to_vec())
}

/// Reads text, and writes it back by way of the binary format.
fn round_trip(type_oid: Oid, text: &str) -> String {
    let value = read(type_oid, text).unwrap();
    let binary = written(&value, type_oid, Format::Binary).unwrap();
    let value = decode(type_oid, Format::Binary, &binary).unwrap();
    String::from_utf8(written(&value, type_oid, Format::Text).unwrap()).unwrap()
}

fn as_text(value: &Scalar<'_>, type_oid: Oid) -> String {
    String::from_utf8(written(value, type_oid, Format::Text).unwrap()).unwrap()
}

fn error(type_oid: Oid, text: &str) -> String {
    let error = read(type_oid, text).unwrap_err();
    format!("{} {error}", error.sqlstate())
}

/// What PostgreSQL 15 prints for each text; `tests/value_postgres.rs` asks it itself.
#[test]
fn text_survives_the_binary_format_as_postgresql_prints_it() {
    for (type_oid, text, printed) in [
        (BOOL, "tru", "t"),
        (BOOL, " off ", "f"),
        (INT2, "-32768", "-32768"),
        (INT4, " +12 ", "12"),
        (INT8, "9223372036854775807", "9223372036854775807"),
        (OID, "-1", "4294967295"),
        (FLOAT4, "1234567", "1.234567e+06"),
        (FLOAT8, "1e20", "1e+20"),
        (FLOAT8, "-0", "-0"),
        (FLOAT8, "inf", "Infinity"),
        (FLOAT8, "nan", "NaN"),
        (FLOAT8, "1e23", "9.999999999999999e+22"),
        (FLOAT8, "123456.789", "123456.789"),
        (NUMERIC, " -1.50e2 ", "-150"),
        (NUMERIC, ".5", "0.5"),
        (NUMERIC, "5.", "5"),
        (NUMERIC, "-0.0", "0.0"),
        (NUMERIC, "1e-7", "0.0000001"),
        (NUMERIC, "100000000", "100000000"),
        (NUMERIC, "12345678.90", "12345678.90"),
        (NUMERIC, "0.00012345", "0.00012345"),
        (TEXT, "grün", "grün"),
        (CHAR, "abc", "a"),
        (CHAR, "", ""),
        (JSONB, "{\"a\": 1}", "{\"a\": 1}"),
        (BYTEA, "\\x00 FF", "\\x00ff"),
        (BYTEA, "a\\\\b\\001", "\\x615c6201"),
        (DATE, "1840-12-31", "1840-12-31"),
        (DATE, "20240229", "2024-02-29"),
        (TIME, "12:34:56.1234567", "12:34:56.123457"),
        (TIME, "23:59", "23:59:00"),
        (
            TIMESTAMP,
            "2024-01-01T10:00:00.500",
            "2024-01-01 10:00:00.5",
        ),
        (TIMESTAMP, "2024-01-01 24:00:00", "2024-01-02 00:00:00"),
        (
            TIMESTAMP,
            "1999-12-31 23:59:59.999999",
            "1999-12-31 23:59:59.999999",
        ),
        (TIMESTAMP, "2024-01-01 10:00:00+05", "2024-01-01 10:00:00"),
        (
            TIMESTAMPTZ,
            "2024-01-01 10:00:00+05:30",
            "2024-01-01 04:30:00+00",
        ),
        (
            TIMESTAMPTZ,
            "2024-01-01T10:00:00Z",
            "2024-01-01 10:00:00+00",
        ),
        (
            UUID,
            "{A0EEBC99-9c0b4ef8-bb6d6bb9bd380a11}",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
    ] {
        assert_eq!(round_trip(type_oid, text), printed, "{text}");
    }
}

#[test]
fn bad_text_is_refused_with_the_code_and_words_of_postgresql() {
    for (type_oid, text, expected) in [
        (
            INT4,
            "abc",
            "22P02 invalid input syntax for type integer: \"abc\"",
        ),
        (
            INT2,
            "32768",
            "22003 value \"32768\" is out of range for type smallint",
        ),
        (
            BOOL,
            "o",
            "22P02 invalid input syntax for type boolean: \"o\"",
        ),
        (
            NUMERIC,
            "1.2.3",
            "22P02 invalid input syntax for type numeric: \"1.2.3\"",
        ),
        (NUMERIC, "1e200000", "22003 value overflows numeric format"),
        (
            NUMERIC,
            "1e99999999999999999999",
            "22003 value overflows numeric format",
        ),
        (
            NUMERIC,
            "NaN",
            "22003 numeric value \"NaN\" is not supported",
        ),
        (
            FLOAT8,
            "1e400",
            "22003 \"1e400\" is out of range for type double precision",
        ),
        (
            FLOAT4,
            "1e-60",
            "22003 \"1e-60\" is out of range for type real",
        ),
        (
            DATE,
            "yesterdayish",
            "22007 invalid input syntax for type date: \"yesterdayish\"",
        ),
        (
            DATE,
            "2024-02-30",
            "22008 date/time field value out of range: \"2024-02-30\"",
        ),
        (DATE, "infinity", "22008 date out of range: \"infinity\""),
        (
            DATE,
            "0044-03-15 BC",
            "22008 date out of range: \"0044-03-15 BC\"",
        ),
        (
            TIMESTAMP,
            "10000-01-01",
            "22008 timestamp out of range: \"10000-01-01\"",
        ),
        (
            TIME,
            "25:00",
            "22008 date/time field value out of range: \"25:00\"",
        ),
        (
            UUID,
            "zz",
            "22P02 invalid input syntax for type uuid: \"zz\"",
        ),
        (
            BYTEA,
            "\\x1",
            "22023 invalid hexadecimal data: odd number of digits",
        ),
        (BYTEA, "\\xZZ", "22023 invalid hexadecimal digit: \"Z\""),
        (
            TEXT,
            "a\0b",
            "22021 invalid byte sequence for encoding \"UTF8\": 0x00",
        ),
    ] {
        assert_eq!(error(type_oid, text), expected);
    }
}

#[test]
fn bad_binary_is_refused() {
    for (type_oid, bytes, sqlstate) in [
        (INT4, &b"\0\0\0"[..], "08P01"),
        (INT4, b"\0\0\0\0\0", "22P03"),
        (BOOL, b"", "08P01"),
        (BOOL, b"\0\0", "22P03"),
        (NUMERIC, b"\0\x01\0\0\0\0\0\0", "08P01"),
        (NUMERIC, b"\0\0\0\0\0\0\0\0\0", "22P03"),
        (NUMERIC, b"\0\x01\0\0\0\0\0\0\x27\x10", "22P03"),
        (NUMERIC, b"\0\0\0\0\xC0\0\0\0", "22003"),
        (DATE, b"\x7f\xff\xff\xff", "22008"),
        (TIMESTAMP, b"\x7f\xff\xff\xff\xff\xff\xff\xff", "22008"),
        (TIMESTAMP, b"\x80\0\0\0\0\0\0\0", "22008"),
        (JSONB, b"\x02{}", "22P03"),
        (TEXT, b"\xff", "22021"),
        (INT4_ARRAY, b"", "42883"),
    ] {
        assert_eq!(
            decode(type_oid, Format::Binary, bytes)
                .unwrap_err()
                .sqlstate(),
            sqlstate,
            "{bytes:?}"
        );
    }
}

#[test]
fn numeric_is_padded_to_the_scale_of_its_modifier_and_never_cut() {
    let modifier = ((10 << 16) | 2) + 4;
    for (text, printed) in [
        ("1", "1.00"),
        ("0", "0.00"),
        ("-1.5", "-1.50"),
        ("0.125", "0.125"),
    ] {
        let value = read(NUMERIC, text).unwrap();
        for format in [Format::Text, Format::Binary] {
            let mut bytes = BytesMut::new();
            encode(&value, NUMERIC, modifier, format, &mut bytes).unwrap();
            assert_eq!(
                as_text(&decode(NUMERIC, format, &bytes).unwrap(), NUMERIC),
                printed
            );
        }
    }
}

#[test]
fn a_value_is_converted_to_the_announced_type() {
    assert_eq!(as_text(&Scalar::Int(1), BOOL), "t");
    assert_eq!(as_text(&Scalar::Bool(true), TEXT), "true");
    assert_eq!(as_text(&Scalar::Int(42), NUMERIC), "42");
    assert_eq!(as_text(&Scalar::Text("12.50".into()), NUMERIC), "12.50");
    assert_eq!(as_text(&Scalar::Text("7".into()), INT4), "7");
    assert_eq!(as_text(&read(NUMERIC, "2.5").unwrap(), INT4), "3");
    assert_eq!(as_text(&Scalar::Double(2.5), INT4), "2");
    assert_eq!(as_text(&Scalar::Double(0.1), NUMERIC), "0.1");
    assert_eq!(
        as_text(&read(DATE, "2024-01-01").unwrap(), TIMESTAMPTZ),
        "2024-01-01 00:00:00+00"
    );
    assert_eq!(as_text(&read(NUMERIC, "1.25").unwrap(), FLOAT8), "1.25");
    assert_eq!(
        written(&Scalar::Int(1), INT2, Format::Binary).unwrap(),
        [0, 1]
    );
}

#[test]
fn a_value_that_does_not_fit_the_announced_type_is_refused() {
    let too_large = written(&Scalar::Int(40_000), INT2, Format::Binary).unwrap_err();
    assert_eq!(
        (too_large.sqlstate(), too_large.to_string().as_str()),
        ("22003", "smallint out of range")
    );
    let no_cast = written(&Scalar::Bool(true), DATE, Format::Text).unwrap_err();
    assert_eq!(
        (no_cast.sqlstate(), no_cast.to_string().as_str()),
        ("42846", "cannot cast type boolean to date")
    );
}

#[test]
fn transcoding_to_text_copies_and_to_binary_reads() {
    let mut buffer = BytesMut::new();
    transcode("anything", INT4, -1, Format::Text, &mut buffer).unwrap();
    assert_eq!(&buffer[..], b"anything");
    buffer.clear();
    transcode("258", INT4, -1, Format::Binary, &mut buffer).unwrap();
    assert_eq!(&buffer[..], [0, 0, 1, 2]);
}

/// `pg_typeof` gives a name, the catalogue a number where the client reads binary.
#[test]
fn a_name_of_an_object_is_text_and_its_oid_binary() {
    const REGTYPE: Oid = 2206;
    let name = read(REGTYPE, "integer").unwrap();
    let converted = convert(&name, Kind::of(REGTYPE)).unwrap();
    assert_eq!(as_text(&converted, REGTYPE), "integer");
    assert_eq!(
        written(&converted, REGTYPE, Format::Binary),
        Ok(vec![0, 0, 0, 23])
    );
    let array = read(REGTYPE, "text[]").unwrap();
    assert_eq!(
        written(&array, REGTYPE, Format::Binary),
        Ok(vec![0, 0, 3, 241])
    );
    const REGCLASS: Oid = 2205;
    let name = read(REGCLASS, "integer").unwrap();
    let refused = written(&name, REGCLASS, Format::Binary).unwrap_err();
    assert_eq!(refused.sqlstate(), "42883");
    let number = read(REGTYPE, "23").unwrap();
    let binary = written(&number, REGTYPE, Format::Binary);
    assert_eq!(binary, Ok(vec![0, 0, 0, 23]));
}

#[test]
fn nanoseconds_are_rounded_to_what_postgresql_keeps() {
    let moment = civil::date(1999, 12, 31).at(23, 59, 59, 999_999_600);
    assert_eq!(
        as_text(&Scalar::Timestamp(moment), TIMESTAMP),
        "2000-01-01 00:00:00"
    );
    let early = civil::date(1970, 1, 1).at(0, 0, 0, 1_500);
    assert_eq!(
        as_text(&Scalar::Timestamp(early), TIMESTAMP),
        "1970-01-01 00:00:00.000002"
    );
    let last = civil::time(23, 59, 59, 999_999_999);
    assert_eq!(as_text(&Scalar::Time(last), TIME), "23:59:59.999999");
}
