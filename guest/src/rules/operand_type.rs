//! # What it does
//! Refuses operators, conditions and calls that PostgreSQL does not have for the types of their
//! operands, and gives a literal beside a value the type of that value.
//!
//! # Why
//! IRIS converts whatever stands beside each other: `id + name` is the number that the name begins
//! with, and `flag = 'yes'` finds the rows where it is not set. (InterSystems SQL Reference, "Data
//! Types", "Relational Predicates".)
//!
//! # Example
//! `WHERE id = 'abc'` is refused with SQLSTATE 22P02, `WHERE name = 5` with 42883, and `flag = 'yes'`
//! becomes `flag = 1`.
//!
//! # Limits
//! What is not known passes: columns of tables that were not looked up, functions of IRIS, parameters
//! without a type. Whether a result has room in its type is told of constants, and of what is selected:
//! `WHERE i + 1 > 0` counts on beyond `integer`. A boolean may be compared with 0 and 1, which is IRIS's own way. Texts of dates are
//! read in the forms of ISO 8601. IRIS has one type for moments with a time zone and without: an offset
//! in a literal beside a column counts, also where the column was a `timestamp`.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Query, Select, Statement, UnaryOperator};

use crate::conditions;
use crate::diagnostic::Diagnosed;
use crate::integer_range;
use crate::moment_text::Order;
use crate::operand_check::{Check, check_order};
use crate::operators::Operator;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::writing;

pub(crate) struct OperandType;

impl Rule for OperandType {
    fn name(&self) -> &'static str {
        "operand_type"
    }

    fn summary(&self) -> &'static str {
        "refuses operators and calls that PostgreSQL does not have for these types"
    }

    fn concerns(&self, marks: Marks) -> bool {
        let is_bare = marks.has(Marks::CONDITION) && !marks.has(Marks::PREDICATE);
        !marks.has(Marks::DEFINITION)
            && (is_bare
                || marks.has(
                    Marks::OPERANDS
                        .and(Marks::FUNCTION)
                        .and(Marks::AGGREGATE)
                        .and(Marks::FILTER)
                        .and(Marks::CHOICE)
                        .and(Marks::ORDER),
                )
                || marks.has(Marks::PARAMETER) && marks.has(Marks::PREDICATE))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk(Check {
            text: pass.text,
            order: Order::of(&pass.scene),
            copies: &mut pass.copies,
            changed: false,
        });
        let (relations, parameters) = (pass.relations, &pass.parameters);
        scoped(tree, relations, parameters, &mut walk)?;
        if walk.0.changed {
            // The end of a period has become a sum.
            pass.brought.add(Marks::ARITHMETIC);
        }
        let (from, condition) = match tree {
            Statement::Update(update) => (
                writing::sources_of_update(update),
                update.selection.as_mut(),
            ),
            Statement::Delete(delete) => (
                writing::sources_of_delete(delete),
                delete.selection.as_mut(),
            ),
            _ => return Ok(walk.0.changed),
        };
        if let Some(condition) = condition {
            let scopes = Scopes::within(relations, parameters, &from);
            walk.0.condition(condition, "WHERE", &scopes)?;
        }
        Ok(walk.0.changed)
    }
}

struct Walk<'a>(Check<'a>);

impl ScopedHooks for Walk<'_> {
    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        check_order(query, scopes, self.0.text)
    }

    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        for join in select.from.iter_mut().flat_map(|table| &mut table.joins) {
            if let Some(condition) = conditions::on_mut(join) {
                self.0.condition(condition, "JOIN/ON", scopes)?;
            }
        }
        if let Some(condition) = &mut select.selection {
            self.0.condition(condition, "WHERE", scopes)?;
        }
        match &mut select.having {
            Some(condition) => self.0.condition(condition, "HAVING", scopes),
            None => Ok(()),
        }
    }

    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let check = &mut self.0;
        match expr {
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::And => {
                    check.condition(left, "AND", scopes)?;
                    check.condition(right, "AND", scopes)
                }
                BinaryOperator::Or => {
                    check.condition(left, "OR", scopes)?;
                    check.condition(right, "OR", scopes)
                }
                BinaryOperator::Overlaps => {
                    check.period(left, scopes)?;
                    check.period(right, scopes)
                }
                op => match kind_of(op) {
                    Some((kind, name)) => {
                        integer_range::check(left, op, right)
                            .map_err(|error| error.at(check.text, place::of(left)))?;
                        check.operator(left, (kind, name, name), right, scopes)
                    }
                    None => Ok(()),
                },
            },
            Expr::UnaryOp { op, expr } => match op {
                UnaryOperator::Not => check.condition(expr, "NOT", scopes),
                UnaryOperator::Minus => check.sign("-", expr, scopes),
                UnaryOperator::Plus => check.sign("+", expr, scopes),
                UnaryOperator::PGAbs => check.sign("@", expr, scopes),
                UnaryOperator::PGSquareRoot => check.sign("|/", expr, scopes),
                _ => Ok(()),
            },
            Expr::IsTrue(inner) => check.condition(inner, "IS TRUE", scopes),
            Expr::IsNotTrue(inner) => check.condition(inner, "IS NOT TRUE", scopes),
            Expr::IsFalse(inner) => check.condition(inner, "IS FALSE", scopes),
            Expr::IsNotFalse(inner) => check.condition(inner, "IS NOT FALSE", scopes),
            Expr::IsUnknown(inner) => check.condition(inner, "IS UNKNOWN", scopes),
            Expr::IsNotUnknown(inner) => check.condition(inner, "IS NOT UNKNOWN", scopes),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                check.operator(left, (Operator::Comparison, "=", "IS"), right, scopes)
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                let word = "BETWEEN";
                check.operator(expr, (Operator::Comparison, ">=", word), low, scopes)?;
                check.operator(expr, (Operator::Comparison, "<=", word), high, scopes)
            }
            Expr::InList {
                expr,
                list,
                negated,
            } => check.list(expr, list, *negated, scopes),
            Expr::Like {
                negated,
                expr,
                pattern,
                any: false,
                ..
            } => check.pattern(expr, ("~~", "LIKE"), *negated, pattern, scopes),
            Expr::ILike {
                negated,
                expr,
                pattern,
                any: false,
                ..
            } => check.pattern(expr, ("~~*", "ILIKE"), *negated, pattern, scopes),
            Expr::SimilarTo {
                negated,
                expr,
                pattern,
                ..
            } => check.pattern(expr, ("~", "SIMILAR"), *negated, pattern, scopes),
            Expr::InSubquery {
                expr,
                subquery,
                negated,
            } => check.members(expr, subquery, *negated, scopes),
            Expr::Case { .. } => check.case(expr, scopes),
            Expr::Function(function) => check.call(function, scopes),
            Expr::Trim { expr, .. } => check.word("trim", "pg_catalog.btrim", &[expr], scopes),
            Expr::Ceil { expr, .. } => check.word("ceil", "ceil", &[expr], scopes),
            Expr::Floor { expr, .. } => check.word("floor", "floor", &[expr], scopes),
            _ => Ok(()),
        }
    }
}

/// What is known of an operator, and what it is called.
fn kind_of(op: &BinaryOperator) -> Option<(Operator, &'static str)> {
    use BinaryOperator as O;
    Some(match op {
        O::Eq => (Operator::Comparison, "="),
        O::NotEq => (Operator::Comparison, "<>"),
        O::Lt => (Operator::Comparison, "<"),
        O::LtEq => (Operator::Comparison, "<="),
        O::Gt => (Operator::Comparison, ">"),
        O::GtEq => (Operator::Comparison, ">="),
        O::Plus => (Operator::Plus, "+"),
        O::Minus => (Operator::Minus, "-"),
        O::Multiply => (Operator::Times, "*"),
        O::Divide => (Operator::Divide, "/"),
        O::Modulo => (Operator::Modulo, "%"),
        O::PGExp => (Operator::Power, "^"),
        O::BitwiseAnd => (Operator::Bits, "&"),
        O::BitwiseOr => (Operator::Bits, "|"),
        O::StringConcat => (Operator::Concatenation, "||"),
        O::PGRegexMatch => (Operator::Pattern, "~"),
        O::PGRegexIMatch => (Operator::Pattern, "~*"),
        O::PGRegexNotMatch => (Operator::Pattern, "!~"),
        O::PGRegexNotIMatch => (Operator::Pattern, "!~*"),
        _ => return None,
    })
}
