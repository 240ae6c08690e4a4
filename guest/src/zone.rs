//! The session's time zone, for moments that a statement writes down.
//!
//! PostgreSQL manual, "Date/Time Types": a `timestamp with time zone` whose text says no
//! offset is in the zone of the setting `TimeZone`, and is shown in it.

pub(crate) mod clocks;
pub(crate) mod conversion;
pub(crate) mod named;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use pgiris_values::zone::{named, offset_at, write_offset};
use sqlparser::ast::Expr;

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::{Call, clock_in};
use crate::moment_text::{self, Order};
use crate::rule::{Pass, Scene};
use crate::types::{self, oid};
use crate::wit::{ClockZone, Diagnostic, Oid};

/// The setting that names the zone.
pub(crate) const ZONE_SETTING: &str = "TimeZone";

/// A zone that is not UTC.
#[derive(Clone, Debug)]
pub(crate) struct Zone(TimeZone, Order);

/// Puts what the clocks of the session show in the place of an argument with a time zone; tells
/// whether it did.
///
/// # Errors
/// Nobody knows the zone.
pub(crate) fn on_clocks(call: &mut Call<'_, '_, '_>, index: usize) -> Diagnosed<bool> {
    if call.type_of(index) != Some(oid::TIMESTAMPTZ) {
        return Ok(false);
    }
    let Some(zone) = Zone::of(&call.pass.scene)? else {
        return Ok(false);
    };
    let moment = call.take(index);
    let clock = clock_in(&moment, ClockZone::Session).filter(|_| call.pass.binds);
    let shown = match clock {
        Some(shown) => shown,
        None => zone.local(moment, &mut call.pass.copies)?,
    };
    if let Some(place) = call.args.get_mut(index) {
        *place = shown;
    }
    Ok(true)
}

/// Refuses a call with an argument that the zone decides about, where it is not UTC.
pub(crate) fn demand_utc(call: &Call<'_, '_, '_>, index: usize) -> Diagnosed<()> {
    if call.type_of(index) != Some(oid::TIMESTAMPTZ) || Zone::of(&call.pass.scene)?.is_none() {
        return Ok(());
    }
    Err(call.refusal(
        " of a timestamp with time zone where TimeZone is not UTC",
        "cast it to timestamp, or SET TimeZone TO 'UTC'",
    ))
}

/// The moment when the clocks of the session show this.
///
/// # Errors
/// Nobody knows the zone, or the statement becomes too long.
pub(crate) fn as_moment(shown: Expr, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
    match Zone::of(&pass.scene)? {
        Some(zone) => zone.moment(shown, &mut pass.copies),
        None => Ok(shown),
    }
}

/// Whether the session's zone is UTC by its name.
pub(crate) fn is_session_in_utc(scene: &Scene<'_>) -> bool {
    scene.setting(ZONE_SETTING).is_none_or(is_utc)
}

/// What a value becomes in a column of this type, by the session's zone; tells whether that
/// changed it.
///
/// # Errors
/// Only the server knows the value, or nobody the zone.
pub(crate) fn assigned(
    value: &mut Expr,
    from: Option<Oid>,
    to: Oid,
    scene: &Scene<'_>,
    copies: &mut Copies,
) -> Diagnosed<bool> {
    let gains = to == oid::TIMESTAMPTZ && from != Some(oid::TIMESTAMPTZ);
    let loses =
        from == Some(oid::TIMESTAMPTZ) && matches!(to, oid::DATE | oid::TIME | oid::TIMESTAMP);
    if !gains && !loses || is_session_in_utc(scene) {
        return Ok(false);
    }
    match Zone::of(scene)? {
        Some(zone) if gains => conversion::become_zoned(value, from, &zone, copies),
        Some(zone) => conversion::become_plain(value, to, &zone, copies),
        None => Ok(false),
    }
}

/// Whether a name means UTC.
pub(crate) fn is_utc(zone: &str) -> bool {
    [
        "utc",
        "gmt",
        "z",
        "zulu",
        "uct",
        "etc/utc",
        "etc/gmt",
        "etc/uct",
        "etc/zulu",
        "universal",
        "etc/universal",
        "greenwich",
        "etc/greenwich",
    ]
    .contains(&zone.trim().to_ascii_lowercase().as_str())
}

impl Zone {
    /// The session's; none if it is UTC.
    ///
    /// # Errors
    /// Its rules are not known here.
    pub(crate) fn of(scene: &Scene<'_>) -> Diagnosed<Option<Self>> {
        let Some(name) = scene.setting(ZONE_SETTING).filter(|name| !is_utc(name)) else {
            return Ok(None);
        };
        let order = Order::of(scene);
        match fixed(name) {
            Some(offset) if offset == Offset::UTC => Ok(None),
            Some(offset) => Ok(Some(Self(TimeZone::fixed(offset), order))),
            None => named(name)
                .map(|zone| Some(Self(zone, order)))
                .ok_or_else(|| {
                    Diagnostic::not_supported(
                        format!("a time stamp in the time zone \"{name}\" is not supported"),
                        "write it with an offset such as +01:00 and without conversions, \
                         or set TimeZone to UTC or to a name such as Europe/Berlin",
                    )
                }),
        }
    }

    /// A zone that a statement names; none if there is none of that name, or if PostgreSQL may take
    /// it for an abbreviation, which is a fixed offset.
    pub(crate) fn named(name: &str) -> Option<Self> {
        const LONGEST_ABBREVIATION: usize = 4;
        let is_name = name.len() > LONGEST_ABBREVIATION;
        is_name
            .then(|| named(name))
            .flatten()
            .map(|zone| Self(zone, Order::Unsaid))
    }

    /// As the database of time zones writes it; none if it is an offset alone.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }

    /// A literal of a `timestamptz` with the offset that it means; none if it says one, or
    /// is none that is read here.
    pub(crate) fn located(&self, literal: &str) -> Option<String> {
        let text = moment_text::without_offset(literal, self.1)?;
        let local: DateTime = text.parse().ok()?;
        let offset = offset_at(&self.0, local);
        Some(format!("{text}{}", written(offset)))
    }

    /// The moment in UTC when the clocks of the zone show this, which may be a literal.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn moment(&self, shown: Expr, copies: &mut Copies) -> Diagnosed<Expr> {
        if let Expr::Cast {
            expr, data_type, ..
        } = &shown
            && let Some(text) = build::string_in(expr)
            && let Some(located) = self.located(&text)
            && let Ok(utc) = moment_text::canonical(&located, oid::TIMESTAMPTZ, self.1)
        {
            return Ok(build::cast(build::string(&utc), data_type.clone()));
        }
        self.utc(shown, copies)
    }

    /// What a literal of a `timestamptz` shows on the clocks of the zone, and its offset there.
    pub(crate) fn shown(&self, literal: &str) -> Option<(String, String)> {
        let located = self.located(literal);
        let text = located.as_deref().unwrap_or(literal);
        let utc = moment_text::canonical(text, oid::TIMESTAMPTZ, self.1).ok()?;
        let utc: DateTime = utc.parse().ok()?;
        let moment = Offset::UTC.to_timestamp(utc).ok()?;
        let local = self.0.to_datetime(moment);
        let text = format!("{} {}", local.date(), local.time());
        let text = moment_text::canonical(&text, oid::TIMESTAMP, Order::Unsaid).ok()?;
        Some((text, written(self.0.to_offset(moment))))
    }
}

/// The offset in the name that SHOW has for one: `<+05:30>-05:30`.
fn fixed(name: &str) -> Option<Offset> {
    let (clock, _) = name.strip_prefix('<')?.split_once('>')?;
    let (sign, clock) = match clock.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, clock.strip_prefix('+')?),
    };
    let mut seconds = 0;
    for (part, unit) in clock.split(':').zip([3600, 60, 1]) {
        seconds += part.parse::<i32>().ok()?.checked_mul(unit)?;
    }
    Offset::from_seconds(sign * seconds).ok()
}

fn written(offset: Offset) -> String {
    let mut text = String::new();
    write_offset(offset, &mut text).expect("a string takes all that is written to it");
    text
}

/// Whether an expression is a timestamp with a time zone, if its form tells.
pub(crate) fn zoned(expr: &Expr) -> Option<bool> {
    let data_type = match build::unnested(expr) {
        Expr::Cast { data_type, .. } => data_type,
        Expr::TypedString(typed) => &typed.data_type,
        Expr::Function(function) => {
            return match build::function_name(function)?.as_str() {
                "now"
                | "current_timestamp"
                | "clock_timestamp"
                | "statement_timestamp"
                | "transaction_timestamp"
                | "to_timestamp" => Some(true),
                "localtimestamp" | "make_timestamp" => Some(false),
                _ => None,
            };
        }
        Expr::AtTimeZone { timestamp, .. } => return zoned(timestamp).map(|zoned| !zoned),
        _ => return None,
    };
    match types::of(data_type)?.oid {
        oid::TIMESTAMP => Some(false),
        oid::TIMESTAMPTZ => Some(true),
        _ => None,
    }
}
