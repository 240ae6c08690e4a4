//! Values in Display form, and the sort key of %MVR.

use super::{Function, strict, text};
use crate::temporal;

pub(super) const FUNCTIONS: &[Function] = &[
    // The date format of the default locale.
    strict("iris_date_external", |a| {
        match temporal::date(a.integer(0)) {
            Some(date) => text(format!(
                "{:02}/{:02}/{:04}",
                date.month(),
                date.day(),
                date.year()
            )),
            None => text(""),
        }
    }),
    strict("iris_mvr", |a| text(numbers_aligned(&a.text(0)))),
];

/// Runs of digits padded in front, so that they sort by value.
fn numbers_aligned(whole: &str) -> String {
    let (mut out, mut run) = (String::new(), String::new());
    for c in whole.chars().map(Some).chain([None]) {
        match c {
            Some(digit) if digit.is_ascii_digit() => run.push(digit),
            other => {
                if !run.is_empty() {
                    out.push_str(&format!("{run:0>20}"));
                    run.clear();
                }
                out.extend(other);
            }
        }
    }
    out
}
