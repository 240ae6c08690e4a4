//! Documents, arrays and intervals, which IRIS keeps as strings: read, and written in the one way in
//! which PostgreSQL shows them. A `character` is kept without the blanks at its end.

use bytes::{BufMut, BytesMut};
use pgiris_values::array::{Array, Wrong};
use pgiris_values::json;

use super::array_wire::{Dimension, Header};
use super::kind::BPCHAR;
use super::{Format, Kind, Oid, ValueError, array, binary, decode, text};

const JSON: Oid = 114;
const JSONB: Oid = 3802;
const INT2: Oid = 21;
const OID: Oid = 26;
/// Of the catalogues alone.
const INT2VECTOR: Oid = 22;
const OIDVECTOR: Oid = 30;

/// The text of a value as it is kept; none if the type is not kept so.
///
/// # Errors
/// `bytes` is no value of the type.
pub fn kept_text(
    type_oid: Oid,
    format: Format,
    bytes: &[u8],
) -> Option<Result<String, ValueError>> {
    if matches!(type_oid, JSON | JSONB) {
        return Some(document(type_oid, format, bytes));
    }
    if type_oid == BPCHAR {
        return Some(text::utf8(bytes).map(|text| text.trim_end_matches(' ').to_owned()));
    }
    if Kind::of(type_oid) == Kind::Interval {
        let interval = decode(type_oid, format, bytes);
        return Some(interval.map(|interval| interval.to_string()));
    }
    let element = array::element_of(type_oid)?;
    Some(match format {
        Format::Text => text::utf8(bytes).and_then(|text| of_text(element, text)),
        Format::Binary => of_binary(bytes),
    })
}

fn document(type_oid: Oid, format: Format, bytes: &[u8]) -> Result<String, ValueError> {
    let bytes = match (type_oid, format) {
        // Behind the version of the format.
        (JSONB, Format::Binary) => match bytes.split_first() {
            Some((1, json)) => json,
            _ => return Err(ValueError::binary()),
        },
        _ => bytes,
    };
    let text = text::utf8(bytes)?;
    canonical(type_oid, text)
}

/// `json` keeps the text, `jsonb` the value.
fn canonical(type_oid: Oid, text: &str) -> Result<String, ValueError> {
    let canonical = json::canonical(text).ok_or_else(ValueError::json_syntax)?;
    Ok(match type_oid {
        JSONB => canonical,
        _ => text.to_owned(),
    })
}

fn of_text(element: Oid, whole: &str) -> Result<String, ValueError> {
    let mut array = Array::parse(whole).map_err(|wrong| match wrong {
        Wrong::Malformed => ValueError::array_syntax(whole),
        Wrong::Dimensions => ValueError::array_dimensions(),
        Wrong::Bounds => ValueError::array_bounds(),
    })?;
    for one in array.elements.iter_mut().flatten() {
        *one = match element {
            JSON | JSONB => canonical(element, one)?,
            _ => text::read(Kind::of(element), one)?.to_string(),
        };
    }
    Ok(array.shown())
}

/// `array_recv`
fn of_binary(bytes: &[u8]) -> Result<String, ValueError> {
    let mut rest = bytes;
    let header = Header::read(&mut rest)?;
    if header.is_too_deep {
        return Err(ValueError::array_dimensions());
    }
    let is_shifted = |one: &Dimension| one.lower_bound != 1 && one.length > 0;
    if header.dimensions.iter().any(is_shifted) {
        return Err(ValueError::array_bounds());
    }
    let mut elements = Vec::new();
    header.elements(rest, |value| {
        elements.push(value.map(|value| value.to_string()));
        Ok(())
    })?;
    let lengths = header.dimensions.iter().map(|one| one.length).collect();
    Ok(Array { lengths, elements }.shown())
}

/// `array_send`: the binary form of an array's text; none if the type is no array that is known.
///
/// # Errors
/// The text is no array of that type.
pub(super) fn write_array(
    type_oid: Oid,
    text: &str,
    buffer: &mut BytesMut,
) -> Option<Result<(), ValueError>> {
    match type_oid {
        INT2VECTOR => return Some(write_vector(INT2, text, buffer)),
        OIDVECTOR => return Some(write_vector(OID, text, buffer)),
        _ => {}
    }
    let element = array::element_of(type_oid)?;
    Some(write(element, text, buffer))
}

/// Numbers with spaces between them, which are an array that begins at 0 in binary.
fn write_vector(element: Oid, text: &str, buffer: &mut BytesMut) -> Result<(), ValueError> {
    let kind = Kind::of(element);
    let numbers = text.split_ascii_whitespace();
    let numbers: Vec<_> = numbers
        .map(|number| text::read(kind, number))
        .collect::<Result<_, _>>()?;
    let count = i32::try_from(numbers.len()).map_err(|_| ValueError::binary())?;
    // One dimension without a NULL; how many; from 0.
    buffer.put_i32(1);
    buffer.put_i32(0);
    buffer.put_u32(element);
    buffer.put_i32(count);
    buffer.put_i32(0);
    for number in &numbers {
        buffer.put_i32(if element == INT2 { 2 } else { 4 });
        binary::write(number, kind, super::Shown::AtLeast(0), buffer)?;
    }
    Ok(())
}

fn write(element: Oid, whole: &str, buffer: &mut BytesMut) -> Result<(), ValueError> {
    let array = array::parsed(whole)?;
    let word = |length: usize| i32::try_from(length).map_err(|_| ValueError::binary());
    buffer.put_i32(word(array.lengths.len())?);
    buffer.put_i32(i32::from(array.elements.contains(&None)));
    buffer.put_u32(element);
    for length in &array.lengths {
        buffer.put_i32(word(*length)?);
        buffer.put_i32(1);
    }
    let kind = Kind::of(element);
    for one in &array.elements {
        let Some(one) = one else {
            buffer.put_i32(-1);
            continue;
        };
        let start = buffer.len();
        buffer.put_i32(0);
        binary::write(
            &text::read(kind, one)?,
            kind,
            super::Shown::AtLeast(0),
            buffer,
        )?;
        let length = word(buffer.len() - start - 4)?;
        buffer[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(type_oid: Oid, format: Format, bytes: &[u8]) -> Result<String, &'static str> {
        let kept = kept_text(type_oid, format, bytes).expect("a type that is kept");
        kept.map_err(|error| error.sqlstate())
    }

    #[test]
    fn documents_and_arrays_are_kept_as_postgresql_shows_them() {
        for (type_oid, text, expected) in [
            (
                JSONB,
                r#"{"b":1,"a":[1,2],"b":2}"#,
                Ok(r#"{"a": [1, 2], "b": 2}"#),
            ),
            (JSON, "{ \"b\":1 }", Ok("{ \"b\":1 }")),
            (JSON, "{b}", Err("22P02")),
            (JSONB, "", Err("22P02")),
            (1007, "{ 1, +2,NULL }", Ok("{1,2,NULL}")),
            (1007, "{{1,2},{3,4}}", Ok("{{1,2},{3,4}}")),
            (1007, "{1,x}", Err("22P02")),
            (1007, "1", Err("22P02")),
            (1007, "{99999999999}", Err("22003")),
            (1007, "[2:3]={1,2}", Err("0A000")),
            (1009, r#"{a b,"",NULL}"#, Ok(r#"{"a b","",NULL}"#)),
            (1000, "{yes,f}", Ok("{t,f}")),
            (1231, "{1.50}", Ok("{1.50}")),
            (3807, r#"{"{\"b\":1}"}"#, Ok(r#"{"{\"b\": 1}"}"#)),
        ] {
            let kept = kept(type_oid, Format::Text, text.as_bytes());
            assert_eq!(kept.as_deref(), expected.as_ref().copied(), "{text}");
        }
        assert_eq!(
            kept(JSONB, Format::Binary, b"\x01{\"b\":1}").as_deref(),
            Ok("{\"b\": 1}")
        );
        assert!(kept_text(25, Format::Text, b"x").is_none());
        for format in [Format::Text, Format::Binary] {
            let kept = kept_text(1042, format, b" a  ").unwrap();
            assert_eq!(kept.unwrap(), " a");
        }
    }

    #[test]
    fn vectors_of_the_catalogues_begin_at_0() {
        let mut buffer = BytesMut::new();
        assert_eq!(write_array(INT2VECTOR, "1 -2", &mut buffer), Some(Ok(())));
        let expected = [
            &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 0][..],
            &[0, 0, 0, 2, 0, 1, 0, 0, 0, 2, 0xff, 0xfe],
        ];
        assert_eq!(buffer, expected.concat());
        let mut buffer = BytesMut::new();
        assert_eq!(write_array(OIDVECTOR, "", &mut buffer), Some(Ok(())));
        assert_eq!(buffer[8..], [0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn the_binary_form_leads_back_to_the_text() {
        for (type_oid, text) in [
            (1007, "{1,2,NULL}"),
            (1007, "{}"),
            (1007, "{{1,2},{3,4}}"),
            (1009, r#"{"a b",c,""}"#),
            (1000, "{t,f}"),
        ] {
            let mut buffer = BytesMut::new();
            let written = write_array(type_oid, text, &mut buffer);
            assert_eq!(written, Some(Ok(())));
            let kept = kept(type_oid, Format::Binary, &buffer);
            assert_eq!(kept.as_deref(), Ok(text));
            for end in 0..buffer.len() {
                let cut = kept_text(type_oid, Format::Binary, &buffer[..end]);
                assert!(cut.is_some_and(|kept| kept.is_err()), "{text} {end}");
            }
        }
    }
}
