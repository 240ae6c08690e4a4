//! Final functions of ordered-set aggregates (PostgreSQL's `orderedsetaggs.c`): their first operand is the
//! array of the values in order, in place of PostgreSQL's internal state.

use super::{Operands, Scalar, array};
use crate::value::array::parsed;
use crate::value::float::read_double;
use crate::value::{Scalar as Value, ValueError};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::partial("percentile_cont_float8_final", 2, |operands| {
        let fraction = operands.double(1)?;
        operands.values(0)?.between(fraction)
    }),
    Scalar::partial("percentile_cont_float8_multi_final", 2, |operands| {
        let values = operands.values(0)?;
        operands.of_each_fraction(&values, Values::between)
    }),
    Scalar::partial("percentile_disc_final", 2, |operands| {
        let fraction = operands.double(1)?;
        operands.values(0)?.reached(fraction)
    }),
    Scalar::partial("percentile_disc_multi_final", 2, |operands| {
        let values = operands.values(0)?;
        operands.of_each_fraction(&values, Values::reached)
    }),
    Scalar::partial("mode_final", 1, |operands| {
        Ok(operands.values(0)?.commonest())
    }),
];

/// The values of a group in order, without NULL.
struct Values(Vec<String>);

impl Operands<'_> {
    fn values(&self, index: usize) -> Result<Values, ValueError> {
        let written = self.text(index);
        let array = parsed(written)?;
        Ok(Values(array.elements.into_iter().flatten().collect()))
    }

    /// An array of what is found for each fraction of the second operand; NULL of no values.
    fn of_each_fraction(
        &self,
        values: &Values,
        find: fn(&Values, f64) -> Result<Option<String>, ValueError>,
    ) -> Result<Option<String>, ValueError> {
        if values.0.is_empty() {
            return Ok(None);
        }
        let written = self.text(1);
        let fractions = parsed(written)?;
        let found = fractions.elements.iter().map(|fraction| match fraction {
            Some(fraction) => find(values, read_double(fraction)?),
            None => Ok(None),
        });
        Ok(Some(array(found.collect::<Result<_, _>>()?)))
    }
}

impl Values {
    /// `percentile_cont`: between the two values that the fraction falls between.
    fn between(&self, fraction: f64) -> Result<Option<String>, ValueError> {
        check(fraction)?;
        let Some(last) = self.0.len().checked_sub(1) else {
            return Ok(None);
        };
        let place = fraction * last as f64;
        let (low, high) = (self.number(place.floor())?, self.number(place.ceil())?);
        let part = place - place.floor();
        Ok(Some(Value::Double(low + part * (high - low)).to_string()))
    }

    /// `percentile_disc`: the first value at which the fraction is reached.
    fn reached(&self, fraction: f64) -> Result<Option<String>, ValueError> {
        check(fraction)?;
        let place = (fraction * self.0.len() as f64).ceil();
        Ok(self.0.get((place as usize).saturating_sub(1)).cloned())
    }

    /// `mode`: the first of those that are there most often.
    fn commonest(&self) -> Option<String> {
        let mut best: Option<&[String]> = None;
        for run in self.0.chunk_by(PartialEq::eq) {
            if best.is_none_or(|best| run.len() > best.len()) {
                best = Some(run);
            }
        }
        best?.first().cloned()
    }

    fn number(&self, place: f64) -> Result<f64, ValueError> {
        self.0
            .get(place as usize)
            .map_or(Ok(0.0), |text| read_double(text))
    }
}

fn check(fraction: f64) -> Result<(), ValueError> {
    match (0.0..=1.0).contains(&fraction) {
        true => Ok(()),
        false => Err(ValueError::percentile(fraction)),
    }
}
