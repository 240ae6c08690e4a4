//! `to_date` and `to_timestamp` of a text that is written down: `src/backend/utils/adt/formatting.c`,
//! `DCH_from_char`, which reads more than its template says.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use super::template::{Piece, pieces};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::moment_text::{self, Order};
use crate::types::oid;
use crate::wit::Diagnostic;
use crate::zone;

/// The numbers that a text says.
struct Numbers {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
}

/// What a text says by a template; none if that is left to IRIS.
fn read(text: &str, template: &str) -> Option<Numbers> {
    let mut found = Numbers {
        year: 0,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
    };
    let pieces = pieces(template)?;
    let mut rest = text;
    for (index, piece) in pieces.iter().enumerate() {
        let element = match piece {
            Piece::Text(separator) if is_separator(separator) => {
                rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
                continue;
            }
            Piece::Element(element, true) => element.to_ascii_uppercase(),
            _ => return None,
        };
        let (field, digits) = match element.as_str() {
            "YYYY" => (&mut found.year, 4),
            "MM" => (&mut found.month, 2),
            "DD" => (&mut found.day, 2),
            "HH24" => (&mut found.hour, 2),
            "MI" => (&mut found.minute, 2),
            "SS" => (&mut found.second, 2),
            _ => return None,
        };
        rest = rest.trim_start();
        if rest.is_empty() && index > 0 {
            break;
        }
        // Digits that follow at once belong to the next element.
        let is_last = !matches!(pieces.get(index + 1), Some(Piece::Element(..)));
        let most = if is_last { 9 } else { digits };
        let length = rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (number, behind) = rest.split_at_checked(length)?;
        // A year of fewer digits is one of this century or of antiquity.
        if element == "YYYY" && length != 4 {
            return None;
        }
        *field = number.parse().ok()?;
        rest = behind;
    }
    (found.year > 0).then_some(found)
}

fn is_separator(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '-' | '/' | '.' | ':' | ',' | ' '))
}

/// The value of a call with two constants; none if IRIS reads the text.
///
/// # Errors
/// PostgreSQL's, of a date that there is not.
pub(super) fn value(call: &Call<'_, '_, '_>, target: u32) -> Diagnosed<Option<Expr>> {
    let is_moment = target == oid::TIMESTAMPTZ;
    let (Some(text), Some(template)) = (call.string(0), call.string(1)) else {
        return Ok(None);
    };
    if is_moment && !zone::is_session_in_utc(&call.pass.scene) {
        return Ok(None);
    }
    let Some(found) = read(&text, &template) else {
        return Ok(None);
    };
    let out_of_range = || {
        let message = format!("date/time field value out of range: \"{text}\"");
        Diagnostic::error("22008", message)
    };
    if found.hour > 23 || found.minute > 59 || found.second > 59 {
        return Err(out_of_range());
    }
    let day = format!("{:04}-{:02}-{:02}", found.year, found.month, found.day);
    let day = moment_text::canonical(&day, oid::DATE, Order::Unsaid).map_err(|_| out_of_range())?;
    Ok(Some(match is_moment {
        true => build::cast(
            build::string(&format!(
                "{day} {:02}:{:02}:{:02}",
                found.hour, found.minute, found.second
            )),
            DataType::Timestamp(None, TimezoneInfo::None),
        ),
        false => build::cast(build::string(&day), DataType::Date),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str, template: &str) -> Option<(u32, u32, u32)> {
        let found = read(text, template)?;
        Some((found.year, found.month, found.day))
    }

    #[test]
    fn texts_that_say_less_than_their_templates_are_read() {
        assert_eq!(day("2024-1-5", "YYYY-MM-DD"), Some((2024, 1, 5)));
        assert_eq!(day("2024/1/5", "YYYY-MM-DD"), Some((2024, 1, 5)));
        assert_eq!(day("20240105", "YYYYMMDD"), Some((2024, 1, 5)));
        assert_eq!(day("2024-02", "YYYY-MM-DD"), Some((2024, 2, 1)));
        assert_eq!(day("24-1-5", "YYYY-MM-DD"), None);
        assert_eq!(day("x", "YYYY"), None);
    }
}
