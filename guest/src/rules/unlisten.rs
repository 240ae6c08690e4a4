//! # What it does
//! Acknowledges UNLISTEN.
//!
//! # Why
//! No session listens to anything (LISTEN is refused), and UNLISTEN of what is not listened to
//! does nothing in PostgreSQL either. Pools of connections end each use with `UNLISTEN *`.
//! (PostgreSQL manual, "UNLISTEN".)
//!
//! # Example
//! `UNLISTEN *` answers its command tag.
//!
//! # Limits
//! None.
//!
//! # Versions
//! All.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps;

pub(crate) struct Unlisten;

impl Rule for Unlisten {
    fn name(&self) -> &'static str {
        "unlisten"
    }

    fn summary(&self) -> &'static str {
        "acknowledges UNLISTEN: nobody listens"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if !words.take("UNLISTEN") {
            return Ok(None);
        }
        if !words.take_symbol("*") {
            words.identifier()?;
        }
        words.end()?;
        Ok(Some(steps::nothing("UNLISTEN").into()))
    }
}
