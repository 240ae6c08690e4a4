//! ALTER TABLE: the table is built anew, its rows copied, its name taken over.

use crate::ast::{AlterAction, ObjectName, TypeName};
use crate::catalog::{
    Column, Table, add_columns, add_foreign_key, add_key, check_compute_code, quoted, same,
};
use crate::collation::Collation;
use crate::datatype::resolve;
use crate::ddl::Change;
use crate::error::{Result, SqlError};
use crate::run::sqlite_error;
use crate::{Connection, storage};

impl Connection {
    pub(crate) fn alter(
        &mut self,
        name: &ObjectName,
        action: &AlterAction,
        change: &mut Change,
    ) -> Result<bool> {
        let version = self.namespace.version;
        let old = change.catalog.table(name)?;
        let mut new = (*old).clone();
        match action {
            AlterAction::Add {
                columns,
                keys,
                foreign_keys,
            } => {
                self.check_added(&old, columns)?;
                add_columns(&mut new, columns, version)?;
                keys.iter().try_for_each(|key| add_key(&mut new, key))?;
                for foreign in foreign_keys {
                    add_foreign_key(&mut new, foreign, &change.catalog)?;
                }
            }
            AlterAction::DropColumn(column) => drop_column(&mut new, column)?,
            AlterAction::DropForeignKey(name) => {
                let known = old.foreign_keys.iter().any(|key| same(&key.name, name));
                if !known {
                    return Err(SqlError::new(-315, name));
                }
                drop_constraint(&mut new, &old, name, change)?;
            }
            AlterAction::DropConstraint(name) => drop_constraint(&mut new, &old, name, change)?,
            AlterAction::DropPrimaryKey => {
                let name = old
                    .primary_key()
                    .map(|key| key.name.clone())
                    .ok_or(SqlError::code(-315))?;
                drop_constraint(&mut new, &old, &name, change)?;
            }
            AlterAction::RenameTable(name) => {
                let target = ObjectName {
                    schema: Some(old.schema.clone()),
                    name: name.clone(),
                };
                if change.catalog.find_table(&target).is_some() {
                    return Err(SqlError::new(-201, name));
                }
                new.name.clone_from(name);
            }
            AlterAction::RenameColumn { from, to } => rename_column(&mut new, from, to)?,
            AlterAction::SetType { column, type_name } => {
                self.set_type(&old, &mut new, column, type_name)?;
            }
            AlterAction::SetDefault { column, default } => {
                column_mut(&mut new, column)?.default.clone_from(default);
            }
            AlterAction::SetRequired { column, required } => {
                self.set_required(&old, &mut new, column, *required)?;
            }
            AlterAction::SetCollation { column, collation } => {
                column_mut(&mut new, column)?.collation = Collation::of_ddl(collation);
            }
            AlterAction::Modify {
                column,
                type_name,
                default,
                required,
            } => {
                if let Some(type_name) = type_name {
                    self.set_type(&old, &mut new, column, type_name)?;
                }
                if default.is_some() {
                    column_mut(&mut new, column)?.default.clone_from(default);
                }
                if let Some(required) = required {
                    self.set_required(&old, &mut new, column, *required)?;
                }
                column_mut(&mut new, column)?;
            }
            AlterAction::Convert { column, columnar } => match column {
                Some(column) => column_mut(&mut new, column)?.columnar = *columnar,
                None => new.columnar = *columnar,
            },
            AlterAction::Nothing => return Ok(false),
        }
        check_compute_code(&new)?;
        self.rebuild(&old, new, action, change)?;
        Ok(true)
    }

    fn set_type(
        &self,
        old: &Table,
        new: &mut Table,
        column: &str,
        type_name: &TypeName,
    ) -> Result<()> {
        let ty = resolve(type_name, self.namespace.version)?;
        let column = column_mut(new, column)?;
        if column.identity || ty.serial || ty.row_version {
            return Err(SqlError::new(
                -400,
                "the type of a counter cannot be changed",
            ));
        }
        if column.ty.is_stream() != ty.base.is_stream() && self.has_rows(old)? {
            return Err(SqlError::code(-374));
        }
        column.ty = ty.base;
        column.declared = ty.declared;
        Ok(())
    }

    fn set_required(
        &self,
        old: &Table,
        new: &mut Table,
        column: &str,
        required: bool,
    ) -> Result<()> {
        let column = column_mut(new, column)?;
        column.required = required;
        let in_key = old
            .primary_key()
            .is_some_and(|key| key.columns.iter().any(|name| same(name, &column.name)));
        if !required && in_key {
            return Err(SqlError::new(
                -400,
                "a field of the primary key is required",
            ));
        }
        if required && self.has_nulls(old, &column.name)? {
            return Err(SqlError::code(-305));
        }
        Ok(())
    }

    /// A required column without a default cannot join rows that are there: -304.
    fn check_added(&self, table: &Table, columns: &[crate::ast::ColumnDef]) -> Result<()> {
        let needy = columns
            .iter()
            .any(|column| column.not_null && column.default.is_none() && !column.identity);
        if needy && self.has_rows(table)? {
            Err(SqlError::code(-304))
        } else {
            Ok(())
        }
    }

    fn has_rows(&self, table: &Table) -> Result<bool> {
        self.exists(&format!(
            "SELECT EXISTS (SELECT 1 FROM {})",
            quoted(&table.full_name())
        ))
    }

    fn has_nulls(&self, table: &Table, column: &str) -> Result<bool> {
        let (table, column) = (quoted(&table.full_name()), quoted(column));
        self.exists(&format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} IS NULL)"
        ))
    }

    fn exists(&self, sql: &str) -> Result<bool> {
        self.sqlite
            .query_row(sql, [], |row| row.get(0))
            .map_err(sqlite_error)
    }

    /// Writes the SQL that turns `old` into `new`, foreign keys of both sides included.
    fn rebuild(
        &self,
        old: &Table,
        new: Table,
        action: &AlterAction,
        change: &mut Change,
    ) -> Result<()> {
        let version = self.namespace.version;
        let mut children: Vec<Table> = Vec::new();
        for (child, foreign) in change.catalog.referencing(old) {
            change.sql.extend(storage::drop_triggers(child, foreign));
            if child.full_name() != old.full_name() {
                children.push((**child).clone());
            }
        }
        for foreign in &old.foreign_keys {
            change.sql.extend(storage::drop_triggers(old, foreign));
        }
        if !old.temporary {
            copy_rows(old, &new, action, version, &mut change.sql)?;
        }
        let mut new = new;
        redirect(&mut new, old);
        for child in &mut children {
            redirect_to(child, old, &new, action);
        }
        if let AlterAction::RenameColumn { from, to } = action {
            for foreign in new
                .foreign_keys
                .iter_mut()
                .filter(|foreign| foreign.points_to(old))
            {
                rename_in(&mut foreign.target_columns, from, to);
            }
        }
        change.catalog.move_triggers(old, Some(&new));
        change.catalog.remove_table(old);
        change.catalog.put_table(new.clone());
        if !change.catalog.triggers_of(&new).is_empty() {
            change.sql.extend(storage::create_queue(&new));
        }
        for child in &children {
            change.catalog.put_table(child.clone());
        }
        for foreign in &new.foreign_keys {
            change.sql.push(unmatched(&new, foreign, change)?);
            change.sql.extend(storage::create_triggers(
                &new,
                foreign,
                &change.catalog,
                version,
            )?);
        }
        for child in &children {
            for foreign in child
                .foreign_keys
                .iter()
                .filter(|foreign| foreign.points_to(&new))
            {
                change.sql.extend(storage::create_triggers(
                    child,
                    foreign,
                    &change.catalog,
                    version,
                )?);
            }
        }
        Ok(())
    }
}

fn copy_rows(
    old: &Table,
    new: &Table,
    action: &AlterAction,
    version: crate::Version,
    sql: &mut Vec<String>,
) -> Result<()> {
    let copy = format!("{}#new", new.full_name());
    sql.push(storage::create_table(new, &copy)?);
    let mut names = Vec::new();
    let mut values = Vec::new();
    if new.identity().is_none() {
        names.push(quoted(&new.row_id));
        values.push(quoted(&old.row_id));
    }
    for column in new.stored_columns() {
        let source = match action {
            AlterAction::RenameColumn { from, to } if same(to, &column.name) => from.as_str(),
            _ => column.name.as_str(),
        };
        let value = match (old.column(source), &column.default) {
            (Some(before), _) if before.ty == column.ty && before.declared == column.declared => {
                quoted(&before.name)
            }
            (Some(before), _) => crate::binder::convert_column(before, column),
            // The rows that are there are counted in their order.
            (None, _) if column.serial => "row_number() OVER ()".to_owned(),
            (None, Some((expr, _))) => crate::binder::bind_default(expr, &column.ty, version)?,
            (None, None) => continue,
        };
        names.push(quoted(&column.name));
        values.push(value);
    }
    let (from, copy_name, to) = (
        quoted(&old.full_name()),
        quoted(&copy),
        quoted(&new.full_name()),
    );
    sql.push(format!(
        "INSERT INTO {copy_name} ({}) SELECT {} FROM {from}",
        names.join(","),
        values.join(",")
    ));
    sql.push(format!("DROP TABLE {from}"));
    sql.push(format!("ALTER TABLE {copy_name} RENAME TO {to}"));
    sql.extend(storage::create_indexes(new));
    Ok(())
}

/// Fails with -127 if rows refer to nothing.
fn unmatched(table: &Table, foreign: &crate::catalog::Foreign, change: &Change) -> Result<String> {
    let target = change
        .catalog
        .tables()
        .find(|target| foreign.points_to(target));
    let target = target.ok_or_else(|| SqlError::new(-310, &foreign.target_table))?;
    let theirs = match foreign.target_columns.as_slice() {
        [] => vec![target.row_id.clone()],
        columns => columns.to_vec(),
    };
    let pairs = foreign.columns.iter().zip(&theirs);
    let present: Vec<String> = foreign
        .columns
        .iter()
        .map(|own| format!("c.{} IS NOT NULL", quoted(own)))
        .collect();
    let equal: Vec<String> = pairs
        .map(|(own, theirs)| format!("p.{} = c.{}", quoted(theirs), quoted(own)))
        .collect();
    Ok(format!(
        "SELECT iris_fail(-127,'{}') FROM {} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
        foreign.name.replace('\'', "''"),
        quoted(&table.full_name()),
        present.join(" AND "),
        quoted(&target.full_name()),
        equal.join(" AND ")
    ))
}

/// A foreign key of the table to itself follows its new name.
fn redirect(new: &mut Table, old: &Table) {
    let (schema, name) = (new.schema.clone(), new.name.clone());
    for foreign in new
        .foreign_keys
        .iter_mut()
        .filter(|foreign| foreign.points_to(old))
    {
        foreign.target_schema.clone_from(&schema);
        foreign.target_table.clone_from(&name);
    }
}

fn redirect_to(child: &mut Table, old: &Table, new: &Table, action: &AlterAction) {
    for foreign in child
        .foreign_keys
        .iter_mut()
        .filter(|foreign| foreign.points_to(old))
    {
        foreign.target_table.clone_from(&new.name);
        if let AlterAction::RenameColumn { from, to } = action {
            rename_in(&mut foreign.target_columns, from, to);
        }
    }
}

fn column_mut<'t>(table: &'t mut Table, name: &str) -> Result<&'t mut Column> {
    let found = table
        .columns
        .iter_mut()
        .find(|column| same(&column.name, name));
    found.ok_or_else(|| SqlError::new(-29, format!("Field '{}' not found", name.to_uppercase())))
}

/// -322 while a key or index uses it.
fn drop_column(table: &mut Table, name: &str) -> Result<()> {
    column_mut(table, name)?;
    let uses = |columns: &[String]| columns.iter().any(|column| same(column, name));
    let used = table.keys.iter().any(|key| uses(&key.columns))
        || table
            .foreign_keys
            .iter()
            .any(|foreign| uses(&foreign.columns))
        || table.indexes.iter().any(|index| uses(&index.columns));
    if used {
        return Err(SqlError::new(-322, name));
    }
    table.columns.retain(|column| !same(&column.name, name));
    Ok(())
}

/// -315 unknown, -317 still referenced.
fn drop_constraint(new: &mut Table, old: &Table, name: &str, change: &Change) -> Result<()> {
    if let Some(key) = old.keys.iter().find(|key| same(&key.name, name)) {
        let referenced = change.catalog.referencing(old).any(|(_, foreign)| {
            old.key_over(&foreign.target_columns)
                .is_some_and(|target| target.name == key.name)
        });
        if referenced {
            return Err(SqlError::new(-317, name));
        }
        new.keys.retain(|key| !same(&key.name, name));
    } else if old
        .foreign_keys
        .iter()
        .any(|foreign| same(&foreign.name, name))
    {
        new.foreign_keys
            .retain(|foreign| !same(&foreign.name, name));
    } else {
        return Err(SqlError::new(-315, name));
    }
    Ok(())
}

fn rename_in(columns: &mut [String], from: &str, to: &str) {
    for column in columns.iter_mut().filter(|column| same(column, from)) {
        to.clone_into(column);
    }
}

fn rename_column(table: &mut Table, from: &str, to: &str) -> Result<()> {
    if table.column(to).is_some() && !same(from, to) {
        return Err(SqlError::new(-306, to));
    }
    to.clone_into(&mut column_mut(table, from)?.name);
    for key in &mut table.keys {
        rename_in(&mut key.columns, from, to);
    }
    for foreign in &mut table.foreign_keys {
        rename_in(&mut foreign.columns, from, to);
    }
    for index in &mut table.indexes {
        rename_in(&mut index.columns, from, to);
        rename_in(&mut index.data, from, to);
    }
    Ok(())
}
