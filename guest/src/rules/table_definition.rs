//! # What it does
//! Writes the constraints and defaults of tables as IRIS takes them, and refuses
//! tables that IRIS has no equivalent for.
//!
//! # Why
//! IRIS names constraints of a table only, not of a column; has NO ACTION and no
//! RESTRICT; takes literals and the current time and user as defaults; and has no
//! CHECK, which must not be dropped without a word.
//!
//! # Example
//! `CREATE TABLE t (a int CONSTRAINT k PRIMARY KEY, b timestamp DEFAULT now())` becomes
//! `CREATE TABLE t (a INT, b TIMESTAMP DEFAULT CURRENT_TIMESTAMP(6), CONSTRAINT k PRIMARY KEY (a))`.
//!
//! # Limits
//! CHECK is refused; with the setting `pgiris.check_constraints` = `ignore` it is left
//! out with a WARNING. DEFERRABLE is left out with a WARNING: IRIS checks at once. Refused
//! are EXCLUDE, NULLS NOT DISTINCT, generated columns, tables without columns, LIKE,
//! INHERITS, partitions, and ON COMMIT of a GLOBAL TEMPORARY table other than PRESERVE
//! ROWS. Storage parameters and UNLOGGED are left out.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, ConstraintCharacteristics, CreateTable,
    CreateTableOptions, DeferrableInitial, Expr, ForeignKeyConstraint, Ident, IndexColumn,
    NullsDistinctOption, OnCommit, ReferentialAction, Spanned, Statement, TableConstraint,
};

use crate::build;
use crate::definition::{self, offset};
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::reader::marks::Marks;
use crate::relations::sequences;
use crate::rule::{Pass, Rule};
use crate::rules::column_type::described;
use crate::wit::Diagnostic;

pub(crate) struct TableDefinition;

/// The setting that leaves CHECK out, with a warning.
pub(crate) const CHECK_SETTING: &str = "pgiris.check_constraints";

impl Rule for TableDefinition {
    fn name(&self) -> &'static str {
        "table_definition"
    }

    fn summary(&self) -> &'static str {
        "writes constraints and defaults as IRIS takes them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION.and(Marks::INTO))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::CreateTable(table) => {
                let before = table.clone();
                kind(table, pass)?;
                for column in &mut table.columns {
                    let moved = column_options(column, true, pass)?;
                    table.constraints.extend(moved);
                }
                let constraints = std::mem::take(&mut table.constraints);
                for constraint in constraints {
                    table.constraints.extend(checked(constraint, pass)?);
                }
                Ok(*table != before)
            }
            Statement::AlterTable(table) => {
                let before = table.clone();
                let mut operations = Vec::with_capacity(table.operations.len());
                for operation in std::mem::take(&mut table.operations) {
                    added(operation, pass, &mut operations)?;
                }
                table.operations = operations;
                if table.operations.is_empty() && !before.operations.is_empty() {
                    // Nothing but CHECKs that are left out.
                    pass.split = Some(Vec::new());
                }
                Ok(*table != before)
            }
            _ => Ok(false),
        }
    }
}

/// An action of ALTER TABLE that adds something, and the constraints that it names.
fn added(
    mut operation: AlterTableOperation,
    pass: &mut Pass<'_>,
    into: &mut Vec<AlterTableOperation>,
) -> Diagnosed<()> {
    let mut moved = Vec::new();
    match operation {
        AlterTableOperation::AddColumn {
            ref mut column_def, ..
        } => moved = column_options(column_def, false, pass)?,
        AlterTableOperation::AddConstraint {
            constraint,
            not_valid,
        } => {
            let constraint = checked(constraint, pass)?;
            into.extend(
                constraint.map(|constraint| AlterTableOperation::AddConstraint {
                    constraint,
                    not_valid,
                }),
            );
            return Ok(());
        }
        _ => {}
    }
    into.push(operation);
    for constraint in moved {
        into.push(AlterTableOperation::AddConstraint {
            constraint,
            not_valid: false,
        });
    }
    Ok(())
}

/// What kind of table it is.
fn kind(table: &mut CreateTable, pass: &Pass<'_>) -> Diagnosed<()> {
    let place = offset(&table.name);
    let refuse =
        |what: &str, hint: &str| Err(Diagnostic::not_supported(what, hint).at(pass.text, place));
    if table.temporary && table.global != Some(true) {
        return refuse(
            "a temporary table that the session drops is not supported",
            "CREATE GLOBAL TEMPORARY TABLE makes one whose rows are the session's and whose definition stays",
        );
    }
    // What IRIS does anyway.
    if table.temporary && table.on_commit == Some(OnCommit::PreserveRows) {
        table.on_commit = None;
    }
    if table.on_commit.is_some() {
        return refuse(
            "ON COMMIT is not supported",
            "DELETE the rows before COMMIT",
        );
    }
    if table.like.is_some() {
        return refuse("LIKE is not supported", "name the columns");
    }
    if table.columns.is_empty() && table.query.is_none() && table.inherits.is_none() {
        return refuse(
            "a table without columns is not supported",
            "name at least one column",
        );
    }
    if table.inherits.is_some() {
        return refuse("INHERITS is not supported", "use a view over both tables");
    }
    if table.partition_of.is_some() || table.partition_by.is_some() {
        return refuse(
            "a partitioned table is not supported",
            "create one table; IRIS maps its data to databases in its configuration",
        );
    }
    table.unlogged = false;
    if matches!(table.table_options, CreateTableOptions::With(_)) {
        table.table_options = CreateTableOptions::None;
    }
    Ok(())
}

/// The options of a column; returns its constraints that have names.
/// `is_new`: no row has it yet.
fn column_options(
    column: &mut ColumnDef,
    is_new: bool,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<TableConstraint>> {
    let mut moved = Vec::new();
    let mut options = Vec::with_capacity(column.options.len());
    for mut option in std::mem::take(&mut column.options) {
        let name = option.name.take();
        match &mut option.option {
            ColumnOption::Default(value) => match (of_sequence(value, pass)?, is_new) {
                (Some(described), true) => option.option = described,
                _ => {
                    definition::default(value, &column.data_type, pass)?;
                }
            },
            ColumnOption::Check(check) => {
                left_out(check, pass)?;
                continue;
            }
            ColumnOption::Generated {
                generation_expr: Some(expression),
                ..
            } => {
                return Err(Diagnostic::not_supported(
                    "a generated column is not supported",
                    "compute the value in a view, or give it in INSERT and UPDATE",
                )
                .at(pass.text, offset(expression)));
            }
            ColumnOption::ForeignKey(key) => {
                foreign_key(key, pass)?;
                if name.is_some() {
                    key.name = name;
                    key.columns = vec![column.name.clone()];
                    moved.push(TableConstraint::ForeignKey(key.clone()));
                    continue;
                }
            }
            ColumnOption::PrimaryKey(key) => {
                at_once(&mut key.characteristics, pass);
                if name.is_some() {
                    key.name = name;
                    key.columns = vec![index_column(&column.name)];
                    moved.push(TableConstraint::PrimaryKey(key.clone()));
                    continue;
                }
            }
            ColumnOption::Unique(key) => {
                at_once(&mut key.characteristics, pass);
                if name.is_some() {
                    key.name = name;
                    key.columns = vec![index_column(&column.name)];
                    moved.push(TableConstraint::Unique(key.clone()));
                    continue;
                }
            }
            _ => {}
        }
        options.push(option);
    }
    column.options = options;
    Ok(moved)
}

/// The description of a column in place of its default, the next value of a sequence.
fn of_sequence(value: &Expr, pass: &Pass<'_>) -> Diagnosed<Option<ColumnOption>> {
    let Some(("nextval", Some(text))) = sequences::call(build::unnested(value)) else {
        return Ok(None);
    };
    let known = sequences::named(&text).filter(|name| pass.relations.sequence(name).is_some());
    if known.is_none() {
        let message = format!("relation \"{text}\" does not exist");
        return Err(Diagnostic::error("42P01", message).at(pass.text, offset(value)));
    }
    Ok(Some(described(&sequences::description(&text)).option))
}

fn index_column(name: &Ident) -> IndexColumn {
    IndexColumn::from(name.clone())
}

/// A constraint of a table; none if it is left out.
fn checked(
    mut constraint: TableConstraint,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<TableConstraint>> {
    match &mut constraint {
        TableConstraint::Check(check) => {
            left_out(check, pass)?;
            return Ok(None);
        }
        TableConstraint::ForeignKey(key) => foreign_key(key, pass)?,
        TableConstraint::PrimaryKey(key) => at_once(&mut key.characteristics, pass),
        TableConstraint::Unique(key) => {
            if key.nulls_distinct == NullsDistinctOption::NotDistinct {
                return Err(Diagnostic::not_supported(
                    "NULLS NOT DISTINCT is not supported",
                    "make the columns NOT NULL",
                ));
            }
            key.nulls_distinct = NullsDistinctOption::None;
            at_once(&mut key.characteristics, pass);
        }
        TableConstraint::PrimaryKeyUsingIndex(key) | TableConstraint::UniqueUsingIndex(key) => {
            return Err(Diagnostic::not_supported(
                "a constraint USING INDEX is not supported",
                "drop the index, and name the columns in the constraint",
            )
            .at(
                pass.text,
                place::of(&Expr::Identifier(key.index_name.clone())),
            ));
        }
        TableConstraint::Exclude(_) => {
            return Err(Diagnostic::not_supported(
                "EXCLUDE is not supported",
                "use UNIQUE, or look for the rows that conflict before you write",
            ));
        }
        _ => {}
    }
    Ok(Some(constraint))
}

const CHECK_HINT: &str =
    "check the values in the application, or set pgiris.check_constraints to ignore";

/// A CHECK is left out only if the session wants that, and then not silently.
fn left_out(check: &impl Spanned, pass: &mut Pass<'_>) -> Diagnosed<()> {
    if pass.scene.setting(CHECK_SETTING) == Some("ignore") {
        pass.notices.push(
            Diagnostic::warning("01000", "the CHECK constraint is left out")
                .with_hint("IRIS has no CHECK constraints"),
        );
        return Ok(());
    }
    Err(
        Diagnostic::not_supported("CHECK constraints are not supported", CHECK_HINT)
            .at(pass.text, offset(check)),
    )
}

fn foreign_key(key: &mut ForeignKeyConstraint, pass: &mut Pass<'_>) -> Diagnosed<()> {
    at_once(&mut key.characteristics, pass);
    for action in [&mut key.on_delete, &mut key.on_update] {
        if *action == Some(ReferentialAction::Restrict) {
            *action = Some(ReferentialAction::NoAction);
        }
    }
    // MATCH SIMPLE is what IRIS does; it reads the others and does the same.
    match key.match_kind.take() {
        None => Ok(()),
        Some(kind) if kind.to_string().contains("SIMPLE") => Ok(()),
        Some(kind) => Err(Diagnostic::not_supported(
            format!("{kind} is not supported"),
            "IRIS matches as MATCH SIMPLE does",
        )
        .at(pass.text, offset(&key.foreign_table))),
    }
}

/// IRIS checks constraints at once: what would be put right before the end of the
/// transaction fails there, and the client is told so beforehand.
fn at_once(characteristics: &mut Option<ConstraintCharacteristics>, pass: &mut Pass<'_>) {
    let Some(all) = characteristics.take() else {
        return;
    };
    if all.deferrable == Some(true) || all.initially == Some(DeferrableInitial::Deferred) {
        pass.notices.push(
            Diagnostic::warning("01000", "the constraint is not deferrable")
                .with_hint("IRIS checks constraints at once"),
        );
    }
}
