//! `OPERATOR(pg_catalog.=) ANY (…)`. The parser takes ANY and ALL behind a plain operator alone.
//!
//! PostgreSQL manual, "Operator Invocations" and "Row and Array Comparisons".

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

const QUANTIFIERS: &[Keyword] = &[Keyword::ANY, Keyword::SOME, Keyword::ALL];

/// Whether such an operator follows, with ANY or ALL behind it.
pub(super) fn follows(parser: &Parser) -> bool {
    let at = |place: usize| &parser.peek_nth_token_ref(place).token;
    let is = |place: usize, keywords: &[Keyword]| matches!(at(place), Token::Word(word) if keywords.contains(&word.keyword));
    if !is(0, &[Keyword::OPERATOR]) || *at(1) != Token::LParen {
        return false;
    }
    // Schemas and periods in front of the operator.
    let mut place = 2;
    while matches!(at(place), Token::Word(_)) && *at(place + 1) == Token::Period {
        place += 2;
    }
    *at(place + 1) == Token::RParen && is(place + 2, QUANTIFIERS)
}

/// The comparison.
pub(super) fn comparison(
    parser: &mut Parser,
    left: &Expr,
    precedence: u8,
) -> Result<Expr, ParserError> {
    parser.expect_keyword(Keyword::OPERATOR)?;
    parser.expect_token(&Token::LParen)?;
    let mut names = vec![parser.next_token().to_string()];
    while parser.consume_token(&Token::Period) {
        names.push(parser.next_token().to_string());
    }
    parser.expect_token(&Token::RParen)?;
    let all = parser.expect_one_of_keywords(QUANTIFIERS)? == Keyword::ALL;
    let begins_query = matches!(&parser.peek_nth_token_ref(1).token,
        Token::Word(word) if matches!(word.keyword, Keyword::SELECT | Keyword::WITH));
    let right = if begins_query {
        parser.parse_subexpr(precedence)?
    } else {
        parser.expect_token(&Token::LParen)?;
        let array = parser.parse_expr()?;
        parser.expect_token(&Token::RParen)?;
        array
    };
    let (left, compare_op, right) = (Box::new(left.clone()), operator(names), Box::new(right));
    Ok(if all {
        Expr::AllOp {
            left,
            compare_op,
            right,
        }
    } else {
        Expr::AnyOp {
            left,
            compare_op,
            right,
            is_some: false,
        }
    })
}

/// PostgreSQL's own comparisons are those that need no schema.
fn operator(names: Vec<String>) -> BinaryOperator {
    let plain = match names.as_slice() {
        [name] => Some(name),
        [schema, name] if schema.eq_ignore_ascii_case("pg_catalog") => Some(name),
        _ => None,
    };
    match plain.map(String::as_str) {
        Some("=") => BinaryOperator::Eq,
        Some("<>" | "!=") => BinaryOperator::NotEq,
        Some("<") => BinaryOperator::Lt,
        Some("<=") => BinaryOperator::LtEq,
        Some(">") => BinaryOperator::Gt,
        Some(">=") => BinaryOperator::GtEq,
        _ => BinaryOperator::PGCustomBinaryOperator(names),
    }
}
