//! The fields of dates and times: `extract`, `date_part` and `date_trunc`.

use pgiris_values::calendar::{Unit, begins};
use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr, TimezoneInfo};

use super::unrolled::by_field;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::functions::call::{operation, to_double, varchar};
use crate::types::oid;
use crate::wit::{Diagnostic, Oid};
use crate::zone::conversion::plain;
use crate::zone::{self, Zone};

/// What a field comes as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Result {
    Numeric,
    Double,
}

/// The fields, and the names of each: `src/backend/utils/adt/datetime.c`, `deltatktbl`.
pub(super) const FIELDS: &[(&str, &[&str])] = &[
    ("century", &["c", "cent", "centuries", "century"]),
    ("day", &["d", "day", "days"]),
    ("decade", &["dec", "decade", "decades", "decs"]),
    ("hour", &["h", "hour", "hours", "hr", "hrs"]),
    ("minute", &["m", "min", "mins", "minute", "minutes"]),
    (
        "microseconds",
        &[
            "microsecon",
            "microsecond",
            "microseconds",
            "us",
            "usec",
            "usecond",
            "useconds",
            "usecs",
        ],
    ),
    ("millennium", &["mil", "millennia", "millennium", "mils"]),
    ("month", &["mon", "mons", "month", "months"]),
    (
        "milliseconds",
        &[
            "millisecon",
            "millisecond",
            "milliseconds",
            "ms",
            "msec",
            "msecond",
            "mseconds",
            "msecs",
        ],
    ),
    ("quarter", &["qtr", "quarter"]),
    ("second", &["s", "sec", "second", "seconds", "secs"]),
    ("timezone", &["timezone"]),
    ("timezone_hour", &["timezone_h", "timezone_hour"]),
    ("timezone_minute", &["timezone_m", "timezone_minute"]),
    ("week", &["w", "week", "weeks"]),
    ("year", &["y", "year", "years", "yr", "yrs"]),
    ("dow", &["dow"]),
    ("doy", &["doy"]),
    ("epoch", &["epoch"]),
    ("isodow", &["isodow"]),
    ("isoyear", &["isoyear"]),
    ("julian", &["j", "jd", "julian"]),
];

/// The one name of a field.
fn canonical(name: &str) -> Option<&'static str> {
    let found = FIELDS.iter().find(|(_, names)| names.contains(&name));
    found.map(|(field, _)| *field)
}

/// Whether an error says that a type has no such field.
pub(super) fn is_unknown(error: &Diagnostic) -> bool {
    error.message.starts_with("unit ")
}

fn type_name(oid: Oid) -> &'static str {
    match oid {
        oid::DATE => "date",
        oid::TIME => "time without time zone",
        oid::TIMESTAMPTZ => "timestamp with time zone",
        _ => "timestamp without time zone",
    }
}

/// The field that the first argument names, and the type of the second.
fn field_of(call: &Call<'_, '_, '_>) -> Diagnosed<(&'static str, Option<Oid>)> {
    let known = call.type_of(1);
    let Some(name) = call.string(0) else {
        return Err(call.refusal(
            " with a computed field",
            "write the name of the field as a literal",
        ));
    };
    match known {
        Some(oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ) | None => {}
        Some(oid::INTERVAL) => {
            return Err(call.refusal(" of an interval here", crate::computed::HINT));
        }
        Some(_) => {
            return Err(Diagnostic::error(
                "42883",
                format!("function {} does not exist for this type", call.name),
            )
            .with_hint("cast the value to date or timestamp"));
        }
    }
    match canonical(&name.to_ascii_lowercase()) {
        Some(field) => Ok((field, known)),
        None => Err(Diagnostic::error(
            "22023",
            format!(
                "unit \"{name}\" not recognized for type {}",
                type_name(known.unwrap_or(oid::TIMESTAMPTZ))
            ),
        )),
    }
}

/// Whether PostgreSQL has the field for `extract` of a type.
fn has(field: &str, of: Oid) -> bool {
    let of_clock = matches!(
        field,
        "hour" | "minute" | "second" | "milliseconds" | "microseconds"
    );
    let of_zone = field.starts_with("timezone");
    match of {
        oid::DATE => !of_clock && !of_zone,
        oid::TIME => of_clock || field == "epoch",
        oid::TIMESTAMPTZ => true,
        _ => !of_zone,
    }
}

/// `extract(field FROM x)` and `date_part(field, x)`
pub(super) fn part(call: &mut Call<'_, '_, '_>, result: Result) -> Diagnosed<Expr> {
    if result == Result::Double
        && let Some(unrolled) = by_field(call, &DataType::Double(ExactNumberInfo::None), |call| {
            part(call, Result::Double)
        })?
    {
        return Ok(unrolled);
    }
    let (field, mut known) = field_of(call)?;
    if field.starts_with("timezone") {
        zone::demand_utc(call, 1)?;
    } else if field != "epoch" && zone::on_clocks(call, 1)? {
        known = Some(oid::TIMESTAMP);
    }
    // date_part of a date is that of its midnight.
    let of = match (known, result) {
        (Some(oid::DATE), Result::Double) => Some(oid::TIMESTAMP),
        (known, _) => known,
    };
    if let Some(of) = of
        && !has(field, of)
    {
        return Err(Diagnostic::error(
            "0A000",
            format!("unit \"{field}\" not supported for type {}", type_name(of)),
        ));
    }
    let (number, scale) = value(call, field, known, result)?;
    Ok(match result {
        Result::Double => to_double(number),
        Result::Numeric if scale > 0 => to_scale(number, scale),
        Result::Numeric => build::nested(number),
    })
}

fn to_scale(number: Expr, scale: i64) -> Expr {
    build::cast(
        number,
        DataType::Numeric(ExactNumberInfo::PrecisionAndScale(36, scale)),
    )
}

/// The field, and the digits of its fraction.
fn value(
    call: &mut Call<'_, '_, '_>,
    field: &str,
    known: Option<Oid>,
    result: Result,
) -> Diagnosed<(Expr, i64)> {
    let whole = |number| Ok((number, 0));
    match field {
        "year" | "quarter" | "month" | "day" | "hour" | "minute" => whole(datepart(call, field)),
        "doy" => whole(datepart(call, "dayofyear")),
        // Sunday is 1 for IRIS and 0 for PostgreSQL.
        "dow" => whole(minus(datepart(call, "weekday"), 1)),
        "isodow" => {
            let days = plus(days_since_monday(call.take(1)), 1);
            whole(build::cast(days, DataType::Integer(None)))
        }
        "decade" => whole(divided(datepart(call, "year"), 10)),
        "century" => whole(divided(plus(datepart(call, "year"), 99), 100)),
        "millennium" => whole(divided(plus(datepart(call, "year"), 999), 1000)),
        "isoyear" => {
            let thursday = thursday(call)?;
            whole(part_of("year", thursday))
        }
        "week" => {
            let thursday = thursday(call)?;
            whole(divided(plus(part_of("dayofyear", thursday), 6), 7))
        }
        "julian" => julian(call, known, result),
        "epoch" => epoch(call, known),
        "timezone" | "timezone_hour" | "timezone_minute" => {
            // Of a moment that is none there is none.
            let year = datepart(call, "year");
            whole(operation(year, BinaryOperator::Multiply, build::number(0)))
        }
        _ => seconds(call, field, known),
    }
}

fn part_of(field: &str, moment: Expr) -> Expr {
    build::call("DATEPART", vec![build::string(field), moment])
}

fn datepart(call: &mut Call<'_, '_, '_>, field: &str) -> Expr {
    part_of(field, call.take(1))
}

fn plus(number: Expr, count: u32) -> Expr {
    build::binary(number, BinaryOperator::Plus, build::number(count))
}

fn minus(number: Expr, count: u32) -> Expr {
    build::binary(number, BinaryOperator::Minus, build::number(count))
}

fn divided(number: Expr, by: u32) -> Expr {
    operation(
        number,
        BinaryOperator::Custom("\\".to_owned()),
        build::number(by),
    )
}

/// 0 on Mondays. IRIS counts from 1 on Sundays.
pub(super) fn days_since_monday(moment: Expr) -> Expr {
    let weekday = plus(part_of("weekday", moment), 5);
    build::call("MOD", vec![weekday, build::number(7)])
}

/// The Thursday of the week, which decides to which year the week belongs.
fn thursday(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let days = days_since_monday(call.copy(1)?);
    let count = build::binary(build::number(3), BinaryOperator::Minus, days);
    Ok(added("dd", count, call.take(1)))
}

fn added(unit: &str, count: Expr, moment: Expr) -> Expr {
    build::call("DATEADD", vec![build::string(unit), count, moment])
}

/// Day 0 of IRIS is 1840-12-31.
fn julian(
    call: &mut Call<'_, '_, '_>,
    known: Option<Oid>,
    result: Result,
) -> Diagnosed<(Expr, i64)> {
    if known != Some(oid::DATE) {
        return Err(call.refusal(
            " of the julian day of a timestamp",
            "cast the timestamp to date",
        ));
    }
    let _ = result;
    let first = build::string("1840-12-31");
    let days = build::call("DATEDIFF", vec![build::string("dd"), first, call.take(1)]);
    Ok((plus(days, 2_393_471), 0))
}

/// Seconds since 1970.
fn epoch(call: &mut Call<'_, '_, '_>, known: Option<Oid>) -> Diagnosed<(Expr, i64)> {
    match known {
        Some(oid::DATE) => {
            let first = build::string("1970-01-01");
            let days = build::call("DATEDIFF", vec![build::string("dd"), first, call.take(1)]);
            let seconds = operation(days, BinaryOperator::Multiply, build::number(86_400));
            Ok((seconds, 0))
        }
        Some(oid::TIME) => {
            let clock = call.copy(1)?;
            let hours = operation(
                part_of("hour", as_moment(clock)),
                BinaryOperator::Multiply,
                build::number(3_600),
            );
            let clock = call.copy(1)?;
            let minutes = operation(
                part_of("minute", as_moment(clock)),
                BinaryOperator::Multiply,
                build::number(60),
            );
            let (seconds, scale) = seconds(call, "second", known)?;
            let sum = build::binary(hours, BinaryOperator::Plus, minutes);
            Ok((build::binary(sum, BinaryOperator::Plus, seconds), scale))
        }
        _ => Ok((build::call("UNIX_TIMESTAMP", vec![call.take(1)]), 6)),
    }
}

/// A time as text: DATEPART takes a number for days.
fn as_moment(clock: Expr) -> Expr {
    build::cast(clock, varchar(18))
}

/// The seconds with their fraction, from the text: what DATEPART makes of the
/// fraction is not certain.
fn seconds(call: &mut Call<'_, '_, '_>, field: &str, known: Option<Oid>) -> Diagnosed<(Expr, i64)> {
    let start = match known {
        Some(oid::TIME) => 7,
        Some(oid::TIMESTAMP | oid::TIMESTAMPTZ) => 18,
        Some(oid::DATE) => {
            return Ok((
                operation(
                    datepart(call, "year"),
                    BinaryOperator::Multiply,
                    build::number(0),
                ),
                0,
            ));
        }
        _ => {
            return Err(call.refusal(
                " of the seconds of what only IRIS knows the type of",
                "cast it to timestamp",
            ));
        }
    };
    let text = build::cast(call.take(1), varchar(32));
    let text = build::call("SUBSTRING", vec![text, build::number(start)]);
    let seconds = to_scale(text, 6);
    Ok(match field {
        "second" => (seconds, 6),
        "milliseconds" => (
            operation(seconds, BinaryOperator::Multiply, build::number(1_000)),
            3,
        ),
        _ => (
            build::cast(
                operation(seconds, BinaryOperator::Multiply, build::number(1_000_000)),
                DataType::BigInt(None),
            ),
            0,
        ),
    })
}

/// `date_trunc(field, x [, zone])`
pub(super) fn trunc(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let moment = DataType::Timestamp(None, TimezoneInfo::None);
    if let Some(unrolled) = by_field(call, &moment, trunc)? {
        return Ok(unrolled);
    }
    let (field, known) = field_of(call)?;
    if let Some(zone) = zone_of(call)? {
        let is_named = call.args.len() == 3;
        let is_utc = zone::is_session_in_utc(&call.pass.scene);
        match (known, unit_of(field)) {
            (Some(oid::TIMESTAMPTZ), Some(unit)) => return in_zone(call, &zone, field, unit),
            (Some(oid::TIMESTAMP | oid::DATE), Some(unit)) if is_named && is_utc => {
                let moment = plain(call.take(1), known);
                if let Some(place) = call.args.get_mut(1) {
                    *place = moment;
                }
                return in_zone(call, &zone, field, unit);
            }
            (Some(oid::DATE), Some(_)) if !is_named => {
                let day = plain(call.take(1), known);
                return zone.utc(cut(field, day), &mut call.pass.copies);
            }
            (Some(oid::TIMESTAMP | oid::TIME), _) if !is_named => {}
            (None, _) if !is_named => {}
            _ => {
                return Err(call.refusal(
                    " of this in a time zone",
                    "cut x AT TIME ZONE 'Europe/Berlin', a timestamp without one",
                ));
            }
        }
    }
    if known == Some(oid::TIME) {
        return Err(call.refusal(" of a time", "extract its fields"));
    }
    let unit = match field {
        "microseconds" => "microsecond",
        "milliseconds" => "millisecond",
        other => other,
    };
    Ok(match field {
        "microseconds" | "milliseconds" | "second" | "minute" | "hour" | "day" | "month"
        | "quarter" | "year" => cut(unit, call.take(1)),
        // IRIS's weeks begin on Sunday.
        "week" => {
            let days = build::negative(days_since_monday(call.copy(1)?));
            added("dd", days, cut("day", call.take(1)))
        }
        "decade" => years_back(call, 10, 0)?,
        "century" => years_back(call, 100, 1)?,
        "millennium" => years_back(call, 1000, 1)?,
        _ => {
            let (sqlstate, what) = match field.starts_with("timezone") {
                true => ("0A000", "supported"),
                false => ("22023", "recognized"),
            };
            return Err(Diagnostic::error(
                sqlstate,
                format!(
                    "unit \"{field}\" not {what} for type {}",
                    type_name(match known {
                        Some(oid::DATE) | None => oid::TIMESTAMPTZ,
                        Some(known) => known,
                    })
                ),
            ));
        }
    })
}

fn cut(field: &str, moment: Expr) -> Expr {
    build::call("DATE_TRUNC", vec![build::string(field), moment])
}

/// The zone in which something is cut, if that is not UTC.
fn zone_of(call: &Call<'_, '_, '_>) -> Diagnosed<Option<Zone>> {
    if call.args.len() < 3 {
        return Zone::of(&call.pass.scene);
    }
    match call.string(2) {
        Some(name) if zone::is_utc(&name) => Ok(None),
        name => match name.and_then(|name| Zone::named(&name)) {
            Some(zone) => Ok(Some(zone)),
            None => Err(call.refusal(
                " in this time zone",
                "name one as Europe/Berlin, or convert the moment first",
            )),
        },
    }
}

/// The unit that a field is cut to on the clocks of a zone.
fn unit_of(field: &str) -> Option<Unit> {
    Some(match field {
        "hour" => Unit::Hour,
        "minute" | "second" => Unit::Minute,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Months(1),
        "quarter" => Unit::Months(3),
        "year" => Unit::Months(12),
        _ => return None,
    })
}

/// `date_trunc` of a moment on the clocks of a zone.
fn in_zone(call: &mut Call<'_, '_, '_>, zone: &Zone, field: &str, unit: Unit) -> Diagnosed<Expr> {
    let moment = call.take(1);
    // That of the session.
    if call.args.len() == 2
        && call.pass.binds
        && let Some(clock) = super::clock::cut(&moment, field)
    {
        return Ok(clock);
    }
    let write = |shown: Expr| match unit {
        Unit::Week => {
            let days = build::negative(days_since_monday(shown.clone()));
            added("dd", days, cut("day", shown))
        }
        _ => cut(field, shown),
    };
    let copies = &mut call.pass.copies;
    match unit {
        Unit::Minute | Unit::Hour => zone.within(moment, &write, copies),
        _ => zone.stepped(moment, &|shown| begins(shown, unit), &write, copies),
    }
}

/// The first year of a period of so many, counted from year `first`.
fn years_back(call: &mut Call<'_, '_, '_>, period: u32, first: u32) -> Diagnosed<Expr> {
    let year = part_of("year", call.copy(1)?);
    let year = if first == 0 { year } else { minus(year, first) };
    let behind = build::negative(build::call("MOD", vec![year, build::number(period)]));
    let start = build::call("DATE_TRUNC", vec![build::string("year"), call.take(1)]);
    Ok(added("yyyy", behind, start))
}
