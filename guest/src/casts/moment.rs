//! Casts of strings to dates and times: IRIS would make 1840-12-31 of what is none.

use sqlparser::ast::{BinaryOperator, CharacterLength, DataType, Expr, TimezoneInfo};

use super::Operand;
use super::number::not_like;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::{braced, varchar};
use crate::placeholder;
use crate::raise;
use crate::types::oid;
use crate::wit::Diagnostic;

const DAY: &str = "4N1\"-\"2N1\"-\"2N";
/// Longer than any timestamp, and than what other casts to text ask for.
const CLOCK_LENGTH: u64 = 31;

/// A point, and a digit that is not zero behind it.
const FRACTION: &str =
    ".E1\".\".\"0\"1(1\"1\",1\"2\",1\"3\",1\"4\",1\"5\",1\"6\",1\"7\",1\"8\",1\"9\").N";

const CLOCK: &str = "2N1\":\"2N.1(1\":\"2N.1(1\".\"1.6N))";

pub(super) fn date(operand: &mut Operand<'_>) -> Diagnosed<Option<Expr>> {
    // IRIS takes a parameter for a string, and a string with a clock is no date to it.
    let is_stamp = matches!(operand.oid, Some(oid::TIMESTAMP | oid::TIMESTAMPTZ));
    if is_stamp && placeholder::number_of(build::unnested(&operand.expr)).is_some() {
        let stamp = DataType::Timestamp(None, TimezoneInfo::None);
        let stamp = build::cast(operand.argument()?, stamp);
        return Ok(Some(build::cast(stamp, DataType::Date)));
    }
    if !operand.is_text() {
        return Ok(None);
    }
    let failures = vec![
        malformed(operand, DAY, "date")?,
        (
            no_day(operand.trimmed()?, operand.trimmed()?),
            out_of_range(operand)?,
        ),
    ];
    let value = build::cast(operand.trimmed()?, DataType::Date);
    Ok(Some(guarded(failures, value, &DataType::Date)))
}

pub(super) fn timestamp(
    operand: &mut Operand<'_>,
    target: u32,
    written: &DataType,
) -> Diagnosed<Option<Expr>> {
    let is_moment = matches!(operand.oid, Some(oid::TIMESTAMP | oid::TIMESTAMPTZ));
    if let (true, Some(digits)) = (is_moment, digits_of(written)) {
        let value = operand.argument()?;
        let value = match placeholder::number_of(&value) {
            Some(_) => build::cast(value, DataType::Timestamp(None, TimezoneInfo::None)),
            None => value,
        };
        return Ok(Some(rounded(value, digits)));
    }
    if !operand.is_text() {
        return Ok(None);
    }
    let zoned = target == oid::TIMESTAMPTZ;
    let name = match zoned {
        true => "timestamp with time zone",
        false => "timestamp",
    };
    let offset = |digits: &str| match zoned {
        true => format!(".1(1\"Z\",1(1\"+\",1\"-\"){digits}.1(.1\":\"{digits}))"),
        false => String::new(),
    };
    let form = |digits: &str| format!("{DAY}.1(1(1\" \",1\"T\"){CLOCK}{})", offset(digits));
    let day = |operand: &mut Operand<'_>| Ok(part(operand.trimmed()?, 1, 10));
    let bad_day = no_day(day(operand)?, day(operand)?);
    let bad = or(bad_day, no_clock(operand, 12)?);
    let mut failures = vec![
        malformed(operand, &form("2N"), name)?,
        (bad, out_of_range(operand)?),
    ];
    let mut value = operand.trimmed()?;
    if zoned {
        let in_utc = form("2\"0\"");
        failures.push((
            not_like(operand.trimmed()?, &in_utc),
            raise::plain(
                "0A000",
                "a text with an offset other than UTC is not supported here",
            ),
        ));
        for sign in ["Z", "+"] {
            value = build::call("$PIECE", vec![value, build::string(sign), build::number(1)]);
        }
        // Of what is left, as much as there is of a clock: `-00` may follow.
        value = without_minus(value);
    }
    let target = DataType::Timestamp(None, TimezoneInfo::None);
    let moment = build::cast(value, target.clone());
    let moment = match digits_of(written) {
        Some(digits) => rounded(moment, digits),
        None => moment,
    };
    Ok(Some(guarded(failures, moment, &target)))
}

/// A moment without `-00` behind its clock: the hyphens of its day stay.
fn without_minus(moment: Expr) -> Expr {
    let pieces = vec![
        moment,
        build::string("-"),
        build::number(1),
        build::number(3),
    ];
    build::call("$PIECE", pieces)
}

/// How many digits of a second a type keeps, if it does not keep them all.
pub(super) fn digits_of(written: &DataType) -> Option<u64> {
    match written {
        DataType::Timestamp(Some(digits @ 0..=5), _) | DataType::Time(Some(digits @ 0..=5), _) => {
            Some(*digits)
        }
        _ => None,
    }
}

/// With so many digits of a second: half of the last one is added, the others are cut off.
fn rounded(moment: Expr, digits: u64) -> Expr {
    let half = (digits..5).fold(5_u64, |half, _| half * 10);
    let later = build::call(
        "DATEADD",
        vec![build::string("mcs"), build::number(half), moment],
    );
    let text = build::cast(later, varchar(CLOCK_LENGTH));
    let length = match digits {
        0 => 19,
        more => 20 + more,
    };
    let cut = braced(
        "SUBSTRING",
        vec![text, build::number(1), build::number(length)],
    );
    build::cast(cut, DataType::Timestamp(None, TimezoneInfo::None))
}

pub(super) fn time(operand: &mut Operand<'_>, written: &DataType) -> Diagnosed<Option<Expr>> {
    if digits_of(written).is_some() {
        return Err(Diagnostic::not_supported(
            "rounding a time is not supported",
            "leave the number of digits away, and round in the client",
        ));
    }
    // IRIS's CAST would cut the fraction of a second off.
    if operand.oid == Some(oid::TIME) {
        return Ok(Some(build::nested(operand.argument()?)));
    }
    if matches!(operand.oid, Some(oid::TIMESTAMP | oid::TIMESTAMPTZ)) {
        let text = build::cast(operand.argument()?, varchar(CLOCK_LENGTH));
        let clock = braced("SUBSTRING", vec![text, build::number(12)]);
        let target = DataType::Time(None, TimezoneInfo::None);
        return Ok(Some(build::cast(clock, target)));
    }
    if !operand.is_text() {
        return Ok(None);
    }
    let failures = vec![
        malformed(operand, CLOCK, "time")?,
        (no_clock(operand, 1)?, out_of_range(operand)?),
        (fraction(operand.trimmed()?), no_fraction()),
    ];
    let target = DataType::Time(None, TimezoneInfo::None);
    let value = build::cast(operand.trimmed()?, target.clone());
    Ok(Some(guarded(failures, value, &target)))
}

/// Whether a text has a fraction of a second that is not zero.
fn fraction(text: Expr) -> Expr {
    build::binary(
        text,
        BinaryOperator::Custom("%PATTERN".to_owned()),
        build::string(FRACTION),
    )
}

fn no_fraction() -> Expr {
    raise::plain(
        "0A000",
        "a time with a fraction of a second is not supported here",
    )
}

/// The text of a timestamp's time, where only that matters: IRIS's CAST drops the fraction
/// of the second.
pub(crate) fn clock_of(cast: &Expr) -> Option<&Expr> {
    let Expr::Cast {
        expr,
        data_type: DataType::Time(None, _),
        ..
    } = cast
    else {
        return None;
    };
    let Expr::Function(function) = &**expr else {
        return None;
    };
    let is_clock = build::arguments(function).first().is_some_and(|first| {
        matches!(first, Expr::Cast { data_type, .. } if *data_type == varchar(CLOCK_LENGTH))
    });
    is_clock.then_some(expr)
}

/// The branches of a CASE are of one type.
fn guarded(failures: Vec<(Expr, Expr)>, value: Expr, data_type: &DataType) -> Expr {
    let typed = |(condition, failure)| (condition, build::cast(failure, data_type.clone()));
    build::case(failures.into_iter().map(typed).collect(), Some(value))
}

fn malformed(operand: &mut Operand<'_>, form: &str, kind: &str) -> Diagnosed<(Expr, Expr)> {
    let condition = not_like(operand.trimmed()?, form);
    let message = format!("invalid input syntax for type {kind}: \"");
    Ok((
        condition,
        raise::about("22007", &message, operand.copy()?, "\""),
    ))
}

fn out_of_range(operand: &mut Operand<'_>) -> Diagnosed<Expr> {
    Ok(raise::about(
        "22008",
        "date/time field value out of range: \"",
        operand.copy()?,
        "\"",
    ))
}

/// Whether a text that looks like a day is none: IRIS does not give it back then.
fn no_day(day: Expr, again: Expr) -> Expr {
    let shown = DataType::Varchar(Some(CharacterLength::IntegerLength {
        length: 10,
        unit: None,
    }));
    build::binary(
        build::cast(build::cast(day, DataType::Date), shown),
        BinaryOperator::NotEq,
        again,
    )
}

/// Whether the hour, minute or second from `start` on does not exist.
fn no_clock(operand: &mut Operand<'_>, start: u8) -> Diagnosed<Expr> {
    let beyond = |operand: &mut Operand<'_>, start: u8, most: u8| -> Diagnosed<Expr> {
        let number = build::cast(part(operand.trimmed()?, start, 2), DataType::Integer(None));
        Ok(build::binary(
            number,
            BinaryOperator::Gt,
            build::number(most),
        ))
    };
    let hour = beyond(operand, start, 23)?;
    let minute = beyond(operand, start + 3, 59)?;
    let second = beyond(operand, start + 6, 59)?;
    Ok(or(or(hour, minute), second))
}

fn or(left: Expr, right: Expr) -> Expr {
    build::binary(left, BinaryOperator::Or, right)
}

/// `SUBSTRING(text, start, length)`, in IRIS's spelling.
fn part(text: Expr, start: u8, length: u8) -> Expr {
    crate::functions::braced(
        "SUBSTRING",
        vec![text, build::number(start), build::number(length)],
    )
}
