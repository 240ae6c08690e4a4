//! The queries that return lists of rows.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Ident, Parens, Query, SelectItem, SetExpr, TableAlias,
    TableAliasColumnDef, TableFactor, TableWithJoins, Value, Values,
};

use super::{List, MOST_WRITTEN};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

impl List {
    fn count(&self) -> i128 {
        match self {
            Self::Values(values, _) => values.len() as i128,
            Self::Series { count, .. } => *count,
        }
    }

    /// The values, as expressions.
    fn written(self) -> Vec<Expr> {
        match self {
            Self::Values(values, _) => values,
            Self::Series {
                first,
                step,
                count,
                big,
            } => (0..count)
                .map(|index| i128::from(first) + index * i128::from(step))
                .map(|number| integer(number, big))
                .collect(),
        }
    }
}

fn integer(number: i128, big: bool) -> Expr {
    let absolute = build::number(number.unsigned_abs());
    let value = match number < 0 {
        true => Expr::UnaryOp {
            op: sqlparser::ast::UnaryOperator::Minus,
            expr: Box::new(absolute),
        },
        false => absolute,
    };
    match big {
        true => build::cast(value, DataType::BigInt(None)),
        false => value,
    }
}

/// A query that returns the lists side by side, shorter ones filled up with NULL.
///
/// # Errors
/// Too many rows.
pub(crate) fn query(lists: Vec<List>, ordinality: bool, columns: &[Ident]) -> Diagnosed<Query> {
    let most = lists.iter().map(List::count).max().unwrap_or(0);
    if most == 0 {
        return Ok(nothing(&lists, columns));
    }
    if most > MOST_WRITTEN {
        return match lists.as_slice() {
            [
                List::Series {
                    first,
                    step,
                    count,
                    big,
                },
            ] => Ok(counted(*first, *step, *count, *big, ordinality)),
            _ => Err(
                Diagnostic::error("54000", "too many rows of several functions")
                    .with_hint("call each of them in a derived table"),
            ),
        };
    }
    let mut written: Vec<std::vec::IntoIter<Expr>> = lists
        .into_iter()
        .map(|list| list.written().into_iter())
        .collect();
    let mut rows = Vec::new();
    for number in 1..=most {
        let mut row: Vec<Expr> = written
            .iter_mut()
            .map(|list| list.next().unwrap_or_else(|| Expr::value(Value::Null)))
            .collect();
        if ordinality {
            row.push(integer(number, true));
        }
        rows.push(row);
    }
    Ok(build::query(SetExpr::Values(values(rows))))
}

fn values(rows: Vec<Vec<Expr>>) -> Values {
    Values {
        explicit_row: false,
        value_keyword: false,
        rows: rows.into_iter().map(Parens::with_empty_span).collect(),
    }
}

/// A query without rows.
fn nothing(lists: &[List], columns: &[Ident]) -> Query {
    let null = |list: Option<&List>| match list {
        Some(List::Series { big: false, .. }) => DataType::Integer(None),
        None | Some(List::Series { .. }) => DataType::BigInt(None),
        Some(List::Values(_, Some(cast))) => cast.clone(),
        Some(List::Values(_, None)) => DataType::Text,
    };
    let items = columns.iter().enumerate().map(|(index, name)| {
        let value = build::cast(Expr::value(Value::Null), null(lists.get(index)));
        SelectItem::ExprWithAlias {
            expr: value,
            alias: name.clone(),
        }
    });
    let mut select = build::select(items.collect(), Vec::new());
    let never = build::binary(build::number(1), BinaryOperator::Eq, build::number(0));
    select.selection = Some(never);
    build::query(SetExpr::Select(Box::new(select)))
}

/// A query that counts: each of its sources has ten digits.
fn counted(first: i64, step: i64, count: i128, big: bool, ordinality: bool) -> Query {
    let digits = (count - 1).to_string().len();
    let mut from = Vec::with_capacity(digits);
    let mut index: Option<Expr> = None;
    for place in (0..digits).rev() {
        let name = Ident::new(format!("pgiris_{}", place + 1));
        let digit = Ident::new("pgiris_digit");
        let value = Expr::CompoundIdentifier(vec![name.clone(), digit.clone()]);
        let value = match place {
            0 => value,
            _ => build::binary(
                build::number(10_u64.pow(u32::try_from(place).unwrap_or(0))),
                BinaryOperator::Multiply,
                value,
            ),
        };
        index = Some(match index {
            None => value,
            Some(index) => build::binary(index, BinaryOperator::Plus, value),
        });
        let rows = (0..10_i128).map(|digit| vec![integer(digit, false)]);
        from.push(TableWithJoins {
            relation: TableFactor::Derived {
                lateral: false,
                subquery: Box::new(build::query(SetExpr::Values(values(rows.collect())))),
                alias: Some(TableAlias {
                    explicit: true,
                    name,
                    columns: vec![TableAliasColumnDef {
                        name: digit,
                        data_type: None,
                    }],
                    at: None,
                }),
                sample: None,
            },
            joins: Vec::new(),
        });
    }
    let index = build::nested(index.unwrap_or_else(|| build::number(0)));
    let stepped = match step {
        1 => index.clone(),
        _ => build::binary(
            build::nested(integer(i128::from(step), false)),
            BinaryOperator::Multiply,
            index.clone(),
        ),
    };
    let first = integer(i128::from(first), big);
    let value = build::binary(build::nested(first), BinaryOperator::Plus, stepped);
    let mut items = vec![SelectItem::UnnamedExpr(value)];
    if ordinality {
        items.push(SelectItem::UnnamedExpr(build::binary(
            index.clone(),
            BinaryOperator::Plus,
            integer(1, true),
        )));
    }
    let mut select = build::select(items, from);
    select.selection = Some(build::binary(
        index,
        BinaryOperator::Lt,
        build::number(count),
    ));
    build::query(SetExpr::Select(Box::new(select)))
}
