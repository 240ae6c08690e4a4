//! The names in a definition that the walker of trees does not come by.

use sqlparser::ast::{
    AlterTableOperation as Action, ColumnDef, ColumnOption, ForeignKeyConstraint, Ident,
    ObjectName, ObjectNamePart, Statement, TableConstraint,
};

/// What is done with them.
pub(crate) trait NameHooks {
    /// The name of a column, an index or a constraint.
    fn name(&mut self, name: &mut Ident);

    /// The table that a foreign key refers to.
    fn table(&mut self, name: &mut ObjectName);
}

/// Calls the hooks for each name.
pub(crate) fn each_name(tree: &mut Statement, hooks: &mut dyn NameHooks) {
    match tree {
        Statement::CreateTable(table) => {
            for column in &mut table.columns {
                of_column(column, hooks);
            }
            for constraint in &mut table.constraints {
                of_constraint(constraint, hooks);
            }
        }
        Statement::AlterTable(table) => {
            for action in &mut table.operations {
                of_action(action, hooks);
            }
        }
        Statement::CreateIndex(index) => {
            if let Some(ObjectNamePart::Identifier(name)) =
                index.name.as_mut().and_then(|name| name.0.last_mut())
            {
                hooks.name(name);
            }
        }
        Statement::CreateView(view) => {
            for column in &mut view.columns {
                hooks.name(&mut column.name);
            }
        }
        _ => {}
    }
}

fn of_column(column: &mut ColumnDef, hooks: &mut dyn NameHooks) {
    hooks.name(&mut column.name);
    for option in &mut column.options {
        if let Some(name) = &mut option.name {
            hooks.name(name);
        }
        if let ColumnOption::ForeignKey(key) = &mut option.option {
            of_foreign_key(key, hooks);
        }
    }
}

fn of_constraint(constraint: &mut TableConstraint, hooks: &mut dyn NameHooks) {
    let name = match constraint {
        TableConstraint::ForeignKey(key) => return of_foreign_key(key, hooks),
        TableConstraint::PrimaryKey(key) => &mut key.name,
        TableConstraint::Unique(key) => &mut key.name,
        _ => return,
    };
    if let Some(name) = name {
        hooks.name(name);
    }
}

fn of_foreign_key(key: &mut ForeignKeyConstraint, hooks: &mut dyn NameHooks) {
    let names = key.name.iter_mut().chain(&mut key.columns);
    names
        .chain(&mut key.referred_columns)
        .for_each(|name| hooks.name(name));
    hooks.table(&mut key.foreign_table);
}

fn of_action(action: &mut Action, hooks: &mut dyn NameHooks) {
    match action {
        Action::AddColumn { column_def, .. } => of_column(column_def, hooks),
        Action::AddConstraint { constraint, .. } => of_constraint(constraint, hooks),
        Action::DropColumn { column_names, .. } => {
            column_names.iter_mut().for_each(|name| hooks.name(name));
        }
        Action::DropConstraint { name, .. } | Action::DropForeignKey { name, .. } => {
            hooks.name(name);
        }
        Action::AlterColumn { column_name, .. } => hooks.name(column_name),
        _ => {}
    }
}
