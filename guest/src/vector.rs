//! What the rules for pgvector's distances have in common.

use sqlparser::ast::{
    BinaryOperator, Expr, OrderByExpr, OrderByKind, OrderBySort, Query, Select, SelectItem,
    SetExpr, Statement,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::placeholder;
use crate::rule::Pass;
use crate::types::{self, oid};
use crate::walk::{self, Hooks};

/// The setting that says what vectors are made of.
pub(crate) const ELEMENT_SETTING: &str = "pgiris.vector_type";

/// The element type of vectors: FLOAT, DOUBLE or DECIMAL. IRIS compares only
/// vectors of the same one, so it is one for all columns and operands.
pub(crate) fn element(pass: &Pass<'_>) -> &'static str {
    match pass
        .scene
        .setting(ELEMENT_SETTING)
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("float") => "FLOAT",
        Some("decimal") => "DECIMAL",
        _ => "DOUBLE",
    }
}

/// A distance of pgvector that IRIS computes from a similarity.
pub(crate) struct Distance {
    pub(crate) is: fn(&BinaryOperator) -> bool,
    /// The function that grows as the distance shrinks.
    pub(crate) similarity: &'static str,
    /// From the similarity.
    pub(crate) distance: fn(Expr) -> Expr,
}

/// Removes a distance operator; tells whether there was one.
pub(crate) fn rewrite(
    distance: &Distance,
    tree: &mut Statement,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let mut walk = Walk {
        distance,
        pass,
        changed: false,
    };
    walk::statement(tree, &mut walk)?;
    Ok(walk.changed)
}

/// A value as a vector: `TO_VECTOR(x, DOUBLE)` unless it is one already.
pub(crate) fn operand(expression: Expr, pass: &mut Pass<'_>) -> Expr {
    if let Some(number) = placeholder::number_of(&expression) {
        pass.parameter_type(number, oid::TEXT);
    }
    match expression {
        Expr::Nested(inner) if !matches!(*inner, Expr::BinaryOp { .. }) => operand(*inner, pass),
        Expr::Value(_) => to_vector(expression, None, pass),
        Expr::Cast {
            expr, data_type, ..
        } => match types::of(&data_type).map(|known| known.kind) {
            Some(types::Kind::Vector(length)) => cast(*expr, length, pass),
            _ => to_vector(*expr, None, pass),
        },
        other => other,
    }
}

/// A value cast to pgvector's type.
pub(crate) fn cast(inner: Expr, length: Option<u64>, pass: &mut Pass<'_>) -> Expr {
    if let Some(number) = placeholder::number_of(build::unnested(&inner)) {
        pass.parameter_type(number, oid::TEXT);
    }
    to_vector(inner, length, pass)
}

fn to_vector(value: Expr, length: Option<u64>, pass: &Pass<'_>) -> Expr {
    let mut arguments = vec![value, build::name(element(pass))];
    arguments.extend(length.map(build::number));
    build::call("TO_VECTOR", arguments)
}

struct Walk<'a, 'b> {
    distance: &'a Distance,
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl Walk<'_, '_> {
    /// The call, if the expression is this distance.
    fn similarity(&mut self, expression: &Expr) -> Option<Expr> {
        let Expr::BinaryOp { left, op, right } = build::unnested(expression) else {
            return None;
        };
        if !(self.distance.is)(op) {
            return None;
        }
        self.changed = true;
        let operands = vec![
            operand((**left).clone(), self.pass),
            operand((**right).clone(), self.pass),
        ];
        Some(build::call(self.distance.similarity, operands))
    }

    /// IRIS uses an HNSW index for `ORDER BY similarity DESC` alone; it also puts
    /// NULL last there, as PostgreSQL does for the ascending distance.
    fn order(&mut self, key: &mut OrderByExpr, select: Option<&Select>) {
        let expression = resolved(&key.expr, select);
        let Some(similarity) = self.similarity(expression) else {
            return;
        };
        key.expr = similarity;
        let descending = matches!(key.options.sort, Some(OrderBySort::Desc));
        key.options.sort = Some(if descending {
            OrderBySort::Asc
        } else {
            OrderBySort::Desc
        });
        if key.options.nulls_first == Some(descending) {
            key.options.nulls_first = None;
        }
    }
}

/// What a sort key stands for: a select item by alias or number, or itself.
fn resolved<'a>(key: &'a Expr, select: Option<&'a Select>) -> &'a Expr {
    let Some(select) = select.filter(|select| select.distinct.is_none()) else {
        return key;
    };
    let found = match key {
        Expr::Identifier(name) => select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias }
                if labels::folded(alias) == labels::folded(name) =>
            {
                Some(expr)
            }
            _ => None,
        }),
        Expr::Value(value) => ordinal(&value.value.to_string(), &select.projection),
        _ => None,
    };
    found.unwrap_or(key)
}

fn ordinal<'a>(digits: &str, items: &'a [SelectItem]) -> Option<&'a Expr> {
    let starred = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    };
    if items.iter().any(starred) {
        return None;
    }
    match items.get(digits.parse::<usize>().ok()?.checked_sub(1)?)? {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

impl Hooks for Walk<'_, '_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let select = match &*query.body {
            SetExpr::Select(select) => Some(&**select),
            _ => None,
        };
        if let Some(OrderByKind::Expressions(keys)) =
            query.order_by.as_mut().map(|order| &mut order.kind)
        {
            keys.iter_mut().for_each(|key| self.order(key, select));
        }
        Ok(())
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if let Some(similarity) = self.similarity(expression) {
            *expression = (self.distance.distance)(similarity);
        }
        Ok(())
    }
}

/// The byte of the client's text where an operator between two operands stands.
pub(crate) fn operator_at(left: &Expr, operator: &str, text: &str) -> usize {
    use sqlparser::ast::Spanned;
    let behind = usize::try_from(left.span().end.column)
        .unwrap_or(0)
        .saturating_sub(1)
        .min(text.len());
    text.get(behind..)
        .and_then(|rest| rest.find(operator))
        .map_or(behind, |at| behind + at)
}
