//! Aggregates and window functions.

use super::typed::Typed;
use super::{Binder, Clause, convert};
use crate::Version;
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
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Typed> {
        if matches!(
            self.clause,
            Clause::Where | Clause::On | Clause::Group | Clause::Value
        ) || self.in_aggregate
        {
            return Err(SqlError::code(-19));
        }
        if aggregate.name == "APPROX_COUNT_DISTINCT" && self.version < Version::V2025_1 {
            return Err(SqlError::new(-359, &aggregate.name));
        }
        self.in_aggregate = true;
        let argument = aggregate
            .argument
            .as_ref()
            .map(|argument| self.value(argument, None))
            .transpose();
        self.in_aggregate = false;
        let Some(argument) = argument? else {
            return Ok(Typed::computed("count(*)".to_owned(), Type::BigInt));
        };
        let counts = aggregate.name == "COUNT" && !aggregate.distinct;
        if argument.ty.is_stream() && !counts {
            return Err(SqlError::code(-37));
        }
        if aggregate.name != "COUNT" && matches!(argument.ty, Type::Vector(..)) {
            return Err(SqlError::new(-400, format!("{} of VECTOR", aggregate.name)));
        }
        let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
        let collated = format!("{distinct}{}{}", argument.sql, argument.collate());
        let number = convert::as_number(&argument);
        let counted = format!(
            "{distinct}{}{}",
            number.0,
            super::typed::collate(&number.1, None)
        );
        let computed = |sql: String, ty: Type| Ok(Typed::computed(sql, ty));
        match aggregate.name.as_str() {
            "COUNT" => computed(format!("count({collated})"), Type::BigInt),
            "APPROX_COUNT_DISTINCT" => {
                computed(format!("count(DISTINCT {collated})"), Type::BigInt)
            }
            "SUM" => sum(&argument, &number.1, &counted),
            "AVG" if number.1 == Type::Double => computed(format!("avg({counted})"), Type::Double),
            "AVG" => computed(
                format!("iris_avg({counted})"),
                Type::numeric(18, scale(&number.1).max(4)),
            ),
            "MIN" | "MAX" => {
                let mut typed = Typed::computed(
                    format!("{}({collated})", aggregate.name.to_lowercase()),
                    argument.ty.clone(),
                );
                typed.collation = argument.collation;
                Ok(typed)
            }
            "LIST" => computed(
                format!("group_concat({distinct}{})", convert::as_text(&argument)),
                Type::Varchar(None),
            ),
            "JSON_ARRAYAGG" => {
                let part = if argument.ty.is_number() {
                    "iris_json_number"
                } else {
                    "iris_json_text"
                };
                let text = if argument.ty.is_number() {
                    argument.sql.clone()
                } else {
                    super::cast::odbc_text(&argument)
                };
                let sql = format!("iris_json_arrayagg({distinct}{part}({text}))");
                computed(sql, Type::Varchar(Some(8192)))
            }
            "STDDEV" | "STDDEV_SAMP" | "STDDEV_POP" | "VARIANCE" | "VAR_SAMP" | "VAR_POP" => {
                let name = aggregate.name.to_lowercase();
                computed(
                    format!("iris_{name}({distinct}{})", convert::as_double(&argument)),
                    Type::Double,
                )
            }
            other => Err(SqlError::new(-359, other)),
        }
    }

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
        let (name, mut function) = match call {
            Expr::Aggregate(aggregate) if !aggregate.distinct => {
                (aggregate.name.as_str(), self.aggregate(aggregate)?)
            }
            Expr::Call { name, args, .. } => (name.as_str(), self.window_function(name, args)?),
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
        function.sql = format!("{} OVER ({})", function.sql, over.join(" "));
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

/// INTEGER for the smaller whole numbers, BIGINT for BIGINT, DOUBLE for text.
fn sum(argument: &Typed, number: &Type, counted: &str) -> Result<Typed> {
    let computed = |sql: String, ty: Type| Ok(Typed::computed(sql, ty));
    if argument.ty.is_text() && !argument.is_weak() {
        return computed(format!("sum(iris_double({}))", argument.sql), Type::Double);
    }
    match number {
        Type::Double => computed(format!("sum({counted})"), Type::Double),
        Type::BigInt => computed(format!("sum({counted})"), Type::BigInt),
        ty if ty.is_integer() => computed(format!("sum({counted})"), Type::Integer),
        ty => computed(
            format!("iris_sum({counted})"),
            Type::Numeric {
                precision: 18,
                scale: scale(ty),
            },
        ),
    }
}

fn scale(ty: &Type) -> u32 {
    if let Type::Numeric { scale, .. } = ty {
        *scale
    } else {
        0
    }
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
