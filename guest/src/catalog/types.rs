//! Enum types and pgvector's: `pg_type` and `pg_enum`.

use pgiris_catalog::Value;

use super::rows::{PUBLIC, Rows, SUPERUSER};
use super::server::namespace;
use super::tables::{HALFVEC, Schema, VECTOR};

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

/// Gives columns of enum types the number of theirs, too.
pub(super) fn add(rows: &mut Rows, schema: &mut Schema) {
    for (kind, name) in [(VECTOR, "vector"), (HALFVEC, "halfvec")] {
        let kind = i64::from(kind);
        base(
            rows,
            (PUBLIC, name),
            (kind, kind + 5),
            &[
                ("typlen", (-1_i64).into()),
                ("typtype", "b".into()),
                ("typcategory", "U".into()),
                ("typstorage", "e".into()),
            ],
        );
    }
    for ((space, name), labels) in &schema.enums {
        let number = rows.numbers.of("type", space, name);
        let array = rows.numbers.of("type", space, &format!("_{name}"));
        let space_number = namespace(rows, space);
        let mut values = vec![
            ("typlen", 4_i64.into()),
            ("typbyval", true.into()),
            ("typtype", "e".into()),
            ("typcategory", "E".into()),
            ("typstorage", "p".into()),
        ];
        values.extend(ENUM.map(|(column, number)| (column, number.into())));
        base(rows, (space_number, name), (number, array), &values);
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
                let number = rows.numbers.of("type", space, name);
                column.kind = u32::try_from(number).unwrap_or(column.kind);
                column.modifier = -1;
            }
        }
    }
}

/// A type and that of its arrays.
fn base(
    rows: &mut Rows,
    (space, name): (i64, &str),
    (number, array): (i64, i64),
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
            ("typalign", "i".into()),
            ("typtypmod", (-1_i64).into()),
        ]
    };
    let mut own = common(number, name);
    own.push(("typarray", array.into()));
    own.extend_from_slice(values);
    rows.add("pg_type", &own);
    let mut of_array = common(array, &format!("_{name}"));
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
