//! The format codes of CONVERT: how they write dates and times, and how they read them.

use jiff::civil::{self, DateTime, Time};

use super::imprecise::{MONTHS, from_parts, month_number, parse_any_time, year};
use super::nanoseconds;

/// The date of a time that CONVERT makes a timestamp of.
pub(crate) const BARE_TIME_DATE: civil::Date = civil::date(1900, 1, 1);

/// In which order and with which separator a code has its date.
struct Style {
    parts: &'static str,
    separator: char,
    /// A code below 100 writes the year in two digits, unless it has no such form.
    short_year: bool,
    clock: Clock,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    None,
    /// `hh:mmAM`
    Minutes,
    /// `hh:mm:ss:nnnAM`
    Meridian,
    /// `hh:mm:ss`
    Seconds,
    /// `hh:mm:ss` and thousandths after this mark.
    Thousandths(char),
}

fn style(code: i64) -> Option<Style> {
    let (parts, separator, clock) = match code {
        0 | 9 | 100 | 109 => (
            "Mdy",
            ' ',
            if code % 100 == 0 {
                Clock::Minutes
            } else {
                Clock::Meridian
            },
        ),
        1 | 101 => ("mdy", '/', Clock::None),
        2 | 102 => ("ymd", '.', Clock::None),
        3 | 103 => ("dmy", '/', Clock::None),
        4 | 104 => ("dmy", '.', Clock::None),
        5 | 105 => ("dmy", '-', Clock::None),
        6 | 106 => ("dMy", ' ', Clock::None),
        7 | 107 => ("Mdy", ',', Clock::None),
        8 | 108 => ("", ' ', Clock::Seconds),
        10 | 110 => ("mdy", '-', Clock::None),
        11 | 111 => ("ymd", '/', Clock::None),
        12 | 112 => ("ymd", '\0', Clock::None),
        13 | 113 => ("dMy", ' ', Clock::Thousandths(':')),
        14 | 114 => ("", ' ', Clock::Thousandths('.')),
        20 | 120 => ("ymd", '-', Clock::Seconds),
        21 | 121 | 126 => ("ymd", '-', Clock::Thousandths('.')),
        130 => ("dMy", ' ', Clock::Meridian),
        131 => ("dmy", '/', Clock::Meridian),
        _ => return None,
    };
    Some(Style {
        parts,
        separator,
        short_year: (1..=12).contains(&code) && !matches!(code, 8 | 9),
        clock,
    })
}

/// Is there such a code?
pub(crate) fn exists(code: i64) -> bool {
    style(code).is_some()
}

/// A moment as the code writes it.
pub(crate) fn write(at: DateTime, code: i64) -> Option<String> {
    let style = style(code)?;
    let month = MONTHS.get(usize::try_from(at.month() - 1).ok()?)?;
    let year = if style.short_year {
        format!("{:02}", at.year() % 100)
    } else {
        format!("{:04}", at.year())
    };
    let mut text = String::new();
    if style.separator == ',' {
        // The only one without a leading zero.
        text = format!("{} {}, {year}", &month[..3], at.day());
    } else {
        for part in style.parts.chars() {
            if !text.is_empty() && style.separator != '\0' {
                text.push(style.separator);
            }
            match part {
                'y' => text.push_str(&year),
                'm' => text.push_str(&format!("{:02}", at.month())),
                'M' => text.push_str(&month[..3]),
                _ => text.push_str(&format!("{:02}", at.day())),
            }
        }
    }
    let clock = write_clock(at.time(), style.clock);
    if !text.is_empty() && !clock.is_empty() {
        text.push(if code == 126 { 'T' } else { ' ' });
    }
    text.push_str(&clock);
    Some(text)
}

fn write_clock(time: Time, clock: Clock) -> String {
    let thousandths = nanoseconds(time) / 1_000_000 % 1000;
    let seconds = || {
        format!(
            "{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    };
    let hour = (time.hour() + 11) % 12 + 1;
    let half = if time.hour() < 12 { "AM" } else { "PM" };
    match clock {
        Clock::None => String::new(),
        Clock::Seconds => seconds(),
        Clock::Thousandths(mark) => format!("{}{mark}{thousandths:03}", seconds()),
        Clock::Minutes => format!("{hour:02}:{:02}{half}", time.minute()),
        Clock::Meridian => {
            let (minute, second) = (time.minute(), time.second());
            format!("{hour:02}:{minute:02}:{second:02}:{thousandths:03}{half}")
        }
    }
}

/// A text that has the format of the code; a time may follow any date, and be missing.
pub(crate) fn read(text: &str, code: i64) -> Option<DateTime> {
    let style = style(code)?;
    let text = text.trim();
    if style.parts.is_empty() {
        return Some(BARE_TIME_DATE.to_datetime(parse_any_time(text)?));
    }
    let (date, clock) = split_clock(text);
    let date = read_date(date.trim(), &style)?;
    let time = match clock {
        "" => Time::midnight(),
        clock => parse_any_time(clock)?,
    };
    Some(date.to_datetime(time))
}

/// The time begins at the last blank or `T` before the first colon.
fn split_clock(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else {
        return (text, "");
    };
    match text[..colon].rfind([' ', 'T']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => ("", text),
    }
}

fn read_date(text: &str, style: &Style) -> Option<civil::Date> {
    let pieces: Vec<&str> = match style.separator {
        '\0' => {
            let at = text.len().checked_sub(4).filter(|_| text.is_ascii())?;
            vec![&text[..at], &text[at..at + 2], &text[at + 2..]]
        }
        ' ' | ',' => text
            .split([' ', ','])
            .filter(|piece| !piece.is_empty())
            .collect(),
        separator => text.split(separator).collect(),
    };
    if pieces.len() != 3 {
        return None;
    }
    let (mut years, mut month, mut day) = (None, None, None);
    for (piece, part) in pieces.into_iter().zip(style.parts.chars()) {
        match part {
            'y' => years = year(piece),
            'm' => month = piece.parse().ok(),
            'M' => month = month_number(piece),
            _ => day = piece.parse().ok(),
        }
    }
    from_parts(years?, month?, day?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_what_it_writes() {
        let at = civil::date(1983, 3, 20).at(13, 45, 10, 987_000_000);
        for code in (0..=131).filter(|code| exists(*code)) {
            let text = write(at, code).unwrap();
            let back = read(&text, code).unwrap();
            assert_eq!(write(back, code).as_deref(), Some(text.as_str()), "{code}");
        }
    }

    #[test]
    fn the_examples_of_the_manual() {
        let at = civil::date(1983, 3, 20).at(0, 0, 0, 0);
        for (code, wanted) in [
            (100, "Mar 20 1983 12:00AM"),
            (107, "Mar 20, 1983"),
            (114, "00:00:00.000"),
            (1, "03/20/83"),
            (126, "1983-03-20T00:00:00.000"),
        ] {
            assert_eq!(write(at, code).as_deref(), Some(wanted));
        }
        assert!(read("22 FEB 2022", 106).is_some());
        assert!(read("22/02/2022", 106).is_none());
        assert!(write(at, 99).is_none());
    }
}
