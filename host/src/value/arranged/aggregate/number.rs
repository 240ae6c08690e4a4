//! Of whole numbers and `numeric`, whose results are exact, and of intervals.

use bigdecimal::{BigDecimal, ToPrimitive, Zero};
use pgiris_values::interval::Interval;

use super::State;
use crate::value::decimal::{difference, product, quotient, root, sum};
use crate::value::order::Number;
use crate::value::{Kind, ValueError};

/// What is made of the numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Result {
    /// Of `smallint` and `integer`, a `bigint`.
    WholeSum,
    Sum,
    Average,
    Variance(Of),
    Deviation(Of),
}

/// Whether the numbers are all that there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Sample,
    Population,
}

/// By the name of the function; of the sum of `bigint` and `numeric`.
pub(super) fn result(name: &str) -> Option<Result> {
    Some(match name {
        "sum" => Result::Sum,
        "avg" => Result::Average,
        "variance" | "var_samp" => Result::Variance(Of::Sample),
        "var_pop" => Result::Variance(Of::Population),
        "stddev" | "stddev_samp" => Result::Deviation(Of::Sample),
        "stddev_pop" => Result::Deviation(Of::Population),
        _ => return None,
    })
}

/// The numbers so far.
pub(super) struct Numbers {
    wanted: Result,
    count: u64,
    sum: BigDecimal,
    /// Of those results that need them.
    squares: BigDecimal,
    special: Special,
}

/// Which numbers were there that are not finite.
#[derive(Default)]
struct Special {
    nan: bool,
    infinity: bool,
    minus_infinity: bool,
}

impl Special {
    /// The sum, if it is not finite either.
    fn sum(&self) -> Option<&'static str> {
        match (self.nan, self.infinity, self.minus_infinity) {
            (false, false, false) => None,
            (false, true, false) => Some("Infinity"),
            (false, false, true) => Some("-Infinity"),
            _ => Some("NaN"),
        }
    }
}

impl Numbers {
    pub(super) fn new(wanted: Result) -> Self {
        Self {
            wanted,
            count: 0,
            sum: BigDecimal::zero(),
            squares: BigDecimal::zero(),
            special: Special::default(),
        }
    }

    /// `numeric_stddev_internal`
    fn deviation(&self, of: Of) -> std::result::Result<Option<BigDecimal>, ValueError> {
        let count = BigDecimal::from(self.count);
        let below = match of {
            Of::Sample => &count * BigDecimal::from(self.count - 1),
            Of::Population => &count * &count,
        };
        let above = difference(
            &product(&count, &self.squares),
            &product(&self.sum, &self.sum),
        );
        if above <= BigDecimal::zero() {
            return Ok(None);
        }
        let variance = quotient(&above, &below)?;
        Ok(Some(match self.wanted {
            Result::Deviation(_) => root(&variance, variance.fractional_digit_count()),
            _ => variance,
        }))
    }

    fn is_undefined(&self) -> bool {
        match self.wanted {
            Result::Variance(Of::Sample) | Result::Deviation(Of::Sample) => self.count <= 1,
            _ => self.count == 0,
        }
    }
}

impl State for Numbers {
    fn add(&mut self, operands: &[Option<&str>]) -> std::result::Result<usize, ValueError> {
        let [Some(written)] = operands else {
            return Ok(0);
        };
        self.count += 1;
        match Number::read(written)? {
            Number::Finite(number) => {
                self.sum = sum(&self.sum, &number);
                if matches!(self.wanted, Result::Variance(_) | Result::Deviation(_)) {
                    self.squares = sum(&self.squares, &product(&number, &number));
                }
            }
            Number::NaN => self.special.nan = true,
            Number::Infinity => self.special.infinity = true,
            Number::MinusInfinity => self.special.minus_infinity = true,
        }
        Ok(0)
    }

    fn result(&self) -> std::result::Result<Option<String>, ValueError> {
        if self.is_undefined() {
            return Ok(None);
        }
        let special = self.special.sum();
        let found = match (self.wanted, special) {
            (Result::Variance(_) | Result::Deviation(_), Some(_)) => return Ok(some("NaN")),
            (_, Some(special)) => return Ok(some(special)),
            (Result::WholeSum, None) => match self.sum.to_i64() {
                Some(sum) => BigDecimal::from(sum),
                None => return Err(ValueError::range(Kind::Int8)),
            },
            (Result::Sum, None) => self.sum.clone(),
            (Result::Average, None) => quotient(&self.sum, &BigDecimal::from(self.count))?,
            (Result::Variance(of) | Result::Deviation(of), None) => match self.deviation(of)? {
                Some(found) => found,
                None => return Ok(some("0")),
            },
        };
        Ok(Some(found.to_plain_string()))
    }
}

fn some(written: &str) -> Option<String> {
    Some(written.to_owned())
}

/// The sum of intervals, or their average.
pub(super) struct Spans {
    is_average: bool,
    count: u32,
    sum: Interval,
}

impl Spans {
    pub(super) fn sum() -> Self {
        Self {
            is_average: false,
            count: 0,
            sum: Interval::default(),
        }
    }

    pub(super) fn average() -> Self {
        Self {
            is_average: true,
            ..Self::sum()
        }
    }
}

impl State for Spans {
    fn add(&mut self, operands: &[Option<&str>]) -> std::result::Result<usize, ValueError> {
        if let [Some(written)] = operands {
            let wrong = |wrong| ValueError::interval(written, wrong);
            let value = Interval::parse(written).map_err(wrong)?;
            self.sum = self.sum.plus(value).map_err(wrong)?;
            self.count = self.count.saturating_add(1);
        }
        Ok(0)
    }

    fn result(&self) -> std::result::Result<Option<String>, ValueError> {
        if self.count == 0 {
            return Ok(None);
        }
        let found = match self.is_average {
            true => self.sum.divided_by(f64::from(self.count)),
            false => Ok(self.sum),
        };
        let found = found.map_err(|wrong| ValueError::interval("", wrong))?;
        Ok(Some(found.to_string()))
    }
}
