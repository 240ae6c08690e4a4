//! # What it does
//! Keeps values of `character(n)` without the blanks at their end, and fills them up where
//! PostgreSQL shows them.
//!
//! # Why
//! In IRIS CHAR is VARCHAR: nothing is filled up, and blanks count where strings are compared.
//! (InterSystems SQL Reference, "Data Types".) Without blanks they are compared, joined and cast
//! as PostgreSQL's are.
//!
//! # Example
//! With a column `c` of type `character(5)`, `WHERE c = 'ab  '` becomes `WHERE c = 'ab'`, and
//! `WHERE c LIKE '%b '` becomes `WHERE RPAD(c, 5) LIKE '%b '`. The broker fills up the result
//! columns.
//!
//! # Limits
//! Which columns are of that type stands in their descriptions: those that were not made by the
//! broker are `varchar`, and so is what a table made from a query has of them. A column with values
//! of several lengths (`UNION`) is refused, and one of a view is `text`; what a view
//! computes of such columns otherwise (`max`) is `varchar`. Elements of an array beside `= ANY` keep their blanks.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, Query, SelectItem, SetExpr, Statement, Value,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::operators::is_comparison;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, Kind, oid};
use crate::typing::{self, padding};
use crate::wit::{ColumnChange, Diagnostic, Oid};

pub(crate) struct BlankPadding;

/// Functions that see the blanks: what they take is put out, not cast to text.
const SHOWING: &[&str] = &[
    "concat",
    "concat_ws",
    "format",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "to_json",
    "to_jsonb",
    "json_build_array",
    "jsonb_build_array",
    "json_build_object",
    "jsonb_build_object",
];

impl Rule for BlankPadding {
    fn name(&self) -> &'static str {
        "blank_padding"
    }

    fn summary(&self) -> &'static str {
        "keeps values of character(n) without the blanks that fill them up"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::FROM
                .and(Marks::CAST)
                .and(Marks::INSERT)
                .and(Marks::WRITING),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !pass.relations.have_columns_of(oid::BPCHAR) && !has_cast(tree) {
            return Ok(false);
        }
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            text: pass.text,
            found: Vec::new(),
            shown: Vec::new(),
            changed: false,
        };
        let shown = match tree {
            Statement::Query(query) if pass.shown => Some(&mut **query),
            Statement::CreateView(view) => Some(&mut *view.query),
            _ => None,
        };
        if let Some(query) = shown {
            walk.shown(query, &mut Scopes::new(relations, &parameters))?;
        }
        scoped(tree, relations, &parameters, &mut walk)?;
        let Walk {
            found,
            shown,
            changed,
            ..
        } = walk;
        pass.computed.extend(shown);
        pass.parameter_types(found);
        Ok(changed)
    }
}

/// Whether something is cast to `character`.
fn has_cast(tree: &Statement) -> bool {
    look::finds(tree, &mut |node| {
        matches!(node, Node::Expression(Expr::Cast { data_type, .. })
            if types::of(data_type).is_some_and(|known| known.oid == oid::BPCHAR))
    })
}

struct Walk<'a> {
    /// The client's.
    text: &'a str,
    /// Parameters whose type is known.
    found: Vec<(u32, Oid)>,
    /// Result columns, by number, whose blanks are there.
    shown: Vec<(usize, ColumnChange)>,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right } if is_comparison(op) => {
                self.compare(&mut [&mut **left, &mut **right], scopes);
                Ok(())
            }
            Expr::BinaryOp {
                left,
                op:
                    BinaryOperator::PGRegexMatch
                    | BinaryOperator::PGRegexIMatch
                    | BinaryOperator::PGRegexNotMatch
                    | BinaryOperator::PGRegexNotIMatch,
                ..
            } => self.fill(left, scopes),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.compare(&mut [&mut **left, &mut **right], scopes);
                Ok(())
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                self.compare(&mut [&mut **expr, &mut **low, &mut **high], scopes);
                Ok(())
            }
            Expr::InList { expr, list, .. } => {
                let mut sides: Vec<&mut Expr> = vec![expr];
                sides.extend(list.iter_mut());
                self.compare(&mut sides, scopes);
                Ok(())
            }
            Expr::InSubquery { expr, subquery, .. } => self.members(expr, subquery, scopes),
            Expr::Case {
                operand: Some(operand),
                conditions,
                ..
            } => {
                let mut sides: Vec<&mut Expr> = vec![operand];
                sides.extend(conditions.iter_mut().map(|when| &mut when.condition));
                self.compare(&mut sides, scopes);
                Ok(())
            }
            Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } => {
                match is_blind(pattern) {
                    true => Ok(()),
                    false => self.fill(expr, scopes),
                }
            }
            Expr::SimilarTo { expr, .. } => self.fill(expr, scopes),
            Expr::Function(function) => self.call(function, scopes),
            _ => Ok(()),
        }
    }
}

impl Walk<'_> {
    /// Takes blanks away from what is compared with a `character`.
    fn compare(&mut self, sides: &mut [&mut Expr], scopes: &Scopes<'_>) {
        let is_padded = |side: &Expr| scopes.type_of(side) == Some(oid::BPCHAR);
        if !sides.iter().any(|side| is_padded(side)) {
            return;
        }
        // Beside a text it is one itself.
        let texts = |side: &Expr| matches!(scopes.type_of(side), Some(oid::TEXT | oid::NAME));
        if sides.len() == 2 && sides.iter().any(|side| texts(side)) {
            return;
        }
        for side in sides {
            self.strip(side, scopes);
        }
    }

    fn strip(&mut self, side: &mut Expr, scopes: &Scopes<'_>) {
        if let Some(text) = build::string_in(side) {
            let stripped = text.trim_end_matches(' ');
            if stripped.len() < text.len() {
                *side = build::string(stripped);
                self.changed = true;
            }
            return;
        }
        let known = scopes.type_of(side);
        if known.is_none()
            && let Some(number) = placeholder::number_of(build::unnested(side))
        {
            self.found.push((number, oid::BPCHAR));
        } else if known == Some(oid::VARCHAR) || is_unlimited(side, scopes) {
            *side = build::call("RTRIM", vec![build::take(side)]);
            self.changed = true;
        }
    }

    /// `expr IN (query)`
    fn members(
        &mut self,
        expr: &mut Expr,
        query: &mut Query,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        let types = (scopes.type_of(expr), scopes.type_of_query(query));
        match types {
            (Some(oid::VARCHAR), Some(oid::BPCHAR)) => {
                self.strip(expr, scopes);
                Ok(())
            }
            (Some(oid::BPCHAR), Some(oid::VARCHAR)) => {
                let at = place::of(expr);
                let refusal = Diagnostic::not_supported(
                    "a character among values of character varying of this query is not supported",
                    "cast one of them to text",
                );
                let SetExpr::Select(select) = &mut *query.body else {
                    return Err(refusal.at(self.text, at));
                };
                let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] =
                    select.projection.as_mut_slice()
                else {
                    return Err(refusal.at(self.text, at));
                };
                *item = build::call("RTRIM", vec![build::take(item)]);
                self.changed = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn call(&mut self, function: &mut Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Some(name) = build::function_name(function).filter(|_| !function.uses_odbc_syntax)
        else {
            return Ok(());
        };
        let mut arguments = build::arguments_mut(function);
        if name == "nullif" {
            self.compare(&mut arguments, scopes);
        } else if SHOWING.contains(&name.as_str()) {
            for argument in arguments {
                self.fill(argument, scopes)?;
            }
        }
        Ok(())
    }

    /// Fills a `character` up where its blanks count.
    fn fill(&mut self, expr: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if scopes.type_of(expr) != Some(oid::BPCHAR) || is_unlimited(expr, scopes) {
            return Ok(());
        }
        let Some(length) = scopes.padded_to(expr) else {
            return self.spread(expr, scopes);
        };
        filled(expr, length);
        self.changed = true;
        Ok(())
    }

    /// The same for each of the values that an expression chooses from.
    fn spread(&mut self, expr: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if typing::is_untyped(expr) || is_unlimited(expr, scopes) {
            return Ok(());
        }
        match expr {
            Expr::Nested(inner) => self.spread(inner, scopes),
            Expr::Case {
                conditions,
                else_result,
                ..
            } => {
                let results = conditions.iter_mut().map(|when| &mut when.result);
                results
                    .chain(else_result.as_deref_mut())
                    .try_for_each(|result| self.spread(result, scopes))
            }
            Expr::Function(function)
                if build::function_name(function).as_deref() == Some("coalesce") =>
            {
                build::arguments_mut(function)
                    .into_iter()
                    .try_for_each(|argument| self.spread(argument, scopes))
            }
            other => match scopes.padded_to(other) {
                Some(length) => {
                    filled(other, length);
                    self.changed = true;
                    Ok(())
                }
                None => Err(unlike().at(self.text, place::of(other))),
            },
        }
    }

    /// Fills up the result columns that the broker cannot, since their values are of several
    /// lengths.
    fn shown(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let legs = scopes.types_of_legs(query);
        let width = legs.iter().map(Vec::len).min().unwrap_or(0);
        for column in 0..width {
            let mut items = legs.iter().filter_map(|leg| leg.get(column));
            let mut others = items.clone();
            let any = others.any(|item| item.type_oid == Some(oid::BPCHAR));
            let first = items.next().and_then(|item| item.padded);
            if any && legs.len() > 1 && (first.is_none() || items.any(|item| item.padded != first))
            {
                return Err(unlike());
            }
        }
        scopes.open_queries(query);
        let outcome = match &mut *query.body {
            SetExpr::Select(select) => {
                scopes.open_select(select);
                let distinct = select.distinct.is_some();
                let mut items = select.projection.iter_mut().enumerate();
                let outcome = items.try_for_each(|(index, item)| {
                    let change = as_character(item);
                    if self.item(item, distinct, scopes)? {
                        self.shown.push((index, change));
                    }
                    Ok(())
                });
                scopes.close();
                outcome
            }
            _ => Ok(()),
        };
        scopes.close();
        outcome
    }

    /// Whether its blanks are there now.
    fn item(
        &mut self,
        item: &mut SelectItem,
        distinct: bool,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<bool> {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            return Ok(false);
        };
        let is_known = scopes.type_of(expr) != Some(oid::BPCHAR)
            || scopes.padded_to(expr).is_some()
            || is_unlimited(expr, scopes);
        match (is_known, distinct) {
            (true, _) => Ok(false),
            (false, true) => Err(unlike().at(self.text, place::of(expr))),
            (false, false) => self.spread(expr, scopes).map(|()| true),
        }
    }
}

/// `RPAD(expr, length)`
fn filled(expr: &mut Expr, length: u64) {
    *expr = build::call("RPAD", vec![build::take(expr), build::number(length)]);
}

/// What the client is told of a column whose blanks are there.
fn as_character(item: &SelectItem) -> ColumnChange {
    ColumnChange {
        label: labels::of_item(item),
        type_oid: Some(oid::BPCHAR),
        scale: None,
        computed: None,
        origin: None,
        digits: None,
    }
}

/// Whether it is a `bpchar` without a length made of another type: it has the blanks that it was
/// given.
fn is_unlimited(expr: &Expr, scopes: &Scopes<'_>) -> bool {
    let Expr::Cast {
        expr, data_type, ..
    } = build::unnested(expr)
    else {
        return false;
    };
    let target = types::of(data_type).filter(|known| known.oid == oid::BPCHAR);
    target.is_some_and(|known| matches!(known.kind, Kind::Text(None)))
        && padding::of_type(data_type).is_none()
        && scopes.type_of(expr) != Some(oid::BPCHAR)
}

/// Whether blanks at the end make no difference to a pattern: it ends with `%`, and what stands
/// before matches no blank.
fn is_blind(pattern: &Expr) -> bool {
    let Expr::Value(value) = build::unnested(pattern) else {
        return false;
    };
    let Value::SingleQuotedString(text) = &value.value else {
        return false;
    };
    text.ends_with('%') && !text.contains(['_', ' ', '\\'])
}

fn unlike() -> Diagnostic {
    Diagnostic::not_supported(
        "values of character types of several lengths in one column are not supported",
        "cast them to text, or to one length",
    )
}
