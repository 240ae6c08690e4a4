//! Calls of aggregates: what they are in SQLite, and the types of their results.

use super::typed::{Typed, collate};
use super::{Binder, Clause, cast, convert, json};
use crate::Version;
use crate::ast::{Aggregate, Expr};
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// JSON_ARRAYAGG is cut to this length unless a CAST says otherwise.
const JSON_LENGTH: u32 = 8192;

/// An aggregate in SQLite: the call, which may take an OVER, and what is done to its result.
pub(super) struct Call {
    pub(super) sql: String,
    pub(super) ty: Type,
    pub(super) collation: Option<Collation>,
    finish: Finish,
}

/// What is done to the result of the SQLite aggregate.
enum Finish {
    Nothing,
    Integer,
    /// Strings come back as their collation compares them.
    Collated(Collation),
    /// Cut to a length.
    Cut(u32),
}

impl Call {
    fn new(sql: String, ty: Type) -> Self {
        Self {
            sql,
            ty,
            collation: None,
            finish: Finish::Nothing,
        }
    }

    /// The whole expression, `over` being ` OVER (…)` or nothing.
    pub(super) fn typed(self, over: &str) -> Typed {
        let sql = format!("{}{over}", self.sql);
        let sql = match self.finish {
            Finish::Nothing => sql,
            Finish::Integer => format!("iris_integer({sql})"),
            Finish::Collated(collation) => format!("iris_collated({sql},'{}')", collation.sql()),
            Finish::Cut(length) => format!("substr({sql},1,{length})"),
        };
        let mut typed = Typed::computed(sql, self.ty);
        if self.collation.is_some() {
            typed.collation = self.collation;
        }
        typed
    }
}

/// How the rows that count are found.
struct Rows {
    /// `DISTINCT ` for SQLite's own way.
    distinct: &'static str,
    /// The keys of DISTINCT BY, each with a comma in front.
    keys: String,
}

impl Binder<'_> {
    /// An aggregate where one is allowed, without what may surround it; -19 elsewhere.
    pub(super) fn aggregate_call(&mut self, aggregate: &Aggregate) -> Result<Call> {
        let misplaced = matches!(
            self.clause,
            Clause::Where | Clause::On | Clause::Group | Clause::Value
        );
        if misplaced || self.in_aggregate {
            return Err(SqlError::code(-19));
        }
        if aggregate.name == "APPROX_COUNT_DISTINCT"
            && (self.version < Version::V2025_1 || aggregate.distinct)
        {
            return Err(SqlError::new(-359, &aggregate.name));
        }
        self.in_aggregate = true;
        let bound = self.aggregate_arguments(aggregate);
        self.in_aggregate = false;
        let (argument, rows) = bound?;
        let Some(argument) = argument else {
            return Ok(Call::new("count(*)".to_owned(), Type::BigInt));
        };
        let streams = aggregate.name == "COUNT" && !aggregate.distinct;
        if argument.ty.is_stream() && !streams {
            return Err(SqlError::code(-37));
        }
        if aggregate.name != "COUNT" && matches!(argument.ty, Type::Vector(..)) {
            return Err(SqlError::new(-400, format!("{} of VECTOR", aggregate.name)));
        }
        call(aggregate, &argument, &rows)
    }

    fn aggregate_arguments(&mut self, aggregate: &Aggregate) -> Result<(Option<Typed>, Rows)> {
        let argument = match &aggregate.argument {
            Some(argument) => Some(self.value(argument, None)?),
            None => None,
        };
        let mut keys = String::new();
        for item in &aggregate.by {
            keys.push(',');
            keys.push_str(&self.aggregate_key(item)?);
        }
        let distinct = if aggregate.distinct && keys.is_empty() {
            "DISTINCT "
        } else {
            ""
        };
        Ok((argument, Rows { distinct, keys }))
    }

    /// A value as DISTINCT BY and %FOREACH compare it.
    pub(super) fn aggregate_key(&mut self, item: &Expr) -> Result<String> {
        let value = self.value(item, None)?;
        self.refuse_stream(&value, -37)?;
        Ok(match (&value.ty, value.collation) {
            (Type::Varchar(_), Some(collation)) if collation != Collation::Exact => {
                format!("iris_collated({},'{}')", value.sql, collation.sql())
            }
            _ => value.sql,
        })
    }

    /// `CAST(JSON_ARRAYAGG(x) AS VARCHAR(n))` lifts the limit to n.
    pub(super) fn long_json(&mut self, aggregate: &Aggregate) -> Result<Typed> {
        let mut call = self.aggregate_call(aggregate)?;
        call.finish = Finish::Nothing;
        call.ty = Type::Varchar(None);
        self.over_rows(aggregate, call)
    }
}

fn call(aggregate: &Aggregate, argument: &Typed, rows: &Rows) -> Result<Call> {
    let name = aggregate.name.as_str();
    let (distinct, keys) = (rows.distinct, &rows.keys);
    let collated = format!("{distinct}{}{}", argument.sql, argument.collate());
    let text = format!("{}{}", cast::odbc_text(argument), text_collate(argument));
    Ok(match name {
        "COUNT" if keys.is_empty() => Call::new(format!("count({collated})"), Type::BigInt),
        "COUNT" => Call::new(
            format!("iris_count_by({}{keys})", argument.sql),
            Type::BigInt,
        ),
        "APPROX_COUNT_DISTINCT" => Call::new(format!("count(DISTINCT {collated})"), Type::BigInt),
        "SUM" => sum(argument, rows),
        "AVG" => average(argument, rows),
        "MIN" | "MAX" => extreme(&name.to_lowercase(), argument),
        "LIST" => Call::new(
            format!("iris_listagg({distinct}{text}{keys})"),
            Type::Varchar(None),
        ),
        "%DLIST" => Call::new(format!("iris_dlist({collated}{keys})"), Type::List),
        "XMLAGG" => Call::new(
            format!(
                "iris_xmlagg({distinct}{}{}{keys})",
                convert::as_text(argument),
                text_collate(argument)
            ),
            Type::Varchar(None),
        ),
        "JSON_ARRAYAGG" => {
            let item = json::json_item(argument);
            let mut call = Call::new(
                format!("iris_json_arrayagg({distinct}{item}{keys})"),
                Type::Varchar(Some(JSON_LENGTH)),
            );
            call.finish = Finish::Cut(JSON_LENGTH);
            call
        }
        "STDDEV" | "STDDEV_SAMP" | "STDDEV_POP" | "VARIANCE" | "VAR_SAMP" | "VAR_POP" => {
            let (sql, ty) = convert::as_number(argument);
            let collate = collate(&ty, None);
            let ty = match ty {
                Type::Double => Type::Double,
                _ => Type::Numeric {
                    precision: 36,
                    scale: 17,
                },
            };
            let name = name.to_lowercase();
            Call::new(format!("iris_{name}({distinct}{sql}{collate}{keys})"), ty)
        }
        other => return Err(SqlError::new(-359, other)),
    })
}

fn text_collate(argument: &Typed) -> &'static str {
    if argument.ty.is_text() {
        argument.collate()
    } else {
        ""
    }
}

/// INTEGER for the smaller whole numbers, BIGINT for BIGINT, DOUBLE for text.
fn sum(argument: &Typed, rows: &Rows) -> Call {
    let (distinct, keys) = (rows.distinct, &rows.keys);
    let real = if keys.is_empty() { "sum" } else { "iris_total" };
    if argument.ty.is_text() && !argument.is_weak() {
        let sql = format!("{real}({distinct}iris_double({}){keys})", argument.sql);
        return Call::new(sql, Type::Double);
    }
    let (sql, number) = convert::as_number(argument);
    let counted = format!("{distinct}{sql}{}", collate(&number, None));
    let ty = match &number {
        Type::Double => return Call::new(format!("{real}({counted}{keys})"), Type::Double),
        Type::BigInt => Type::BigInt,
        ty if ty.is_integer() => Type::Integer,
        ty => {
            let numeric = Type::Numeric {
                precision: 18,
                scale: scale(ty),
            };
            return Call::new(format!("iris_sum({counted}{keys})"), numeric);
        }
    };
    if keys.is_empty() {
        return Call::new(format!("sum({counted})"), ty);
    }
    let mut call = Call::new(format!("iris_sum({counted}{keys})"), ty);
    call.finish = Finish::Integer;
    call
}

/// NUMERIC of 18 digits, those that the argument leaves after the point; DOUBLE for DOUBLE and text.
fn average(argument: &Typed, rows: &Rows) -> Call {
    let (distinct, keys) = (rows.distinct, &rows.keys);
    let real = if keys.is_empty() { "avg" } else { "iris_mean" };
    if argument.ty.is_text() && !argument.is_weak() {
        let sql = format!("{real}({distinct}iris_double({}){keys})", argument.sql);
        return Call::new(sql, Type::Double);
    }
    let (sql, number) = convert::as_number(argument);
    let counted = format!("{distinct}{sql}{}", collate(&number, None));
    if number == Type::Double {
        return Call::new(format!("{real}({counted}{keys})"), Type::Double);
    }
    let precision = number.describe().precision;
    let scale = 18_u32
        .saturating_sub(precision)
        .saturating_add(scale(&number));
    Call::new(
        format!("iris_avg({counted}{keys})"),
        Type::Numeric {
            precision: 18,
            scale: scale.min(18),
        },
    )
}

/// MIN and MAX take no notice of DISTINCT. Strings come back as their collation compares them.
fn extreme(function: &str, argument: &Typed) -> Call {
    let sql = format!("{function}({}{})", argument.sql, argument.collate());
    let mut call = Call::new(sql, argument.ty.clone());
    call.collation = argument.collation;
    if let (Type::Varchar(_), Some(collation)) = (&argument.ty, argument.collation)
        && collation != Collation::Exact
    {
        call.finish = Finish::Collated(collation);
    }
    call
}

fn scale(ty: &Type) -> u32 {
    if let Type::Numeric { scale, .. } = ty {
        *scale
    } else {
        0
    }
}
