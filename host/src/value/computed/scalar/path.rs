//! Of paths into documents of `jsonb`.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use bigdecimal::{BigDecimal, RoundingMode};
use pgiris_values::expression::Options;
use pgiris_values::json_path::{self, Failure, Given, Host, Item, Operator, Path, Pattern, Unary};

use super::pattern::{self, Search};
use super::{LONGEST, Operands, Scalar, decimal as scalar_decimal, number};
use crate::value::{ValueError, decimal, float, numeric};

/// Paths that are kept: those of some columns of one statement.
const KEPT: usize = 8;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::partial("jsonb_path_exists", 4, |operands| operands.path_exists()),
    Scalar::partial("jsonb_path_exists_opr", 2, |operands| {
        operands.path_exists()
    }),
    Scalar::partial("jsonb_path_exists_tz", 4, |operands| operands.path_exists()),
    Scalar::partial("jsonb_path_match", 4, |operands| operands.path_matches()),
    Scalar::partial("jsonb_path_match_opr", 2, |operands| {
        operands.path_matches()
    }),
    Scalar::partial("jsonb_path_match_tz", 4, |operands| operands.path_matches()),
    Scalar::new("jsonb_path_query_array", 4, |operands| {
        operands.path_array()
    }),
    Scalar::new("jsonb_path_query_array_tz", 4, |operands| {
        operands.path_array()
    }),
    Scalar::partial("jsonb_path_query_first", 4, |operands| {
        operands.path_first()
    }),
    Scalar::partial("jsonb_path_query_first_tz", 4, |operands| {
        operands.path_first()
    }),
];

thread_local! {
    /// Rows come one by one, and each would read its path again.
    static PATHS: RefCell<Vec<(String, Rc<Path>)>> = const { RefCell::new(Vec::new()) };
}

impl Operands<'_> {
    /// A document, a path, and perhaps variables and whether errors are none.
    fn followed<T>(
        &self,
        follow: fn(&Path, Given<'_>, &Computing) -> Result<T, Failure<ValueError>>,
    ) -> Result<T, ValueError> {
        let path = path(self.text(1))?;
        let given = Given {
            document: self.text(0),
            variables: self.0.get(2).map(String::as_str),
            is_silent: self.0.get(3).is_none_or(|flag| flag == "t"),
        };
        follow(&path, given, &Computing).map_err(ValueError::from)
    }

    fn path_exists(&self) -> Result<Option<String>, ValueError> {
        Ok(self.followed(json_path::exists)?.map(truth))
    }

    fn path_matches(&self) -> Result<Option<String>, ValueError> {
        Ok(self.followed(json_path::matches)?.map(truth))
    }

    fn path_items(&self) -> Result<Vec<Item>, ValueError> {
        self.followed(json_path::query)
    }

    fn path_first(&self) -> Result<Option<String>, ValueError> {
        Ok(self.path_items()?.first().map(Item::shown))
    }

    fn path_array(&self) -> Result<String, ValueError> {
        let mut array = String::from("[");
        for (index, item) in self.path_items()?.iter().enumerate() {
            array.push_str(if index == 0 { "" } else { ", " });
            item.write(&mut array);
            if array.len() > LONGEST {
                return Err(ValueError::text_too_long());
            }
        }
        array.push(']');
        Ok(array)
    }
}

/// `jsonb_path_query` of a document, a path, variables, and whether errors are none.
///
/// # Errors
/// The path is none, or cannot be followed.
pub(in crate::value) fn items(operands: &[String]) -> Result<Vec<Item>, ValueError> {
    Operands(operands).path_items()
}

fn truth(truth: bool) -> String {
    if truth { "t" } else { "f" }.to_owned()
}

/// The path, as it was kept or anew.
fn path(text: &str) -> Result<Rc<Path>, ValueError> {
    let known = PATHS.with_borrow(|all| {
        let mut all = all.iter();
        all.find(|(of, _)| of == text)
            .map(|(_, path)| Rc::clone(path))
    });
    if let Some(known) = known {
        return Ok(known);
    }
    let path = Rc::new(Path::read(text).map_err(ValueError::path)?);
    for pattern in path.patterns() {
        if !pattern.flags.quoted {
            pattern::checked(&pattern.expression, options(pattern))?;
        }
    }
    PATHS.with_borrow_mut(|all| {
        if all.len() >= KEPT {
            all.remove(0);
        }
        all.push((text.to_owned(), Rc::clone(&path)));
    });
    Ok(path)
}

/// `jspConvertRegexFlags`
fn options(pattern: &Pattern) -> Options {
    let flags = pattern.flags;
    Options {
        every: false,
        ignoring_case: flags.ignoring_case,
        by_line: !flags.dot_all,
        at_lines: flags.multiline,
    }
}

impl From<Failure<ValueError>> for ValueError {
    fn from(failure: Failure<ValueError>) -> Self {
        match failure {
            Failure::Path(wrong) => Self::path(wrong),
            Failure::Host(error) => error,
        }
    }
}

/// What is computed within a path.
struct Computing;

impl Host for Computing {
    type Error = ValueError;

    fn binary(&self, operator: Operator, left: &str, right: &str) -> Result<String, ValueError> {
        let (left, right) = (numeric::read_text(left)?, numeric::read_text(right)?);
        shown(&match operator {
            Operator::Add => decimal::sum(&left, &right),
            Operator::Subtract => decimal::difference(&left, &right),
            Operator::Multiply => decimal::product(&left, &right),
            Operator::Divide => decimal::quotient(&left, &right)?,
            Operator::Modulo => decimal::remainder(&left, &right)?,
        })
    }

    fn unary(&self, operator: Unary, operand: &str) -> Result<String, ValueError> {
        let number = numeric::read_text(operand)?;
        shown(&match operator {
            Unary::Minus => -number,
            Unary::Abs => number.abs(),
            Unary::Floor => number.with_scale_round(0, RoundingMode::Floor),
            Unary::Ceiling => number.with_scale_round(0, RoundingMode::Ceiling),
        })
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, ValueError> {
        Ok(numeric::read_text(left)?.cmp(&numeric::read_text(right)?))
    }

    fn double(&self, text: &str) -> Option<String> {
        let number = float::read_double(text).ok()?;
        number.is_finite().then(|| number::decimal_of(number))?.ok()
    }

    fn matches(&self, text: &str, pattern: &Pattern) -> Result<bool, ValueError> {
        if pattern.flags.quoted {
            return Ok(match pattern.flags.ignoring_case {
                false => text.contains(&pattern.expression),
                true => {
                    let quoted = quoted(&pattern.expression);
                    let search = Search::new(text, &quoted, options(pattern));
                    search?.find(0)?.is_some()
                }
            });
        }
        let mut search = Search::new(text, &pattern.expression, options(pattern))?;
        Ok(search.find(0)?.is_some())
    }
}

/// An expression that matches just this text.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for one in text.chars() {
        if one.is_ascii_punctuation() {
            quoted.push('\\');
        }
        quoted.push(one);
    }
    quoted
}

/// The digits, if a numeric has room for so many.
fn shown(number: &BigDecimal) -> Result<String, ValueError> {
    let shown = scalar_decimal::shown(number)?;
    numeric::read_text(&shown)?;
    Ok(shown)
}
