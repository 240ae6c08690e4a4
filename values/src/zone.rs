//! The offset that a time zone has at a moment, and how PostgreSQL writes it.

use std::fmt::{self, Write};

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

/// The time zone of a name in the database of time zones.
pub fn named(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The offset of what a clock of the zone shows, as `DetermineTimeZoneOffset` chooses: what was before a
/// gap, what comes after a fold.
pub fn offset_at(zone: &TimeZone, local: DateTime) -> Offset {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } => before,
        AmbiguousOffset::Fold { after, .. } => after,
    }
}

/// `+01`, `-03:30`, `+00:53:28` (`EncodeTimezone`).
///
/// # Errors
/// Those of `out`.
pub fn write_offset(offset: Offset, out: &mut impl Write) -> fmt::Result {
    let east = offset.seconds();
    let distance = east.unsigned_abs();
    let (hour, minute, second) = (distance / 3600, distance / 60 % 60, distance % 60);
    let sign = if east < 0 { '-' } else { '+' };
    write!(out, "{sign}{hour:02}")?;
    match (minute, second) {
        (0, 0) => Ok(()),
        (minute, 0) => write!(out, ":{minute:02}"),
        (minute, second) => write!(out, ":{minute:02}:{second:02}"),
    }
}
