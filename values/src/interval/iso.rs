//! ISO 8601's way to write an interval: `P1Y2M3DT4H5M6.7S`, and the alternative forms
//! `P0001-02-03T04:05:06` and `P00010203T040506`.

use super::units::Unit;
use super::{Amount, Sum, Wrong};

pub(super) fn read(text: &str) -> Result<Sum, Wrong> {
    let body = text.strip_prefix('P').ok_or(Wrong::Syntax)?;
    let (dates, clock) = match body.split_once('T') {
        Some((dates, clock)) => (dates, Some(clock)),
        None => (body, None),
    };
    if dates.is_empty() && clock.is_none() {
        return Err(Wrong::Syntax);
    }
    let mut sum = Sum::default();
    add_dates(&mut sum, dates)?;
    match clock {
        None | Some("") => {}
        Some(clock) => add_clock(&mut sum, clock)?,
    }
    Ok(sum)
}

fn add_dates(sum: &mut Sum, text: &str) -> Result<(), Wrong> {
    const UNITS: &[(u8, Unit)] = &[
        (b'Y', Unit::Year),
        (b'M', Unit::Month),
        (b'W', Unit::Week),
        (b'D', Unit::Day),
    ];
    if text.is_empty() {
        return Ok(());
    }
    if text.ends_with(|c: char| c.is_ascii_uppercase()) {
        return add_units(sum, text, UNITS);
    }
    let parts = [Unit::Year, Unit::Month, Unit::Day];
    add_parts(sum, text, '-', 8, &parts, [4, 2, 2])
}

fn add_clock(sum: &mut Sum, text: &str) -> Result<(), Wrong> {
    const UNITS: &[(u8, Unit)] = &[
        (b'H', Unit::Hour),
        (b'M', Unit::Minute),
        (b'S', Unit::Second),
    ];
    if text.ends_with(|c: char| c.is_ascii_uppercase()) {
        return add_units(sum, text, UNITS);
    }
    let parts = [Unit::Hour, Unit::Minute, Unit::Second];
    add_parts(sum, text, ':', 6, &parts, [2, 2, 2])
}

/// `1Y2M`: each number before its unit.
fn add_units(sum: &mut Sum, text: &str, units: &[(u8, Unit)]) -> Result<(), Wrong> {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_uppercase());
        let end = end.ok_or(Wrong::Syntax)?;
        let named = units.iter().find(|(name, _)| *name == rest.as_bytes()[end]);
        let (_, unit) = named.ok_or(Wrong::Syntax)?;
        sum.add(amount(&rest[..end], *unit)?)?;
        rest = &rest[end + 1..];
    }
    Ok(())
}

/// `0001-02-03`, or as many digits as `basic` without anything between.
fn add_parts(
    sum: &mut Sum,
    text: &str,
    between: char,
    basic: usize,
    units: &[Unit; 3],
    widths: [usize; 3],
) -> Result<(), Wrong> {
    // PostgreSQL passes over what stands behind the point here.
    let whole = text.split('.').next().unwrap_or(text);
    let sign = text.len() - text.trim_start_matches('-').len();
    if whole.len() == basic && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        let mut from = 0;
        for (unit, width) in units.iter().zip(widths) {
            sum.add(amount(&whole[from..from + width], *unit)?)?;
            from += width;
        }
        return Ok(());
    }
    let parts = text[sign..].split(between).collect::<Vec<_>>();
    if parts.len() > units.len() {
        return Err(Wrong::Syntax);
    }
    for (index, (part, unit)) in parts.into_iter().zip(units).enumerate() {
        let signed = match index {
            0 => format!("{}{part}", &text[..sign]),
            _ => part.to_owned(),
        };
        sum.add(amount(&signed, *unit)?)?;
    }
    Ok(())
}

/// `-1.5`
fn amount(text: &str, unit: Unit) -> Result<Amount, Wrong> {
    let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.');
    if !text.chars().all(is_plain) {
        return Err(Wrong::Syntax);
    }
    let number: f64 = text.parse().map_err(|_| Wrong::Syntax)?;
    let whole = text.split('.').next().unwrap_or_default();
    let whole: i64 = match whole {
        "" | "-" | "+" => 0,
        whole => whole.parse().map_err(|_| Wrong::Field)?,
    };
    #[allow(
        clippy::cast_precision_loss,
        reason = "the fraction alone is of interest"
    )]
    let fraction = number - number.trunc();
    Ok(Amount {
        whole,
        fraction,
        unit,
    })
}
