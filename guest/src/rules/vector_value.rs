//! # What it does
//! Writes what is stored in a column of vectors, or compared with one, as a vector of
//! the column's elements, and refuses what IRIS cannot compute of vectors.
//!
//! # Why
//! IRIS makes vectors by TO_VECTOR, and compares only those of the same elements; it has
//! no order and no arithmetic of them. (InterSystems SQL Reference, "TO_VECTOR".)
//!
//! # Example
//! `INSERT INTO items (v) VALUES ('[1,2]')` becomes
//! `INSERT INTO items (v) VALUES (TO_VECTOR('[1,2]', DOUBLE))`.
//!
//! # Limits
//! `+ - * ||`, `<` and its kin, `avg`, `sum`, an order by a vector, and vectors as text are
//! refused. The columns of `halfvec` are shown as vectors. Those of views and of queries in a
//! select list are shown as IRIS shows them. Which columns are vectors is known to users who may read `%Dictionary`; for
//! others IRIS decides what a literal means, and shows vectors without brackets.
//!
//! # Versions
//! From 2024.1.

use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, Expr, Function, Insert, OnConflictAction, OnInsert,
    OrderByKind, Query, SelectItem, SetExpr, Spanned, Statement, TableObject, Value,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{Column, TableName};
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::vector::operand::{element_of, unexpected, written};
use crate::vector::{Shape, default_element, literal, operator_at};
use crate::wit::Diagnostic;

pub(crate) struct VectorValue;

impl Rule for VectorValue {
    fn name(&self) -> &'static str {
        "vector_value"
    }

    fn summary(&self) -> &'static str {
        "writes what meets a column of vectors as a vector of its elements"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::FROM
                .and(Marks::INSERT)
                .and(Marks::WRITING)
                .and(Marks::VECTOR),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !pass.relations.have_vectors() && !mentions_vectors(pass.statement) {
            return Ok(false);
        }
        let relations = pass.relations;
        let parameters = pass.parameters.clone();
        let mut changed = false;
        match tree {
            Statement::Insert(insert) => changed |= inserted(insert, pass)?,
            Statement::Update(update) => {
                if let Some((name, _)) = crate::writing::named(&update.table) {
                    let columns = columns_of(name, pass);
                    for assignment in &mut update.assignments {
                        changed |=
                            assigned(&assignment.target, &mut assignment.value, &columns, pass)?;
                    }
                }
            }
            _ => {}
        }
        let mut walk = Walk { pass, changed };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

/// Statements without a table of vectors have some only if they say so.
fn mentions_vectors(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'v', b'V', bytes).any(|at| {
        bytes
            .get(at..at + 3)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"vec"))
    })
}

fn columns_of(name: &sqlparser::ast::ObjectName, pass: &Pass<'_>) -> Vec<Column> {
    let relation = TableName::of(name).and_then(|name| pass.relations.find(&name));
    relation.map_or_else(Vec::new, |relation| relation.columns.clone())
}

fn inserted(insert: &mut Insert, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let TableObject::TableName(name) = &insert.table else {
        return Ok(false);
    };
    let columns = columns_of(name, pass);
    let find = |name: &str| columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
    let targets: Vec<Option<Shape>> = if insert.columns.is_empty() {
        columns.iter().map(|column| column.vector).collect()
    } else {
        let named = insert.columns.iter().map(|name| name.0.last()?.as_ident());
        named.map(|name| find(&name?.value)?.vector).collect()
    };
    let mut changed = false;
    if targets.iter().any(Option::is_some) {
        match insert.source.as_mut().map(|source| &mut *source.body) {
            Some(SetExpr::Values(values)) => {
                for row in &mut values.rows {
                    changed |= stored_all(row.content.iter_mut(), &targets, pass)?;
                }
            }
            Some(SetExpr::Select(select)) => {
                let items = select.projection.iter_mut();
                let values: Option<Vec<&mut Expr>> = items
                    .map(|item| match item {
                        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                            Some(expr)
                        }
                        _ => None,
                    })
                    .collect();
                changed |= stored_all(values.into_iter().flatten(), &targets, pass)?;
            }
            _ => {}
        }
    }
    if let Some(OnInsert::OnConflict(conflict)) = &mut insert.on
        && let OnConflictAction::DoUpdate(update) = &mut conflict.action
    {
        for assignment in &mut update.assignments {
            changed |= assigned(&assignment.target, &mut assignment.value, &columns, pass)?;
        }
    }
    Ok(changed)
}

fn stored_all<'a>(
    values: impl Iterator<Item = &'a mut Expr>,
    targets: &[Option<Shape>],
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let mut changed = false;
    for (value, target) in values.zip(targets) {
        if let Some(shape) = target {
            changed |= stored(value, *shape, pass)?;
        }
    }
    Ok(changed)
}

fn assigned(
    target: &AssignmentTarget,
    value: &mut Expr,
    columns: &[Column],
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let AssignmentTarget::ColumnName(name) = target else {
        return Ok(false);
    };
    let Some(name) = name.0.last().and_then(|part| part.as_ident()) else {
        return Ok(false);
    };
    let named = |column: &&Column| column.name.eq_ignore_ascii_case(&name.value);
    match columns.iter().find(named).and_then(|column| column.vector) {
        Some(shape) => stored(value, shape, pass),
        None => Ok(false),
    }
}

/// A value for a column of that shape.
fn stored(value: &mut Expr, shape: Shape, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let is_plain = match build::unnested(value) {
        Expr::Value(plain) => match &plain.value {
            Value::SingleQuotedString(text) => {
                let at = plain.span.start.column.saturating_sub(1) as usize;
                let text = build::content(text);
                let found = literal::count(&text, literal::Type::Vector)
                    .map_err(|error| error.at(pass.text, at))?;
                match shape.length {
                    Some(length) if length != found => return Err(unexpected(length, found)),
                    _ => true,
                }
            }
            Value::Placeholder(_) => placeholder::number_of(build::unnested(value)).is_some(),
            _ => false,
        },
        Expr::Cast { .. } | Expr::TypedString(_) => true,
        _ => false,
    };
    if !is_plain {
        return Ok(false);
    }
    let element = shape.element.unwrap_or_else(|| default_element(pass));
    let relations = pass.relations;
    let parameters = pass.parameters.clone();
    let scopes = Scopes::new(relations, &parameters);
    let before = value.clone();
    *value = written(build::take(value), element, pass, &scopes)?;
    Ok(*value != before)
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    changed: bool,
}

fn is_vector(expression: &Expr, scopes: &Scopes<'_>) -> bool {
    matches!(scopes.type_of(expression), Some(oid::VECTOR | oid::HALFVEC))
}

impl Walk<'_, '_> {
    /// The other operands of one that is a vector.
    fn compared(&mut self, operands: &mut [&mut Expr], scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let shown: Vec<&Expr> = operands.iter().map(|operand| &**operand).collect();
        let element = element_of(&shown, self.pass, scopes);
        for operand in operands {
            let before = operand.clone();
            **operand = written(build::take(operand), element, self.pass, scopes)?;
            self.changed |= **operand != before;
        }
        Ok(())
    }

    fn legs(
        &mut self,
        body: &mut SetExpr,
        vectors: &[bool],
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                self.legs(left, vectors, scopes)?;
                self.legs(right, vectors, scopes)
            }
            SetExpr::Select(select) => {
                for (item, is_vector) in select.projection.iter_mut().zip(vectors) {
                    if let (
                        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. },
                        true,
                    ) = (item, is_vector)
                        && matches!(build::unnested(expr), Expr::Value(_))
                    {
                        self.compared(&mut [expr], scopes)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Of vectors, pgvector has avg and sum, and IRIS neither.
    fn aggregate(&self, function: &Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let arguments = build::arguments(function);
        let Some(name) = build::function_name(function) else {
            return Ok(());
        };
        let aggregates = ["avg", "sum", "min", "max"];
        let of_vectors = || matches!(arguments.as_slice(), [only] if is_vector(only, scopes));
        if !aggregates.contains(&name.as_str()) || !of_vectors() {
            return Ok(());
        }
        let at = function.name.span().start.column.saturating_sub(1) as usize;
        let refusal = match name.as_str() {
            "avg" | "sum" => Diagnostic::not_supported(
                format!("{name} of vectors is not supported"),
                "select the vectors and add them up in the client",
            ),
            _ => Diagnostic::error("42883", format!("function {name}(vector) does not exist")).with_hint(
                "No function matches the given name and argument types. You might need to add explicit type casts.",
            ),
        };
        Err(refusal.at(self.pass.text, at))
    }

    fn operator(&self, left: &Expr, operator: &BinaryOperator, hint: &str) -> Diagnostic {
        let operator = operator.to_string();
        let at = operator_at(left, &operator, self.pass.text);
        Diagnostic::not_supported(
            format!("operator {operator} of vectors is not supported"),
            hint,
        )
        .at(self.pass.text, at)
    }
}

impl ScopedHooks for Walk<'_, '_> {
    /// A literal in one leg of a set operation is what the other legs have there.
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if !matches!(*query.body, SetExpr::SetOperation { .. }) {
            return Ok(());
        }
        let legs = scopes.types_of_legs(query);
        let width = legs.first().map_or(0, Vec::len);
        let vectors: Vec<bool> = (0..width)
            .map(|index| {
                let mut types = legs.iter().filter_map(|leg| leg.get(index)?.type_oid);
                types.any(|known| known == oid::VECTOR)
            })
            .collect();
        if vectors.contains(&true) {
            self.legs(&mut query.body, &vectors, scopes)?;
        }
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Some(OrderByKind::Expressions(keys)) = query.order_by.as_ref().map(|order| &order.kind)
        else {
            return Ok(());
        };
        match keys.iter().find(|key| is_vector(&key.expr, scopes)) {
            None => Ok(()),
            Some(key) => {
                let at = key.expr.span().start.column.saturating_sub(1) as usize;
                Err(Diagnostic::not_supported(
                    "an order by vectors is not supported",
                    "order by a distance",
                )
                .at(self.pass.text, at))
            }
        }
    }

    fn enter_expression(
        &mut self,
        expression: &mut Expr,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        use BinaryOperator as O;
        match expression {
            Expr::BinaryOp { left, op, right }
                if is_vector(left, scopes) || is_vector(right, scopes) =>
            {
                match op {
                    O::Eq | O::NotEq => {
                        return self.compared(&mut [&mut **left, &mut **right], scopes);
                    }
                    O::Lt | O::LtEq | O::Gt | O::GtEq => {
                        return Err(self.operator(left, op, "IRIS has no order of vectors"));
                    }
                    O::Plus | O::Minus | O::Multiply | O::StringConcat => {
                        return Err(self.operator(left, op, "compute with vectors in the client"));
                    }
                    _ => {}
                }
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right)
                if is_vector(left, scopes) || is_vector(right, scopes) =>
            {
                return self.compared(&mut [&mut **left, &mut **right], scopes);
            }
            Expr::InList { expr, list, .. } if is_vector(expr, scopes) => {
                let mut operands: Vec<&mut Expr> = vec![&mut **expr];
                operands.extend(list.iter_mut());
                return self.compared(&mut operands, scopes);
            }
            Expr::Function(function) => self.aggregate(function, scopes)?,
            Expr::Between { expr, .. } if is_vector(expr, scopes) => {
                let at = expr.span().start.column.saturating_sub(1) as usize;
                return Err(Diagnostic::not_supported(
                    "BETWEEN of vectors is not supported",
                    "IRIS has no order of vectors",
                )
                .at(self.pass.text, at));
            }
            Expr::Cast {
                expr, data_type, ..
            } if is_vector(expr, scopes) && crate::vector::type_of(data_type).is_none() => {
                let at = expr.span().start.column.saturating_sub(1) as usize;
                return Err(Diagnostic::not_supported(
                    "a cast of a vector to another type is not supported",
                    "select the vector itself: it is sent as text or in binary, as the client wants it",
                )
                .at(self.pass.text, at));
            }
            _ => {}
        }
        Ok(())
    }
}
