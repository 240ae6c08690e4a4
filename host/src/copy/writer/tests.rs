//! What PostgreSQL 15 writes for the same rows.

use super::*;

fn written(format: Format, rows: &[&[Option<&str>]]) -> String {
    let mut writer = Writer::new(format, &["a", "b c", "d"]);
    let mut out = BytesMut::new();
    if let Some(line) = writer.header_line() {
        out.extend_from_slice(&line);
    }
    for row in rows {
        let fields: Vec<_> = row
            .iter()
            .map(|field| field.map(|field| Bytes::copy_from_slice(field.as_bytes())))
            .collect();
        writer.row(&fields, &mut out);
    }
    writer.trailer(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn text_is_escaped() {
    let format = |header| {
        Format::Text(Text {
            delimiter: b'|',
            null: b"\\N".to_vec(),
            default: None,
            header,
        })
    };
    assert_eq!(
        written(
            format(Header::None),
            &[&[Some("a|b\\c\td\n\u{1}"), None, Some("")]]
        ),
        "a\\|b\\\\c\\td\\n\u{1}|\\N|\n"
    );
    assert_eq!(written(format(Header::Present), &[]), "a|b c|d\n");
}

#[test]
fn csv_is_quoted_where_it_must_be() {
    let csv = Csv {
        delimiter: b',',
        null: b"nil".to_vec(),
        default: None,
        header: Header::Present,
        quote: b'"',
        escape: b'\\',
        force_quote: vec![true, false, false],
        force_not_null: Vec::new(),
        force_null: Vec::new(),
    };
    assert_eq!(
        written(
            Format::Csv(csv.clone()),
            &[
                &[Some("x"), Some("a,b"), None],
                &[None, Some("nil"), Some("q\"e\\")],
            ]
        ),
        "a,b c,d\n\"x\",\"a,b\",nil\nnil,\"nil\",\"q\\\"e\\\\\"\n"
    );
    let alone = Csv {
        header: Header::None,
        escape: b'"',
        force_quote: Vec::new(),
        ..csv
    };
    assert_eq!(written(Format::Csv(alone), &[&[Some("\\.")]]), "\"\\.\"\n");
}

#[test]
fn binary_has_a_header_and_a_trailer() {
    let written = written(Format::Binary, &[&[Some("x"), None]]);
    assert!(written.starts_with("PGCOPY\n"));
    let mut writer = Writer::new(Format::Binary, &["a"]);
    let mut out = BytesMut::new();
    writer.row(&[Some(Bytes::from_static(b"x"))], &mut out);
    writer.trailer(&mut out);
    assert_eq!(&out[..11], SIGNATURE);
    assert_eq!(&out[11..], b"\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01x\xff\xff");
}
