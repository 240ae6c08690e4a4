//! Defaults of columns: IRIS keeps them in ObjectScript, PostgreSQL's clients read them
//! in SQL.

use pgiris_catalog::{Type, quote_ident};
use pgiris_values::bytes;

use super::tables::Column;
use crate::definition::bytes_default;

/// The default in PostgreSQL's words; none: there is none that it could show.
pub(super) fn expression(column: &Column) -> Option<String> {
    if column.is_identity {
        return None;
    }
    if let Some(sequence) = &column.sequence {
        return Some(format!(
            "nextval('{}'::regclass)",
            sequence.replace('\'', "''")
        ));
    }
    let written = column.default.as_deref()?.trim();
    if Type(column.kind) == Type::BYTEA {
        let bytes = string(written).map(|text| bytes::shown(text.as_bytes()));
        let bytes = bytes.or_else(|| bytes_default::read(written))?;
        return Some(format!("'{bytes}'::bytea"));
    }
    if let Some(text) = string(written) {
        return Some(literal(&text, column));
    }
    let upper = written.to_ascii_uppercase();
    let kind = Type(column.kind);
    if let Some(function) = function(&upper, kind) {
        return Some(function.to_owned());
    }
    Some(match kind {
        Type::BOOL => match written {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            other => other.to_owned(),
        },
        _ => number(written).unwrap_or_else(|| written.to_owned()),
    })
}

/// The function that a definition has called, by what IRIS keeps of it. Which of several that
/// are alike was written, is not kept.
fn function(upper: &str, kind: Type) -> Option<&'static str> {
    let is_moment = ["GETUTCDATE(", "$ZDATETIME("]
        .iter()
        .any(|call| upper.starts_with(call))
        || upper.contains("$ZTIMESTAMP");
    let is_time = upper.starts_with("$P") && upper.contains("($H") && upper.ends_with(",2)");
    match kind {
        Type::TIMESTAMP | Type::TIMESTAMPTZ if is_moment => Some("CURRENT_TIMESTAMP"),
        Type::DATE if is_moment || upper.starts_with("+$H") => Some("CURRENT_DATE"),
        Type::TIME | Type::TIMETZ if is_time => Some("CURRENT_TIME"),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR if upper == "$USERNAME" => Some("CURRENT_USER"),
        _ if upper.contains(".CREATEGUID()") => Some("gen_random_uuid()"),
        _ => None,
    }
}

/// A number as PostgreSQL prints it: with its type where it has a sign or is no `integer`.
fn number(written: &str) -> Option<String> {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let is_number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.parse::<f64>().is_ok();
    if !is_number {
        return None;
    }
    let kind = match written.parse::<i64>() {
        Ok(whole) if i32::try_from(whole).is_ok() => Type::INT4,
        Ok(_) => Type::INT8,
        Err(_) => Type::NUMERIC,
    };
    let is_plain = digits == written && kind != Type::INT8;
    Some(match is_plain {
        true => written.to_owned(),
        false => format!("'{written}'::{}", kind.display()),
    })
}

/// The text of an ObjectScript string.
fn string(written: &str) -> Option<String> {
    if written.eq_ignore_ascii_case("$c(0)") {
        return Some(String::new());
    }
    let inner = written.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.replace("\"\"", "\""))
}

/// A constant with its type, as PostgreSQL prints the tree of one.
fn literal(text: &str, column: &Column) -> String {
    let mut quoted = text.replace('\'', "''");
    let kind = Type(column.kind);
    if matches!(kind, Type::TIMESTAMP | Type::TIMESTAMPTZ) && is_date(text) {
        quoted.push_str(" 00:00:00");
    }
    // Moments are kept in UTC.
    if kind == Type::TIMESTAMPTZ && !text.contains('+') {
        quoted.push_str("+00");
    }
    let kind = match &column.enum_type {
        Some((space, name)) if space == "public" => quote_ident(name),
        Some((space, name)) => format!("{}.{}", quote_ident(space), quote_ident(name)),
        None if kind == Type::BPCHAR => "bpchar".to_owned(),
        None => kind.display(),
    };
    format!("'{quoted}'::{kind}")
}

fn is_date(text: &str) -> bool {
    text.len() == "2000-01-01".len() && text.split('-').count() == 3
}

#[cfg(test)]
mod tests {
    use super::super::tables::column_for_tests;
    use super::*;

    #[test]
    fn defaults_are_shown_in_sql() {
        for (kind, written, shown) in [
            (Type::TEXT, "\"it's\"", "'it''s'::text"),
            (Type::VARCHAR, "\"a\"\"b\"", "'a\"b'::character varying"),
            (Type::TEXT, "$c(0)", "''::text"),
            (Type::BOOL, "1", "true"),
            (Type::NUMERIC, "0.00", "0.00"),
            (
                Type::TIMESTAMP,
                "$ZDATETIME($HOROLOG,3,1,6)",
                "CURRENT_TIMESTAMP",
            ),
            (Type::TIMESTAMPTZ, "GETUTCDATE(6)", "CURRENT_TIMESTAMP"),
            (Type::DATE, "GETUTCDATE(6)", "CURRENT_DATE"),
            (Type::TIME, "$PIECE($HOROLOG,\",\",2)", "CURRENT_TIME"),
            (
                Type::UUID,
                "OBJECTSCRIPT '$SYSTEM.Util.CreateGUID()'",
                "gen_random_uuid()",
            ),
            (
                Type::TIMESTAMPTZ,
                "\"2020-01-02 03:04:05\"",
                "'2020-01-02 03:04:05+00'::timestamp with time zone",
            ),
            (
                Type::TIMESTAMP,
                "\"2020-01-01\"",
                "'2020-01-01 00:00:00'::timestamp without time zone",
            ),
            (Type::BPCHAR, "\"ab\"", "'ab'::bpchar"),
            (Type::BYTEA, "\"ab\"", "'\\x6162'::bytea"),
            (Type::BYTEA, "$CHAR(0,7)", "'\\x0007'::bytea"),
            (Type::INT4, "-1", "'-1'::integer"),
            (Type::INT8, "5000000000", "'5000000000'::bigint"),
            (Type::NUMERIC, "-1.5", "'-1.5'::numeric"),
        ] {
            let column = column_for_tests(kind.0, written);
            assert_eq!(expression(&column).as_deref(), Some(shown));
        }
    }
}
