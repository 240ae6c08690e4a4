//! # What it does
//! Compares and orders the values of an enum type by their place among its labels, and refuses
//! to compare them with what is no label.
//!
//! # Why
//! In PostgreSQL the order of an enum's values is that in which its labels were named; in IRIS
//! they are strings.
//!
//! # Example
//! With `CREATE TYPE mood AS ENUM ('sad', 'ok')`, `SELECT id FROM t WHERE m > 'ok' ORDER BY m` becomes
//! `SELECT id FROM t WHERE CASE m WHEN 'sad' THEN 1 WHEN 'ok' THEN 2 END > 2
//! ORDER BY CASE m WHEN 'sad' THEN 1 WHEN 'ok' THEN 2 END`. Where the labels were named in the
//! order of their letters, strings do.
//!
//! # Limits
//! The column must be one that was made with the type, as its foreign key tells. The comparison
//! and the order can use no index. A set operation is not ordered by such a column: order a
//! query around it.
//!
//! # Versions
//! All.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    OrderByKind, Query, Statement, WindowType,
};

use super::enum_type;
use super::string_order::{is_ordering, only_item};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::order_item;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{TableName, enums};
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};

pub(crate) struct EnumOrder;

impl Rule for EnumOrder {
    fn name(&self) -> &'static str {
        "enum_order"
    }

    fn summary(&self) -> &'static str {
        "compares and orders enums by the order of their labels"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::PREDICATE
                .and(Marks::ORDER)
                .and(Marks::ARITHMETIC)
                .and(Marks::CHOICE)
                .and(Marks::FUNCTION)
                .and(Marks::TYPED_FUNCTION)
                .and(Marks::CAST),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !pass.relations.have_enums() {
            return Ok(false);
        }
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let is_query = matches!(tree, Statement::Query(_));
        let mut walk = Walk {
            changed: false,
            pass,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        let mut changed = walk.changed;
        if is_query {
            crate::walk::expressions(tree, &mut |expression| {
                changed |= enum_type::cast(expression, pass)?;
                Ok(())
            })?;
        }
        Ok(changed)
    }
}

struct Walk<'a, 'b> {
    changed: bool,
    pass: &'a mut Pass<'b>,
}

/// An enum type, and its labels in order.
struct Enum<'a> {
    name: TableName,
    labels: &'a [String],
}

impl Enum<'_> {
    /// Whether the order of the letters is another one.
    fn has_order(&self) -> bool {
        !self.labels.is_sorted()
    }

    fn place_of(&self, label: &str) -> Option<usize> {
        let labels = self.labels.iter();
        labels
            .enumerate()
            .find(|(_, known)| *known == label)
            .map(|(at, _)| at + 1)
    }
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right }
                if is_ordering(op) || matches!(op, BinaryOperator::Eq | BinaryOperator::NotEq) =>
            {
                let ordering = is_ordering(op);
                self.compare(&mut [&mut **left, &mut **right], ordering, scopes)
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.compare(&mut [&mut **left, &mut **right], false, scopes)
            }
            Expr::Between {
                expr, low, high, ..
            } => self.compare(&mut [&mut **expr, &mut **low, &mut **high], true, scopes),
            Expr::InList { expr, list, .. } => {
                let mut sides: Vec<&mut Expr> = vec![expr];
                sides.extend(list.iter_mut());
                self.compare(&mut sides, false, scopes)
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
            } if is_ordering(compare_op) => match (enum_of(left, scopes), only_item(right)) {
                (Some(known), Some(item)) if known.has_order() => {
                    self.rank(left, &known)?;
                    self.rank(item, &known)
                }
                _ => Ok(()),
            },
            Expr::Function(function) => {
                self.order_window(function, scopes)?;
                if let Some(name) = asked_type(function, scopes) {
                    *expr = build::string(&name.table.to_lowercase());
                    self.changed = true;
                    return Ok(());
                }
                if let Some(known) = self.rank_arguments(function, scopes)? {
                    *expr = label_at(build::take(expr), &known);
                }
                Ok(())
            }
            _ => Ok(()),
        }
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
            if let Some((known, meant)) =
                meant.and_then(|meant| Some((enum_of(&meant, scopes)?, meant)))
                && known.has_order()
            {
                let mut key = meant.into_owned();
                self.rank(&mut key, &known)?;
                item.expr = key;
            }
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    /// Of values of which one is known to be an enum.
    fn compare(
        &mut self,
        sides: &mut [&mut Expr],
        ordering: bool,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let found = sides.iter_mut().find_map(|side| enum_of(side, scopes));
        let Some(known) = found else {
            return Ok(());
        };
        for side in sides.iter_mut() {
            self.check(side, &known)?;
            if let Some(number) = placeholder::number_of(build::unnested(side)) {
                let told = (number, enums::number_of(&known.name));
                self.pass.enum_parameters.push(told);
            }
        }
        if ordering && known.has_order() {
            for side in sides.iter_mut() {
                self.rank(side, &known)?;
            }
        }
        Ok(())
    }

    /// A literal must be a label.
    fn check(&self, side: &Expr, known: &Enum<'_>) -> Diagnosed<()> {
        match literal(side) {
            Some(label) if known.place_of(&label).is_none() => {
                let own = self.pass.relations.enum_shown(&known.name);
                Err(enums::no_label(&own, &label).at(self.pass.text, place::of(side)))
            }
            _ => Ok(()),
        }
    }

    /// Puts the place of a value in its stead.
    fn rank(&mut self, side: &mut Expr, known: &Enum<'_>) -> Diagnosed<()> {
        self.check(side, known)?;
        let value = build::take(side);
        *side = match literal(&value) {
            Some(label) => build::number(known.place_of(&label).unwrap_or_default()),
            None => place_of(value, known),
        };
        self.changed = true;
        Ok(())
    }

    fn order_window(&mut self, function: &mut Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Some(WindowType::WindowSpec(window)) = &mut function.over else {
            return Ok(());
        };
        for item in &mut window.order_by {
            if let Some(known) = enum_of(&item.expr, scopes).filter(Enum::has_order) {
                self.rank(&mut item.expr, &known)?;
            }
        }
        Ok(())
    }

    /// Lets an extreme be chosen from places; tells of which type.
    fn rank_arguments<'s>(
        &mut self,
        function: &mut Function,
        scopes: &Scopes<'s>,
    ) -> Diagnosed<Option<Enum<'s>>> {
        let chooses = matches!(
            build::function_name(function).as_deref(),
            Some("min" | "max" | "greatest" | "least")
        );
        let FunctionArguments::List(list) = &mut function.args else {
            return Ok(None);
        };
        let mut plain: Vec<&mut Expr> = Vec::with_capacity(list.args.len());
        for argument in &mut list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => plain.push(expr),
                _ => return Ok(None),
            }
        }
        let found = plain.iter().find_map(|expr| enum_of(expr, scopes));
        let Some(known) = found.filter(|known| chooses && known.has_order()) else {
            return Ok(None);
        };
        for expr in plain {
            self.rank(expr, &known)?;
        }
        Ok(Some(known))
    }
}

/// The type that `pg_typeof` is asked for, if it is an enum.
fn asked_type(function: &Function, scopes: &Scopes<'_>) -> Option<TableName> {
    let asks = build::function_name(function).as_deref() == Some("pg_typeof");
    match build::arguments(function).as_slice() {
        [argument] if asks => scopes.enum_of(argument),
        _ => None,
    }
}

fn enum_of<'a>(expr: &Expr, scopes: &Scopes<'a>) -> Option<Enum<'a>> {
    let name = scopes.enum_of(expr)?;
    let labels = scopes.labels_of(&name)?;
    Some(Enum { name, labels })
}

/// The content of a string literal, also one that is cast.
fn literal(expr: &Expr) -> Option<String> {
    match build::unnested(expr) {
        Expr::Cast {
            expr, data_type, ..
        } if enums::named(data_type).is_some() => literal(expr),
        other => build::string_in(other),
    }
}

/// `CASE value WHEN label THEN 1 … END`
fn place_of(value: Expr, known: &Enum<'_>) -> Expr {
    let labels = known.labels.iter().enumerate();
    chosen(
        value,
        labels.map(|(at, label)| (build::string(label), build::number(at + 1))),
    )
}

/// `CASE place WHEN 1 THEN label … END`
fn label_at(place: Expr, known: &Enum<'_>) -> Expr {
    let labels = known.labels.iter().enumerate();
    chosen(
        place,
        labels.map(|(at, label)| (build::number(at + 1), build::string(label))),
    )
}

fn chosen(operand: Expr, branches: impl Iterator<Item = (Expr, Expr)>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: Some(Box::new(operand)),
        conditions: branches
            .map(|(condition, result)| CaseWhen { condition, result })
            .collect(),
        else_result: None,
    }
}
