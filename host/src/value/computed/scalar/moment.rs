//! Of dates, times and intervals.

use std::cmp::Ordering;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use pgiris_values::calendar::moved;
use pgiris_values::interval::{Field, Interval, Wrong};

use super::{Operands, Scalar};
use crate::value::{Kind, ValueError, calendar, float};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// Fields of dates that an interval has not.
const NOT_OF_INTERVALS: &[&str] = &[
    "dow",
    "doy",
    "isodow",
    "isoyear",
    "j",
    "jd",
    "julian",
    "timezone",
    "timezone_h",
    "timezone_hour",
    "timezone_m",
    "timezone_minute",
    "w",
    "week",
    "weeks",
];

pub(super) const SCALARS: &[Scalar] = &[
    // What clocks show is a constant once the statement runs.
    Scalar::of_nulls("now", 0..=0, |_| Err(ValueError::no_value())),
    Scalar::of_nulls(
        "statement_timestamp",
        0..=0,
        |_| Err(ValueError::no_value()),
    ),
    Scalar::new("timestamp_mi", 2, |operands| {
        let (later, earlier) = (operands.timestamp(0)?, operands.timestamp(1)?);
        let passed = of_duration(later.duration_since(earlier))?;
        operands.shown(passed.with_hours_as_days())
    }),
    Scalar::new("timestamp_age", 2, |operands| {
        operands.shown(age(operands.timestamp(0)?, operands.timestamp(1)?)?)
    }),
    Scalar::new("time_mi_time", 2, |operands| {
        let (later, earlier) = (operands.time(0)?, operands.time(1)?);
        Ok(of_duration(later.duration_since(earlier))?.to_string())
    }),
    Scalar::new("timestamp_pl_interval", 2, |operands| {
        later(operands.timestamp(0)?, operands.interval(1)?)
    }),
    Scalar::new("timestamp_mi_interval", 2, |operands| {
        let back = operands.fits(operands.interval(1)?.negated())?;
        later(operands.timestamp(0)?, back)
    }),
    // Of moments in UTC.
    Scalar::new("timestamptz_pl_interval", 2, |operands| {
        Ok(later(operands.timestamp(0)?, operands.interval(1)?)? + "+00")
    }),
    Scalar::new("timestamptz_mi_interval", 2, |operands| {
        let back = operands.fits(operands.interval(1)?.negated())?;
        Ok(later(operands.timestamp(0)?, back)? + "+00")
    }),
    Scalar::new("interval_pl", 2, |operands| {
        operands.shown(operands.interval(0)?.plus(operands.interval(1)?))
    }),
    Scalar::new("interval_mi", 2, |operands| {
        let (from, what) = (operands.interval(0)?, operands.interval(1)?);
        operands.shown(what.negated().and_then(|what| from.plus(what)))
    }),
    Scalar::new("interval_um", 1, |operands| {
        operands.shown(operands.interval(0)?.negated())
    }),
    Scalar::new("interval_mul", 2, |operands| {
        operands.shown(operands.interval(0)?.times(operands.double(1)?))
    }),
    Scalar::new("interval_div", 2, |operands| match operands.double(1)? {
        0.0 => Err(ValueError::division_by_zero()),
        divisor => operands.shown(operands.interval(0)?.divided_by(divisor)),
    }),
    Scalar::new("interval_justify_hours", 1, |operands| {
        operands.shown(operands.interval(0)?.with_hours_as_days())
    }),
    Scalar::new("interval_justify_days", 1, |operands| {
        operands.shown(operands.interval(0)?.with_days_as_months())
    }),
    Scalar::new("interval_justify_interval", 1, |operands| {
        operands.shown(operands.interval(0)?.justified())
    }),
    Scalar::new("extract_interval", 2, |operands| {
        let field = operands.field()?;
        Ok(with_point(field.digits, field.scale))
    }),
    Scalar::new("interval_part", 2, |operands| {
        let field = operands.field()?;
        let value = float::read_double(&with_point(field.digits, field.scale))?;
        let mut shown = String::new();
        float::write_double(value, &mut shown).expect("writing to memory does not fail");
        Ok(shown)
    }),
    Scalar::new("make_interval", 7, |operands| made(&operands)),
    Scalar::new("interval_eq", 2, |operands| {
        operands.compared(Ordering::is_eq)
    }),
    Scalar::new("interval_ne", 2, |operands| {
        operands.compared(Ordering::is_ne)
    }),
    Scalar::new("interval_lt", 2, |operands| {
        operands.compared(Ordering::is_lt)
    }),
    Scalar::new("interval_le", 2, |operands| {
        operands.compared(Ordering::is_le)
    }),
    Scalar::new("interval_gt", 2, |operands| {
        operands.compared(Ordering::is_gt)
    }),
    Scalar::new("interval_ge", 2, |operands| {
        operands.compared(Ordering::is_ge)
    }),
];

impl Operands<'_> {
    pub(super) fn timestamp(&self, index: usize) -> Result<DateTime, ValueError> {
        calendar::read_timestamp(self.text(index)).map(calendar::rounded)
    }

    fn time(&self, index: usize) -> Result<Time, ValueError> {
        calendar::read_time(self.text(index))
    }

    fn interval(&self, index: usize) -> Result<Interval, ValueError> {
        let written = self.text(index);
        Interval::parse(written).map_err(|wrong| ValueError::interval(written, wrong))
    }

    /// What `extract(name from interval)` takes.
    fn field(&self) -> Result<Field, ValueError> {
        let (name, interval) = (self.text(0), self.interval(1)?);
        let field = interval.field(name);
        field.ok_or_else(|| ValueError::interval_field(name, NOT_OF_INTERVALS))
    }

    fn fits(&self, interval: Result<Interval, Wrong>) -> Result<Interval, ValueError> {
        interval.map_err(|wrong| ValueError::interval(self.text(0), wrong))
    }

    fn shown(&self, interval: Result<Interval, Wrong>) -> Result<String, ValueError> {
        self.fits(interval).map(|interval| interval.to_string())
    }

    fn compared(&self, holds: fn(Ordering) -> bool) -> Result<String, ValueError> {
        let order = self.interval(0)?.compare(self.interval(1)?);
        Ok(if holds(order) { "t" } else { "f" }.to_owned())
    }
}

fn of_duration(passed: SignedDuration) -> Result<Interval, ValueError> {
    let micros = i64::try_from(passed.as_micros());
    Ok(Interval {
        micros: micros.map_err(|_| ValueError::datetime_range(Kind::Interval, None))?,
        ..Interval::default()
    })
}

/// The text of a moment that is later by an interval.
fn later(from: DateTime, by: Interval) -> Result<String, ValueError> {
    let mut shown = String::new();
    calendar::write_timestamp(moment_later(from, by)?, &mut shown)
        .expect("writing to memory does not fail");
    Ok(shown)
}

/// `timestamp_pl_interval`: months first, whose end may be cut, then days, then the time.
///
/// # Errors
/// It is out of range.
pub(in crate::value) fn moment_later(from: DateTime, by: Interval) -> Result<DateTime, ValueError> {
    let sum = || {
        let sum =
            moved(from, by.months, by.days)?.checked_add(SignedDuration::from_micros(by.micros));
        sum.ok().filter(|sum| sum.year() >= 1)
    };
    sum().ok_or_else(|| ValueError::datetime_range(Kind::Timestamp, None))
}

/// `timestamp_age`: field by field, as people count.
fn age(later: DateTime, earlier: DateTime) -> Result<Result<Interval, Wrong>, ValueError> {
    let (greater, smaller) = (later.max(earlier), later.min(earlier));
    let clock = |moment: DateTime| {
        of_duration(moment.time().duration_since(Time::midnight())).map(|passed| passed.micros)
    };
    let months_of = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
    let mut age = Interval {
        months: months_of(greater.date()) - months_of(smaller.date()),
        days: i32::from(greater.day()) - i32::from(smaller.day()),
        micros: clock(greater)? - clock(smaller)?,
    };
    if age.micros < 0 {
        age.micros += 24 * HOUR;
        age.days -= 1;
    }
    if age.days < 0 {
        // The month that is not whole is that of the earlier moment.
        age.days += i32::from(smaller.date().days_in_month());
        age.months -= 1;
    }
    Ok(if later < earlier {
        age.negated()
    } else {
        Ok(age)
    })
}

/// Years, months, weeks, days, hours, minutes and seconds.
fn made(operands: &Operands<'_>) -> Result<String, ValueError> {
    let mut counts = [0_i64; 6];
    for (index, count) in counts.iter_mut().enumerate() {
        *count = operands.integer(index, Kind::Int4)?;
    }
    let [years, months, weeks, days, hours, minutes] = counts;
    let seconds = (operands.double(6)? * SECOND as f64).round_ties_even();
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is too much becomes the greatest, and its sum overflows"
    )]
    let seconds = seconds as i64;
    let made = || {
        Some(Interval {
            months: i32::try_from(years * 12 + months).ok()?,
            days: i32::try_from(weeks * 7 + days).ok()?,
            micros: (hours * HOUR + minutes * 60 * SECOND).checked_add(seconds)?,
        })
    };
    operands.shown(made().ok_or(Wrong::Range))
}

/// Digits with a point before the last `scale` of them.
fn with_point(digits: i128, scale: usize) -> String {
    if scale == 0 {
        return digits.to_string();
    }
    let sign = if digits < 0 { "-" } else { "" };
    let all = format!("{:0>1$}", digits.unsigned_abs(), scale + 1);
    let (whole, fraction) = all.split_at(all.len() - scale);
    format!("{sign}{whole}.{fraction}")
}
