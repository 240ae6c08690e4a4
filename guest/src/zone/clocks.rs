//! What the clocks of a time zone show at a moment that only IRIS knows, and the reverse: the offsets
//! of the zone are written out, from the first that is known to those of [`LAST_YEAR`].
//!
//! A moment is found among them by halving, so that IRIS compares it with few of them.

use jiff::civil::{DateTime, Time, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use pgiris_values::zone::offset_at;
use sqlparser::ast::{BinaryOperator, DataType, Expr};

use super::Zone;
use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::raise;

/// Zones whose clocks are changed in every year have no last offset.
pub(super) const LAST_YEAR: i16 = 2099;

/// A time zone's offsets, in seconds east of UTC.
struct Offsets {
    /// Before the first change.
    first: i32,
    /// From when on, in UTC, which.
    changes: Vec<(DateTime, i32)>,
    /// Others follow.
    is_endless: bool,
}

impl Offsets {
    fn of(zone: &TimeZone) -> Self {
        let mut offsets = Self {
            first: zone.to_offset(Timestamp::MIN).seconds(),
            changes: Vec::new(),
            is_endless: false,
        };
        let mut last = offsets.first;
        for change in zone.following(Timestamp::MIN) {
            let at = Offset::UTC.to_datetime(change.timestamp());
            if at.year() > LAST_YEAR {
                offsets.is_endless = true;
                break;
            }
            // A zone may change its name alone.
            let offset = change.offset().seconds();
            if offset != last {
                offsets.changes.push((at, offset));
                last = offset;
            }
        }
        offsets
    }

    /// The offset, where each change is at another moment.
    fn written(
        &self,
        moment: &Expr,
        copies: &mut Copies,
        at: impl Fn(DateTime, i32) -> Option<DateTime>,
    ) -> Diagnosed<Expr> {
        let mut changes = Vec::with_capacity(self.changes.len());
        for (change, offset) in &self.changes {
            // Behind the last moment that there is nobody asks.
            if let Some(at) = at(*change, *offset) {
                changes.push((at, *offset));
            }
        }
        let found = halved(
            &self.first,
            &changes,
            moment,
            &|offset| seconds(*offset),
            copies,
        )?;
        match self.is_endless {
            true => until_last_year(found, moment, &DataType::Int(None), copies),
            false => Ok(found),
        }
    }
}

/// A value of this type that is not known of later moments.
pub(super) fn until_last_year(
    found: Expr,
    moment: &Expr,
    data_type: &DataType,
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    let end = date(LAST_YEAR + 1, 1, 1).to_datetime(Time::midnight());
    let is_behind = compared(copies.copy(moment)?, BinaryOperator::GtEq, end);
    let message = format!("moments after the year {LAST_YEAR} in a time zone are not supported");
    let failure = build::cast(raise::plain("0A000", &message), data_type.clone());
    Ok(build::case(vec![(is_behind, failure)], Some(found)))
}

/// `CASE WHEN moment < change THEN offset ELSE offset END`; of NULL the last.
pub(super) fn halved<T>(
    first: &T,
    changes: &[(DateTime, T)],
    moment: &Expr,
    write: &dyn Fn(&T) -> Expr,
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    let (before, rest) = changes.split_at(changes.len() / 2);
    let Some(((at, offset), after)) = rest.split_first() else {
        return Ok(write(first));
    };
    let is_before = compared(copies.copy(moment)?, BinaryOperator::Lt, *at);
    let earlier = halved(first, before, moment, write, copies)?;
    let later = halved(offset, after, moment, write, copies)?;
    Ok(build::case(vec![(is_before, earlier)], Some(later)))
}

fn compared(moment: Expr, op: BinaryOperator, with: DateTime) -> Expr {
    let text = format!("{} {}", with.date(), with.time());
    build::binary(build::nested(moment), op, build::string(&text))
}

fn seconds(offset: i32) -> Expr {
    let count = build::number(offset.unsigned_abs());
    match offset < 0 {
        true => build::negative(count),
        false => count,
    }
}

fn later(seconds: Expr, moment: Expr) -> Expr {
    build::call("DATEADD", vec![build::string("ss"), seconds, moment])
}

fn earlier(seconds: Expr, moment: Expr) -> Expr {
    later(build::negative(seconds), moment)
}

/// A step of what is on a clock, which never goes back.
pub(crate) type Step<'a> = &'a dyn Fn(DateTime) -> Option<DateTime>;

impl Zone {
    /// What the clocks show at a moment in UTC.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn local(&self, moment: Expr, copies: &mut Copies) -> Diagnosed<Expr> {
        let offset = self.offset(&moment, copies)?;
        Ok(later(offset, moment))
    }

    /// The moment in UTC when the clocks show this.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn utc(&self, shown: Expr, copies: &mut Copies) -> Diagnosed<Expr> {
        // What is skipped is read with the offset before, what comes twice with that behind: both
        // change where the new offset shows the change.
        let at = |change: DateTime, offset: i32| moved(change, offset);
        let offset = Offsets::of(&self.0).written(&shown, copies, at)?;
        Ok(earlier(offset, shown))
    }

    /// The moment in UTC when the clocks show what a step makes of what they show at a moment in
    /// UTC; `write` writes the step. Its offset is found by the moment that it begins with.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn stepped(
        &self,
        moment: Expr,
        step: Step<'_>,
        write: &dyn Fn(Expr) -> Expr,
        copies: &mut Copies,
    ) -> Diagnosed<Expr> {
        let at = |change: DateTime, offset: i32| {
            let first = first_reaching(moved(change, offset)?, step)?;
            moved(first, -offset_at(&self.0, first).seconds())
        };
        let behind = Offsets::of(&self.0).written(&moment, copies, at)?;
        let shown = self.local(moment, copies)?;
        Ok(earlier(behind, write(shown)))
    }

    /// The same for a step within one offset.
    ///
    /// # Errors
    /// The statement becomes too long.
    pub(crate) fn within(
        &self,
        moment: Expr,
        write: &dyn Fn(Expr) -> Expr,
        copies: &mut Copies,
    ) -> Diagnosed<Expr> {
        let offset = self.offset(&moment, copies)?;
        let again = copies.copy(&offset)?;
        Ok(earlier(again, write(later(offset, moment))))
    }

    fn offset(&self, moment: &Expr, copies: &mut Copies) -> Diagnosed<Expr> {
        Offsets::of(&self.0).written(moment, copies, |change, _| Some(change))
    }
}

fn moved(moment: DateTime, seconds: i32) -> Option<DateTime> {
    moment
        .checked_add(SignedDuration::from_secs(seconds.into()))
        .ok()
}

/// The first second from which a step comes to a goal, or behind it.
fn first_reaching(goal: DateTime, step: Step<'_>) -> Option<DateTime> {
    // Seconds as if the clock were in UTC.
    let shown = |seconds: i64| {
        let moment = Timestamp::from_second(seconds).ok()?;
        Some(Offset::UTC.to_datetime(moment))
    };
    let reaches = |seconds: i64| {
        shown(seconds)
            .and_then(step)
            .is_none_or(|reached| reached >= goal)
    };
    let (mut low, mut high) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    if !reaches(high) {
        return None;
    }
    while low + 1 < high {
        let middle = low.midpoint(high);
        if reaches(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    shown(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_moment_behind_a_step_is_found() {
        let goal: DateTime = "2024-03-31T03:00:00".parse().unwrap();
        let midnight = |shown: DateTime| Some(shown.date().to_datetime(Time::midnight()));
        let first = |step: Step<'_>| first_reaching(goal, step).map(|found| found.to_string());
        assert_eq!(first(&midnight).as_deref(), Some("2024-04-01T00:00:00"));
        let month = |shown| pgiris_values::calendar::moved(shown, 1, 0);
        assert_eq!(first(&month).as_deref(), Some("2024-03-01T00:00:00"));
        assert_eq!(first(&|_| Some(DateTime::MIN)), None);
    }
}
