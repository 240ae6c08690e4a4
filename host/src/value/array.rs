//! Arrays, as IRIS gets them: it has none, but can look a value up in a string.
//!
//! PostgreSQL manual, "Array Input and Output Syntax"; the binary form is that of
//! `array_recv` (`src/backend/utils/adt/arrayfuncs.c`).

use std::borrow::Cow;
use std::fmt::Write;

use pgiris_values::array::{Array, element};

use super::array_wire::Header;
use super::{Format, Kind, Oid, Scalar, ValueError, text};

/// Between two elements.
const SEPARATOR: char = '\u{1}';
/// The element that is NULL.
const NULL: char = '\u{2}';
/// The whole of an array without elements.
const NOTHING: char = '\u{3}';
/// The element that is an empty string.
const EMPTY: char = '\u{4}';

/// Array types and those of their elements, as in `pg_type.dat`.
const TYPES: &[(Oid, Oid)] = &[
    (1000, 16),
    (1001, 17),
    (1002, 18),
    (1003, 19),
    (1005, 21),
    (1007, 23),
    (1008, 24),
    (1009, 25),
    (1014, 1042),
    (1015, 1043),
    (1016, 20),
    (1021, 700),
    (1022, 701),
    (1028, 26),
    (1115, 1114),
    (1182, 1082),
    (1183, 1083),
    (1185, 1184),
    (1231, 1700),
    (2207, 2202),
    (2208, 2203),
    (2209, 2204),
    (2210, 2205),
    (2211, 2206),
    (2951, 2950),
    (199, 114),
    (3807, 3802),
];

/// The type of an array's elements; none if it is no array that is known.
pub(super) fn element_of(type_oid: Oid) -> Option<Oid> {
    let known = TYPES.iter().find(|(array, _)| *array == type_oid);
    known.map(|(_, element)| *element)
}

/// What a text says.
///
/// # Errors
/// 22P02: it is no array.
pub(super) fn parsed(whole: &str) -> Result<Array, ValueError> {
    Array::parse(whole).map_err(|_| ValueError::array_syntax(whole))
}

/// The type of arrays of such elements.
pub(super) fn array_of(element: Oid) -> Option<Oid> {
    let known = TYPES.iter().find(|(_, known)| *known == element);
    known.map(|(array, _)| *array)
}

/// The elements of an array as one string, all dimensions in a row: in PostgreSQL's
/// text form, numbers without needless zeros and booleans as 1 and 0, with U+0001
/// between them. U+0002 stands for NULL, U+0004 for the empty string, and U+0003 for
/// the array without elements.
///
/// # Errors
/// `bytes` is no array of that type, or an element contains one of these characters.
pub fn elements(type_oid: Oid, format: Format, bytes: &[u8]) -> Result<String, ValueError> {
    let mut list = List::default();
    match format {
        Format::Text => of_text(kind_of_elements(type_oid), text::utf8(bytes)?, &mut list)?,
        Format::Binary => of_binary(bytes, &mut list)?,
    }
    Ok(list.finished())
}

/// What an array that is no known type has: strings, as PostgreSQL would take it.
fn kind_of_elements(type_oid: Oid) -> Kind {
    element_of(type_oid).map_or(Kind::Text, Kind::of)
}

#[derive(Default)]
struct List {
    written: String,
    count: usize,
}

impl List {
    fn add(&mut self, element: Option<&Scalar<'_>>) -> Result<(), ValueError> {
        if self.count > 0 {
            self.written.push(SEPARATOR);
        }
        self.count += 1;
        let Some(element) = element else {
            self.written.push(NULL);
            return Ok(());
        };
        let start = self.written.len();
        match element {
            Scalar::Bool(value) => self.written.push(if *value { '1' } else { '0' }),
            Scalar::Numeric(value) => self.written.push_str(&canonical(&value.to_plain_string())),
            Scalar::Float(_) | Scalar::Double(_) | Scalar::Bytes(_) => {
                return Err(ValueError::array_elements());
            }
            other => {
                write!(self.written, "{other}").expect("writing to memory does not fail");
            }
        }
        let added = &self.written[start..];
        if added.is_empty() {
            self.written.push(EMPTY);
        } else if added.contains(|c| matches!(c, SEPARATOR | NULL | NOTHING | EMPTY)) {
            return Err(ValueError::array_character());
        }
        Ok(())
    }

    fn finished(self) -> String {
        match self.count {
            0 => NOTHING.to_string(),
            _ => self.written,
        }
    }
}

/// A number as IRIS writes it: without zeros that say nothing.
fn canonical(number: &str) -> Cow<'_, str> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    match (whole, fraction) {
        ("", "") => "0".into(),
        (whole, "") => format!("{sign}{whole}").into(),
        (whole, fraction) => format!("{sign}{whole}.{fraction}").into(),
    }
}

fn of_binary(bytes: &[u8], list: &mut List) -> Result<(), ValueError> {
    let mut rest = bytes;
    let header = Header::read(&mut rest)?;
    if header.is_too_deep {
        return Err(ValueError::binary());
    }
    header.elements(rest, |value| list.add(value.as_ref()))
}

/// What may stand next in an array's text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// An element or a brace.
    Item,
    /// The end of the array as well, because it has no element so far.
    ItemOrEnd,
    /// A comma or a closing brace.
    Delimiter,
}

fn of_text(kind: Kind, whole: &str, list: &mut List) -> Result<(), ValueError> {
    let malformed = || ValueError::array_syntax(whole);
    let mut body = text::trimmed(whole);
    if body.starts_with('[') {
        // Bounds of the subscripts.
        body = text::trimmed(body.split_once('=').ok_or_else(malformed)?.1);
    }
    let body = body.strip_prefix('{').ok_or_else(malformed)?;
    let mut characters = body.chars().peekable();
    let (mut depth, mut next) = (1_usize, Next::ItemOrEnd);
    while depth > 0 {
        let Some(&character) = characters.peek() else {
            return Err(malformed());
        };
        match character {
            _ if text::trimmed(character.encode_utf8(&mut [0; 4])).is_empty() => {
                characters.next();
            }
            '}' if next != Next::Item => {
                characters.next();
                depth -= 1;
                next = Next::Delimiter;
            }
            ',' if next == Next::Delimiter => {
                characters.next();
                next = Next::Item;
            }
            _ if next == Next::Delimiter => return Err(malformed()),
            '{' => {
                characters.next();
                depth += 1;
                next = Next::ItemOrEnd;
            }
            _ => {
                match element(&mut characters).ok_or_else(malformed)? {
                    None => list.add(None)?,
                    Some(element) => list.add(Some(&text::read(kind, &element)?))?,
                }
                next = Next::Delimiter;
            }
        }
    }
    match characters.next() {
        None => Ok(()),
        Some(_) => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(type_oid: Oid, array: &str) -> Result<String, &'static str> {
        elements(type_oid, Format::Text, array.as_bytes()).map_err(|error| error.sqlstate())
    }

    #[test]
    fn text_is_read_as_array_in_reads_it() {
        for (type_oid, array, expected) in [
            (1007, "{1, 2 ,-3}", Ok("1\u{1}2\u{1}-3")),
            (1007, "{}", Ok("\u{3}")),
            (1007, " { } ", Ok("\u{3}")),
            (1007, "{1,null}", Ok("1\u{1}\u{2}")),
            (1007, "{{1,2},{3,4}}", Ok("1\u{1}2\u{1}3\u{1}4")),
            (1007, "[0:1]={1,2}", Ok("1\u{1}2")),
            (
                1009,
                r#"{a b , "c,d","e\"f",\g,""}"#,
                Ok("a b\u{1}c,d\u{1}e\"f\u{1}g\u{1}\u{4}"),
            ),
            (1009, r#"{"NULL",NULL}"#, Ok("NULL\u{1}\u{2}")),
            (
                1231,
                "{1.50,0.5,-0.50,0,10}",
                Ok("1.5\u{1}.5\u{1}-.5\u{1}0\u{1}10"),
            ),
            (1000, "{t,f}", Ok("1\u{1}0")),
            (1182, "{2024-02-29}", Ok("2024-02-29")),
            (1007, "{1,x}", Err("22P02")),
            (1007, "{1", Err("22P02")),
            (1007, "{1}}", Err("22P02")),
            (1007, "{1,}", Err("22P02")),
            (1007, "1,2", Err("22P02")),
            (1009, "{a\"b}", Err("22P02")),
            (1009, "{\u{1}}", Err("0A000")),
            (1022, "{1.5}", Err("0A000")),
        ] {
            assert_eq!(
                read(type_oid, array).as_deref(),
                expected.as_ref().copied(),
                "{array}"
            );
        }
    }

    #[test]
    fn binary_is_read_as_array_recv_reads_it() {
        let mut bytes = Vec::new();
        for word in [1_i32, 1, 23, 3, 1, 4, 7, -1, 4, -2] {
            bytes.extend(word.to_be_bytes());
        }
        let read = |bytes: &[u8]| elements(1007, Format::Binary, bytes);
        assert_eq!(read(&bytes).unwrap(), "7\u{1}\u{2}\u{1}-2");
        assert_eq!(read(&[0; 12]).unwrap(), "\u{3}");
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
        bytes.push(0);
        assert!(read(&bytes).is_err());
        assert!(read(b"").is_err());
    }
}
