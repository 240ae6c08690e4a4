//! # What it does
//! Gives the branches of CASE, COALESCE, NULLIF, GREATEST and LEAST the one type that
//! PostgreSQL gives them, and refuses those that have none in common.
//!
//! # Why
//! IRIS refuses a date beside a timestamp with SQLCODE -378, and takes a literal for a
//! string, or for nothing, where PostgreSQL reads it as the type of the others.
//! (InterSystems SQL Reference, CASE, COALESCE.)
//!
//! # Example
//! `coalesce(d, ts)` becomes `COALESCE(CAST(d AS TIMESTAMP), ts)` and `coalesce(n, '7')`
//! `COALESCE(n, CAST(7 AS INTEGER))`.
//!
//! # Limits
//! The types of the branches must be known. Numbers of several types are left to IRIS, which
//! widens them as PostgreSQL does; a `numeric` result shows the decimals of its widest branch.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    DataType, ExactNumberInfo, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Statement,
    TimezoneInfo, Value,
};

use crate::build;
use crate::casts::is_string;
use crate::common_type;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::typing;
use crate::wit::{Diagnostic, Oid};

pub(crate) struct CommonType;

impl Rule for CommonType {
    fn name(&self) -> &'static str {
        "common_type"
    }

    fn summary(&self) -> &'static str {
        "gives the branches of CASE, COALESCE and their like one type"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CHOICE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            pass,
            changed: false,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let at = place::of(expr);
        let Some((name, branches)) = branches_of(expr) else {
            return Ok(());
        };
        let types: Vec<Option<Oid>> = branches.iter().map(|b| scopes.type_of(b)).collect();
        if types.contains(&Some(oid::BOOL)) && branches.iter().any(|branch| is_bit(branch)) {
            return Ok(());
        }
        let common = common(&name, &types).map_err(|refusal| refusal.at(self.pass.text, at))?;
        let Some(common) = common else {
            return Ok(());
        };
        for (branch, oid) in branches.into_iter().zip(types) {
            self.changed |= self
                .give(branch, oid, common)
                .map_err(|refusal| refusal.at(self.pass.text, at))?;
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    /// Gives a branch the type; tells whether that changes it.
    fn give(&mut self, branch: &mut Expr, oid: Option<Oid>, common: Oid) -> Diagnosed<bool> {
        if let Some(number) = placeholder::number_of(build::unnested(branch)) {
            self.pass.parameter_type(number, common);
            return Ok(false);
        }
        let is_settled = common == oid::BYTEA || kept_text::is_canonical(common);
        if oid.is_none() && is_text(branch) && is_settled {
            return common_type::give(branch, None, common, &mut Vec::new());
        }
        let needs = match oid {
            None => is_text(branch) && !is_string(common),
            Some(oid) => oid == oid::DATE && matches!(common, oid::TIMESTAMP | oid::TIMESTAMPTZ),
        };
        let Some(data_type) = data_type(common).filter(|_| needs) else {
            return Ok(false);
        };
        *branch = build::cast(build::take(branch), data_type);
        Ok(true)
    }
}

/// A string literal, which has the type of what is around it.
fn is_text(expr: &Expr) -> bool {
    matches!(build::unnested(expr), Expr::Value(value)
        if matches!(value.value, Value::SingleQuotedString(_)))
}

/// IRIS's own truth value, which it writes beside a BIT.
fn is_bit(expr: &Expr) -> bool {
    matches!(crate::functions::integer(expr), Some(0 | 1))
}

/// The expressions of which one is chosen, and what chooses.
fn branches_of(expr: &mut Expr) -> Option<(String, Vec<&mut Expr>)> {
    match expr {
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            let results = conditions.iter_mut().map(|when| &mut when.result);
            let results = results.chain(else_result.as_deref_mut());
            Some(("CASE".to_owned(), results.collect()))
        }
        Expr::Function(function) if !function.uses_odbc_syntax => {
            let name = build::function_name(function)?;
            if !matches!(name.as_str(), "coalesce" | "nullif" | "greatest" | "least") {
                return None;
            }
            let FunctionArguments::List(list) = &mut function.args else {
                return None;
            };
            let plain = list.args.iter_mut().map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(plain)) => Some(plain),
                _ => None,
            });
            Some((name.to_uppercase(), plain.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// `select_common_type`; none if a type is not known, or nothing needs one.
fn common(name: &str, types: &[Option<Oid>]) -> Diagnosed<Option<Oid>> {
    let mut common: Option<Oid> = None;
    for oid in types.iter().flatten() {
        common = Some(match common {
            None => *oid,
            Some(known) if is_string(known) && is_string(*oid) => known,
            Some(known) => match typing::merged(known, *oid) {
                Some(merged) => merged,
                None if is_certain(known) && is_certain(*oid) => {
                    return Err(unmatched(name, known, *oid));
                }
                None => return Ok(None),
            },
        });
    }
    Ok(common)
}

fn is_certain(oid: Oid) -> bool {
    is_string(oid)
        || types::is_number(oid)
        || matches!(
            oid,
            oid::BOOL | oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::UUID
        )
}

fn unmatched(name: &str, left: Oid, right: Oid) -> Diagnostic {
    let (left, right) = (types::words(left), types::words(right));
    if name == "NULLIF" {
        return Diagnostic::error(
            "42883",
            format!("operator does not exist: {left} = {right}"),
        );
    }
    Diagnostic::error(
        "42804",
        format!("{name} types {left} and {right} cannot be matched"),
    )
}

/// The type to write; none for those that IRIS's values need no cast to.
fn data_type(oid: Oid) -> Option<DataType> {
    Some(match oid {
        oid::BOOL => DataType::Boolean,
        oid::INT2 => DataType::SmallInt(None),
        oid::INT4 => DataType::Integer(None),
        oid::INT8 => DataType::BigInt(None),
        oid::NUMERIC => DataType::Numeric(ExactNumberInfo::None),
        oid::FLOAT4 | oid::FLOAT8 => DataType::DoublePrecision,
        oid::DATE => DataType::Date,
        oid::TIME => DataType::Time(None, TimezoneInfo::None),
        oid::TIMESTAMP => DataType::Timestamp(None, TimezoneInfo::None),
        oid::TIMESTAMPTZ => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
        oid::UUID => DataType::Uuid,
        _ => return None,
    })
}
