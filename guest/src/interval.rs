//! Reads interval literals: `src/backend/utils/adt/datetime.c`, as far as they are
//! whole units.

use sqlparser::ast::{Expr, Value};

use crate::build;
use crate::types::{self, oid};

/// An interval of whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interval {
    months: i64,
    days: i64,
    seconds: i64,
}

impl Interval {
    /// The interval that an expression writes down; none if it is none, or has
    /// fractions.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        match build::unnested(expr) {
            Expr::Interval(interval)
                if interval.last_field.is_none()
                    && interval.leading_precision.is_none()
                    && interval.fractional_seconds_precision.is_none() =>
            {
                let text = text_of(&interval.value)?;
                match &interval.leading_field {
                    None => Self::read(text),
                    Some(field) => {
                        let count = text.trim().parse().ok()?;
                        let mut interval = Self::default();
                        interval.add(count, &field.to_string())?;
                        Some(interval)
                    }
                }
            }
            Expr::Cast {
                expr, data_type, ..
            } if types::of(data_type)?.oid == oid::INTERVAL => Self::read(text_of(expr)?),
            _ => None,
        }
    }

    /// `1 year 2 mons -3 days 04:05:06`, with `ago` behind it or not.
    fn read(text: &str) -> Option<Self> {
        let mut interval = Self::default();
        let mut words = text.split_whitespace().peekable();
        words.peek()?;
        let mut is_ago = false;
        while let Some(word) = words.next() {
            if word.eq_ignore_ascii_case("ago") {
                is_ago = words.next().is_none();
                if !is_ago {
                    return None;
                }
            } else if word.contains(':') {
                interval.add_clock(word)?;
            } else {
                let digits = word.find(|c: char| c.is_ascii_alphabetic());
                let (count, unit) = match digits {
                    Some(at) => word.split_at_checked(at)?,
                    None => (word, words.next()?),
                };
                interval.add(count.parse().ok()?, unit)?;
            }
        }
        Some(if is_ago {
            Self {
                months: -interval.months,
                days: -interval.days,
                seconds: -interval.seconds,
            }
        } else {
            interval
        })
    }

    fn add(&mut self, count: i64, unit: &str) -> Option<()> {
        let unit = unit.to_ascii_lowercase();
        let (place, factor) = match unit.as_str() {
            "millennium" | "millennia" | "mil" | "mils" => (&mut self.months, 12_000),
            "century" | "centuries" | "cent" | "c" => (&mut self.months, 1_200),
            "decade" | "decades" | "dec" | "decs" => (&mut self.months, 120),
            "year" | "years" | "yr" | "yrs" | "y" => (&mut self.months, 12),
            "month" | "months" | "mon" | "mons" => (&mut self.months, 1),
            "week" | "weeks" | "w" => (&mut self.days, 7),
            "day" | "days" | "d" => (&mut self.days, 1),
            "hour" | "hours" | "hr" | "hrs" | "h" => (&mut self.seconds, 3_600),
            "minute" | "minutes" | "min" | "mins" | "m" => (&mut self.seconds, 60),
            "second" | "seconds" | "sec" | "secs" | "s" => (&mut self.seconds, 1),
            _ => return None,
        };
        *place = place.checked_add(count.checked_mul(factor)?)?;
        // What DATEADD counts with.
        i32::try_from(*place).ok().map(|_| ())
    }

    /// `hh:mm[:ss]`
    fn add_clock(&mut self, clock: &str) -> Option<()> {
        let (sign, clock) = match clock.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, clock.strip_prefix('+').unwrap_or(clock)),
        };
        let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
        let hours = i64::from(parts.next()??);
        let minutes = i64::from(parts.next()??);
        let seconds = parts.next().unwrap_or(Some(0))?;
        if parts.next().is_some() || minutes > 59 || seconds > 59 {
            return None;
        }
        self.add(
            sign * (hours * 3_600 + minutes * 60 + i64::from(seconds)),
            "s",
        )
    }

    /// The units of DATEADD to add, in PostgreSQL's order.
    pub(crate) fn steps(self) -> Vec<(&'static str, i64)> {
        let all = [("mm", self.months), ("dd", self.days), ("ss", self.seconds)];
        let mut steps: Vec<_> = all.into_iter().filter(|(_, count)| *count != 0).collect();
        if steps.is_empty() {
            steps.push(("dd", 0));
        }
        steps
    }
}

fn text_of(expr: &Expr) -> Option<&str> {
    match build::unnested(expr) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_in_postgresqls_words() {
        let read = |text| Interval::read(text).map(|i| (i.months, i.days, i.seconds));
        assert_eq!(
            read("1 year 2 mons -3 days 04:05:06"),
            Some((14, -3, 14_706))
        );
        assert_eq!(read("2 weeks ago"), Some((0, -14, 0)));
        assert_eq!(read("1h 30m"), Some((0, 0, 5_400)));
        assert_eq!(read("-00:30"), Some((0, 0, -1_800)));
        for text in [
            "",
            "1.5 days",
            "day",
            "1",
            "1 day ago 2",
            "9223372036854775807 years",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
