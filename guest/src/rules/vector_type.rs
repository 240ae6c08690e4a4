//! # What it does
//! Refuses vectors where the version has none.
//!
//! # Why
//! The type VECTOR and its functions are new in 2024.1.
//!
//! # Example
//! Before 2024.1 `CREATE TABLE t (v vector(3))` is refused with SQLSTATE 0A000.
//!
//! # Limits
//! None: nothing is done instead.
//!
//! # Versions
//! Before 2024.1.

use sqlparser::ast::{
    AlterTableOperation, BinaryOperator, ColumnDef, DataType, Expr, Spanned, Statement,
};

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct VectorType;

impl Rule for VectorType {
    fn name(&self) -> &'static str {
        "vector_type"
    }

    fn summary(&self) -> &'static str {
        "refuses vectors where the version has none"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::VECTOR)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if pass.scene.version.has_vectors() {
            return Ok(false);
        }
        let text = pass.text;
        if columns(tree).any(|column| is_vector(&column.data_type)) {
            return Err(missing());
        }
        walk::expressions(tree, &mut |expression| {
            let is_of_vectors = match expression {
                Expr::Cast { data_type, .. } => is_vector(data_type),
                Expr::BinaryOp { op, .. } => is_distance(op),
                _ => false,
            };
            if is_of_vectors {
                let start = expression.span().start.column.saturating_sub(1);
                return Err(missing().at(text, start as usize));
            }
            Ok(())
        })?;
        Ok(false)
    }
}

/// The columns that a statement defines.
fn columns(tree: &Statement) -> Box<dyn Iterator<Item = &ColumnDef> + '_> {
    match tree {
        Statement::CreateTable(table) => Box::new(table.columns.iter()),
        Statement::AlterTable(table) => {
            Box::new(table.operations.iter().filter_map(|change| match change {
                AlterTableOperation::AddColumn { column_def, .. } => Some(column_def),
                _ => None,
            }))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn is_vector(data_type: &DataType) -> bool {
    types::of(data_type).is_some_and(|known| matches!(known.kind, types::Kind::Vector(_)))
}

fn is_distance(operator: &BinaryOperator) -> bool {
    match operator {
        BinaryOperator::Spaceship => true,
        BinaryOperator::Custom(name) => matches!(name.as_str(), "<#>" | "<+>" | "<->"),
        other => matches!(other.to_string().as_str(), "<->" | "<#>" | "<+>"),
    }
}

fn missing() -> Diagnostic {
    Diagnostic::not_supported(
        "vectors are not supported by this version of IRIS",
        "use IRIS 2024.1 or later",
    )
}
