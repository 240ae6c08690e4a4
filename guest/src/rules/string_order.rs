//! # What it does
//! Compares and orders strings letter by letter: before each of them a blank is put.
//!
//! # Why
//! IRIS's collation EXACT takes strings that look like numbers for numbers, and puts them before
//! all others: `'9' < '10' < '' < '01'`. (InterSystems SQL, "Collation".)
//!
//! # Example
//! `WHERE t > '9' ORDER BY t` becomes `WHERE ' ' || t > ' 9' ORDER BY ' ' || t`. A comparison with a
//! literal that begins with a letter is left as it is: all numbers are below it anyway.
//!
//! # Limits
//! Whether an expression is a string must be known. The comparison and the order can use no index.
//! With the setting `pgiris.string_collation` = `iris`, strings are compared as IRIS does.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, OrderByKind,
    Query, SelectItem, SetExpr, Statement, Value, WindowType,
};

use crate::build;
use crate::casts::is_string;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::braced;
use crate::order_item;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};

pub(crate) struct StringOrder;

/// Makes no string a number, and none of two strings the larger.
const BLANK: &str = " ";

impl Rule for StringOrder {
    fn name(&self) -> &'static str {
        "string_order"
    }

    fn summary(&self) -> &'static str {
        "compares and orders strings letter by letter"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::PREDICATE
                .and(Marks::ORDER)
                .and(Marks::ARITHMETIC)
                .and(Marks::CHOICE),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if pass.scene.keeps_collation() {
            return Ok(false);
        }
        let mut walk = Walk {
            changed: false,
            copies: &mut pass.copies,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    changed: bool,
    copies: &'a mut Copies,
}

impl ScopedHooks for Walk<'_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right }
                if is_ordering(op) && are_strings(&[left, right], scopes) =>
            {
                self.key(left);
                self.key(right);
            }
            Expr::Between {
                expr, low, high, ..
            } if are_strings(&[expr, low], scopes) || are_strings(&[expr, high], scopes) => {
                self.key(expr);
                self.key(low);
                self.key(high);
            }
            Expr::AnyOp {
                left,
                compare_op,
                right,
                ..
            }
            | Expr::AllOp {
                left,
                compare_op,
                right,
            } if is_ordering(compare_op) && is_known_string(left, scopes) => {
                if let Some(item) = only_item(right) {
                    self.key(left);
                    self.key(item);
                }
            }
            Expr::Function(function) => {
                self.order_window(function, scopes);
                if let Some(chosen) = chosen_literal(function) {
                    *expr = build::string(&chosen);
                    self.changed = true;
                } else if self.key_arguments(function, scopes) {
                    *expr = self.without_blank(build::take(expr))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Some(order) = &mut query.order_by else {
            return Ok(());
        };
        let OrderByKind::Expressions(items) = &mut order.kind else {
            return Ok(());
        };
        for item in items {
            let meant = order_item::meant(&query.body, &item.expr, scopes);
            if let Some(meant) = meant.filter(|meant| is_known_string(meant, scopes)) {
                item.expr = keyed(meant.into_owned());
                self.changed = true;
            }
        }
        Ok(())
    }
}

impl Walk<'_> {
    fn key(&mut self, side: &mut Expr) {
        *side = keyed(build::take(side));
        self.changed = true;
    }

    fn order_window(&mut self, function: &mut Function, scopes: &Scopes<'_>) {
        let Some(WindowType::WindowSpec(window)) = &mut function.over else {
            return;
        };
        for item in &mut window.order_by {
            if is_known_string(&item.expr, scopes) && !is_keyed(&item.expr) {
                self.key(&mut item.expr);
            }
        }
    }

    /// Puts the blank before what an extreme is chosen from; tells whether it did.
    fn key_arguments(&mut self, function: &mut Function, scopes: &Scopes<'_>) -> bool {
        let chooses = matches!(
            build::function_name(function).as_deref(),
            Some("min" | "max" | "greatest" | "least")
        );
        let FunctionArguments::List(list) = &mut function.args else {
            return false;
        };
        let mut plain: Vec<&mut Expr> = Vec::with_capacity(list.args.len());
        for argument in &mut list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => plain.push(expr),
                _ => return false,
            }
        }
        // What is written is walked too.
        let open = |expr: &&mut Expr| is_known_string(expr, scopes) && !is_keyed(expr);
        if !chooses || !plain.iter().any(open) {
            return false;
        }
        for expr in plain {
            self.key(expr);
        }
        true
    }

    /// Takes the blank away from what was chosen. IRIS would make NULL of the rest of a
    /// string that is nothing but a blank.
    fn without_blank(&mut self, chosen: Expr) -> Diagnosed<Expr> {
        let again = self.copies.copy(&chosen)?;
        let is_empty = build::binary(again, BinaryOperator::Eq, build::string(BLANK));
        let rest = braced("SUBSTRING", vec![chosen, build::number(2)]);
        Ok(build::case(vec![(is_empty, build::string(""))], Some(rest)))
    }
}

/// What GREATEST or LEAST of nothing but string literals is.
fn chosen_literal(function: &Function) -> Option<String> {
    let name = build::function_name(function)?;
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let arguments = build::arguments(function);
    if arguments.len() != list.args.len() || arguments.is_empty() {
        return None;
    }
    let literals: Option<Vec<String>> = arguments
        .into_iter()
        .filter(|argument| !build::is_null(argument))
        .map(build::string_in)
        .collect();
    match name.as_str() {
        "greatest" => literals?.into_iter().max(),
        "least" => literals?.into_iter().min(),
        _ => None,
    }
}

/// The one column of a subquery.
pub(super) fn only_item(subquery: &mut Expr) -> Option<&mut Expr> {
    let Expr::Subquery(query) = subquery else {
        return None;
    };
    let SetExpr::Select(select) = &mut *query.body else {
        return None;
    };
    match select.projection.as_mut_slice() {
        [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] => {
            Some(item)
        }
        _ => None,
    }
}

pub(super) fn is_ordering(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq
    )
}

/// Whether strings are compared among which there may be numbers: one of them is a
/// string, and none a literal that is above all numbers.
fn are_strings(sides: &[&Expr], scopes: &Scopes<'_>) -> bool {
    let is_literal = |side: &&Expr| literal(side).is_some();
    let above = |side: &&Expr| {
        literal(side).is_some_and(|text| text.chars().next().is_some_and(|first| first > '9'))
    };
    (sides.iter().any(|side| is_known_string(side, scopes)) || sides.iter().all(is_literal))
        && !sides.iter().any(above)
}

/// Whether an expression is a string, and not a literal.
fn is_known_string(expr: &Expr, scopes: &Scopes<'_>) -> bool {
    scopes.type_of(expr).is_some_and(is_string)
}

fn literal(expr: &Expr) -> Option<&str> {
    match build::unnested(expr) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the blank is there already.
fn is_keyed(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            ..
        } => literal(left) == Some(BLANK),
        _ => false,
    }
}

/// `' ' || expr`
fn keyed(expr: Expr) -> Expr {
    match literal(&expr) {
        // The literal's quotes are doubled already.
        Some(text) => Expr::value(Value::SingleQuotedString(format!("{BLANK}{text}"))),
        None => build::binary(
            build::string(BLANK),
            BinaryOperator::StringConcat,
            build::nested(expr),
        ),
    }
}
