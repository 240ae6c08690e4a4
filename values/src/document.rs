//! Documents taken apart, and looked into.
//!
//! PostgreSQL manual, "JSON Functions and Operators"; `jsonfuncs.c`, `jsonb_util.c`. What is
//! taken out of a text of `json` is a piece of that text, and what is taken out of `jsonb`
//! is written as `jsonb` is, because its whole is.

pub mod edited;
pub mod order;

use crate::json::{Reader, Value};

/// A document that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

/// What kind a document is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`
    Null,
}

impl Kind {
    /// The kind of a document.
    pub fn of(document: &str) -> Self {
        let mut reader = Reader { rest: document };
        reader.blanks();
        match reader.rest.as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }

    /// As `json_typeof` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }
}

/// The value of a member, of several with that key the last one's; none if there is none.
///
/// # Errors
/// It is no JSON.
pub fn field<'a>(document: &'a str, key: &str) -> Result<Option<&'a str>, NotJson> {
    let members = members(document)?.unwrap_or_default();
    let found = members.into_iter().rfind(|(name, _)| name == key);
    Ok(found.map(|(_, value)| value))
}

/// The keys of an object with their values, as often as they are there; none if it is no object.
///
/// # Errors
/// It is no JSON.
pub fn members(document: &str) -> Result<Option<Vec<(String, &str)>>, NotJson> {
    let mut reader = Reader { rest: document };
    if !reader.take('{') {
        return Ok(None);
    }
    let mut found = Vec::new();
    let mut is_next = !reader.take('}');
    while is_next {
        reader.blanks();
        let name = reader.string().ok_or(NotJson)?;
        if !reader.take(':') {
            return Err(NotJson);
        }
        found.push((name, piece(&mut reader)?));
        is_next = another(&mut reader, '}')?;
    }
    Ok(Some(found))
}

/// The elements of an array; none if it is no array.
///
/// # Errors
/// It is no JSON.
pub fn items(document: &str) -> Result<Option<Vec<&str>>, NotJson> {
    let mut reader = Reader { rest: document };
    if !reader.take('[') {
        return Ok(None);
    }
    let mut found = Vec::new();
    let mut is_next = !reader.take(']');
    while is_next {
        found.push(piece(&mut reader)?);
        is_next = another(&mut reader, ']')?;
    }
    Ok(Some(found))
}

/// An element, counted from 0, or from the end if the number is negative.
///
/// # Errors
/// It is no JSON.
pub fn item(document: &str, number: i64) -> Result<Option<&str>, NotJson> {
    let Some(items) = items(document)? else {
        return Ok(None);
    };
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let index = if number < 0 { count + number } else { number };
    let index = usize::try_from(index).ok();
    Ok(index.and_then(|index| items.get(index).copied()))
}

/// What a path of keys and numbers leads to.
///
/// # Errors
/// It is no JSON.
pub fn at<'a>(document: &'a str, path: &[String]) -> Result<Option<&'a str>, NotJson> {
    let mut found = document;
    for step in path {
        let next = match Kind::of(found) {
            Kind::Object => field(found, step)?,
            Kind::Array => match number(step) {
                Some(number) => item(found, number)?,
                None => None,
            },
            _ => None,
        };
        match next {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// `strtol`, to the end of the text.
fn number(step: &str) -> Option<i64> {
    let step = step.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    i64::from(step.parse::<i32>().ok()?).into()
}

/// As `->>` shows it: strings without their quotes; none for `null`.
///
/// # Errors
/// It is no JSON.
pub fn as_text(document: &str) -> Result<Option<String>, NotJson> {
    match Kind::of(document) {
        Kind::Null => Ok(None),
        Kind::String => {
            let mut reader = Reader { rest: document };
            reader.blanks();
            reader.string().map(Some).ok_or(NotJson)
        }
        _ => Ok(Some(document.to_owned())),
    }
}

/// Whether the document is all there, `document @> part`.
///
/// # Errors
/// One of them is no JSON.
pub fn contains(document: &str, part: &str) -> Result<bool, NotJson> {
    let (document, part) = (read(document)?, read(part)?);
    // "An array may contain a primitive value".
    Ok(match (&document, &part) {
        (Value::List(items), Value::Word(_) | Value::Text(_)) => {
            items.iter().any(|item| same(item, &part))
        }
        _ => holds(&document, &part),
    })
}

fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(key, value)| {
            let own = whole.get(key);
            own.is_some_and(|own| holds(own, value))
        }),
        (Value::List(whole), Value::List(part)) => part
            .iter()
            .all(|wanted| whole.iter().any(|one| holds(one, wanted))),
        _ => same(whole, part),
    }
}

/// Whether both are the same document, whatever the decimals of their numbers.
///
/// # Errors
/// One of them is no JSON.
pub fn equal(left: &str, right: &str) -> Result<bool, NotJson> {
    Ok(same(&read(left)?, &read(right)?))
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Word(left), Value::Word(right)) => left == right || same_number(left, right),
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
        }
        _ => false,
    }
}

/// Of numbers that are written without an exponent and without needless zeros before.
fn same_number(left: &str, right: &str) -> bool {
    fn bare(number: &str) -> &str {
        match number.contains('.') {
            true => number.trim_end_matches('0').trim_end_matches('.'),
            false => number,
        }
    }
    bare(left) == bare(right)
}

/// `document ? key`: a member's key, or a string that is an element or the document.
///
/// # Errors
/// It is no JSON.
pub fn exists(document: &str, key: &str) -> Result<bool, NotJson> {
    let is_key = |value: &Value| matches!(value, Value::Text(text) if text == key);
    Ok(match read(document)? {
        Value::Object(members) => members.contains_key(&(key.len(), key.to_owned())),
        Value::List(items) => items.iter().any(is_key),
        only => is_key(&only),
    })
}

pub(crate) fn read(document: &str) -> Result<Value, NotJson> {
    let mut reader = Reader { rest: document };
    let value = reader.value(0).ok_or(NotJson)?;
    reader.blanks();
    match reader.rest {
        "" => Ok(value),
        _ => Err(NotJson),
    }
}

/// The value that is next, as it is written.
fn piece<'a>(reader: &mut Reader<'a>) -> Result<&'a str, NotJson> {
    reader.blanks();
    let whole = reader.rest;
    reader.value(0).ok_or(NotJson)?;
    let end = whole.len() - reader.rest.len();
    whole.get(..end).ok_or(NotJson)
}

/// Whether there is another one before the end.
fn another(reader: &mut Reader<'_>, end: char) -> Result<bool, NotJson> {
    if reader.take(',') {
        return Ok(true);
    }
    match reader.take(end) {
        true => Ok(false),
        false => Err(NotJson),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_taken_apart() {
        let whole = r#"{"a": {"b": [10, "x\ny", null]}, "c": true, "c": false}"#;
        let at = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
            at(whole, &path).unwrap()
        };
        assert_eq!(at(&["a"]), Some(r#"{"b": [10, "x\ny", null]}"#));
        assert_eq!(at(&["a", "b", "0"]), Some("10"));
        assert_eq!(at(&["a", "b", "-1"]), Some("null"));
        assert_eq!(at(&["a", "b", "3"]), None);
        assert_eq!(at(&["a", "b", "x"]), None);
        assert_eq!(at(&["c"]), Some("false"));
        assert_eq!(at(&["c", "d"]), None);
        assert_eq!(at(&[]), Some(whole));
        assert_eq!(
            as_text(at(&["a", "b", "1"]).unwrap()),
            Ok(Some("x\ny".to_owned()))
        );
        assert_eq!(as_text("null"), Ok(None));
        assert_eq!(field("[1]", "a"), Ok(None));
        assert_eq!(field("{\"a\" 1}", "a"), Err(NotJson));
        assert_eq!(items(" [ 1 , [2] ] "), Ok(Some(vec!["1", "[2]"])));
        assert_eq!(items("[1 2]"), Err(NotJson));
    }

    #[test]
    fn containment_is_that_of_jsonb() {
        for (document, part, expected) in [
            (
                r#"{"a": 1, "b": {"c": 2, "d": 3}}"#,
                r#"{"b": {"c": 2.0}}"#,
                true,
            ),
            (r#"{"a": 1}"#, r#"{"a": "1"}"#, false),
            (r#"{"a": {"b": 1}}"#, r#"{"b": 1}"#, false),
            ("[1, 2, [3, 4]]", "[2, 1, 1]", true),
            ("[1, 2, [3, 4]]", "[3]", false),
            ("[1, 2, [3, 4]]", "[[3]]", true),
            (r#"["foo", "bar"]"#, r#""bar""#, true),
            (r#""bar""#, r#"["bar"]"#, false),
            ("5", "5.00", true),
            ("{}", "[]", false),
        ] {
            assert_eq!(contains(document, part), Ok(expected), "{document} {part}");
        }
        assert_eq!(exists(r#"{"a": 1}"#, "a"), Ok(true));
        assert_eq!(exists(r#"{"a": {"b": 1}}"#, "b"), Ok(false));
        assert_eq!(exists(r#"["a", ["b"]]"#, "a"), Ok(true));
        assert_eq!(exists(r#"["a", ["b"]]"#, "b"), Ok(false));
        assert_eq!(exists(r#""a""#, "a"), Ok(true));
        assert_eq!(equal("{\"a\": 1.0}", "{\"a\": 1}"), Ok(true));
        assert_eq!(equal("10", "1"), Ok(false));
        assert!(read("{").is_err());
    }
}
