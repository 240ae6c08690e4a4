//! Comparisons, ANY and ALL.

use std::rc::Rc;

use sqlparser::ast::{self, BinaryOperator};

use super::scope::{Scope, Sink};
use super::{Binder, Typed};
use crate::failure::{Failure, Result};
use crate::functions::operators;
use crate::plan::{Comparison, Expr, Subquery, Test, Use};
use crate::types::{Category, Type};

/// The comparison of that name.
pub(super) fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "=" => Comparison::Equal,
        "<>" | "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        _ => return None,
    })
}

/// What is compared with what without a conversion.
#[derive(PartialEq)]
enum Family {
    String,
    Number,
    Of(Type),
    Array,
    Record,
}

fn family(kind: Type) -> Family {
    match kind {
        Type::RECORD => Family::Record,
        _ if kind.is_string() => Family::String,
        _ if kind.category() == Category::Numeric || kind.is_integer() => Family::Number,
        _ if kind.category() == Category::Array => Family::Array,
        _ => Family::Of(kind),
    }
}

pub(super) fn no_operator(name: &str, left: Type, right: Type) -> Failure {
    Failure::new(
        "42883",
        format!(
            "operator does not exist: {} {name} {}",
            left.display(),
            right.display()
        ),
    )
    .with_hint(
        "No operator matches the given name and argument types. You might need to add explicit type casts.",
    )
}

/// The operator's name, without the schema of `OPERATOR(schema.name)`.
pub(super) fn operator_name(operator: &BinaryOperator) -> String {
    match operator {
        BinaryOperator::PGCustomBinaryOperator(parts) => parts.last().cloned().unwrap_or_default(),
        other => other.to_string(),
    }
}

impl Binder {
    pub(super) fn compare(
        &self,
        name: &str,
        comparison: Comparison,
        left: Typed,
        right: Typed,
    ) -> Result<Typed> {
        let (left, right) = self.comparable(name, left, right)?;
        Ok(Typed::new(
            Expr::compare(comparison, left, right),
            Type::BOOL,
        ))
    }

    /// Both sides as values that compare with one another.
    pub(super) fn comparable(&self, name: &str, left: Typed, right: Typed) -> Result<(Expr, Expr)> {
        let (left, right) = match (left.kind, right.kind) {
            (Type::UNKNOWN, Type::UNKNOWN) => (self.known(left)?, self.known(right)?),
            (Type::UNKNOWN, other) => (self.coerce(left, literal_type(other))?, right),
            (other, Type::UNKNOWN) => {
                let right = self.coerce(right, literal_type(other))?;
                (left, right)
            }
            _ => (left, right),
        };
        // A text beside the name of an object is one as well.
        let (left, right) = match (left.kind, right.kind) {
            (Type::REGCLASS, other) if other.is_string() => {
                (left, self.coerce(right, Type::REGCLASS)?)
            }
            (other, Type::REGCLASS) if other.is_string() => {
                (self.coerce(left, Type::REGCLASS)?, right)
            }
            _ => (left, right),
        };
        if family(left.kind) != family(right.kind) {
            return Err(no_operator(name, left.kind, right.kind));
        }
        self.comparable_fields(name, left, right)
    }

    /// Rows are compared field by field, and an unknown field takes the other's type.
    fn comparable_fields(&self, name: &str, left: Typed, right: Typed) -> Result<(Expr, Expr)> {
        let (Expr::Composite(lefts), Some(left_fields)) = (&left.expr, &left.fields) else {
            return Ok((left.expr, right.expr));
        };
        let (Expr::Composite(rights), Some(right_fields)) = (&right.expr, &right.fields) else {
            return Ok((left.expr, right.expr));
        };
        if lefts.len() != rights.len() {
            return Err(Failure::new(
                "42601",
                "unequal number of entries in row expressions",
            ));
        }
        let mut pair = (Vec::new(), Vec::new());
        for (place, (l, r)) in lefts.iter().zip(rights).enumerate() {
            let kind = |fields: &crate::plan::Fields| {
                fields.get(place).map_or(Type::UNKNOWN, |(_, kind)| *kind)
            };
            let (l, r) = self.comparable(
                name,
                Typed::new(l.clone(), kind(left_fields)),
                Typed::new(r.clone(), kind(right_fields)),
            )?;
            pair.0.push(l);
            pair.1.push(r);
        }
        Ok((Expr::Composite(pair.0), Expr::Composite(pair.1)))
    }

    /// An operator that gives a truth value, applied to elements.
    fn test(&self, name: &str, left: Type, right: Type) -> Result<Test> {
        if let Some(comparison) = comparison(name) {
            return Ok(Test::Compare(comparison));
        }
        operators::find(name, left, right)
            .filter(|operator| operator.result == Type::BOOL)
            .map(|operator| Test::Call(operator.call))
            .ok_or_else(|| no_operator(name, left, right))
    }

    /// `left op ANY (right)`, or ALL.
    pub(super) fn quantified(
        &self,
        left: &ast::Expr,
        operator: &BinaryOperator,
        right: &ast::Expr,
        all: bool,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let name = operator_name(operator);
        let left = self.expr(left, scope)?;
        if let Some(query) = subquery_of(right) {
            return self.in_query(left, &name, query, all, scope);
        }
        let right = self.expr(right, scope)?;
        let right = match right.kind {
            Type::UNKNOWN => {
                let element = match left.kind {
                    Type::UNKNOWN => Type::TEXT,
                    kind => literal_type(kind),
                };
                let array = element.array().unwrap_or(Type(1009));
                self.coerce(right, array)?
            }
            _ => right,
        };
        let Some(element) = right.kind.element() else {
            return Err(Failure::new(
                "42809",
                "op ANY/ALL (array) requires array on right side",
            ));
        };
        let left = match left.kind {
            Type::UNKNOWN => self.coerce(left, element)?,
            _ => left,
        };
        let test = self.test(&name, left.kind, element)?;
        if matches!(test, Test::Compare(_)) && family(left.kind) != family(element) {
            return Err(no_operator(&name, left.kind, element));
        }
        Ok(Typed::new(
            Expr::Quantified(test, Box::new([left.expr, right.expr]), all),
            Type::BOOL,
        ))
    }

    /// A comparison with the rows of a subquery.
    pub(super) fn in_query(
        &self,
        left: Typed,
        name: &str,
        query: &ast::Query,
        all: bool,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let subquery = self.subquery(query, scope)?;
        let width = subquery.query.columns.len();
        let wanted = left.fields.as_ref().map_or(1, |fields| fields.len());
        if width != wanted {
            return Err(Failure::new(
                "42601",
                if width > wanted {
                    "subquery has too many columns"
                } else {
                    "subquery has too few columns"
                },
            ));
        }
        let kind = subquery
            .query
            .columns
            .first()
            .map_or(Type::TEXT, |column| column.kind);
        let left = match left.kind {
            Type::RECORD => left,
            Type::UNKNOWN => self.coerce(left, literal_type(kind))?,
            _ => left,
        };
        let test = self.test(name, left.kind, kind)?;
        if left.kind != Type::RECORD
            && matches!(test, Test::Compare(_))
            && kind != Type::UNKNOWN
            && family(left.kind) != family(kind)
        {
            return Err(no_operator(name, left.kind, kind));
        }
        Ok(Typed::new(
            Expr::Subquery(subquery, Use::Quantified(test, Box::new(left.expr), all)),
            Type::BOOL,
        ))
    }

    /// A query inside an expression.
    pub(super) fn subquery(&self, query: &ast::Query, scope: &Scope<'_>) -> Result<Rc<Subquery>> {
        let sink = Sink::default();
        let query = self.query(query, Some(scope), scope.commons, &sink)?;
        sink.hand_on(scope.sink);
        let memo = sink.is_steady().then(Default::default);
        Ok(Rc::new(Subquery {
            query,
            captured: sink.captured.into_inner(),
            memo,
        }))
    }
}

/// The type that a literal beside it takes.
fn literal_type(kind: Type) -> Type {
    match kind {
        Type::RECORD => Type::UNKNOWN,
        // Held alike, and a literal is not cut to 63 bytes for a comparison.
        Type::VARCHAR | Type::BPCHAR => Type::TEXT,
        _ => kind,
    }
}

fn subquery_of(expr: &ast::Expr) -> Option<&ast::Query> {
    match expr {
        ast::Expr::Subquery(query) => Some(query),
        ast::Expr::Nested(inner) => subquery_of(inner),
        _ => None,
    }
}
