//! Names of types, as `format_type` gives them.

use super::{Function, array, constantly_null, function};
use crate::catalog::{Catalog, Scene};
use crate::names;
use crate::types::Type;
use crate::value::Value;

pub(super) const LIST: &[Function] = &[
    function(
        "format_type",
        &[Type::OID, Type::INT4],
        Type::TEXT,
        |scene, v| {
            let Some(kind) = v.first().and_then(Value::as_int) else {
                return Ok(Value::Null);
            };
            Ok(format_type(scene, kind, v.get(1).and_then(Value::as_int)).into())
        },
    )
    .with_nulls(),
    function(
        "oidvectortypes",
        &[Type::OIDVECTOR],
        Type::TEXT,
        |scene, v| {
            let names: Vec<String> = array(v, 0)?
                .elements
                .iter()
                .filter_map(Value::as_int)
                .map(|kind| format_type(scene, kind, None))
                .collect();
            Ok(names.join(", ").into())
        },
    ),
    function(
        "pg_get_function_arg_default",
        &[Type::OID, Type::INT4],
        Type::TEXT,
        constantly_null,
    ),
];

/// The name of a type with its modifier; none: a type by itself.
pub(crate) fn format_type(scene: Scene<'_>, number: i64, modifier: Option<i64>) -> String {
    if number == 0 {
        return "-".to_owned();
    }
    let Some(row) = scene.catalog.find("pg_type", "oid", &Value::Int(number)) else {
        return "???".to_owned();
    };
    let field = |column| Catalog::field("pg_type", row, column);
    let element = field("typelem").as_int().unwrap_or(0);
    // The vectors of numbers have elements as well, and a name of their own.
    let is_array =
        element != 0 && field("typlen").as_int() == Some(-1) && field("typstorage") != "p".into();
    if is_array {
        return format!("{}[]", format_type(scene, element, modifier));
    }
    let given = modifier.filter(|modifier| *modifier >= 0);
    let kind = Type(u32::try_from(number).unwrap_or(0));
    if kind == Type::BPCHAR && given.is_none() && modifier.is_some() {
        return "bpchar".to_owned();
    }
    let plain = match kind.name() {
        Some(name) if kind.display() != name => kind.display(),
        Some(_) if is_standard(kind) => kind.display(),
        _ => names::qualified(scene, &names::TYPE, number).unwrap_or_else(|| "???".to_owned()),
    };
    match given {
        Some(modifier) => with_modifier(kind, &plain, modifier),
        None => plain,
    }
}

/// Types whose names are keywords and therefore not quoted.
fn is_standard(kind: Type) -> bool {
    matches!(kind, Type::BIT | Type::INTERVAL | Type::NUMERIC)
}

fn with_modifier(kind: Type, plain: &str, modifier: i64) -> String {
    let inside = |shown: String| match plain.split_once(' ') {
        // `timestamp(3) with time zone`
        Some((word, rest)) if rest.ends_with("time zone") => format!("{word}({shown}) {rest}"),
        _ => format!("{plain}({shown})"),
    };
    match kind {
        Type::VARCHAR | Type::BPCHAR => inside((modifier - 4).to_string()),
        Type::NUMERIC => {
            let packed = modifier - 4;
            let scale = ((packed & 0x7ff) ^ 1024) - 1024;
            inside(format!("{},{scale}", (packed >> 16) & 0xffff))
        }
        Type::INTERVAL => match modifier & 0xffff {
            0xffff => plain.to_owned(),
            precision => inside(precision.to_string()),
        },
        _ => inside(modifier.to_string()),
    }
}
