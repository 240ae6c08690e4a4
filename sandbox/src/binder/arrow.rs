//! `column->name`: the implicit left outer join through a foreign key of one column.

use std::sync::Arc;

use super::scope::RelationColumn;
use super::typed::Typed;
use super::{Binder, Clause};
use crate::ast::Expr;
use crate::catalog::{Table, quoted, same};
use crate::error::{Result, SqlError};

impl Binder<'_> {
    pub(super) fn arrow(&mut self, base: &Expr, name: &str) -> Result<Typed> {
        if self.clause == Clause::On {
            return Err(SqlError::new(-67, name));
        }
        self.follow(base, name).map(|(value, _, _)| value)
    }

    /// The name of the column that the last arrow leads to.
    pub(super) fn arrow_label(&mut self, base: &Expr, name: &str) -> Result<String> {
        self.follow(base, name).map(|(_, _, column)| column.name)
    }

    /// The value, and the table and column that it comes from.
    fn follow(&mut self, base: &Expr, name: &str) -> Result<(Typed, Arc<Table>, RelationColumn)> {
        let (value, table, column) = match base {
            Expr::Column { qualifier, name } => {
                let found = self.resolve(qualifier.as_ref(), name)?;
                let table = self.relations[found.relation].table.clone();
                let table = table.ok_or_else(|| not_a_reference(name))?;
                (self.column(qualifier.as_ref(), name)?, table, found.column)
            }
            Expr::Arrow { base, name } => self.follow(base, name)?,
            _ => return Err(SqlError::code(-32)),
        };
        let foreign = table
            .foreign_keys
            .iter()
            .find(|key| matches!(key.columns.as_slice(), [one] if same(one, &column.name)))
            .ok_or_else(|| not_a_reference(&column.name))?;
        let target = self
            .catalog
            .tables()
            .find(|table| foreign.points_to(table))
            .cloned()
            .ok_or_else(|| not_a_reference(&column.name))?;
        let key = match foreign.target_columns.as_slice() {
            [one] => one.clone(),
            _ => target.row_id.clone(),
        };
        let relation = self.base_table(target.clone(), None)?;
        let alias = self.relations[relation].alias.clone();
        let wanted = self.relations[relation].column(name).ok_or_else(|| {
            let detail = format!(
                "Field '{}' not found in the applicable tables",
                name.to_uppercase()
            );
            SqlError::new(-29, detail)
        })?;
        self.weigh(wanted.weight)?;
        let sql = format!(
            "(SELECT {} FROM {} AS {alias} WHERE {alias}.{} = {})",
            wanted.sql(&alias),
            quoted(&target.full_name()),
            quoted(&key),
            value.sql
        );
        let mut reached = Typed::computed(sql, wanted.ty.clone());
        reached.collation = wanted.collation;
        Ok((reached, target, wanted))
    }
}

fn not_a_reference(name: &str) -> SqlError {
    SqlError::new(-32, format!("Field '{name}' is not a reference"))
}
