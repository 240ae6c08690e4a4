//! JSON_OBJECT, JSON_ARRAY.

use super::{Args, Datum, Function, seeing, strict, text};
use crate::error::Result;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_json_number", |a| {
        let number = a.text(0);
        text(match number.strip_prefix('.') {
            Some(fraction) => format!("0.{fraction}"),
            None => match number.strip_prefix("-.") {
                Some(fraction) => format!("-0.{fraction}"),
                None => number,
            },
        })
    }),
    // SQL's '' is the character $CHAR(0).
    strict("iris_json_text", |a| match a.text(0).as_str() {
        "" => text("\"\\u0000\""),
        shown => text(quoted(shown)),
    }),
    seeing("iris_json_array", |a| {
        let absent = a.text(0) == "ABSENT";
        let parts: Vec<String> = (1..a.len())
            .filter(|n| !(absent && a.is_null(*n)))
            .map(|n| part(a, n))
            .collect();
        text(format!("[{}]", parts.join(",")))
    }),
    seeing("iris_json_object", object),
];

fn part(a: &Args<'_>, n: usize) -> String {
    if a.is_null(n) {
        "null".to_owned()
    } else {
        a.text(n)
    }
}

/// The first argument says what becomes of NULL.
fn object(a: &Args<'_>) -> Result<Datum> {
    let absent = a.text(0) == "ABSENT";
    let mut members = Vec::new();
    for n in (1..a.len()).step_by(2) {
        if n + 1 < a.len() && !(absent && a.is_null(n + 1)) {
            members.push(format!("{}:{}", quoted(&a.text(n)), part(a, n + 1)));
        }
    }
    text(format!("{{{}}}", members.join(",")))
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if (c as u32) < 0x20 => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}
