//! Definitions as parsed, checked and resolved into tables.

use super::{Catalog, Column, Foreign, Key, Table, qualified, same};
use crate::Version;
use crate::ast::{ColumnDef, ComputeTime, ForeignKey, KeyConstraint, TableDef};
use crate::collation::Collation;
use crate::datatype::{ColumnType, Type, resolve};
use crate::error::{Result, SqlError};

/// A new table. The target of a foreign key may be the table itself.
pub(crate) fn build_table(def: &TableDef, catalog: &Catalog, version: Version) -> Result<Table> {
    let (schema, name) = qualified(&def.name);
    let mut table = Table {
        schema: schema.to_owned(),
        name: name.to_owned(),
        temporary: def.temporary,
        row_id: String::new(),
        row_id_public: def.public_row_id,
        columnar: def.columnar,
        columns: Vec::new(),
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        description: def.description.clone(),
        parameters: def.parameters.clone(),
    };
    add_columns(&mut table, &def.columns, version)?;
    table.row_id = row_id_name(&table);
    for key in &def.keys {
        add_key(&mut table, key)?;
    }
    for foreign in &def.foreign_keys {
        add_foreign_key(&mut table, foreign, catalog)?;
    }
    Ok(table)
}

/// `ID`, or `ID1`… if the table has a column of that name.
fn row_id_name(table: &Table) -> String {
    if let Some(identity) = table.identity() {
        return identity.name.clone();
    }
    let mut name = "ID".to_owned();
    let mut number = 0;
    while table.column(&name).is_some() {
        number += 1;
        name = format!("ID{number}");
    }
    name
}

/// Appends columns: -306 for a name that is taken, -308 for a second identity.
pub(crate) fn add_columns(table: &mut Table, defs: &[ColumnDef], version: Version) -> Result<()> {
    for def in defs {
        table.room_for_column()?;
        if table.column(&def.name).is_some() {
            return Err(SqlError::new(-306, &def.name));
        }
        if def.counter && table.columns.iter().any(|column| column.auto_increment) {
            return Err(SqlError::new(-308, &def.name));
        }
        if def.identity && table.identity().is_some() {
            return Err(SqlError::new(-308, &def.name));
        }
        let column = build_column(def, table.columnar, version)?;
        if column.row_version && table.columns.iter().any(|other| other.row_version) {
            return Err(SqlError::new(-400, "only one ROWVERSION field is allowed"));
        }
        table.columns.push(column);
    }
    check_compute_code(table)
}

/// The compute code of all columns must go with the table.
pub(crate) fn check_compute_code(table: &Table) -> Result<()> {
    let mut columns = table.columns.iter();
    columns.try_for_each(|column| check_computed(table, column))
}

/// Compute code must be readable (-400), and what it names must exist (-31).
fn check_computed(table: &Table, column: &Column) -> Result<()> {
    let Some(computed) = &column.computed else {
        return Ok(());
    };
    if let ComputeTime::Change(columns) = &computed.when {
        let unknown = columns
            .iter()
            .find(|name| !name.starts_with("%%") && table.column(name).is_none());
        if let Some(name) = unknown {
            return Err(SqlError::new(-31, name));
        }
    }
    let program = crate::objectscript::Program::commands(&computed.code)?;
    for field in &program.fields {
        if field.version != ' ' {
            return Err(SqlError::new(
                -400,
                format!("{{{}*{}}} in compute code", field.name, field.version),
            ));
        }
        let known = field.name == "*"
            || same(&field.name, &table.row_id)
            || table.column(&field.name).is_some();
        if !known {
            return Err(SqlError::new(
                -400,
                format!("ERROR #5480: field {{{}}} does not exist", field.name),
            ));
        }
    }
    Ok(())
}

fn build_column(def: &ColumnDef, columnar: bool, version: Version) -> Result<Column> {
    let ty = match &def.type_name {
        Some(name) => resolve(name, version)?,
        None => ColumnType::from(Type::BigInt),
    };
    if def.identity && !ty.base.is_number() {
        return Err(SqlError::new(
            -400,
            format!("IDENTITY column {} must be an integer", def.name),
        ));
    }
    let collation = match &def.collation {
        Some(name) => Collation::of_ddl(name),
        None if columnar || def.columnar => Collation::Exact,
        None => Collation::SqlUpper,
    };
    Ok(Column {
        declared: ty.declared,
        required: def.not_null || def.identity,
        identity: def.identity,
        serial: ty.serial || def.counter,
        row_version: ty.row_version,
        auto_increment: def.counter,
        private: def.private,
        columnar: def.columnar,
        default: def.default.clone(),
        on_update: def.on_update.clone(),
        computed: def.computed.clone(),
        description: def.description.clone(),
        ..Column::plain(def.name.clone(), ty.base, collation)
    })
}

/// Adds a key: -31 unknown column, -307 second primary key, -400 name taken.
pub(crate) fn add_key(table: &mut Table, def: &KeyConstraint) -> Result<()> {
    if def.primary && table.primary_key().is_some() {
        return Err(SqlError::code(-307));
    }
    table.room_for_index()?;
    let columns = canonical_columns(table, &def.columns)?;
    for column in columns.iter().filter_map(|name| table.column(name)) {
        column.indexable()?;
    }
    refuse_repetition(&columns)?;
    let kind = if def.primary { "PKEY" } else { "UNIQUE" };
    let name = constraint_name(table, def.name.as_deref(), kind)?;
    if def.primary {
        for column in &mut table.columns {
            column.required |= columns.iter().any(|key| same(key, &column.name));
        }
    }
    table.keys.push(Key {
        name,
        primary: def.primary,
        columns,
    });
    Ok(())
}

/// A key has each of its columns once.
fn refuse_repetition(columns: &[String]) -> Result<()> {
    for (n, name) in columns.iter().enumerate() {
        if columns[..n].contains(name) {
            return Err(SqlError::new(-31, name));
        }
    }
    Ok(())
}

fn constraint_name(table: &Table, given: Option<&str>, kind: &str) -> Result<String> {
    let Some(name) = given else {
        return Ok(table.generated_name(kind));
    };
    let taken = table.keys.iter().any(|key| same(&key.name, name))
        || table.foreign_keys.iter().any(|key| same(&key.name, name))
        || table.indexes.iter().any(|index| same(&index.name, name));
    if taken {
        return Err(SqlError::new(
            -400,
            format!("ERROR #5523: index name conflict '{name}'"),
        ));
    }
    Ok(name.to_owned())
}

/// The columns in the case of their definition, or -31.
fn canonical_columns(table: &Table, names: &[String]) -> Result<Vec<String>> {
    let one = |name: &String| {
        let column = table.column(name).map(|column| column.name.clone());
        column.ok_or_else(|| SqlError::new(-31, name))
    };
    names.iter().map(one).collect()
}

/// Adds a foreign key: -310, -311, -314, -316.
pub(crate) fn add_foreign_key(
    table: &mut Table,
    def: &ForeignKey,
    catalog: &Catalog,
) -> Result<()> {
    table.room_for_foreign_key()?;
    let columns = canonical_columns(table, &def.columns)?;
    if let Some(name) = &def.name
        && table.foreign_keys.iter().any(|key| same(&key.name, name))
    {
        return Err(SqlError::new(-311, name));
    }
    let name = constraint_name(table, def.name.as_deref(), "FKEY")?;
    let (schema, target_name) = qualified(&def.target);
    let own = same(schema, &table.schema) && same(target_name, &table.name);
    let target = if own {
        table.clone()
    } else {
        let found = catalog
            .find_table(&def.target)
            .map(|target| (**target).clone());
        found.ok_or_else(|| SqlError::new(-310, format!("{schema}.{target_name}")))?
    };
    let target_columns = target_columns(&target, def, &columns)?;
    table.foreign_keys.push(Foreign {
        name,
        columns,
        target_schema: target.schema,
        target_table: target.name,
        target_columns,
        on_delete: def.on_delete,
        on_update: def.on_update,
        no_check: def.no_check,
    });
    Ok(())
}

/// Omitted target columns mean the primary key, or else the RowID.
fn target_columns(target: &Table, def: &ForeignKey, columns: &[String]) -> Result<Vec<String>> {
    if def.target_columns.is_empty() {
        let key = target
            .primary_key()
            .map(|key| key.columns.clone())
            .unwrap_or_default();
        let width = key.len().max(1);
        if width != columns.len() {
            return Err(SqlError::code(-79));
        }
        return Ok(key);
    }
    if def.target_columns.len() != columns.len() {
        return Err(SqlError::code(-79));
    }
    if def.target_columns.len() == 1 && same(&def.target_columns[0], &target.row_id) {
        return Ok(if target.identity().is_some() {
            vec![target.row_id.clone()]
        } else {
            Vec::new()
        });
    }
    for name in &def.target_columns {
        if target.column(name).is_none() {
            return Err(SqlError::new(-316, name));
        }
    }
    let unique_index = target.indexes.iter().any(|index| {
        index.kind == crate::ast::IndexKind::Unique
            && index.columns.len() == def.target_columns.len()
            && def
                .target_columns
                .iter()
                .all(|c| index.columns.iter().any(|i| same(i, c)))
    });
    if target.key_over(&def.target_columns).is_none() && !unique_index {
        return Err(SqlError::new(
            -314,
            format!("{}.{}", target.schema, target.name),
        ));
    }
    canonical_columns(target, &def.target_columns)
}
