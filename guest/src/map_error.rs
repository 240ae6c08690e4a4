//! What the client is told of an error of IRIS: SQLCODE to SQLSTATE, and the words
//! that PostgreSQL has for it where the meaning is the same.
//!
//! Drivers send `[SQLCODE: <-30>:<Table or view not found>] … [%msg: <detail>]`.

use crate::map_error::detail::Detail;
use crate::raise;
use crate::wit::{Diagnostic, UpstreamError};

mod client;
mod definition;
mod detail;
mod states;
mod syntax;
mod words;

pub(crate) use states::codes_of;

/// PostgreSQL's words where nobody knows more.
const SYNTAX_ERROR: &str = "syntax error";

/// The diagnostic for an error of the upstream. A SQLSTATE that the upstream gave
/// is kept.
pub fn map_error(error: &UpstreamError) -> Diagnostic {
    let sqlcode = if error.sqlcode == 0 {
        detail::sqlcode_in(&error.message)
    } else {
        error.sqlcode
    };
    let detail = Detail::of(&error.message);
    if sqlcode == -141
        && let Some((sqlstate, message)) = raise::read(detail.message)
    {
        return Diagnostic::error(sqlstate, message);
    }
    if matches!(sqlcode, -121 | -122)
        && let Some(enumerated) = no_label(&detail)
    {
        return enumerated;
    }
    let mut diagnostic =
        words(sqlcode, &detail).unwrap_or_else(|| Diagnostic::error("", detail.own_text()));
    diagnostic.sqlstate = match error.sqlstate.as_deref() {
        // What says nothing must not hide what the SQLCODE says.
        Some(given) if is_sqlstate(given) && given != "XX000" => given.to_owned(),
        _ => states::of(sqlcode, &error.message).to_owned(),
    };
    if diagnostic.sqlstate == "42601" && diagnostic.message == detail.own_text() {
        diagnostic = Diagnostic::error("42601", SYNTAX_ERROR).with_detail(diagnostic.message);
    }
    if let Some(statement) = &error.statement {
        client::told(&mut diagnostic, sqlcode, &detail, statement);
    }
    diagnostic
}

/// The foreign key of a column to the labels of its type, see the rule `enum_type`.
fn no_label(detail: &Detail<'_>) -> Option<Diagnostic> {
    let constraint = detail
        .after("Constraint '")
        .or_else(|| detail.after("Foreign Key '"))?;
    let (_, name) = constraint.rsplit_once("__enum__")?;
    let name = pgiris_catalog::quote_ident(name);
    let message = format!("invalid input value for enum {name}");
    Some(located(
        Diagnostic::error("22P02", message),
        detail,
        Some(constraint),
    ))
}

fn is_sqlstate(text: &str) -> bool {
    text.len() == 5
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && text != "00000"
}

/// PostgreSQL's words; none where IRIS's say more.
fn words(sqlcode: i32, detail: &Detail<'_>) -> Option<Diagnostic> {
    let message = |message: String| Some(Diagnostic::error("", message));
    match sqlcode {
        -30 => message(format!(
            "relation \"{}\" does not exist",
            detail.relation()?
        )),
        -29 => message(format!("column \"{}\" does not exist", detail.field()?)),
        -23 => message(format!(
            "missing FROM-clause entry for table \"{}\"",
            detail.quoted()?.to_lowercase()
        )),
        -27 => message(format!(
            "column reference \"{}\" is ambiguous",
            detail.field()?
        )),
        -201 => message(format!(
            "relation \"{}\" already exists",
            detail.relation()?
        )),
        -20 => message(format!(
            "table name \"{}\" specified more than once",
            detail.quoted()?.to_lowercase()
        )),
        -359 => message(format!("function {} does not exist", detail.relation()?)),
        -119 | -120 | -125 => unique(detail),
        -108 => not_null(detail),
        -121 | -122 => foreign_key(detail),
        -123 | -124 => still_referenced(detail),
        -400 if detail.whole.contains("<DIVIDE>") => message("division by zero".to_owned()),
        -110 | -114 => message("canceling statement due to lock timeout".to_owned())
            .map(|diagnostic| diagnostic.with_detail(detail.own_text())),
        -10 => message("subquery must return only one column".to_owned()),
        -140 => message("negative substring length not allowed".to_owned()),
        -478 => message("cached plan must not change result type".to_owned()),
        -104 | -105 => message(format!("invalid value for column \"{}\"", detail.field()?))
            .map(|diagnostic| diagnostic.with_detail(detail.own_text())),
        -400 => fatal(detail),
        -456 => message("canceling statement due to user request".to_owned()),
        _ => None,
    }
}

/// What IRIS calls fatal, whatever it was; its own words are the detail.
fn fatal(detail: &Detail<'_>) -> Option<Diagnostic> {
    let message = match states::of(-400, detail.whole) {
        "22003" => "value out of range",
        "22007" => "invalid date or time for its template",
        "22023" if detail.whole.contains("<ILLEGAL VALUE>") => "invalid argument of a function",
        "42501" => "permission denied",
        "54001" => "stack depth limit exceeded",
        _ => return None,
    };
    Some(Diagnostic::error("", message).with_detail(detail.own_text()))
}

fn unique(detail: &Detail<'_>) -> Option<Diagnostic> {
    let constraint = detail.after("Constraint '")?;
    let mut diagnostic = Diagnostic::error(
        "",
        format!("duplicate key value violates unique constraint \"{constraint}\""),
    );
    if let Some(key) = detail.key() {
        diagnostic = diagnostic.with_detail(format!("Key {key} already exists."));
    }
    Some(located(diagnostic, detail, Some(constraint)))
}

fn not_null(detail: &Detail<'_>) -> Option<Diagnostic> {
    let column = detail.field()?;
    let relation = detail.table().map_or(String::new(), |(_, table)| {
        format!(" of relation \"{table}\"")
    });
    let message =
        format!("null value in column \"{column}\"{relation} violates not-null constraint");
    let mut diagnostic = located(Diagnostic::error("", message), detail, None);
    diagnostic.column = Some(column);
    Some(diagnostic)
}

fn foreign_key(detail: &Detail<'_>) -> Option<Diagnostic> {
    let constraint = detail
        .after("Constraint '")
        .or_else(|| detail.after("Foreign Key '"))?;
    let relation = detail.relation()?;
    let message = format!(
        "insert or update on table \"{relation}\" violates foreign key constraint \"{constraint}\""
    );
    let key = match (detail.key(), detail.fields()) {
        (Some(key), _) => format!("Key {key} is"),
        (None, Some(fields)) => format!("Key ({fields}) is"),
        (None, None) => "Key is".to_owned(),
    };
    let told = format!("{key} not present in the referenced table.");
    Some(located(
        Diagnostic::error("", message).with_detail(told),
        detail,
        Some(constraint),
    ))
}

/// The table that IRIS names is the one that refers.
fn still_referenced(detail: &Detail<'_>) -> Option<Diagnostic> {
    let constraint = detail
        .after("Constraint '")
        .or_else(|| detail.after("Foreign Key '"))?;
    let relation = detail.relation()?;
    let message = format!(
        "update or delete violates foreign key constraint \"{constraint}\" on table \"{relation}\""
    );
    // PostgreSQL's words to whoever may not see the values.
    let told = format!("Key is still referenced from table \"{relation}\".");
    Some(located(
        Diagnostic::error("", message).with_detail(told),
        detail,
        Some(constraint),
    ))
}

/// Fills in the objects concerned.
fn located(
    mut diagnostic: Diagnostic,
    detail: &Detail<'_>,
    constraint: Option<&str>,
) -> Diagnostic {
    if let Some((schema, table)) = detail.table() {
        diagnostic.schema = Some(schema);
        diagnostic.table = Some(table);
    }
    diagnostic.constraint = constraint.map(str::to_owned);
    diagnostic
}

#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
