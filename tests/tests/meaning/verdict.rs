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
        Answer::Error(found) if found.sqlstate == expected => Verdict::Refused,
        other => Verdict::Wrong(format!("  expected: {expected}\n  pgiris:   {other:?}")),
    }
}

pub(crate) fn carried_out(answer: &Answer) -> Verdict {
    match answer {
        Answer::Error(..) => Verdict::Wrong(format!("  pgiris:   {answer:?}")),
        _ => Verdict::CarriedOut,
    }
}

/// How far two numbers may be apart, as a part of the larger one or of 1, where a page
/// says that they are only close: pgvector sums up in single precision.
const CLOSE: f64 = 1e-6;

/// What must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Values; of errors the SQLSTATE.
    Usual,
    /// The same, but numbers need only be close.
    Close,
    /// Of errors the message and the position, too.
    Words,
}

pub(crate) fn compared(expected: &Answer, answer: &Answer, text: &str, care: Care) -> Verdict {
    let same = match (expected, answer) {
        (Answer::Error(expected), Answer::Error(found)) if care != Care::Words => {
            expected.sqlstate == found.sqlstate
        }
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
                && alike(&in_order(rows, text), &in_order(our_rows, text), care)
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

fn alike(rows: &[Row], our_rows: &[Row], care: Care) -> bool {
    if care != Care::Close {
        return rows == our_rows;
    }
    let cell = |(one, other): (&Option<String>, &Option<String>)| {
        one == other || matches!((one, other), (Some(one), Some(other)) if close(one, other))
    };
    let row =
        |(one, other): (&Row, &Row)| one.len() == other.len() && one.iter().zip(other).all(cell);
    rows.len() == our_rows.len() && rows.iter().zip(our_rows).all(row)
}

fn close(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() <= CLOSE * one.abs().max(other.abs()).max(1.0),
        _ => false,
    }
}

type Row = Vec<Option<String>>;

/// Rows as they came if the statement orders them, else sorted.
fn in_order(rows: &[Row], text: &str) -> Vec<Row> {
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
