//! Intervals that the text of a statement tells, and sums and multiples of them.

use pgiris_values::interval as values;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, UnaryOperator, Value,
};

use crate::build;
use crate::moment_text;
use crate::types::{self, oid};

/// A second, in microseconds.
const SECOND: i64 = 1_000_000;

/// What `make_interval` takes, in order.
const NAMES: [&str; 7] = ["years", "months", "weeks", "days", "hours", "mins", "secs"];

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
        let span = self.span();
        (span != 0).then_some(span > 0)
    }

    /// The microseconds by which PostgreSQL compares it: a month is 30 days, a day 24 hours.
    pub(crate) fn span(self) -> i128 {
        let days = i128::from(self.months) * 30 + i128::from(self.days);
        days * 24 * 3_600 * i128::from(SECOND) + i128::from(self.micro)
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

    /// As PostgreSQL reads it.
    fn read(text: &str) -> Option<Self> {
        let written = values::Interval::parse(text).ok()?;
        let interval = Self {
            months: written.months.into(),
            days: written.days.into(),
            micro: written.micros,
        };
        interval.is_moderate().then_some(interval)
    }

    fn add(&mut self, count: &str, unit: &str) -> Option<()> {
        *self = self.plus(Self::read(&format!("{count} {unit}"))?)?;
        Some(())
    }

    /// As PostgreSQL shows it.
    pub(crate) fn shown(self) -> Option<String> {
        let interval = values::Interval {
            months: self.months.try_into().ok()?,
            days: self.days.try_into().ok()?,
            micros: self.micro,
        };
        Some(interval.to_string())
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

/// Places of a tree where intervals stand that another rule reads.
#[derive(Default)]
pub(crate) struct Spared(Vec<*const Expr>);

impl Spared {
    /// An interval there is left as it is written.
    pub(crate) fn add(&mut self, expr: &Expr) {
        let mut inner = expr;
        self.0.push(inner);
        while let Expr::Nested(nested) = inner {
            inner = nested;
            self.0.push(inner);
        }
    }

    pub(crate) fn has(&self, expr: &Expr) -> bool {
        self.0.contains(&std::ptr::from_ref(expr))
    }
}

/// All arguments of `make_interval`, by their places; 0 for those that are left out.
pub(crate) fn in_order(function: &Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let mut all: Vec<Expr> = NAMES.iter().map(|_| build::number(0)).collect();
    for (index, argument) in list.args.iter().enumerate() {
        let (place, value) = match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => (index, value),
            named => {
                let (name, value) = named_argument(named)?;
                (NAMES.iter().position(|known| *known == name)?, value)
            }
        };
        *all.get_mut(place)? = value.clone();
    }
    Some(all)
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
            Interval::read("-00:00:00.25 1.5 days").map(|i| (i.days, i.micro)),
            Some((1, -250_000))
        );
        assert_eq!(read("-00:30"), Some((0, 0, -1_800)));
        for text in ["", "day", "1 ago", "9223372036854775807 years"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
