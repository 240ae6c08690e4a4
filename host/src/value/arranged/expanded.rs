//! Functions that return rows.

mod document;
mod series;
mod text;

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;

use super::{Row, result};
use crate::rules::wit_plan::Instruction;
use crate::value::ValueError;

/// The values of a row that a function returns.
type Values = Vec<Option<String>>;

/// The rows that a function returns.
type Rows = Box<dyn Iterator<Item = Result<Values, ValueError>>>;

/// A function; its name is that of PostgreSQL's own code (`pg_proc.prosrc`).
struct Function {
    name: &'static str,
    operands: RangeInclusive<usize>,
    /// How many values a row has; none: as many as there are operands.
    width: Option<usize>,
    rows: Body,
}

/// What finds the rows.
enum Body {
    /// There are none if an operand is NULL.
    Strict(fn(&[String]) -> Result<Rows, ValueError>),
    /// Of operands that may be NULL.
    OfNulls(fn(&[Option<String>]) -> Result<Rows, ValueError>),
}

impl Function {
    /// One of strict code, whose rows have so many values.
    const fn new(
        name: &'static str,
        operands: usize,
        width: usize,
        rows: fn(&[String]) -> Result<Rows, ValueError>,
    ) -> Self {
        Self {
            name,
            operands: operands..=operands,
            width: Some(width),
            rows: Body::Strict(rows),
        }
    }
}

/// All that are known, by what they are of.
const FUNCTIONS: &[&[Function]] = &[document::FUNCTIONS, series::FUNCTIONS, text::FUNCTIONS];

fn find(name: &str) -> Option<&'static Function> {
    let mut all = FUNCTIONS.iter().copied().flatten();
    all.find(|function| function.name == name)
}

/// Whether there is such a function of so many operands.
pub(super) fn takes(name: &str, operands: usize) -> bool {
    find(name).is_some_and(|function| function.operands.contains(&operands))
}

/// How many values a row of a function of so many operands has, without its number; none if it is not
/// known.
pub(crate) fn width_of(name: &str, operands: usize) -> Option<usize> {
    find(name).map(|function| function.width.unwrap_or(operands))
}

/// A call.
pub(super) struct Expansion {
    pub(super) name: String,
    pub(super) operands: Vec<Arc<[Instruction]>>,
    pub(super) ordinality: bool,
    pub(super) outer: bool,
}

impl Expansion {
    /// What a row becomes, one by one.
    ///
    /// # Errors
    /// An operand is none of its type, or the function refuses it.
    pub(super) fn rows(
        &self,
        row: Row,
    ) -> Result<impl Iterator<Item = Result<Row, ValueError>> + use<>, ValueError> {
        let function = find(&self.name).ok_or_else(ValueError::no_value)?;
        let mut found = self.found(function, &row)?.peekable();
        let ordinality = self.ordinality;
        let width = function.width.unwrap_or(self.operands.len());
        let missing = (self.outer && found.peek().is_none()).then(|| {
            let mut all = row.clone();
            all.resize(row.len() + width + usize::from(ordinality), None);
            Ok(all)
        });
        let found = found.enumerate().map(move |(index, values)| {
            let values = values?.into_iter().map(|value| value.map(Bytes::from));
            let number = ordinality.then(|| Some(Bytes::from((index + 1).to_string())));
            Ok(row.iter().cloned().chain(values).chain(number).collect())
        });
        Ok(missing.into_iter().chain(found))
    }

    fn found(&self, function: &Function, row: &Row) -> Result<Rows, ValueError> {
        let operands = self.operands.iter();
        let operands = operands.map(|operand| match result(operand, row)? {
            Some(bytes) => Ok(Some(crate::value::text::utf8(&bytes)?.to_owned())),
            None => Ok(None),
        });
        let operands = operands.collect::<Result<Vec<Option<String>>, ValueError>>()?;
        match function.rows {
            Body::OfNulls(rows) => rows(&operands),
            Body::Strict(rows) => match operands.into_iter().collect::<Option<Vec<_>>>() {
                Some(operands) => rows(&operands),
                None => Ok(none()),
            },
        }
    }
}

fn none() -> Rows {
    Box::new(std::iter::empty())
}

/// Rows of one value each.
fn of_values(values: Vec<Option<String>>) -> Rows {
    Box::new(values.into_iter().map(|value| Ok(vec![value])))
}

fn operand(operands: &[String], index: usize) -> &str {
    operands.get(index).map_or("", String::as_str)
}
