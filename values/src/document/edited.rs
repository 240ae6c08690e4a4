//! Documents of `jsonb` changed: the results are in its words.
//!
//! PostgreSQL manual, "JSON Functions and Operators"; `jsonfuncs.c` (`IteratorConcat`, `setPath`).

use super::{NotJson, read};
use crate::json::{Value, write};

/// Why a document cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is none.
    NotJson,
    /// `-` of a scalar.
    DeletionFromScalar,
    /// `- 1` of an object.
    IndexOfObject,
    /// `#-` of a scalar.
    DeletedPathInScalar,
    /// A path into a scalar.
    PathInScalar,
    /// `jsonb_insert` of a member that is there.
    ExistingKey,
    /// An element of a path, by its number from 1, is NULL.
    NullStep(usize),
    /// An element of a path, by its number from 1, is no number.
    NoNumber(usize, String),
}

impl From<NotJson> for Wrong {
    fn from(_: NotJson) -> Self {
        Self::NotJson
    }
}

type Result<T> = std::result::Result<T, Wrong>;

/// What becomes of what a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// `jsonb_set` with or without `create_if_missing`.
    Set {
        /// Whether a member or an element is made that is not there.
        creates: bool,
    },
    /// `jsonb_insert`, before or behind the element.
    Insert {
        /// Behind it.
        after: bool,
    },
    /// `#-`
    Delete,
}

/// `left || right`: two objects become one, all else an array.
///
/// # Errors
/// One of them is no JSON.
pub fn concatenated(left: &str, right: &str) -> Result<String> {
    let whole = match (read(left)?, read(right)?) {
        (Value::Object(mut left), Value::Object(right)) => {
            left.extend(right);
            Value::Object(left)
        }
        (left, right) => {
            let mut elements = elements(left);
            elements.extend(self::elements(right));
            Value::List(elements)
        }
    };
    Ok(written(&whole))
}

/// What is not an array is an array of one element.
fn elements(value: Value) -> Vec<Value> {
    match value {
        Value::List(elements) => elements,
        other => vec![other],
    }
}

/// `document - keys`: without these members, or without these strings among the elements.
///
/// # Errors
/// It is a scalar.
pub fn without_keys(document: &str, keys: &[String]) -> Result<String> {
    let is_named = |text: &String| keys.iter().any(|key| key == text);
    let rest = match read(document)? {
        Value::Object(mut members) => {
            members.retain(|(_, key), _| !is_named(key));
            Value::Object(members)
        }
        Value::List(mut elements) => {
            elements.retain(|one| !matches!(one, Value::Text(text) if is_named(text)));
            Value::List(elements)
        }
        _ => return Err(Wrong::DeletionFromScalar),
    };
    Ok(written(&rest))
}

/// `document - number`: without this element, counted from 0, or from the end.
///
/// # Errors
/// It is no array.
pub fn without_item(document: &str, number: i64) -> Result<String> {
    match read(document)? {
        Value::List(mut elements) => {
            let count = i64::try_from(elements.len()).unwrap_or(i64::MAX);
            let index = if number < 0 { count + number } else { number };
            if let Some(index) = usize::try_from(index).ok().filter(|i| *i < elements.len()) {
                elements.remove(index);
            }
            Ok(written(&Value::List(elements)))
        }
        Value::Object(_) => Err(Wrong::IndexOfObject),
        _ => Err(Wrong::DeletionFromScalar),
    }
}

/// A document with a change where a path leads to; `value` is the document that comes there.
///
/// # Errors
/// The path does not fit the document.
pub fn changed(
    document: &str,
    path: &[Option<String>],
    value: &str,
    change: Change,
) -> Result<String> {
    let mut whole = read(document)?;
    match (&whole, change) {
        (Value::Word(_) | Value::Text(_), Change::Delete) => {
            return Err(Wrong::DeletedPathInScalar);
        }
        (Value::Word(_) | Value::Text(_), _) => return Err(Wrong::PathInScalar),
        _ => {}
    }
    let place = Place {
        path,
        value,
        change,
    };
    if !path.is_empty() {
        place.reach(&mut whole, 0)?;
    }
    Ok(written(&whole))
}

struct Place<'a> {
    path: &'a [Option<String>],
    value: &'a str,
    change: Change,
}

impl Place<'_> {
    fn creates(&self) -> bool {
        matches!(
            self.change,
            Change::Set { creates: true } | Change::Insert { .. }
        )
    }

    /// Makes the change in what the steps before have led to; elsewhere there is none.
    fn reach(&self, value: &mut Value, level: usize) -> Result<()> {
        let is_last = level + 1 == self.path.len();
        let step = match self.path.get(level) {
            Some(Some(step)) => step,
            Some(None) => return Err(Wrong::NullStep(level + 1)),
            None => return Ok(()),
        };
        match value {
            Value::Object(members) => {
                let key = (step.len(), step.clone());
                match (members.get_mut(&key), is_last) {
                    (Some(inner), false) => self.reach(inner, level + 1)?,
                    (Some(found), true) => match self.change {
                        Change::Insert { .. } => return Err(Wrong::ExistingKey),
                        Change::Set { .. } => *found = read(self.value)?,
                        Change::Delete => {
                            members.remove(&key);
                        }
                    },
                    (None, true) if self.creates() => {
                        members.insert(key, read(self.value)?);
                    }
                    (None, _) => {}
                }
                Ok(())
            }
            Value::List(elements) => self.reach_item(elements, step, level),
            _ => Ok(()),
        }
    }

    fn reach_item(&self, elements: &mut Vec<Value>, step: &str, level: usize) -> Result<()> {
        let Some(number) = super::number(step) else {
            return Err(Wrong::NoNumber(level + 1, step.to_owned()));
        };
        let is_last = level + 1 == self.path.len();
        let count = i64::try_from(elements.len()).unwrap_or(i64::MAX);
        let index = if number < 0 { count + number } else { number };
        let found = usize::try_from(index).ok().filter(|i| *i < elements.len());
        let Some(index) = found else {
            if is_last && self.creates() {
                let place = if index < 0 { 0 } else { elements.len() };
                elements.insert(place, read(self.value)?);
            }
            return Ok(());
        };
        match (self.change, elements.get_mut(index)) {
            (_, Some(inner)) if !is_last => self.reach(inner, level + 1)?,
            (Change::Set { .. }, Some(found)) => *found = read(self.value)?,
            (Change::Insert { after }, _) => {
                elements.insert(index + usize::from(after), read(self.value)?);
            }
            (Change::Delete, _) => {
                elements.remove(index);
            }
            (Change::Set { .. }, None) => {}
        }
        Ok(())
    }
}

/// `jsonb_strip_nulls`: without members that are `null`, on every level.
///
/// # Errors
/// It is no JSON.
pub fn without_nulls(document: &str) -> Result<String> {
    let mut whole = read(document)?;
    strip(&mut whole);
    Ok(written(&whole))
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !matches!(member, Value::Word(word) if word == "null"));
            members.values_mut().for_each(strip);
        }
        Value::List(elements) => elements.iter_mut().for_each(strip),
        _ => {}
    }
}

/// `jsonb_pretty`: a line for each member and element.
///
/// # Errors
/// It is no JSON.
pub fn indented(document: &str) -> Result<String> {
    let mut out = String::with_capacity(document.len() * 2);
    indent(&read(document)?, 0, &mut out);
    Ok(out)
}

fn indent(value: &Value, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', 4 * depth));
    };
    match value {
        Value::Object(members) => {
            out.push('{');
            for (index, ((_, key), member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                write(&Value::Text(key.clone()), out);
                out.push_str(": ");
                indent(member, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        Value::List(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                indent(element, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        scalar => write(scalar, out),
    }
}

fn written(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(path: &[&str]) -> Vec<Option<String>> {
        path.iter().map(|step| Some((*step).to_owned())).collect()
    }

    #[test]
    fn documents_are_put_together() {
        for (left, right, expected) in [
            (r#"{"a": 1, "b": 2}"#, r#"{"b": 3}"#, r#"{"a": 1, "b": 3}"#),
            ("[1]", "[2, [3]]", "[1, 2, [3]]"),
            ("[1]", r#"{"a": 1}"#, r#"[1, {"a": 1}]"#),
            (r#"{"a": 1}"#, "[]", r#"[{"a": 1}]"#),
            ("1", r#""x""#, r#"[1, "x"]"#),
            ("[1]", "null", "[1, null]"),
            ("{}", "1", "[{}, 1]"),
        ] {
            assert_eq!(concatenated(left, right).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn pieces_are_left_out() {
        let key = |key: &str| vec![key.to_owned()];
        assert_eq!(
            without_keys(r#"{"a": 1, "b": 2}"#, &key("a")).as_deref(),
            Ok(r#"{"b": 2}"#)
        );
        assert_eq!(
            without_keys(r#"["a", "b", ["a"]]"#, &key("a")).as_deref(),
            Ok(r#"["b", ["a"]]"#)
        );
        assert_eq!(without_keys("1", &key("a")), Err(Wrong::DeletionFromScalar));
        assert_eq!(without_item("[1, 2, 3]", -1).as_deref(), Ok("[1, 2]"));
        assert_eq!(without_item("[1]", 5).as_deref(), Ok("[1]"));
        assert_eq!(without_item("{}", 0), Err(Wrong::IndexOfObject));
        assert_eq!(
            without_nulls(r#"{"a": null, "b": [null, {"c": null}]}"#).as_deref(),
            Ok(r#"{"b": [null, {}]}"#)
        );
    }

    #[test]
    fn paths_lead_to_what_is_changed() {
        let set = Change::Set { creates: true };
        let only = Change::Set { creates: false };
        let whole = r#"{"a": [1, {"b": 2}], "c": "x"}"#;
        for (path, change, expected) in [
            (
                &["a", "1", "b"][..],
                set,
                r#"{"a": [1, {"b": 9}], "c": "x"}"#,
            ),
            (&["d"], set, r#"{"a": [1, {"b": 2}], "c": "x", "d": 9}"#),
            (&["d"], only, whole),
            (&["d", "e"], set, whole),
            (&["c", "e"], set, whole),
            (&["a", "9"], set, r#"{"a": [1, {"b": 2}, 9], "c": "x"}"#),
            (&["a", "-9"], set, r#"{"a": [9, 1, {"b": 2}], "c": "x"}"#),
            (&["a", "-1"], set, r#"{"a": [1, 9], "c": "x"}"#),
            (
                &["a", "0"],
                Change::Insert { after: true },
                r#"{"a": [1, 9, {"b": 2}], "c": "x"}"#,
            ),
            (
                &["a", "0"],
                Change::Insert { after: false },
                r#"{"a": [9, 1, {"b": 2}], "c": "x"}"#,
            ),
            (
                &["a", "0"],
                Change::Delete,
                r#"{"a": [{"b": 2}], "c": "x"}"#,
            ),
            (&["a", "7"], Change::Delete, whole),
            (&[], set, whole),
        ] {
            assert_eq!(
                changed(whole, &steps(path), "9", change).as_deref(),
                Ok(expected),
                "{path:?}"
            );
        }
        let fails = |document: &str, path: &[&str], change| {
            changed(document, &steps(path), "9", change).unwrap_err()
        };
        assert_eq!(fails("1", &["a"], set), Wrong::PathInScalar);
        assert_eq!(
            fails("[1]", &["x"], set),
            Wrong::NoNumber(1, "x".to_owned())
        );
        let insert = Change::Insert { after: false };
        assert_eq!(fails(whole, &["c"], insert), Wrong::ExistingKey);
        assert_eq!(changed("{}", &[None], "9", set), Err(Wrong::NullStep(1)));
    }

    #[test]
    fn lines_are_indented() {
        assert_eq!(
            indented(r#"{"a": [1, {}], "b": "x"}"#).as_deref(),
            Ok("{\n    \"a\": [\n        1,\n        {\n        }\n    ],\n    \"b\": \"x\"\n}")
        );
    }
}
