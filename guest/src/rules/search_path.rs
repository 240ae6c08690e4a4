//! # What it does
//! Puts the schema that `search_path` leads to before names without one.
//!
//! # Why
//! IRIS looks in one default schema; what a session sets is known to the broker alone.
//!
//! # Example
//! After `SET search_path TO s`, `SELECT a FROM t` becomes `SELECT a FROM s.t`.
//!
//! # Limits
//! New tables and views are made in the first schema, whether IRIS lists it or not.
//! Of several schemas the first one that has the table is taken. Functions are looked
//! for in IRIS's way, and `"$user"` is passed over.
//!
//! # Versions
//! All.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, ObjectType, Query, Statement};

use crate::definition::{NameHooks, each_name};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::{DEFAULT_SCHEMA, Path, Relations, TableName};
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

pub(crate) struct SearchPath;

impl Rule for SearchPath {
    fn name(&self) -> &'static str {
        "search_path"
    }

    fn summary(&self) -> &'static str {
        "puts the schema of search_path before names without one"
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Some(path) = Path::of(&pass.scene) else {
            return Ok(false);
        };
        let mut walk = Walk {
            path,
            relations: pass.relations,
            queries: Vec::new(),
            changed: false,
        };
        match tree {
            Statement::CreateTable(table) => walk.made(&mut table.name),
            Statement::CreateView(view) => walk.made(&mut view.name),
            Statement::Drop {
                object_type, names, ..
            } => match object_type {
                ObjectType::Table | ObjectType::View => {
                    names.iter_mut().for_each(|name| walk.found(name));
                }
                ObjectType::Index => names.iter_mut().for_each(|name| walk.index(name)),
                _ => {}
            },
            Statement::Comment {
                object_type,
                object_name,
                ..
            } if !matches!(object_type, sqlparser::ast::CommentObject::Column) => {
                walk.found(object_name);
            }
            _ => {}
        }
        each_name(tree, &mut walk);
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    path: Path,
    relations: &'a Relations,
    /// What WITH names, in capitals.
    queries: Vec<String>,
    changed: bool,
}

impl Walk<'_> {
    /// The name of what is made.
    fn made(&mut self, name: &mut ObjectName) {
        let first = self.path.first().to_owned();
        self.put(name, &first);
        // Else it would be taken for the temporary table of that name.
        let temporary = self.path.temporary();
        if let ([own], Some(temporary)) = (name.0.as_slice(), temporary)
            && temporary.own(name).is_some()
        {
            let schema = ObjectNamePart::Identifier(Ident::new(DEFAULT_SCHEMA));
            name.0 = vec![schema, own.clone()];
            self.changed = true;
        }
    }

    /// The name of a table that is there.
    fn found(&mut self, name: &mut ObjectName) {
        let is_query = alone(name).is_some_and(|own| self.queries.contains(&own.to_uppercase()));
        if let Some(temporary) = self.path.temporary().filter(|_| !is_query)
            && temporary.own(name).is_some()
        {
            let schema = labels::identifier(&temporary.schema);
            let own = name.0.last().cloned();
            name.0 = vec![ObjectNamePart::Identifier(schema)];
            name.0.extend(own);
            self.changed = true;
            return;
        }
        let Some(own) = alone(name) else {
            return;
        };
        let upper = own.to_uppercase();
        // The catalogue is looked in first.
        if own.starts_with("pg_") || upper.starts_with('%') || self.queries.contains(&upper) {
            return;
        }
        let has = |schema: &&String| {
            let table = TableName {
                schema: schema.to_uppercase(),
                table: upper.clone(),
            };
            self.relations.find(&table).is_some()
        };
        let schema = match self.path.schemas() {
            [only] => Some(only),
            several => several.iter().find(has),
        };
        let schema = schema.cloned().unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
        self.put(name, &schema);
    }

    fn index(&mut self, name: &mut ObjectName) {
        let Some(own) = alone(name) else {
            return;
        };
        let upper = own.to_uppercase();
        let has = |schema: &&String| {
            let index = TableName {
                schema: schema.to_uppercase(),
                table: upper.clone(),
            };
            self.relations.indexes_called(&index).next().is_some()
        };
        if let Some(schema) = self.path.schemas().iter().find(has).cloned() {
            self.put(name, &schema);
        }
    }

    fn put(&mut self, name: &mut ObjectName, schema: &str) {
        if name.0.len() != 1 || schema.eq_ignore_ascii_case(DEFAULT_SCHEMA) {
            return;
        }
        let schema = labels::identifier(schema);
        name.0.insert(0, ObjectNamePart::Identifier(schema));
        self.changed = true;
    }
}

/// A name without a schema, as PostgreSQL folds it.
fn alone(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(own)] => Some(labels::folded(own)),
        _ => None,
    }
}

impl NameHooks for Walk<'_> {
    fn name(&mut self, _name: &mut Ident) {}

    fn table(&mut self, name: &mut ObjectName) {
        self.found(name);
    }
}

impl Hooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let named = query.with.iter().flat_map(|with| &with.cte_tables);
        self.queries
            .extend(named.map(|cte| cte.alias.name.value.to_uppercase()));
        Ok(())
    }

    fn enter_relation(&mut self, relation: &mut ObjectName) -> Diagnosed<()> {
        self.found(relation);
        Ok(())
    }
}
