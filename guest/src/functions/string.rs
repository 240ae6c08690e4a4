//! Functions of whole strings.

use sqlparser::ast::{BinaryOperator, Expr, TrimWhereField};

use super::call::{and, braced, is_not_null, operation};
use super::json::{BROKER, elsewhere};
use super::{ANY, Call, Entry, Fate, Returns, Wants};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::wit::Diagnostic;

const TEXT: Returns = Returns::Type(oid::TEXT);
const INT4: Returns = Returns::Type(oid::INT4);

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["length", "char_length", "character_length"],
        (1, 1),
        INT4,
        Fate::Named("CHAR_LENGTH"),
    )
    .wanting(Wants::Text),
    Entry::new(&["upper", "lower"], (1, 1), TEXT, Fate::Same).wanting(Wants::Text),
    Entry::new(&["replace"], (3, 3), TEXT, Fate::Same).wanting(Wants::Text),
    Entry::new(&["reverse"], (1, 1), TEXT, Fate::Same).wanting(Wants::Text),
    Entry::new(&["translate"], (3, 3), TEXT, Fate::Named("$TRANSLATE")).wanting(Wants::Text),
    Entry::new(
        &["repeat"],
        (2, 2),
        TEXT,
        Fate::Translated("`REPEAT(s, n)`, a negative `n` as 0", repeat),
    )
    .wanting(Wants::Text),
    Entry::new(&["lpad", "rpad"], (2, 3), TEXT, Fate::Same).wanting(Wants::Text),
    Entry::new(
        &["ascii"],
        (1, 1),
        INT4,
        Fate::Translated("`{fn ASCII(s)}`, 0 for `''`", ascii),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["chr"],
        (1, 1),
        TEXT,
        Fate::Translated("`CHAR(…)`", |call| {
            if call.integer(0) == Some(0) {
                return Err(Diagnostic::error("54000", "null character not permitted"));
            }
            Ok(build::call("CHAR", vec![call.take(0)]))
        }),
    ),
    Entry::new(
        &["concat"],
        (1, ANY),
        TEXT,
        Fate::Translated("`STRING(…)`, `''` if every argument is NULL", concat),
    )
    .bringing(Marks::CONDITION.and(Marks::PREDICATE))
    .typed(),
    Entry::new(
        &["concat_ws"],
        (2, ANY),
        TEXT,
        Fate::Emulated(
            "`STRING(sep || a, sep || b, …)` without its first separator",
            concat_ws,
        ),
    )
    .bringing(Marks::CONDITION.and(Marks::PREDICATE))
    .typed(),
    Entry::new(
        &["btrim"],
        (1, 2),
        TEXT,
        Fate::Translated("`TRIM(BOTH chars FROM s)`", |call| {
            Ok(trim(call, TrimWhereField::Both))
        }),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["ltrim"],
        (1, 2),
        TEXT,
        Fate::Translated("`LTRIM(s)`, or `TRIM(LEADING chars FROM s)`", |call| {
            Ok(trim(call, TrimWhereField::Leading))
        }),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["rtrim"],
        (1, 2),
        TEXT,
        Fate::Translated("`RTRIM(s)`, or `TRIM(TRAILING chars FROM s)`", |call| {
            Ok(trim(call, TrimWhereField::Trailing))
        }),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["octet_length", "bit_length"],
        (1, 1),
        INT4,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["initcap"],
        (1, 1),
        TEXT,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .wanting(Wants::Text),
];

/// IRIS makes NULL of a negative count.
fn repeat(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let count = match call.integer(1) {
        Some(count) => build::number(count.max(0)),
        None => {
            let is_negative = build::binary(
                build::nested(call.copy(1)?),
                BinaryOperator::Lt,
                build::number(0),
            );
            build::case(vec![(is_negative, build::number(0))], Some(call.take(1)))
        }
    };
    Ok(braced("REPEAT", vec![call.take(0), count]))
}

fn ascii(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let code = |text: Expr| braced("ASCII", vec![text]);
    if call.string(0).is_some_and(|text| !text.is_empty()) {
        return Ok(code(call.take(0)));
    }
    let again = call.copy(0)?;
    let otherwise = build::case(vec![(is_not_null(again), build::number(0))], None);
    Ok(build::call("COALESCE", vec![code(call.take(0)), otherwise]))
}

fn concat(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let any_value = (0..call.args.len()).any(|index| !call.may_be_null(index));
    let mut texts = Vec::with_capacity(call.args.len());
    for index in 0..call.args.len() {
        texts.push(call.written(index)?);
    }
    Ok(or_empty(build::call("STRING", texts), any_value))
}

fn or_empty(text: Expr, is_never_null: bool) -> Expr {
    if is_never_null {
        return text;
    }
    build::call("COALESCE", vec![text, build::string("")])
}

/// `sep || NULL` is NULL, which STRING leaves out together with its separator.
fn concat_ws(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let separator = call.string(0);
    let any_value = (1..call.args.len()).any(|index| !call.may_be_null(index));
    let mut texts = Vec::with_capacity(call.args.len());
    for index in 1..call.args.len() {
        let text = call.written(index)?;
        texts.push(match &separator {
            Some(separator) if separator.is_empty() => text,
            _ => operation(call.copy(0)?, BinaryOperator::StringConcat, text),
        });
    }
    let all = build::call("STRING", texts);
    Ok(match separator {
        Some(separator) if separator.is_empty() => or_empty(all, any_value),
        Some(separator) => {
            let start = separator.encode_utf16().count() + 1;
            let rest = build::call("SUBSTRING", vec![all, build::number(start)]);
            or_empty(rest, any_value)
        }
        None => {
            let again = call.copy(0)?;
            let start = build::binary(
                build::call("CHAR_LENGTH", vec![call.copy(0)?]),
                BinaryOperator::Plus,
                build::number(1),
            );
            let rest = build::call("SUBSTRING", vec![all, start]);
            build::case(vec![(is_not_null(again), or_empty(rest, any_value))], None)
        }
    })
}

/// Without characters, IRIS's LTRIM and RTRIM are PostgreSQL's.
fn trim(call: &mut Call<'_, '_, '_>, side: TrimWhereField) -> Expr {
    let characters = (call.args.len() > 1).then(|| call.take(1));
    let text = call.take(0);
    match (characters, side) {
        (None, TrimWhereField::Leading) => build::call("LTRIM", vec![text]),
        (None, TrimWhereField::Trailing) => build::call("RTRIM", vec![text]),
        (characters, side) => Expr::Trim {
            trim_where: Some(side),
            trim_what: Some(Box::new(characters.unwrap_or_else(|| build::string(" ")))),
            expr: Box::new(text),
            trim_characters: None,
        },
    }
}

/// Whether a string is empty: a comparison with `''` would also find blanks.
pub(super) fn is_empty(text: Expr) -> Expr {
    build::binary(
        build::call("CHAR_LENGTH", vec![text]),
        BinaryOperator::Eq,
        build::number(0),
    )
}

/// `''` where a string is empty and another one is not NULL, else a value.
pub(super) fn unless_empty(part: Expr, whole: Expr, found: Expr, value: Expr) -> Expr {
    build::case(
        vec![(and(is_empty(part), is_not_null(whole)), found)],
        Some(value),
    )
}
