//! The system relations in FROM.

use super::scope::RelationColumn;
use crate::catalog::quoted;
use crate::collation::Collation;
use crate::information_schema::{self, Relation};

/// A system relation as FROM sees it.
pub(super) struct SystemRelation {
    pub(super) relation: &'static Relation,
    pub(super) columns: Vec<RelationColumn>,
    /// Columns that `SELECT *` leaves out.
    pub(super) hidden: Vec<RelationColumn>,
    /// Its name in SQLite.
    pub(super) source: String,
}

/// The table of this name.
pub(super) fn table(schema: &str, name: &str) -> Option<SystemRelation> {
    information_schema::find(schema, name).map(described)
}

/// The class query of this name.
pub(super) fn query(schema: &str, name: &str) -> Option<SystemRelation> {
    information_schema::find_query(schema, name).map(described)
}

fn described(relation: &'static Relation) -> SystemRelation {
    let (mut columns, mut hidden) = (Vec::new(), Vec::new());
    for column in &relation.columns {
        let list = if column.private {
            &mut hidden
        } else {
            &mut columns
        };
        list.push(RelationColumn {
            name: column.name.to_owned(),
            sql_name: column.name.to_owned(),
            ty: column.ty.clone(),
            collation: column.ty.is_text().then_some(Collation::SqlUpper),
            weight: 1,
            expression: None,
        });
    }
    SystemRelation {
        relation,
        columns,
        hidden,
        source: quoted(&relation.sql_name()),
    }
}
