//! INFORMATION_SCHEMA as relations; their rows come from the catalog at execution.

use super::scope::RelationColumn;
use crate::ast::ObjectName;
use crate::catalog::{quoted, same};
use crate::collation::Collation;
use crate::datatype::Type;
use crate::information_schema;

/// The columns of a system relation and the SQL that yields its rows.
pub(super) fn relation(name: &ObjectName) -> Option<(Vec<RelationColumn>, String)> {
    if !name
        .schema
        .as_deref()
        .is_some_and(|schema| same(schema, "INFORMATION_SCHEMA"))
    {
        return None;
    }
    let relation = information_schema::find(&name.name)?;
    let mut columns = Vec::new();
    let mut items = Vec::new();
    for (position, name) in relation.columns.iter().enumerate() {
        let ty = if information_schema::is_integer(relation, name) {
            Type::Integer
        } else {
            Type::Varchar(Some(information_schema::text_length(name)))
        };
        let collation = ty.is_text().then_some(Collation::SqlUpper);
        items.push(format!(
            "json_extract(value,'$[{position}]') AS {}",
            quoted(name)
        ));
        columns.push(RelationColumn {
            name: (*name).to_owned(),
            sql_name: (*name).to_owned(),
            ty,
            collation,
            weight: 1,
        });
    }
    let source = format!(
        "(SELECT {} FROM json_each(iris_information('{}')))",
        items.join(","),
        relation.name
    );
    Some((columns, source))
}
