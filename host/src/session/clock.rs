//! PostgreSQL's clocks that stand still: within a transaction, and within a message.
//!
//! "Since these functions return the start time of the current transaction, their values
//! do not change during the transaction. … `statement_timestamp()` returns … the time of
//! receipt of the latest command message from the client" (manual, "Current Date/Time").

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pgiris_values::calendar::{self, Unit};
use pgiris_values::zone::{self, offset_at};

use crate::rules::wit_plan::{ClockReading, ClockUnit, ClockZone, Moment};

/// When the session's messages came.
#[derive(Debug, Default)]
pub(crate) struct Moments {
    received: Timestamp,
    /// Of the transaction, or the first message since the last ended.
    begun: Option<Timestamp>,
}

impl Moments {
    /// A message came.
    pub(super) fn message(&mut self) {
        self.received = Timestamp::now();
        self.begun.get_or_insert(self.received);
    }

    /// A transaction ended; whatever this message still asks for belongs to the next.
    pub(super) fn ended(&mut self) {
        self.begun = Some(self.received);
    }

    /// The session waits outside of a transaction.
    pub(super) fn idle(&mut self) {
        self.begun = None;
    }

    /// When the transaction began, and when the message came, in microseconds since 1970.
    pub(super) fn starts(&self) -> [i64; 2] {
        [self.begun.unwrap_or(self.received), self.received].map(Timestamp::as_microsecond)
    }

    /// What the clocks show in a time zone; none is UTC.
    pub(super) fn clock(&self, zone: Option<TimeZone>) -> Clock {
        Clock {
            transaction: self.begun.unwrap_or(self.received),
            statement: self.received,
            zone,
        }
    }
}

/// The clocks as one statement sees them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    transaction: Timestamp,
    statement: Timestamp,
    zone: Option<TimeZone>,
}

impl Clock {
    /// The text of a `timestamptz` that a clock shows, by the name of its code; none if it is no
    /// clock.
    pub(crate) fn shown_by(&self, code: &str) -> Option<String> {
        let moment = match code {
            "now" => Moment::Transaction,
            "statement_timestamp" => Moment::Statement,
            _ => return None,
        };
        let reading = ClockReading {
            moment,
            decimals: 6,
            months: 0,
            days: 0,
            cut: None,
            zone: ClockZone::Utc,
        };
        Some(self.shows(&reading) + "+00")
    }

    /// The text of a `timestamp`; rounded as `AdjustTimestampForTypmod` does.
    pub(crate) fn shows(&self, reading: &ClockReading) -> String {
        let moment = match reading.moment {
            Moment::Transaction => self.transaction,
            Moment::Statement => self.statement,
        };
        let unit = 10_i64.pow(6_u32.saturating_sub(reading.decimals));
        let micros = moment.as_microsecond();
        let rounded = micros.saturating_add(unit / 2).div_euclid(unit) * unit;
        let moment = Timestamp::from_microsecond(rounded).unwrap_or(moment);
        let moment = self.moved(moment, reading.months, reading.days);
        let moment = self.cut(moment, reading.cut);
        let zone = match &reading.zone {
            ClockZone::Utc => None,
            ClockZone::Session => self.zone.clone(),
            // A plan with another name is refused.
            ClockZone::Named(name) => zone::named(name),
        };
        let local = zone.unwrap_or(TimeZone::UTC).to_datetime(moment);
        local.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
    }

    /// `timestamptz_trunc`
    fn cut(&self, moment: Timestamp, unit: Option<ClockUnit>) -> Timestamp {
        let Some(unit) = unit else {
            return moment;
        };
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let local = zone.to_datetime(moment);
        let begins = calendar::begins(local, named(unit)).unwrap_or(local);
        // Within a day the offset stays.
        let offset = match unit {
            ClockUnit::Minute | ClockUnit::Hour => zone.to_offset(moment),
            _ => offset_at(&zone, begins),
        };
        offset.to_timestamp(begins).unwrap_or(moment)
    }

    /// `timestamptz_pl_interval`; what the calendar has not stays.
    fn moved(&self, moment: Timestamp, months: i32, days: i32) -> Timestamp {
        if months == 0 && days == 0 {
            return moment;
        }
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let local = zone.to_datetime(moment);
        let Some(moved) = calendar::moved(local, months, days) else {
            return moment;
        };
        let offset = offset_at(&zone, moved);
        offset.to_timestamp(moved).unwrap_or(moment)
    }
}

fn named(unit: ClockUnit) -> Unit {
    match unit {
        ClockUnit::Minute => Unit::Minute,
        ClockUnit::Hour => Unit::Hour,
        ClockUnit::Day => Unit::Day,
        ClockUnit::Week => Unit::Week,
        ClockUnit::Month => Unit::Months(1),
        ClockUnit::Quarter => Unit::Months(3),
        ClockUnit::Year => Unit::Months(12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(moment: Moment, decimals: u32, local: bool) -> ClockReading {
        ClockReading {
            moment,
            decimals,
            months: 0,
            days: 0,
            cut: None,
            zone: match local {
                true => ClockZone::Session,
                false => ClockZone::Utc,
            },
        }
    }

    #[test]
    fn a_clock_is_moved_in_the_zone_of_the_session() {
        let clock = Clock {
            transaction: "2024-03-30T12:00:00Z".parse().unwrap(),
            statement: "2024-10-27T00:30:00Z".parse().unwrap(),
            zone: zone::named("Europe/Berlin"),
        };
        let moved = |moment, months, days, zone| {
            clock.shows(&ClockReading {
                months,
                days,
                zone,
                ..reading(moment, 6, false)
            })
        };
        let transaction = Moment::Transaction;
        // The clocks go forward on the day after it.
        assert_eq!(
            moved(transaction, 0, 1, ClockZone::Utc),
            "2024-03-31 11:00:00"
        );
        assert_eq!(
            moved(transaction, -1, 0, ClockZone::Session),
            "2024-02-29 13:00:00"
        );
        let cut = |cut, zone| {
            clock.shows(&ClockReading {
                cut: Some(cut),
                zone,
                ..reading(Moment::Statement, 6, false)
            })
        };
        // The clocks go back on this day.
        assert_eq!(cut(ClockUnit::Day, ClockZone::Utc), "2024-10-26 22:00:00");
        assert_eq!(
            cut(ClockUnit::Week, ClockZone::Session),
            "2024-10-21 00:00:00"
        );
        assert_eq!(
            cut(ClockUnit::Hour, ClockZone::Session),
            "2024-10-27 02:00:00"
        );
        let new_york = ClockZone::Named("America/New_York".to_owned());
        assert_eq!(
            moved(Moment::Statement, 0, 0, new_york),
            "2024-10-26 20:30:00"
        );
    }

    #[test]
    fn a_reading_is_rounded_and_in_the_zone_that_it_asks_for() {
        let clock = Clock {
            transaction: "2024-02-28T23:59:59.9995Z".parse().unwrap(),
            statement: "2024-02-29T01:02:03.12Z".parse().unwrap(),
            zone: Some(TimeZone::fixed(jiff::tz::offset(2))),
        };
        let shows = |moment, decimals, local| clock.shows(&reading(moment, decimals, local));
        let transaction = Moment::Transaction;
        assert_eq!(shows(transaction, 6, false), "2024-02-28 23:59:59.9995");
        assert_eq!(shows(transaction, 3, false), "2024-02-29 00:00:00");
        assert_eq!(shows(transaction, 0, true), "2024-02-29 02:00:00");
        assert_eq!(shows(Moment::Statement, 6, true), "2024-02-29 03:02:03.12");
    }

    #[test]
    fn a_transaction_begins_with_the_message_behind_the_last() {
        let mut moments = Moments::default();
        moments.message();
        let first = moments.clock(None);
        assert_eq!(first.transaction, first.statement);
        moments.message();
        let second = moments.clock(None);
        assert_eq!(second.transaction, first.transaction);
        assert!(second.statement >= first.statement);
        moments.ended();
        let third = moments.clock(None);
        assert_eq!(third.transaction, second.statement);
        moments.idle();
        moments.message();
        let fourth = moments.clock(None);
        assert_eq!(fourth.transaction, fourth.statement);
    }
}
