//! -94: an outer join whose condition can hold for rows that an earlier one filled with NULL.

use super::Binder;
use super::from::Node;
use crate::ast::{Expr, JoinKind};
use crate::error::{Result, SqlError};

/// Functions that make something of NULL.
const NULL_PASSING: [&str; 5] = ["COALESCE", "NVL", "IFNULL", "ISNULL", "DECODE"];

impl Binder<'_> {
    /// Checks the condition of an outer join; its relations are in scope.
    pub(super) fn check_outer_join(
        &mut self,
        kind: JoinKind,
        sides: [&Node; 2],
        condition: &Expr,
    ) -> Result<()> {
        if matches!(kind, JoinKind::Cross | JoinKind::Inner) {
            return Ok(());
        }
        let nullable: Vec<usize> = sides.into_iter().flat_map(Node::nullable).collect();
        if nullable.is_empty() {
            return Ok(());
        }
        let mut passing = Vec::new();
        null_passing(condition, &mut passing);
        for (qualifier, name) in passing.into_iter().flat_map(columns) {
            let found = self.resolve(qualifier, name)?;
            if found.level == 0 && nullable.contains(&found.relation) {
                return Err(SqlError::code(-94));
            }
        }
        Ok(())
    }
}

impl Node {
    /// The relations that this element may fill with NULL.
    fn nullable(&self) -> Vec<usize> {
        let Self::Join {
            kind, left, right, ..
        } = self
        else {
            return Vec::new();
        };
        match kind {
            JoinKind::Full => self.relations(),
            JoinKind::Left => [left.nullable(), right.relations()].concat(),
            JoinKind::Right => [left.relations(), right.nullable()].concat(),
            JoinKind::Cross | JoinKind::Inner => [left.nullable(), right.nullable()].concat(),
        }
    }
}

/// The parts of a condition that may be true of NULL.
fn null_passing<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    let passes = match expr {
        Expr::IsNull { negated, .. } => !negated,
        Expr::Case { .. } => true,
        Expr::Call { name, .. } => NULL_PASSING.contains(&name.as_str()),
        _ => false,
    };
    if passes {
        found.push(expr);
        return;
    }
    for part in expr.parts() {
        null_passing(part, found);
    }
}

type ColumnName<'e> = (Option<&'e crate::ast::ObjectName>, &'e str);

fn columns(expr: &Expr) -> Vec<ColumnName<'_>> {
    match expr {
        Expr::Column { qualifier, name } => vec![(qualifier.as_ref(), name.as_str())],
        other => other.parts().into_iter().flat_map(columns).collect(),
    }
}
