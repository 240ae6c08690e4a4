//! # What it does
//! Writes the actions of ALTER TABLE in IRIS's words, each in a statement of its own.
//!
//! # Why
//! IRIS's ALTER TABLE has one action and other words: `RENAME x` for `RENAME TO x`,
//! `ALTER COLUMN c RENAME d`, `ALTER COLUMN c type`, `ALTER COLUMN c NOT NULL`. It has
//! no IF EXISTS.
//!
//! # Example
//! `ALTER TABLE t RENAME COLUMN a TO b` becomes `ALTER TABLE t ALTER COLUMN a RENAME b`.
//!
//! `ALTER TABLE t DROP COLUMN a` drops the indexes and constraints that have `a` first, as
//! PostgreSQL does and IRIS demands.
//!
//! # Limits
//! RENAME CONSTRAINT makes a key anew, which no foreign key may refer to; of other constraints it is
//! refused. `USING` that is more than a cast of the column, row security, triggers, inheritance and partitions are refused. NOT VALID and OWNER TO are left out
//! with a WARNING; nothing is to be done for VALIDATE CONSTRAINT.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation as Action, ColumnDef, ColumnOption,
    DataType, Expr, Ident, ObjectName, RenameTableNameKind, Statement, TableConstraint,
};

use crate::definition::dropped_column::{self, Gone};
use crate::definition::retyped::{Piece, Retyped};
use crate::definition::{self, last, offset, primary_key, written};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::types::{self, Kind, oid};
use crate::wit::Diagnostic;

pub(crate) struct TableChange;

/// SQLCODEs of what is missing, or there already.
const NO_TABLE: i32 = -30;
const NO_COLUMN: [i32; 2] = [-29, -31];
const COLUMN_EXISTS: i32 = -306;
const NO_CONSTRAINT: i32 = -315;

/// One action for IRIS.
struct Step {
    what: What,
    tolerated: Vec<i32>,
}

impl From<Piece> for Step {
    fn from(piece: Piece) -> Self {
        let what = match piece {
            Piece::Words(words) => What::Words(words),
            Piece::Other(other) => What::Other(other),
        };
        Self {
            what,
            tolerated: Vec::new(),
        }
    }
}

enum What {
    Action(Box<Action>),
    /// In IRIS's words.
    Words(String),
    /// Of another object, or table.
    Other(Box<Statement>),
}

impl Rule for TableChange {
    fn name(&self) -> &'static str {
        "table_change"
    }

    fn summary(&self) -> &'static str {
        "writes the actions of ALTER TABLE in IRIS's words"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        let Statement::AlterTable(table) = tree else {
            return false;
        };
        let depends = |action: &Action| {
            matches!(
                action,
                Action::RenameConstraint { .. }
                    | Action::AddConstraint {
                        constraint: TableConstraint::PrimaryKey(_),
                        ..
                    }
                    | Action::AlterColumn {
                        op: AlterColumnOperation::SetDefault { .. }
                            | AlterColumnOperation::SetDataType { .. },
                        ..
                    }
            )
        };
        table.operations.iter().any(depends)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::AlterTable(table) = tree else {
            return Ok(false);
        };
        if table.operations.is_empty() {
            // The action is in IRIS's words already.
            return Ok(false);
        }
        let before = table.clone();
        // No table of IRIS has others that inherit from it.
        table.only = false;
        let if_exists = std::mem::take(&mut table.if_exists);
        let mut steps = Vec::new();
        let mut gone = Gone::default();
        for action in std::mem::take(&mut table.operations) {
            steps_of(action, table, &mut gone, pass, &mut steps)?;
        }
        if let [Step { what, tolerated }] = steps.as_mut_slice()
            && tolerated.is_empty()
            && !if_exists
        {
            match what {
                What::Action(action) => table.operations.push((**action).clone()),
                What::Words(words) => pass.suffix.push_str(words),
                What::Other(other) => {
                    *tree = (**other).clone();
                    return Ok(true);
                }
            }
            return Ok(*table != before);
        }
        let parts = steps.into_iter().map(|step| part(table, step, if_exists));
        pass.split = Some(parts.collect());
        Ok(true)
    }
}

fn part(table: &AlterTable, step: Step, if_exists: bool) -> Part {
    let mut table = table.clone();
    let suffix = match step.what {
        What::Action(action) => {
            table.operations.push(*action);
            String::new()
        }
        What::Words(words) => words,
        What::Other(other) => return Part::new(*other),
    };
    let mut part = Part::new(Statement::AlterTable(table));
    part.suffix = suffix;
    part.tolerated = step.tolerated;
    if if_exists {
        part.tolerated.push(NO_TABLE);
    }
    part
}

/// Whether a column counts its rows.
fn counts(column: &ColumnDef) -> bool {
    let is_serial =
        types::of(&column.data_type).is_some_and(|known| matches!(known.kind, Kind::Serial(_)));
    is_serial
        || column.options.iter().any(|option| {
            matches!(
                option.option,
                ColumnOption::Generated {
                    generation_expr: None,
                    ..
                }
            )
        })
}

fn steps_of(
    mut action: Action,
    table: &AlterTable,
    gone: &mut Gone,
    pass: &mut Pass<'_>,
    steps: &mut Vec<Step>,
) -> Diagnosed<()> {
    let mut tolerated = Vec::new();
    match &mut action {
        Action::AddColumn {
            if_not_exists,
            column_def,
            ..
        } => {
            if counts(column_def) {
                return Err(Diagnostic::not_supported(
                    "ADD COLUMN of a counter is not supported",
                    "IRIS makes identity columns with their table only: create the table anew \
                     and INSERT … SELECT its rows",
                )
                .at(
                    pass.text,
                    offset(&Expr::Identifier(column_def.name.clone())),
                ));
            }
            if std::mem::take(if_not_exists) {
                tolerated.push(COLUMN_EXISTS);
            }
        }
        Action::AddConstraint {
            not_valid,
            constraint,
        } if *not_valid => {
            if !matches!(constraint, TableConstraint::ForeignKey(_)) {
                return Err(Diagnostic::error(
                    "0A000",
                    "only foreign keys and CHECK can be marked NOT VALID",
                ));
            }
            *not_valid = false;
            pass.notices.push(
                Diagnostic::warning("01000", "the constraint is valid at once")
                    .with_hint("IRIS checks the rows that are there"),
            );
        }
        Action::AddConstraint {
            constraint: TableConstraint::PrimaryKey(key),
            ..
        } => {
            let (before, behind) = primary_key::required(key, &table.name, pass);
            steps.extend(before.into_iter().map(Step::from));
            steps.push(Step {
                what: What::Action(Box::new(action)),
                tolerated,
            });
            steps.extend(behind.into_iter().map(Step::from));
            return Ok(());
        }
        // They are valid from the beginning.
        Action::ValidateConstraint { .. } => return Ok(()),
        Action::OwnerTo { .. } => {
            pass.notices.push(
                Diagnostic::warning("01000", "the owner is not changed").with_hint("use GRANT"),
            );
            return Ok(());
        }
        Action::DropConstraint {
            if_exists, name, ..
        } => {
            gone.note(&labels::folded(name));
            if std::mem::take(if_exists) {
                tolerated.push(NO_CONSTRAINT);
            }
        }
        Action::DropColumn {
            column_names,
            if_exists,
            drop_behavior,
            ..
        } => {
            if std::mem::take(if_exists) {
                tolerated.extend(NO_COLUMN);
            }
            let behavior = *drop_behavior;
            for name in std::mem::take(column_names) {
                let others = dropped_column::along_with(&name, behavior, table, gone, pass)?;
                steps.extend(others.into_iter().map(|other| Step {
                    what: What::Other(Box::new(other)),
                    tolerated: Vec::new(),
                }));
                let mut one = action.clone();
                if let Action::DropColumn { column_names, .. } = &mut one {
                    column_names.push(name);
                }
                steps.push(Step {
                    what: What::Action(Box::new(one)),
                    tolerated: tolerated.clone(),
                });
            }
            return Ok(());
        }
        Action::RenameColumn {
            old_column_name,
            new_column_name,
        } => {
            let (old, new) = (written(old_column_name), written(new_column_name));
            steps.push(words(format!("ALTER COLUMN {old} RENAME {new}")));
            return Ok(());
        }
        Action::RenameConstraint { old_name, new_name } => {
            let Some(others) = renamed_key(old_name, new_name, &table.name, pass) else {
                return refuse(&action);
            };
            steps.extend(others);
            return Ok(());
        }
        Action::RenameTable {
            table_name: RenameTableNameKind::To(name),
        } => {
            let new = last(name).map_or_else(|| name.to_string(), written);
            steps.push(words(format!("RENAME {new}")));
            return Ok(());
        }
        Action::AlterColumn { column_name, op } => {
            if let Some(others) = column_steps(column_name, op, &table.name, pass)? {
                steps.extend(others);
                return Ok(());
            }
        }
        other => refuse(other)?,
    }
    steps.push(Step {
        what: What::Action(Box::new(action)),
        tolerated,
    });
    Ok(())
}

/// A key is dropped and made anew by the other name; none if it is no key.
fn renamed_key(old: &Ident, new: &Ident, table: &ObjectName, pass: &Pass<'_>) -> Option<[Step; 2]> {
    let relation = pass.relations.find(&TableName::of(table)?)?;
    let name = labels::folded(old);
    let mut keys = relation.keys.iter();
    let key = keys.find(|key| key.name.eq_ignore_ascii_case(&name))?;
    let columns = key.columns.iter();
    let columns: Vec<String> = columns
        .map(|column| written(&labels::identifier(column)))
        .collect();
    let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
    let (old, new, columns) = (written(old), written(new), columns.join(", "));
    Some([
        words(format!("DROP CONSTRAINT {old}")),
        words(format!("ADD CONSTRAINT {new} {kind} ({columns})")),
    ])
}

/// What becomes of `ALTER COLUMN`; none if it stays.
fn column_steps(
    column: &Ident,
    change: &mut AlterColumnOperation,
    table: &ObjectName,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Vec<Step>>> {
    let name = written(column);
    match change {
        AlterColumnOperation::SetNotNull => {
            Ok(Some(vec![words(format!("ALTER COLUMN {name} NOT NULL"))]))
        }
        AlterColumnOperation::DropNotNull => {
            Ok(Some(vec![words(format!("ALTER COLUMN {name} NULL"))]))
        }
        AlterColumnOperation::SetDefault { value } => {
            definition::default(value, &data_type_of(column, table, pass), pass)?;
            Ok(None)
        }
        AlterColumnOperation::DropDefault => Ok(None),
        AlterColumnOperation::SetDataType {
            data_type, using, ..
        } => {
            let retyped = Retyped {
                column,
                data_type,
                using: using.as_ref(),
                table,
            };
            let pieces = retyped.pieces(pass)?;
            Ok(Some(pieces.into_iter().map(Step::from).collect()))
        }
        AlterColumnOperation::AddGenerated { .. } => Err(Diagnostic::not_supported(
            "ADD GENERATED is not supported",
            "IRIS makes identity columns with their table only",
        )
        .at(pass.text, offset(&Expr::Identifier(column.clone())))),
    }
}

/// What decides how a default is written: whether the column is boolean, or filled up with blanks.
fn data_type_of(column: &Ident, table: &ObjectName, pass: &Pass<'_>) -> DataType {
    let relation = TableName::of(table).and_then(|name| pass.relations.find(&name));
    match relation.and_then(|relation| relation.column(&labels::folded(column))) {
        Some(column) if column.type_oid == oid::BOOL => DataType::Boolean,
        Some(column) if column.type_oid == oid::BPCHAR => DataType::Char(None),
        Some(column) if column.type_oid == oid::BYTEA => DataType::Bytea,
        _ => DataType::Text,
    }
}

fn words(words: String) -> Step {
    Step {
        what: What::Words(words),
        tolerated: Vec::new(),
    }
}

/// Actions that IRIS has no equivalent for.
fn refuse(action: &Action) -> Diagnosed<()> {
    let (what, hint) = match action {
        Action::RenameConstraint { .. } => (
            "RENAME CONSTRAINT",
            "drop the constraint and add it by the other name",
        ),
        Action::EnableRowLevelSecurity
        | Action::DisableRowLevelSecurity
        | Action::ForceRowLevelSecurity
        | Action::NoForceRowLevelSecurity => {
            ("ROW LEVEL SECURITY", "use IRIS's row-level security")
        }
        Action::EnableTrigger { .. }
        | Action::DisableTrigger { .. }
        | Action::EnableAlwaysTrigger { .. }
        | Action::EnableReplicaTrigger { .. }
        | Action::EnableRule { .. }
        | Action::DisableRule { .. } => ("ENABLE or DISABLE TRIGGER", "drop or create the trigger"),
        Action::ReplicaIdentity { .. } => ("REPLICA IDENTITY", "use mirroring"),
        Action::SetLogged | Action::SetUnlogged => {
            ("SET LOGGED or UNLOGGED", "IRIS journals all tables")
        }
        _ => return Ok(()),
    };
    Err(Diagnostic::not_supported(
        format!("ALTER TABLE … {what} is not supported"),
        hint,
    ))
}
