//! Time zones by name, and their offsets.
//!
//! The names are those of the IANA database that the broker was built with, so that they
//! do not depend on the machine it runs on.

use jiff::tz::{Offset, TimeZone};

/// The zone that a value of `TimeZone` means, with the name SHOW prints: a name in any
/// case, hours east of Greenwich, or a specification as POSIX has it.
pub(crate) fn find(value: &str) -> Option<(String, TimeZone)> {
    let value = value.trim();
    if let Ok(hours) = value.parse::<f64>() {
        return fixed(hours);
    }
    if let Some(found) = named(value) {
        return Some(found);
    }
    if value.is_empty() || value.starts_with(':') {
        return None;
    }
    if let Ok(zone) = TimeZone::get(value) {
        let name = zone.iana_name().unwrap_or("UTC").to_owned();
        return Some((name, zone));
    }
    // `pg_tzset` keeps such a name in capitals.
    let name = value.to_ascii_uppercase();
    let zone = TimeZone::posix(&name).ok()?;
    Some((name, zone))
}

/// The name that [`fixed`] gives, read back: POSIX has no minutes in the first part.
fn named(value: &str) -> Option<(String, TimeZone)> {
    let (name, _) = value.strip_prefix('<')?.split_once('>')?;
    let (hours, minutes) = name.split_once(':').unwrap_or((name, "0"));
    let (hours, minutes) = (hours.parse::<f64>().ok()?, minutes.parse::<f64>().ok()?);
    let west = name.starts_with('-');
    let (found, zone) = fixed(hours + if west { -minutes } else { minutes } / 60.0)?;
    (found == value).then_some((found, zone))
}

/// `SET TIME ZONE -8`; the name is PostgreSQL's (`pg_tzset_offset`), whose sign is POSIX's.
fn fixed(hours: f64) -> Option<(String, TimeZone)> {
    // The limit of `pg_tzset_offset`.
    if hours.is_nan() || hours.abs() >= 168.0 {
        return None;
    }
    let east = (hours * 3600.0) as i32;
    let offset = Offset::from_seconds(east).ok()?;
    let distance = east.unsigned_abs();
    let (hour, minute, second) = (distance / 3600, distance / 60 % 60, distance % 60);
    let mut clock = format!("{hour:02}");
    if minute != 0 || second != 0 {
        clock += &format!(":{minute:02}");
    }
    if second != 0 {
        clock += &format!(":{second:02}");
    }
    let name = match east < 0 {
        true => format!("<-{clock}>+{clock}"),
        false => format!("<+{clock}>-{clock}"),
    };
    Some((name, offset.to_time_zone()))
}
