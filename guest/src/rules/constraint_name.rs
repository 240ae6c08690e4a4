//! # What it does
//! Gives constraints without a name the one that PostgreSQL gives them.
//!
//! # Why
//! A client learns from an error which constraint was violated, and drops it by the
//! same name; IRIS would call it `T_PKEY1`.
//!
//! # Example
//! `CREATE TABLE t (a int PRIMARY KEY)` becomes
//! `CREATE TABLE t (a INT, CONSTRAINT t_pkey PRIMARY KEY (a))`.
//!
//! # Limits
//! Names that other tables of the schema have are not avoided.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AlterTableOperation as Action, ColumnDef, ColumnOption, Expr, Ident, IndexColumn, ObjectName,
    Statement, TableConstraint,
};

use crate::definition::last;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::{TableName, object_name};
use crate::rule::{Pass, Rule};

pub(crate) struct ConstraintName;

impl Rule for ConstraintName {
    fn name(&self) -> &'static str {
        "constraint_name"
    }

    fn summary(&self) -> &'static str {
        "names constraints as PostgreSQL does"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        let Statement::AlterTable(table) = tree else {
            return false;
        };
        table.operations.iter().any(|action| {
            matches!(
                action,
                Action::AddConstraint { .. } | Action::AddColumn { .. }
            )
        })
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::CreateTable(table) => {
                let mut names = Names::of(&table.name);
                for column in &table.columns {
                    names.note_column(column);
                }
                for constraint in &table.constraints {
                    names.note(constraint);
                }
                for column in &mut table.columns {
                    names.name_column(column);
                }
                for constraint in &mut table.constraints {
                    names.name(constraint);
                }
                Ok(names.changed)
            }
            Statement::AlterTable(table) => {
                let mut names = Names::of(&table.name);
                let known = TableName::of(&table.name).and_then(|name| pass.relations.find(&name));
                for key in known.iter().flat_map(|relation| &relation.keys) {
                    names.taken.push(key.name.to_lowercase());
                }
                for action in &mut table.operations {
                    match action {
                        Action::AddColumn { column_def, .. } => names.name_column(column_def),
                        Action::AddConstraint { constraint, .. } => names.name(constraint),
                        _ => {}
                    }
                }
                Ok(names.changed)
            }
            _ => Ok(false),
        }
    }
}

/// The names of the constraints of a table.
struct Names {
    table: String,
    /// In lower case, as IRIS compares them without regard to case.
    taken: Vec<String>,
    changed: bool,
}

impl Names {
    fn of(table: &ObjectName) -> Self {
        Self {
            table: last(table).map(labels::folded).unwrap_or_default(),
            taken: Vec::new(),
            changed: false,
        }
    }

    fn note_column(&mut self, column: &ColumnDef) {
        let names = column
            .options
            .iter()
            .filter_map(|option| option.name.as_ref());
        self.taken
            .extend(names.map(|name| name.value.to_lowercase()));
    }

    fn note(&mut self, constraint: &TableConstraint) {
        let name = match constraint {
            TableConstraint::PrimaryKey(key) => &key.name,
            TableConstraint::Unique(key) => &key.name,
            TableConstraint::ForeignKey(key) => &key.name,
            _ => return,
        };
        self.taken
            .extend(name.iter().map(|name| name.value.to_lowercase()));
    }

    fn name_column(&mut self, column: &mut ColumnDef) {
        let own = labels::folded(&column.name);
        for option in &mut column.options {
            let chosen = match &option.option {
                ColumnOption::PrimaryKey(_) => self.choose_if(&option.name, "", "pkey"),
                ColumnOption::Unique(_) => self.choose_if(&option.name, &own, "key"),
                ColumnOption::ForeignKey(_) => self.choose_if(&option.name, &own, "fkey"),
                _ => None,
            };
            if chosen.is_some() {
                option.name = chosen;
            }
        }
    }

    fn name(&mut self, constraint: &mut TableConstraint) {
        let (name, columns, label) = match constraint {
            TableConstraint::PrimaryKey(key) => (&mut key.name, String::new(), "pkey"),
            TableConstraint::Unique(key) => {
                let columns = key.columns.iter().map(column_of);
                let columns: Vec<_> = columns.collect();
                (&mut key.name, columns.join("_"), "key")
            }
            TableConstraint::ForeignKey(key) => {
                let columns: Vec<_> = key.columns.iter().map(labels::folded).collect();
                (&mut key.name, columns.join("_"), "fkey")
            }
            _ => return,
        };
        if let Some(chosen) = self.choose_if(name, &columns, label) {
            *name = Some(chosen);
        }
    }

    /// A name, if there is none.
    fn choose_if(&mut self, name: &Option<Ident>, columns: &str, label: &str) -> Option<Ident> {
        if name.is_some() {
            return None;
        }
        self.changed = true;
        let numbered = (1..=self.taken.len()).map(|number| format!("{label}{number}"));
        let free = std::iter::once(label.to_owned())
            .chain(numbered)
            .map(|label| object_name(self.table.clone(), columns.to_owned(), &label))
            .find(|name| !self.taken.contains(&name.to_lowercase()))
            .unwrap_or_default();
        self.taken.push(free.to_lowercase());
        Some(labels::identifier(&free))
    }
}

fn column_of(column: &IndexColumn) -> String {
    match &column.column.expr {
        Expr::Identifier(name) => labels::folded(name),
        _ => "expr".to_owned(),
    }
}
