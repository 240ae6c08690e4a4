//! The offset that `SET TIME ZONE INTERVAL '…'` says.
//!
//! PostgreSQL manual, "SET"; `check_timezone` and the grammar's `zone_value` in its source.

use pgiris_values::interval::Interval;

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::wit::Diagnostic;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// What the fields behind the string leave of the interval.
#[derive(Clone, Copy, PartialEq)]
enum Fields {
    All,
    Hour,
    HourToMinute,
}

/// The hours east of Greenwich, behind the word INTERVAL.
///
/// # Errors
/// PostgreSQL's, of what is no interval or no offset.
pub(crate) fn hours(words: &mut Words<'_>) -> Diagnosed<String> {
    let has_precision = words.next_is_symbol("(");
    words.take_parenthesised()?;
    let Some(text) = words.string()? else {
        return words.fail();
    };
    let fields = match has_precision {
        true => Fields::All,
        false => fields(words)?,
    };
    let interval = read(&text, fields)?;
    let refused = |detail: &str| {
        let message =
            format!("invalid value for parameter \"TimeZone\": \"INTERVAL '{interval}'\"");
        Err(Diagnostic::error("22023", message).with_detail(detail))
    };
    if interval.months != 0 {
        return refused("Cannot specify months in time zone interval.");
    }
    if interval.days != 0 {
        return refused("Cannot specify days in time zone interval.");
    }
    // What `pg_tzset_offset` takes.
    if interval.micros.abs() > 167 * HOUR {
        return refused("UTC timezone offset is out of range.");
    }
    Ok(in_hours(interval.micros / SECOND))
}

/// Whole seconds as a number of hours: the setting leaves out what is less than a second.
fn in_hours(seconds: i64) -> String {
    if seconds % 3_600 == 0 {
        return (seconds / 3_600).to_string();
    }
    let half = if seconds < 0 { -0.5 } else { 0.5 };
    ((seconds as f64 + half) / 3_600.0).to_string()
}

fn fields(words: &mut Words<'_>) -> Diagnosed<Fields> {
    let at = words.peek();
    let fields = if words.take_all(&["HOUR", "TO", "MINUTE"]) {
        Fields::HourToMinute
    } else if words.next_is("HOUR") && !words.clone().take_all(&["HOUR", "TO"]) {
        words.take("HOUR");
        Fields::Hour
    } else {
        match at {
            Some(lexeme) if lexeme.kind == Kind::Word => {
                let message = "time zone interval must be HOUR or HOUR TO MINUTE";
                let place = lexeme.range().start;
                return Err(Diagnostic::error("42601", message).at(words.source.text, place));
            }
            _ => Fields::All,
        }
    };
    Ok(fields)
}

fn read(text: &str, fields: Fields) -> Diagnosed<Interval> {
    let is_number = |text: &str| text.trim().parse::<i64>().is_ok();
    // A number without a unit is one of the last field.
    let unit = match fields {
        Fields::Hour if is_number(text) => " hours",
        Fields::HourToMinute if is_number(text) => " minutes",
        _ => "",
    };
    let mut interval = Interval::parse(&format!("{text}{unit}"))
        .map_err(|wrong| Diagnostic::error(wrong.sqlstate(), wrong.message(text)))?;
    let kept = match fields {
        Fields::All => 1,
        Fields::Hour => HOUR,
        Fields::HourToMinute => 60 * SECOND,
    };
    interval.micros -= interval.micros % kept;
    Ok(interval)
}

#[cfg(test)]
mod tests {
    use super::in_hours;

    #[test]
    fn the_seconds_of_an_offset_are_those_of_its_hours() {
        for seconds in (-90_000..90_000).step_by(7).chain([0, 19_800, -19_200]) {
            let hours: f64 = in_hours(seconds).parse().unwrap();
            assert_eq!((hours * 3_600.0) as i64, seconds);
        }
    }
}
