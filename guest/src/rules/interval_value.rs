//! # What it does
//! Writes an interval that is a value of its own as the text that IRIS keeps, and refuses to sort
//! intervals, and to compute with them and compare them where the broker does not.
//!
//! # Why
//! IRIS has no intervals: they are kept as texts, as PostgreSQL shows them. `1 day` and `24:00:00` are
//! equal to PostgreSQL, and as texts they are not.
//!
//! # Example
//! `INSERT INTO t (p) VALUES (interval '90 min')` becomes `INSERT INTO t (p) VALUES ('01:30:00')`.
//!
//! # Limits
//! Sums and multiples of written intervals are worked out; others are left to `interval_arithmetic`. Fields that a type cuts off (`interval hour to minute`,
//! `interval(0)`) are refused. A sign counts for one field, as with `IntervalStyle = postgres`.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Distinct, DuplicateTreatment, Expr, Function, FunctionArguments, GroupByExpr,
    Query, Select, SelectItem, SetExpr, SetQuantifier, Statement, UnaryOperator,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::interval::{Interval, Spared};
use crate::look::{self, Node};
use crate::order_item;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::wit::Diagnostic;

pub(crate) struct IntervalValue;

impl Rule for IntervalValue {
    fn name(&self) -> &'static str {
        "interval_value"
    }

    fn summary(&self) -> &'static str {
        "writes intervals as texts, and refuses to compute with them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::PREDICATE
                .and(Marks::ARITHMETIC)
                .and(Marks::CAST)
                .and(Marks::CHOICE)
                .and(Marks::DISTINCT)
                .and(Marks::FUNCTION)
                .and(Marks::GROUP)
                .and(Marks::ORDER)
                .and(Marks::SET_OPERATION),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let are_there = pass.parameters.contains(&oid::INTERVAL)
            || pass.relations.have_columns_of(oid::INTERVAL)
            || are_written(tree);
        if !are_there {
            return Ok(false);
        }
        let mut walk = Walk {
            text: pass.text,
            removes_equals: Vec::new(),
            spared: Spared::default(),
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

/// Whether a statement writes an interval down.
fn are_written(tree: &Statement) -> bool {
    look::finds(tree, &mut |node| match node {
        Node::Expression(Expr::Interval(_)) => true,
        Node::Expression(Expr::Cast { data_type, .. }) => {
            types::of(data_type).is_some_and(|known| known.oid == oid::INTERVAL)
        }
        Node::Expression(Expr::Function(function)) => {
            build::function_name(function).as_deref() == Some("make_interval")
        }
        _ => false,
    })
}

struct Walk<'a> {
    text: &'a str,
    /// Of each query that is open, whether it is a set operation that tells which rows are equal.
    removes_equals: Vec<bool>,
    /// Where intervals stand that another rule reads.
    spared: Spared,
    changed: bool,
}

/// Functions that hand an interval on, and one that only counts.
const PASSING: &[&str] = &[
    "coalesce",
    "count",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "nth_value",
    "pg_typeof",
];

/// Functions that the rule for functions reads intervals of, or refuses by what they do.
const READING: &[&str] = &[
    "age",
    "date_part",
    "extract",
    "justify_days",
    "justify_hours",
    "justify_interval",
    "make_interval",
    "timezone",
];

impl ScopedHooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let removes = matches!(&*query.body, SetExpr::SetOperation { set_quantifier, .. }
            if !matches!(set_quantifier, SetQuantifier::All));
        self.removes_equals.push(removes);
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.removes_equals.pop();
        for key in order_item::keys(query, scopes) {
            self.refuse("sorting intervals", &key, scopes)?;
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
        if is_distinct || self.removes_equals.last() == Some(&true) {
            for item in &select.projection {
                if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
                {
                    self.refuse(COMPARING, expr, scopes)?;
                }
            }
        }
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            for key in keys {
                self.refuse(COMPARING, key, scopes)?;
            }
        }
        Ok(())
    }

    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if self.spared.has(expr) {
            return Ok(());
        }
        if let Some(text) = Interval::of(expr).and_then(Interval::shown) {
            *expr = build::string(&text);
            self.changed = true;
            return Ok(());
        }
        match expr {
            Expr::Interval(interval) => Err(Diagnostic::not_supported(
                "an interval of this form is not supported",
                "write it as a string with units, without fields or digits behind it",
            )
            .at(self.text, place::of(&interval.value))),
            Expr::BinaryOp { left, op, right } => {
                let what = match op {
                    BinaryOperator::StringConcat | BinaryOperator::And | BinaryOperator::Or => {
                        return Ok(());
                    }
                    BinaryOperator::Plus
                    | BinaryOperator::Minus
                    | BinaryOperator::Multiply
                    | BinaryOperator::Divide => COMPUTING,
                    _ => COMPARING,
                };
                self.refuse(what, left, scopes)?;
                self.refuse(what, right, scopes)
            }
            Expr::UnaryOp {
                op: UnaryOperator::Minus | UnaryOperator::Plus,
                expr,
            } => self.refuse(COMPUTING, expr, scopes),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.refuse(COMPARING, left, scopes)?;
                self.refuse(COMPARING, right, scopes)
            }
            Expr::InList { expr, .. }
            | Expr::InSubquery { expr, .. }
            | Expr::Between { expr, .. }
            | Expr::AnyOp { left: expr, .. }
            | Expr::AllOp { left: expr, .. } => self.refuse(COMPARING, expr, scopes),
            Expr::Case {
                operand: Some(operand),
                ..
            } => self.refuse(COMPARING, operand, scopes),
            Expr::AtTimeZone { time_zone, .. } => {
                self.spared.add(time_zone);
                Ok(())
            }
            Expr::Extract { expr, .. } => {
                self.spared.add(expr);
                Ok(())
            }
            Expr::Function(function) => self.check_function(function, scopes),
            _ => Ok(()),
        }
    }
}

const COMPARING: &str = "comparing intervals";
const COMPUTING: &str = "computing with an interval";

impl Walk<'_> {
    fn check_function(&mut self, function: &Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Some(name) = build::function_name(function) else {
            return Ok(());
        };
        let counts_equals = name == "count" && is_distinct(function);
        if READING.contains(&name.as_str()) {
            for argument in build::arguments(function) {
                self.spared.add(argument);
            }
            return Ok(());
        }
        if PASSING.contains(&name.as_str()) && !counts_equals {
            return Ok(());
        }
        for argument in build::arguments(function) {
            self.refuse(COMPUTING, argument, scopes)?;
        }
        Ok(())
    }

    fn refuse(&self, what: &str, expr: &Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if scopes.type_of(expr) != Some(oid::INTERVAL) {
            return Ok(());
        }
        Err(Diagnostic::not_supported(
            format!("{what} is not supported"),
            "IRIS keeps intervals as texts: add a written one to a date, or compute in the client",
        )
        .at(self.text, place::of(expr)))
    }
}

/// Whether a function looks which of its arguments are equal.
fn is_distinct(function: &Function) -> bool {
    matches!(&function.args, FunctionArguments::List(list)
        if list.duplicate_treatment == Some(DuplicateTreatment::Distinct))
}
