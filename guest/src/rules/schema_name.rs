//! # What it does
//! Writes the schema `public` as `SQLUser`.
//!
//! # Why
//! It is IRIS's default schema; `public` is a reserved word there.
//!
//! # Example
//! `SELECT public.t.a FROM public.t` becomes `SELECT SQLUser.t.a FROM SQLUser.t`.
//!
//! # Limits
//! A default schema configured in IRIS is not asked for.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, SchemaName as Created, Select, SelectItem,
    SelectItemQualifiedWildcardKind as Qualifier, Statement,
};

use crate::definition::{NameHooks, each_name};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::rules::if_exists;
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct SchemaName;

/// What `public` is in IRIS.
const DEFAULT_SCHEMA: &str = "SQLUser";

impl Rule for SchemaName {
    fn name(&self) -> &'static str {
        "schema_name"
    }

    fn summary(&self) -> &'static str {
        "writes the schema public as SQLUser"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::SCHEMA.and(Marks::DEFINITION))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        if let Statement::CreateSchema {
            schema_name,
            if_not_exists,
            ..
        } = tree
        {
            if is_public(schema_name) {
                return exists(*if_not_exists, pass);
            }
            walk.changed |= without_owner(schema_name, pass);
        }
        if let Statement::Drop { names, table, .. } = tree {
            names
                .iter_mut()
                .chain(table)
                .for_each(|name| walk.qualified(name));
        }
        each_name(tree, &mut walk);
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

/// The schema that is always there.
fn is_public(schema: &Created) -> bool {
    let (Created::Simple(name) | Created::NamedAuthorization(name, _)) = schema else {
        return false;
    };
    matches!(name.0.as_slice(), [only] if only.as_ident().is_some_and(|name| labels::folded(name) == "public"))
}

fn exists(is_skipped: bool, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let what = "schema \"public\" already exists";
    if !is_skipped {
        return Err(Diagnostic::error("42P06", what));
    }
    pass.notices.push(if_exists::skipped("42P06", what));
    pass.split = Some(Vec::new());
    Ok(true)
}

/// IRIS's schemas have no owners; one without a name has that of its owner.
fn without_owner(schema: &mut Created, pass: &mut Pass<'_>) -> bool {
    let name = match schema {
        Created::Simple(_) => return false,
        Created::UnnamedAuthorization(owner) => ObjectName::from(vec![owner.clone()]),
        Created::NamedAuthorization(name, _) => name.clone(),
    };
    *schema = Created::Simple(name);
    pass.notices
        .push(Diagnostic::warning("01000", "the schema has no owner").with_hint("use GRANT"));
    true
}

struct Walk {
    changed: bool,
}

impl Walk {
    fn qualified(&mut self, name: &mut ObjectName) {
        if let [ObjectNamePart::Identifier(schema), _] = name.0.as_mut_slice() {
            self.schema(schema);
        }
    }

    fn schema(&mut self, schema: &mut Ident) {
        if labels::folded(schema) == "public" {
            *schema = Ident::new(DEFAULT_SCHEMA);
            self.changed = true;
        }
    }
}

impl NameHooks for Walk {
    fn name(&mut self, _name: &mut Ident) {}

    fn table(&mut self, name: &mut ObjectName) {
        self.qualified(name);
    }
}

impl Hooks for Walk {
    fn enter_relation(&mut self, relation: &mut ObjectName) -> Diagnosed<()> {
        self.qualified(relation);
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        for item in &mut select.projection {
            if let SelectItem::QualifiedWildcard(Qualifier::ObjectName(name), _) = item {
                self.qualified(name);
            }
        }
        Ok(())
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        match expression {
            Expr::CompoundIdentifier(parts) if parts.len() == 3 => self.schema(&mut parts[0]),
            Expr::Function(function) => self.qualified(&mut function.name),
            _ => {}
        }
        Ok(())
    }
}
