//! What can be told of a candidate that is tried.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use super::Difference;
use crate::monitor::Durations;

/// What has been found about a candidate.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ShadowFigures {
    /// Where it is: a file or a directory.
    pub path: PathBuf,
    /// The share of messages that it translates, too.
    pub share: f64,
    /// Messages that were drawn and for which the queue had no place.
    pub dropped: u64,
    /// By the rules in use and the candidate for the same version.
    pub pairs: Vec<PairFigures>,
}

/// What has been found about one component beside another one.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PairFigures {
    /// The rules in use.
    pub active: String,
    /// The beginning of that file's SHA-256, in hexadecimal digits.
    pub active_digest: String,
    /// The candidate.
    pub candidate: String,
    /// As above.
    pub candidate_digest: String,
    /// Texts that both have translated.
    pub compared: u64,
    /// Those in which they differ.
    pub differing: u64,
    /// How often, by what they differ in; a text may differ in several ways.
    pub differences: BTreeMap<Difference, u64>,
    /// Texts that could not be compared: what the rules in use were told of their tables is not known any more, or
    /// they failed themselves.
    pub skipped: u64,
    /// How long the rules in use took, asked by the same thread.
    pub active_time: Durations,
    /// How long the candidate took.
    pub candidate_time: Durations,
    /// Some texts in which they differ, the one that came last first.
    pub samples: Vec<SampleFigures>,
}

/// A text that two components translate differently.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SampleFigures {
    /// In what.
    pub differences: Vec<Difference>,
    /// How often it came.
    pub count: u64,
    /// When it came last.
    pub last: SystemTime,
    /// The database that its client had asked for.
    pub database: String,
    /// By which it is told from others.
    pub hash: u64,
    /// As the client sent it; `None`: texts are not kept.
    pub text: Option<String>,
    /// What the rules in use make of it; without texts, the kinds of plans alone.
    pub active: String,
    /// What the candidate makes of it, likewise.
    pub candidate: String,
}
