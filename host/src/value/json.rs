//! The JSON that PostgreSQL makes of a value of another type (`datum_to_json`).

use pgiris_values::array::Array;
use pgiris_values::json::quoted;

use super::array::{element_of, parsed};
use super::{Kind, Oid, ValueError};

const JSON: Oid = 114;
const JSONB: Oid = 3802;
/// A row, whose text is a document here.
const RECORD: Oid = 2249;

/// `to_json`; of NULL `null`.
///
/// # Errors
/// The text is no array, where it is to be one.
pub(in crate::value) fn document(
    type_oid: Oid,
    written: Option<&str>,
) -> Result<String, ValueError> {
    let Some(written) = written else {
        return Ok("null".to_owned());
    };
    if matches!(type_oid, JSON | JSONB | RECORD) {
        return Ok(written.to_owned());
    }
    if let Some(element) = element_of(type_oid) {
        return of_array(element, &parsed(written)?);
    }
    let is_number = || written.ends_with(|last: char| last.is_ascii_digit());
    Ok(match Kind::of(type_oid) {
        Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Float4 | Kind::Float8 | Kind::Numeric
            if is_number() =>
        {
            written.to_owned()
        }
        Kind::Bool => word(written).to_owned(),
        _ => quoted(&shown(type_oid, written)),
    })
}

/// The name of a member.
///
/// # Errors
/// 22023: an array or a document is none.
pub(in crate::value) fn key(type_oid: Oid, written: &str) -> Result<String, ValueError> {
    if matches!(type_oid, JSON | JSONB) || element_of(type_oid).is_some() {
        let message = "key value must be scalar, not array, composite, or json";
        return Err(ValueError::refused("22023", message));
    }
    Ok(quoted(&match Kind::of(type_oid) {
        Kind::Bool => word(written).to_owned(),
        _ => shown(type_oid, written),
    }))
}

/// Whether the JSON of an array of values has each of them on a line of its own.
pub(in crate::value) fn has_lines(type_oid: Oid) -> bool {
    type_oid == RECORD || element_of(type_oid).is_some()
}

fn word(boolean: &str) -> &'static str {
    match boolean {
        "t" | "true" => "true",
        _ => "false",
    }
}

/// What stands between the quotes: moments as ISO 8601 writes them.
fn shown(type_oid: Oid, written: &str) -> String {
    let joined = || written.replacen(' ', "T", 1);
    match Kind::of(type_oid) {
        Kind::Timestamp => joined(),
        Kind::Timestamptz => {
            let mut shown = joined();
            let zone = shown.rfind(['+', '-']).map(|at| shown.len() - at);
            if zone == Some("+00".len()) {
                shown.push_str(":00");
            }
            shown
        }
        _ => written.to_owned(),
    }
}

/// `array_dim_to_json`
fn of_array(element: Oid, array: &Array) -> Result<String, ValueError> {
    let all = array.elements.iter();
    let all = all.map(|one| document(element, one.as_deref()));
    let mut level = all.collect::<Result<Vec<_>, _>>()?;
    // From the innermost dimension on.
    for length in array.lengths.iter().rev() {
        let lists = level.chunks(*length.max(&1));
        level = lists.map(|list| format!("[{}]", list.join(","))).collect();
    }
    match array.lengths.is_empty() {
        true => Ok("[]".to_owned()),
        false => Ok(level.concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_json_as_to_json_writes_them() {
        for (type_oid, written, expected) in [
            (23, "5", "5"),
            (1700, "1.50", "1.50"),
            (1700, "NaN", "\"NaN\""),
            (701, "1e+20", "1e+20"),
            (701, "-Infinity", "\"-Infinity\""),
            (16, "t", "true"),
            (25, "a\"b", r#""a\"b""#),
            (26, "5", "\"5\""),
            (114, "{\"a\":  1}", "{\"a\":  1}"),
            (1114, "2020-01-02 03:04:05.5", "\"2020-01-02T03:04:05.5\""),
            (
                1184,
                "2020-01-02 01:04:05.5+00",
                "\"2020-01-02T01:04:05.5+00:00\"",
            ),
            (1184, "-infinity", "\"-infinity\""),
            (17, "\\x01", r#""\\x01""#),
            (1007, "{1,NULL}", "[1,null]"),
            (1007, "{{1,2},{3,4}}", "[[1,2],[3,4]]"),
            (1007, "{}", "[]"),
            (1009, "{a,\"b c\"}", r#"["a","b c"]"#),
        ] {
            assert_eq!(document(type_oid, Some(written)).unwrap(), expected);
        }
        assert_eq!(document(23, None).unwrap(), "null");
        assert_eq!(key(16, "t").unwrap(), "\"true\"");
        assert!(key(1007, "{}").is_err());
    }
}
