//! Walks a tree with the scopes of its nodes.

use sqlparser::ast::{
    Delete, Expr, FromTable, Insert, Query, Select, Statement, TableObject, Update,
    UpdateTableFromKind,
};

use super::Scopes;
use crate::diagnostic::Diagnosed;
use crate::relations::Relations;
use crate::walk::{self, Hooks};
use crate::wit::Oid;

/// What is done at the nodes of a tree, with what is in reach there.
pub(crate) trait ScopedHooks {
    /// A query, before its parts. Its own scope is open.
    fn enter_query(&mut self, _query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        Ok(())
    }

    /// A query, after its parts. Its own scope is still open.
    fn leave_query(&mut self, _query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        Ok(())
    }

    /// A select, before its parts. Its own scope is open.
    fn enter_select(&mut self, _select: &mut Select, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        Ok(())
    }

    /// A select, after its parts. Its own scope is still open.
    fn leave_select(&mut self, _select: &mut Select, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        Ok(())
    }

    /// An expression, before its parts.
    fn enter_expression(&mut self, _expr: &mut Expr, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        Ok(())
    }

    /// An expression, after its parts.
    fn leave_expression(&mut self, _expr: &mut Expr, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        Ok(())
    }
}

/// Walks a statement.
pub(crate) fn scoped(
    tree: &mut Statement,
    relations: &Relations,
    parameters: &[Oid],
    hooks: &mut dyn ScopedHooks,
) -> Diagnosed<()> {
    let mut walker = Walker {
        hooks,
        scopes: Scopes::new(relations, parameters),
    };
    walk::statement(tree, &mut walker)
}

struct Walker<'a, 'b> {
    hooks: &'a mut dyn ScopedHooks,
    scopes: Scopes<'b>,
}

impl Hooks for Walker<'_, '_> {
    fn enter_statement(&mut self, statement: &mut Statement) -> Diagnosed<()> {
        match statement {
            Statement::Insert(Insert {
                table: TableObject::TableName(name),
                table_alias,
                ..
            }) => {
                let alias = table_alias.as_ref().map(|alias| &alias.alias);
                self.scopes.open_table(name, alias);
            }
            Statement::Update(Update { table, from, .. }) => {
                self.scopes.open(std::slice::from_ref(table));
                if let Some(from) = from {
                    let (UpdateTableFromKind::BeforeSet(tables)
                    | UpdateTableFromKind::AfterSet(tables)) = from;
                    self.scopes.add_all(tables);
                }
            }
            Statement::Delete(Delete { from, using, .. }) => {
                let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = from;
                self.scopes.open(tables);
                self.scopes.add_all(using.as_deref().unwrap_or_default());
            }
            _ => {}
        }
        Ok(())
    }

    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        self.scopes.open_query(query);
        self.hooks.enter_query(query, &mut self.scopes)
    }

    fn leave_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let outcome = self.hooks.leave_query(query, &mut self.scopes);
        self.scopes.close();
        outcome
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        self.scopes.open_select(select);
        self.hooks.enter_select(select, &mut self.scopes)
    }

    fn leave_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        let outcome = self.hooks.leave_select(select, &mut self.scopes);
        self.scopes.close();
        outcome
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        self.hooks.enter_expression(expression, &mut self.scopes)
    }

    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        self.hooks.leave_expression(expression, &mut self.scopes)
    }
}
