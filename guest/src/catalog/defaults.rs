//! Defaults of columns: IRIS keeps them in ObjectScript, PostgreSQL's clients read them
//! in SQL.

use pgiris_catalog::{Type, quote_ident};

use super::tables::Column;

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
    if let Some(text) = string(written) {
        return Some(literal(&text, column));
    }
    let upper = written.to_ascii_uppercase();
    let kind = Type(column.kind);
    Some(match kind {
        Type::BOOL => match written {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            other => other.to_owned(),
        },
        Type::TIMESTAMP if upper.starts_with("$ZDATETIME(") || upper.contains("$ZTIMESTAMP") => {
            "CURRENT_TIMESTAMP".to_owned()
        }
        Type::DATE if upper.starts_with("+$H") => "CURRENT_DATE".to_owned(),
        Type::TEXT | Type::VARCHAR if upper == "$USERNAME" => "CURRENT_USER".to_owned(),
        _ => written.to_owned(),
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
    let quoted = text.replace('\'', "''");
    let kind = match &column.enum_type {
        Some((space, name)) if space == "public" => quote_ident(name),
        Some((space, name)) => format!("{}.{}", quote_ident(space), quote_ident(name)),
        None => Type(column.kind).display(),
    };
    format!("'{quoted}'::{kind}")
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
        ] {
            let column = column_for_tests(kind.0, written);
            assert_eq!(expression(&column).as_deref(), Some(shown));
        }
    }
}
