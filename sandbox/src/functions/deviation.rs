//! Variance and standard deviation, exact for anything but doubles.

use bigdecimal::BigDecimal;

use super::Datum;
use crate::decimal;

/// Digits of fraction of the exact results.
const SCALE: i64 = 17;

/// Which of the six functions.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    root: bool,
    divisor: Divisor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Divisor {
    /// One less than the count; 0 for a single value.
    Sample,
    /// One less than the count; NULL for a single value.
    StrictSample,
    Population,
}

impl Spread {
    /// Every function, by its name in lower case.
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("stddev", Self::new(true, Divisor::Sample)),
        ("stddev_samp", Self::new(true, Divisor::StrictSample)),
        ("stddev_pop", Self::new(true, Divisor::Population)),
        ("variance", Self::new(false, Divisor::Sample)),
        ("var_samp", Self::new(false, Divisor::StrictSample)),
        ("var_pop", Self::new(false, Divisor::Population)),
    ];

    const fn new(root: bool, divisor: Divisor) -> Self {
        Self { root, divisor }
    }
}

/// Count, sum and sum of squares; for doubles by Welford's method.
#[derive(Default)]
pub(super) struct Deviation {
    count: u64,
    sum: BigDecimal,
    squares: BigDecimal,
    real: Option<(f64, f64)>,
}

impl Deviation {
    pub(super) fn add(&mut self, number: BigDecimal) {
        self.count += 1;
        self.squares += &number * &number;
        self.sum += number;
    }

    pub(super) fn add_real(&mut self, x: f64) {
        self.count += 1;
        let (mean, squares) = self.real.get_or_insert((0.0, 0.0));
        let delta = x - *mean;
        *mean += delta / self.count as f64;
        *squares += delta * (x - *mean);
    }

    pub(super) fn result(&self, spread: Spread) -> Datum {
        let divisor = match spread.divisor {
            Divisor::Population => self.count,
            Divisor::StrictSample if self.count == 1 => return Datum::Null,
            _ => self.count.saturating_sub(1).max(1),
        };
        if let Some((_, squares)) = self.real {
            let variance = squares / divisor as f64;
            return Datum::Real(if spread.root {
                variance.sqrt()
            } else {
                variance
            });
        }
        let count = BigDecimal::from(self.count);
        let above = &self.squares * &count - &self.sum * &self.sum;
        let below = count * BigDecimal::from(divisor);
        let variance = decimal::quotient(&above, &below).unwrap_or_default();
        let result = match spread.root {
            true => variance.sqrt().unwrap_or_default().with_prec(19),
            false => variance,
        };
        Datum::Text(decimal::canonical(&decimal::round(&result, SCALE)))
    }
}
