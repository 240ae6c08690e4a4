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

/// Words that continue an expression, but for AND and OR, which take whole ones.
const CHAINING: &[&str] = &[
    "AT", "BETWEEN", "COLLATE", "ILIKE", "IN", "IS", "ISNULL", "LIKE", "NOT", "NOTNULL",
    "OPERATOR", "OVERLAPS", "SIMILAR",
];

/// Words that take whole expressions or queries.
const JOINING: &[&str] = &["AND", "EXCEPT", "INTERSECT", "MINUS", "OR", "UNION"];

/// What a level of parentheses contains so far.
#[derive(Clone, Copy, Default)]
struct Level {
    joined: usize,
    /// The longest chain between two joining words.
    longest: usize,
    chained: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.joined + self.longest.max(self.chained)
    }
}

/// Whether the chains and parentheses are short enough.
pub(crate) fn is_bearable(text: &str, lexemes: &[Lexeme]) -> bool {
    let mut open: Vec<Level> = Vec::new();
    let (mut here, mut around) = (Level::default(), 0_usize);
    // `t JOIN u JOIN v ON … ON …` nests its joins to the right.
    let mut joins_without_condition = 0_usize;
    let mut crossed = false;
    for lexeme in lexemes {
        match lexeme.kind {
            Kind::Operator => here.chained += 1,
            Kind::Punctuation => match text.as_bytes()[lexeme.range().start] {
                b'(' | b'[' | b'{' => {
                    open.push(here);
                    around += here.depth();
                    here = Level::default();
                }
                b')' | b']' | b'}' => {
                    let inner = here.depth();
                    here = open.pop().unwrap_or_default();
                    around = around.saturating_sub(here.depth());
                    here.longest = here.longest.max(inner);
                    // `a[1][2]`, `f(x)(y)`
                    here.chained += 1;
                }
                b',' => here = Level::default(),
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
                    };
                } else if is_one_of(word, CHAINING) {
                    here.chained += 1;
                } else if word.eq_ignore_ascii_case("JOIN") && !crossed {
                    joins_without_condition += 1;
                } else if is_one_of(word, &["ON", "USING"]) {
                    joins_without_condition = joins_without_condition.saturating_sub(1);
                }
                crossed = is_one_of(word, &["CROSS", "NATURAL"]);
            }
            _ => {}
        }
        if around + here.depth() > LONGEST_CHAIN || joins_without_condition > DEEPEST_NESTING {
            return false;
        }
    }
    true
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    (2..=9).contains(&word.len()) && list.iter().any(|other| word.eq_ignore_ascii_case(other))
}
