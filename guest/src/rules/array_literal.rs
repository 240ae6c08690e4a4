//! # What it does
//! Takes an array literal beside ANY and ALL apart.
//!
//! # Why
//! IRIS has no arrays; what they are compared with can be written out.
//!
//! # Example
//! `a = ANY ('{1,2}')` becomes `a = ANY (ARRAY[1, 2])`, of which `compound_comparison` makes
//! `a IN (1, 2)`.
//!
//! # Limits
//! The type of the elements is that of a cast, else of the value that is compared; where that is
//! not known, the elements are strings.
//!
//! # Versions
//! All.

use sqlparser::ast::{Array, ArrayElemTypeDef, DataType, Expr, Spanned, Statement, Value};

use crate::build;
use crate::common_type;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::wit::Oid;

pub(crate) struct ArrayLiteral;

impl Rule for ArrayLiteral {
    fn name(&self) -> &'static str {
        "array_literal"
    }

    fn summary(&self) -> &'static str {
        "takes array literals beside ANY and ALL apart"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::QUANTIFIER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

/// The text of an array literal, and the type of the elements that it is cast to.
fn literal(array: &Expr) -> Option<(&str, Option<&DataType>)> {
    match build::unnested(array) {
        Expr::Cast {
            expr,
            data_type: DataType::Array(element),
            ..
        } => {
            let (text, _) = literal(expr)?;
            match element {
                ArrayElemTypeDef::SquareBracket(inner, _)
                | ArrayElemTypeDef::AngleBracket(inner)
                | ArrayElemTypeDef::Parenthesis(inner)
                | ArrayElemTypeDef::Qualified(inner, _) => Some((text, Some(inner))),
                ArrayElemTypeDef::None => Some((text, None)),
            }
        }
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some((text, None)),
            _ => None,
        },
        _ => None,
    }
}

struct Walk<'a> {
    text: &'a str,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let (Expr::AnyOp { left, right, .. } | Expr::AllOp { left, right, .. }) = expr else {
            return Ok(());
        };
        let Some((text, cast)) = literal(right) else {
            return Ok(());
        };
        let start = right.span().start.column.saturating_sub(1) as usize;
        let text = text.replace("''", "'");
        let elements =
            kept_text::elements(&text).map_err(|refusal| refusal.at(self.text, start))?;
        let type_oid = match cast {
            Some(data_type) => types::of(data_type).map(|known| known.oid),
            None => scopes.type_of(left),
        };
        let elements = elements
            .into_iter()
            .map(|element| typed(element, type_oid.unwrap_or(oid::TEXT)))
            .collect::<Diagnosed<_>>()
            .map_err(|refusal| refusal.at(self.text, start))?;
        **right = Expr::Array(Array {
            elem: elements,
            named: true,
        });
        self.changed = true;
        Ok(())
    }
}

fn typed(element: Option<String>, type_oid: Oid) -> Diagnosed<Expr> {
    let Some(text) = element else {
        return Ok(Expr::value(Value::Null));
    };
    let mut literal = build::string(&text);
    common_type::give(&mut literal, None, type_oid, &mut Vec::new())?;
    Ok(literal)
}
