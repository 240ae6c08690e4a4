//! # What it does
//! Makes an identity column that counts from elsewhere than 1, or in other steps, a column that
//! a sequence of its own fills, and drops that with the table.
//!
//! # Why
//! IRIS's IDENTITY counts from 1 in steps of 1. (InterSystems SQL Reference, "CREATE TABLE".)
//!
//! # Example
//! `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START WITH 100))` becomes a table whose
//! column `id` is described as filled by the sequence `t_id_seq`, and that sequence.
//!
//! # Limits
//! In CREATE TABLE. What INSERT … SELECT leaves to such a column is refused, and so is TRUNCATE
//! … RESTART IDENTITY of its table. Where IRIS's own SQL writes the table, nothing fills the column.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    ColumnDef, ColumnOption, ColumnOptionDef, CreateTable, GeneratedAs, ObjectType,
    SequenceOptions, Statement,
};

use crate::catalog::name_of_counter;
use crate::definition::last;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::sequences::{description_of_identity, table_of};
use crate::relations::{Identity, TableName};
use crate::rule::{Pass, Rule};
use crate::rules::column_type::described;
use crate::sequences;
use crate::sequences::options::Options;
use crate::steps;
use crate::types::{self, oid};
use crate::wit::Diagnostic;

pub(crate) struct IdentityOption;

/// "Table or view not found": the sequence was dropped before.
const NO_TABLE: i32 = -30;

impl Rule for IdentityOption {
    fn name(&self) -> &'static str {
        "identity_option"
    }

    fn summary(&self) -> &'static str {
        "fills identity columns that count otherwise from sequences"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION.and(Marks::WRITING))
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        matches!(tree, Statement::CreateTable(table)
            if table.if_not_exists && table.columns.iter().any(|column| options_of(column).is_some()))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::CreateTable(table) => created(table, pass),
            Statement::Drop {
                object_type: ObjectType::Table,
                names,
                ..
            } => {
                let before = pass.afterwards.len();
                for name in names.iter().filter_map(TableName::of) {
                    for sequence in pass.relations.owned_by(&name) {
                        let mut step = steps::step(format!("DROP TABLE {}", table_of(sequence)));
                        step.tolerated = vec![NO_TABLE];
                        pass.afterwards.push(step);
                    }
                }
                Ok(pass.afterwards.len() > before)
            }
            Statement::Truncate(truncate)
                if truncate.identity == Some(sqlparser::ast::TruncateIdentityOption::Restart) =>
            {
                let mut names = truncate.table_names.iter();
                let counts = names.any(|target| {
                    TableName::of(&target.name)
                        .is_some_and(|name| !pass.relations.owned_by(&name).is_empty())
                });
                match counts {
                    true => Err(Diagnostic::not_supported(
                        "RESTART IDENTITY of a column that a sequence fills is not supported",
                        "TRUNCATE the table, and ALTER SEQUENCE … RESTART",
                    )),
                    false => Ok(false),
                }
            }
            _ => Ok(false),
        }
    }
}

/// The sequences that the columns of a table that is made would have, without a number behind
/// their names.
pub(crate) fn sequences_of(tree: &Statement) -> Vec<TableName> {
    let Statement::CreateTable(table) = tree else {
        return Vec::new();
    };
    let columns = table.columns.iter();
    columns
        .filter(|column| options_of(column).is_some())
        .filter_map(|column| named(table, column, &|_| false).map(|(name, _)| name))
        .collect()
}

/// Whether a statement takes the sequences of its tables along.
pub(crate) fn may_own(tree: &Statement) -> bool {
    match tree {
        Statement::Drop { object_type, .. } => *object_type == ObjectType::Table,
        Statement::Truncate(truncate) => {
            truncate.identity == Some(sqlparser::ast::TruncateIdentityOption::Restart)
        }
        _ => false,
    }
}

fn options_of(column: &ColumnDef) -> Option<(usize, GeneratedAs, &[SequenceOptions])> {
    let mut options = column.options.iter().enumerate();
    options.find_map(|(place, option)| match &option.option {
        ColumnOption::Generated {
            generated_as,
            sequence_options: Some(options),
            ..
        } if !options.is_empty() => Some((place, *generated_as, options.as_slice())),
        _ => None,
    })
}

fn created(table: &mut CreateTable, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let is_there = table.if_not_exists
        && TableName::of(&table.name).is_some_and(|name| pass.relations.find(&name).is_some());
    let mut columns = std::mem::take(&mut table.columns);
    let mut changed = false;
    for column in &mut columns {
        let Some((place, generated_as, options)) = options_of(column) else {
            continue;
        };
        let type_oid = types::of(&column.data_type).map_or(0, |known| known.oid);
        if !matches!(type_oid, oid::INT2 | oid::INT4 | oid::INT8) {
            return Err(Diagnostic::error(
                "22023",
                "identity column type must be smallint, integer, or bigint",
            ));
        }
        let settled = Options::of_identity(options, type_oid)?.of_new()?;
        let taken = |name: &TableName| pass.relations.sequence(name).is_some();
        let Some((sequence, text)) = named(table, column, &taken) else {
            continue;
        };
        let identity = match generated_as {
            GeneratedAs::Always => Identity::Always,
            _ => Identity::ByDefault,
        };
        column.options[place] = described(&description_of_identity(identity, &text));
        if !column
            .options
            .iter()
            .any(|option| matches!(option.option, ColumnOption::NotNull))
        {
            column.options.push(ColumnOptionDef {
                name: None,
                option: ColumnOption::NotNull,
            });
        }
        if !is_there {
            pass.afterwards.extend(sequences::made(&sequence, settled));
        }
        changed = true;
    }
    table.columns = columns;
    Ok(changed)
}

/// The sequence of a column, and the text that names it.
fn named(
    table: &CreateTable,
    column: &ColumnDef,
    is_taken: &dyn Fn(&TableName) -> bool,
) -> Option<(TableName, String)> {
    let parts: Vec<String> = table
        .name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(labels::folded)
        .collect();
    let schema = match parts.as_slice() {
        [_] => None,
        [.., schema, _] => Some(schema.as_str()),
        [] => return None,
    };
    let own = last(&table.name).map(labels::folded)?;
    let name = name_of_counter(&own, &labels::folded(&column.name), |name| {
        is_taken(&TableName::named(schema, name))
    });
    let text = match schema {
        Some(schema) => format!("{schema}.{name}"),
        None => name.clone(),
    };
    Some((TableName::named(schema, &name), text))
}
