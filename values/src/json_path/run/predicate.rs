//! Predicates, which are true, false, or unknown.

use std::cmp::Ordering;

use super::{Arrays, Found, Run, Stop};
use crate::json_path::item::Item;
use crate::json_path::tree::{Comparison, Place, What};
use crate::json_path::{Failure, Host, Wrong};

/// None is unknown.
type Truth<H> = Result<Option<bool>, Stop<<H as Host>::Error>>;

/// Characters of a text that take as long as reading two numbers with digits behind the point.
const LIKE_A_TEXT_OF: usize = 128;

/// The operands of a predicate.
#[derive(Clone, Copy)]
struct Operands {
    left: Place,
    right: Option<Place>,
    /// Arrays on the right.
    arrays: Arrays,
}

impl<H: Host> Run<'_, H> {
    /// `executeNestedBoolItem`
    pub(super) fn filter(&mut self, filter: Place, item: &Item) -> Result<bool, Stop<H::Error>> {
        let before = std::mem::replace(&mut self.current, item.clone());
        let truth = self.truth(filter, item);
        self.current = before;
        Ok(truth? == Some(true))
    }

    /// `executeBoolItem`
    pub(super) fn truth(&mut self, place: Place, item: &Item) -> Truth<H> {
        self.step()?;
        self.deeper(|run| run.said(place, item))
    }

    fn said(&mut self, place: Place, item: &Item) -> Truth<H> {
        let part = self.part(place)?;
        match &part.what {
            What::And(left, right) => match self.truth(*left, item)? {
                Some(false) => Ok(Some(false)),
                left => match self.truth(*right, item)? {
                    Some(true) => Ok(left),
                    right => Ok(right),
                },
            },
            What::Or(left, right) => match self.truth(*left, item)? {
                Some(true) => Ok(Some(true)),
                left => match self.truth(*right, item)? {
                    Some(false) => Ok(left),
                    right => Ok(right),
                },
            },
            What::Not(inner) => Ok(self.truth(*inner, item)?.map(|truth| !truth)),
            What::IsUnknown(inner) => Ok(Some(self.truth(*inner, item)?.is_none())),
            What::Exists(inner) => self.existence(*inner, item),
            What::Compare(comparison, left, right) => {
                let operands = Operands {
                    left: *left,
                    right: Some(*right),
                    arrays: Arrays::Opened,
                };
                self.each(operands, item, |run, left, right| {
                    run.compared(*comparison, left, right)
                })
            }
            What::StartsWith(left, start) => {
                let operands = Operands {
                    left: *left,
                    right: Some(*start),
                    arrays: Arrays::Kept,
                };
                self.each(operands, item, |_, whole, start| {
                    Ok(match (whole, start) {
                        (Item::Text(whole), Item::Text(start)) => Some(whole.starts_with(&**start)),
                        _ => None,
                    })
                })
            }
            What::LikeRegex(left, number) => {
                let operands = Operands {
                    left: *left,
                    right: None,
                    arrays: Arrays::Kept,
                };
                self.each(operands, item, |run, text, _| run.like(text, *number))
            }
            _ => Err(Wrong::new("XX000", "a part of the path is no predicate").into()),
        }
    }

    fn like(&mut self, item: &Item, number: usize) -> Truth<H> {
        let (Item::Text(text), Some(pattern)) = (item, self.path.patterns.get(number)) else {
            return Ok(None);
        };
        let matches = self.host.matches(text, pattern);
        matches
            .map(Some)
            .map_err(|error| Stop::Said(Failure::Host(error)))
    }

    fn existence(&mut self, inner: Place, item: &Item) -> Truth<H> {
        let outcome = match self.is_strict() {
            false => self.unsaid(|run| run.item(inner, item, None)),
            true => {
                let mut all = Vec::new();
                let outcome = self.unsaid(|run| run.item(inner, item, Some(&mut all)));
                outcome.map(|_| match all.is_empty() {
                    true => Found::Nothing,
                    false => Found::Something,
                })
            }
        };
        known(outcome.map(|found| found == Found::Something))
    }

    /// `executePredicate`: whether it holds of any of the values, or of pairs of them.
    fn each(
        &mut self,
        operands: Operands,
        item: &Item,
        mut holds: impl FnMut(&mut Self, &Item, &Item) -> Truth<H>,
    ) -> Truth<H> {
        let left = self.unsaid(|run| run.operand(operands.left, item, Arrays::Opened));
        let Some(left) = known(left)? else {
            return Ok(None);
        };
        let right = match operands.right {
            None => vec![Item::Null],
            Some(right) => {
                let right = self.unsaid(|run| run.operand(right, item, operands.arrays));
                match known(right)? {
                    Some(right) => right,
                    None => return Ok(None),
                }
            }
        };
        let (mut is_found, mut is_unknown) = (false, false);
        for left in &left {
            for right in &right {
                self.weigh(left.length() + right.length())?;
                match holds(self, left, right)? {
                    None if self.is_strict() => return Ok(None),
                    None => is_unknown = true,
                    Some(true) if !self.is_strict() => return Ok(Some(true)),
                    Some(true) => is_found = true,
                    Some(false) => {}
                }
            }
        }
        Ok(match (is_found, is_unknown) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        })
    }

    fn order(&mut self, left: &str, right: &str) -> Result<Ordering, Stop<H::Error>> {
        if let (Ok(left), Ok(right)) = (left.parse::<i64>(), right.parse::<i64>()) {
            return Ok(left.cmp(&right));
        }
        self.weigh(LIKE_A_TEXT_OF)?;
        let order = self.host.compare(left, right);
        order.map_err(|error| Stop::Said(Failure::Host(error)))
    }

    /// `compareItems`; strings by their bytes.
    fn compared(&mut self, comparison: Comparison, left: &Item, right: &Item) -> Truth<H> {
        let order = match (left, right) {
            (Item::Null, Item::Null) => Ordering::Equal,
            (Item::Null, _) | (_, Item::Null) => {
                return Ok(Some(comparison == Comparison::NotEqual));
            }
            (Item::Boolean(left), Item::Boolean(right)) => left.cmp(right),
            (Item::Text(left), Item::Text(right)) => left.cmp(right),
            (Item::Number(left), Item::Number(right)) => self.order(left, right)?,
            _ => return Ok(None),
        };
        Ok(Some(match comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }))
    }
}

/// None if there is an error that nobody is told of.
fn known<T, E>(result: Result<T, Stop<E>>) -> Result<Option<T>, Stop<E>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Unsaid) => Ok(None),
        Err(Stop::Said(failure)) => Err(Stop::Said(failure)),
    }
}
