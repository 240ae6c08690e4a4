//! Window functions.

use super::typed::Typed;
use super::{Binder, Clause, convert};
use crate::ast::{Aggregate, Expr, Frame, FrameBound, OrderItem};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// The functions that heed a frame; for the others ROWS is read and ignored.
const FRAMED: [&str; 7] = [
    "AVG",
    "FIRST_VALUE",
    "LAST_VALUE",
    "NTH_VALUE",
    "MIN",
    "MAX",
    "SUM",
];

/// IRIS's default frame, also without ORDER BY: running totals.
const DEFAULT_FRAME: &str = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";

impl Binder<'_> {
    pub(super) fn window(
        &mut self,
        call: &Expr,
        partition: &[Expr],
        order: &[OrderItem],
        frame: Option<&Frame>,
    ) -> Result<Typed> {
        if !matches!(self.clause, Clause::Select | Clause::Order) || self.in_aggregate {
            return Err(SqlError::code(-367));
        }
        let name = match call {
            Expr::Aggregate(aggregate) if is_windowed(aggregate) => aggregate.name.as_str(),
            Expr::Call { name, .. } => name.as_str(),
            _ => return Err(SqlError::code(-1)),
        };
        let mut over = Vec::new();
        if !partition.is_empty() {
            let items = partition.iter().map(|item| {
                let value = self.value(item, None)?;
                Ok(format!("{}{}", value.sql, value.collate()))
            });
            over.push(format!(
                "PARTITION BY {}",
                items.collect::<Result<Vec<_>>>()?.join(",")
            ));
        }
        if !order.is_empty() {
            let items = order.iter().map(|item| {
                let value = self.value(&item.expr, None)?;
                self.refuse_stream(&value, -72)?;
                Ok(format!(
                    "{}{}{}",
                    value.sql,
                    value.collate(),
                    if item.descending { " DESC" } else { "" }
                ))
            });
            over.push(format!(
                "ORDER BY {}",
                items.collect::<Result<Vec<_>>>()?.join(",")
            ));
        }
        let aggregated = matches!(call, Expr::Aggregate(_)) || FRAMED.contains(&name);
        match frame.filter(|_| FRAMED.contains(&name)) {
            Some(frame) => over.push(frame_sql(frame)),
            None if aggregated => over.push(DEFAULT_FRAME.to_owned()),
            None => {}
        }
        let over = format!(" OVER ({})", over.join(" "));
        let mut function = match call {
            Expr::Aggregate(aggregate) => self.aggregate_call(aggregate)?.typed(&over),
            Expr::Call { name, args, .. } => {
                let mut function = self.window_function(name, args)?;
                function.sql.push_str(&over);
                function
            }
            _ => return Err(SqlError::code(-1)),
        };
        if name == "SUM" {
            let zero = if matches!(function.ty, Type::Numeric { .. }) {
                "'0'"
            } else {
                "0"
            };
            function.sql = format!("coalesce({},{zero})", function.sql);
        }
        Ok(function)
    }

    fn window_function(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        let (least, most) = match name {
            "ROW_NUMBER" | "RANK" | "DENSE_RANK" | "PERCENT_RANK" | "CUME_DIST" => (0, 0),
            "NTILE" | "FIRST_VALUE" | "LAST_VALUE" => (1, 1),
            "LAG" | "LEAD" => (1, 3),
            "NTH_VALUE" => (2, 2),
            _ => return Err(SqlError::new(-359, name)),
        };
        if args.len() < least || args.len() > most {
            return Err(SqlError::new(
                if args.len() > most { -381 } else { -380 },
                name,
            ));
        }
        let mut values = args
            .iter()
            .map(|arg| self.value(arg, None))
            .collect::<Result<Vec<_>>>()?;
        let mut sql: Vec<String> = values.iter().map(|value| value.sql.clone()).collect();
        if let (Some(position), true) =
            (values.get(1), matches!(name, "LAG" | "LEAD" | "NTH_VALUE"))
        {
            sql[1] = convert::as_integer(position);
        }
        if let Some(default) = values.get(2) {
            sql[2] = convert::to(default, &values[0].ty);
        }
        if name == "NTILE" {
            sql[0] = convert::as_integer(&values[0]);
        }
        let sql = format!("{}({})", name.to_lowercase(), sql.join(","));
        Ok(match name {
            "ROW_NUMBER" | "RANK" | "DENSE_RANK" | "NTILE" => Typed::computed(sql, Type::BigInt),
            "PERCENT_RANK" | "CUME_DIST" => Typed::computed(sql, Type::Double),
            _ => {
                let first = values.swap_remove(0);
                let mut typed = Typed::computed(sql, first.ty);
                typed.collation = first.collation;
                typed
            }
        })
    }
}

/// Five aggregates may stand in front of OVER, without DISTINCT and %FOREACH.
fn is_windowed(aggregate: &Aggregate) -> bool {
    !aggregate.distinct
        && aggregate.foreach.is_none()
        && ["AVG", "COUNT", "MAX", "MIN", "SUM"].contains(&aggregate.name.as_str())
}

fn frame_sql(frame: &Frame) -> String {
    match &frame.end {
        Some(end) => format!(
            "ROWS BETWEEN {} AND {}",
            bound_sql(&frame.start),
            bound_sql(end)
        ),
        None => format!("ROWS {}", bound_sql(&frame.start)),
    }
}

fn bound_sql(bound: &FrameBound) -> String {
    match bound {
        FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
        FrameBound::Preceding(n) => format!("{n} PRECEDING"),
        FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
        FrameBound::Following(n) => format!("{n} FOLLOWING"),
        FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
    }
}
