//! Enum types, pgvector's and those of rows: `pg_type` and `pg_enum`.

use pgiris_catalog::Value;

use super::numbers::TYPE;
use super::rows::{PUBLIC, Rows, SUPERUSER};
use super::server::namespace;
use super::tables::{HALFVEC, Schema, VECTOR};
use crate::labels;

/// `pg_proc.oid` of `array_subscript_handler`, and of what reads and writes arrays.
const ARRAY: [(&str, i64); 5] = [
    ("typsubscript", 6179),
    ("typinput", 750),
    ("typoutput", 751),
    ("typreceive", 2400),
    ("typsend", 2401),
];

/// `pg_proc.oid` of what reads and writes labels.
const ENUM: [(&str, i64); 4] = [
    ("typinput", 3506),
    ("typoutput", 3507),
    ("typreceive", 3532),
    ("typsend", 3533),
];

/// `pg_proc.oid` of what reads and writes records.
const RECORD: [(&str, i64); 4] = [
    ("typinput", 2290),
    ("typoutput", 2291),
    ("typreceive", 2402),
    ("typsend", 2403),
];

/// Gives columns of enum types the number of theirs, too.
pub(super) fn add(rows: &mut Rows, schema: &mut Schema) {
    for (kind, name) in [(VECTOR, "vector"), (HALFVEC, "halfvec")] {
        let kind = i64::from(kind);
        base(
            rows,
            (PUBLIC, name, &format!("_{name}")),
            (kind, kind + 5),
            "i",
            &[
                ("typlen", (-1_i64).into()),
                ("typtype", "b".into()),
                ("typcategory", "U".into()),
                ("typstorage", "e".into()),
            ],
        );
    }
    for ((space, name), labels) in &schema.enums {
        // Names that differ in capitals alone are one type, and have one number.
        let own = name.to_lowercase();
        let number = rows.numbers.of(TYPE, space, &own);
        let array = rows.numbers.of(TYPE, space, &format!("_{own}"));
        let space_number = namespace(rows, space);
        let mut values = vec![
            ("typlen", 4_i64.into()),
            ("typbyval", true.into()),
            ("typtype", "e".into()),
            ("typcategory", "E".into()),
            ("typstorage", "p".into()),
        ];
        values.extend(ENUM.map(|(column, number)| (column, number.into())));
        let of_array = format!("_{name}");
        base(
            rows,
            (space_number, name, &of_array),
            (number, array),
            "i",
            &values,
        );
        for (place, label) in labels.iter().enumerate() {
            let own = rows.numbers.of("label", &number.to_string(), label);
            rows.add(
                "pg_enum",
                &[
                    ("oid", own.into()),
                    ("enumtypid", number.into()),
                    ("enumsortorder", Value::Float(place as f64 + 1.0)),
                    ("enumlabel", label.as_str().into()),
                ],
            );
        }
    }
    for table in schema.tables.values_mut() {
        for column in &mut table.columns {
            if let Some((space, name)) = &column.enum_type {
                let number = rows.numbers.of(TYPE, space, name);
                column.kind = u32::try_from(number).unwrap_or(column.kind);
                column.modifier = -1;
            }
        }
    }
}

/// The type of a table's or a view's rows and that of their arrays; gives its number.
pub(super) fn of_rows(
    rows: &mut Rows,
    schema: &Schema,
    (space, table): (&str, &str),
    relation: i64,
) -> i64 {
    // Apart from those of enum types, and a table `_t` from the arrays of `t`.
    let number = rows.numbers.of("row", space, table);
    let array = rows.numbers.of("rows", space, table);
    let space_number = namespace(rows, space);
    let of_array = array_name(table, |name| {
        schema
            .tables
            .contains_key(&(space.to_owned(), name.to_owned()))
    });
    let mut values = vec![
        ("typlen", (-1_i64).into()),
        ("typtype", "c".into()),
        ("typcategory", "C".into()),
        ("typrelid", relation.into()),
        ("typstorage", "x".into()),
    ];
    values.extend(RECORD.map(|(column, number)| (column, number.into())));
    base(
        rows,
        (space_number, table, &of_array),
        (number, array),
        "d",
        &values,
    );
    number
}

/// The name that PostgreSQL gives the type of arrays: an underscore more than others have.
fn array_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut found = name.to_owned();
    for _ in 0..labels::LONGEST_NAME {
        found.insert(0, '_');
        let end = (0..=labels::LONGEST_NAME.min(found.len()))
            .rev()
            .find(|end| found.is_char_boundary(*end));
        found.truncate(end.unwrap_or(0));
        if !is_taken(&found) {
            break;
        }
    }
    found
}

/// A type and that of its arrays.
fn base(
    rows: &mut Rows,
    (space, name, name_of_array): (i64, &str, &str),
    (number, array): (i64, i64),
    align: &str,
    values: &[(&str, Value)],
) {
    let common = |number: i64, name: &str| {
        vec![
            ("oid", Value::from(number)),
            ("typname", name.into()),
            ("typnamespace", space.into()),
            ("typowner", SUPERUSER.into()),
            ("typisdefined", true.into()),
            ("typdelim", ",".into()),
            ("typalign", align.into()),
            ("typtypmod", (-1_i64).into()),
        ]
    };
    let mut own = common(number, name);
    own.push(("typarray", array.into()));
    own.extend_from_slice(values);
    rows.add("pg_type", &own);
    let mut of_array = common(array, name_of_array);
    of_array.extend([
        ("typlen", (-1_i64).into()),
        ("typtype", "b".into()),
        ("typcategory", "A".into()),
        ("typelem", number.into()),
        ("typstorage", "x".into()),
    ]);
    of_array.extend(ARRAY.map(|(column, number)| (column, number.into())));
    rows.add("pg_type", &of_array);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_named_as_postgresql_names_them() {
        assert_eq!(array_name("t", |_| false), "_t");
        assert_eq!(array_name("t", |name| name == "_t"), "__t");
        let long = "x".repeat(63);
        assert_eq!(array_name(&long, |_| false), format!("_{}", "x".repeat(62)));
    }
}
