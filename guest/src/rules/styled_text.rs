//! # What it does
//! Writes dates and timestamps that become text within a statement in the style of the session's
//! `DateStyle`, and refuses other values whose text depends on a setting that is not at its default.
//!
//! # Why
//! The broker shows the columns of a result in the session's style, and what IRIS makes a text of is
//! in ISO's. (PostgreSQL manual, "Date/Time Output".)
//!
//! # Example
//! `SELECT d::text` becomes, where `DateStyle` is `German`,
//! `SELECT substr(d::text, 9, 2) || '.' || substr(d::text, 6, 2) || '.' || substr(d::text, 1, 4)`.
//!
//! # Limits
//! Refused are the texts of intervals where `IntervalStyle` is not `postgres`, of `real` and `double
//! precision` where `extra_float_digits` is less than 1, of arrays of such values, and of `timestamptz`
//! where both `DateStyle` and `TimeZone` are not at their defaults; arrays of them are also refused as
//! results. A view keeps no style: it is refused where it would show one, and one that was made with
//! ISO's shows that. Where the type of a value is not known its text is IRIS's.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Function, Select, SelectItem, Statement};

use crate::build;
use crate::casts::is_string;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::rules::column_origin::provenance;
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::style::{Style, refusal};
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct StyledText;

impl Rule for StyledText {
    fn name(&self) -> &'static str {
        "styled_text"
    }

    fn summary(&self) -> &'static str {
        "writes the text of dates and timestamps in the style of the session"
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Some(style) = Style::of(pass.scene) else {
            return Ok(false);
        };
        let arrays = provenance(tree, pass).unwrap_or_default();
        for type_oid in arrays.iter().filter_map(|shown| shown.type_oid) {
            if let Some(setting) = style.concerned_in(type_oid) {
                return Err(refusal(type_oid, setting));
            }
        }
        let mut walk = Walk {
            style,
            text: pass.text,
            is_kept: matches!(tree, Statement::CreateView(_)),
            copies: &mut pass.copies,
            labels: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        let changed = walk.changed;
        if changed {
            pass.brought.add(
                Marks::CAST
                    .and(Marks::CONCATENATION)
                    .and(Marks::FUNCTION)
                    .and(Marks::TYPED_FUNCTION),
            );
        }
        Ok(changed)
    }
}

struct Walk<'a, 'b> {
    style: Style<'b>,
    text: &'a str,
    /// Whether the statement is one for all sessions.
    is_kept: bool,
    copies: &'a mut Copies,
    /// Of the items of each select that is open.
    labels: Vec<Vec<Option<String>>>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_select(&mut self, select: &mut Select, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.labels
            .push(select.projection.iter().map(labels::of_item).collect());
        Ok(())
    }

    /// An item is called as it was written.
    fn leave_select(&mut self, select: &mut Select, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let known = self.labels.pop().unwrap_or_default();
        for (item, known) in select.projection.iter_mut().zip(known) {
            if let (SelectItem::UnnamedExpr(expr), Some(known)) = (&mut *item, known)
                && labels::of_expression(expr) != known
            {
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(expr),
                    alias: labels::identifier(&known),
                };
            }
        }
        Ok(())
    }

    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::Cast {
                expr: inner,
                data_type,
                ..
            } if types::of(data_type).is_some_and(|target| is_string(target.oid)) => {
                self.shown(inner, scopes)
            }
            Expr::BinaryOp {
                left,
                op: BinaryOperator::StringConcat,
                right,
            } => {
                let types = (scopes.type_of(left), scopes.type_of(right));
                // An array that something is added to stays one.
                if [types.0, types.1]
                    .iter()
                    .flatten()
                    .any(|oid| types::kept::is_array(*oid))
                {
                    return Ok(());
                }
                self.shown(left, scopes)?;
                self.shown(right, scopes)
            }
            Expr::Function(function) => self.call(function, scopes),
            _ => Ok(()),
        }
    }
}

/// Whether a function makes texts of its arguments, whatever they are.
pub(crate) fn makes_text(function: &Function) -> bool {
    let name = build::function_name(function);
    matches!(name.as_deref().and_then(use_of), Some(Use::Text))
}

/// What becomes of the arguments of a function.
enum Use {
    /// Each that is no text becomes one.
    Text,
    /// A document, in which dates are in ISO's form.
    Document,
}

fn use_of(name: &str) -> Option<Use> {
    match name {
        "concat" | "concat_ws" | "format" | "quote_literal" | "quote_nullable"
        | "array_to_string" => Some(Use::Text),
        "to_json" | "to_jsonb" | "row_to_json" | "array_to_json" | "json_agg" | "jsonb_agg"
        | "json_build_array" | "jsonb_build_array" | "json_build_object" | "jsonb_build_object"
        | "json_object_agg" | "jsonb_object_agg" => Some(Use::Document),
        _ => None,
    }
}

impl Walk<'_, '_> {
    fn call(&mut self, function: &mut Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        match build::function_name(function).as_deref().and_then(use_of) {
            None => Ok(()),
            Some(Use::Text) => build::arguments_mut(function)
                .into_iter()
                .try_for_each(|argument| self.shown(argument, scopes)),
            Some(Use::Document) => build::arguments(function)
                .into_iter()
                .try_for_each(|argument| self.in_document(argument, scopes)),
        }
    }

    fn shown(&mut self, value: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Some(type_oid) = scopes.type_of(value) else {
            return Ok(());
        };
        let at = place::of(value);
        let text = self.style.text(value, type_oid, self.copies);
        let Some(text) = text.map_err(|refusal| refusal.at(self.text, at))? else {
            return Ok(());
        };
        if self.is_kept {
            return Err(Diagnostic::not_supported(
                format!(
                    "a view with the text of {} in the style of the session is not supported",
                    types::words(type_oid)
                ),
                "SET DateStyle TO 'ISO', or let the view show the value",
            )
            .at(self.text, at));
        }
        *value = text;
        self.changed = true;
        Ok(())
    }

    fn in_document(&self, value: &Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let concerned = |type_oid: Oid| match type_oid {
            oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ => None,
            other => self.style.concerned(other),
        };
        let found = scopes.type_of(value).and_then(|found| {
            let element = types::kept::element_of(found).unwrap_or(found);
            Some((element, concerned(element)?))
        });
        match found {
            Some((type_oid, setting)) => {
                Err(refusal(type_oid, setting).at(self.text, place::of(value)))
            }
            None => Ok(()),
        }
    }
}
