//! HAVING without GROUP BY: row by row, beside aggregates over the whole table.

use super::Binder;
use super::typed::Typed;
use crate::ast::{Aggregate, Distinct, Expr, Select};
use crate::error::{Result, SqlError};

/// Stands for FROM and WHERE in an aggregate over the whole table until their
/// text is known. NUL occurs in no SQL that the binder writes.
const ROWS: &str = "\0ROWS\0";

/// How long a statement may become by repeating its FROM.
const LONGEST: usize = 4_000_000;

/// Does HAVING choose rows? It does as soon as it looks at a column outside aggregates.
pub(super) fn chooses_rows(select: &Select) -> bool {
    let by = matches!(select.distinct, Distinct::By(_));
    match &select.having {
        Some(having) if select.group.is_empty() && !by => looks_at_rows(having),
        _ => false,
    }
}

fn looks_at_rows(expr: &Expr) -> bool {
    match expr {
        Expr::Column { .. } => true,
        Expr::Aggregate(_) => false,
        other => other.parts().into_iter().any(looks_at_rows),
    }
}

impl Binder<'_> {
    /// An aggregate where it stands: over the group, or over the whole table.
    pub(super) fn aggregate_here(&mut self, aggregate: &Aggregate) -> Result<Typed> {
        let mut typed = self.aggregate(aggregate)?;
        if self.table_wide {
            typed.sql = format!("(SELECT {}{ROWS})", typed.sql);
        }
        Ok(typed)
    }
}

/// Puts FROM and WHERE where aggregates over the whole table left room for them.
pub(super) fn with_rows(sql: String, from: &str, condition: &str) -> Result<String> {
    let places = sql.matches(ROWS).count();
    if places * (from.len() + condition.len()) + sql.len() > LONGEST {
        return Err(SqlError::new(-400, "<MAXSTRING> query too long"));
    }
    Ok(sql.replace(ROWS, &format!("{from}{condition}")))
}
