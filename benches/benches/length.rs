//! Whether translating takes twice as long for twice the length, for each construct that
//! repeats: the same rules natively, on statements of one, two and four lengths.
//!
//! The floor is the time per byte of the shortest.

#[path = "../../guest/tests/support/long.rs"]
#[allow(dead_code, reason = "shared with the tests of the rules")]
mod long;

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use pgiris_benches::{Table, native_context, ratio};
use pgiris_rules::version::iris_2025_1::Iris2025_1;
use pgiris_rules::wit::{MetadataRows, Plan, Protocol, Request, Tracing};

/// Bytes of the shortest statement of each construct, and of the longest of all.
const SHORT: usize = 100_000;
const LONGEST: usize = 10_000_000;
/// Repetitions of what may not grow without end.
const LINKS: usize = 240;
/// How long a statement of four lengths may take for the longest to be tried.
const PATIENCE: Duration = Duration::from_millis(500);
/// The best of so many.
const TURNS: usize = 3;

fn main() -> Result<()> {
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let longest = format!("{} MB", LONGEST / 1_000_000);
    let mut table = Table::new(&[
        "construct",
        "1 x",
        "2 x",
        "4 x",
        longest.as_str(),
        "ns/byte",
        "at most",
    ]);
    let endless = long::ENDLESS
        .iter()
        .map(|one| (one, repetitions(one, SHORT), true));
    let chains = long::CHAINS.iter().map(|one| (one, LINKS, false));
    for (construct, times, is_endless) in endless.chain(chains) {
        if only
            .as_ref()
            .is_some_and(|only| !construct.0.contains(only.as_str()))
        {
            continue;
        }
        let [one, two, four] = [times, 2 * times, 4 * times].map(|times| best(construct, times));
        // What is quadratic would take hours.
        let all = if is_endless && four.1 < PATIENCE {
            best(construct, repetitions(construct, LONGEST))
        } else {
            four
        };
        let first = per_kilobyte(one);
        // The table comes at the end, which is minutes away.
        eprintln!("{}: {}", construct.0, millis(all.1));
        table.row([
            construct.0.to_owned(),
            millis(one.1),
            millis(two.1),
            millis(four.1),
            millis(all.1),
            format!("{:.1}", first.as_secs_f64() * 1e6),
            ratio(
                [two, four, all]
                    .map(per_kilobyte)
                    .into_iter()
                    .max()
                    .unwrap_or_default(),
                first,
            ),
        ]);
    }
    table.print();
    Ok(())
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn repetitions(construct: &long::Long, bytes: usize) -> usize {
    let few = 100;
    (bytes * few / long::text(construct, few).len()).max(1)
}

fn per_kilobyte((bytes, time): (usize, Duration)) -> Duration {
    time * 1_000 / u32::try_from(bytes).unwrap_or(u32::MAX).max(1)
}

/// Length, and the best time.
fn best(construct: &long::Long, times: usize) -> (usize, Duration) {
    let mut request = request(long::text(construct, times));
    answer_lookups(&mut request);
    let runs = (0..TURNS).map(|_| {
        let start = Instant::now();
        drop(black_box(pgiris_rules::translate(
            &Iris2025_1,
            black_box(&request),
        )));
        start.elapsed()
    });
    (request.text.len(), runs.min().unwrap_or_default())
}

/// That there are no such tables.
fn answer_lookups(request: &mut Request) {
    let Ok(translations) = pgiris_rules::translate(&Iris2025_1, request) else {
        return;
    };
    let lookups = translations.into_iter().filter_map(|one| match one.plan {
        Plan::Lookup(lookup) => Some(lookup.queries),
        _ => None,
    });
    request.metadata = lookups
        .flatten()
        .map(|query| MetadataRows {
            name: query.name,
            columns: Vec::new(),
            rows: Vec::new(),
        })
        .collect();
}

fn request(text: String) -> Request {
    Request {
        text,
        offset: 0,
        metadata: Vec::new(),
        protocol: Protocol::Simple,
        parameter_types: Vec::new(),
        context: native_context(),
        tracing: Tracing::None,
    }
}
