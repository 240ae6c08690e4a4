//! Which queries read uncommitted rows even under READ COMMITTED, and how the others look for locks.

use super::Binder;
use super::from::Node;
use super::typed::text_literal;
use crate::ast::{Distinct, Expr, Select, SelectItem};
use crate::catalog::quoted;

/// DISTINCT, GROUP BY, aggregates and %NOLOCK.
pub(super) fn reads_dirty(select: &Select) -> bool {
    let aggregates = select.items.iter().any(|item| match item {
        SelectItem::Expr { expr, .. } => has_aggregate(expr),
        _ => false,
    });
    let grouped = !select.group.is_empty() || select.having.is_some();
    select.no_lock || select.distinct != Distinct::No || grouped || aggregates
}

impl Binder<'_> {
    /// ` WHERE …` with a test of each row of a base table in FROM.
    pub(super) fn with_lock_checks(&self, condition: String, nodes: &[Node]) -> String {
        if !self.checks_locks {
            return condition;
        }
        let relations = nodes.iter().flat_map(Node::relations);
        let checks: Vec<String> = relations
            .filter_map(|relation| {
                let relation = &self.relations[relation];
                let table = relation.table.as_ref().filter(|table| !table.temporary)?;
                let (name, row) = (text_literal(&table.full_name()), quoted(&table.row_id));
                Some(format!("iris_visible({name},{}.{row})", relation.alias))
            })
            .collect();
        match (checks.is_empty(), condition.strip_prefix(" WHERE ")) {
            (true, _) => condition,
            (false, None) => format!(" WHERE {}", checks.join(" AND ")),
            (false, Some(condition)) => {
                format!(" WHERE ({condition}) AND {}", checks.join(" AND "))
            }
        }
    }
}

fn has_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Aggregate(_) => true,
        Expr::Negate(operand) | Expr::Plus(operand) => has_aggregate(operand),
        Expr::Cast { operand, .. } | Expr::Convert { operand, .. } => has_aggregate(operand),
        Expr::Binary(_, left, right) => has_aggregate(left) || has_aggregate(right),
        Expr::Call { args, .. } => args.iter().any(has_aggregate),
        Expr::Case {
            operand,
            whens,
            otherwise,
        } => {
            let values = operand.iter().chain(otherwise).map(|value| &**value);
            let mut values = values.chain(whens.iter().map(|(_, value)| value));
            values.any(has_aggregate)
        }
        _ => false,
    }
}
