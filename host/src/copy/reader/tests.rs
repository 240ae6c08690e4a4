//! What PostgreSQL 15 makes of the same data.

use super::*;
use crate::copy::{Csv, Text};

fn text_format() -> Format {
    Format::Text(Text {
        delimiter: b'\t',
        null: b"\\N".to_vec(),
        default: None,
        header: Header::None,
    })
}

fn csv() -> Csv {
    Csv {
        delimiter: b',',
        null: Vec::new(),
        default: None,
        header: Header::None,
        quote: b'"',
        escape: b'"',
        force_quote: Vec::new(),
        force_not_null: Vec::new(),
        force_null: Vec::new(),
    }
}

type Rows = Vec<Vec<Option<String>>>;

/// The rows, or the error as `SQLSTATE line: message`.
fn read(format: &Format, columns: usize, data: &[u8], piece: usize) -> Result<Rows, String> {
    let names = ["a", "b", "c"][..columns]
        .iter()
        .map(|name| (*name).to_owned());
    let mut reader = Reader::new(format.clone(), names.collect());
    let mut rows = Vec::new();
    let mut pieces = data.chunks(piece);
    loop {
        match reader.next() {
            Ok(Some(row)) => {
                let field = |field: &Option<Bytes>| {
                    field
                        .as_ref()
                        .map(|field| String::from_utf8_lossy(field).into_owned())
                };
                rows.push(row.fields.iter().map(field).collect());
            }
            Ok(None) => match pieces.next() {
                Some(piece) => reader.feed(piece),
                None if reader.waiting() == 0 => return Ok(rows),
                None => {
                    reader.finish();
                    while let Some(row) = reader.next().map_err(|error| shown(&error))? {
                        let field = |field: &Option<Bytes>| {
                            field
                                .as_ref()
                                .map(|field| String::from_utf8_lossy(field).into_owned())
                        };
                        rows.push(row.fields.iter().map(field).collect());
                    }
                    return Ok(rows);
                }
            },
            Err(error) => return Err(shown(&error)),
        }
    }
}

fn shown(error: &CopyError) -> String {
    format!("{} {}: {}", error.sqlstate, error.line, error.message)
}

/// The same in pieces of every size that may cut something.
fn check(format: &Format, columns: usize, data: &[u8], expected: Result<&[&[Option<&str>]], &str>) {
    for piece in [1, 2, 3, 5, 1000] {
        let found = read(format, columns, data, piece);
        let expected: Result<Rows, String> = match expected {
            Ok(rows) => Ok(rows
                .iter()
                .map(|row| row.iter().map(|field| field.map(str::to_owned)).collect())
                .collect()),
            Err(error) => Err(error.to_owned()),
        };
        assert_eq!(
            found,
            expected,
            "{:?} in pieces of {piece}",
            String::from_utf8_lossy(data)
        );
    }
}

#[test]
fn text_lines_fields_and_escapes() {
    let format = text_format();
    check(
        &format,
        2,
        b"1\tx\n2\t\\N\n",
        Ok(&[&[Some("1"), Some("x")], &[Some("2"), None]]),
    );
    check(
        &format,
        2,
        b"1\t\r\n2\ty",
        Ok(&[&[Some("1"), Some("")], &[Some("2"), Some("y")]]),
    );
    check(
        &format,
        1,
        b"a\\tb\\\\c\\n\\101\\x4a\\.x\\q\n",
        Err("22P04 1: end-of-copy marker corrupt"),
    );
    check(
        &format,
        1,
        b"a\\tb\\\\c\\n\\101\\x4A\\q\\x\n",
        Ok(&[&[Some("a\tb\\c\nAJqx")]]),
    );
    check(&format, 1, b"a\\\nb\n", Ok(&[&[Some("a\nb")]]));
    check(
        &format,
        2,
        b"a\\\tb\tc\n",
        Ok(&[&[Some("a\tb"), Some("c")]]),
    );
    check(&format, 1, b"a\n\\.\nrubbish \\. \n", Ok(&[&[Some("a")]]));
    check(&format, 1, b"\n\n", Ok(&[&[Some("")], &[Some("")]]));
    check(&format, 1, b"", Ok(&[]));
    check(&format, 1, b"\\\\N\n", Ok(&[&[Some("\\N")]]));
}

#[test]
fn text_that_is_wrong() {
    let format = text_format();
    check(
        &format,
        2,
        b"1\n",
        Err("22P04 1: missing data for column \"b\""),
    );
    check(
        &format,
        2,
        b"1\t2\n1\t2\t3\n",
        Err("22P04 2: extra data after last expected column"),
    );
    check(
        &format,
        1,
        b"a\nb\r\n",
        Err("22P04 2: literal carriage return found in data"),
    );
    check(
        &format,
        1,
        b"a\r\nb\n",
        Err("22P04 2: literal newline found in data"),
    );
    check(
        &format,
        1,
        b"a\n\xff\n",
        Err("22021 2: invalid byte sequence for encoding \"UTF8\": 0xff"),
    );
    check(
        &format,
        1,
        b"\\000\n",
        Err("22021 1: invalid byte sequence for encoding \"UTF8\": 0x00"),
    );
}

#[test]
fn csv_lines_fields_and_quotes() {
    let format = Format::Csv(csv());
    check(
        &format,
        3,
        b"1,\"a,b\",\n,\"\",\"x\"\"y\"\n",
        Ok(&[
            &[Some("1"), Some("a,b"), None],
            &[None, Some(""), Some("x\"y")],
        ]),
    );
    check(
        &format,
        2,
        b"\"a\nb\",c\"d\"e\nx,y\n",
        Ok(&[&[Some("a\nb"), Some("cde")], &[Some("x"), Some("y")]]),
    );
    check(
        &format,
        2,
        b"a,b\r\n\"c\r\nd\",e\r\n",
        Ok(&[&[Some("a"), Some("b")], &[Some("c\r\nd"), Some("e")]]),
    );
    check(&format, 1, b"a\n\\.\nb\n", Ok(&[&[Some("a")]]));
    check(
        &format,
        1,
        b"\\.x\n\"\\.\"\n",
        Ok(&[&[Some("\\.x")], &[Some("\\.")]]),
    );
    check(&format, 1, b"\n", Ok(&[&[None]]));
    let escaped = Format::Csv(Csv {
        escape: b'\\',
        quote: b'\'',
        delimiter: b';',
        null: b"nil".to_vec(),
        ..csv()
    });
    check(
        &escaped,
        3,
        b"'a\\'b\\\\';nil;'nil'\n",
        Ok(&[&[Some("a'b\\"), None, Some("nil")]]),
    );
}

#[test]
fn csv_that_is_wrong() {
    let format = Format::Csv(csv());
    check(
        &format,
        1,
        b"x\n\"a\nb",
        Err("22P04 3: unterminated CSV quoted field"),
    );
    check(
        &format,
        1,
        b"a\nb\r\n",
        Err("22P04 2: unquoted carriage return found in data"),
    );
}

#[test]
fn csv_forces() {
    let format = Format::Csv(Csv {
        force_not_null: vec![true, false, false],
        force_null: vec![false, true, false],
        ..csv()
    });
    check(
        &format,
        3,
        b",\"\",\"\"\n",
        Ok(&[&[Some(""), None, Some("")]]),
    );
}

#[test]
fn headers_are_skipped_or_compared() {
    let with = |header| Format::Csv(Csv { header, ..csv() });
    check(
        &with(Header::Present),
        2,
        b"x\n1,2\n",
        Ok(&[&[Some("1"), Some("2")]]),
    );
    check(
        &with(Header::Matching),
        2,
        b"a,b\n1,2\n",
        Ok(&[&[Some("1"), Some("2")]]),
    );
    check(
        &with(Header::Matching),
        2,
        b"a\n",
        Err("22P04 1: wrong number of fields in header line: field count is 1, expected 2"),
    );
    check(
        &with(Header::Matching),
        2,
        b"a,c\n",
        Err("22P04 1: column name mismatch in header line field 2: got \"c\", expected \"b\""),
    );
}

#[test]
fn binary_rows() {
    let header = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\x02ab";
    let row = b"\0\x02\0\0\0\x01x\xff\xff\xff\xff";
    let with = |rest: &[u8]| [&header[..], rest].concat();
    let check = |data: &[u8], expected| check(&Format::Binary, 2, data, expected);
    check(
        &with(&[&row[..], b"\xff\xff"].concat()),
        Ok(&[&[Some("x"), None]]),
    );
    check(&with(&row[..]), Ok(&[&[Some("x"), None]]));
    check(
        b"PGCOPX\n\xff\r\n\0",
        Err("22P04 0: COPY file signature not recognized"),
    );
    check(
        &with(b"\0\x01"),
        Err("22P04 1: row field count is 1, expected 2"),
    );
    check(
        &with(&row[..8]),
        Err("22P04 1: unexpected EOF in COPY data"),
    );
    check(
        &with(b"\xff\xffx"),
        Err("22P04 1: received copy data after EOF marker"),
    );
}
