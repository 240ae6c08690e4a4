//! Which constants of a statement may as well be parameters, so that statements that differ in
//! nothing else are translated, and prepared on the server, once.
//!
//! A constant and a parameter mean the same to PostgreSQL where only the type counts: an integer has
//! a type of its own, which the parameter is declared with. It is not so where the text itself
//! counts: two expressions are the same to GROUP BY, DISTINCT and set operations if they are
//! written the same. Statements with such words are left alone, as are strings and sums, of which
//! the rules know more if they see them, and constants in the arguments of functions.

use crate::reader::lexeme::{Kind, Lexeme, ends_operand};
use crate::reader::lexer::lex;
use crate::reader::statement::{Source, split};
use crate::wit::{Literal, Substituted};

/// A longer text is rarely one of many of its kind.
const MOST_BYTES: usize = 16 * 1024;
const MOST_LITERALS: usize = 64;

const INT4: u32 = 23;
const INT8: u32 = 20;

const STATEMENTS: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE"];

/// Where two expressions must be written the same, where a constant is none, or where nothing
/// is gained because a plan has several steps.
const LEFT_ALONE: &[&str] = &[
    "GROUP",
    "DISTINCT",
    "HAVING",
    "OVER",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "MINUS",
    "WITH",
    "INTERVAL",
    "CONFLICT",
    "RETURNING",
    "TOP",
];

const COMPARISONS: &[&str] = &["=", "<", ">", "<=", ">=", "<>", "!="];
const SIGNS: &[&str] = &["+", "-"];

/// The one statement of a text with parameters in place of its constants, if there are any.
pub fn substitute(text: &str) -> Option<Substituted> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let tokens = lex(text).ok()?;
    let statements = split(&tokens);
    let [source] = statements.as_slice() else {
        return None;
    };
    if !STATEMENTS.iter().any(|word| source.begins(&[word])) || is_left_alone(source) {
        return None;
    }
    let mut places = Places::new(source);
    let found: Vec<(Lexeme, Literal)> = (0..source.lexemes.len())
        .filter_map(|at| places.literal(at))
        .collect();
    if found.is_empty() || found.len() > MOST_LITERALS {
        return None;
    }
    let mut template = String::with_capacity(text.len() + found.len());
    let mut end = 0;
    for (number, (lexeme, _)) in found.iter().enumerate() {
        template.push_str(&text[end..lexeme.range().start]);
        template.push('$');
        template.push_str(&(number + 1).to_string());
        end = lexeme.range().end;
    }
    template.push_str(&text[end..]);
    Some(Substituted {
        text: template,
        literals: found.into_iter().map(|(_, literal)| literal).collect(),
    })
}

/// Whether a word of the statement, a parameter or a catalogue forbids it.
fn is_left_alone(source: &Source<'_>) -> bool {
    source.lexemes.iter().any(|lexeme| match lexeme.kind {
        Kind::Placeholder(_) => true,
        Kind::Word => {
            let word = lexeme.text(source.text);
            let begins = |with: &str| {
                word.get(..with.len())
                    .is_some_and(|begin| begin.eq_ignore_ascii_case(with))
            };
            begins("pg_")
                || begins("information_schema")
                || LEFT_ALONE
                    .iter()
                    .any(|keyword| word.eq_ignore_ascii_case(keyword))
        }
        _ => false,
    })
}

/// A walk over the tokens of a statement.
struct Places<'a> {
    source: &'a Source<'a>,
    /// The open parentheses, and whether each holds the arguments of a function.
    open: Vec<Parenthesis>,
    /// Whether the rows of an INSERT have begun.
    in_values: bool,
    /// Whether the last constant was the lower bound of BETWEEN, and where it stood.
    between: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parenthesis {
    Plain,
    /// One of the rows of an INSERT.
    Row,
    Arguments,
}

impl<'a> Places<'a> {
    fn new(source: &'a Source<'a>) -> Self {
        Self {
            source,
            open: Vec::new(),
            in_values: false,
            between: None,
        }
    }

    /// The constant at a token, if it may be a parameter. To be asked of each token in order.
    fn literal(&mut self, at: usize) -> Option<(Lexeme, Literal)> {
        let lexeme = *self.source.lexemes.get(at)?;
        match lexeme.kind {
            Kind::Punctuation => self.follow(lexeme, at),
            Kind::Word if self.open.is_empty() && self.source.begins(&["INSERT"]) => {
                self.in_values |= lexeme.is(self.source.text, "VALUES");
            }
            Kind::Number if self.may_stand_for_itself(at) => {
                return Some((lexeme, integer(lexeme.text(self.source.text))?));
            }
            _ => {}
        }
        None
    }

    fn follow(&mut self, lexeme: Lexeme, at: usize) {
        let text = self.source.text;
        match lexeme.text(text) {
            "(" | "[" | "{" => {
                let before = self.before(at, 1);
                self.open.push(match before {
                    _ if lexeme.text(text) != "(" => Parenthesis::Arguments,
                    _ if self.in_values && self.open.is_empty() => Parenthesis::Row,
                    Some(_) if ends_operand(text, before) => Parenthesis::Arguments,
                    _ => Parenthesis::Plain,
                });
            }
            ")" | "]" | "}" => drop(self.open.pop()),
            _ => {}
        }
    }

    fn before(&self, at: usize, distance: usize) -> Option<Lexeme> {
        let place = at.checked_sub(distance)?;
        self.source.lexemes.get(place).copied()
    }

    fn is_one(&self, lexeme: Lexeme, symbols: &[&str]) -> bool {
        symbols
            .iter()
            .any(|symbol| lexeme.is_symbol(self.source.text, symbol))
    }

    /// Whether a constant here is an operand of a comparison or a sum, or a value of a row, and
    /// nothing more is made of it.
    fn may_stand_for_itself(&mut self, at: usize) -> bool {
        !self.open.contains(&Parenthesis::Arguments)
            && self.ends_behind(at)
            && (self.is_operand(at) || self.begins_value(at))
    }

    fn ends_behind(&self, at: usize) -> bool {
        let text = self.source.text;
        match self.source.lexemes.get(at + 1) {
            None => true,
            Some(next) => match next.kind {
                Kind::Word => ![
                    "COLLATE", "AT", "UESCAPE", "IS", "ISNULL", "NOTNULL", "ESCAPE",
                ]
                .iter()
                .any(|word| next.is(text, word)),
                Kind::Punctuation => matches!(next.text(text), ")" | "," | ";"),
                _ => false,
            },
        }
    }

    fn is_operand(&mut self, at: usize) -> bool {
        let text = self.source.text;
        let Some(before) = self.before(at, 1) else {
            return false;
        };
        if self.is_one(before, COMPARISONS) {
            return self.is_name(at, 2);
        }
        if self.is_one(before, SIGNS) {
            // `ORDER BY -1` names a column by its position, or would.
            let is_compared = self
                .before(at, 2)
                .is_some_and(|signed| self.is_one(signed, COMPARISONS));
            return self.begins_value(at - 1) || is_compared && self.is_name(at, 3);
        }
        if before.is(text, "BETWEEN") && self.is_name(at, 2) {
            self.between = Some(at);
            return true;
        }
        before.is(text, "AND") && self.between.is_some_and(|lower| lower + 2 == at)
    }

    /// Whether the token so far before is a name: of two constants neither gives the other a type.
    fn is_name(&self, at: usize, distance: usize) -> bool {
        const NONE: &[&str] = &["END", "NULL", "TRUE", "FALSE"];
        let text = self.source.text;
        self.before(at, distance).is_some_and(|one| match one.kind {
            Kind::QuotedIdentifier => true,
            Kind::Word => {
                ends_operand(text, Some(one)) && !NONE.iter().any(|word| one.is(text, word))
            }
            _ => false,
        })
    }

    /// Whether this token is the first of a value in a row.
    fn begins_value(&self, at: usize) -> bool {
        self.open == [Parenthesis::Row]
            && self
                .before(at, 1)
                .is_some_and(|before| self.is_one(before, &["(", ","]))
    }
}

/// An integer of one of the types that PostgreSQL gives to integers.
fn integer(text: &str) -> Option<Literal> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = text.parse().ok()?;
    let type_oid = match i32::try_from(value) {
        Ok(_) => INT4,
        Err(_) => INT8,
    };
    Some(Literal {
        type_oid,
        value: value.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        substitute(text).map_or_else(
            || "-".to_owned(),
            |found| {
                let literals = found.literals.iter();
                let values: Vec<_> = literals
                    .map(|literal| format!("{}:{}", literal.value, literal.type_oid))
                    .collect();
                format!("{} | {}", found.text, values.join(" "))
            },
        )
    }

    #[test]
    fn operands_of_comparisons_are_taken_out() {
        assert_eq!(
            shown("SELECT a FROM t WHERE id = 5 AND name <> 'it''s' -- 7"),
            "SELECT a FROM t WHERE id = $1 AND name <> 'it''s' -- 7 | 5:23"
        );
        assert_eq!(
            shown("update t set n = n + -3000000000 where k = -2 and id between 1 and 20;"),
            "update t set n = n + -3000000000 where k = -$1 and id between $2 and $3; | 2:23 1:23 20:23"
        );
    }

    #[test]
    fn so_are_values_of_rows() {
        assert_eq!(
            shown("INSERT INTO t (a, b, c) VALUES (1, 'x', lower('Y')), (-2, NULL, now())"),
            "INSERT INTO t (a, b, c) VALUES ($1, 'x', lower('Y')), (-$2, NULL, now()) \
             | 1:23 2:23"
        );
    }

    #[test]
    fn what_counts_as_it_is_written_stays() {
        for text in [
            "SELECT a + 1 FROM t GROUP BY a + 1",
            "SELECT a FROM t ORDER BY 1 LIMIT 5",
            "SELECT a FROM t ORDER BY -1",
            "SELECT ('' < '10') AS c, 1 + 2 AS d FROM t",
            "SELECT a FROM t WHERE CASE WHEN b THEN c END = 'x'",
            "SELECT round(a, 2), 'x', 5 FROM t",
            "SELECT a FROM t WHERE b = 1.5",
            "SELECT a FROM t WHERE b = '1'::int",
            "SELECT a FROM t WHERE b = date '2024-01-01'",
            "SELECT a FROM t WHERE b = 'x' || c",
            "SELECT a FROM t WHERE b = 'x' COLLATE \"C\"",
            "SELECT a FROM t WHERE b = 'con'\n'tinued'",
            "SELECT a FROM t WHERE b = 99999999999999999999",
            "SELECT a FROM t WHERE b = abs(c - 5)",
            "SELECT a FROM t WHERE b = $1 AND c = 5",
            "SELECT oid FROM pg_class WHERE relname = 'x'",
            "SELECT a FROM t WHERE b = 1; SELECT a FROM t WHERE b = 2",
            "CREATE TABLE t (a int DEFAULT - 1)",
            "SELECT 'unfinished",
            "",
        ] {
            assert_eq!(shown(text), "-", "{text}");
        }
    }
}
