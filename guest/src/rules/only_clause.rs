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
        if matches!(tree, Statement::CreateTable(_) | Statement::CreateIndex(_)) {
            let notice = steps::notice("the tablespace is ignored");
            let why = "IRIS maps tables to databases in its configuration";
            pass.notices.push(notice.with_detail(why));
        }
        Ok(true)
    }
}
