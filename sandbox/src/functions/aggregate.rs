//! Aggregates that SQLite lacks. Each takes the value first, then the keys of DISTINCT BY:
//! of the rows with the same keys only the first counts.

use std::collections::HashSet;

use bigdecimal::BigDecimal;
use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::ValueRef;

use super::deviation::{Deviation, Spread};
use super::sum::{Sum, exact};
use super::{Datum, text_of, user_error};
use crate::decimal;
use crate::error::SqlError;
use crate::list::{self, Item};

/// Registers the aggregates.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let add = |name: &str, kind: Kind| {
        connection.create_window_function(name, -1, flags, Function { kind })
    };
    add("iris_count_by", Kind::Count)?;
    add("iris_sum", Kind::Sum)?;
    add("iris_avg", Kind::Average)?;
    add("iris_total", Kind::Total)?;
    add("iris_mean", Kind::Mean)?;
    add("iris_listagg", Kind::List)?;
    add("iris_dlist", Kind::Encoded)?;
    add("iris_json_arrayagg", Kind::Json)?;
    add("iris_xmlagg", Kind::Xml)?;
    for (name, spread) in Spread::ALL {
        add(&format!("iris_{name}"), Kind::Deviation(spread))?;
    }
    Ok(())
}

/// What is made of the values.
#[derive(Clone, Copy)]
enum Kind {
    Count,
    Sum,
    Average,
    /// A sum of doubles.
    Total,
    /// An average of doubles.
    Mean,
    List,
    Encoded,
    Json,
    Xml,
    Deviation(Spread),
}

/// What has been seen of a group.
struct Group {
    seen: HashSet<Vec<u8>>,
    count: u64,
    so_far: Accumulated,
}

enum Accumulated {
    Nothing,
    Exact(Sum),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Deviation(Deviation),
}

struct Function {
    kind: Kind,
}

impl Function {
    fn start(&self) -> Group {
        let so_far = match self.kind {
            Kind::Count => Accumulated::Nothing,
            Kind::Sum | Kind::Average => Accumulated::Exact(Sum::default()),
            Kind::Total | Kind::Mean => Accumulated::Real(0.0),
            Kind::List | Kind::Json | Kind::Xml => Accumulated::Text(String::new()),
            Kind::Encoded => Accumulated::Bytes(Vec::new()),
            Kind::Deviation(_) => Accumulated::Deviation(Deviation::default()),
        };
        Group {
            seen: HashSet::new(),
            count: 0,
            so_far,
        }
    }

    fn result(&self, group: &Group) -> Datum {
        let average = |sum: &BigDecimal| {
            let average = decimal::quotient(sum, &BigDecimal::from(group.count));
            average.map_or(Datum::Null, |a| Datum::Text(decimal::canonical(&a)))
        };
        match (self.kind, &group.so_far) {
            (Kind::Count, _) => Datum::Integer(i64::try_from(group.count).unwrap_or(i64::MAX)),
            // Rows that are all NULL still make an array.
            (Kind::Json, Accumulated::Text(json)) => Datum::Text(format!("[{json}]")),
            _ if group.count == 0 => Datum::Null,
            (Kind::Average, Accumulated::Exact(sum)) => average(&sum.total()),
            (_, Accumulated::Exact(sum)) => Datum::Text(decimal::canonical(&sum.total())),
            (Kind::Mean, Accumulated::Real(sum)) => Datum::Real(sum / group.count as f64),
            (_, Accumulated::Real(sum)) => Datum::Real(*sum),
            (_, Accumulated::Text(text)) => Datum::Text(text.clone()),
            (_, Accumulated::Bytes(bytes)) => Datum::Blob(bytes.clone()),
            (Kind::Deviation(spread), Accumulated::Deviation(state)) => state.result(spread),
            _ => Datum::Null,
        }
    }
}

impl Group {
    /// Is this the first row with its keys?
    fn is_new(&mut self, context: &Context<'_>) -> bool {
        if context.len() < 2 {
            return true;
        }
        let mut key = Vec::new();
        for n in 1..context.len() {
            match context.get_raw(n) {
                ValueRef::Null => key.push(0),
                value => {
                    let text = text_of(value);
                    key.push(1);
                    key.extend_from_slice(&(text.len() as u64).to_le_bytes());
                    key.extend_from_slice(text.as_bytes());
                }
            }
        }
        self.seen.insert(key)
    }

    fn add(&mut self, kind: Kind, value: ValueRef<'_>) {
        match &mut self.so_far {
            Accumulated::Nothing => {}
            Accumulated::Exact(sum) => sum.add(value),
            Accumulated::Real(sum) => *sum += real(value),
            Accumulated::Text(text) => {
                if self.count > 0 && !matches!(kind, Kind::Xml) {
                    text.push(',');
                }
                text.push_str(&text_of(value));
            }
            Accumulated::Bytes(bytes) => {
                let item = match value {
                    ValueRef::Integer(number) => Item::Number(number.into()),
                    ValueRef::Real(number) => Item::Double(number),
                    ValueRef::Blob(bytes) => Item::Text(list::widened(bytes)),
                    other => Item::Text(text_of(other)),
                };
                list::push(bytes, &Some(item));
            }
            Accumulated::Deviation(state) => match value {
                ValueRef::Real(number) => state.add_real(number),
                other => state.add(exact(other)),
            },
        }
        self.count += 1;
    }
}

fn real(value: ValueRef<'_>) -> f64 {
    match value {
        ValueRef::Integer(number) => number as f64,
        ValueRef::Real(number) => number,
        other => decimal::to_f64(&decimal::leading(&text_of(other))),
    }
}

impl Aggregate<Group, Datum> for Function {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Group> {
        Ok(self.start())
    }

    fn step(&self, context: &mut Context<'_>, group: &mut Group) -> rusqlite::Result<()> {
        let value = context.get_raw(0);
        if group.is_new(context) && !matches!(value, ValueRef::Null) {
            group.add(self.kind, value);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, group: Option<Group>) -> rusqlite::Result<Datum> {
        Ok(match (group, self.kind) {
            (Some(group), _) => self.result(&group),
            (None, Kind::Count) => Datum::Integer(0),
            (None, _) => Datum::Null,
        })
    }
}

impl WindowAggregate<Group, Datum> for Function {
    fn value(&self, group: Option<&mut Group>) -> rusqlite::Result<Datum> {
        Ok(match (group, self.kind) {
            (Some(group), _) => self.result(group),
            (None, Kind::Count) => Datum::Integer(0),
            (None, _) => Datum::Null,
        })
    }

    /// Only sums can be taken back; nothing else is offered with a moving frame.
    fn inverse(&self, context: &mut Context<'_>, group: &mut Group) -> rusqlite::Result<()> {
        let value = context.get_raw(0);
        if matches!(value, ValueRef::Null) {
            return Ok(());
        }
        let Accumulated::Exact(sum) = &mut group.so_far else {
            return Err(user_error(SqlError::new(
                -400,
                "aggregate in a moving frame",
            )));
        };
        sum.subtract(value);
        group.count = group.count.saturating_sub(1);
        Ok(())
    }
}
