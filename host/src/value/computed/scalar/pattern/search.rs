//! A search for what a regular expression matches: of the matches that begin first the longest.

use std::cell::RefCell;
use std::rc::Rc;

use pgiris_values::expression::{Expression, Options};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::value::ValueError;

/// Bytes that an expression may take up.
const MOST_MEMORY: usize = 4 << 20;
/// Steps of one search, a byte each: what PostgreSQL would take about a second for.
const MOST_STEPS: u64 = 50_000_000;
/// How often the memory is filled in one search: then each step makes a state of its own.
const MOST_CLEARINGS: usize = 20;
/// States of an expression times bytes of a match whose groups are asked for.
const MOST_DIVIDED: usize = 2_000_000_000;
/// Expressions that are kept: those of some columns of one statement.
const KEPT: usize = 8;

/// Where something is found, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A match, and its groups from the first one.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) whole: Span,
    pub(super) groups: Vec<Option<Span>>,
}

/// What an expression became.
struct Compiled {
    groups: usize,
    longest: DFA,
    /// Of those with groups that are divided as in PostgreSQL.
    divided: Option<PikeVM>,
}

thread_local! {
    /// Rows come one by one, and each would compile its expression again.
    static COMPILED: RefCell<Vec<(String, Options, Rc<Compiled>)>> = const { RefCell::new(Vec::new()) };
}

/// A search in one text.
pub(in super::super) struct Search<'a> {
    compiled: Rc<Compiled>,
    text: &'a str,
    cache: Cache,
    steps: u64,
}

impl<'a> Search<'a> {
    /// # Errors
    /// The expression is none, or none that is known to mean the same.
    pub(in super::super) fn new(
        text: &'a str,
        expression: &str,
        options: Options,
    ) -> Result<Self, ValueError> {
        let options = Options {
            every: false,
            ..options
        };
        let compiled = compiled(expression, options)?;
        let cache = compiled.longest.create_cache();
        Ok(Self {
            compiled,
            text,
            cache,
            steps: 0,
        })
    }

    /// Bytes of the text.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Where the search goes on behind a match: behind the next character, if it is one of nothing.
    pub(super) fn behind(&self, span: Span) -> Option<usize> {
        if span.start < span.end {
            return Some(span.end);
        }
        let next = self.text.get(span.end..)?.chars().next()?;
        Some(span.end + next.len_utf8())
    }

    /// The first match that begins at `from` or behind it.
    ///
    /// # Errors
    /// The search takes too long.
    pub(in super::super) fn find(&mut self, from: usize) -> Result<Option<Span>, ValueError> {
        let rest = self.text.get(from..).unwrap_or_default();
        let starts = rest.char_indices().map(|(start, _)| start);
        for start in starts.chain(std::iter::once(rest.len())) {
            let start = from + start;
            if let Some(end) = self.longest(start)? {
                return Ok(Some(Span { start, end }));
            }
        }
        Ok(None)
    }

    /// The same with its groups.
    ///
    /// # Errors
    /// The search takes too long, or the groups may be divided otherwise in PostgreSQL.
    pub(super) fn find_groups(&mut self, from: usize) -> Result<Option<Found>, ValueError> {
        let Some(whole) = self.find(from)? else {
            return Ok(None);
        };
        let mut groups = Vec::new();
        if self.compiled.groups > 0 {
            groups = self.divided(whole)?.ok_or_else(unsupported)?;
        }
        Ok(Some(Found { whole, groups }))
    }

    fn divided(&self, whole: Span) -> Result<Option<Vec<Option<Span>>>, ValueError> {
        let Some(machine) = &self.compiled.divided else {
            return Ok(None);
        };
        let states = machine.get_nfa().states().len();
        if states.saturating_mul(whole.end - whole.start) > MOST_DIVIDED {
            return Err(ValueError::expression_too_complex());
        }
        let mut captures = machine.create_captures();
        let input = Input::new(self.text)
            .range(whole.start..whole.end)
            .anchored(Anchored::Yes);
        machine.captures(&mut machine.create_cache(), input, &mut captures);
        // What prefers the first way has to come to the same end.
        let end = captures.get_match().map(|found| found.end());
        if end != Some(whole.end) {
            return Ok(None);
        }
        let group = |index| {
            captures.get_group(index).map(|span| Span {
                start: span.start,
                end: span.end,
            })
        };
        Ok(Some((1..=self.compiled.groups).map(group).collect()))
    }

    /// Where the longest match that begins at `start` ends.
    fn longest(&mut self, start: usize) -> Result<Option<usize>, ValueError> {
        let complex = ValueError::expression_too_complex;
        let (dfa, cache) = (&self.compiled.longest, &mut self.cache);
        let input = Input::new(self.text).range(start..).anchored(Anchored::Yes);
        let mut state = dfa
            .start_state_forward(cache, &input)
            .map_err(|_| complex())?;
        let mut found = None;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        for (index, byte) in rest.iter().enumerate() {
            self.steps += 1;
            state = dfa.next_state(cache, state, *byte).map_err(|_| complex())?;
            // A match is known one byte behind its end.
            if state.is_match() {
                found = Some(start + index);
            } else if state.is_dead() {
                return Ok(found);
            } else if state.is_quit() {
                return Err(complex());
            }
            if self.steps > MOST_STEPS {
                return Err(complex());
            }
        }
        self.steps += 1;
        let end = dfa.next_eoi_state(cache, state).map_err(|_| complex())?;
        Ok(if end.is_match() {
            Some(self.text.len())
        } else {
            found
        })
    }
}

/// Looks at an expression without a text.
///
/// # Errors
/// It is none, or none that is known to mean the same.
pub(in super::super) fn checked(expression: &str, options: Options) -> Result<(), ValueError> {
    compiled(expression, options).map(|_| ())
}

fn unsupported() -> ValueError {
    ValueError::expression(pgiris_values::expression::Wrong::Unsupported)
}

/// The expression, as it was kept or anew.
fn compiled(expression: &str, options: Options) -> Result<Rc<Compiled>, ValueError> {
    let known = COMPILED.with_borrow(|all| {
        let mut all = all.iter();
        all.find(|(text, of, _)| text == expression && *of == options)
            .map(|(_, _, compiled)| Rc::clone(compiled))
    });
    if let Some(known) = known {
        return Ok(known);
    }
    let compiled = Rc::new(compile(expression, options)?);
    COMPILED.with_borrow_mut(|all| {
        if all.len() >= KEPT {
            all.remove(0);
        }
        all.push((expression.to_owned(), options, Rc::clone(&compiled)));
    });
    Ok(compiled)
}

fn compile(expression: &str, options: Options) -> Result<Compiled, ValueError> {
    let complex = ValueError::expression_too_complex;
    let read = Expression::read(expression, options).map_err(ValueError::expression)?;
    let limits = syntax::Config::new().nest_limit(500);
    let nfa: NFA = thompson::Compiler::new()
        .syntax(limits)
        .configure(thompson::Config::new().nfa_size_limit(Some(MOST_MEMORY)))
        .build(&read.pattern)
        .map_err(|_| complex())?;
    let divided = match read.groups > 0 && read.is_divided_alike {
        true => Some(PikeVM::new_from_nfa(nfa.clone()).map_err(|_| complex())?),
        false => None,
    };
    let config = DFA::config()
        .match_kind(MatchKind::All)
        .cache_capacity(MOST_MEMORY)
        .minimum_cache_clear_count(Some(MOST_CLEARINGS))
        .skip_cache_capacity_check(true);
    let longest = DFA::builder()
        .configure(config)
        .build_from_nfa(nfa)
        .map_err(|_| complex())?;
    Ok(Compiled {
        groups: read.groups,
        longest,
        divided,
    })
}
