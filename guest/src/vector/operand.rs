//! What stands where a vector is wanted, written as IRIS's vector.

use sqlparser::ast::{Array, DataType, Expr, Value, ValueWithSpan};

use super::literal::{self, Type};
use super::{Element, Shape, default_element, type_of};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::oid;
use crate::wit::Diagnostic;

/// What is known of the vector that an expression is; none if it is no vector, or
/// nothing is known of it.
pub(crate) fn shape_of(expression: &Expr, scopes: &Scopes<'_>) -> Option<Shape> {
    match expression {
        Expr::Nested(inner) => shape_of(inner, scopes),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => scopes.column(expression)?.vector,
        Expr::Cast {
            expr, data_type, ..
        } => {
            type_of(data_type)?;
            shape_of(expr, scopes)
        }
        Expr::Function(function)
            if build::function_name(function).as_deref() == Some("to_vector") =>
        {
            let arguments = build::arguments(function);
            let element = match arguments.get(1)? {
                Expr::Identifier(word) => Element::of(&word.value),
                _ => None,
            };
            Some(Shape {
                element,
                length: None,
            })
        }
        _ => None,
    }
}

/// The element type in which vectors that meet are written: that of the first one of
/// which it is known.
pub(crate) fn element_of(operands: &[&Expr], pass: &Pass<'_>, scopes: &Scopes<'_>) -> Element {
    let known = operands
        .iter()
        .find_map(|operand| shape_of(operand, scopes)?.element);
    known.unwrap_or_else(|| default_element(pass))
}

/// A value as a vector: `TO_VECTOR(x, DOUBLE)` unless it is one already.
pub(crate) fn written(
    expression: Expr,
    element: Element,
    pass: &mut Pass<'_>,
    scopes: &Scopes<'_>,
) -> Diagnosed<Expr> {
    match expression {
        Expr::Nested(inner) if !matches!(*inner, Expr::BinaryOp { .. }) => {
            written(*inner, element, pass, scopes)
        }
        Expr::Value(ref value) if !matches!(value.value, Value::Null) => {
            cast(expression, (Type::Vector, None), element, pass, scopes)
        }
        Expr::Cast {
            expr,
            ref data_type,
            ..
        } => match type_of(data_type) {
            Some(target) => cast(*expr, target, element, pass, scopes),
            None => Ok(to_vector(
                Expr::Cast {
                    kind: sqlparser::ast::CastKind::Cast,
                    data_type: data_type.clone(),
                    expr,
                    format: None,
                },
                element,
            )),
        },
        Expr::TypedString(ref typed) => match type_of(&typed.data_type) {
            Some(target) => {
                let inner = Expr::Value(typed.value.clone());
                cast(inner, target, element, pass, scopes)
            }
            None => Ok(expression),
        },
        other => Ok(other),
    }
}

/// A value cast to pgvector's type.
///
/// # Errors
/// A literal that is no vector, or not of as many dimensions; what is no vector at all.
pub(crate) fn cast(
    inner: Expr,
    (of, length): (Type, Option<u64>),
    element: Element,
    pass: &mut Pass<'_>,
    scopes: &Scopes<'_>,
) -> Diagnosed<Expr> {
    check_modifier(length)?;
    if let Some(number) = placeholder::number_of(build::unnested(&inner)) {
        pass.parameter_type(
            number,
            match of {
                Type::Vector => oid::VECTOR,
                Type::Halfvec => oid::HALFVEC,
            },
        );
        return Ok(to_vector(inner, element));
    }
    if let Some(array) = array(&inner) {
        return literal(&array.value, of, length, array.at, element, pass);
    }
    match build::unnested(&inner) {
        Expr::Value(ValueWithSpan {
            value: Value::SingleQuotedString(text),
            span,
        }) => {
            let at = span.start.column.saturating_sub(1) as usize;
            literal(&build::content(text), of, length, at, element, pass)
        }
        Expr::Value(ValueWithSpan {
            value: Value::Null, ..
        }) => Ok(to_vector(inner, element)),
        Expr::Value(_) => Err(Diagnostic::error(
            "42846",
            format!("cannot cast this literal to {}", name(of)),
        )),
        _ if of == Type::Halfvec => Err(Diagnostic::not_supported(
            "a cast of computed values to halfvec is not supported",
            "leave the cast out: IRIS keeps vectors in single precision or better",
        )),
        _ => of_expression(inner, length, element, pass, scopes),
    }
}

fn of_expression(
    inner: Expr,
    length: Option<u64>,
    element: Element,
    pass: &mut Pass<'_>,
    scopes: &Scopes<'_>,
) -> Diagnosed<Expr> {
    let is_text = matches!(
        scopes.type_of(&inner),
        Some(oid::TEXT | oid::VARCHAR | oid::BPCHAR)
    );
    if is_text {
        return Ok(to_vector(inner, element));
    }
    let Some(length) = length else {
        return written(inner, element, pass, scopes);
    };
    match shape_of(&inner, scopes).and_then(|shape| shape.length) {
        Some(known) if known == length => Ok(inner),
        Some(known) => Err(unexpected(length, known)),
        None => match build::unnested(&inner) {
            Expr::Cast { .. } | Expr::TypedString(_) => {
                let of = (Type::Vector, Some(length));
                match build::unnested(&inner).clone() {
                    Expr::Cast {
                        expr, data_type, ..
                    } if type_of(&data_type).is_some() => cast(*expr, of, element, pass, scopes),
                    other => Ok(to_vector(other, element)),
                }
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => Ok(to_vector(inner, element)),
            _ => Err(Diagnostic::not_supported(
                "a cast of computed values to vectors of some length is not supported",
                "leave the length out",
            )),
        },
    }
}

fn literal(
    text: &str,
    of: Type,
    length: Option<u64>,
    at: usize,
    element: Element,
    pass: &Pass<'_>,
) -> Diagnosed<Expr> {
    let found = literal::count(text, of).map_err(|error| error.at(pass.text, at))?;
    if let Some(length) = length.filter(|length| *length != found) {
        return Err(unexpected(length, found));
    }
    let value = match of {
        Type::Vector => build::string(text),
        Type::Halfvec => {
            build::string(&literal::halved(text).map_err(|error| error.at(pass.text, at))?)
        }
    };
    Ok(to_vector(value, element))
}

/// The vector that an array of numbers is.
struct ArrayLiteral {
    value: String,
    at: usize,
}

/// `ARRAY[1,2]`, `'{1,2}'::real[]`
fn array(expression: &Expr) -> Option<ArrayLiteral> {
    match build::unnested(expression) {
        Expr::Array(Array { elem, .. }) => {
            let elements: Option<Vec<String>> = elem.iter().map(build::number_in).collect();
            Some(ArrayLiteral {
                value: format!("[{}]", elements?.join(",")),
                at: 0,
            })
        }
        Expr::Cast {
            expr,
            data_type: DataType::Array(_),
            ..
        } => match build::unnested(expr) {
            Expr::Value(ValueWithSpan {
                value: Value::SingleQuotedString(text),
                span,
            }) => Some(ArrayLiteral {
                value: literal::of_array(text)?,
                at: span.start.column.saturating_sub(1) as usize,
            }),
            Expr::Array(_) => array(expr),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn to_vector(value: Expr, element: Element) -> Expr {
    build::call("TO_VECTOR", vec![value, build::name(element.keyword())])
}

/// `vector_typmod_in`
pub(crate) fn check_modifier(length: Option<u64>) -> Diagnosed<()> {
    let message = match length {
        Some(0) => "dimensions for type vector must be at least 1",
        Some(16_001..) => "dimensions for type vector cannot exceed 16000",
        _ => return Ok(()),
    };
    Err(Diagnostic::error("22023", message))
}

pub(crate) fn unexpected(expected: u64, found: u64) -> Diagnostic {
    Diagnostic::error(
        "22000",
        format!("expected {expected} dimensions, not {found}"),
    )
}

fn name(of: Type) -> &'static str {
    match of {
        Type::Vector => "vector",
        Type::Halfvec => "halfvec",
    }
}
