//! Dates and times from numbers.

use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo, UnaryOperator, Value};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::functions::call::varchar;
use crate::rules::datetime_literal;
use crate::wit::Diagnostic;
use crate::zone;

/// `make_date(year, month, day)`. IRIS fails on what is no date if it is told the form.
pub(super) fn date(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let numbers = (call.integer(0), call.integer(1), call.integer(2));
    if let (Some(year), Some(month), Some(day)) = numbers {
        let text = format!("{year:04}-{month:02}-{day:02}");
        if datetime_literal::is_date(&text) != Some(true) {
            return Err(Diagnostic::error(
                "22008",
                format!("date field value out of range: {year}-{month:02}-{day:02}"),
            ));
        }
        return Ok(build::cast(build::string(&text), DataType::Date));
    }
    let year = build::call(
        "LPAD",
        vec![
            build::cast(call.take(0), varchar(11)),
            build::number(4),
            build::string("0"),
        ],
    );
    let mut text = year;
    for index in [1, 2] {
        let part = build::nested(call.take(index));
        text = build::binary(text, BinaryOperator::StringConcat, build::string("-"));
        text = build::binary(text, BinaryOperator::StringConcat, part);
    }
    Ok(build::call(
        "TO_DATE",
        vec![text, build::string("YYYY-MM-DD")],
    ))
}

/// `make_time(hour, minute, seconds)` of constants.
pub(super) fn time(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let text = clock(call, 0)?;
    if text.contains('.') {
        return Err(call.refusal(
            " with a fraction of a second",
            "IRIS cuts it off: use make_timestamp, or pass the time as a parameter",
        ));
    }
    Ok(build::cast(
        build::string(&text),
        DataType::Time(None, TimezoneInfo::None),
    ))
}

/// `make_timestamp(year, month, day, hour, minute, seconds)` of constants.
pub(super) fn timestamp(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let (Some(year), Some(month), Some(day)) = (call.integer(0), call.integer(1), call.integer(2))
    else {
        return Err(constants(call));
    };
    let date = format!("{year:04}-{month:02}-{day:02}");
    if datetime_literal::is_date(&date) != Some(true) {
        return Err(Diagnostic::error(
            "22008",
            format!("date field value out of range: {year}-{month:02}-{day:02}"),
        ));
    }
    let text = format!("{date} {}", clock(call, 3)?);
    Ok(build::cast(
        build::string(&text),
        DataType::Timestamp(None, TimezoneInfo::None),
    ))
}

/// `make_timestamptz` of the same constants, on the clocks of the session.
pub(super) fn timestamptz(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let shown = timestamp(call)?;
    zone::as_moment(shown, call.pass)
}

fn constants(call: &Call<'_, '_, '_>) -> Diagnostic {
    call.refusal(
        " of computed numbers",
        "IRIS would make midnight of a time that is none: put it together in the client",
    )
}

/// The time that three arguments are.
fn clock(call: &Call<'_, '_, '_>, from: usize) -> Diagnosed<String> {
    let (Some(hour), Some(minute), Some(seconds)) = (
        call.integer(from),
        call.integer(from + 1),
        call.args.get(from + 2).and_then(decimal),
    ) else {
        return Err(constants(call));
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((&seconds, "0"));
    if fraction.len() > 6 {
        return Err(constants(call));
    }
    let text = format!("{hour:02}:{minute:02}:{whole:0>2}.{fraction}");
    if datetime_literal::is_time(&text) != Some(true) {
        return Err(Diagnostic::error(
            "22008",
            format!("time field value out of range: {hour}:{minute:02}:{seconds}"),
        ));
    }
    Ok(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// The digits of a number literal.
fn decimal(expr: &Expr) -> Option<String> {
    match build::unnested(expr) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => {
                let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                plain.then(|| digits.clone())
            }
            _ => None,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => Some(format!("-{}", decimal(expr)?)),
        _ => None,
    }
}

/// `(a, b) OVERLAPS (c, d)`: periods begin with the earlier end, and an empty one
/// overlaps with what begins with it.
pub(super) fn overlaps(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    if (0..4).any(|index| call.may_be_null(index)) {
        return Err(call.refusal(
            " of what may be NULL",
            "compare the ends of the periods, or coalesce(…) them",
        ));
    }
    let mut end = |name: &str, first: usize| {
        Ok(build::call(
            name,
            vec![call.copy(first)?, call.copy(first + 1)?],
        ))
    };
    let (start, other_start) = (end("LEAST", 0)?, end("LEAST", 2)?);
    let begins = build::binary(start.clone(), BinaryOperator::Lt, end("GREATEST", 2)?);
    let lasts = build::binary(other_start.clone(), BinaryOperator::Lt, end("GREATEST", 0)?);
    let both = build::nested(build::binary(begins, BinaryOperator::And, lasts));
    let same = build::binary(start, BinaryOperator::Eq, other_start);
    call.pass.copies.copy(&same)?;
    Ok(build::nested(build::binary(
        both,
        BinaryOperator::Or,
        build::nested(same),
    )))
}
