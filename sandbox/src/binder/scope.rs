//! Which names mean what: relations in FROM, their columns, and the queries around them.

use std::sync::Arc;

use super::Binder;
use super::typed::{Shape, Typed};
use crate::ast::ObjectName;
use crate::catalog::{Table, same};
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// How many stored columns a statement may mention, counted through its subqueries.
const HEAVIEST: u64 = 200_000;

/// A column that a relation offers.
#[derive(Clone, Debug)]
pub(super) struct RelationColumn {
    /// Its name, in the case of its definition.
    pub(super) name: String,
    /// Its name in SQLite.
    pub(super) sql_name: String,
    pub(super) ty: Type,
    pub(super) collation: Option<Collation>,
    /// How many stored columns its expression mentions, however deep.
    pub(super) weight: u64,
    /// What it is in SQLite, where that is not the column `sql_name` of the relation.
    pub(super) expression: Option<String>,
}

impl RelationColumn {
    /// The column of the relation with this alias, in SQLite SQL.
    pub(super) fn sql(&self, alias: &str) -> String {
        match &self.expression {
            Some(expression) => expression.clone(),
            None => format!("{alias}.{}", crate::catalog::quoted(&self.sql_name)),
        }
    }
}

impl RelationColumn {
    /// A stored column under its own name.
    pub(super) fn of(column: &crate::catalog::Column) -> Self {
        Self {
            name: column.name.clone(),
            sql_name: column.name.clone(),
            ty: column.ty.clone(),
            collation: column.ty.is_text().then_some(column.collation),
            weight: 1,
            expression: None,
        }
    }
}

/// A table, view or subquery in FROM.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// Alias, or the name of the table; empty for an unnamed subquery.
    pub(super) label: String,
    /// The schema, as long as no alias hides it.
    pub(super) schema: Option<String>,
    /// Its alias in SQLite.
    pub(super) alias: String,
    pub(super) columns: Vec<RelationColumn>,
    pub(super) table: Option<Arc<Table>>,
    /// What stands in SQLite's FROM.
    pub(super) source: String,
    /// Was `%VID` asked for?
    pub(super) counted: bool,
    /// Columns that `SELECT *` leaves out.
    pub(super) hidden: Vec<RelationColumn>,
}

/// A common table expression in sight.
#[derive(Clone, Debug)]
pub(super) struct CteRelation {
    pub(super) name: String,
    pub(super) sql_name: String,
    pub(super) columns: Vec<RelationColumn>,
}

/// The relations of one query level.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Positions in the binder's list.
    pub(super) relations: Vec<usize>,
    /// Columns that GROUP BY hands out in collated form: relation and SQLite name.
    pub(super) collated: Vec<(usize, String)>,
}

/// What a column name stands for.
pub(super) struct Found {
    pub(super) relation: usize,
    pub(super) column: RelationColumn,
    /// How many query levels further out; 0 is the innermost.
    pub(super) level: usize,
}

impl Relation {
    fn is_named(&self, name: &ObjectName) -> bool {
        let schema_fits = match (&name.schema, &self.schema) {
            (None, _) => true,
            (Some(wanted), Some(schema)) => same(wanted, schema),
            (Some(_), None) => false,
        };
        schema_fits && !self.label.is_empty() && same(&self.label, &name.name)
    }

    pub(super) fn column(&self, name: &str) -> Option<RelationColumn> {
        let mut all = self.columns.iter().chain(&self.hidden);
        if let Some(column) = all.find(|column| same(&column.name, name)) {
            return Some(column.clone());
        }
        let table = self.table.as_ref()?;
        (name == "%ID" || same(&table.row_id, name)).then(|| RelationColumn {
            name: table.row_id.clone(),
            sql_name: table.row_id.clone(),
            ty: Type::BigInt,
            collation: None,
            weight: 1,
            expression: None,
        })
    }
}

impl Binder<'_> {
    /// Resolves a column: -23 unknown table, -27 ambiguous, -29 unknown column.
    pub(super) fn resolve(&mut self, qualifier: Option<&ObjectName>, name: &str) -> Result<Found> {
        for level in 0..self.scopes.len() {
            let scope = &self.scopes[self.scopes.len() - 1 - level];
            let mut found: Option<Found> = None;
            let mut qualifier_known = false;
            for &relation in &scope.relations {
                let candidate = &self.relations[relation];
                if qualifier.is_some_and(|wanted| !candidate.is_named(wanted)) {
                    continue;
                }
                qualifier_known = qualifier.is_some();
                if let Some(column) = candidate.column(name) {
                    if found.is_some() {
                        return Err(SqlError::new(
                            -27,
                            format!("Field '{}' is ambiguous", name.to_uppercase()),
                        ));
                    }
                    found = Some(Found {
                        relation,
                        column,
                        level,
                    });
                } else if name == "%VID" && candidate.table.is_none() {
                    found = Some(Found {
                        relation,
                        column: vid(),
                        level,
                    });
                }
            }
            if let Some(found) = found {
                if found.column.sql_name == "%VID" {
                    self.relations[found.relation].counted = true;
                }
                self.column_read(found.relation, &found.column.sql_name);
                return Ok(found);
            }
            if qualifier_known {
                break;
            }
        }
        Err(self.unresolved(qualifier, name))
    }

    fn unresolved(&self, qualifier: Option<&ObjectName>, name: &str) -> SqlError {
        if let Some(wanted) = qualifier {
            let known = self.scopes.iter().any(|s| {
                s.relations
                    .iter()
                    .any(|&r| self.relations[r].is_named(wanted))
            });
            if !known {
                let label = wanted.name.to_uppercase();
                return SqlError::new(
                    -23,
                    format!("Label '{label}' is not listed among the applicable tables"),
                );
            }
        }
        SqlError::new(
            -29,
            format!(
                "Field '{}' not found in the applicable tables",
                name.to_uppercase()
            ),
        )
    }

    /// A column as a value.
    pub(super) fn column(&mut self, qualifier: Option<&ObjectName>, name: &str) -> Result<Typed> {
        if name == "%TABLENAME" || name == "%CLASSNAME" {
            return self.pseudo_column(qualifier, name);
        }
        let found = self.resolve(qualifier, name)?;
        self.weigh(found.column.weight)?;
        let relation = &self.relations[found.relation];
        let sql = found.column.sql(&relation.alias);
        let scope = &self.scopes[self.scopes.len() - 1 - found.level];
        let collated = found.level == 0
            && !self.in_aggregate
            && scope
                .collated
                .iter()
                .any(|(r, c)| *r == found.relation && *c == found.column.sql_name);
        let (ty, collation) = (found.column.ty, found.column.collation);
        if collated {
            let kind = collation.unwrap_or(Collation::SqlUpper).sql();
            return Ok(Typed {
                sql: format!("iris_collated({sql},'{kind}')"),
                ty,
                collation,
                shape: Shape::Other,
            });
        }
        let shape = if relation.table.is_some() {
            Shape::Column
        } else {
            Shape::Other
        };
        Ok(Typed {
            sql,
            ty,
            collation,
            shape,
        })
    }

    /// SQLite writes the expression of a subquery's column wherever the column
    /// is named; nested, that grows without bound.
    pub(super) fn weigh(&mut self, weight: u64) -> Result<()> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > HEAVIEST {
            return Err(SqlError::new(-400, "<STORE> expression too large"));
        }
        Ok(())
    }

    fn pseudo_column(&mut self, qualifier: Option<&ObjectName>, name: &str) -> Result<Typed> {
        let relations = self
            .scopes
            .last()
            .map(|scope| scope.relations.clone())
            .unwrap_or_default();
        let relation = relations
            .iter()
            .map(|&r| &self.relations[r])
            .find(|relation| qualifier.is_none_or(|wanted| relation.is_named(wanted)));
        let table = relation.and_then(|relation| relation.table.as_ref());
        let Some(table) = table else {
            return Err(self.unresolved(qualifier, name));
        };
        let text = if name == "%TABLENAME" {
            table.full_name()
        } else {
            table.class_name()
        };
        Ok(Typed::literal(
            super::typed::text_literal(&text),
            Type::Varchar(Some(128)),
            text,
        ))
    }
}

fn vid() -> RelationColumn {
    RelationColumn {
        name: "%VID".to_owned(),
        sql_name: "%VID".to_owned(),
        ty: Type::Integer,
        collation: None,
        weight: 1,
        expression: None,
    }
}
