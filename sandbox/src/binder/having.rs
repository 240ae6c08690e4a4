//! Rows beside aggregates: without GROUP BY a select list with columns, or a HAVING that
//! looks at them, gives a row for each row, and aggregates go over the whole table.

use super::Binder;
use super::typed::Typed;
use crate::ast::{Aggregate, Distinct, Expr, Select, SelectItem};
use crate::error::{Result, SqlError};

/// Stands for FROM and WHERE in an aggregate over the whole table until their
/// text is known. NUL occurs in no SQL that the binder writes.
pub(super) const ROWS: &str = "\0ROWS\0";

/// The same for the rows that HAVING leaves.
pub(super) const AFTER_HAVING: &str = "\0AFTER\0";

/// How long a statement may become by repeating its FROM.
const LONGEST: usize = 4_000_000;

/// Does each row have a row in the result, beside aggregates over the whole table? It does as
/// soon as HAVING or, beside aggregates, the select list looks at a column outside them; a
/// HAVING without aggregates does, too.
pub(super) fn chooses_rows(select: &Select) -> bool {
    if !select.group.is_empty() || matches!(select.distinct, Distinct::By(_)) {
        return false;
    }
    let judges_rows = |having: &Expr| looks_at_rows(having) || !aggregates_in(having);
    select.having.as_ref().is_some_and(judges_rows) || mixes(&select.items)
}

/// Aggregates and what belongs to single rows in one select list.
fn mixes(items: &[SelectItem]) -> bool {
    let (mut aggregates, mut rows) = (false, false);
    for item in items {
        match item {
            SelectItem::Expr { expr, .. } => {
                aggregates |= aggregates_in(expr);
                rows |= looks_at_rows(expr);
            }
            _ => rows = true,
        }
    }
    aggregates && rows
}

fn aggregates_in(expr: &Expr) -> bool {
    match expr {
        Expr::Aggregate(_) => true,
        Expr::Window { .. } => false,
        other => other.parts().into_iter().any(aggregates_in),
    }
}

fn looks_at_rows(expr: &Expr) -> bool {
    match expr {
        Expr::Column { .. } | Expr::Arrow { .. } | Expr::Window { .. } => true,
        Expr::Aggregate(aggregate) => aggregate.foreach.is_some(),
        other => other.parts().into_iter().any(looks_at_rows),
    }
}

/// In groups, `%AFTERHAVING` would have to judge rows by a HAVING about groups.
pub(super) fn needs_rows(select: &Select) -> bool {
    let after = |part: &Expr| matches!(part, Expr::Aggregate(a) if a.after_having);
    let item =
        |item: &SelectItem| matches!(item, SelectItem::Expr { expr, .. } if expr.any(&after));
    select.having.as_ref().is_some_and(aggregates_in) && select.items.iter().any(item)
}

impl Binder<'_> {
    /// An aggregate where it stands: over the group, or over the rows it names.
    pub(super) fn aggregate_here(&mut self, aggregate: &Aggregate) -> Result<Typed> {
        let call = self.aggregate_call(aggregate)?;
        self.over_rows(aggregate, call)
    }
}

/// Puts FROM and WHERE where aggregates over the whole table left room for them;
/// `having` is what the rows of `%AFTERHAVING` have to meet besides.
pub(super) fn with_rows(sql: String, from: &str, condition: &str, having: &str) -> Result<String> {
    let places = sql.matches(ROWS).count() + sql.matches(AFTER_HAVING).count();
    if places == 0 {
        return Ok(sql);
    }
    let rows = format!("{from}{condition}");
    let kept = match (having, condition) {
        ("", _) => rows.clone(),
        (having, "") => format!("{from} WHERE ({having})"),
        (having, _) => format!("{rows} AND ({having})"),
    };
    // What HAVING itself compares with may be aggregates over the whole table.
    let nested = having.matches(ROWS).count() + 1;
    let growth = places
        .saturating_mul(nested)
        .saturating_mul(kept.len() + rows.len());
    if growth.saturating_add(sql.len()) > LONGEST {
        return Err(SqlError::new(-400, "<MAXSTRING> query too long"));
    }
    Ok(sql.replace(AFTER_HAVING, &kept).replace(ROWS, &rows))
}
