//! Elements of FROM that see the tables before them: LATERAL and JSON_TABLE.
//!
//! SQLite lets only the arguments of table functions look to the left, so the
//! rows travel through one JSON array.

use super::query::Place;
use super::scope::{RelationColumn, Scope};
use super::typed::{Typed, text_literal};
use super::{Binder, Clause, convert};
use crate::ast::{JsonColumn, JsonTable, Query};
use crate::collation::Collation;
use crate::datatype::{self, Type};
use crate::error::{Result, SqlError};

impl Binder<'_> {
    /// Runs `bind` with the elements of FROM so far in sight.
    fn beside<T>(&mut self, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let relations = self.from_so_far.clone();
        self.scopes.push(Scope {
            relations,
            collated: Vec::new(),
        });
        let outer = std::mem::take(&mut self.from_so_far);
        let result = self.within(Clause::Value, bind);
        self.from_so_far = outer;
        self.scopes.pop();
        result
    }

    pub(super) fn lateral(&mut self, query: &Query, label: &str) -> Result<usize> {
        let bound = self.beside(|b| b.query(query, Place::Subquery))?;
        let alias = self.alias();
        let mut items = Vec::new();
        let mut columns = Vec::new();
        for (n, column) in bound.columns.iter().enumerate() {
            let mut relation = column.relation_column(n + 1);
            let place = format!("json_extract({alias}.value,'$[{n}]')");
            let binary = matches!(
                column.ty,
                Type::Varbinary(_) | Type::LongVarbinary | Type::Vector(..)
            );
            items.push(if binary {
                format!("hex(c{})", n + 1)
            } else {
                format!("c{}", n + 1)
            });
            relation.expression = Some(if binary {
                format!("unhex({place})")
            } else {
                place
            });
            columns.push(relation);
        }
        let source = format!(
            "json_each((SELECT json_group_array(json_array({})) FROM ({})))",
            items.join(","),
            bound.sql
        );
        let relation = self.add(label, None, columns, None, source)?;
        // The rows are numbered already; counting them in a subquery would end the view to the left.
        self.relations[relation].hidden.push(RelationColumn {
            name: "%VID".to_owned(),
            sql_name: "key".to_owned(),
            ty: Type::Integer,
            collation: None,
            weight: 1,
            expression: Some(format!("({alias}.key + 1)")),
        });
        Ok(relation)
    }

    /// An array gives one row per element, anything else one row, nothing none.
    pub(super) fn json_table(&mut self, table: &JsonTable, label: &str) -> Result<usize> {
        let document = self.beside(|b| b.text_value(&table.document))?;
        let alias = self.alias();
        let path = json_path(&table.path)?;
        let columns = table
            .columns
            .iter()
            .map(|column| self.json_column(column, &alias))
            .collect::<Result<Vec<_>>>()?;
        let source = format!(
            "json_each((SELECT CASE json_type(j,{path}) WHEN 'array' THEN j -> {path} \
             ELSE CASE WHEN json_type(j,{path}) IS NULL THEN '[]' ELSE '[' || (j -> {path}) || ']' END END \
             FROM (SELECT {document} AS j)))"
        );
        self.add(label, None, columns, None, source)
    }

    fn json_column(&self, column: &JsonColumn, alias: &str) -> Result<RelationColumn> {
        let ty = datatype::resolve(&column.ty, self.version)?.base;
        let path = json_path(&column.path)?;
        let whole = if column.path.trim() == "$" {
            format!("{alias}.value")
        } else {
            "NULL".to_owned()
        };
        // Numbers keep the digits of the document.
        let text = format!(
            "CASE WHEN {alias}.type NOT IN ('object','array') THEN CAST({whole} AS TEXT) \
             WHEN json_type({alias}.value,{path}) IN ('integer','real') THEN {alias}.value -> {path} \
             ELSE CAST(json_extract({alias}.value,{path}) AS TEXT) END"
        );
        let value = Typed::computed(format!("({text})"), Type::Varchar(None));
        let expression = match &ty {
            Type::Varchar(Some(length)) => format!("substr({},1,{length})", value.sql),
            ty => convert::to(&value, ty),
        };
        Ok(RelationColumn {
            name: column.name.clone(),
            sql_name: column.name.clone(),
            collation: ty.is_text().then_some(Collation::Exact),
            ty,
            weight: 1,
            expression: Some(expression),
        })
    }
}

/// A path as an SQLite literal; `[*]` at its end means what an array means anyway.
fn json_path(path: &str) -> Result<String> {
    let path = path.trim();
    let path = path.strip_suffix("[*]").unwrap_or(path);
    let plain = path.starts_with('$') && !path.contains(['*', '?', '(', '\0']);
    if !plain {
        return Err(SqlError::new(-400, format!("JSON path {path}")));
    }
    Ok(text_literal(path))
}
