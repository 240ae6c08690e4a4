//! Of pairs of floats: correlations and regressions, as Youngs and Cramer sum them (`float8_regr_accum`).

use super::State;
use super::number::Of;
use crate::value::float::{finite, read_double};
use crate::value::{Scalar, ValueError};

/// What is made of pairs of floats.
#[derive(Clone, Copy)]
pub(super) enum Pair {
    Count,
    Correlation,
    Covariance(Of),
    AverageX,
    AverageY,
    SquaresX,
    SquaresY,
    Products,
    Slope,
    Intercept,
    Determination,
}

impl Pair {
    /// By the name of the function.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "corr" => Self::Correlation,
            "covar_pop" => Self::Covariance(Of::Population),
            "covar_samp" => Self::Covariance(Of::Sample),
            "regr_avgx" => Self::AverageX,
            "regr_avgy" => Self::AverageY,
            "regr_count" => Self::Count,
            "regr_intercept" => Self::Intercept,
            "regr_r2" => Self::Determination,
            "regr_slope" => Self::Slope,
            "regr_sxx" => Self::SquaresX,
            "regr_sxy" => Self::Products,
            "regr_syy" => Self::SquaresY,
            _ => return None,
        })
    }
}

/// One side of the pairs.
#[derive(Default)]
struct Side {
    sum: f64,
    squares: f64,
}

/// The pairs so far: the first operand is Y, the other one X.
pub(super) struct Pairs {
    wanted: Pair,
    count: f64,
    x: Side,
    y: Side,
    products: f64,
}

impl Pairs {
    pub(super) fn new(wanted: Pair) -> Self {
        Self {
            wanted,
            count: 0.0,
            x: Side::default(),
            y: Side::default(),
            products: 0.0,
        }
    }

    fn first(&mut self, x: f64, y: f64) {
        for (value, side) in [(x, &mut self.x), (y, &mut self.y)] {
            if !value.is_finite() {
                side.squares = f64::NAN;
                self.products = f64::NAN;
            }
        }
    }

    fn found(&self) -> Option<f64> {
        let (count, x, y) = (self.count, &self.x, &self.y);
        let is_defined = |divisor: f64| (divisor != 0.0).then_some(());
        Some(match self.wanted {
            Pair::Count => count,
            Pair::SquaresX => x.squares,
            Pair::SquaresY => y.squares,
            Pair::Products => self.products,
            Pair::AverageX => x.sum / count,
            Pair::AverageY => y.sum / count,
            Pair::Covariance(Of::Population) => self.products / count,
            Pair::Covariance(Of::Sample) => {
                is_defined(count - 1.0)?;
                self.products / (count - 1.0)
            }
            Pair::Correlation => {
                is_defined(x.squares)?;
                is_defined(y.squares)?;
                self.products / (x.squares * y.squares).sqrt()
            }
            Pair::Determination => {
                is_defined(x.squares)?;
                match y.squares == 0.0 {
                    true => 1.0,
                    false => (self.products * self.products) / (x.squares * y.squares),
                }
            }
            Pair::Slope => {
                is_defined(x.squares)?;
                self.products / x.squares
            }
            Pair::Intercept => {
                is_defined(x.squares)?;
                (y.sum - x.sum * self.products / x.squares) / count
            }
        })
    }
}

impl State for Pairs {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let [Some(y), Some(x)] = operands else {
            return Ok(0);
        };
        let (x, y) = (read_double(x)?, read_double(y)?);
        let (before, sum_x, sum_y) = (self.count, self.x.sum, self.y.sum);
        self.count += 1.0;
        self.x.sum += x;
        self.y.sum += y;
        if before == 0.0 {
            self.first(x, y);
            return Ok(0);
        }
        let apart_x = x * self.count - self.x.sum;
        let apart_y = y * self.count - self.y.sum;
        let scale = 1.0 / (self.count * before);
        self.x.squares += apart_x * apart_x * scale;
        self.y.squares += apart_y * apart_y * scale;
        self.products += apart_x * apart_y * scale;
        finite(self.x.sum + self.x.squares, &[sum_x, x])?;
        finite(self.y.sum + self.y.squares, &[sum_y, y])?;
        finite(self.products, &[sum_x, x, sum_y, y])?;
        for sum in [&mut self.x.squares, &mut self.y.squares, &mut self.products] {
            if sum.is_infinite() {
                *sum = f64::NAN;
            }
        }
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        if let Pair::Count = self.wanted {
            return Ok(Some(self.count.to_string()));
        }
        if self.count < 1.0 {
            return Ok(None);
        }
        Ok(self.found().map(|found| Scalar::Double(found).to_string()))
    }
}
