//! How long a component takes for statements of each class: those of which the same kind of plan comes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pgiris::rules::{Generation, wit};

use super::conformance::{Case, shown};
use crate::cli::offline;

/// Calls for each text: enough for a median, and for fewer than a second on a component that takes
/// a millisecond.
const CALLS: u128 = 51;

/// How long the calls for one text may take together: a component that loops takes its deadline each time.
const PATIENCE: Duration = Duration::from_millis(200);

/// A line for each class.
pub(super) fn lines<'a>(
    generation: &Generation,
    cases: impl Iterator<Item = &'a Case>,
) -> Vec<String> {
    let mut classes: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for case in cases {
        let (name, time) = timed(generation, &case.text);
        classes.entry(name).or_default().push(time);
    }
    let line = |(name, times): (String, Vec<Duration>)| {
        let longest = times.iter().max().copied().unwrap_or_default();
        let count = times.len();
        let median = offline::median(times);
        format!("  {median:>9.1?}  at most {longest:>9.1?}  {name} ({count})")
    };
    classes.into_iter().map(line).collect()
}

/// What comes of a text, and how long that takes: the median.
fn timed(generation: &Generation, text: &str) -> (String, Duration) {
    let iris = generation.manifest().serves_from;
    let request = offline::request(text, iris, wit::Tracing::None);
    let begun = Instant::now();
    let answer = generation.translate_offline(&request);
    let first = begun.elapsed();
    let name = match &answer {
        Err(failure) if failure.is_of_failed_rules() => "fails".to_owned(),
        Err(refusal) => format!("error {}", refusal.sqlstate),
        Ok(plans) => match plans.as_slice() {
            [plan] => shown(plan),
            _ => "several statements".to_owned(),
        },
    };
    let calls = (PATIENCE.as_nanos() / first.as_nanos().max(1)).min(CALLS);
    let again = (0..calls).map(|_| {
        let begun = Instant::now();
        let answer = generation.translate_offline(&request);
        let elapsed = begun.elapsed();
        drop(answer);
        elapsed
    });
    let mut times: Vec<_> = again.collect();
    if times.is_empty() {
        times.push(first);
    }
    (name, offline::median(times))
}
