//! A path followed in a document (`jsonpath_exec.c`).
//!
//! A path in lax mode opens arrays and makes some, and passes over what is not there; one in strict
//! mode fails of that. An error within a predicate makes it unknown.

mod access;
mod computed;
mod predicate;

use std::rc::Rc;

use super::item::{Base, Item};
use super::tree::{Part, Path, Place, What};
use super::{Failure, Given, Host, Wrong};
use crate::document;

/// How deep parts of a path and of a document are followed in each other.
const DEEPEST: usize = 1_000;
/// How many parts of a document are met in all: what PostgreSQL would take about a second for.
const MOST_STEPS: usize = 5_000_000;

/// Why it does not go on.
enum Stop<E> {
    /// An error that nobody is told of.
    Unsaid,
    Said(Failure<E>),
}

impl<E> From<Wrong> for Stop<E> {
    fn from(wrong: Wrong) -> Self {
        Self::Said(Failure::Path(wrong))
    }
}

/// Whether anything was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Something,
    Nothing,
}

type Outcome<H> = Result<Found, Stop<<H as Host>::Error>>;

/// Where to put what is found; none if it only matters whether there is something.
type Sink<'a> = Option<&'a mut Vec<Item>>;

/// Whether an array stands for its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrays {
    Opened,
    Kept,
}

/// # Errors
/// The path cannot be followed.
pub(super) fn exists<H: Host>(
    path: &Path,
    given: Given<'_>,
    host: &H,
) -> Result<Option<bool>, Failure<H::Error>> {
    let mut run = Run::new(path, given, host)?;
    let root = run.root.clone();
    let outcome = match path.is_lax {
        true => run.item(path.start, &root, None),
        // There may be an error behind the first one.
        false => {
            let mut all = Vec::new();
            let outcome = run.item(path.start, &root, Some(&mut all));
            outcome.map(|_| match all.is_empty() {
                true => Found::Nothing,
                false => Found::Something,
            })
        }
    };
    match outcome {
        Ok(found) => Ok(Some(found == Found::Something)),
        Err(Stop::Unsaid) => Ok(None),
        Err(Stop::Said(failure)) => Err(failure),
    }
}

/// All up to an error that nobody is told of.
///
/// # Errors
/// The path cannot be followed.
pub(super) fn all<H: Host>(
    path: &Path,
    given: Given<'_>,
    host: &H,
) -> Result<Vec<Item>, Failure<H::Error>> {
    let mut run = Run::new(path, given, host)?;
    let root = run.root.clone();
    let mut all = Vec::new();
    match run.item(path.start, &root, Some(&mut all)) {
        Ok(_) | Err(Stop::Unsaid) => Ok(all),
        Err(Stop::Said(failure)) => Err(failure),
    }
}

struct Run<'a, H> {
    path: &'a Path,
    host: &'a H,
    root: Item,
    variables: Option<Item>,
    /// `@`
    current: Item,
    /// The document of what is followed, by which objects are told apart.
    base: Rc<Base>,
    base_of_root: Rc<Base>,
    base_of_variables: Rc<Base>,
    last_base: u64,
    /// Of the array that is subscripted.
    size: Option<usize>,
    passes_over: bool,
    is_said: bool,
    depth: usize,
    steps: usize,
}

impl<'a, H: Host> Run<'a, H> {
    fn new(path: &'a Path, given: Given<'_>, host: &'a H) -> Result<Self, Failure<H::Error>> {
        let read = |text: &str| {
            let value = document::read(text).map_err(|_| {
                let message = "invalid input syntax for type json";
                Failure::Path(Wrong::new("22P02", message))
            })?;
            Ok(Item::of(value))
        };
        let root = read(given.document)?;
        let variables = given.variables.map(read).transpose()?;
        if variables.as_ref().is_some_and(|all| all.kind() != "object") {
            let wrong = Wrong::new("22023", "\"vars\" argument is not an object").detailed(
                "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.",
            );
            return Err(Failure::Path(wrong));
        }
        Ok(Self {
            path,
            host,
            base: Base::new(0, None),
            base_of_root: Base::new(0, Some(root.clone())),
            base_of_variables: Base::new(1, variables.clone()),
            current: root.clone(),
            root,
            last_base: if variables.is_some() { 2 } else { 1 },
            variables,
            size: None,
            passes_over: path.is_lax,
            is_said: !given.is_silent,
            depth: 0,
            steps: 0,
        })
    }

    fn part(&self, place: Place) -> Result<&'a Part, Stop<H::Error>> {
        let part = self.path.parts.get(place);
        part.ok_or_else(|| Wrong::new("XX000", "a part of the path is missing").into())
    }

    fn is_lax(&self) -> bool {
        self.path.is_lax
    }

    /// Whether a strict path has to find errors that come late.
    fn is_strict(&self) -> bool {
        !self.path.is_lax
    }

    /// Arrays behind an accessor.
    fn arrays(&self) -> Arrays {
        match self.path.is_lax {
            true => Arrays::Opened,
            false => Arrays::Kept,
        }
    }

    /// An error that the caller of the path may want to know nothing of.
    fn error<T>(
        &self,
        sqlstate: &'static str,
        message: impl Into<String>,
    ) -> Result<T, Stop<H::Error>> {
        match self.is_said {
            true => Err(Wrong::new(sqlstate, message).into()),
            false => Err(Stop::Unsaid),
        }
    }

    /// The same of what does not fit the document, over which a lax path passes.
    fn misfit(&self, sqlstate: &'static str, message: impl Into<String>) -> Outcome<H> {
        match self.passes_over {
            true => Ok(Found::Nothing),
            false => self.error(sqlstate, message),
        }
    }

    /// What the host computed, or that it could not.
    fn computed<T>(&self, result: Result<T, H::Error>) -> Result<T, Stop<H::Error>> {
        result.map_err(|error| match self.is_said {
            true => Stop::Said(Failure::Host(error)),
            false => Stop::Unsaid,
        })
    }

    fn step(&mut self) -> Result<(), Stop<H::Error>> {
        self.steps += 1;
        match self.steps > MOST_STEPS {
            true => Err(Wrong::new("54000", "following the jsonpath takes too long").into()),
            false => Ok(()),
        }
    }

    fn deeper<T>(
        &mut self,
        follow: impl FnOnce(&mut Self) -> Result<T, Stop<H::Error>>,
    ) -> Result<T, Stop<H::Error>> {
        if self.depth >= DEEPEST {
            return Err(Wrong::too_deep().into());
        }
        self.depth += 1;
        let result = follow(self);
        self.depth -= 1;
        result
    }

    /// Without telling of errors.
    fn unsaid<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> T {
        let is_said = std::mem::replace(&mut self.is_said, false);
        let result = follow(self);
        self.is_said = is_said;
        result
    }

    /// Passing over what is not there.
    fn passing_over<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> T {
        let passes_over = std::mem::replace(&mut self.passes_over, true);
        let result = follow(self);
        self.passes_over = passes_over;
        result
    }

    /// `executeItem`
    fn item(&mut self, place: Place, item: &Item, into: Sink<'_>) -> Outcome<H> {
        self.item_of(place, item, into, self.arrays())
    }

    /// `executeNextItem`: what stands behind a part.
    fn next(&mut self, part: &Part, item: &Item, into: Sink<'_>) -> Outcome<H> {
        self.next_of(part.next, item, into)
    }

    fn next_of(&mut self, next: Option<Place>, item: &Item, into: Sink<'_>) -> Outcome<H> {
        if let Some(next) = next {
            return self.item(next, item, into);
        }
        if let Some(into) = into {
            self.step()?;
            into.push(item.clone());
        }
        Ok(Found::Something)
    }

    /// `executeItemOptUnwrapTarget`
    fn item_of(&mut self, place: Place, item: &Item, into: Sink<'_>, arrays: Arrays) -> Outcome<H> {
        self.step()?;
        self.deeper(|run| run.followed(place, item, into, arrays))
    }

    fn followed(
        &mut self,
        place: Place,
        item: &Item,
        into: Sink<'_>,
        arrays: Arrays,
    ) -> Outcome<H> {
        let part = self.part(place)?;
        let opens = matches!(
            part.what,
            What::Filter(_) | What::Key(_) | What::AnyKey | What::Method(_)
        );
        if opens && arrays == Arrays::Opened && matches!(item, Item::List(_)) && part.opens() {
            return self.opened(Some(place), item, into, Arrays::Kept);
        }
        match &part.what {
            What::Root => {
                let root = self.root.clone();
                let base = Rc::clone(&self.base_of_root);
                self.based(base, |run| run.next(part, &root, into))
            }
            What::Current => {
                let current = self.current.clone();
                self.next(part, &current, into)
            }
            What::Null | What::Boolean(_) | What::Number(_) | What::Text(_) | What::Variable(_) => {
                self.constant(part, into)
            }
            What::Last => self.last(part, into),
            What::Key(key) => self.key(part, key, item, into),
            What::AnyKey => self.any_key(part, item, into),
            What::AnyElement => self.any_element(part, item, into),
            What::Elements(elements) => self.elements(part, elements, item, into),
            What::AnyLevel { first, last } => self.any_level(part, (*first, *last), item, into),
            What::Filter(filter) => match self.filter(*filter, item)? {
                true => self.next(part, item, into),
                false => Ok(Found::Nothing),
            },
            What::Method(method) => self.method(part, *method, item, into),
            What::Arithmetic(operator, left, right) => {
                self.arithmetic(part, *operator, (*left, *right), item, into)
            }
            What::Plus(operand) | What::Minus(operand) => self.signed(part, *operand, item, into),
            What::And(..)
            | What::Or(..)
            | What::Not(_)
            | What::IsUnknown(_)
            | What::Exists(_)
            | What::Compare(..)
            | What::StartsWith(..)
            | What::LikeRegex(..) => {
                let truth = self.truth(place, item)?;
                if part.next.is_none() && into.is_none() {
                    return Ok(Found::Something);
                }
                let truth = truth.map_or(Item::Null, Item::Boolean);
                self.next(part, &truth, into)
            }
        }
    }

    /// With another document whose objects are numbered.
    fn based(
        &mut self,
        base: Rc<Base>,
        follow: impl FnOnce(&mut Self) -> Outcome<H>,
    ) -> Outcome<H> {
        let before = std::mem::replace(&mut self.base, base);
        let outcome = follow(self);
        self.base = before;
        outcome
    }

    fn constant(&mut self, part: &Part, into: Sink<'_>) -> Outcome<H> {
        let item = match &part.what {
            // One that is not there is an error though nobody asks for its value.
            What::Variable(name) => return self.variable(part, name, into),
            _ if part.next.is_none() && into.is_none() => return Ok(Found::Something),
            What::Boolean(truth) => Item::Boolean(*truth),
            What::Number(digits) => Item::Number(digits.as_str().into()),
            What::Text(text) => Item::Text(text.as_str().into()),
            _ => Item::Null,
        };
        self.next(part, &item, into)
    }

    /// `getJsonPathVariable`
    fn variable(&mut self, part: &Part, name: &str, into: Sink<'_>) -> Outcome<H> {
        let Some(all) = &self.variables else {
            return self.next(part, &Item::Null, into);
        };
        let Some(item) = all.member(name).cloned() else {
            let message = format!("could not find jsonpath variable \"{name}\"");
            return Err(Wrong::new("42704", message).into());
        };
        let base = Rc::clone(&self.base_of_variables);
        self.based(base, |run| run.next(part, &item, into))
    }

    /// `executeItemOptUnwrapResult`
    fn operand(
        &mut self,
        place: Place,
        item: &Item,
        arrays: Arrays,
    ) -> Result<Vec<Item>, Stop<H::Error>> {
        let mut found = Vec::new();
        self.item(place, item, Some(&mut found))?;
        if arrays == Arrays::Kept || self.arrays() == Arrays::Kept {
            return Ok(found);
        }
        let mut opened = Vec::with_capacity(found.len());
        for item in found {
            match &item {
                Item::List(elements) => {
                    for element in elements.iter() {
                        self.step()?;
                        opened.push(element.clone());
                    }
                }
                _ => opened.push(item),
            }
        }
        Ok(opened)
    }
}

impl Part {
    /// Whether it is one that takes the elements of an array in lax mode.
    fn opens(&self) -> bool {
        use super::tree::Method;
        !matches!(self.what, What::Method(Method::Type | Method::Size))
    }
}
