//! # What it does
//! Writes what a document or an array is compared with as PostgreSQL would show it, and refuses
//! to order documents and arrays.
//!
//! # Why
//! IRIS keeps them as texts, which are equal if they are written alike, and would be ordered by
//! their letters.
//!
//! # Example
//! With a column `b` of type `jsonb`, `WHERE b = '{"k":1}'` becomes `WHERE b = '{"k": 1}'`.
//!
//! # Limits
//! Numbers in documents are equal if they have the same decimals: `1.0` is not `1`. Arrays of `numeric`
//! are not compared for that reason.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, Function, GroupByExpr, Query, Select, SelectItem, Statement,
    WindowType,
};

use super::string_order::is_ordering;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::operators::NO_OPERATOR;
use crate::order_item;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{kept, oid, words};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct KeptValue;

impl Rule for KeptValue {
    fn name(&self) -> &'static str {
        "kept_value"
    }

    fn summary(&self) -> &'static str {
        "compares documents and arrays as PostgreSQL writes them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::PREDICATE
                .and(Marks::ORDER)
                .and(Marks::ARITHMETIC)
                .and(Marks::CHOICE)
                .and(Marks::DISTINCT)
                .and(Marks::GROUP),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let in_tables = pass.relations.have_kept_texts();
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            pass,
            in_tables,
            changed: false,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    /// Whether columns of tables may be kept as texts.
    in_tables: bool,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let items = select.projection.iter().filter_map(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
            _ => None,
        });
        if matches!(select.distinct, Some(Distinct::Distinct)) {
            self.have_equality(items, scopes)?;
        }
        match &select.group_by {
            GroupByExpr::Expressions(keys, _) => self.have_equality(keys.iter(), scopes),
            GroupByExpr::All(_) => Ok(()),
        }
    }

    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right }
                if matches!(op, BinaryOperator::Eq | BinaryOperator::NotEq) =>
            {
                let operator = op.to_string();
                self.compare(&mut [&mut **left, &mut **right], &operator, scopes)
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.compare(&mut [&mut **left, &mut **right], "=", scopes)
            }
            Expr::InList { expr, list, .. } => {
                let mut sides: Vec<&mut Expr> = vec![expr];
                sides.extend(list.iter_mut());
                self.compare(&mut sides, "=", scopes)
            }
            Expr::BinaryOp { left, op, right } if is_ordering(op) => {
                self.have_order([&**left, &**right].into_iter(), scopes)
            }
            Expr::Between {
                expr, low, high, ..
            } => self.have_order([&**expr, &**low, &**high].into_iter(), scopes),
            Expr::Function(function) => self.check_function(function, scopes),
            _ => Ok(()),
        }
    }

    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let keys = order_item::keys(query, scopes);
        self.have_order(keys.iter().map(|key| &**key), scopes)
    }
}

impl Walk<'_, '_> {
    /// Brings what is compared in the form in which documents and arrays are kept.
    fn compare(
        &mut self,
        sides: &mut [&mut Expr],
        operator: &str,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let known = sides.iter().find_map(|side| self.kept_type(side, scopes));
        let Some((type_oid, at)) = known else {
            return Ok(());
        };
        if type_oid == oid::JSON {
            let message = format!("operator does not exist: json {operator} unknown");
            return Err(Diagnostic::error("42883", message)
                .with_hint(NO_OPERATOR)
                .at(self.pass.text, at));
        }
        if kept::element_of(type_oid) == Some(oid::NUMERIC) {
            return Err(Diagnostic::not_supported(
                "comparison of arrays of numeric is not supported",
                "IRIS compares their texts, decimals and all: keep the numbers in a table",
            )
            .at(self.pass.text, at));
        }
        let mut found = Vec::new();
        for side in sides.iter_mut() {
            if let Some(number) = placeholder::number_of(build::unnested(side)) {
                found.push((number, type_oid));
            }
            let Some(text) = build::string_in(side) else {
                continue;
            };
            let start = place::of(side);
            let shown = kept_text::canonical(&text, type_oid)
                .map_err(|refusal| refusal.at(self.pass.text, start))?;
            self.changed |= shown != text;
            **side = build::string(&shown);
        }
        self.pass.parameter_types(found);
        Ok(())
    }

    fn check_function(&self, function: &Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if let Some(WindowType::WindowSpec(window)) = &function.over {
            let keys = window.order_by.iter().map(|item| &item.expr);
            self.have_order(keys, scopes)?;
        }
        match build::function_name(function).as_deref() {
            Some("min" | "max" | "greatest" | "least") => {
                self.have_order(build::arguments(function).into_iter(), scopes)
            }
            _ => Ok(()),
        }
    }

    /// Refuses to order by what has an order in PostgreSQL that IRIS cannot give.
    fn have_order<'e>(
        &self,
        mut keys: impl Iterator<Item = &'e Expr>,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let Some((type_oid, at)) = keys.find_map(|key| self.kept_type(key, scopes)) else {
            return Ok(());
        };
        let name = words(type_oid);
        let refusal = if type_oid == oid::JSON {
            let message = "could not identify an ordering operator for type json";
            Diagnostic::error("42883", message)
        } else {
            Diagnostic::not_supported(
                format!("the order of values of type {name} is not supported"),
                "IRIS keeps them as texts: cast them to text to order by their letters",
            )
        };
        Err(refusal.at(self.pass.text, at))
    }

    /// The type of a document or an array, and where it is written.
    fn kept_type(&self, expr: &Expr, scopes: &Scopes<'_>) -> Option<(Oid, usize)> {
        let type_oid = scopes.type_of(expr)?;
        let is_kept = match self.in_tables {
            true => kept_text::is_canonical(type_oid),
            false => matches!(type_oid, oid::JSON | oid::JSONB),
        };
        is_kept.then(|| (type_oid, place::of(expr)))
    }

    /// PostgreSQL does not tell whether two `json` are equal.
    fn have_equality<'e>(
        &self,
        mut keys: impl Iterator<Item = &'e Expr>,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let is_json = |key: &&Expr| scopes.type_of(key) == Some(oid::JSON);
        match keys.find(is_json) {
            None => Ok(()),
            Some(key) => {
                let message = "could not identify an equality operator for type json";
                Err(Diagnostic::error("42883", message).at(self.pass.text, place::of(key)))
            }
        }
    }
}
