//! Of floats, as Youngs and Cramer sum them: `src/backend/utils/adt/float.c`.

use super::State;
use super::number::Of;
use crate::value::float::{finite, read_number};
use crate::value::{Kind, Oid, Scalar, ValueError};

/// A sum of the type of the values.
pub(super) struct FloatSum {
    type_oid: Oid,
    sum: Option<f64>,
}

impl FloatSum {
    pub(super) fn new(type_oid: Oid) -> Self {
        Self {
            type_oid,
            sum: None,
        }
    }

    fn is_real(&self) -> bool {
        Kind::of(self.type_oid) == Kind::Float4
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a real is what a sum of reals is rounded to"
)]
fn real(value: f64) -> f32 {
    value as f32
}

impl State for FloatSum {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        if let [Some(written)] = operands {
            let value = read_number(Kind::of(self.type_oid), written)?;
            self.sum = Some(match self.sum {
                None => value,
                Some(sum) if self.is_real() => {
                    finite(f64::from(real(sum) + real(value)), &[sum, value])?
                }
                Some(sum) => finite(sum + value, &[sum, value])?,
            });
        }
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        let is_real = self.is_real();
        Ok(self.sum.map(|sum| match is_real {
            true => Scalar::Float(real(sum)).to_string(),
            false => Scalar::Double(sum).to_string(),
        }))
    }
}

/// What is made of the floats.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    Average,
    Variance(Of),
    Deviation(Of),
}

/// By the name of the function.
pub(super) fn measure(name: &str) -> Option<Measure> {
    use super::number::Result;
    Some(match super::number::result(name)? {
        Result::Average => Measure::Average,
        Result::Variance(of) => Measure::Variance(of),
        Result::Deviation(of) => Measure::Deviation(of),
        Result::Sum | Result::WholeSum => return None,
    })
}

/// `float8_accum`
pub(super) struct Deviations {
    type_oid: Oid,
    measure: Measure,
    count: f64,
    sum: f64,
    squares: f64,
}

impl Deviations {
    pub(super) fn new(type_oid: Oid, measure: Measure) -> Self {
        Self {
            type_oid,
            measure,
            count: 0.0,
            sum: 0.0,
            squares: 0.0,
        }
    }
}

impl State for Deviations {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let [Some(written)] = operands else {
            return Ok(0);
        };
        let value = read_number(Kind::of(self.type_oid), written)?;
        let (before, sum_before) = (self.count, self.sum);
        self.count += 1.0;
        self.sum += value;
        if before == 0.0 {
            if !value.is_finite() {
                self.squares = f64::NAN;
            }
            return Ok(0);
        }
        let apart = value * self.count - self.sum;
        self.squares += apart * apart / (self.count * before);
        if self.sum.is_infinite() || self.squares.is_infinite() {
            finite(f64::INFINITY, &[sum_before, value])?;
            self.squares = f64::NAN;
        }
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        let count = self.count;
        let least = match self.measure {
            Measure::Variance(Of::Sample) | Measure::Deviation(Of::Sample) => 2.0,
            _ => 1.0,
        };
        if count < least {
            return Ok(None);
        }
        let found = match self.measure {
            Measure::Average => self.sum / count,
            Measure::Variance(Of::Population) => self.squares / count,
            Measure::Variance(Of::Sample) => self.squares / (count - 1.0),
            Measure::Deviation(Of::Population) => (self.squares / count).sqrt(),
            Measure::Deviation(Of::Sample) => (self.squares / (count - 1.0)).sqrt(),
        };
        Ok(Some(Scalar::Double(found).to_string()))
    }
}
