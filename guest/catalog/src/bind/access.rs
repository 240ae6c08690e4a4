//! Fields of composite values, elements and slices of arrays.

use sqlparser::ast::{self, AccessExpr, Expr as Written};

use super::scope::Scope;
use super::{Binder, Typed, folded};
use crate::failure::{Failure, Result};
use crate::plan::Expr;
use crate::subscript;
use crate::types::Type;

impl Binder {
    /// `(composite).field`
    pub(super) fn field(&self, whole: Typed, name: &str) -> Result<Typed> {
        let found = whole
            .fields
            .as_ref()
            .and_then(|fields| {
                fields
                    .iter()
                    .enumerate()
                    .find(|(_, (known, _))| known == name)
                    .map(|(place, (_, kind))| (place, *kind))
            })
            .ok_or_else(|| {
                Failure::new(
                    "42703",
                    format!("could not identify column \"{name}\" in record data type"),
                )
            })?;
        Ok(Typed::new(
            Expr::Field(Box::new(whole.expr), found.0),
            found.1,
        ))
    }

    pub(super) fn access(
        &self,
        root: &Written,
        chain: &[AccessExpr],
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        // `t.c[1]`: the names belong together.
        let mut idents = match root {
            Written::Identifier(ident) => vec![ident.clone()],
            Written::CompoundIdentifier(parts) => parts.clone(),
            _ => Vec::new(),
        };
        let mut rest = chain;
        if !idents.is_empty() {
            while let Some((AccessExpr::Dot(Written::Identifier(ident)), tail)) = rest.split_first()
            {
                idents.push(ident.clone());
                rest = tail;
            }
        }
        let mut typed = match idents.is_empty() {
            true => self.expr(root, scope)?,
            false => self.name(&idents, scope)?,
        };
        while let Some((access, tail)) = rest.split_first() {
            typed = match access {
                AccessExpr::Dot(Written::Identifier(ident)) => self.field(typed, &folded(ident))?,
                AccessExpr::Subscript(_) => {
                    let count = rest
                        .iter()
                        .take_while(|access| matches!(access, AccessExpr::Subscript(_)))
                        .count();
                    let (subscripts, tail) = rest.split_at(count);
                    typed = self.subscripts(typed, subscripts, scope)?;
                    rest = tail;
                    continue;
                }
                AccessExpr::Dot(_) => return Err(Failure::not_supported("such a field")),
            };
            rest = tail;
        }
        Ok(typed)
    }

    fn subscripts(
        &self,
        array: Typed,
        subscripts: &[AccessExpr],
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        if array.kind == Type::NAME
            && let [AccessExpr::Subscript(ast::Subscript::Index { index })] = subscripts
        {
            let index = self.expr(index, scope)?;
            let arguments = vec![array.expr, self.coerce(index, Type::INT4)?.expr];
            return Ok(Typed::new(
                Expr::Strict(subscript::of_name, arguments),
                Type::CHAR,
            ));
        }
        let Some(element) = array.kind.element() else {
            return Err(Failure::new(
                "42804",
                format!(
                    "cannot subscript type {} because it does not support subscripting",
                    array.kind.display()
                ),
            ));
        };
        let number = |expr: &Written| -> Result<Expr> {
            let typed = self.expr(expr, scope)?;
            Ok(self.coerce(typed, Type::INT4)?.expr)
        };
        let mut indexes = Vec::new();
        let mut slices = Vec::new();
        for access in subscripts {
            match access {
                AccessExpr::Subscript(ast::Subscript::Index { index }) => {
                    indexes.push(number(index)?);
                }
                AccessExpr::Subscript(ast::Subscript::Slice {
                    lower_bound,
                    upper_bound,
                    ..
                }) => slices.push([
                    lower_bound.as_ref().map(number).transpose()?,
                    upper_bound.as_ref().map(number).transpose()?,
                ]),
                AccessExpr::Dot(_) => {}
            }
        }
        if !slices.is_empty() {
            return Ok(Typed::new(
                Expr::Slice(Box::new(array.expr), slices),
                array.kind,
            ));
        }
        Ok(Typed::new(
            Expr::Subscript(Box::new(array.expr), indexes),
            element,
        ))
    }
}
