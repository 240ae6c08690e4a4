//! Counts, extremes, conjunctions, and bits.

use super::State;
use crate::value::kind::BPCHAR;
use crate::value::order::Comparable;
use crate::value::{Kind, Oid, Scalar, ValueError, text};

/// How many there are.
pub(super) struct Count {
    of_rows: bool,
    count: u64,
}

impl Count {
    pub(super) fn rows() -> Self {
        Self {
            of_rows: true,
            count: 0,
        }
    }

    pub(super) fn values() -> Self {
        Self {
            of_rows: false,
            count: 0,
        }
    }
}

impl State for Count {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let counts = self.of_rows || matches!(operands, [Some(_)]);
        self.count += u64::from(counts);
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        Ok(Some(self.count.to_string()))
    }
}

/// The least value, or the greatest.
pub(super) struct Extreme {
    type_oid: Oid,
    is_greatest: bool,
    found: Option<(Comparable, String)>,
}

impl Extreme {
    pub(super) fn least(type_oid: Oid) -> Self {
        Self {
            type_oid,
            is_greatest: false,
            found: None,
        }
    }

    pub(super) fn greatest(type_oid: Oid) -> Self {
        Self {
            is_greatest: true,
            ..Self::least(type_oid)
        }
    }

    /// Of equal values the last one is taken; `bpchar_larger` takes the first.
    fn is_better(&self, value: &Comparable) -> bool {
        let Some((found, _)) = &self.found else {
            return true;
        };
        let order = match self.is_greatest {
            true => value.cmp(found),
            false => found.cmp(value),
        };
        match self.type_oid {
            BPCHAR => order.is_gt(),
            _ => order.is_ge(),
        }
    }
}

impl State for Extreme {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        if let [Some(written)] = operands {
            let value = Comparable::read(self.type_oid, written)?;
            if self.is_better(&value) {
                self.found = Some((value, (*written).to_owned()));
            }
        }
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        Ok(self.found.as_ref().map(|(_, written)| written.clone()))
    }
}

/// Whether all are true, or any.
pub(super) struct Truths {
    /// What one value says that decides.
    decisive: bool,
    result: Option<bool>,
}

impl Truths {
    pub(super) fn all() -> Self {
        Self {
            decisive: false,
            result: None,
        }
    }

    pub(super) fn any() -> Self {
        Self {
            decisive: true,
            result: None,
        }
    }
}

impl State for Truths {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        if let [Some(written)] = operands {
            let is_true = text::read(Kind::Bool, written)? == Scalar::Bool(true);
            let decides = is_true == self.decisive || self.result == Some(self.decisive);
            self.result = Some(decides == self.decisive);
        }
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        let result = self.result.map(|result| if result { "t" } else { "f" });
        Ok(result.map(str::to_owned))
    }
}

/// The bits of whole numbers.
pub(super) struct Bits {
    both: fn(i64, i64) -> i64,
    result: Option<i64>,
}

impl Bits {
    pub(super) fn new(both: fn(i64, i64) -> i64) -> Self {
        Self { both, result: None }
    }
}

impl State for Bits {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        if let [Some(written)] = operands
            && let Scalar::Int(value) = text::read(Kind::Int8, written)?
        {
            self.result = Some(match self.result {
                Some(result) => (self.both)(result, value),
                None => value,
            });
        }
        Ok(0)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        Ok(self.result.map(|result| result.to_string()))
    }
}
