//! Bounds the depth of a tree by its tokens, before a parser recurses into it.
//!
//! A chain of binary operators is a tree as deep as the chain is long, although a
//! parser reads it in a loop; every later walk would recurse that deep.

use super::lexeme::{Kind, Lexeme};

/// Operators in one chain, those around it included.
///
/// A walk takes well below one kilobyte of stack for each; components run with
/// a stack of one megabyte.
pub(crate) const LONGEST_CHAIN: usize = 1_000;

/// Parentheses, function calls, subqueries, CASE … within one another.
///
/// The parser takes several kilobytes of stack for each.
pub(crate) const DEEPEST_NESTING: usize = 100;

/// Joins whose conditions stand behind other joins: the parser takes much more for each, and
/// counts none.
const DEEPEST_JOINS: usize = 24;

/// As many links of another chain is one of `->`, `#>>` and of AT TIME ZONE: what is written for
/// it is made of the whole chain before it.
const HEAVY: usize = 8;

/// As many links of another chain is one of an operator that becomes a call: every walk takes
/// several steps into a call's arguments.
const CALLED: usize = 3;

/// Operators that stay operators.
const KEPT: &[&str] = &[
    "+", "-", "*", "/", "||", "=", "<>", "!=", "<", ">", "<=", ">=",
];

/// Queries within one another: the walks that know what is in reach take much more for each.
const DEEPEST_QUERIES: usize = 32;

/// Words that continue an expression, but for AND and OR, which take whole ones.
const CHAINING: &[&str] = &[
    "AT", "BETWEEN", "COLLATE", "ILIKE", "IN", "IS", "ISNULL", "LIKE", "NOT", "NOTNULL",
    "OPERATOR", "OVERLAPS", "SIMILAR",
];

/// Words that take whole expressions.
const JOINING: &[&str] = &["AND", "OR"];

/// Words that take whole queries, with all the lists in them.
const UNITING: &[&str] = &["EXCEPT", "INTERSECT", "MINUS", "UNION"];

/// What a level of parentheses contains so far.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Whether it is a query.
    query: bool,
    united: usize,
    joined: usize,
    /// The longest chain between two joining words.
    longest: usize,
    chained: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.united + self.joined + self.longest.max(self.chained)
    }

    /// What follows a comma, or a query in a chain of them, is another expression.
    fn next(self) -> Self {
        Self {
            query: self.query,
            united: self.united,
            ..Self::default()
        }
    }
}

/// Whether chains are short enough and nothing is nested too deep: the parser gives up at that
/// depth too, but not everywhere says that this is why.
pub(crate) fn is_bearable(text: &str, lexemes: &[Lexeme]) -> bool {
    let mut open: Vec<Level> = Vec::new();
    let (mut here, mut around) = (Level::default(), 0_usize);
    // `t JOIN u JOIN v ON … ON …` nests its joins to the right.
    let mut joins_without_condition = 0_usize;
    let mut crossed = false;
    // CASE nests without parentheses.
    let mut cases = 0_usize;
    let mut queries = 0_usize;
    for lexeme in lexemes {
        match lexeme.kind {
            Kind::Operator => here.chained += weight(lexeme.text(text)),
            Kind::Punctuation => match text.as_bytes()[lexeme.range().start] {
                b'(' | b'[' | b'{' => {
                    open.push(here);
                    around += here.depth();
                    here = Level::default();
                }
                b')' | b']' | b'}' => {
                    let inner = here.depth();
                    queries = queries.saturating_sub(usize::from(here.query));
                    here = open.pop().unwrap_or_default();
                    around = around.saturating_sub(here.depth());
                    here.longest = here.longest.max(inner);
                    // `a[1][2]`, `f(x)(y)`
                    here.chained += 1;
                }
                b',' => here = here.next(),
                b':' => here.chained += 1,
                _ => {}
            },
            Kind::Word => {
                let word = lexeme.text(text);
                if is_one_of(word, JOINING) {
                    here = Level {
                        joined: here.joined + 1,
                        longest: here.longest.max(here.chained),
                        chained: 0,
                        ..here
                    };
                } else if is_one_of(word, UNITING) {
                    here = here.next();
                    here.united += 1;
                } else if is_one_of(word, &["SELECT"]) && !here.query {
                    here.query = true;
                    queries += 1;
                } else if is_one_of(word, &["CASE"]) {
                    cases += 1;
                } else if is_one_of(word, &["END"]) {
                    cases = cases.saturating_sub(1);
                } else if is_one_of(word, CHAINING) {
                    here.chained += if is_one_of(word, &["AT"]) { HEAVY } else { 1 };
                } else if word.eq_ignore_ascii_case("JOIN") && !crossed {
                    joins_without_condition += 1;
                } else if is_one_of(word, &["ON", "USING"]) {
                    joins_without_condition = joins_without_condition.saturating_sub(1);
                }
                crossed = is_one_of(word, &["CROSS", "NATURAL"]);
            }
            _ => {}
        }
        if around + here.depth() > LONGEST_CHAIN
            || joins_without_condition > DEEPEST_JOINS
            || open.len() + cases > DEEPEST_NESTING
            || queries > DEEPEST_QUERIES
        {
            return false;
        }
    }
    true
}

/// As how many links of a chain an operator counts.
fn weight(operator: &str) -> usize {
    match operator {
        "->" | "->>" | "#>" | "#>>" => HEAVY,
        other if KEPT.contains(&other) => 1,
        _ => CALLED,
    }
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    (2..=9).contains(&word.len()) && list.iter().any(|other| word.eq_ignore_ascii_case(other))
}
