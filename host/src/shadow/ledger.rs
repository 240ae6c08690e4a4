//! What comparisons have come to.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::compare::{Difference, Made, shown, summed_up};
use super::figures::{PairFigures, SampleFigures};
use crate::monitor::traffic::Histogram;
use crate::rules::Generation;

/// Counts and samples, by the names of the two components.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Book>);

#[derive(Default)]
struct Book {
    pairs: BTreeMap<(String, String), Pair>,
    keeps_texts: bool,
    most_samples: usize,
}

#[derive(Default)]
struct Pair {
    digests: [String; 2],
    compared: u64,
    differing: u64,
    differences: BTreeMap<Difference, u64>,
    skipped: u64,
    times: [Histogram; 2],
    samples: Vec<SampleFigures>,
}

/// How a text was translated. Of two things the first is of the rules in use.
pub(super) struct Outcome<'a> {
    pub(super) database: &'a str,
    pub(super) text: &'a str,
    pub(super) differences: BTreeSet<Difference>,
    pub(super) times: [Duration; 2],
    pub(super) made: [&'a Made; 2],
}

impl Ledger {
    /// What of each text is kept from now on, and of how many.
    pub(super) fn keep(&self, texts: bool, samples: usize) {
        let mut book = self.book();
        book.most_samples = samples;
        if book.keeps_texts && !texts {
            book.pairs
                .values_mut()
                .for_each(|pair| pair.samples.clear());
        }
        book.keeps_texts = texts;
        for pair in book.pairs.values_mut() {
            pair.samples.truncate(samples);
        }
    }

    /// A text could not be compared.
    pub(super) fn skip(&self, active: &Generation, candidate: &Generation) {
        self.book().pair(active, candidate).skipped += 1;
    }

    /// A text was.
    pub(super) fn note(&self, active: &Generation, candidate: &Generation, outcome: Outcome<'_>) {
        let mut book = self.book();
        let (keeps_texts, most) = (book.keeps_texts, book.most_samples);
        let pair = book.pair(active, candidate);
        pair.compared += 1;
        for (histogram, time) in pair.times.iter().zip(outcome.times) {
            histogram.note(time);
        }
        if outcome.differences.is_empty() {
            return;
        }
        pair.differing += 1;
        for difference in &outcome.differences {
            let count = pair.differences.entry(*difference).or_default();
            *count += 1;
            if *count == 1 {
                tell(
                    active,
                    candidate,
                    *difference,
                    keeps_texts.then_some(outcome.text),
                );
            }
        }
        pair.sample(&outcome, keeps_texts, most);
    }

    pub(super) fn figures(&self) -> Vec<PairFigures> {
        let book = self.book();
        let figures = |((active, candidate), pair): (&(String, String), &Pair)| PairFigures {
            active: active.clone(),
            active_digest: pair.digests[0].clone(),
            candidate: candidate.clone(),
            candidate_digest: pair.digests[1].clone(),
            compared: pair.compared,
            differing: pair.differing,
            differences: pair.differences.clone(),
            skipped: pair.skipped,
            active_time: pair.times[0].figures(),
            candidate_time: pair.times[1].figures(),
            samples: pair.samples.clone(),
        };
        book.pairs.iter().map(figures).collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic elsewhere leaves whole counts.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first difference of a kind.
fn tell(active: &Generation, candidate: &Generation, difference: Difference, text: Option<&str>) {
    tracing::warn!(
        rules = active.name(),
        candidate = candidate.name(),
        difference = difference.as_str(),
        text,
        "the candidate differs in a way that it has not before"
    );
}

impl Book {
    /// Of other files under the same names it begins anew.
    fn pair(&mut self, active: &Generation, candidate: &Generation) -> &mut Pair {
        let names = (active.name().to_owned(), candidate.name().to_owned());
        let digests = [active, candidate].map(Generation::digest_text);
        let pair = self.pairs.entry(names).or_default();
        if pair.digests != digests {
            *pair = Pair {
                digests,
                ..Pair::default()
            };
        }
        pair
    }
}

impl Pair {
    /// Keeps the text, in the place of the one that has not come for the longest time.
    fn sample(&mut self, outcome: &Outcome<'_>, keeps_texts: bool, most: usize) {
        let mut hasher = DefaultHasher::new();
        outcome.text.hash(&mut hasher);
        let hash = hasher.finish();
        let known = self.samples.iter().position(|sample| sample.hash == hash);
        let count = match known {
            Some(at) => self.samples.remove(at).count,
            None => 0,
        };
        let show = if keeps_texts { shown } else { summed_up };
        let [active, candidate] = outcome.made.map(show);
        self.samples.insert(
            0,
            SampleFigures {
                differences: outcome.differences.iter().copied().collect(),
                count: count + 1,
                last: SystemTime::now(),
                database: outcome.database.to_owned(),
                hash,
                text: keeps_texts.then(|| outcome.text.to_owned()),
                active,
                candidate,
            },
        );
        self.samples.truncate(most);
    }
}
