//! What is written behind a moment in a time zone, where only IRIS knows the moment: the offset of the
//! zone then, or its abbreviation.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Dst, Offset, TimeZone};
use sqlparser::ast::{BinaryOperator, Expr};

use super::clocks::{LAST_YEAR, halved, until_last_year};
use super::{Zone, written};
use crate::build;
use crate::casts::short;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::varchar;

/// How a zone is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// `+02`, `+05:30`
    Offset,
    /// `+02:00`
    OffsetInMinutes,
    /// `+02`
    Hours,
    /// `30`
    Minutes,
    /// `CEST`
    Abbreviation,
}

/// The longest of them.
const LONGEST: u64 = 12;

impl Shown {
    fn of(self, zone: &TimeZone, offset: Offset, abbreviation: &str) -> String {
        let seconds = offset.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        match self {
            Self::Offset => written(offset),
            Self::OffsetInMinutes => format!("{sign}{hours:02}:{minutes:02}"),
            Self::Hours => format!("{sign}{hours:02}"),
            Self::Minutes => format!("{minutes:02}"),
            Self::Abbreviation if zone.iana_name().is_none() => written(offset),
            Self::Abbreviation => abbreviation.to_owned(),
        }
    }
}

impl Zone {
    /// What is shown of the zone at a moment in UTC.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn shown_behind(
        &self,
        moment: &Expr,
        shown: Shown,
        copies: &mut Copies,
    ) -> Diagnosed<Expr> {
        let of = |offset: Offset, _: Dst, name: &str| shown.of(&self.0, offset, name);
        let before = self.0.to_offset_info(Timestamp::MIN);
        let first = of(before.offset(), before.dst(), before.abbreviation());
        let mut changes: Vec<(DateTime, String)> = Vec::new();
        let mut is_endless = false;
        for change in self.0.following(Timestamp::MIN) {
            let at = Offset::UTC.to_datetime(change.timestamp());
            if at.year() > LAST_YEAR {
                is_endless = true;
                break;
            }
            let text = of(change.offset(), change.dst(), change.abbreviation());
            if changes.last().map_or(&first, |(_, last)| last) != &text {
                changes.push((at, text));
            }
        }
        let write = |text: &String| build::string(text);
        let found = halved(&first, &changes, moment, &write, copies)?;
        match is_endless {
            true => until_last_year(found, moment, &varchar(LONGEST), copies),
            false => Ok(found),
        }
    }

    /// The text of a moment in UTC, as the clocks show it.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn text(&self, moment: Expr, shown: Shown, copies: &mut Copies) -> Diagnosed<Expr> {
        let offset = self.shown_behind(&moment, shown, copies)?;
        let clock = short(self.local(moment, copies)?);
        Ok(build::nested(build::binary(
            clock,
            BinaryOperator::StringConcat,
            offset,
        )))
    }
}
