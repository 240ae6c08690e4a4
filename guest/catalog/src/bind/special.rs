//! Expressions with words of their own: CASE, ARRAY, ROW, LIKE, SUBSTRING and kin.

use sqlparser::ast::{self, CeilFloorKind, Expr as Written, TrimWhereField};

use super::expr::negate;
use super::scope::Scope;
use super::{Binder, Typed};
use crate::failure::{Failure, Result};
use crate::plan::{Comparison, Expr};
use crate::types::Type;
use crate::value::Value;

impl Binder {
    pub(super) fn special(&self, written: &Written, scope: &Scope<'_>) -> Result<Typed> {
        match written {
            Written::Substring {
                expr,
                substring_from,
                substring_for,
                ..
            } => {
                let mut arguments = vec![self.expr(expr, scope)?];
                match (substring_from, substring_for) {
                    (None, Some(_)) => {
                        arguments.push(Typed::new(Expr::Constant(Value::Int(1)), Type::INT4));
                    }
                    (Some(from), _) => arguments.push(self.expr(from, scope)?),
                    (None, None) => {}
                }
                if let Some(count) = substring_for {
                    arguments.push(self.expr(count, scope)?);
                }
                self.call("substring", arguments)
            }
            Written::Position { expr, r#in } => {
                let (part, whole) = (self.expr(expr, scope)?, self.expr(r#in, scope)?);
                self.call("position", vec![whole, part])
            }
            Written::Trim {
                trim_where,
                trim_what,
                expr,
                trim_characters,
            } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    _ => "btrim",
                };
                let mut arguments = vec![self.expr(expr, scope)?];
                let given = trim_what
                    .as_deref()
                    .or_else(|| trim_characters.as_ref()?.first());
                if let Some(set) = given {
                    arguments.push(self.expr(set, scope)?);
                }
                self.call(name, arguments)
            }
            Written::Ceil { expr, field } | Written::Floor { expr, field } => {
                let name = match written {
                    Written::Ceil { .. } => "ceil",
                    _ => "floor",
                };
                match field {
                    CeilFloorKind::Scale(_) => Err(Failure::not_supported(name)),
                    CeilFloorKind::DateTimeField(_) => {
                        let argument = self.expr(expr, scope)?;
                        self.call(name, vec![argument])
                    }
                }
            }
            Written::Prefixed { value, .. } => self.expr(value, scope),
            other => Err(Failure::not_supported(format!("\"{other}\""))),
        }
    }

    pub(super) fn like(&self, written: &Written, scope: &Scope<'_>) -> Result<Typed> {
        let (name, negated, expr, pattern, escape) = match written {
            Written::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char,
            } => ("~~", *negated, expr, pattern, escape_char),
            Written::ILike {
                negated,
                any: false,
                expr,
                pattern,
                escape_char,
            } => ("~~*", *negated, expr, pattern, escape_char),
            _ => return Err(Failure::not_supported("SIMILAR TO")),
        };
        let left = self.expr(expr, scope)?;
        let mut right = self.expr(pattern, scope)?;
        if let Some(escape) = escape {
            let escape = self.expr(escape, scope)?;
            right = self.call("like_escape", vec![right, escape])?;
        }
        Ok(negate(self.operate(name, left, right)?, negated))
    }

    pub(super) fn case(&self, written: &Written, scope: &Scope<'_>) -> Result<Typed> {
        let Written::Case {
            operand,
            conditions,
            else_result,
            ..
        } = written
        else {
            return Err(Failure::not_supported("CASE"));
        };
        let operand = operand
            .as_deref()
            .map(|operand| self.expr(operand, scope))
            .transpose()?;
        let mut tests = Vec::with_capacity(conditions.len());
        let mut results = Vec::with_capacity(conditions.len() + 1);
        for branch in conditions {
            tests.push(match &operand {
                None => self.condition(&branch.condition, scope, "CASE/WHEN")?,
                Some(operand) => {
                    let value = self.expr(&branch.condition, scope)?;
                    self.compare("=", Comparison::Equal, operand.clone(), value)?
                        .expr
                }
            });
            results.push(self.expr(&branch.result, scope)?);
        }
        if let Some(otherwise) = else_result {
            results.push(self.expr(otherwise, scope)?);
        }
        let (mut exprs, kind) = self.unify(results, "CASE")?;
        let otherwise = else_result.as_ref().and_then(|_| exprs.pop()).map(Box::new);
        Ok(Typed::new(
            Expr::Case(tests.into_iter().zip(exprs).collect(), otherwise),
            kind,
        ))
    }

    pub(super) fn array(&self, list: &[Written], scope: &Scope<'_>) -> Result<Typed> {
        let items = list
            .iter()
            .map(|item| self.expr(item, scope))
            .collect::<Result<Vec<_>>>()?;
        let (exprs, element) = self.unify(items, "ARRAY")?;
        let kind = array_of(element)?;
        Ok(Typed::new(Expr::Array(exprs), kind))
    }

    pub(super) fn row(&self, list: &[Written], scope: &Scope<'_>) -> Result<Typed> {
        let items = list
            .iter()
            .map(|item| self.expr(item, scope))
            .collect::<Result<Vec<_>>>()?;
        Ok(composite(items))
    }

    /// COALESCE, NULLIF, GREATEST and LEAST; none: another function.
    pub(super) fn conditional(&self, name: &str, arguments: &[Typed]) -> Result<Option<Typed>> {
        let given = || arguments.to_vec();
        Ok(Some(match name {
            "coalesce" => {
                let (exprs, kind) = self.unify(given(), "COALESCE")?;
                Typed::new(Expr::Coalesce(exprs), kind)
            }
            "nullif" => {
                let [left, right] = arguments else {
                    return Err(Failure::new("42601", "NULLIF takes two arguments"));
                };
                let test = self.compare("=", Comparison::Equal, left.clone(), right.clone())?;
                let left = self.known(left.clone())?;
                let null = Expr::Constant(Value::Null);
                Typed::new(
                    Expr::Case(vec![(test.expr, null)], Some(Box::new(left.expr))),
                    left.kind,
                )
            }
            "greatest" | "least" => {
                let what = name.to_uppercase();
                let (exprs, kind) = self.unify(given(), &what)?;
                let call: crate::plan::Call = if name == "greatest" {
                    |_, v| Ok(extreme(v, true))
                } else {
                    |_, v| Ok(extreme(v, false))
                };
                Typed::new(Expr::Call(call, exprs), kind)
            }
            "pg_typeof" => {
                let [argument] = arguments else {
                    return Ok(None);
                };
                let oid = Value::Int(i64::from(argument.kind.0));
                Typed::new(Expr::Constant(oid), Type::REGTYPE)
            }
            _ => return Ok(None),
        }))
    }
}

/// The type of an array whose elements are of a type; of arrays, theirs.
pub(super) fn array_of(element: Type) -> Result<Type> {
    match element.element() {
        Some(_) if !element.is_vector() => Ok(element),
        _ => element.array().ok_or_else(|| {
            Failure::new(
                "42704",
                format!(
                    "could not find array type for data type {}",
                    element.display()
                ),
            )
        }),
    }
}

/// A row of values.
pub(super) fn composite(items: Vec<Typed>) -> Typed {
    let fields = items
        .iter()
        .enumerate()
        .map(|(number, item)| (format!("f{}", number + 1), item.kind))
        .collect();
    Typed {
        expr: Expr::Composite(items.into_iter().map(|item| item.expr).collect()),
        kind: Type::RECORD,
        fields: Some(fields),
    }
}

/// NULLs are left out.
fn extreme(values: &[Value], greatest: bool) -> Value {
    let known = values.iter().filter(|value| !value.is_null());
    let found = if greatest {
        known.max_by(|a, b| a.order(b))
    } else {
        known.min_by(|a, b| a.order(b))
    };
    found.cloned().unwrap_or(Value::Null)
}

/// The list of arguments of a function, without names.
pub(super) fn arguments_of(function: &ast::Function) -> Result<Vec<&ast::FunctionArgExpr>> {
    match &function.args {
        ast::FunctionArguments::None => Ok(Vec::new()),
        ast::FunctionArguments::Subquery(_) => Err(Failure::not_supported("such a call")),
        ast::FunctionArguments::List(list) => list.args.iter().map(argument_of).collect(),
    }
}

pub(super) fn argument_of(argument: &ast::FunctionArg) -> Result<&ast::FunctionArgExpr> {
    match argument {
        ast::FunctionArg::Unnamed(argument) => Ok(argument),
        _ => Err(Failure::not_supported("an argument by name")),
    }
}
