//! # What it does
//! Compares, groups and joins the strings of columns that ignore case by their letters, with `%EXACT`.
//!
//! # Why
//! The string columns of tables that were not made by PostgreSQL's statements have the collation
//! SQLUPPER: `'a' = 'A'`, and DISTINCT and GROUP BY return capitals. (InterSystems SQL, "Collation".)
//!
//! # Example
//! `WHERE name = 'Ann'` becomes `WHERE (name = 'Ann' AND %EXACT(name) = 'Ann')`, which can use the
//! index, and `GROUP BY name` `GROUP BY %EXACT(name)`.
//!
//! # Limits
//! `SELECT DISTINCT *` and `*` in a UNION are left to IRIS. A user who may not read the class
//! dictionary cannot tell the collation of a column; then every string column is taken for such a one.
//! With the setting `pgiris.string_collation` = `iris`, strings are compared as IRIS does.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident,
    Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement,
};

use crate::build;
use crate::casts::is_string;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};

pub(crate) struct StringCollation;

impl Rule for StringCollation {
    fn name(&self) -> &'static str {
        "string_collation"
    }

    fn summary(&self) -> &'static str {
        "compares strings of columns that ignore case by their letters"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::PREDICATE
                .and(Marks::ORDER)
                .and(Marks::ARITHMETIC)
                .and(Marks::DISTINCT)
                .and(Marks::GROUP)
                .and(Marks::SET_OPERATION),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if pass.scene.keeps_collation() {
            return Ok(false);
        }
        let mut walk = Walk {
            changed: false,
            copies: &mut pass.copies,
            left_alone: Vec::new(),
            merged: 0,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    changed: bool,
    copies: &'a mut Copies,
    /// Expressions yet to be entered that stay as they are, by address: nothing moves
    /// between the mark and the visit.
    left_alone: Vec<*const Expr>,
    /// How many queries around merge equal rows.
    merged: usize,
}

impl ScopedHooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.merged += usize::from(merges(&query.body));
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.merged -= usize::from(merges(&query.body));
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let groups = !matches!(&select.group_by,
            GroupByExpr::Expressions(items, _) if items.is_empty());
        let counts = self.merged > 0 || groups || select.distinct.is_some();
        for item in &mut select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) if counts && ignores_case(expr, scopes) => {
                    if let Some(alias) = name_of(expr) {
                        let expr = exact(build::take(expr));
                        *item = SelectItem::ExprWithAlias { expr, alias };
                        self.changed = true;
                    }
                }
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }
                    if !counts =>
                {
                    self.leave_column(expr, scopes);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if self.is_left_alone(expr) {
            return Ok(());
        }
        if self.keeps_index(expr, scopes)? {
            return Ok(());
        }
        match expr {
            Expr::Function(function) => {
                let of_iris = build::function_name(function).is_some_and(|n| n.starts_with('%'));
                if let (true, FunctionArguments::List(list)) = (of_iris, &function.args) {
                    for argument in &list.args {
                        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
                            self.leave_column(expr, scopes);
                        }
                    }
                }
            }
            // IRIS's own predicates compare as IRIS does.
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Custom(name),
                ..
            } if name.starts_with('%') => self.leave_column(left, scopes),
            // What is joined has no collation.
            Expr::BinaryOp {
                left,
                op: BinaryOperator::StringConcat,
                right,
            } => {
                self.leave_column(left, scopes);
                self.leave_column(right, scopes);
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.leave_column(inner, scopes),
            name if ignores_case(name, scopes) => {
                *name = exact(build::take(name));
                self.changed = true;
                if let Expr::Function(function) = name
                    && let FunctionArguments::List(list) = &function.args
                    && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(column))) =
                        list.args.first()
                {
                    self.leave_alone(column);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Walk<'_> {
    fn leave_alone(&mut self, expr: &Expr) {
        self.left_alone.push(std::ptr::from_ref(expr));
    }

    fn leave_column(&mut self, expr: &Expr, scopes: &Scopes<'_>) {
        if ignores_case(expr, scopes) {
            self.leave_alone(expr);
        }
    }

    fn is_left_alone(&mut self, expr: &Expr) -> bool {
        let here = std::ptr::from_ref(expr);
        let marked = self.left_alone.iter().rposition(|marked| *marked == here);
        marked
            .map(|index| self.left_alone.swap_remove(index))
            .is_some()
    }

    /// `x = v` and `x IN (…)` are true for fewer rows than IRIS's own are: beside those,
    /// which can use the index, the exact ones decide.
    fn keeps_index(&mut self, expr: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<bool> {
        let sides: Vec<&Expr> = match &*expr {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Eq,
                right,
            } => vec![left, right],
            Expr::InList {
                expr,
                negated: false,
                ..
            } => vec![expr],
            _ => return Ok(false),
        };
        if !sides.iter().any(|side| ignores_case(side, scopes)) {
            return Ok(false);
        }
        let exactly = self.copies.copy(expr)?;
        let own = Box::new(build::take(expr));
        self.leave_alone(&own);
        match &*own {
            Expr::BinaryOp { left, right, .. } => {
                self.leave_column(left, scopes);
                self.leave_column(right, scopes);
            }
            Expr::InList { expr, .. } => self.leave_column(expr, scopes),
            _ => {}
        }
        let mut exactly = Box::new(exactly);
        match &mut *exactly {
            Expr::BinaryOp { left, right, .. } => {
                for side in [left, right] {
                    if ignores_case(side, scopes) {
                        **side = exact(build::take(side));
                    }
                }
            }
            Expr::InList { expr, .. } => **expr = exact(build::take(expr)),
            _ => {}
        }
        self.leave_alone(&exactly);
        *expr = Expr::Nested(Box::new(Expr::BinaryOp {
            left: own,
            op: BinaryOperator::And,
            right: exactly,
        }));
        self.changed = true;
        Ok(true)
    }
}

/// Whether a query keeps one of equal rows.
fn merges(body: &SetExpr) -> bool {
    matches!(body, SetExpr::SetOperation { op, set_quantifier, .. }
        if *op != SetOperator::Union || *set_quantifier != SetQuantifier::All)
}

/// Whether an expression is a string column that IRIS compares in another way, or may.
fn ignores_case(expr: &Expr, scopes: &Scopes<'_>) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        && scopes.column(expr).is_some_and(|column| {
            column.stored
                && column.type_oid.is_some_and(is_string)
                && column.collation.as_deref() != Some("EXACT")
        })
}

fn name_of(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::Identifier(name) => Some(name.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().cloned(),
        _ => None,
    }
}

/// `%EXACT(column)`
fn exact(column: Expr) -> Expr {
    build::call("%EXACT", vec![column])
}
