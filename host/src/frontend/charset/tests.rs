use bytes::{Bytes, BytesMut};
use pgiris_tests::Postgres;

use super::*;

/// Every byte of every set, as a real PostgreSQL reads it, and back.
#[tokio::test(flavor = "multi_thread")]
async fn every_byte_is_the_character_that_postgresql_takes_it_for() {
    let postgres = Postgres::start().expect("PostgreSQL is installed");
    let (client, connection) = tokio_postgres::connect(&postgres.url(), tokio_postgres::NoTls)
        .await
        .expect("it accepts");
    tokio::spawn(connection);
    let mut wrong = Vec::new();
    for (name, _) in SOURCES {
        let charset = Charset::of(name).expect("it is in the list");
        for byte in 0x80..=0xff_u8 {
            let query = format!("SELECT convert_from('\\x{byte:02x}'::bytea, '{name}')");
            let expected = match client.query_one(&query, &[]).await {
                Ok(row) => Ok(row.get::<_, String>(0)),
                Err(error) => {
                    let error = error.as_db_error().expect("it answers");
                    Err((error.code().code().to_owned(), error.message().to_owned()))
                }
            };
            let found = match charset.decoded(&Bytes::copy_from_slice(&[byte])) {
                Ok(found) => {
                    let mut back = BytesMut::new();
                    charset
                        .encode(&found, &mut back)
                        .expect("it came from there");
                    assert_eq!(back[..], [byte], "{name}");
                    Ok(String::from_utf8(found.to_vec()).expect("it is UTF-8"))
                }
                Err(error) => Err((error.sqlstate().to_owned(), error.to_string())),
            };
            if expected != found {
                wrong.push(format!("{name} {byte:02x}: {expected:?}, not {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_in_the_set_is_named() {
    let charset = Charset::of("LATIN1").expect("it is in the list");
    let mut out = BytesMut::new();
    let refused = charset.encode("a€".as_bytes(), &mut out).unwrap_err();
    assert_eq!(refused.sqlstate(), "22P05");
    assert_eq!(
        refused.to_string(),
        "character with byte sequence 0xe2 0x82 0xac in encoding \"UTF8\" has no equivalent in \
         encoding \"LATIN1\""
    );
    assert!(Charset::of("UTF8").is_none() && Charset::of("SQL_ASCII").is_none());
}

#[test]
fn texts_in_replies_are_recoded_and_the_rest_stays() {
    let charset = Charset::of("LATIN1").expect("it is in the list");
    let mut replies = BytesMut::new();
    crate::frontend::reply::parameter_status(&mut replies, "application_name", "é€");
    let row = b"D\0\0\0\x0b\0\x01\0\0\0\x01\xe9".as_slice();
    replies.extend_from_slice(row);
    let recoded = recoded(&replies, &charset);
    let expected = [b"S\0\0\0\x18application_name\0\xe9?\0".as_slice(), row].concat();
    assert_eq!(recoded[..], expected[..]);
}

#[test]
fn names_are_those_of_postgresql() {
    for (name, expected) in [
        ("ISO-8859-1", Some(Name::Known("LATIN1"))),
        ("'utf-8'", Some(Name::Known("UTF8"))),
        ("Windows-1252", Some(Name::Known("WIN1252"))),
        ("Shift_JIS", Some(Name::NotConverted("SJIS"))),
        ("klingon", None),
    ] {
        assert_eq!(named(name), expected, "{name}");
    }
}
