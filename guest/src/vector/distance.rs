//! What the rules for pgvector's distances have in common.

use sqlparser::ast::{
    BinaryOperator, Expr, OrderByExpr, OrderByKind, OrderBySort, Query, Select, SelectItem,
    SetExpr, Statement, Value,
};

use super::operand::{element_of, written};
use super::{Element, operator_at};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::rule::Pass;
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::wit::Diagnostic;

/// A distance of pgvector, made of what IRIS computes.
pub(crate) trait Distance {
    /// The operator, if it is this distance.
    fn operator(&self, operator: &BinaryOperator) -> Option<&'static str>;

    /// The distance of two vectors.
    fn value(&self, sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Expr>;

    /// What grows as the distance shrinks, and is NULL where that is.
    fn key(&self, sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Expr>;
}

/// Two vectors, written as IRIS's.
pub(crate) struct Sides {
    pub(crate) left: Expr,
    pub(crate) right: Expr,
    pub(crate) element: Element,
}

/// Removes a distance operator; tells whether there was one.
pub(crate) fn rewrite(
    distance: &dyn Distance,
    tree: &mut Statement,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let relations = pass.relations;
    let parameters = pass.parameters.clone();
    let mut walk = Walk {
        distance,
        pass,
        changed: false,
    };
    scoped(tree, relations, &parameters, &mut walk)?;
    Ok(walk.changed)
}

struct Walk<'a, 'b> {
    distance: &'a dyn Distance,
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl Walk<'_, '_> {
    /// The vectors, if the expression is this distance.
    fn sides(&mut self, expression: &Expr, scopes: &mut Scopes<'_>) -> Diagnosed<Option<Sides>> {
        let Expr::BinaryOp { left, op, right } = build::unnested(expression) else {
            return Ok(None);
        };
        let Some(operator) = self.distance.operator(op) else {
            return Ok(None);
        };
        if is_unknown(left) && is_unknown(right) {
            let at = operator_at(left, operator, self.pass.text);
            return Err(Diagnostic::error(
                "42725",
                format!("operator is not unique: unknown {operator} unknown"),
            )
            .with_hint("Could not choose a best candidate operator. You might need to add explicit type casts.")
            .at(self.pass.text, at));
        }
        self.changed = true;
        let element = element_of(&[left, right], self.pass, scopes);
        Ok(Some(Sides {
            left: written((**left).clone(), element, self.pass, scopes)?,
            right: written((**right).clone(), element, self.pass, scopes)?,
            element,
        }))
    }

    /// IRIS uses an HNSW index for `ORDER BY similarity DESC` alone; it also puts
    /// NULL last there, as PostgreSQL does for the ascending distance.
    fn order(
        &mut self,
        key: &mut OrderByExpr,
        select: Option<&Select>,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        let expression = resolved(&key.expr, select);
        let Some(sides) = self.sides(expression, scopes)? else {
            return Ok(());
        };
        key.expr = self.distance.key(sides, self.pass)?;
        let descending = matches!(key.options.sort, Some(OrderBySort::Desc));
        key.options.sort = Some(if descending {
            OrderBySort::Asc
        } else {
            OrderBySort::Desc
        });
        // Where IRIS puts NULL, unless it was said.
        key.options.nulls_first.get_or_insert(descending);
        Ok(())
    }
}

fn is_unknown(expression: &Expr) -> bool {
    matches!(build::unnested(expression), Expr::Value(value)
        if matches!(value.value, Value::SingleQuotedString(_)))
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

impl ScopedHooks for Walk<'_, '_> {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let select = match &*query.body {
            SetExpr::Select(select) => Some(&**select),
            _ => None,
        };
        if let Some(OrderByKind::Expressions(keys)) =
            query.order_by.as_mut().map(|order| &mut order.kind)
        {
            for key in keys {
                self.order(key, select, scopes)?;
            }
        }
        Ok(())
    }

    fn enter_expression(
        &mut self,
        expression: &mut Expr,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        if let Some(sides) = self.sides(expression, scopes)? {
            *expression = self.distance.value(sides, self.pass)?;
        }
        Ok(())
    }
}

/// `VECTOR_DOT_PRODUCT(left, right)`
pub(crate) fn dot_product(left: Expr, right: Expr) -> Expr {
    build::call("VECTOR_DOT_PRODUCT", vec![left, right])
}

/// The square of the Euclidean distance of two vectors, |a|² + |b|² - 2ab, or what grows
/// as it shrinks.
pub(crate) struct Squares {
    left: Expr,
    right: Expr,
    product: Expr,
}

impl Squares {
    /// # Errors
    /// A refusal where IRIS would lose the digits that matter.
    pub(crate) fn of(sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Self> {
        if sides.element == Element::Float {
            return Err(Diagnostic::not_supported(
                "the Euclidean distance of vectors of FLOAT is not supported",
                "IRIS computes inner products alone, and too coarsely of FLOAT: make the column VECTOR(DOUBLE, n)",
            ));
        }
        let left = dot_product(
            pass.copies.copy(&sides.left)?,
            pass.copies.copy(&sides.left)?,
        );
        let right = dot_product(
            pass.copies.copy(&sides.right)?,
            pass.copies.copy(&sides.right)?,
        );
        Ok(Self {
            left,
            right,
            product: dot_product(sides.left, sides.right),
        })
    }

    fn doubled(product: Expr) -> Expr {
        build::binary(build::number(2), BinaryOperator::Multiply, product)
    }

    /// Rounding may leave less than nothing of it.
    pub(crate) fn value(self) -> Expr {
        let sum = build::binary(self.left, BinaryOperator::Plus, self.right);
        let square = build::binary(sum, BinaryOperator::Minus, Self::doubled(self.product));
        build::call("GREATEST", vec![square, build::number(0)])
    }

    /// What is the same for all rows is left out.
    pub(crate) fn key(self) -> Expr {
        let mut key = Self::doubled(self.product);
        for square in [self.left, self.right] {
            if !is_constant(&square) {
                key = build::binary(key, BinaryOperator::Minus, square);
            }
        }
        build::nested(key)
    }
}

/// Whether a product is that of a literal or a parameter.
fn is_constant(product: &Expr) -> bool {
    let Expr::Function(product) = product else {
        return false;
    };
    build::arguments(product).iter().all(|factor| {
        let Expr::Function(vector) = factor else {
            return false;
        };
        build::function_name(vector).as_deref() == Some("to_vector")
            && matches!(build::arguments(vector).first(), Some(Expr::Value(_)))
    })
}
