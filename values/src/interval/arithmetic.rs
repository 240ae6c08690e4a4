//! What PostgreSQL computes with intervals.
//!
//! PostgreSQL manual, "Date/Time Functions and Operators"; the roundings are those of
//! `src/backend/utils/adt/timestamp.c`.

use std::cmp::Ordering;

use super::units::{Unit, unit};
use super::{DAY, Interval, SECOND, Wrong};

const DAYS_OF_MONTH: i32 = 30;
const SECONDS_OF_DAY: f64 = 86_400.0;
/// A year has 365.25 days where only its seconds count (`DAYS_PER_YEAR`).
const SECONDS_OF_YEAR: i128 = 31_557_600;

/// A field of an interval: a whole number, or one with so many digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The number without its point.
    pub digits: i128,
    /// How many of the digits stand behind the point.
    pub scale: usize,
}

impl Interval {
    /// The sum, field by field.
    ///
    /// # Errors
    /// A field is out of range.
    pub fn plus(self, other: Self) -> Result<Self, Wrong> {
        let sum = || {
            Some(Self {
                months: self.months.checked_add(other.months)?,
                days: self.days.checked_add(other.days)?,
                micros: self.micros.checked_add(other.micros)?,
            })
        };
        sum().ok_or(Wrong::Range)
    }

    /// With the other sign.
    ///
    /// # Errors
    /// A field is out of range.
    pub fn negated(self) -> Result<Self, Wrong> {
        let negated = || {
            Some(Self {
                months: self.months.checked_neg()?,
                days: self.days.checked_neg()?,
                micros: self.micros.checked_neg()?,
            })
        };
        negated().ok_or(Wrong::Range)
    }

    /// The product; what is no whole month or day spills into smaller fields (`interval_mul`).
    ///
    /// # Errors
    /// A field is out of range.
    pub fn times(self, factor: f64) -> Result<Self, Wrong> {
        self.scaled(|field| field * factor)
    }

    /// The quotient (`interval_div`); the divisor is not 0.
    ///
    /// # Errors
    /// A field is out of range.
    pub fn divided_by(self, divisor: f64) -> Result<Self, Wrong> {
        self.scaled(|field| field / divisor)
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "PostgreSQL multiplies microseconds as double precision, too"
    )]
    fn scaled(self, scale: impl Fn(f64) -> f64) -> Result<Self, Wrong> {
        let (months, days) = (scale(f64::from(self.months)), scale(f64::from(self.days)));
        let (whole_months, whole_days) = (truncated(months)?, truncated(days)?);
        let days_of_months =
            to_micros((months - f64::from(whole_months)) * f64::from(DAYS_OF_MONTH));
        let more_days = truncated(days_of_months)?;
        let mut seconds = to_micros(
            (days - f64::from(whole_days) + days_of_months - f64::from(more_days)) * SECONDS_OF_DAY,
        );
        let mut carried = 0;
        if seconds.abs() >= SECONDS_OF_DAY {
            carried = truncated(seconds / SECONDS_OF_DAY)?;
            seconds -= f64::from(carried) * SECONDS_OF_DAY;
        }
        let micros = (scale(self.micros as f64) + seconds * SECOND as f64).round_ties_even();
        // 2^63 is no i64 any more.
        if !(-(i64::MIN as f64).abs()..(i64::MIN as f64).abs()).contains(&micros) {
            return Err(Wrong::Range);
        }
        let days = whole_days
            .checked_add(carried)
            .and_then(|days| days.checked_add(more_days));
        Ok(Self {
            months: whole_months,
            days: days.ok_or(Wrong::Range)?,
            #[allow(clippy::cast_possible_truncation, reason = "it was looked at")]
            micros: micros as i64,
        })
    }

    /// 24 hours become a day each (`justify_hours`).
    ///
    /// # Errors
    /// There are too many days.
    pub fn with_hours_as_days(self) -> Result<Self, Wrong> {
        let mut all = self;
        all.carry_hours()?;
        if all.days > 0 && all.micros < 0 {
            all.borrow_day(1);
        } else if all.days < 0 && all.micros > 0 {
            all.borrow_day(-1);
        }
        Ok(all)
    }

    /// 30 days become a month each (`justify_days`).
    ///
    /// # Errors
    /// There are too many months.
    pub fn with_days_as_months(self) -> Result<Self, Wrong> {
        let mut all = self;
        all.carry_days()?;
        if all.months > 0 && all.days < 0 {
            all.borrow_month(1);
        } else if all.months < 0 && all.days > 0 {
            all.borrow_month(-1);
        }
        Ok(all)
    }

    /// Both, with equal signs (`justify_interval`).
    ///
    /// # Errors
    /// There are too many months.
    pub fn justified(self) -> Result<Self, Wrong> {
        let mut all = self;
        // Before the hours, so that no sum of days is out of range.
        if all.days > 0 && all.micros > 0 || all.days < 0 && all.micros < 0 {
            all.carry_days()?;
        }
        all.carry_hours()?;
        all.carry_days()?;
        let rest = (all.days, all.micros);
        if all.months > 0 && rest < (0, 0) {
            all.borrow_month(1);
        } else if all.months < 0 && rest > (0, 0) {
            all.borrow_month(-1);
        }
        if all.days > 0 && all.micros < 0 {
            all.borrow_day(1);
        } else if all.days < 0 && all.micros > 0 {
            all.borrow_day(-1);
        }
        Ok(all)
    }

    fn carry_hours(&mut self) -> Result<(), Wrong> {
        // Microseconds of 64 bits are fewer days than 32 bits count.
        let days = i32::try_from(self.micros / DAY).map_err(|_| Wrong::Range)?;
        self.micros %= DAY;
        self.days = self.days.checked_add(days).ok_or(Wrong::Range)?;
        Ok(())
    }

    fn carry_days(&mut self) -> Result<(), Wrong> {
        let months = self.days / DAYS_OF_MONTH;
        self.days %= DAYS_OF_MONTH;
        self.months = self.months.checked_add(months).ok_or(Wrong::Range)?;
        Ok(())
    }

    /// `sign`: that of the days.
    fn borrow_day(&mut self, sign: i32) {
        self.micros += i64::from(sign) * DAY;
        self.days -= sign;
    }

    /// `sign`: that of the months.
    fn borrow_month(&mut self, sign: i32) {
        self.days += sign * DAYS_OF_MONTH;
        self.months -= sign;
    }

    /// The order in which PostgreSQL sorts intervals: a month is 30 days, and a day 24 hours.
    pub fn compare(self, other: Self) -> Ordering {
        self.span().cmp(&other.span())
    }

    /// Its length in microseconds, by which it is ordered.
    pub fn span(self) -> i128 {
        let days = i128::from(self.months) * i128::from(DAYS_OF_MONTH) + i128::from(self.days);
        days * i128::from(DAY) + i128::from(self.micros)
    }

    /// What `extract` takes of it, by a name that PostgreSQL has for a field; none if it has
    /// none for one of an interval.
    pub fn field(self, name: &str) -> Option<Field> {
        let whole = |digits: i128| Some(Field { digits, scale: 0 });
        let name = name.to_ascii_lowercase();
        let (months, days) = (i128::from(self.months), i128::from(self.days));
        let micros = i128::from(self.micros);
        let second = i128::from(SECOND);
        let of_minute = micros % (60 * second);
        match name.as_str() {
            "epoch" => {
                let seconds = months / 12 * SECONDS_OF_YEAR + (months % 12 * 30 + days) * 86_400;
                return Some(Field {
                    digits: seconds * second + micros,
                    scale: 6,
                });
            }
            "quarter" | "qtr" => return whole(months % 12 / 3 + 1),
            _ => {}
        }
        match unit(&name)? {
            Unit::Microsecond => whole(of_minute),
            Unit::Millisecond => Some(Field {
                digits: of_minute,
                scale: 3,
            }),
            Unit::Second => Some(Field {
                digits: of_minute,
                scale: 6,
            }),
            Unit::Minute => whole(micros / (60 * second) % 60),
            Unit::Hour => whole(micros / (3_600 * second)),
            Unit::Day => whole(days),
            Unit::Week => None,
            Unit::Month => whole(months % 12),
            Unit::Year => whole(months / 12),
            Unit::Decade => whole(months / 120),
            Unit::Century => whole(months / 1_200),
            Unit::Millennium => whole(months / 12_000),
        }
    }
}

/// To whole microseconds (`TSROUND`).
fn to_micros(seconds: f64) -> f64 {
    (seconds * SECOND as f64).round_ties_even() / SECOND as f64
}

/// The whole part, if 32 bits hold it.
fn truncated(count: f64) -> Result<i32, Wrong> {
    let whole = count.trunc();
    let is_held = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&whole);
    #[allow(clippy::cast_possible_truncation, reason = "it was looked at")]
    match is_held {
        true => Ok(whole as i32),
        false => Err(Wrong::Range),
    }
}
