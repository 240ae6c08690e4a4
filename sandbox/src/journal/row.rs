//! A row as one value: a tag and the bytes of each column.

use rusqlite::types::{Value, ValueRef};

/// Appends one value.
pub(crate) fn pack(value: ValueRef<'_>, out: &mut Vec<u8>) {
    let mut bytes = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    match value {
        ValueRef::Null => out.push(0),
        ValueRef::Integer(number) => {
            out.push(1);
            out.extend(number.to_le_bytes());
        }
        ValueRef::Real(number) => {
            out.push(2);
            out.extend(number.to_bits().to_le_bytes());
        }
        ValueRef::Text(text) => bytes(3, text),
        ValueRef::Blob(blob) => bytes(4, blob),
    }
}

/// The values again; `None` if this is no packed row.
pub(crate) fn unpack(mut row: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while let Some((tag, rest)) = row.split_first() {
        row = rest;
        values.push(match tag {
            0 => Value::Null,
            1 => Value::Integer(i64::from_le_bytes(eight(&mut row)?)),
            2 => Value::Real(f64::from_bits(u64::from_le_bytes(eight(&mut row)?))),
            3 => Value::Text(String::from_utf8(bytes(&mut row)?).ok()?),
            4 => Value::Blob(bytes(&mut row)?),
            _ => return None,
        });
    }
    Some(values)
}

fn eight(row: &mut &[u8]) -> Option<[u8; 8]> {
    let (head, rest) = row.split_first_chunk()?;
    *row = rest;
    Some(*head)
}

fn bytes(row: &mut &[u8]) -> Option<Vec<u8>> {
    let length = usize::try_from(u64::from_le_bytes(eight(row)?)).ok()?;
    let (head, rest) = row.split_at_checked(length)?;
    *row = rest;
    Some(head.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was() {
        let values = vec![
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Real(-0.0),
            Value::Text("a\0é".to_owned()),
            Value::Blob(vec![0, 255]),
        ];
        let mut row = Vec::new();
        for value in &values {
            pack(value.into(), &mut row);
        }
        assert_eq!(unpack(&row), Some(values));
        assert_eq!(unpack(&row[..row.len() - 1]), None);
    }
}
