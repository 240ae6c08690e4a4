//! # What it does
//! Leaves out `ONLY` before the name of a table, and the condition behind the columns of an
//! `ON CONFLICT`.
//!
//! # Why
//! IRIS has neither: the rows of a table are its own, and no index is partial.
//!
//! # Example
//! `DELETE FROM ONLY t` becomes `DELETE FROM t`.
//!
//! # Limits
//! `ONLY (t)`, with parentheses, is passed on as it is.
//!
//! # Versions
//! All.

use sqlparser::ast::Statement;

use crate::diagnostic::Diagnosed;
use crate::reader::lexer::lex;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::steps;

pub(crate) struct OnlyClause;

impl Rule for OnlyClause {
    fn name(&self) -> &'static str {
        "only_clause"
    }

    fn summary(&self) -> &'static str {
        "leaves out words that say nothing about a table of IRIS"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::UNNEEDED)
    }

    /// The tree never had them.
    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let names_tablespace = match tree {
            // Its query may have had an ONLY.
            Statement::CreateTable(table) if table.query.is_some() => precedes_query(pass.text),
            Statement::CreateTable(_) | Statement::CreateIndex(_) => true,
            _ => false,
        };
        if names_tablespace {
            let notice = steps::notice("the tablespace is ignored");
            let why = "IRIS maps tables to databases in its configuration";
            pass.notices.push(notice.with_detail(why));
        }
        Ok(true)
    }
}

/// Whether `TABLESPACE` stands before the AS of `CREATE TABLE … AS`.
fn precedes_query(text: &str) -> bool {
    lex(text).is_ok_and(|tokens| {
        let words = tokens.lexemes.iter();
        let mut definition = words.take_while(|word| !word.is(text, "AS"));
        definition.any(|word| word.is(text, "TABLESPACE"))
    })
}
