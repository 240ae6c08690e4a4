//! Functions that find, take and replace parts of strings.

use sqlparser::ast::{BinaryOperator, Expr};

use super::call::{and, braced, is_not_null, operation};
use super::string::unless_empty;
use super::{Call, Entry, Fate, Returns, Wants};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::wit::Diagnostic;

const TEXT: Returns = Returns::Type(oid::TEXT);

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["substring", "substr"],
        (2, 3),
        TEXT,
        Fate::Translated(
            "`SUBSTRING(s, start, length)`, `''` for a length of 0",
            substring,
        ),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["left"],
        (2, 2),
        TEXT,
        Fate::Translated(
            "`{fn LEFT(s, n)}`; a negative `n` counts from the end",
            left,
        ),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["right"],
        (2, 2),
        TEXT,
        Fate::Translated(
            "`{fn RIGHT(s, n)}`, for a negative `n` `SUBSTRING(s, 1 - n)`",
            right,
        ),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["strpos"],
        (2, 2),
        Returns::Type(oid::INT4),
        Fate::Translated("`INSTR(s, part)`, 1 for `''`", |call| position(call, 0, 1)),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["position"],
        (2, 2),
        Returns::Type(oid::INT4),
        Fate::Translated("`POSITION(part IN s)`, 1 for `''`", |call| {
            position(call, 1, 0)
        }),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["starts_with"],
        (2, 2),
        Returns::Type(oid::BOOL),
        Fate::Translated("`INSTR(s, part) = 1`", |call| {
            Ok(build::nested(build::binary(
                position(call, 0, 1)?,
                BinaryOperator::Eq,
                build::number(1),
            )))
        }),
    )
    .wanting(Wants::Text)
    .bringing(Marks::PREDICATE.and(Marks::CONDITION)),
    Entry::new(
        &["split_part"],
        (3, 3),
        TEXT,
        Fate::Translated(
            "`$PIECE(s, delimiter, n)`, `''` where there is no such part",
            split_part,
        ),
    )
    .wanting(Wants::Text),
    Entry::new(
        &["overlay"],
        (3, 4),
        TEXT,
        Fate::Translated("`STUFF(s, start, length, new)`", overlay),
    )
    .wanting(Wants::Text),
];

/// IRIS's `SUBSTR` counts a negative start from the end, and makes NULL of a length
/// of 0.
fn substring(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    if call.type_of(0) == Some(oid::BYTEA) {
        return Err(call.refusal(
            " of bytea",
            "IRIS makes a string of it: cut the bytes in the client",
        ));
    }
    if call.is_string(1) {
        return Err(call.refusal(
            "(text, pattern)",
            "IRIS has no regular expressions: use substring with positions",
        ));
    }
    if call.args.len() == 2 {
        let args = vec![call.take(0), call.take(1)];
        return Ok(build::call("SUBSTRING", args));
    }
    if call.integer(2).is_some_and(|length| length != 0) {
        let args = vec![call.take(0), call.take(1), call.take(2)];
        return Ok(build::call("SUBSTRING", args));
    }
    let is_zero = build::binary(
        build::nested(call.copy(2)?),
        BinaryOperator::Eq,
        build::number(0),
    );
    let mut condition = and(is_zero, is_not_null(call.copy(0)?));
    if call.integer(1).is_none() {
        condition = and(condition, is_not_null(call.copy(1)?));
    }
    let args = vec![call.take(0), call.take(1), call.take(2)];
    Ok(build::case(
        vec![(condition, build::string(""))],
        Some(braced("SUBSTRING", args)),
    ))
}

fn left(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    match call.integer(1) {
        Some(count) if count >= 0 => Ok(braced("LEFT", vec![call.take(0), call.take(1)])),
        Some(_) => {
            let all = from_the_end(call)?;
            Ok(braced("LEFT", vec![call.take(0), all]))
        }
        None => {
            let from_the_end = from_the_end(call)?;
            let is_negative = negative(call.copy(1)?);
            let count = build::case(vec![(is_negative, from_the_end)], Some(call.take(1)));
            Ok(braced("LEFT", vec![call.take(0), count]))
        }
    }
}

fn negative(number: Expr) -> Expr {
    build::binary(build::nested(number), BinaryOperator::Lt, build::number(0))
}

/// All characters but `-n`, at least none.
fn from_the_end(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let length = build::call("CHAR_LENGTH", vec![call.copy(0)?]);
    let rest = match call.integer(1) {
        Some(count) => build::binary(
            length,
            BinaryOperator::Minus,
            build::number(count.unsigned_abs()),
        ),
        None => build::binary(length, BinaryOperator::Plus, build::nested(call.copy(1)?)),
    };
    let none = build::binary(rest.clone(), BinaryOperator::Lt, build::number(0));
    call.pass.copies.copy(&rest)?;
    Ok(build::case(vec![(none, build::number(0))], Some(rest)))
}

fn right(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    match call.integer(1) {
        Some(count) if count >= 0 => Ok(braced("RIGHT", vec![call.take(0), call.take(1)])),
        Some(count) => {
            let start = build::number(count.unsigned_abs().saturating_add(1));
            Ok(build::call("SUBSTRING", vec![call.take(0), start]))
        }
        None => {
            let is_negative = negative(call.copy(1)?);
            let start = operation(build::number(1), BinaryOperator::Minus, call.copy(1)?);
            let rest = build::call("SUBSTRING", vec![call.copy(0)?, start]);
            let args = vec![call.take(0), call.take(1)];
            Ok(build::case(
                vec![(is_negative, rest)],
                Some(braced("RIGHT", args)),
            ))
        }
    }
}

/// IRIS finds `''` in `''` only, PostgreSQL at the beginning of everything.
fn position(call: &mut Call<'_, '_, '_>, whole: usize, part: usize) -> Diagnosed<Expr> {
    if call.string(part).is_some_and(|part| !part.is_empty()) {
        let args = vec![call.take(whole), call.take(part)];
        return Ok(build::call("INSTR", args));
    }
    let (empty, in_what) = (call.copy(part)?, call.copy(whole)?);
    let args = vec![call.take(whole), call.take(part)];
    let found = build::call("INSTR", args);
    Ok(unless_empty(empty, in_what, build::number(1), found))
}

fn split_part(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let number = call.integer(2);
    if number == Some(0) {
        return Err(Diagnostic::error(
            "22023",
            "field position must not be zero",
        ));
    }
    // Without a delimiter there is one part.
    if call.string(1).as_deref() == Some("")
        && let Some(number) = number
    {
        if number.abs() == 1 {
            return Ok(build::nested(call.take(0)));
        }
        return Ok(build::case(
            vec![(is_not_null(call.take(0)), build::string(""))],
            None,
        ));
    }
    let nullable = call.may_be_null(0) || call.may_be_null(1) || call.may_be_null(2);
    let field = match number {
        Some(number) if number > 0 => call.copy(2)?,
        Some(_) => from_the_last(call)?,
        None => {
            let is_negative = negative(call.copy(2)?);
            build::case(
                vec![(is_negative, from_the_last(call)?)],
                Some(call.copy(2)?),
            )
        }
    };
    let mut is_known = is_not_null(call.copy(0)?);
    for index in [1, 2] {
        let literal = call.string(index).is_some() || call.integer(index).is_some();
        if !literal {
            is_known = and(is_known, is_not_null(call.copy(index)?));
        }
    }
    let whole = match (call.string(1), number) {
        (Some(_), _) => None,
        (None, Some(1 | -1)) => Some(call.copy(0)?),
        (None, Some(_)) => Some(build::string("")),
        (None, None) => {
            let is_one = Expr::InList {
                expr: Box::new(build::nested(call.copy(2)?)),
                list: vec![build::number(1), build::number(-1)],
                negated: false,
            };
            let whole = vec![(is_one, call.copy(0)?)];
            Some(build::case(whole, Some(build::string(""))))
        }
    };
    let undivided = match whole {
        Some(whole) => {
            let delimiter = build::nested(call.copy(1)?);
            let is_empty = build::binary(delimiter, BinaryOperator::Eq, build::string(""));
            Some((is_empty, whole))
        }
        None => None,
    };
    let piece = build::call("$PIECE", vec![call.take(0), call.take(1), field]);
    let mut part = build::call("COALESCE", vec![piece, build::string("")]);
    if let Some(undivided) = undivided {
        part = build::case(vec![undivided], Some(part));
    }
    Ok(if nullable {
        build::case(vec![(is_known, part)], None)
    } else {
        part
    })
}

/// The number of a part that is counted from the last.
fn from_the_last(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let parts = build::call("$LENGTH", vec![call.copy(0)?, call.copy(1)?]);
    let behind = build::binary(parts, BinaryOperator::Plus, build::number(1));
    Ok(match call.integer(2) {
        Some(number) => build::binary(
            behind,
            BinaryOperator::Minus,
            build::number(number.unsigned_abs()),
        ),
        None => build::binary(behind, BinaryOperator::Plus, build::nested(call.copy(2)?)),
    })
}

/// `overlay(s, new, start, length)`
fn overlay(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let length = match call.args.len() {
        3 => build::call("CHAR_LENGTH", vec![call.copy(1)?]),
        _ => call.take(3),
    };
    let args = vec![call.take(0), call.take(2), length, call.take(1)];
    Ok(build::call("STUFF", args))
}
