//! Members, elements, and what stands at any level.

use super::{Arrays, Found, Outcome, Run, Sink, Stop};
use crate::json_path::Host;
use crate::json_path::item::Item;
use crate::json_path::number;
use crate::json_path::tree::{LAST_LEVEL, Part, Place};

/// What is done with the parts of an array or an object (`executeAnyItem`).
#[derive(Clone, Copy)]
struct Levels {
    first: u32,
    last: u32,
    passing_over: bool,
    arrays: Arrays,
}

impl<H: Host> Run<'_, H> {
    pub(super) fn key(
        &mut self,
        part: &Part,
        key: &str,
        item: &Item,
        into: Sink<'_>,
    ) -> Outcome<H> {
        match item {
            Item::Object(_) => match item.member(key) {
                Some(member) => self.next(part, member, into),
                None => {
                    let message = format!("JSON object does not contain key \"{key}\"");
                    self.misfit("2203A", message)
                }
            },
            _ => self.misfit(
                "2203A",
                "jsonpath member accessor can only be applied to an object",
            ),
        }
    }

    pub(super) fn any_key(&mut self, part: &Part, item: &Item, into: Sink<'_>) -> Outcome<H> {
        match item {
            Item::Object(_) => self.opened(part.next, item, into, self.arrays()),
            _ => self.misfit(
                "2203C",
                "jsonpath wildcard member accessor can only be applied to an object",
            ),
        }
    }

    pub(super) fn any_element(&mut self, part: &Part, item: &Item, into: Sink<'_>) -> Outcome<H> {
        match item {
            Item::List(_) => self.opened(part.next, item, into, self.arrays()),
            _ if self.is_lax() => self.next(part, item, into),
            _ => self.misfit(
                "22039",
                "jsonpath wildcard array accessor can only be applied to an array",
            ),
        }
    }

    /// `executeItemUnwrapTargetArray`: what stands behind, of each part.
    pub(super) fn opened(
        &mut self,
        next: Option<Place>,
        item: &Item,
        into: Sink<'_>,
        arrays: Arrays,
    ) -> Outcome<H> {
        let levels = Levels {
            first: 1,
            last: 1,
            passing_over: false,
            arrays,
        };
        self.parts(next, item, into, 1, levels)
    }

    pub(super) fn any_level(
        &mut self,
        part: &Part,
        (first, last): (u32, u32),
        item: &Item,
        mut into: Sink<'_>,
    ) -> Outcome<H> {
        let mut outcome = Ok(Found::Nothing);
        if first == 0 {
            outcome = self.passing_over(|run| run.next(part, item, into.as_deref_mut()));
            let is_enough = matches!(outcome, Ok(Found::Something)) && into.is_none();
            if is_enough || matches!(outcome, Err(Stop::Said(_))) {
                return outcome;
            }
        }
        // An error that nobody is told of is forgotten, if there is more.
        if item.is_scalar() {
            return outcome;
        }
        let levels = Levels {
            first,
            last,
            passing_over: true,
            arrays: self.arrays(),
        };
        self.parts(part.next, item, into, 1, levels)
    }

    fn parts(
        &mut self,
        next: Option<Place>,
        item: &Item,
        mut into: Sink<'_>,
        level: u32,
        levels: Levels,
    ) -> Outcome<H> {
        let mut outcome = Found::Nothing;
        if level > levels.last {
            return Ok(outcome);
        }
        let only_leaves = levels.first == LAST_LEVEL && levels.last == LAST_LEVEL;
        for part in item.parts() {
            self.step()?;
            if level >= levels.first || only_leaves && part.is_scalar() {
                let into = into.as_deref_mut();
                outcome = match next {
                    None => self.next_of(None, part, into)?,
                    Some(next) if levels.passing_over => {
                        self.passing_over(|run| run.item_of(next, part, into, levels.arrays))?
                    }
                    Some(next) => self.item_of(next, part, into, levels.arrays)?,
                };
            }
            if outcome == Found::Something && into.is_none() {
                return Ok(outcome);
            }
            if level < levels.last && !part.is_scalar() {
                let into = into.as_deref_mut();
                outcome = self.deeper(|run| run.parts(next, part, into, level + 1, levels))?;
            }
            if outcome == Found::Something && into.is_none() {
                return Ok(outcome);
            }
        }
        Ok(outcome)
    }

    pub(super) fn elements(
        &mut self,
        part: &Part,
        elements: &[(Place, Option<Place>)],
        item: &Item,
        into: Sink<'_>,
    ) -> Outcome<H> {
        let list = match item {
            Item::List(list) => Some(list.as_slice()),
            _ if self.is_lax() => None,
            _ => {
                return self.misfit(
                    "22039",
                    "jsonpath array accessor can only be applied to an array",
                );
            }
        };
        // In lax mode anything else is an array of itself.
        let list = list.unwrap_or(std::slice::from_ref(item));
        let before = self.size.replace(list.len());
        let outcome = self.ranges(part, elements, (item, list), into);
        self.size = before;
        outcome
    }

    fn ranges(
        &mut self,
        part: &Part,
        elements: &[(Place, Option<Place>)],
        (item, list): (&Item, &[Item]),
        mut into: Sink<'_>,
    ) -> Outcome<H> {
        let size = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let mut outcome = Found::Nothing;
        for (from, to) in elements {
            let from = self.index(*from, item)?;
            let to = match to {
                Some(to) => self.index(*to, item)?,
                None => from,
            };
            if !self.passes_over && (from < 0 || from > to || to >= size) {
                return self.error("22033", "jsonpath array subscript is out of bounds");
            }
            outcome = Found::Nothing;
            let from = usize::try_from(from).unwrap_or(0);
            let behind = usize::try_from(to.saturating_add(1))
                .unwrap_or(0)
                .min(list.len());
            for element in list.get(from..behind).unwrap_or_default() {
                outcome = self.next(part, element, into.as_deref_mut())?;
                if outcome == Found::Something && into.is_none() {
                    return Ok(outcome);
                }
            }
        }
        Ok(outcome)
    }

    /// `getArrayIndex`
    fn index(&mut self, place: Place, item: &Item) -> Result<i64, Stop<H::Error>> {
        let mut found = Vec::new();
        self.item(place, item, Some(&mut found))?;
        let [Item::Number(digits)] = found.as_slice() else {
            return self.error(
                "22033",
                "jsonpath array subscript is not a single numeric value",
            );
        };
        match number::index(digits) {
            Some(index) => Ok(index),
            None => self.error("22033", "jsonpath array subscript is out of integer range"),
        }
    }

    pub(super) fn last(&mut self, part: &Part, into: Sink<'_>) -> Outcome<H> {
        let Some(size) = self.size else {
            let message = "evaluating jsonpath LAST outside of array subscript";
            return Err(crate::json_path::Wrong::new("XX000", message).into());
        };
        let last = i64::try_from(size).unwrap_or(i64::MAX) - 1;
        let last = Item::Number(last.to_string().into());
        self.next(part, &last, into)
    }
}
