//! The statements about the table of a sequence: what `nextval` and `setval` do.
//!
//! A row of the table holds how the numbers of its counter become values: at the
//! number `first_n` the value is `start_value`, and `step_by` more at each that follows.
//! The other rows are there for a moment, for the number that they got.

pub(crate) mod defaults;
pub(crate) mod options;

use options::Settled;

use sqlparser::ast::{Expr, ObjectName, SelectItem, SetExpr, Statement};
use sqlparser::parser::Parser;

use crate::build;
use crate::part::Part;
use crate::placeholder;
use crate::reader::dialect::Superset;
use crate::relations::sequences::table_of;
use crate::relations::{Numbers, TableName};
use crate::rule::Pass;
use crate::steps;
use crate::walk;
use crate::wit::{Diagnostic, KeptCurrent, Repetition, RowUse, Step};
use crate::writing;

/// The columns of the table.
pub(crate) const COLUMNS: &str = "n SERIAL, start_value BIGINT, first_n BIGINT, step_by BIGINT, \
                                  minimum BIGINT, maximum BIGINT, restart_value BIGINT";

/// The row that says how the counter is read: the first one. By its number no row is met
/// that another transaction has locked.
const SETTLED: &str = "%ID = 1";

/// What makes a sequence: its table, and the row that says how the counter is read.
pub(crate) fn made(name: &TableName, settled: Settled) -> Vec<Step> {
    let table = table_of(name);
    let Numbers {
        step,
        minimum,
        maximum,
    } = settled.numbers;
    let start = settled.start;
    // The row itself has the number 1.
    let row = format!(
        "INSERT INTO {table} (start_value, first_n, step_by, minimum, maximum, restart_value) \
         VALUES ({start}, 2, {step}, {minimum}, {maximum}, {start})"
    );
    vec![
        steps::step(format!("CREATE TABLE {table} ({COLUMNS})")),
        steps::step(row),
    ]
}

/// The same where the table may be left of a sequence whose making was rolled back: IRIS keeps the
/// table and not the row. `otherwise`: the error if the row is there.
pub(crate) fn made_anew(name: &TableName, settled: Settled, otherwise: Diagnostic) -> Vec<Step> {
    let table = table_of(name);
    let mut steps = made(name, settled);
    let (Some(row), Some(mut first)) = (steps.pop(), steps.pop()) else {
        return Vec::new();
    };
    let left = |step: Step| Step {
        repetition: Repetition::IfTolerated(0),
        ..step
    };
    let again = left(first.clone());
    first.tolerated = vec![TABLE_EXISTS];
    let counted = format!("SELECT COUNT(*) AS n FROM {table}");
    let empty = Step {
        rows: RowUse::Keep(0),
        if_empty: Some(otherwise),
        ..steps::step(format!("SELECT n FROM ({counted}) AS counted WHERE n = 0"))
    };
    let dropped = steps::step(format!("DROP TABLE {table}"));
    vec![first, left(empty), left(dropped), again, row]
}

/// "Table or view name not unique".
const TABLE_EXISTS: i32 = -201;

/// A new number.
pub(crate) fn counted(table: &ObjectName) -> String {
    format!("INSERT INTO {table} (step_by) VALUES (NULL)")
}

/// The row of that number is not needed any more.
pub(crate) fn forgotten(table: &ObjectName) -> String {
    format!("DELETE FROM {table} WHERE %ID = LAST_IDENTITY()")
}

/// The number of the row that was inserted last.
pub(crate) fn number(table: &ObjectName) -> String {
    format!("SELECT n FROM {table} WHERE %ID = LAST_IDENTITY()")
}

/// Takes the next value; gives what stands for it.
pub(crate) fn next(
    table: &ObjectName,
    shown: &str,
    numbers: Numbers,
    parts: &mut Vec<Part>,
    pass: &mut Pass<'_>,
) -> Expr {
    let slot = pass.slot();
    let (limit, which) = match numbers.step > 0 {
        true => (numbers.maximum, "maximum"),
        false => (numbers.minimum, "minimum"),
    };
    let value = "s.start_value + s.step_by * (c.n - s.first_n)";
    let text = format!(
        "SELECT {value} FROM {table} c, {table} s WHERE c.%ID = LAST_IDENTITY() \
         AND s.{SETTLED} AND {value} BETWEEN s.minimum AND s.maximum"
    );
    parts.extend(part(&counted(table)));
    parts.extend(part(&text).map(|part| Part {
        rows: current(slot, shown),
        if_empty: Some(Diagnostic::error(
            "2200H",
            format!("nextval: reached {which} value of sequence \"{shown}\" ({limit})"),
        )),
        ..part
    }));
    parts.extend(part(&forgotten(table)));
    big(placeholder::kept(slot, 0))
}

/// Sets the value; gives what stands for it. `called`: the next value is one step on.
pub(crate) fn set(
    table: &ObjectName,
    shown: &str,
    (asked, called): (Statement, bool),
    numbers: Numbers,
    parts: &mut Vec<Part>,
    pass: &mut Pass<'_>,
) -> Expr {
    let (asked_slot, number_slot, slot) = (pass.slot(), pass.slot(), pass.slot());
    parts.push(Part {
        rows: RowUse::Keep(asked_slot),
        ..Part::new(asked)
    });
    let value = || big(placeholder::kept(asked_slot, 0));
    parts.extend(part(&counted(table)));
    parts.extend(part(&number(table)).map(|part| Part {
        rows: RowUse::Keep(number_slot),
        ..part
    }));
    let bounds = format!(
        "setval: value is out of bounds for sequence \"{shown}\" ({}..{})",
        numbers.minimum, numbers.maximum
    );
    let inside = format!("SELECT 1 FROM {table} WHERE {SETTLED} AND 1 BETWEEN minimum AND maximum");
    parts.extend(part(&inside).map(|mut part| {
        with_value(&mut part.tree, &value());
        Part {
            rows: match called {
                true => current(slot, shown),
                false => RowUse::Keep(slot),
            },
            if_empty: Some(Diagnostic::error("22003", bounds)),
            ..part
        }
    }));
    let later = if called { "" } else { " + 1" };
    let update = format!("UPDATE {table} SET start_value = 1, first_n = 1{later} WHERE {SETTLED}");
    parts.extend(part(&update).map(|mut part| {
        let number = big(placeholder::kept(number_slot, 0));
        if let Statement::Update(update) = &mut part.tree {
            for (assignment, value) in update.assignments.iter_mut().zip([value(), number]) {
                match &mut assignment.value {
                    Expr::BinaryOp { left, .. } => **left = value,
                    whole => *whole = value,
                }
            }
        }
        part
    }));
    parts.extend(part(&forgotten(table)));
    value()
}

/// Puts the value in both places of the query that looks at its bounds.
fn with_value(tree: &mut Statement, value: &Expr) {
    let Statement::Query(query) = tree else {
        return;
    };
    let SetExpr::Select(select) = &mut *query.body else {
        return;
    };
    select.projection = vec![SelectItem::UnnamedExpr(value.clone())];
    if let Some(Expr::BinaryOp { right, .. }) = &mut select.selection
        && let Expr::Between { expr, .. } = &mut **right
    {
        **expr = value.clone();
    }
}

/// The value that the session got last.
pub(crate) fn last(sequence: Option<&str>) -> Expr {
    big(placeholder::current_value(sequence))
}

/// Keeps a value as it is now; gives what stands for it.
pub(crate) fn noted(value: Expr, parts: &mut Vec<Part>, pass: &mut Pass<'_>) -> Expr {
    let slot = pass.slot();
    parts.push(Part {
        rows: RowUse::Keep(slot),
        ..Part::new(shown(value))
    });
    big(placeholder::kept(slot, 0))
}

fn big(value: Expr) -> Expr {
    build::cast(value, sqlparser::ast::DataType::BigInt(None))
}

fn current(slot: u32, name: &str) -> RowUse {
    RowUse::KeepCurrent(KeptCurrent {
        slot,
        name: name.to_owned(),
    })
}

/// `SELECT value`
pub(crate) fn shown(value: Expr) -> Statement {
    writing::select(vec![SelectItem::UnnamedExpr(value)], Vec::new(), None)
}

/// The parser knows `%ID` in trees alone, not in a text.
fn part(text: &str) -> Option<Part> {
    const ROW: &str = "row_id";
    let text = text.replace("%ID", ROW);
    let mut parser = Parser::new(&Superset).try_with_sql(&text).ok()?;
    let mut tree = parser.parse_statement().ok()?;
    walk::expressions(&mut tree, &mut |expression| {
        let last = match expression {
            Expr::CompoundIdentifier(parts) => parts.last_mut(),
            Expr::Identifier(name) => Some(name),
            _ => None,
        };
        if let Some(last) = last.filter(|last| last.value == ROW) {
            "%ID".clone_into(&mut last.value);
        }
        Ok(())
    })
    .ok()?;
    Some(Part::new(tree))
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::Ident;

    use super::*;

    #[test]
    fn every_statement_can_be_read() {
        let table = ObjectName::from(vec![Ident::new("s")]);
        for text in [counted(&table), number(&table), forgotten(&table)] {
            let part = part(&text).expect(&text);
            assert_eq!(part.tree.to_string(), text);
        }
    }
}
