//! # What it does
//! Leaves it to the broker to show numbers by templates that IRIS's TO_CHAR does not read as
//! PostgreSQL does, moments by templates that are parameters, and to read numbers by templates.
//!
//! # Why
//! IRIS's TO_CHAR has no `PR`, `SG`, `TH`, `V`, `RN` and `EEEE`, and shows a 0 before the point where
//! PostgreSQL shows none; its TO_NUMBER has no template.
//!
//! # Example
//! `SELECT to_char(n, 'FM999.99') FROM t` becomes `SELECT '{' || n || '}' FROM t`, of which the broker
//! shows the number.
//!
//! # Limits
//! Where the broker computes, see `element_access`; not of `double precision`, and of moments with a
//! time zone only where the session's is UTC. `L` is a blank, as in
//! the locale C. No template is longer than 1000 characters.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, ObjectNamePart, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::is_number_template;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::zone;

pub(crate) struct NumberTemplate;

impl Rule for NumberTemplate {
    fn name(&self) -> &'static str {
        "number_template"
    }

    fn summary(&self) -> &'static str {
        "lets the broker show and read numbers by templates"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::TYPED_FUNCTION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            in_utc: zone::is_session_in_utc(&pass.scene),
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            pass.brought.add(Marks::ACCESS.and(Marks::FUNCTION));
        }
        Ok(walk.changed)
    }
}

struct Walk {
    /// Whether the session shows moments as they are kept.
    in_utc: bool,
    changed: bool,
}

impl ScopedHooks for Walk {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if let Some(code) = self.code_of(expr, scopes)
            && let Expr::Function(function) = expr
            && let Some(ObjectNamePart::Identifier(name)) = function.name.0.last_mut()
        {
            // It stays where it stands in the client's text.
            code.clone_into(&mut name.value);
            self.changed = true;
        }
        Ok(())
    }
}

impl Walk {
    /// What a call is by the name of its code, if the broker is to compute it.
    fn code_of(&self, expr: &Expr, scopes: &Scopes<'_>) -> Option<&'static str> {
        let Expr::Function(function) = expr else {
            return None;
        };
        let name = build::function_name(function)?;
        let arguments = build::arguments(function);
        let (number, template) = match (name.as_str(), arguments.as_slice()) {
            ("to_char", [number, template]) => (*number, *template),
            ("to_number", [_, _]) => return Some("numeric_to_number"),
            _ => return None,
        };
        let is_written = build::string_in(template).is_some();
        let code = match scopes.type_of(number)? {
            oid::TIMESTAMP if !is_written => return Some("timestamp_to_char"),
            // PostgreSQL takes a date for its midnight in the zone of the session.
            oid::DATE | oid::TIMESTAMPTZ if !is_written && self.in_utc => {
                return Some("timestamptz_to_char");
            }
            oid::INT2 => "int2_to_char",
            oid::INT4 => "int4_to_char",
            oid::INT8 => "int8_to_char",
            oid::NUMERIC => "numeric_to_char",
            _ => return None,
        };
        let is_translated =
            build::string_in(template).is_some_and(|template| is_number_template(&template));
        (!is_translated).then_some(code)
    }
}
