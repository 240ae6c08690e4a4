//! `x AT TIME ZONE zone`.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use super::clock::in_zone;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::interval::Interval;

use crate::types::oid;
use crate::wit::{ClockZone, Oid};
use crate::zone::{Zone, is_utc, zoned};

/// Seconds east of UTC; none if only a table of time zones knows.
fn offset(zone: &Expr, name: Option<&str>) -> Option<i64> {
    if let Some(interval) = Interval::of(zone) {
        return interval.whole_seconds();
    }
    let name = name?;
    if is_utc(name) {
        return Some(0);
    }
    // As POSIX has it, offsets in names count to the west.
    let (sign, clock) = match name.strip_prefix('-') {
        Some(clock) => (1, clock),
        None => (-1, name.strip_prefix('+')?),
    };
    let (hours, minutes) = clock.split_once(':').unwrap_or((clock, "0"));
    let digits = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 15 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// On the clocks of a zone, or from them to UTC; none if the type does not tell which.
fn by_name(
    call: &mut Call<'_, '_, '_>,
    zone: &Zone,
    known: Option<Oid>,
) -> Diagnosed<Option<Expr>> {
    let clock = call
        .args
        .get(1)
        .filter(|_| call.pass.binds)
        .and_then(|moment| in_zone(moment, ClockZone::Named(zone.name()?.to_owned())));
    if clock.is_some() {
        return Ok(clock);
    }
    let moment = call.take(1);
    let copies = &mut call.pass.copies;
    match known {
        Some(oid::TIMESTAMPTZ) => zone.local(moment, copies).map(Some),
        Some(oid::TIMESTAMP) => zone.utc(moment, copies).map(Some),
        _ => Ok(None),
    }
}

/// `timezone(zone, x)`
pub(super) fn shifted(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let name = call.string(0);
    let known = call.type_of(1);
    let Some(east) = call
        .args
        .first()
        .and_then(|zone| offset(zone, name.as_deref()))
    else {
        if let Some(zone) = name.and_then(|name| Zone::named(&name))
            && let Some(shifted) = by_name(call, &zone, known)?
        {
            return Ok(shifted);
        }
        return Err(call.refusal(
            " with this time zone",
            "name one as Europe/Berlin, of a timestamp or a timestamptz; or use an interval",
        ));
    };
    let timestamp = DataType::Timestamp(None, TimezoneInfo::None);
    match known {
        Some(oid::TIMESTAMP | oid::TIMESTAMPTZ) | None if east == 0 => Ok(call.take(1)),
        Some(oid::DATE) if east == 0 => Ok(build::cast(call.take(1), timestamp)),
        _ => {
            let is_zoned = match known {
                Some(oid::TIMESTAMPTZ) => Some(true),
                Some(oid::TIMESTAMP) => Some(false),
                _ => call.args.get(1).and_then(zoned),
            };
            let Some(is_zoned) = is_zoned else {
                return Err(call.refusal(
                    " of what may have a time zone or not",
                    "cast the value to timestamp or timestamptz before AT TIME ZONE",
                ));
            };
            let count = if is_zoned { east } else { -east };
            let count = build::number(count);
            Ok(build::call(
                "DATEADD",
                vec![build::string("ss"), count, call.take(1)],
            ))
        }
    }
}
