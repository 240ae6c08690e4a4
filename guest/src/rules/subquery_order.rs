//! # What it does
//! Gives an ordered subquery without a limit a `TOP ALL`.
//!
//! # Why
//! IRIS takes ORDER BY in a subquery with a TOP alone. (InterSystems SQL Reference, "ORDER BY".)
//!
//! # Example
//! `SELECT a FROM (SELECT a FROM t ORDER BY a) x` becomes
//! `SELECT a FROM (SELECT TOP ALL a FROM t ORDER BY a) x`.
//!
//! # Limits
//! None.
//!
//! # Versions
//! All.

use sqlparser::ast::{Query, SetExpr, Statement};

use crate::diagnostic::Diagnosed;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

pub(crate) struct SubqueryOrder;

impl Rule for SubqueryOrder {
    fn name(&self) -> &'static str {
        "subquery_order"
    }

    fn summary(&self) -> &'static str {
        "gives ordered subqueries the TOP that IRIS wants"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ORDER)
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            depth: usize::from(!matches!(tree, Statement::Query(_))),
            changed: false,
        };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    /// Queries around the one visited.
    depth: usize,
    changed: bool,
}

impl Hooks for Walk {
    fn enter_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.depth += 1;
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        self.depth -= 1;
        let is_limited = query.limit_clause.is_some()
            || query.fetch.is_some()
            || matches!(&*query.body, SetExpr::Select(select) if select.top.is_some());
        if self.depth > 0 && query.order_by.is_some() && !is_limited {
            paging::top_all(query);
            self.changed = true;
        }
        Ok(())
    }
}
