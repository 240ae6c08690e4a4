//! # What it does
//! Takes the name of the database away from the names of tables, and refuses that of another one.
//!
//! # Why
//! IRIS's names have a schema and no database. PostgreSQL allows that of the session, and no other.
//! (PostgreSQL manual, "Schemas".)
//!
//! # Example
//! In the database `user`, `SELECT a FROM "user".public.t` becomes `SELECT a FROM SQLUser.t`.
//!
//! # Limits
//! Names of databases are compared without regard to case, as IRIS's namespaces are.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    CommentObject, Expr, Ident, ObjectName, ObjectNamePart, Select, SelectItem,
    SelectItemQualifiedWildcardKind, Statement,
};

use crate::definition::{NameHooks, each_name, offset};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct DatabaseName;

impl Rule for DatabaseName {
    fn name(&self) -> &'static str {
        "database_name"
    }

    fn summary(&self) -> &'static str {
        "takes the name of the session's database away from names"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CHAIN)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            database: &pass.scene.context.database,
            changed: false,
            refused: None,
        };
        match tree {
            Statement::Drop { names, .. } => {
                names.iter_mut().for_each(|name| walk.relation(name, 2));
            }
            Statement::Comment {
                object_type,
                object_name,
                ..
            } => {
                let own = match object_type {
                    CommentObject::Column => 3,
                    _ => 2,
                };
                walk.relation(object_name, own);
            }
            _ => {}
        }
        each_name(tree, &mut walk);
        walk::statement(tree, &mut walk)?;
        match walk.refused {
            Some(refusal) => Err(refusal),
            None => Ok(walk.changed),
        }
    }
}

struct Walk<'a> {
    text: &'a str,
    database: &'a str,
    changed: bool,
    refused: Option<Diagnostic>,
}

impl Walk<'_> {
    /// A name that has so many parts without its database.
    fn relation(&mut self, name: &mut ObjectName, own: usize) {
        if name.0.len() != own + 1 {
            return;
        }
        let Some(ObjectNamePart::Identifier(first)) = name.0.first() else {
            return;
        };
        if self.is_current(first) {
            name.0.remove(0);
            self.changed = true;
        } else {
            let parts = name.0.iter().filter_map(|part| part.as_ident());
            self.refuse(&parts.cloned().collect::<Vec<_>>());
        }
    }

    fn is_current(&self, name: &Ident) -> bool {
        labels::folded(name).eq_ignore_ascii_case(self.database)
    }

    fn refuse(&mut self, parts: &[Ident]) {
        let shown: Vec<String> = parts.iter().map(labels::folded).collect();
        let message = format!(
            "cross-database references are not implemented: \"{}\"",
            shown.join(".")
        );
        let start = offset(&Expr::CompoundIdentifier(parts.to_vec()));
        let refusal = Diagnostic::error("0A000", message).at(self.text, start);
        self.refused.get_or_insert(refusal);
    }
}

impl NameHooks for Walk<'_> {
    fn name(&mut self, _name: &mut Ident) {}

    fn table(&mut self, name: &mut ObjectName) {
        self.relation(name, 2);
    }
}

impl Hooks for Walk<'_> {
    fn enter_relation(&mut self, relation: &mut ObjectName) -> Diagnosed<()> {
        self.relation(relation, 2);
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        for item in &mut select.projection {
            if let SelectItem::QualifiedWildcard(
                SelectItemQualifiedWildcardKind::ObjectName(name),
                _,
            ) = item
            {
                self.relation(name, 2);
            }
        }
        Ok(())
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if let Expr::CompoundIdentifier(parts) = expression
            && parts.len() == 4
        {
            match parts.first().is_some_and(|first| self.is_current(first)) {
                true => {
                    parts.remove(0);
                    self.changed = true;
                }
                false => self.refuse(parts),
            }
        }
        Ok(())
    }
}
