//! One dialect that reads PostgreSQL's SQL and IRIS's.

use std::any::TypeId;

use sqlparser::ast::{BinaryOperator, ColumnOption, Expr, UnaryOperator, Value};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Word};

use super::{in_list, operator_call, percent};

/// PostgreSQL's dialect, with IRIS's predicates and statement forms.
#[derive(Debug)]
pub(crate) struct Superset;

const POSTGRESQL: PostgreSqlDialect = PostgreSqlDialect {};

/// Answers that are PostgreSQL's.
macro_rules! as_postgresql {
    ($($question:ident),+ $(,)?) => {
        $(fn $question(&self) -> bool { POSTGRESQL.$question() })+
    };
}

/// Forms that IRIS adds.
macro_rules! yes {
    ($($question:ident),+ $(,)?) => {
        $(fn $question(&self) -> bool { true })+
    };
}

impl Dialect for Superset {
    /// The parser asks by type whether it reads PostgreSQL.
    fn dialect(&self) -> TypeId {
        TypeId::of::<PostgreSqlDialect>()
    }

    fn is_identifier_start(&self, character: char) -> bool {
        POSTGRESQL.is_identifier_start(character)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        POSTGRESQL.is_identifier_part(character)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        POSTGRESQL.identifier_quote_style(identifier)
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        POSTGRESQL.is_reserved_for_identifier(keyword)
    }

    fn is_table_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        // Words of other databases, which PostgreSQL leaves free.
        matches!(
            keyword,
            Keyword::OUTPUT
                | Keyword::SETTINGS
                | Keyword::FORMAT
                | Keyword::CLUSTER
                | Keyword::DISTRIBUTE
                | Keyword::START
                | Keyword::CONNECT
                | Keyword::SEMI
                | Keyword::ANTI
                | Keyword::SAMPLE
        ) || POSTGRESQL.is_table_alias(keyword, parser)
    }

    fn is_column_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        matches!(
            keyword,
            Keyword::ANALYZE
                | Keyword::CLUSTER
                | Keyword::DISTRIBUTE
                | Keyword::EXCLUDE
                | Keyword::EXPLAIN
                | Keyword::MATCH
                | Keyword::MINUS
                | Keyword::SORT
                | Keyword::VIEW
        ) || !matches!(keyword, Keyword::FOR | Keyword::ON)
            && POSTGRESQL.is_column_alias(keyword, parser)
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        POSTGRESQL.prec_value(precedence)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        match &parser.peek_token_ref().token {
            // PostgreSQL manual, "Operator Precedence": whatever has no level of its own shares one.
            Token::Spaceship
            | Token::Tilde
            | Token::TildeAsterisk
            | Token::ExclamationMarkTilde
            | Token::ExclamationMarkTildeAsterisk
            | Token::DoubleTilde
            | Token::DoubleTildeAsterisk
            | Token::ExclamationMarkDoubleTilde
            | Token::ExclamationMarkDoubleTildeAsterisk => {
                Some(Ok(self.prec_value(Precedence::PgOther)))
            }
            Token::Word(word) if is_infix(word) => Some(Ok(self.prec_value(Precedence::Like))),
            Token::Word(word) if word.keyword == Keyword::NOT => match &parser
                .peek_nth_token_ref(1)
                .token
            {
                Token::Word(word) if is_infix(word) => Some(Ok(self.prec_value(Precedence::Like))),
                _ => None,
            },
            _ => POSTGRESQL.get_next_precedence(parser),
        }
    }

    /// What is an operand at first sight need not be tried as a type name first.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        if begins_values(parser) {
            return Some(values(parser));
        }
        let next = parser.peek_token_ref();
        let span = next.span;
        let value = match &next.token {
            Token::Number(digits, long) => Value::Number(digits.clone(), *long),
            Token::SingleQuotedString(content) => Value::SingleQuotedString(content.clone()),
            Token::Placeholder(content) => Value::Placeholder(content.clone()),
            Token::Word(word) if word.keyword == Keyword::NoKeyword => {
                let word = word.clone();
                return match parser.peek_nth_token_ref(1).token {
                    Token::LParen | Token::SingleQuotedString(_) | Token::LBracket => None,
                    _ => {
                        parser.advance_token();
                        Some(Ok(Expr::Identifier(word.into_ident(span))))
                    }
                };
            }
            _ => return None,
        };
        parser.advance_token();
        Some(Ok(Expr::Value(value.with_span(span))))
    }

    /// The parser would read over IRIS's word IDENTITY and forget it.
    fn parse_column_option(
        &self,
        parser: &mut Parser,
    ) -> Result<Option<Result<Option<ColumnOption>, ParserError>>, ParserError> {
        if parser.parse_keyword(Keyword::IDENTITY) {
            let word = Token::make_keyword("IDENTITY");
            return Ok(Some(Ok(Some(ColumnOption::DialectSpecific(vec![word])))));
        }
        Ok(None)
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        left: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        let negated = matches!(&parser.peek_token_ref().token, Token::Word(word) if word.keyword == Keyword::NOT);
        if let Some(is_symmetric) = symmetry(parser, usize::from(negated)) {
            for _ in 0..usize::from(negated) + 2 {
                parser.advance_token();
            }
            return Some(self.symmetric(parser, left, is_symmetric, negated));
        }
        if in_list::follows(parser, usize::from(negated)) {
            for _ in 0..=usize::from(negated) {
                parser.advance_token();
            }
            return Some(in_list::list(parser, left, negated));
        }
        if operator_call::follows(parser) {
            return Some(operator_call::comparison(parser, left, precedence));
        }
        let Token::Word(word) = &parser.peek_nth_token_ref(usize::from(negated)).token else {
            return None;
        };
        if !is_infix(word) {
            return None;
        }
        let operator = word.value.clone();
        for _ in 0..=usize::from(negated) {
            parser.advance_token();
        }
        Some(parser.parse_subexpr(precedence).map(|right| {
            let predicate = Expr::BinaryOp {
                left: Box::new(left.clone()),
                op: BinaryOperator::Custom(operator),
                right: Box::new(right),
            };
            if negated {
                Expr::UnaryOp {
                    op: UnaryOperator::Not,
                    expr: Box::new(predicate),
                }
            } else {
                predicate
            }
        }))
    }

    as_postgresql!(
        supports_unicode_string_literal,
        supports_filter_during_aggregation,
        supports_group_by_expr,
        supports_alter_user_as_alter_role,
        allow_extract_custom,
        allow_extract_single_quotes,
        supports_create_index_with_clause,
        supports_explain_with_utility_options,
        supports_listen_notify,
        supports_exclude_constraint,
        supports_factorial_operator,
        supports_bitwise_shift_operators,
        supports_comment_on,
        supports_load_extension,
        supports_named_fn_args_with_colon_operator,
        supports_named_fn_args_with_expr_name,
        supports_empty_projections,
        supports_nested_comments,
        supports_string_escape_constant,
        supports_numeric_literal_underscores,
        supports_array_typedef_with_brackets,
        supports_geometric_types,
        supports_order_by_using_operator,
        supports_set_names,
        supports_alter_column_type_using,
        supports_left_associative_joins_without_parens,
        supports_notnull_operator,
        supports_interval_options,
        supports_insert_table_alias,
        supports_create_table_like_parenthesized,
        supports_comma_separated_trim,
        supports_xml_expressions,
    );

    yes!(supports_insert_set);
}

/// What the parser's tree has in place of `BETWEEN SYMMETRIC` and `BETWEEN ASYMMETRIC`:
/// calls that nobody can write.
const SYMMETRIC: &str = "BETWEEN SYMMETRIC";
const ASYMMETRIC: &str = "BETWEEN ASYMMETRIC";

/// The operand and the bounds of such a BETWEEN, and whether they may come in any order.
pub(crate) fn between(expression: &Expr) -> Option<(&Expr, &Expr, &Expr, bool)> {
    let Expr::Function(function) = expression else {
        return None;
    };
    let is_symmetric = match function.name.0.last()?.as_ident()?.value.as_str() {
        SYMMETRIC => true,
        ASYMMETRIC => false,
        _ => return None,
    };
    match crate::build::arguments(function).as_slice() {
        [operand, low, high] => Some((*operand, *low, *high, is_symmetric)),
        _ => None,
    }
}

/// Whether BETWEEN and a word about the order of its bounds follow behind so many tokens.
fn symmetry(parser: &Parser, behind: usize) -> Option<bool> {
    match &parser.peek_nth_token_ref(behind).token {
        Token::Word(word) if word.keyword == Keyword::BETWEEN => {}
        _ => return None,
    }
    match &parser.peek_nth_token_ref(behind + 1).token {
        Token::Word(word) if word.quote_style.is_none() => {
            match word.value.to_ascii_uppercase().as_str() {
                "SYMMETRIC" => Some(true),
                "ASYMMETRIC" => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

impl Superset {
    fn symmetric(
        &self,
        parser: &mut Parser,
        operand: &Expr,
        is_symmetric: bool,
        negated: bool,
    ) -> Result<Expr, ParserError> {
        let precedence = self.prec_value(Precedence::Between);
        let low = parser.parse_subexpr(precedence)?;
        parser.expect_keyword(Keyword::AND)?;
        let high = parser.parse_subexpr(precedence)?;
        let name = if is_symmetric { SYMMETRIC } else { ASYMMETRIC };
        let test = crate::build::call(name, vec![operand.clone(), low, high]);
        Ok(if negated {
            crate::build::not(test)
        } else {
            test
        })
    }
}

/// Whether what follows is a VALUES in parentheses, or the one behind that of ANY.
fn begins_values(parser: &Parser) -> bool {
    let is_values =
        |token: &Token| matches!(token, Token::Word(word) if word.keyword == Keyword::VALUES);
    match &parser.peek_token_ref().token {
        Token::LParen => is_values(&parser.peek_nth_token_ref(1).token),
        token => is_values(token) && parser.peek_nth_token_ref(1).token == Token::LParen,
    }
}

/// The parser takes SELECT and WITH alone for a subquery.
fn values(parser: &mut Parser) -> Result<Expr, ParserError> {
    let in_parentheses = parser.consume_token(&Token::LParen);
    let query = parser.parse_query()?;
    if in_parentheses {
        parser.expect_token(&Token::RParen)?;
    }
    Ok(Expr::Subquery(query))
}

fn is_infix(word: &Word) -> bool {
    word.value.starts_with('%') && percent::is_infix(&word.value)
}
