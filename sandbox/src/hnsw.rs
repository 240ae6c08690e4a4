//! What an HNSW index asks of its column and its options; searches are exact without it.

use crate::catalog::{Column, Table};
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::vector::Element;

/// Distance is mandatory, other options than the three do not exist (-400); the one column is a
/// vector of fixed length and of real numbers, or an EMBEDDING.
pub(crate) fn check(
    table: &Table,
    columns: &[String],
    parameters: &[(String, String)],
) -> Result<()> {
    for (name, value) in parameters {
        option(name, value)?;
    }
    let given = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("Distance");
    if !parameters.iter().any(|parameter| given(&parameter)) {
        return fail("HNSW Distance parameter is required");
    }
    match columns {
        [name] if table.column(name).is_some_and(searchable) => Ok(()),
        [_] => fail("HNSW index needs a vector column of fixed length"),
        _ => fail("HNSW index needs one column"),
    }
}

fn option(name: &str, value: &str) -> Result<()> {
    match name.to_ascii_lowercase().as_str() {
        "distance" => match value.to_ascii_lowercase().as_str() {
            "cosine" | "dotproduct" => Ok(()),
            _ => fail(&format!(
                "HNSW Distance '{value}' is not Cosine or DotProduct"
            )),
        },
        "m" | "efconstruction" => match value.parse::<u32>() {
            Ok(1..) => Ok(()),
            _ => fail(&format!("HNSW {name} '{value}' is not a positive integer")),
        },
        _ => fail(&format!(
            "ERROR #5480: Property parameter not declared: {name}"
        )),
    }
}

fn searchable(column: &Column) -> bool {
    let real =
        |element: &Element| matches!(element, Element::Float | Element::Double | Element::Decimal);
    let fixed = matches!(&column.ty, Type::Vector(element, Some(_)) if real(element));
    fixed || column.declared.embedding.is_some()
}

fn fail(detail: &str) -> Result<()> {
    Err(SqlError::new(-400, detail))
}
