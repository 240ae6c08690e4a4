//! What a column's declaration says beyond its type: ranges, value lists, embeddings.

use std::cmp::Ordering;

use super::Type;
use crate::decimal;
use crate::functions::Datum;

/// What a declaration says beyond its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// How DDL writes it, where the type alone would lose something.
    pub(crate) spelling: Option<String>,
    pub(crate) limits: Limits,
    /// EMBEDDING's configuration and source column; IRIS computes the value.
    pub(crate) embedding: Option<(String, String)>,
}

/// The validation parameters of a data type class, over the range of its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// MINVAL, in logical form.
    pub(crate) least: Option<String>,
    /// MAXVAL, in logical form.
    pub(crate) most: Option<String>,
    /// VALUELIST
    pub(crate) values: Option<Vec<String>>,
    /// MINLEN
    pub(crate) shortest: usize,
    /// TRUNCATE: text that is too long is cut instead of refused.
    pub(crate) cut: bool,
    /// %DateTime takes dates and times in many shapes.
    pub(crate) imprecise: bool,
}

impl Limits {
    /// Is a value in logical form allowed by what was declared?
    pub(crate) fn admit(&self, value: &Datum, ty: &Type) -> bool {
        if *self == Self::default() {
            return true;
        }
        let shown = match value {
            Datum::Null | Datum::Blob(_) => return true,
            Datum::Integer(number) => number.to_string(),
            Datum::Real(number) => decimal::canonical(&decimal::from_f64(*number)),
            Datum::Text(text) => text.clone(),
        };
        let order = |limit: &String| {
            if ty.is_timestamp() {
                shown.as_str().cmp(limit.as_str())
            } else {
                decimal::compare(&shown, limit)
            }
        };
        let long_enough = self.shortest == 0 || shown.encode_utf16().count() >= self.shortest;
        let listed = self
            .values
            .as_ref()
            .is_none_or(|values| values.contains(&shown));
        self.least.as_ref().map(order) != Some(Ordering::Less)
            && self.most.as_ref().map(order) != Some(Ordering::Greater)
            && long_enough
            && listed
    }

    /// The first day of a DATE: day 0 unless MINVAL says otherwise.
    pub(crate) fn first_day(&self) -> i64 {
        let least = self.least.as_ref();
        least.map_or(0, |least| decimal::to_i64(&decimal::leading(least)))
    }
}
