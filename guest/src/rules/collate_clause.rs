//! # What it does
//! Takes `COLLATE "C"`, `"POSIX"` and `"default"` away, and refuses other collations.
//!
//! # Why
//! IRIS has no COLLATE in expressions. The rules compare strings letter by letter in any case, and
//! no collation of IRIS orders words as those of a language do. (InterSystems SQL, "Collation".)
//!
//! # Example
//! `ORDER BY t COLLATE "C"` becomes `ORDER BY ' ' || t`, as `ORDER BY t` does.
//!
//! # Limits
//! The default collation is `"C"`, whatever the database's is in PostgreSQL.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, ObjectName, Statement};

use crate::build;
use crate::casts::is_string;
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types;
use crate::wit::Diagnostic;

pub(crate) struct CollateClause;

/// The collations that compare letter by letter.
const PLAIN: [&str; 6] = ["C", "POSIX", "default", "ucs_basic", "C.utf8", "C.UTF-8"];

impl Rule for CollateClause {
    fn name(&self) -> &'static str {
        "collate_clause"
    }

    fn summary(&self) -> &'static str {
        "takes COLLATE \"C\" away and refuses other collations"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::COLLATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            changed: false,
            text: pass.text,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    changed: bool,
    text: &'a str,
}

impl ScopedHooks for Walk<'_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        while let Expr::Collate {
            expr: inner,
            collation,
        } = expr
        {
            let at = place::of(inner);
            check(collation).map_err(|refusal| refusal.at(self.text, at))?;
            if let Some(oid) = scopes.type_of(inner).filter(|oid| !is_string(*oid)) {
                let message = format!("collations are not supported by type {}", types::words(oid));
                return Err(Diagnostic::error("42804", message).at(self.text, at));
            }
            *expr = build::nested(build::take(inner));
            self.changed = true;
        }
        Ok(())
    }
}

/// That strings are compared so.
pub(super) fn check(collation: &ObjectName) -> Diagnosed<()> {
    let name = collation.0.last().and_then(|part| part.as_ident());
    let name = name.map(|name| match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    });
    match name {
        Some(name) if PLAIN.contains(&name.as_str()) => Ok(()),
        other => Err(Diagnostic::not_supported(
            format!(
                "collation \"{}\" is not supported",
                other.unwrap_or_default()
            ),
            "strings are compared letter by letter, as with COLLATE \"C\"",
        )),
    }
}
