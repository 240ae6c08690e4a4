//! Intervals: read in every way that PostgreSQL reads them, written as `IntervalStyle =
//! postgres` shows them.
//!
//! PostgreSQL manual, "Interval Input" and "Interval Output". A test beside a real PostgreSQL
//! (`host/src/value/style/oracle.rs`) compares what a field means, where it spills over and which words
//! there are.

use std::borrow::Cow;
use std::fmt;

mod arithmetic;
mod iso;
mod units;

pub use arithmetic::Field;
use units::{Unit, unit};

/// A second, in microseconds.
pub(crate) const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const DAYS_OF_MONTH: f64 = 30.0;

/// Months, days and microseconds: PostgreSQL keeps the three apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Years are twelve of them.
    pub months: i32,
    /// Weeks are seven of them.
    pub days: i32,
    /// Hours, minutes and seconds.
    pub micros: i64,
}

/// Why a text is no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// `22007`: no interval is written so.
    Syntax,
    /// `22015`: a field is out of range.
    Field,
    /// `22008`: it is longer than an interval can be.
    Range,
}

impl Wrong {
    /// The code of PostgreSQL's error.
    pub fn sqlstate(self) -> &'static str {
        match self {
            Self::Syntax => "22007",
            Self::Field => "22015",
            Self::Range => "22008",
        }
    }

    /// What PostgreSQL says of the text.
    pub fn message(self, text: &str) -> String {
        match self {
            Self::Syntax => format!("invalid input syntax for type interval: \"{text}\""),
            Self::Field => format!("interval field value out of range: \"{text}\""),
            Self::Range => "interval out of range".to_owned(),
        }
    }
}

impl Interval {
    /// Reads an interval, as `IntervalStyle = postgres` takes signs.
    ///
    /// # Errors
    /// The text is no interval; see [`Wrong`].
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        match Sum::of_words(text) {
            Err(Wrong::Syntax) => iso::read(text.trim()),
            other => other,
        }?
        .interval()
    }
}

/// An interval that is being added up, in the fields in which PostgreSQL does it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    years: i32,
    months: i32,
    days: i32,
    micros: i64,
}

impl Sum {
    fn interval(self) -> Result<Interval, Wrong> {
        let months = i64::from(self.years) * 12 + i64::from(self.months);
        Ok(Interval {
            months: i32::try_from(months).map_err(|_| Wrong::Range)?,
            days: self.days,
            micros: self.micros,
        })
    }

    /// The fields are read from the last to the first, so that a number finds its unit.
    fn of_words(text: &str) -> Result<Self, Wrong> {
        let words = words(text)?;
        let mut sum = Self::default();
        let mut seen = Seen::default();
        // Without a unit behind it a number is one of seconds.
        let (mut pending, mut is_ago) = (Some(Unit::Second), false);
        for word in words.iter().rev() {
            match word {
                Word::Name(name) if name.eq_ignore_ascii_case("ago") => {
                    is_ago = true;
                    pending = None;
                }
                Word::Name(name) => pending = Some(unit(name).ok_or(Wrong::Syntax)?),
                Word::Number(number) if number.contains(':') => {
                    let is_signed = number.starts_with(['+', '-']);
                    sum.add_clock(number).map_err(|wrong| match is_signed {
                        true => Wrong::Syntax,
                        false => wrong,
                    })?;
                    seen.clock()?;
                    // A number before a time is one of days: `1 04:05:06`.
                    pending = Some(Unit::Day);
                }
                Word::Number(number) => {
                    let amount = Amount::read(number, pending)?;
                    sum.add(amount)?;
                    seen.field(amount)?;
                    // Before hours stand days: `1 2 hours`.
                    pending = Some(match amount.unit {
                        Unit::Hour => Unit::Day,
                        unit => unit,
                    });
                }
            }
        }
        if seen.is_nothing() {
            return Err(Wrong::Syntax);
        }
        if is_ago {
            let negated = |count: i32| count.checked_neg().ok_or(Wrong::Field);
            sum.years = negated(sum.years)?;
            sum.months = negated(sum.months)?;
            sum.days = negated(sum.days)?;
            sum.micros = sum.micros.checked_neg().ok_or(Wrong::Field)?;
        }
        Ok(sum)
    }

    /// A whole number of units, and a fraction that spills into smaller ones.
    pub(crate) fn add(&mut self, amount: Amount) -> Result<(), Wrong> {
        let Amount {
            whole,
            fraction,
            unit,
        } = amount;
        let (years, months, days, micros) = unit.size();
        let times = |size: i64| whole.checked_mul(size).ok_or(Wrong::Field);
        add_to(&mut self.years, times(years)?)?;
        add_to(&mut self.months, times(months)?)?;
        add_to(&mut self.days, times(days)?)?;
        self.add_micros(times(micros)?)?;
        if fraction == 0.0 {
            return Ok(());
        }
        match unit {
            Unit::Month => self.add_days(fraction * DAYS_OF_MONTH),
            Unit::Week => self.add_days(fraction * 7.0),
            Unit::Day => self.add_micros(rounded(fraction * DAY as f64)),
            _ if years > 0 => add_to(&mut self.months, nearest(fraction * 12.0 * years as f64)),
            _ => self.add_micros(rounded(fraction * micros as f64)),
        }
    }

    /// Days whose fraction spills into the time.
    fn add_days(&mut self, days: f64) -> Result<(), Wrong> {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a fraction of a month or a week"
        )]
        add_to(&mut self.days, days.trunc() as i64)?;
        self.add_micros(rounded((days - days.trunc()) * DAY as f64))
    }

    fn add_micros(&mut self, amount: i64) -> Result<(), Wrong> {
        self.micros = self.micros.checked_add(amount).ok_or(Wrong::Field)?;
        Ok(())
    }

    /// `[+-]hh:mm[:ss[.f]]`, or `mm:ss.f`.
    pub(crate) fn add_clock(&mut self, clock: &str) -> Result<(), Wrong> {
        let (is_negative, digits) = match clock.as_bytes().first() {
            Some(b'-') => (true, &clock[1..]),
            Some(b'+') => (false, &clock[1..]),
            _ => (false, clock),
        };
        let mut parts = digits.split(':');
        let mut part = || parts.next();
        let (first, second) = (part().unwrap_or(""), part().unwrap_or(""));
        let (hours, minutes, seconds) = match (part(), second.contains('.')) {
            (Some(third), false) => (first, second, third),
            (None, true) => ("0", first, second),
            (None, false) => (first, second, "0"),
            (Some(_), true) => return Err(Wrong::Syntax),
        };
        if part().is_some() {
            return Err(Wrong::Syntax);
        }
        let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        // `1:` and `1::2` leave out what is zero.
        let part = |digits: &str| {
            if digits.is_empty() {
                Ok(0)
            } else {
                whole(digits)
            }
        };
        let (hours, minutes, seconds) = (part(hours)?, part(minutes)?, part(seconds)?);
        let micros = nearest(fraction_of(fraction)? * SECOND as f64);
        // A leap second is taken, as PostgreSQL does.
        if minutes > 59 || seconds > 60 || micros > SECOND {
            return Err(Wrong::Field);
        }
        let clock = hours
            .checked_mul(3_600 * SECOND)
            .and_then(|hours| hours.checked_add((minutes * 60 + seconds) * SECOND + micros))
            .ok_or(Wrong::Field)?;
        // As PostgreSQL does it: what a fraction of days has spilled here before is lost.
        self.micros = if is_negative { -clock } else { clock };
        Ok(())
    }
}

fn add_to(place: &mut i32, amount: i64) -> Result<(), Wrong> {
    let amount = i32::try_from(amount).ok();
    let sum = amount.and_then(|amount| place.checked_add(amount));
    *place = sum.ok_or(Wrong::Field)?;
    Ok(())
}

/// To the nearest, halves to the even one.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a fraction of one unit, in a smaller one"
)]
fn nearest(count: f64) -> i64 {
    count.round_ties_even() as i64
}

/// To the nearest, halves towards zero.
fn rounded(count: f64) -> i64 {
    let is_half = (count - count.trunc()).abs() <= 0.5;
    nearest(if is_half { count.trunc() } else { count })
}

/// How much of which unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    pub(crate) whole: i64,
    /// With the sign of the whole.
    pub(crate) fraction: f64,
    pub(crate) unit: Unit,
}

impl Amount {
    /// `-3`, `1.5`, and `1-2`, which is a year and two months.
    fn read(number: &str, unit: Option<Unit>) -> Result<Self, Wrong> {
        let (is_negative, digits) = match number.as_bytes().first() {
            Some(b'-') => (true, &number[1..]),
            Some(b'+') => (false, &number[1..]),
            _ => (false, number),
        };
        let signed = |count: i64| if is_negative { -count } else { count };
        if let Some((years, months)) = digits.split_once('-') {
            let years = whole(years)?;
            let months = if months.is_empty() { 0 } else { whole(months)? };
            if months >= 12 {
                return Err(Wrong::Field);
            }
            let count = years
                .checked_mul(12)
                .and_then(|years| years.checked_add(months));
            return Ok(Self {
                whole: signed(count.ok_or(Wrong::Field)?),
                fraction: 0.0,
                unit: Unit::Month,
            });
        }
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let integer = match integer {
            "" if !fraction.is_empty() => 0,
            integer => whole(integer)?,
        };
        let fraction = fraction_of(fraction)?;
        Ok(Self {
            whole: signed(integer),
            fraction: if is_negative { -fraction } else { fraction },
            unit: unit.ok_or(Wrong::Syntax)?,
        })
    }
}

/// Which fields there were: none may come twice.
#[derive(Default)]
struct Seen {
    fields: Vec<Unit>,
    has_clock: bool,
    /// There were seconds with a fraction.
    has_fraction: bool,
}

impl Seen {
    fn clock(&mut self) -> Result<(), Wrong> {
        let is_twice = self.has_clock || self.fields.iter().any(|unit| unit.is_in_clock());
        self.has_clock = true;
        if is_twice { Err(Wrong::Syntax) } else { Ok(()) }
    }

    fn field(&mut self, amount: Amount) -> Result<(), Wrong> {
        let unit = amount.unit;
        // Seconds with a fraction are milliseconds and microseconds, too.
        let has_fraction = unit == Unit::Second && amount.fraction != 0.0;
        let is_twice = self.fields.contains(&unit)
            || self.has_clock && unit.is_in_clock()
            || self.has_fraction && unit.is_in_second()
            || has_fraction && self.fields.iter().any(|unit| unit.is_in_second());
        self.has_fraction |= has_fraction;
        self.fields.push(unit);
        if is_twice { Err(Wrong::Syntax) } else { Ok(()) }
    }

    fn is_nothing(&self) -> bool {
        self.fields.is_empty() && !self.has_clock
    }
}

enum Word<'a> {
    /// Begins with a sign, a digit or a point.
    Number(Cow<'a, str>),
    Name(&'a str),
}

/// Numbers with what belongs to them, and words; other punctuation is passed over.
fn words(text: &str) -> Result<Vec<Word<'_>>, Wrong> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '-');
        let length = if first.is_ascii_digit() || first == '.' {
            let length = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
            words.push(Word::Number(rest[..length].into()));
            length
        } else if matches!(first, '+' | '-') {
            // Spaces may stand behind a sign.
            let behind = rest[1..].trim_ascii_start();
            let length = behind.find(|c| !is_number(c)).unwrap_or(behind.len());
            if !behind.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                return Err(Wrong::Syntax);
            }
            words.push(Word::Number(format!("{first}{}", &behind[..length]).into()));
            rest.len() - behind.len() + length
        } else if first.is_ascii_alphabetic() {
            let length = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let (name, behind) = rest.split_at(length);
            let is_date = match behind.bytes().next() {
                Some(b'-' | b'/' | b'.') => true,
                Some(byte) => (byte == b'+' || byte.is_ascii_digit()) && !units::is_in_dates(name),
                None => false,
            };
            if is_date {
                return Err(Wrong::Syntax);
            }
            words.push(Word::Name(name));
            length
        } else if first.is_ascii_whitespace() || first == '\x0b' || first.is_ascii_punctuation() {
            1
        } else {
            return Err(Wrong::Syntax);
        };
        rest = &rest[length..];
    }
    Ok(words)
}

/// Digits alone.
pub(crate) fn whole(digits: &str) -> Result<i64, Wrong> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Syntax);
    }
    digits.parse().map_err(|_| Wrong::Field)
}

/// What digits behind a point are worth.
pub(crate) fn fraction_of(digits: &str) -> Result<f64, Wrong> {
    if digits.is_empty() {
        return Ok(0.0);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Syntax);
    }
    format!("0.{digits}").parse().map_err(|_| Wrong::Syntax)
}

impl fmt::Display for Interval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = [
            (self.months / 12, "year"),
            (self.months % 12, "mon"),
            (self.days, "day"),
        ];
        let (mut is_first, mut was_negative) = (true, false);
        for (count, unit) in fields.into_iter().filter(|(count, _)| *count != 0) {
            let space = if is_first { "" } else { " " };
            let sign = if was_negative && count > 0 { "+" } else { "" };
            let plural = if count == 1 { "" } else { "s" };
            write!(out, "{space}{sign}{count} {unit}{plural}")?;
            (is_first, was_negative) = (false, count < 0);
        }
        if !is_first && self.micros == 0 {
            return Ok(());
        }
        let space = if is_first { "" } else { " " };
        let sign = match self.micros < 0 {
            true => "-",
            false if was_negative => "+",
            false => "",
        };
        let micros = self.micros.unsigned_abs();
        let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        write!(
            out,
            "{space}{sign}{hours:02}:{minutes:02}:{:02}",
            seconds % 60
        )?;
        if fraction == 0 {
            return Ok(());
        }
        let digits = format!("{fraction:06}");
        write!(out, ".{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests;
