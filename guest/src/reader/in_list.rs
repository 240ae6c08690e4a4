//! `IN` and a list that begins with a subquery. The parser takes the first parenthesis for that of
//! `IN (SELECT …)`, and finds no end.

use sqlparser::ast::Expr;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// Whether such a list follows behind IN, which is behind so many tokens.
pub(super) fn follows(parser: &Parser, behind: usize) -> bool {
    let is =
        |place: usize, wanted: &Token| parser.peek_nth_token_ref(behind + place).token == *wanted;
    let is_in = matches!(&parser.peek_nth_token_ref(behind).token,
        Token::Word(word) if word.keyword == Keyword::IN);
    if !is_in || !is(1, &Token::LParen) || !is(2, &Token::LParen) {
        return false;
    }
    let begins_query = matches!(&parser.peek_nth_token_ref(behind + 3).token,
        Token::Word(word) if matches!(word.keyword, Keyword::SELECT | Keyword::WITH));
    begins_query && matches!(behind_parenthesis(parser, behind + 2), Some(Token::Comma))
}

/// What stands behind the parenthesis that ends what the one at a place begins.
fn behind_parenthesis<'a>(parser: &'a Parser<'_>, start: usize) -> Option<&'a Token> {
    let mut open = 0_usize;
    let mut place = start;
    loop {
        match &parser.peek_nth_token_ref(place).token {
            Token::LParen => open += 1,
            Token::RParen => open = open.saturating_sub(1),
            Token::EOF => return None,
            _ => {}
        }
        place += 1;
        if open == 0 {
            return Some(&parser.peek_nth_token_ref(place).token);
        }
    }
}

/// The list and its parentheses.
pub(super) fn list(
    parser: &mut Parser,
    operand: &Expr,
    negated: bool,
) -> Result<Expr, ParserError> {
    parser.expect_token(&Token::LParen)?;
    let list = parser.parse_comma_separated(Parser::parse_expr)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::InList {
        expr: Box::new(operand.clone()),
        list,
        negated,
    })
}
