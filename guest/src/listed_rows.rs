//! The rows that `generate_series` and `unnest` return, where the text of a statement
//! tells them.
//!
//! PostgreSQL manual, "Set Returning Functions", "Array Functions".

mod moments;
mod written;

use sqlparser::ast::{
    ArrayElemTypeDef, CastKind, DataType, Expr, FunctionArg, FunctionArgExpr, ObjectName,
    TableAlias, TableFactor, Value,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::look::{self, Node};
use crate::placeholder;
use crate::types::{self, oid};
use crate::wit::Diagnostic;

pub(crate) use written::query;

/// Rows that are written one by one; those of a VALUES.
const MOST_WRITTEN: i128 = 500;
/// Rows that are counted.
const MOST_COUNTED: i128 = 100_000;

/// What one call returns.
pub(crate) enum List {
    /// Values, and the type that they are cast to.
    Values(Vec<Expr>, Option<DataType>),
    /// From the first, by steps, so many whole numbers.
    Series {
        first: i64,
        step: i64,
        count: i128,
        /// Whether they are `bigint`.
        big: bool,
    },
}

/// A call in a FROM.
pub(crate) struct TableCall {
    pub(crate) name: &'static str,
    pub(crate) lists: Diagnosed<Vec<List>>,
    pub(crate) with_ordinality: bool,
    pub(crate) alias: Option<TableAlias>,
}

/// The call that a source is; none if it is another.
pub(crate) fn of_table(factor: &TableFactor) -> Option<TableCall> {
    match factor {
        TableFactor::UNNEST {
            alias,
            array_exprs,
            with_offset: false,
            with_ordinality,
            ..
        } => Some(TableCall {
            name: "unnest",
            lists: array_exprs.iter().map(elements).collect(),
            with_ordinality: *with_ordinality,
            alias: alias.clone(),
        }),
        TableFactor::Table {
            name,
            alias,
            args: Some(args),
            with_ordinality,
            ..
        } => called(name, &args.args, *with_ordinality, alias),
        TableFactor::Function {
            name,
            alias,
            args,
            with_ordinality,
            ..
        } => called(name, args, *with_ordinality, alias),
        _ => None,
    }
}

fn called(
    name: &ObjectName,
    args: &[FunctionArg],
    with_ordinality: bool,
    alias: &Option<TableAlias>,
) -> Option<TableCall> {
    let arguments: Vec<&Expr> = args
        .iter()
        .filter_map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect();
    let (name, lists) = match named(name)?.as_str() {
        "generate_series" => ("generate_series", series(&arguments).map(|list| vec![list])),
        "unnest" => ("unnest", arguments.into_iter().map(elements).collect()),
        _ => return None,
    };
    Some(TableCall {
        name,
        lists,
        with_ordinality,
        alias: alias.clone(),
    })
}

/// The name of a function, without `pg_catalog`.
fn named(name: &ObjectName) -> Option<String> {
    let last = name.0.last()?.as_ident()?;
    let first = name.0.first()?.as_ident()?;
    let plain = name.0.len() == 1 || first.value.eq_ignore_ascii_case("pg_catalog");
    plain.then(|| last.value.to_ascii_lowercase())
}

/// What a call in a select list returns; none if it is another call, or has an array
/// that is a parameter, which other rules look at.
pub(crate) fn of_call(expr: &Expr) -> Option<Diagnosed<List>> {
    let Expr::Function(function) = expr else {
        return None;
    };
    let arguments = build::arguments(function);
    match build::function_name(function)?.as_str() {
        "generate_series" => Some(series(&arguments)),
        "unnest" => match arguments.as_slice() {
            [array] if !is_parameter(array) => Some(elements(array)),
            _ => None,
        },
        _ => None,
    }
}

fn is_parameter(array: &Expr) -> bool {
    let mut array = build::unnested(array);
    while let Expr::Cast { expr, .. } = array {
        array = build::unnested(expr);
    }
    placeholder::number_of(array).is_some()
}

fn refusal(what: &str, hint: &str) -> Diagnostic {
    Diagnostic::not_supported(format!("{what} is not supported"), hint)
}

fn series(arguments: &[&Expr]) -> Diagnosed<List> {
    if arguments.iter().any(|argument| is_null(argument)) {
        return Ok(List::Values(Vec::new(), Some(DataType::Integer(None))));
    }
    if let Some(moments) = moments::series(arguments) {
        return moments;
    }
    let numbers: Option<Vec<(i64, bool)>> =
        arguments.iter().map(|argument| whole(argument)).collect();
    let (first, last, step) = match numbers.as_deref() {
        Some([first, last]) => (*first, *last, (1, false)),
        Some([first, last, step]) => (*first, *last, *step),
        _ => {
            return Err(refusal(
                "generate_series of anything but whole numbers and dates that are constants",
                "select from a table of numbers",
            ));
        }
    };
    let big = first.1 || last.1 || step.1;
    let (first, last, step) = (first.0, last.0, step.0);
    if step == 0 {
        return Err(Diagnostic::error("22023", "step size cannot equal zero"));
    }
    let distance = i128::from(last) - i128::from(first);
    let count = match distance.checked_div_euclid(i128::from(step)) {
        Some(_) if distance != 0 && (distance < 0) != (step < 0) => 0,
        _ => distance / i128::from(step) + 1,
    };
    if count > MOST_COUNTED {
        return Err(
            Diagnostic::error("54000", "generate_series with too many rows")
                .with_detail(format!("A series has at most {MOST_COUNTED} rows."))
                .with_hint("select from a table of numbers"),
        );
    }
    Ok(List::Series {
        first,
        step,
        count,
        big,
    })
}

fn is_null(expr: &Expr) -> bool {
    match build::unnested(expr) {
        Expr::Value(value) => value.value == Value::Null,
        Expr::Cast { expr, .. } => is_null(expr),
        _ => false,
    }
}

/// A whole number, and whether it is a `bigint`.
fn whole(expr: &Expr) -> Option<(i64, bool)> {
    if let Expr::Cast {
        expr,
        data_type,
        kind: CastKind::Cast | CastKind::DoubleColon,
        ..
    } = build::unnested(expr)
    {
        let big = match types::of(data_type)?.oid {
            oid::INT2 | oid::INT4 => false,
            oid::INT8 => true,
            _ => return None,
        };
        return Some((whole(expr)?.0, big));
    }
    let number = crate::functions::integer(expr)?;
    Some((number, i32::try_from(number).is_err()))
}

/// The elements of an array that is written out, those of all dimensions in a row.
fn elements(array: &Expr) -> Diagnosed<List> {
    let mut values = Vec::new();
    let cast = cast_of(array);
    collect(array, None, &mut values)?;
    if values.len() as i128 > MOST_WRITTEN {
        return Err(Diagnostic::error("54000", "unnest with too many elements")
            .with_detail(format!("An array has at most {MOST_WRITTEN} elements."))
            .with_hint("insert the elements into a table"));
    }
    Ok(List::Values(values, cast))
}

fn collect(array: &Expr, cast: Option<&DataType>, values: &mut Vec<Expr>) -> Diagnosed<()> {
    let unknown = || {
        refusal(
            "unnest of an array that is not written out",
            "write the elements, as in unnest(ARRAY[1, 2]), or keep them in a table",
        )
    };
    match build::unnested(array) {
        Expr::Cast {
            expr,
            data_type: DataType::Array(element),
            ..
        } => {
            let element = match element {
                ArrayElemTypeDef::SquareBracket(inner, _)
                | ArrayElemTypeDef::AngleBracket(inner)
                | ArrayElemTypeDef::Parenthesis(inner)
                | ArrayElemTypeDef::Qualified(inner, _) => Some(innermost(inner)),
                ArrayElemTypeDef::None => None,
            };
            collect(expr, cast.or(element), values)
        }
        Expr::Array(array) => {
            for element in &array.elem {
                if matches!(build::unnested(element), Expr::Array(_)) {
                    collect(element, cast, values)?;
                    continue;
                }
                if varies(element) {
                    return Err(unknown());
                }
                values.push(typed(element.clone(), cast));
            }
            Ok(())
        }
        Expr::Value(value) => match (&value.value, cast) {
            (Value::SingleQuotedString(text), Some(cast)) => {
                let text = text.replace("''", "'");
                let elements = kept_text::elements(&text)?;
                values.extend(elements.into_iter().map(|element| {
                    let element =
                        element.map_or(Expr::value(Value::Null), |element| build::string(&element));
                    typed(element, Some(cast))
                }));
                Ok(())
            }
            (Value::Null, _) => Ok(()),
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

/// The type that an array's elements are cast to.
fn cast_of(array: &Expr) -> Option<DataType> {
    match build::unnested(array) {
        Expr::Cast {
            data_type:
                DataType::Array(
                    ArrayElemTypeDef::SquareBracket(inner, _)
                    | ArrayElemTypeDef::AngleBracket(inner)
                    | ArrayElemTypeDef::Parenthesis(inner)
                    | ArrayElemTypeDef::Qualified(inner, _),
                ),
            ..
        } => Some(innermost(inner).clone()),
        _ => None,
    }
}

/// The type of the elements of all dimensions.
fn innermost(mut data_type: &DataType) -> &DataType {
    while let DataType::Array(
        ArrayElemTypeDef::SquareBracket(inner, _)
        | ArrayElemTypeDef::AngleBracket(inner)
        | ArrayElemTypeDef::Parenthesis(inner)
        | ArrayElemTypeDef::Qualified(inner, _),
    ) = data_type
    {
        data_type = inner;
    }
    data_type
}

fn typed(element: Expr, cast: Option<&DataType>) -> Expr {
    match cast {
        Some(data_type) => build::cast(element, data_type.clone()),
        None => element,
    }
}

/// Whether it may not be the same for all rows.
fn varies(element: &Expr) -> bool {
    look::finds(element, &mut |node| {
        matches!(
            node,
            Node::Expression(Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Subquery(_))
        )
    })
}
