//! Sequences and the counters of columns: `pg_sequence`, and their rows of `pg_class`,
//! `pg_attribute` and `pg_depend`.

use pgiris_catalog::Type;

use super::columns::{Shape, any_attribute};
use super::kept::Sequence;
use super::numbers::TABLE;
use super::rows::{CLASS, Rows, SUPERUSER};
use super::server::namespace;
use super::tables::{Column, Schema};
use crate::labels;

pub(super) fn add(rows: &mut Rows, schema: &Schema) {
    for ((space, name), sequence) in &schema.sequences {
        one(rows, (space, name), "p", Type::INT8, *sequence);
    }
    for ((space, table), of_table) in &schema.tables {
        let table_number = rows.numbers.of(TABLE, space, table);
        let persistence = of_table.persistence();
        for (place, column) in of_table.columns.iter().enumerate() {
            if !column.is_identity {
                continue;
            }
            if let Some(number) = own(rows, space, column) {
                depends(rows, number, table_number, place);
                continue;
            }
            let name = of_column(table, &column.name, |name| {
                let key = (space.clone(), name.to_owned());
                schema.tables.contains_key(&key) || schema.sequences.contains_key(&key)
            });
            let (kind, sequence) = counter(column);
            let number = one(rows, (space, &name), persistence, kind, sequence);
            depends(rows, number, table_number, place);
        }
    }
}

/// The sequence that fills an identity column which counts otherwise than IRIS.
fn own(rows: &mut Rows, space: &str, column: &Column) -> Option<i64> {
    let text = column.sequence.as_deref()?;
    let (space, name) = text.rsplit_once('.').unwrap_or((space, text));
    Some(rows.numbers.of(TABLE, space, name))
}

/// A sequence goes with the column that it fills.
fn depends(rows: &mut Rows, sequence: i64, table: i64, place: usize) {
    rows.add(
        "pg_depend",
        &[
            ("classid", CLASS.into()),
            ("objid", sequence.into()),
            ("refclassid", CLASS.into()),
            ("refobjid", table.into()),
            ("refobjsubid", (place as i64 + 1).into()),
            ("deptype", "i".into()),
        ],
    );
}

/// IRIS counts from 1 in steps of 1.
fn counter(column: &Column) -> (Type, Sequence) {
    let (kind, maximum) = match Type(column.kind) {
        Type::INT2 => (Type::INT2, i16::MAX.into()),
        Type::INT4 => (Type::INT4, i32::MAX.into()),
        _ => (Type::INT8, i64::MAX),
    };
    let sequence = Sequence {
        start: 1,
        step: 1,
        minimum: 1,
        maximum,
    };
    (kind, sequence)
}

/// The name that PostgreSQL would choose: `table_column_seq`, of which table and column
/// are cut where it is too long, and a number behind it where there is such a relation.
pub(crate) fn of_column(table: &str, column: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let named = |ending: &str| {
        let room = labels::LONGEST_NAME.saturating_sub(ending.len() + 2);
        let (mut first, mut second) = (table.len(), column.len());
        while first + second > room {
            if first > second {
                first -= 1;
            } else {
                second -= 1;
            }
        }
        let cut = |text: &str, length: usize| {
            let end = (0..=length).rev().find(|end| text.is_char_boundary(*end));
            text.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
        };
        format!("{}_{}_{ending}", cut(table, first), cut(column, second))
    };
    let first = named("seq");
    if !is_taken(&first) {
        return first;
    }
    let others = (1_u32..).map(|number| named(&format!("seq{number}")));
    others
        .take(100)
        .find(|name| !is_taken(name))
        .unwrap_or(first)
}

fn one(
    rows: &mut Rows,
    (space, name): (&str, &str),
    persistence: &str,
    kind: Type,
    sequence: Sequence,
) -> i64 {
    let number = rows.numbers.of(TABLE, space, name);
    let space_number = namespace(rows, space);
    let columns = [
        ("last_value", Type::INT8),
        ("log_cnt", Type::INT8),
        ("is_called", Type::BOOL),
    ];
    rows.add(
        "pg_class",
        &[
            ("oid", number.into()),
            ("relname", name.into()),
            ("relnamespace", space_number.into()),
            ("relowner", SUPERUSER.into()),
            ("relfilenode", number.into()),
            ("relpersistence", persistence.into()),
            ("relkind", "S".into()),
            ("relnatts", (columns.len() as i64).into()),
            ("relispopulated", true.into()),
            ("relreplident", "n".into()),
        ],
    );
    for (place, (column, kind)) in columns.into_iter().enumerate() {
        let at = (number, place as i64 + 1);
        let mut values = any_attribute(at, column, kind.0, &Shape::of(kind.0));
        values.extend([("atttypmod", (-1_i64).into()), ("attnotnull", true.into())]);
        rows.add("pg_attribute", &values);
    }
    rows.add(
        "pg_sequence",
        &[
            ("seqrelid", number.into()),
            ("seqtypid", i64::from(kind.0).into()),
            ("seqstart", sequence.start.into()),
            ("seqincrement", sequence.step.into()),
            ("seqmax", sequence.maximum.into()),
            ("seqmin", sequence.minimum.into()),
            ("seqcache", 1_i64.into()),
        ],
    );
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_named_as_postgresql_names_sequences() {
        let free = |_: &str| false;
        assert_eq!(of_column("t", "id", free), "t_id_seq");
        assert_eq!(of_column("t", "id", |name| name == "t_id_seq"), "t_id_seq1");
        let long = "x".repeat(63);
        let name = of_column(&long, "identifier", free);
        assert_eq!(name.len(), 63);
        assert!(name.ends_with("x_identifier_seq"));
    }
}
