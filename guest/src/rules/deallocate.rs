//! # What it does
//! Forgets prepared statements in the broker.
//!
//! # Why
//! They live in the broker; IRIS reserves the word and has no such statement.
//!
//! # Example
//! `DEALLOCATE ALL` is carried out by the broker.
//!
//! # Limits
//! None known.
//!
//! # Versions
//! All.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::{Plan, Prepared, PreparedStep};

pub(crate) struct Deallocate;

impl Rule for Deallocate {
    fn name(&self) -> &'static str {
        "deallocate"
    }

    fn summary(&self) -> &'static str {
        "forgets prepared statements in the broker"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if !words.take("DEALLOCATE") {
            return Ok(None);
        }
        words.take("PREPARE");
        let (step, tag) = if words.take("ALL") {
            (PreparedStep::DeallocateAll, "DEALLOCATE ALL")
        } else {
            (PreparedStep::Deallocate(words.identifier()?), "DEALLOCATE")
        };
        words.end()?;
        Ok(Some(
            Plan::Prepared(Prepared {
                step,
                tag: plain(tag),
            })
            .into(),
        ))
    }
}
