//! Moments and intervals that are counted with, and what clocks show.

use sqlparser::ast::BinaryOperator;

use super::{Compiled, Compiler, Computed, is_number, known};
use crate::types::oid;
use crate::wit::{Function, Oid};

/// Functions of PostgreSQL's clocks that stand still, and the names of their code.
const CLOCKS: &[(&str, &str)] = &[
    ("now", "now"),
    ("transaction_timestamp", "now"),
    ("current_timestamp", "now"),
    ("statement_timestamp", "statement_timestamp"),
];

impl Compiler<'_> {
    /// What a clock shows; none if it is no clock.
    pub(super) fn clock(name: &str, arguments: usize) -> Option<Computed> {
        let (_, code) = CLOCKS.iter().find(|(known, _)| *known == name)?;
        (arguments == 0).then(|| Computed::none_of(oid::TIMESTAMPTZ).called(code, 0))
    }

    /// An operator of moments and intervals; none if it is another.
    pub(super) fn moment_arithmetic(
        &mut self,
        left: &Computed,
        operator: &BinaryOperator,
        right: &Computed,
    ) -> Compiled {
        use BinaryOperator as O;
        let (left, right) = (left.clone(), right.clone());
        match (operator, left.type_oid, right.type_oid) {
            (O::Plus, moment, oid::INTERVAL | 0) if is_moment(moment) => {
                self.later(left, right, "pl_interval")
            }
            (O::Plus, oid::INTERVAL | 0, moment) if is_moment(moment) => {
                self.later(right, left, "pl_interval")
            }
            (O::Minus, moment, oid::INTERVAL) if is_moment(moment) => {
                self.later(left, right, "mi_interval")
            }
            (O::Minus, oid::TIMESTAMP | oid::TIMESTAMPTZ, other)
                if other == 0 || other == left.type_oid =>
            {
                let (from, moment) = (left.type_oid, oid::TIMESTAMP);
                let right = known!(self.settled(right, from)?).typed(moment);
                let both = left.typed(moment).with(right);
                Ok(Some(both.called("timestamp_mi", 2).typed(oid::INTERVAL)))
            }
            (O::Plus, oid::INTERVAL, oid::INTERVAL | 0) => self.of_intervals(left, right, "pl"),
            (O::Minus, oid::INTERVAL, oid::INTERVAL | 0) => self.of_intervals(left, right, "mi"),
            (O::Multiply, oid::INTERVAL, number) if number == 0 || is_number(number) => {
                self.scaled(left, right, "interval_mul")
            }
            (O::Multiply, number, oid::INTERVAL) if number == 0 || is_number(number) => {
                self.scaled(right, left, "interval_mul")
            }
            (O::Divide, oid::INTERVAL, number) if number == 0 || is_number(number) => {
                self.scaled(left, right, "interval_div")
            }
            _ => Ok(None),
        }
    }

    /// A moment that is later or earlier by an interval. What days are in a zone that changes its
    /// clocks the broker does not know.
    fn later(&mut self, moment: Computed, interval: Computed, suffix: &str) -> Compiled {
        let (prefix, type_oid) = match moment.type_oid {
            oid::TIMESTAMPTZ if !self.in_utc => return Ok(None),
            oid::TIMESTAMPTZ => ("timestamptz", oid::TIMESTAMPTZ),
            _ => ("timestamp", oid::TIMESTAMP),
        };
        let moment = match moment.type_oid {
            oid::DATE => moment.then(Function::Cast, oid::TIMESTAMP, oid::TIMESTAMP),
            _ => moment,
        };
        let interval = known!(self.settled(interval, oid::INTERVAL)?);
        let both = moment.with(interval);
        let code = format!("{prefix}_{suffix}");
        Ok(Some(both.called(&code, 2).typed(type_oid)))
    }

    fn of_intervals(&mut self, left: Computed, right: Computed, suffix: &str) -> Compiled {
        let right = known!(self.settled(right, oid::INTERVAL)?);
        let both = left.with(right);
        Ok(Some(both.called(&format!("interval_{suffix}"), 2)))
    }

    fn scaled(&mut self, interval: Computed, number: Computed, code: &str) -> Compiled {
        let number = known!(self.settled(number, oid::FLOAT8)?);
        let both = interval.with(number);
        Ok(Some(both.called(code, 2).typed(oid::INTERVAL)))
    }
}

fn is_moment(type_oid: Oid) -> bool {
    matches!(type_oid, oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ)
}
