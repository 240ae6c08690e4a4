//! Whether two answers mean the same.

use std::collections::BTreeMap;

use crate::answer::Answer;
use crate::page::Case;

/// What was found about a case.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// As PostgreSQL.
    Same,
    /// Refused as the page says.
    Refused,
    /// Carried out, not compared.
    CarriedOut,
    NotCarriedOut,
    Wrong(String),
}

pub(crate) fn refused(answer: &Answer, expected: &str) -> Verdict {
    match answer {
        Answer::Error(sqlstate, _) if sqlstate == expected => Verdict::Refused,
        other => Verdict::Wrong(format!("  expected: {expected}\n  pgiris:   {other:?}")),
    }
}

pub(crate) fn carried_out(answer: &Answer) -> Verdict {
    match answer {
        Answer::Error(..) => Verdict::Wrong(format!("  pgiris:   {answer:?}")),
        _ => Verdict::CarriedOut,
    }
}

pub(crate) fn compared(expected: &Answer, answer: &Answer, text: &str) -> Verdict {
    let same = match (expected, answer) {
        (Answer::Error(expected, _), Answer::Error(found, _)) => expected == found,
        (
            Answer::Rows {
                columns,
                labels,
                rows,
                counts,
            },
            Answer::Rows {
                columns: our_columns,
                labels: our_labels,
                rows: our_rows,
                counts: our_counts,
            },
        ) => {
            columns == our_columns
                && labels == our_labels
                && counts == our_counts
                && in_order(rows, text) == in_order(our_rows, text)
        }
        (expected, found) => expected == found,
    };
    if same {
        Verdict::Same
    } else {
        Verdict::Wrong(format!(
            "  PostgreSQL: {expected:?}\n  pgiris:     {answer:?}"
        ))
    }
}

/// Rows as they came if the statement orders them, else sorted.
fn in_order(rows: &[Vec<Option<String>>], text: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = rows.to_vec();
    if !text.to_uppercase().contains("ORDER BY") {
        rows.sort();
    }
    rows
}

/// What was found about all cases.
#[derive(Default)]
pub(crate) struct Tally {
    pages: BTreeMap<String, [usize; 5]>,
    pub(crate) failures: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, page: &str, version: &str, case: &Case, verdict: Verdict) {
        let counts = self.pages.entry(page.to_owned()).or_default();
        let place = match verdict {
            Verdict::Same => 0,
            Verdict::Refused => 1,
            Verdict::CarriedOut => 2,
            Verdict::NotCarriedOut => 3,
            Verdict::Wrong(why) => {
                self.failures
                    .push(format!("{page}, IRIS {version}:\n  {}\n{why}", case.input));
                4
            }
        };
        counts[place] += 1;
    }

    /// A line for each page.
    pub(crate) fn table(&self) -> String {
        let head = ["same", "refused", "carried out", "not", "wrong"];
        let mut lines = vec![format!(
            "{:34}{}",
            "page",
            head.map(|h| format!("{h:>12}")).concat()
        )];
        let mut total = [0; 5];
        for (page, counts) in &self.pages {
            lines.push(format!(
                "{page:34}{}",
                counts.map(|n| format!("{n:>12}")).concat()
            ));
            for (total, count) in total.iter_mut().zip(counts) {
                *total += count;
            }
        }
        lines.push(format!(
            "{:34}{}",
            "all",
            total.map(|n| format!("{n:>12}")).concat()
        ));
        lines.join("\n")
    }
}
