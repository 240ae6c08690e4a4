//! pgvector's functions. The distances that IRIS can compute become pgvector's
//! operators, which have rules of their own.

use sqlparser::ast::{BinaryOperator, Expr};

use super::call::operation;
use super::{Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::vector;

const FLOAT8: Returns = Returns::Type(oid::FLOAT8);
const OTHER_DISTANCE: &str = "use cosine_distance (<=>) or the inner product (<#>); for vectors of length 1 they give the same order";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["cosine_distance"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`1 - VECTOR_COSINE(a, b)`", |call| {
            Ok(distance(call, BinaryOperator::Spaceship))
        }),
    )
    .bringing(Marks::VECTOR),
    Entry::new(
        &["vector_negative_inner_product"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`-VECTOR_DOT_PRODUCT(a, b)`", |call| {
            Ok(distance(call, BinaryOperator::Custom("<#>".to_owned())))
        }),
    )
    .bringing(Marks::VECTOR),
    Entry::new(
        &["inner_product"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`VECTOR_DOT_PRODUCT(a, b)`", |call| {
            let (left, right) = (call.take(0), call.take(1));
            Ok(dot_product(call, left, right))
        }),
    )
    .bringing(Marks::VECTOR),
    Entry::new(
        &["vector_norm", "l2_norm"],
        (1, 1),
        FLOAT8,
        Fate::Emulated("`SQRT(VECTOR_DOT_PRODUCT(v, v))`", norm),
    )
    .bringing(Marks::VECTOR),
    Entry::new(
        &[
            "l2_distance",
            "l1_distance",
            "hamming_distance",
            "jaccard_distance",
        ],
        (2, 2),
        FLOAT8,
        Fate::Refused(OTHER_DISTANCE),
    ),
    Entry::new(
        &["vector_dims"],
        (1, 1),
        Returns::Type(oid::INT4),
        Fate::Refused("INFORMATION_SCHEMA.COLUMNS tells of the length of a vector column"),
    ),
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

fn dot_product(call: &mut Call<'_, '_, '_>, left: Expr, right: Expr) -> Expr {
    let args = vec![
        vector::operand(left, call.pass),
        vector::operand(right, call.pass),
    ];
    build::call("VECTOR_DOT_PRODUCT", args)
}

fn norm(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let (left, right) = (call.copy(0)?, call.take(0));
    let square = dot_product(call, left, right);
    Ok(build::call("SQRT", vec![square]))
}
