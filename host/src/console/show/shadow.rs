//! What SHOW shows of a candidate for the rules.

use super::{Row, mean, moment, number, text};
use crate::monitor::{Durations, Monitor};
use crate::shadow::{Difference, PairFigures, SampleFigures};

/// A row for each component in use, and the candidate for the same version.
pub(super) fn shadow(monitor: &Monitor) -> Vec<Row> {
    let Some(figures) = monitor.shadow() else {
        return Vec::new();
    };
    let average = |times: &Durations| mean(times.sum, times.count);
    let row = |pair: &PairFigures| {
        let mut row = vec![
            text(&pair.active),
            text(&pair.active_digest),
            text(&pair.candidate),
            text(&pair.candidate_digest),
            number(figures.share),
            number(pair.compared),
            number(pair.differing),
        ];
        row.extend(Difference::ALL.iter().map(|difference| {
            let count = pair.differences.get(difference);
            number(count.copied().unwrap_or(0))
        }));
        row.extend([
            number(pair.skipped),
            number(figures.dropped),
            average(&pair.active_time),
            average(&pair.candidate_time),
        ]);
        row
    };
    figures.pairs.iter().map(row).collect()
}

/// A row for each text that is remembered.
pub(super) fn samples(monitor: &Monitor) -> Vec<Row> {
    let pairs = monitor.shadow().map(|figures| figures.pairs);
    let row = |pair: &PairFigures, sample: &SampleFigures| {
        let differences = sample.differences.iter().map(|one| one.as_str());
        vec![
            text(&pair.active),
            text(&pair.candidate),
            text(differences.collect::<Vec<_>>().join(", ")),
            number(sample.count),
            moment(sample.last),
            text(&sample.database),
            text(format!("{:016x}", sample.hash)),
            sample.text.clone(),
            text(&sample.active),
            text(&sample.candidate),
        ]
    };
    let pairs = pairs.unwrap_or_default();
    let rows = pairs
        .iter()
        .flat_map(|pair| pair.samples.iter().map(move |sample| row(pair, sample)));
    rows.collect()
}
