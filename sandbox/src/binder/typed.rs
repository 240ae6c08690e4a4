//! An expression in SQLite SQL with what is known of its value.

use crate::collation::Collation;
use crate::datatype::Type;

/// What an expression is, where conversions and labels depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Null,
    Parameter(usize),
    /// A literal and its value as text.
    Literal(String),
    /// A column of a base table, as stored.
    Column,
    Other,
}

/// A bound expression.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) sql: String,
    pub(super) ty: Type,
    /// `None` leaves the choice to the other side of a comparison.
    pub(super) collation: Option<Collation>,
    pub(super) shape: Shape,
}

impl Typed {
    pub(super) fn null() -> Self {
        Self {
            sql: "NULL".to_owned(),
            ty: Type::Varchar(None),
            collation: None,
            shape: Shape::Null,
        }
    }

    pub(super) fn parameter(number: usize, ty: Type) -> Self {
        Self {
            sql: format!("?{}", number + 1),
            ty,
            collation: None,
            shape: Shape::Parameter(number),
        }
    }

    pub(super) fn literal(sql: String, ty: Type, text: String) -> Self {
        Self {
            sql,
            ty,
            collation: None,
            shape: Shape::Literal(text),
        }
    }

    /// A computed value; computed text compares EXACT.
    pub(super) fn computed(sql: String, ty: Type) -> Self {
        let collation = ty.is_text().then_some(Collation::Exact);
        Self {
            sql,
            ty,
            collation,
            shape: Shape::Other,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.shape == Shape::Null
    }

    /// A literal, a parameter or NULL: it takes the type of what it meets.
    pub(super) fn is_weak(&self) -> bool {
        !matches!(self.shape, Shape::Column | Shape::Other)
    }

    pub(super) fn is_literal(&self) -> bool {
        matches!(self.shape, Shape::Literal(_))
    }

    pub(super) fn is_text_literal(&self) -> bool {
        self.is_literal() && self.ty.is_text()
    }

    /// ` COLLATE x` for sorting and grouping, empty where bytes decide.
    pub(super) fn collate(&self) -> &'static str {
        collate(&self.ty, self.collation)
    }
}

/// ` COLLATE x` for values of this type.
pub(super) fn collate(ty: &Type, collation: Option<Collation>) -> &'static str {
    match ty {
        Type::Numeric { .. } => " COLLATE IRISNUM",
        Type::Varchar(_) | Type::Guid | Type::LongVarchar => {
            match collation.unwrap_or(Collation::Exact) {
                Collation::SqlUpper => " COLLATE SQLUPPER",
                Collation::SqlString => " COLLATE SQLSTRING",
                Collation::Exact => " COLLATE EXACT",
            }
        }
        _ => "",
    }
}

/// A string literal for SQLite; it would stop reading at a NUL character.
pub(super) fn text_literal(text: &str) -> String {
    if text.contains('\0') {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        return format!("CAST(x'{hex}' AS TEXT)");
    }
    format!("'{}'", text.replace('\'', "''"))
}
