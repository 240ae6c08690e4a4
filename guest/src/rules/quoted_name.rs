//! # What it does
//! Writes another name where a label or an alias has characters that IRIS does not take between
//! quotation marks: `.`, `,`, `^`, `->`.
//!
//! # Why
//! IRIS refuses such a name with SQLCODE -1. (InterSystems SQL, "Identifiers".) The client is told the
//! label that it wrote.
//!
//! # Example
//! `SELECT max(a) AS "MAX(t.a)" FROM t` becomes `SELECT max(a) AS "pgiris_MAX(t_2ea)" FROM t`, with the
//! label `MAX(t.a)`.
//!
//! # Limits
//! Tables and columns of such names cannot be made.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, Statement, TableAlias, TableFactor,
};

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

pub(crate) struct QuotedName;

/// What IRIS takes, in characters.
const LONGEST: usize = 128;

impl Rule for QuotedName {
    fn name(&self) -> &'static str {
        "quoted_name"
    }

    fn summary(&self) -> &'static str {
        "writes labels that IRIS takes for those that it refuses"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ODD_NAME)
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        if matches!(
            tree,
            Statement::Query(_)
                | Statement::Insert(_)
                | Statement::Update(_)
                | Statement::Delete(_)
        ) {
            walk::statement(tree, &mut walk)?;
        }
        Ok(walk.changed)
    }
}

/// Whether IRIS does not take a name between quotation marks.
pub(crate) fn is_refused(name: &str) -> bool {
    name.contains([',', '.', '^'])
        || name.contains("->")
        || name.starts_with('*')
        || name.eq_ignore_ascii_case("%vid")
        || !name.contains(char::is_alphanumeric)
}

/// The label of a column, if IRIS does not take it and so cannot tell it.
pub(crate) fn label(name: &Option<String>) -> Option<String> {
    name.as_ref().filter(|name| is_refused(name)).cloned()
}

/// A name that stands for it and for no other.
fn taken(name: &str) -> Option<String> {
    let mut taken = String::from("pgiris_");
    for character in name.chars() {
        match character {
            ',' | '.' | '^' | '>' => taken.push_str(&format!("_{:02x}", u32::from(character))),
            '_' => taken.push_str("__"),
            other => taken.push(other),
        }
    }
    (taken.chars().count() <= LONGEST).then_some(taken)
}

struct Walk {
    changed: bool,
}

impl Walk {
    fn name(&mut self, name: &mut Ident) {
        if name.quote_style.is_some()
            && is_refused(&name.value)
            && let Some(taken) = taken(&name.value)
        {
            name.value = taken;
            self.changed = true;
        }
    }

    fn qualified(&mut self, name: &mut ObjectName) {
        for part in &mut name.0 {
            if let ObjectNamePart::Identifier(name) = part {
                self.name(name);
            }
        }
    }

    fn alias(&mut self, alias: &mut TableAlias) {
        self.name(&mut alias.name);
        for column in &mut alias.columns {
            self.name(&mut column.name);
        }
    }
}

impl Hooks for Walk {
    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        match expression {
            Expr::Identifier(name) => self.name(name),
            Expr::CompoundIdentifier(parts) => parts.iter_mut().for_each(|part| self.name(part)),
            _ => {}
        }
        Ok(())
    }

    fn enter_relation(&mut self, relation: &mut ObjectName) -> Diagnosed<()> {
        self.qualified(relation);
        Ok(())
    }

    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.alias(&mut table.alias);
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        for item in &mut select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => self.name(alias),
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    _,
                ) => self.qualified(name),
                _ => {}
            }
        }
        Ok(())
    }

    fn enter_table(&mut self, factor: &mut TableFactor) -> Diagnosed<()> {
        if let TableFactor::Table {
            alias: Some(alias), ..
        }
        | TableFactor::Derived {
            alias: Some(alias), ..
        }
        | TableFactor::NestedJoin {
            alias: Some(alias), ..
        } = factor
        {
            self.alias(alias);
        }
        Ok(())
    }
}
