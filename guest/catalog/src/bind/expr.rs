//! Expressions.

use sqlparser::ast::{self, BinaryOperator, Expr as Written, UnaryOperator};

use super::compare::{comparison, no_operator, operator_name};
use super::scope::Scope;
use super::{Binder, Typed, folded, names, position, typename};
use crate::failure::{Failure, Result};
use crate::functions::{operators, patterns};
use crate::plan::{Comparison, Expr, Use};
use crate::types::Type;
use crate::value::Value;

impl Binder {
    pub(super) fn expr(&self, written: &Written, scope: &Scope<'_>) -> Result<Typed> {
        match written {
            Written::Identifier(ident) => self.name(std::slice::from_ref(ident), scope),
            Written::CompoundIdentifier(parts) => self.name(parts, scope),
            Written::CompoundFieldAccess { root, access_chain } => {
                self.access(root, access_chain, scope)
            }
            Written::Nested(inner) => self.expr(inner, scope),
            Written::Value(value) => self.literal(&value.value),
            Written::TypedString(typed) => {
                let literal = self.literal(&typed.value.value)?;
                self.cast(literal, typename::resolve(&typed.data_type)?)
            }
            Written::Cast {
                expr, data_type, ..
            } => {
                let inner = self.expr(expr, scope)?;
                let cast = self.cast(inner, typename::resolve(data_type)?)?;
                Ok(match typename::length(data_type) {
                    Some(length) => cut(cast, length),
                    None => cast,
                })
            }
            Written::Collate { expr, .. } => self.expr(expr, scope),
            Written::BinaryOp { left, op, right } => self.binary(left, op, right, scope),
            Written::UnaryOp { op, expr } => self.unary(*op, expr, scope),
            Written::IsNull(inner) => self.is_null(inner, false, scope),
            Written::IsNotNull(inner) => self.is_null(inner, true, scope),
            Written::IsTrue(inner) => self.is(inner, true, false, scope),
            Written::IsNotTrue(inner) => self.is(inner, true, true, scope),
            Written::IsFalse(inner) => self.is(inner, false, false, scope),
            Written::IsNotFalse(inner) => self.is(inner, false, true, scope),
            Written::IsUnknown(inner) => self.is_null(inner, false, scope),
            Written::IsNotUnknown(inner) => self.is_null(inner, true, scope),
            Written::IsDistinctFrom(left, right) => self.distinct(left, right, false, scope),
            Written::IsNotDistinctFrom(left, right) => self.distinct(left, right, true, scope),
            Written::InList {
                expr,
                list,
                negated,
            } => self.in_list(expr, list, *negated, scope),
            Written::InSubquery {
                expr,
                subquery,
                negated,
            } => {
                let left = self.expr(expr, scope)?;
                let found = self.in_query(left, "=", subquery, false, scope)?;
                Ok(negate(found, *negated))
            }
            Written::Between {
                expr,
                negated,
                low,
                high,
            } => self.between(expr, low, high, *negated, scope),
            Written::Like { .. } | Written::ILike { .. } | Written::SimilarTo { .. } => {
                self.like(written, scope)
            }
            Written::AnyOp {
                left,
                compare_op,
                right,
                ..
            } => self.quantified(left, compare_op, right, false, scope),
            Written::AllOp {
                left,
                compare_op,
                right,
            } => self.quantified(left, compare_op, right, true, scope),
            Written::Case { .. } => self.case(written, scope),
            Written::Exists { subquery, negated } => {
                let query = self.subquery(subquery, scope)?;
                let found = Typed::new(Expr::Subquery(query, Use::Exists), Type::BOOL);
                Ok(negate(found, *negated))
            }
            Written::Subquery(query) => self.scalar(query, scope),
            Written::Array(array) => self.array(&array.elem, scope),
            Written::Tuple(list) => self.row(list, scope),
            Written::Function(function) => self.function(function, scope),
            _ => self.special(written, scope),
        }
    }

    /// A condition: a truth value.
    pub(super) fn condition(
        &self,
        written: &Written,
        scope: &Scope<'_>,
        what: &str,
    ) -> Result<Expr> {
        let typed = self.expr(written, scope)?;
        match typed.kind {
            Type::BOOL => Ok(typed.expr),
            Type::UNKNOWN => Ok(self.coerce(typed, Type::BOOL)?.expr),
            other => Err(Failure::new(
                "42804",
                format!(
                    "argument of {what} must be type boolean, not type {}",
                    other.display()
                ),
            )),
        }
    }

    pub(super) fn name(&self, parts: &[ast::Ident], scope: &Scope<'_>) -> Result<Typed> {
        let folded: Vec<String> = parts.iter().map(folded).collect();
        let place = parts.first().and_then(position);
        let found = match folded.as_slice() {
            [name] => match scope.column(name)? {
                Some(found) => Some(found),
                None => scope.whole(None, name)?,
            },
            [table, name] => match scope.qualified(None, table, name) {
                Ok(None) => self.field_of_column(table, name, scope)?,
                // `alias.function` and `(composite).field` without brackets are no columns.
                other => other?,
            },
            [schema, table, name] => scope.qualified(Some(schema), table, name)?,
            [_, schema, table, name] => scope.qualified(Some(schema), table, name)?,
            _ => None,
        };
        found.ok_or_else(|| {
            match folded.as_slice() {
                [name] => Failure::new("42703", format!("column \"{name}\" does not exist")),
                [.., table, _] => Failure::new(
                    "42P01",
                    format!("missing FROM-clause entry for table \"{table}\""),
                ),
                [] => Failure::new("42601", "syntax error"),
            }
            .at(place)
        })
    }

    fn field_of_column(&self, table: &str, name: &str, scope: &Scope<'_>) -> Result<Option<Typed>> {
        let Some(whole) = scope.column(table)? else {
            return Ok(None);
        };
        if whole.kind != Type::RECORD {
            return Ok(None);
        }
        self.field(whole, name).map(Some)
    }

    pub(super) fn cast(&self, typed: Typed, to: Type) -> Result<Typed> {
        if typed.kind == Type::UNKNOWN || super::coerce::is_held_alike(typed.kind, to) {
            return self.coerce(typed, to);
        }
        Ok(Typed::new(
            Expr::Cast(Box::new(typed.expr), typed.kind, to),
            to,
        ))
    }

    fn binary(
        &self,
        left: &Written,
        op: &BinaryOperator,
        right: &Written,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        match op {
            BinaryOperator::And | BinaryOperator::Or => {
                let is_and = *op == BinaryOperator::And;
                let what = if is_and { "AND" } else { "OR" };
                let mut list = Vec::new();
                self.chain(left, op, what, scope, &mut list)?;
                self.chain(right, op, what, scope, &mut list)?;
                let expr = if is_and {
                    Expr::And(list)
                } else {
                    Expr::Or(list)
                };
                Ok(Typed::new(expr, Type::BOOL))
            }
            _ => {
                let name = operator_name(op);
                let left = self.expr(left, scope)?;
                let right = self.expr(right, scope)?;
                self.operate(&name, left, right)
            }
        }
    }

    /// The parts of `a AND b AND c` as one list.
    fn chain(
        &self,
        part: &Written,
        op: &BinaryOperator,
        what: &str,
        scope: &Scope<'_>,
        list: &mut Vec<Expr>,
    ) -> Result<()> {
        match part {
            Written::BinaryOp {
                left,
                op: inner,
                right,
            } if inner == op => {
                self.chain(left, op, what, scope, list)?;
                self.chain(right, op, what, scope, list)
            }
            Written::Nested(inner) => self.chain(inner, op, what, scope, list),
            _ => {
                list.push(self.condition(part, scope, what)?);
                Ok(())
            }
        }
    }

    pub(super) fn operate(&self, name: &str, left: Typed, right: Typed) -> Result<Typed> {
        if let Some(comparison) = comparison(name) {
            return self.compare(name, comparison, left, right);
        }
        let Some(operator) = operators::find(name, left.kind, right.kind) else {
            return Err(no_operator(name, left.kind, right.kind));
        };
        let [l, r] = operator.arguments;
        let (left, right) = (self.shown_or(left, l)?, self.shown_or(right, r)?);
        // By equality an index finds the rows.
        if let Expr::Constant(Value::Text(pattern)) = &right
            && let Some(text) = patterns::only_match(name, pattern)
        {
            let text = Expr::Constant(Value::Text(text.into()));
            let equal = Expr::compare(Comparison::Equal, left, text);
            return Ok(Typed::new(equal, Type::BOOL));
        }
        let arguments = vec![left, right];
        let expr = if operator.strict {
            Expr::Strict(operator.call, arguments)
        } else {
            Expr::Call(operator.call, arguments)
        };
        Ok(Typed::new(expr, operator.result))
    }

    /// A value of another kind beside `||` is shown as a text.
    fn shown_or(&self, typed: Typed, to: Type) -> Result<Expr> {
        let is_shown = to == Type::TEXT && typed.kind != Type::UNKNOWN && !typed.kind.is_string();
        if is_shown {
            return Ok(Expr::Cast(Box::new(typed.expr), typed.kind, Type::TEXT));
        }
        Ok(self.coerce(typed, to)?.expr)
    }

    fn unary(&self, op: UnaryOperator, inner: &Written, scope: &Scope<'_>) -> Result<Typed> {
        match op {
            UnaryOperator::Not => {
                let condition = self.condition(inner, scope, "NOT")?;
                Ok(Typed::new(Expr::Not(Box::new(condition)), Type::BOOL))
            }
            UnaryOperator::Plus => self.expr(inner, scope),
            UnaryOperator::Minus => {
                let typed = self.expr(inner, scope)?;
                match typed.expr {
                    Expr::Constant(Value::Int(number)) => {
                        let negative = number
                            .checked_neg()
                            .ok_or_else(|| Failure::out_of_range("bigint"))?;
                        Ok(Typed::new(Expr::Constant(Value::Int(negative)), typed.kind))
                    }
                    Expr::Constant(Value::Float(number)) => Ok(Typed::new(
                        Expr::Constant(Value::Float(-number)),
                        typed.kind,
                    )),
                    _ => {
                        let zero = Typed::new(Expr::Constant(Value::Int(0)), Type::INT2);
                        self.operate("-", zero, typed)
                    }
                }
            }
            _ => Err(Failure::not_supported(format!("the operator {op}"))),
        }
    }

    fn is_null(&self, inner: &Written, negated: bool, scope: &Scope<'_>) -> Result<Typed> {
        let typed = self.known(self.expr(inner, scope)?)?;
        let test = Typed::new(Expr::IsNull(Box::new(typed.expr)), Type::BOOL);
        Ok(negate(test, negated))
    }

    fn is(&self, inner: &Written, wanted: bool, negated: bool, scope: &Scope<'_>) -> Result<Typed> {
        let condition = self.condition(inner, scope, "IS")?;
        let test = Typed::new(Expr::Is(Box::new(condition), wanted), Type::BOOL);
        Ok(negate(test, negated))
    }

    fn distinct(
        &self,
        left: &Written,
        right: &Written,
        negated: bool,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
        let (left, right) = self.comparable("=", left, right)?;
        let test = Typed::new(Expr::IsDistinct(Box::new([left, right])), Type::BOOL);
        Ok(negate(test, negated))
    }

    fn in_list(
        &self,
        expr: &Written,
        list: &[Written],
        negated: bool,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let left = self.expr(expr, scope)?;
        let items = list
            .iter()
            .map(|item| self.expr(item, scope))
            .collect::<Result<Vec<_>>>()?;
        // A left side that is unknown takes the type of the first that is not.
        let left = match items.iter().find(|item| item.kind != Type::UNKNOWN) {
            Some(known) if left.kind == Type::UNKNOWN => self.coerce(left, known.kind)?,
            _ => self.known(left)?,
        };
        let mut exprs = Vec::with_capacity(items.len());
        let mut own = left.expr.clone();
        for item in items {
            let (l, r) = self.comparable("=", left.clone(), item)?;
            own = l;
            exprs.push(r);
        }
        let test = Typed::new(Expr::In(Box::new(own), exprs), Type::BOOL);
        Ok(negate(test, negated))
    }

    fn between(
        &self,
        expr: &Written,
        low: &Written,
        high: &Written,
        negated: bool,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let (low, high) = (self.expr(low, scope)?, self.expr(high, scope)?);
        let middle = self.expr(expr, scope)?;
        let above = self.compare(">=", Comparison::GreaterEqual, middle.clone(), low)?;
        let below = self.compare("<=", Comparison::LessEqual, middle, high)?;
        let both = Typed::new(Expr::And(vec![above.expr, below.expr]), Type::BOOL);
        Ok(negate(both, negated))
    }

    fn scalar(&self, query: &ast::Query, scope: &Scope<'_>) -> Result<Typed> {
        let subquery = self.subquery(query, scope)?;
        let [column] = subquery.query.columns.as_slice() else {
            return Err(Failure::new(
                "42601",
                "subquery must return only one column",
            ));
        };
        let (kind, fields) = (column.kind, column.fields.clone());
        Ok(Typed {
            expr: Expr::Subquery(subquery, Use::Scalar),
            kind,
            fields,
        })
    }

    /// The function names of a qualified name; `pg_catalog` and kin are left out.
    pub(super) fn function_name(&self, name: &ast::ObjectName) -> Result<String> {
        Ok(names(name)?.pop().unwrap_or_default())
    }
}

/// An explicit cast to `varchar(n)` or `char(n)` cuts what is longer.
fn cut(typed: Typed, length: u64) -> Typed {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let call: crate::plan::Call = |_, values| match values {
        [Value::Text(shown), Value::Int(length)] => {
            let length = usize::try_from(*length).unwrap_or(usize::MAX);
            Ok(shown.chars().take(length).collect::<String>().into())
        }
        _ => Ok(Value::Null),
    };
    let arguments = vec![typed.expr, Expr::Constant(Value::Int(length))];
    Typed::new(Expr::Strict(call, arguments), typed.kind)
}

pub(super) fn negate(typed: Typed, negated: bool) -> Typed {
    if negated {
        Typed::new(Expr::Not(Box::new(typed.expr)), Type::BOOL)
    } else {
        typed
    }
}
