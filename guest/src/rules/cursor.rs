//! # What it does
//! Has the broker keep the cursors of SQL: `DECLARE`, `FETCH`, `MOVE` and `CLOSE`.
//!
//! # Why
//! IRIS has cursors only in embedded SQL. The broker runs the query and keeps its rows as
//! far as the cursor may go back to them or outlives its transaction.
//!
//! # Example
//! `DECLARE c CURSOR FOR SELECT a FROM t`, then `FETCH 10 FROM c`.
//!
//! # Limits
//! `WHERE CURRENT OF` is IRIS's own and finds no such cursor. A cursor with neither `SCROLL`
//! nor `NO SCROLL` goes back as far as its rows are still in memory.
//!
//! # Versions
//! All.

use crate::classify::{counted, plain};
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::inner;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::{
    Cursor, CursorDeclaration, CursorDirection, CursorFetch, CursorHold, CursorScroll, CursorStep,
    Diagnostic, Plan, Tag,
};

pub(crate) struct Cursors;

impl Rule for Cursors {
    fn name(&self) -> &'static str {
        "cursor"
    }

    fn summary(&self) -> &'static str {
        "has the broker keep the cursors of DECLARE, FETCH, MOVE and CLOSE"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let (step, tag) = if words.take("DECLARE") {
            (declare(&mut words, scene)?, plain("DECLARE CURSOR"))
        } else if words.take("FETCH") {
            (fetch(&mut words, false)?, counted("FETCH"))
        } else if words.take("MOVE") {
            (fetch(&mut words, true)?, counted("MOVE"))
        } else if words.take("CLOSE") {
            close(&mut words)?
        } else {
            return Ok(None);
        };
        Ok(Some(Plan::Cursor(Cursor { step, tag }).into()))
    }
}

/// `name [ option … ] CURSOR [ WITH HOLD | WITHOUT HOLD ] FOR query`
fn declare(words: &mut Words<'_>, scene: &Scene<'_>) -> Diagnosed<CursorStep> {
    let name = words.identifier()?;
    let options = options(words)?;
    words.expect("CURSOR")?;
    let hold = if words.take_all(&["WITH", "HOLD"]) {
        CursorHold::Session
    } else {
        words.take_all(&["WITHOUT", "HOLD"]);
        CursorHold::Transaction
    };
    words.expect("FOR")?;
    let source = words.source;
    let Some(first) = words.peek() else {
        return words.fail();
    };
    let is_query = first.is_symbol(source.text, "(")
        || ["SELECT", "VALUES", "TABLE", "WITH"]
            .iter()
            .any(|verb| first.is(source.text, verb));
    if !is_query {
        return words.fail();
    }
    Ok(CursorStep::Declare(CursorDeclaration {
        name,
        query: inner::rest_of(source, first.range().start, scene),
        parameters: vec![0; source.parameter_count()],
        hold,
        scroll: options.scroll,
        binary: options.binary,
    }))
}

struct Options {
    scroll: CursorScroll,
    binary: bool,
}

/// "The key words … can appear in any order."
fn options(words: &mut Words<'_>) -> Diagnosed<Options> {
    let (mut scroll, mut no_scroll, mut binary) = (false, false, false);
    let (mut sensitive, mut insensitive) = (false, false);
    loop {
        if words.take("BINARY") {
            binary = true;
        } else if words.take("INSENSITIVE") {
            insensitive = true;
        } else if words.take("ASENSITIVE") {
            sensitive = true;
        } else if words.take("SCROLL") {
            scroll = true;
        } else if words.take_all(&["NO", "SCROLL"]) {
            no_scroll = true;
        } else {
            break;
        }
    }
    let both = |what: &str| {
        Diagnostic::error("42P11", format!("cannot specify both {what}"))
            .at(words.source.text, words.source.range().start)
    };
    if scroll && no_scroll {
        return Err(both("SCROLL and NO SCROLL"));
    }
    if sensitive && insensitive {
        return Err(both("INSENSITIVE and ASENSITIVE"));
    }
    let scroll = match (scroll, no_scroll) {
        (true, _) => CursorScroll::Scroll,
        (_, true) => CursorScroll::Forward,
        _ => CursorScroll::Unspecified,
    };
    Ok(Options { scroll, binary })
}

/// `[ direction ] [ FROM | IN ] name`
fn fetch(words: &mut Words<'_>, discard: bool) -> Diagnosed<CursorStep> {
    let mut with_direction = words.clone();
    let direction = direction(&mut with_direction)?;
    // A cursor may have the name of a direction.
    let direction = if direction.is_some() && !with_direction.at_end() {
        *words = with_direction;
        direction
    } else {
        None
    };
    if !words.take("FROM") {
        words.take("IN");
    }
    let name = words.identifier()?;
    words.end()?;
    Ok(CursorStep::Fetch(CursorFetch {
        name,
        direction: direction.unwrap_or(CursorDirection::RelativeRows(1)),
        discard,
    }))
}

fn direction(words: &mut Words<'_>) -> Diagnosed<Option<CursorDirection>> {
    use CursorDirection::{Absolute, AllBackward, AllForward, Relative, RelativeRows};
    for (keyword, direction) in [
        ("NEXT", RelativeRows(1)),
        ("PRIOR", RelativeRows(-1)),
        ("FIRST", Absolute(1)),
        ("LAST", Absolute(-1)),
        ("ALL", AllForward),
    ] {
        if words.take(keyword) {
            return Ok(Some(direction));
        }
    }
    for (keyword, make) in [
        ("ABSOLUTE", Absolute as fn(i64) -> CursorDirection),
        ("RELATIVE", Relative),
    ] {
        if words.take(keyword) {
            return Ok(number(words)?.map(make));
        }
    }
    if words.take("FORWARD") {
        if words.take("ALL") {
            return Ok(Some(AllForward));
        }
        return Ok(Some(RelativeRows(number(words)?.unwrap_or(1))));
    }
    if words.take("BACKWARD") {
        if words.take("ALL") {
            return Ok(Some(AllBackward));
        }
        return Ok(Some(RelativeRows(-number(words)?.unwrap_or(1))));
    }
    Ok(number(words)?.map(RelativeRows))
}

/// An integer of 32 bits, with its sign.
fn number(words: &mut Words<'_>) -> Diagnosed<Option<i64>> {
    let mut ahead = words.clone();
    let negative = ahead.take_symbol("-");
    if !negative {
        ahead.take_symbol("+");
    }
    let Some(lexeme) = ahead.peek().filter(|lexeme| lexeme.kind == Kind::Number) else {
        return Ok(None);
    };
    let digits = lexeme.text(ahead.source.text);
    let Ok(value) = digits.parse::<i32>() else {
        return ahead.fail();
    };
    ahead.advance();
    *words = ahead;
    let value = i64::from(value);
    Ok(Some(if negative { -value } else { value }))
}

fn close(words: &mut Words<'_>) -> Diagnosed<(CursorStep, Tag)> {
    if words.take("ALL") {
        words.end()?;
        return Ok((CursorStep::CloseAll, plain("CLOSE CURSOR ALL")));
    }
    let name = words.identifier()?;
    words.end()?;
    Ok((CursorStep::Close(name), plain("CLOSE CURSOR")))
}
