//! pgvector's functions. The distances that IRIS can compute become pgvector's
//! operators, which have rules of their own.

use sqlparser::ast::{BinaryOperator, Expr, Value};

use super::call::{braced, operation};
use super::{Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::vector::distance::{Sides, Squares, dot_product};
use crate::vector::operand::{element_of, shape_of, written};
use crate::vector::{literal, type_of};

const FLOAT8: Returns = Returns::Type(oid::FLOAT8);
const OTHER_DISTANCE: &str =
    "use l2_distance (<->), cosine_distance (<=>) or the inner product (<#>)";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["cosine_distance"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`1 - VECTOR_COSINE(a, b)`", |call| {
            Ok(distance(call, BinaryOperator::Spaceship))
        }),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["vector_negative_inner_product"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`-VECTOR_DOT_PRODUCT(a, b)`", |call| {
            Ok(distance(call, BinaryOperator::Custom("<#>".to_owned())))
        }),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["inner_product"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`VECTOR_DOT_PRODUCT(a, b)`", inner_product),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["l2_distance"],
        (2, 2),
        FLOAT8,
        Fate::Emulated(
            "`SQRT(|a|² + |b|² - 2ab)` by `VECTOR_DOT_PRODUCT`",
            |call| Ok(distance(call, BinaryOperator::LtDashGt)),
        ),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["vector_l2_squared_distance"],
        (2, 2),
        FLOAT8,
        Fate::Emulated(
            "`|a|² + |b|² - 2ab` by `VECTOR_DOT_PRODUCT`",
            squared_distance,
        ),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["vector_spherical_distance"],
        (2, 2),
        FLOAT8,
        Fate::Emulated("`ACOS(VECTOR_COSINE(a, b)) / PI()`", spherical_distance),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["vector_norm", "l2_norm"],
        (1, 1),
        FLOAT8,
        Fate::Emulated("`SQRT(VECTOR_DOT_PRODUCT(v, v))`", norm),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["l1_distance", "hamming_distance", "jaccard_distance"],
        (2, 2),
        FLOAT8,
        Fate::Refused(OTHER_DISTANCE),
    ),
    Entry::new(
        &["vector_dims"],
        (1, 1),
        Returns::Type(oid::INT4),
        Fate::Emulated("the length of the column", dimensions),
    )
    .bringing(Marks::VECTOR)
    .typed()
    .needing("2024.1", |version| version.has_vectors()),
    Entry::new(
        &["l2_normalize", "binary_quantize", "subvector"],
        (1, 3),
        Returns::Unknown,
        Fate::Refused(
            "IRIS computes cosines and inner products of vectors only: change vectors in the client",
        ),
    ),
];

fn distance(call: &mut Call<'_, '_, '_>, operator: BinaryOperator) -> Expr {
    build::nested(operation(call.take(0), operator, call.take(1)))
}

fn inner_product(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let sides = sides(call)?;
    Ok(dot_product(sides.left, sides.right))
}

fn squared_distance(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let sides = sides(call)?;
    Ok(Squares::of(sides, call.pass)?.value())
}

/// The angle as a part of half a turn.
fn spherical_distance(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let sides = sides(call)?;
    let cosine = build::call("VECTOR_COSINE", vec![sides.left, sides.right]);
    let angle = braced("ACOS", vec![cosine]);
    Ok(build::nested(build::binary(
        angle,
        BinaryOperator::Divide,
        braced("PI", Vec::new()),
    )))
}

/// Both arguments as vectors of the same elements.
fn sides(call: &mut Call<'_, '_, '_>) -> Diagnosed<Sides> {
    let (left, right) = (call.take(0), call.take(1));
    let element = element_of(&[&left, &right], call.pass, call.scopes);
    Ok(Sides {
        left: written(left, element, call.pass, call.scopes)?,
        right: written(right, element, call.pass, call.scopes)?,
        element,
    })
}

fn norm(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let inner = call.take(0);
    let element = element_of(&[&inner], call.pass, call.scopes);
    let inner = written(inner, element, call.pass, call.scopes)?;
    let square = dot_product(call.pass.copies.copy(&inner)?, inner);
    Ok(build::call("SQRT", vec![square]))
}

/// IRIS does not count elements, but those of a column with a length are as many.
fn dimensions(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let inner = call.take(0);
    if let Some(count) = dimensions_of_literal(&inner)? {
        return Ok(build::number(count));
    }
    match shape_of(&inner, call.scopes).and_then(|shape| shape.length) {
        Some(length) => Ok(build::case(
            vec![(Expr::IsNotNull(Box::new(inner)), build::number(length))],
            None,
        )),
        None => Err(call.refusal(
            " of vectors without a fixed number of dimensions",
            "IRIS does not count the elements of a vector",
        )),
    }
}

/// Of `'[1,2]'::vector`.
fn dimensions_of_literal(expression: &Expr) -> Diagnosed<Option<u64>> {
    let Expr::Cast {
        expr, data_type, ..
    } = build::unnested(expression)
    else {
        return Ok(None);
    };
    match (type_of(data_type), build::unnested(expr)) {
        (Some((of, _)), Expr::Value(value)) => match &value.value {
            Value::SingleQuotedString(text) => {
                literal::count(&text.replace("''", "'"), of).map(Some)
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}
