//! # What it does
//! Keeps an enum type as a table of its labels, and lets columns of the type refer to
//! it.
//!
//! # Why
//! IRIS has no types that SQL could make. A table is known to all sessions, and a
//! foreign key admits no other values.
//!
//! # Example
//! `CREATE TYPE mood AS ENUM ('sad', 'ok')` makes the table `pgiris_enum.mood`, and
//! `CREATE TABLE t (m mood)` becomes `CREATE TABLE t (m VARCHAR(63) COLLATE %EXACT,
//! CONSTRAINT t_m__enum__mood FOREIGN KEY (m) REFERENCES pgiris_enum."mood"(label))`.
//!
//! # Limits
//! Values are compared and sorted by `enum_order`. A value that is no label is refused
//! where it is written, or if it is a literal that is cast or compared. Columns and
//! parameters are announced as the type, but not where they are made of several values of
//! which only some are known to be of it, nor in rows that the broker arranges. Arrays of
//! enums are arrays of text, and no column can have them. Other types of one's own are
//! refused. Names of types that differ
//! in capitals alone are one.
//!
//! # Versions
//! All.

use std::collections::BTreeSet;

use sqlparser::ast::{
    AlterTableOperation as Action, AlterType, AlterTypeAddValuePosition, AlterTypeOperation,
    CharacterLength, ColumnDef, ColumnOption, ColumnOptionDef, DataType, Expr,
    ForeignKeyConstraint, Ident, ObjectName, ObjectType, ReferentialAction, Statement,
    UserDefinedTypeRepresentation,
};

use crate::build;
use crate::definition::{last, offset};
use crate::diagnostic::Diagnosed;
use crate::enum_array;
use crate::enum_table;
use crate::labels::{self, LONGEST_NAME};
use crate::part::Part;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{TableName, enums, object_name};
use crate::rule::{Pass, Rule};
use crate::rules::if_exists::skipped;
use crate::types::oid;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct EnumType;

impl Rule for EnumType {
    fn name(&self) -> &'static str {
        "enum_type"
    }

    fn summary(&self) -> &'static str {
        "keeps an enum type as a table of its labels"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION.and(Marks::CAST))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::CreateType {
                name,
                representation,
            } => {
                pass.split = Some(created(name, representation.as_ref(), pass)?);
                return Ok(true);
            }
            Statement::AlterType(alter) => {
                pass.split = Some(altered(alter, pass)?);
                return Ok(true);
            }
            Statement::Drop {
                object_type: ObjectType::Type,
                if_exists,
                names,
                ..
            } => {
                let parts = dropped(names, *if_exists, pass)?;
                pass.split = Some(parts);
                return Ok(true);
            }
            _ => {}
        }
        // What is an array of text has what the other rules do with arrays.
        let mut changed = enum_array::as_texts(tree, pass)?;
        // A query's casts give their names to its columns first.
        if !matches!(tree, Statement::Query(_)) {
            walk::expressions(tree, &mut |expression| {
                changed |= cast(expression, pass)?;
                Ok(())
            })?;
        }
        match tree {
            Statement::CreateTable(table) => {
                let name = last(&table.name).map(labels::folded).unwrap_or_default();
                for column in &mut table.columns {
                    refuse_array(column, pass)?;
                    changed |= typed(&name, column, pass);
                }
            }
            Statement::AlterTable(table) => {
                let name = last(&table.name).map(labels::folded).unwrap_or_default();
                for action in &mut table.operations {
                    if let Action::AddColumn { column_def, .. } = action {
                        refuse_array(column_def, pass)?;
                        changed |= typed(&name, column_def, pass);
                    }
                }
            }
            _ => {}
        }
        Ok(changed)
    }
}

fn created(
    name: &ObjectName,
    representation: Option<&UserDefinedTypeRepresentation>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<Part>> {
    let Some(UserDefinedTypeRepresentation::Enum { labels }) = representation else {
        return Err(Diagnostic::not_supported(
            "a type that is no enum is not supported",
            "use a column for each attribute",
        )
        .at(pass.text, offset(name)));
    };
    let Some(table) = TableName::of(name) else {
        return Err(Diagnostic::error("42601", "improper qualified name"));
    };
    if pass.relations.labels_of(&table).is_some() {
        let message = format!("type \"{}\" already exists", enums::shown(name));
        return Err(Diagnostic::error("42710", message));
    }
    if let Some(word) = labels.iter().find(|label| label.quote_style != Some('\'')) {
        let at = place::of(&Expr::Identifier(word.clone()));
        return Err(Diagnostic::syntax_error_near(&word.to_string()).at(pass.text, at));
    }
    let labels: Vec<String> = labels
        .iter()
        .map(|label| label.value.replace("''", "'"))
        .collect();
    check(&labels, pass)?;
    let new = enums::new_table(name).unwrap_or_else(|| enums::table_of(&table));
    Ok(enum_table::made(&new, &labels))
}

/// As PostgreSQL checks them.
fn check(labels: &[String], pass: &Pass<'_>) -> Diagnosed<()> {
    let mut seen = BTreeSet::new();
    if labels.is_empty() {
        return Err(Diagnostic::not_supported(
            "an enum without labels is not supported",
            "name at least one label",
        )
        .at(pass.text, 0));
    }
    for label in labels {
        if label.len() > LONGEST_NAME {
            return Err(
                Diagnostic::error("42602", format!("invalid enum label \"{label}\""))
                    .with_detail("Labels must be 63 bytes or less."),
            );
        }
        if !seen.insert(label) {
            // The catalogue's own index says so.
            return Err(Diagnostic::error(
                "23505",
                "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"",
            ));
        }
    }
    Ok(())
}

/// The place that a label is to have, from 1.
fn place(position: Option<&AlterTypeAddValuePosition>, labels: &[String]) -> Diagnosed<usize> {
    let (neighbour, behind) = match position {
        None => return Ok(labels.len() + 1),
        Some(AlterTypeAddValuePosition::Before(neighbour)) => (neighbour, 0),
        Some(AlterTypeAddValuePosition::After(neighbour)) => (neighbour, 1),
    };
    let wanted = neighbour.value.replace("''", "'");
    let found = labels
        .iter()
        .enumerate()
        .find(|(_, label)| **label == wanted);
    found.map(|(at, _)| at + 1 + behind).ok_or_else(|| {
        Diagnostic::error(
            "22023",
            format!("\"{wanted}\" is not an existing enum label"),
        )
    })
}

fn known(name: &ObjectName, pass: &Pass<'_>) -> Diagnosed<TableName> {
    TableName::of(name)
        .filter(|table| pass.relations.labels_of(table).is_some())
        .ok_or_else(|| {
            let message = format!("type \"{}\" does not exist", enums::shown(name));
            Diagnostic::error("42704", message)
        })
}

fn altered(alter: &AlterType, pass: &mut Pass<'_>) -> Diagnosed<Vec<Part>> {
    let name = known(&alter.name, pass)?;
    let table = enums::table_of(&name);
    let labels = pass.relations.labels_of(&name).unwrap_or_default();
    let written = |label: &Ident| label.value.replace("''", "'");
    match &alter.operation {
        AlterTypeOperation::AddValue(add) => {
            let label = written(&add.value);
            check(std::slice::from_ref(&label), pass)?;
            if labels.contains(&label) {
                let what = format!("enum label \"{label}\" already exists");
                if add.if_not_exists {
                    pass.notices.push(skipped("42710", &what));
                    return Ok(Vec::new());
                }
                return Err(Diagnostic::error("42710", what));
            }
            let place = place(add.position.as_ref(), labels)?;
            let mut parts = Vec::new();
            if place <= labels.len() {
                parts = enum_table::shifted(&table, place);
            }
            parts.extend(enum_table::added(&table, &label, place));
            Ok(parts)
        }
        AlterTypeOperation::RenameValue(rename) => {
            let (from, to) = (written(&rename.from), written(&rename.to));
            if !labels.contains(&from) {
                let message = format!("\"{from}\" is not an existing enum label");
                return Err(Diagnostic::error("22023", message));
            }
            if labels.contains(&to) {
                let message = format!("enum label \"{to}\" already exists");
                return Err(Diagnostic::error("42710", message));
            }
            Ok(enum_table::renamed(&table, &from, &to))
        }
        AlterTypeOperation::Rename(_) => Err(Diagnostic::not_supported(
            "ALTER TYPE … RENAME TO is not supported",
            "create the type by the other name",
        )),
    }
}

fn dropped(names: &[ObjectName], if_exists: bool, pass: &mut Pass<'_>) -> Diagnosed<Vec<Part>> {
    let mut parts = Vec::new();
    for name in names {
        match known(name, pass) {
            Ok(known) => parts.extend(enum_table::dropped(&enums::table_of(&known))),
            Err(_) if if_exists => {
                let what = format!("type \"{}\" does not exist", enums::shown(name));
                pass.notices.push(skipped("00000", &what));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(parts)
}

/// Text in place of a cast to an enum, if a literal is one of its labels.
pub(super) fn cast(expression: &mut Expr, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let Expr::Cast {
        expr, data_type, ..
    } = expression
    else {
        return Ok(false);
    };
    let Some(name) = enums::named(data_type) else {
        return Ok(false);
    };
    let Some(labels) = pass.relations.labels_of(&name) else {
        return Ok(false);
    };
    if let Some(text) = build::string_in(expr)
        && !labels.contains(&text)
    {
        let own = enums::name_in(data_type).unwrap_or_default();
        return Err(enums::no_label(&own, &text).at(pass.text, offset(&**expr)));
    }
    if let Some(number) = placeholder::number_of(build::unnested(expr)) {
        pass.parameter_type(number, oid::VARCHAR);
        pass.enum_parameters.push((number, enums::number_of(&name)));
    }
    *expression = build::take(expr);
    Ok(true)
}

/// A foreign key holds one value to the labels, and not the elements of an array.
fn refuse_array(column: &ColumnDef, pass: &Pass<'_>) -> Diagnosed<()> {
    let known = enums::named_of_array(&column.data_type)
        .filter(|name| pass.relations.labels_of(name).is_some());
    match known {
        None => Ok(()),
        Some(_) => Err(Diagnostic::not_supported(
            format!(
                "an array of an enum as the type of column \"{}\" is not supported",
                column.name.value
            ),
            "use text[], or a table with a row for each element",
        )
        .at(pass.text, offset(&Expr::Identifier(column.name.clone())))),
    }
}

/// Makes a column of an enum type one of text that refers to its labels.
pub(crate) fn typed(table: &str, column: &mut ColumnDef, pass: &Pass<'_>) -> bool {
    let Some(name) =
        enums::named(&column.data_type).filter(|name| pass.relations.labels_of(name).is_some())
    else {
        return false;
    };
    let own = enums::name_in(&column.data_type).unwrap_or_default();
    column.data_type = DataType::Varchar(Some(CharacterLength::IntegerLength {
        length: enums::LENGTH,
        unit: None,
    }));
    let label = format!("_enum__{own}");
    let constraint = object_name(table.to_owned(), labels::folded(&column.name), &label);
    let key = ForeignKeyConstraint {
        name: None,
        index_name: None,
        columns: Vec::new(),
        foreign_table: enums::table_of(&name),
        referred_columns: vec![Ident::new(enum_table::LABEL)],
        on_delete: None,
        on_update: Some(ReferentialAction::Cascade),
        match_kind: None,
        characteristics: None,
    };
    column.options.push(ColumnOptionDef {
        name: Some(crate::labels::identifier(&constraint)),
        option: ColumnOption::ForeignKey(key),
    });
    true
}
