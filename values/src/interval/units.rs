//! The units of intervals, and the words for them.

use super::{DAY, SECOND};

/// A unit in which a part of an interval is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Millennium,
    Century,
    Decade,
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
}

impl Unit {
    /// In years, months, days and microseconds.
    pub(crate) fn size(self) -> (i64, i64, i64, i64) {
        match self {
            Self::Millennium => (1_000, 0, 0, 0),
            Self::Century => (100, 0, 0, 0),
            Self::Decade => (10, 0, 0, 0),
            Self::Year => (1, 0, 0, 0),
            Self::Month => (0, 1, 0, 0),
            Self::Week => (0, 0, 7, 0),
            Self::Day => (0, 0, 1, 0),
            Self::Hour => (0, 0, 0, DAY / 24),
            Self::Minute => (0, 0, 0, 60 * SECOND),
            Self::Second => (0, 0, 0, SECOND),
            Self::Millisecond => (0, 0, 0, SECOND / 1_000),
            Self::Microsecond => (0, 0, 0, 1),
        }
    }

    /// Whether a time of day says it as well.
    pub(crate) fn is_in_clock(self) -> bool {
        self.is_in_second() || matches!(self, Self::Hour | Self::Minute)
    }

    /// Whether seconds with a fraction say it as well.
    pub(crate) fn is_in_second(self) -> bool {
        matches!(self, Self::Second | Self::Millisecond | Self::Microsecond)
    }
}

/// As many letters as PostgreSQL looks at.
const LETTERS: usize = 10;

/// The unit that a word names.
pub(crate) fn unit(word: &str) -> Option<Unit> {
    let mut word = word.to_ascii_lowercase();
    word.truncate(LETTERS);
    Some(match word.as_str() {
        "millennia" | "millennium" | "mil" | "mils" => Unit::Millennium,
        "c" | "cent" | "century" | "centuries" => Unit::Century,
        "decade" | "decades" | "dec" | "decs" => Unit::Decade,
        "y" | "year" | "years" | "yr" | "yrs" => Unit::Year,
        "mon" | "mons" | "month" | "months" => Unit::Month,
        "w" | "week" | "weeks" => Unit::Week,
        "d" | "day" | "days" => Unit::Day,
        "h" | "hour" | "hours" | "hr" | "hrs" => Unit::Hour,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" => Unit::Millisecond,
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" => Unit::Microsecond,
        _ => return None,
    })
}

/// Whether a number may stand right behind the word: PostgreSQL takes others for the names of months
/// and zones there, and what follows for the rest of a date.
pub(crate) fn is_in_dates(word: &str) -> bool {
    let known = ["d", "dec", "h", "m", "mon", "s", "y"];
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}
