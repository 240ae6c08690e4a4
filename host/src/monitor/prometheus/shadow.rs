//! What is measured of a candidate that is tried.

use std::fmt;

use prometheus_client::registry::Unit;

use super::{Labels, Sheet};
use crate::shadow::{Difference, PairFigures, ShadowFigures};

pub(super) fn shadow(sheet: &mut Sheet<'_>, figures: &ShadowFigures) -> fmt::Result {
    type Reading = fn(&PairFigures) -> u64;
    sheet.counter(
        "shadow_dropped",
        "Messages that the candidate was to translate, too, and for which its queue had no place",
        figures.dropped,
    )?;
    let pairs = &figures.pairs;
    let counters: [(&str, &str, Reading); 3] = [
        (
            "shadow_texts",
            "Texts that the candidate has translated, too",
            |pair| pair.compared,
        ),
        (
            "shadow_differing",
            "Texts that the candidate translates differently",
            |pair| pair.differing,
        ),
        (
            "shadow_skipped",
            "Texts that could not be compared",
            |pair| pair.skipped,
        ),
    ];
    for (name, help, read) in counters {
        let lines = pairs.iter().map(|pair| (of_pair(pair), read(pair)));
        sheet.counters((name, help, None), lines)?;
    }
    let differences = pairs.iter().flat_map(|pair| {
        Difference::ALL.iter().map(move |difference| {
            let mut labels = of_pair(pair);
            labels.push(("difference", difference.as_str()));
            let count = pair.differences.get(difference);
            (labels, count.copied().unwrap_or(0))
        })
    });
    sheet.counters(
        (
            "shadow_differences",
            "How often the candidate differs, by what it differs in",
            None,
        ),
        differences,
    )?;
    let times = pairs.iter().flat_map(|pair| {
        let of = |by: &'static str| {
            let mut labels = of_pair(pair);
            labels.push(("by", by));
            labels
        };
        [
            (of("active"), &pair.active_time),
            (of("candidate"), &pair.candidate_time),
        ]
    });
    sheet.histograms(
        (
            "shadow_translation",
            "How long the rules in use and the candidate took for the same texts",
            Some(&Unit::Seconds),
        ),
        times,
    )
}

fn of_pair(pair: &PairFigures) -> Labels<'_> {
    vec![
        ("rules", &pair.active),
        ("digest", &pair.active_digest),
        ("candidate", &pair.candidate),
        ("candidate_digest", &pair.candidate_digest),
    ]
}
