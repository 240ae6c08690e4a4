//! Reads intervals that the text of a statement tells: `src/backend/utils/adt/datetime.c`.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    UnaryOperator, Value,
};

use crate::build;
use crate::moment_text;
use crate::types::{self, oid};

/// A second, in microseconds.
const SECOND: i64 = 1_000_000;

/// An interval of whole months, days and microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interval {
    months: i64,
    days: i64,
    micro: i64,
}

impl Interval {
    /// The interval that an expression writes down; none if it is none.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        if !may_be(expr) {
            return None;
        }
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
                        let count: i64 = text.trim().parse().ok()?;
                        let mut interval = Self::default();
                        interval.add(&count.to_string(), &field.to_string())?;
                        Some(interval)
                    }
                }
            }
            Expr::Cast {
                expr, data_type, ..
            } if types::of(data_type)?.oid == oid::INTERVAL => Self::read(text_of(expr)?),
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } => Self::of(expr)?.times(-1),
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::Plus => Self::of(left)?.plus(Self::of(right)?),
                BinaryOperator::Minus => Self::of(left)?.plus(Self::of(right)?.times(-1)?),
                BinaryOperator::Multiply => match (Self::of(left), Self::of(right)) {
                    (Some(interval), None) => interval.times(crate::functions::integer(right)?),
                    (None, Some(interval)) => interval.times(crate::functions::integer(left)?),
                    _ => None,
                },
                _ => None,
            },
            Expr::Function(function)
                if build::function_name(function).as_deref() == Some("make_interval") =>
            {
                match &function.args {
                    FunctionArguments::List(list) => Self::made(list),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `make_interval(years, months, weeks, days, hours, mins, secs)` of constants, by
    /// place or by name.
    fn made(list: &FunctionArgumentList) -> Option<Self> {
        const NAMES: [&str; 7] = ["years", "months", "weeks", "days", "hours", "mins", "secs"];
        let mut interval = Self::default();
        for (index, argument) in list.args.iter().enumerate() {
            let (name, value) = match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => {
                    ((*NAMES.get(index)?).to_owned(), value)
                }
                other => named_argument(other)?,
            };
            if !NAMES.contains(&name.as_str()) {
                return None;
            }
            let count = crate::functions::integer(value)?;
            interval.add(&count.to_string(), &name)?;
        }
        Some(interval)
    }

    fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            micro: self.micro.checked_add(other.micro)?,
        })
        .filter(|sum| sum.is_moderate())
    }

    fn times(self, factor: i64) -> Option<Self> {
        Some(Self {
            months: self.months.checked_mul(factor)?,
            days: self.days.checked_mul(factor)?,
            micro: self.micro.checked_mul(factor)?,
        })
        .filter(|product| product.is_moderate())
    }

    /// What DATEADD counts with.
    fn is_moderate(self) -> bool {
        [self.months, self.days, self.micro / SECOND]
            .iter()
            .all(|count| i32::try_from(*count).is_ok())
    }

    /// The interval that a string says.
    pub(crate) fn written(text: &str) -> Option<Self> {
        Self::read(text)
    }

    /// Whether it is more than nothing, as PostgreSQL compares intervals; none if it is
    /// nothing.
    pub(crate) fn is_ascending(self) -> Option<bool> {
        let days = i128::from(self.months) * 30 + i128::from(self.days);
        let micros = days * 24 * 3_600 * i128::from(SECOND) + i128::from(self.micro);
        (micros != 0).then_some(micros > 0)
    }

    /// Whether there is more to it than months and days.
    pub(crate) fn has_clock(self) -> bool {
        self.micro != 0
    }

    /// The moment that is so much later; none if IRIS has it not.
    pub(crate) fn added_to(self, moment: &str) -> Option<String> {
        moment_text::later(moment, self.months, self.days, self.micro)
    }

    /// Whether months are a part of it, or years.
    pub(crate) fn has_months(self) -> bool {
        self.months != 0
    }

    /// Its seconds, if it has nothing else.
    pub(crate) fn whole_seconds(self) -> Option<i64> {
        let is_clock = self.months == 0 && self.days == 0 && self.micro % SECOND == 0;
        is_clock.then_some(self.micro / SECOND)
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
                interval.add(count, unit)?;
            }
        }
        if is_ago {
            interval.times(-1)
        } else {
            Some(interval)
        }
    }

    fn add(&mut self, count: &str, unit: &str) -> Option<()> {
        let unit = unit.to_ascii_lowercase();
        let (place, factor, is_clock) = match unit.as_str() {
            "millennium" | "millennia" | "mil" | "mils" => (&mut self.months, 12_000, false),
            "century" | "centuries" | "cent" | "c" => (&mut self.months, 1_200, false),
            "decade" | "decades" | "dec" | "decs" => (&mut self.months, 120, false),
            "year" | "years" | "yr" | "yrs" | "y" => (&mut self.months, 12, false),
            "month" | "months" | "mon" | "mons" => (&mut self.months, 1, false),
            "week" | "weeks" | "w" => (&mut self.days, 7, false),
            "day" | "days" | "d" => (&mut self.days, 1, false),
            "hour" | "hours" | "hr" | "hrs" | "h" => (&mut self.micro, 3_600 * SECOND, true),
            "minute" | "minutes" | "min" | "mins" | "m" => (&mut self.micro, 60 * SECOND, true),
            "second" | "seconds" | "sec" | "secs" | "s" => (&mut self.micro, SECOND, true),
            "millisecond" | "milliseconds" | "msec" | "msecs" | "ms" => {
                (&mut self.micro, 1_000, true)
            }
            "microsecond" | "microseconds" | "usec" | "usecs" | "us" => (&mut self.micro, 1, true),
            _ => return None,
        };
        let amount = match count.split_once('.') {
            None => count.parse::<i64>().ok()?.checked_mul(factor)?,
            // Fractions of days and months spill over into smaller units.
            Some((whole, fraction)) if is_clock => fractional(whole, fraction, factor)?,
            Some(_) => return None,
        };
        *place = place.checked_add(amount)?;
        self.is_moderate().then_some(())
    }

    /// `hh:mm[:ss[.f]]`
    fn add_clock(&mut self, clock: &str) -> Option<()> {
        let (sign, clock) = match clock.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, clock.strip_prefix('+').unwrap_or(clock)),
        };
        let mut parts = clock.split(':');
        let whole = |text: &str| text.parse::<u32>().ok().map(i64::from);
        let hours = whole(parts.next()?)?;
        let minutes = whole(parts.next()?)?;
        let seconds = match parts.next().unwrap_or("0").split_once('.') {
            None => clock
                .split(':')
                .nth(2)
                .map_or(Some(0), whole)?
                .checked_mul(SECOND)?,
            Some((seconds, fraction)) => {
                whole(seconds)?;
                fractional(seconds, fraction, SECOND)?
            }
        };
        if parts.next().is_some() || minutes > 59 || seconds >= 60 * SECOND {
            return None;
        }
        let clock = (hours * 3_600 + minutes * 60) * SECOND + seconds;
        self.micro = self.micro.checked_add(sign * clock)?;
        self.is_moderate().then_some(())
    }

    /// The units of DATEADD to add, in PostgreSQL's order.
    pub(crate) fn steps(self) -> Vec<(&'static str, i64)> {
        let mut steps = vec![("mm", self.months), ("dd", self.days)];
        steps.push(match self.micro % SECOND {
            0 => ("ss", self.micro / SECOND),
            _ => ("mcs", self.micro),
        });
        steps.retain(|(_, count)| *count != 0);
        if steps.is_empty() {
            steps.push(("dd", 0));
        }
        steps
    }
}

/// The name, in small letters, and the value of an argument that is given by name.
pub(crate) fn named_argument(argument: &FunctionArg) -> Option<(String, &Expr)> {
    match argument {
        FunctionArg::Named {
            name,
            arg: FunctionArgExpr::Expr(value),
            ..
        }
        | FunctionArg::ExprNamed {
            name: Expr::Identifier(name),
            arg: FunctionArgExpr::Expr(value),
            ..
        } => Some((name.value.to_ascii_lowercase(), value)),
        _ => None,
    }
}

/// `whole.fraction` times a factor, if that is a whole number.
fn fractional(whole: &str, fraction: &str, factor: i64) -> Option<i64> {
    let plain = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let is_negative = whole.starts_with('-');
    let digits = u32::try_from(fraction.len()).ok().filter(|n| *n <= 6)?;
    let scale = 10_i64.pow(digits);
    let whole = match whole {
        "" | "-" | "+" => 0,
        whole => whole.parse::<i64>().ok()?.checked_abs()?,
    };
    let count = whole
        .checked_mul(scale)?
        .checked_add(fraction.parse().ok().filter(|_| plain)?)?
        .checked_mul(factor)?;
    let sign = if is_negative { -1 } else { 1 };
    (count % scale == 0).then(|| sign * (count / scale))
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

/// Whether an expression may be an interval, by what it begins with: a long sum of
/// something else is left without a call for each of its terms.
fn may_be(expr: &Expr) -> bool {
    let mut first = expr;
    loop {
        match build::unnested(first) {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Plus | BinaryOperator::Minus,
                ..
            } => first = left,
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Multiply,
                right,
            } => match build::unnested(right) {
                Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_) => first = left,
                _ => return true,
            },
            Expr::Interval(_) | Expr::Cast { .. } | Expr::UnaryOp { .. } | Expr::Function(_) => {
                return true;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_in_postgresqls_words() {
        let read = |text| Interval::read(text).map(|i| (i.months, i.days, i.micro / SECOND));
        assert_eq!(
            read("1 year 2 mons -3 days 04:05:06"),
            Some((14, -3, 14_706))
        );
        assert_eq!(read("2 weeks ago"), Some((0, -14, 0)));
        assert_eq!(read("1h 30m"), Some((0, 0, 5_400)));
        assert_eq!(read("1.5 hours"), Some((0, 0, 5_400)));
        assert_eq!(
            Interval::read("-00:00:00.25 10 ms").map(|i| i.micro),
            Some(-240_000)
        );
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
