//! Intervals, written in the styles that are not `IntervalStyle = postgres`, as `EncodeInterval` of
//! PostgreSQL's `datetime.c` does.

use std::fmt::Write;

use pgiris_values::interval::Interval;

use super::Intervals;

/// Fields of one sign each; what they are is PostgreSQL's own layout of an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fields {
    years: i64,
    months: i64,
    days: i64,
    /// Microseconds.
    time: i64,
}

const SECOND: i64 = 1_000_000;

pub(super) fn write(interval: Interval, style: Intervals, out: &mut String) -> std::fmt::Result {
    let fields = Fields {
        years: (interval.months / 12).into(),
        months: (interval.months % 12).into(),
        days: interval.days.into(),
        time: interval.micros,
    };
    match style {
        Intervals::Postgres => write!(out, "{interval}"),
        Intervals::PostgresVerbose => fields.verbose(out),
        Intervals::SqlStandard => fields.standard(out),
        Intervals::Iso8601 => fields.iso(out),
    }
}

impl Fields {
    /// `@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs ago`
    fn verbose(self, out: &mut String) -> std::fmt::Result {
        out.push('@');
        let [hours, minutes] = self.clock();
        let fields = [
            (self.years, "year"),
            (self.months, "mon"),
            (self.days, "day"),
            (hours, "hour"),
            (minutes, "min"),
        ];
        // The first field says which way the interval goes; the others are relative to it.
        let mut ago: Option<bool> = None;
        for (value, unit) in fields.into_iter().filter(|(value, _)| *value != 0) {
            let value = turned(value, &mut ago);
            let plural = if value == 1 { "" } else { "s" };
            write!(out, " {value} {unit}{plural}")?;
        }
        let seconds = self.time % (60 * SECOND);
        if seconds != 0 {
            let seconds = turned(seconds, &mut ago);
            let sign = if seconds < 0 { "-" } else { "" };
            let plural = if seconds.abs() == SECOND { "" } else { "s" };
            write!(out, " {sign}{} sec{plural}", decimal(seconds, 1))?;
        }
        match ago {
            None => out.push_str(" 0"),
            Some(true) => out.push_str(" ago"),
            Some(false) => {}
        }
        Ok(())
    }

    /// `1-2`, `-3 4:05:06`, and `+1-2 -3 +4:05:06` where it is none of the standard's.
    fn standard(self, out: &mut String) -> std::fmt::Result {
        let Self {
            years,
            months,
            days,
            time,
        } = self;
        let fields = [years, months, days, time];
        let has_year_month = years != 0 || months != 0;
        let has_day_time = days != 0 || time != 0;
        let negative = fields.iter().any(|field| *field < 0);
        let positive = fields.iter().any(|field| *field > 0);
        let [hours, minutes] = self.clock().map(i64::abs);
        let seconds = decimal(time % (60 * SECOND), 2);
        if !has_year_month && !has_day_time {
            out.push('0');
            return Ok(());
        }
        if (negative && positive) || (has_year_month && has_day_time) {
            let sign = |value: i64| if value < 0 { '-' } else { '+' };
            let year_sign = sign(if years < 0 || months < 0 { -1 } else { 1 });
            return write!(
                out,
                "{year_sign}{}-{} {}{} {}{hours}:{minutes:02}:{seconds}",
                years.abs(),
                months.abs(),
                sign(days),
                days.abs(),
                sign(time),
            );
        }
        if negative {
            out.push('-');
        }
        if has_year_month {
            return write!(out, "{}-{}", years.abs(), months.abs());
        }
        if days != 0 {
            write!(out, "{} ", days.abs())?;
        }
        write!(out, "{hours}:{minutes:02}:{seconds}")
    }

    /// `P1Y2M-3DT4H5M6.789S`
    fn iso(self, out: &mut String) -> std::fmt::Result {
        if self == Self::default() {
            out.push_str("PT0S");
            return Ok(());
        }
        out.push('P');
        let dates = [(self.years, 'Y'), (self.months, 'M'), (self.days, 'D')];
        for (value, unit) in dates.into_iter().filter(|(value, _)| *value != 0) {
            write!(out, "{value}{unit}")?;
        }
        if self.time == 0 {
            return Ok(());
        }
        out.push('T');
        let [hours, minutes] = self.clock();
        let clock = [(hours, 'H'), (minutes, 'M')];
        for (value, unit) in clock.into_iter().filter(|(value, _)| *value != 0) {
            write!(out, "{value}{unit}")?;
        }
        let seconds = self.time % (60 * SECOND);
        if seconds != 0 {
            let sign = if seconds < 0 { "-" } else { "" };
            write!(out, "{sign}{}S", decimal(seconds, 1))?;
        }
        Ok(())
    }

    /// Hours and minutes, with the sign of the time.
    fn clock(self) -> [i64; 2] {
        let minutes = self.time / (60 * SECOND);
        [minutes / 60, minutes % 60]
    }
}

/// A field relative to the direction of the first.
fn turned(value: i64, ago: &mut Option<bool>) -> i64 {
    match ago.get_or_insert(value < 0) {
        true => -value,
        false => value,
    }
}

/// Seconds without a sign, with as many places as are not zero.
fn decimal(micros: i64, width: usize) -> String {
    let (seconds, fraction) = (micros.abs() / SECOND, micros.abs() % SECOND);
    let whole = format!("{seconds:0width$}");
    match fraction {
        0 => whole,
        fraction => format!("{whole}.{fraction:06}")
            .trim_end_matches('0')
            .to_owned(),
    }
}
