//! `generate_series`: each row is found when it is asked for.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, One, Zero};
use pgiris_values::interval::Interval;

use super::{Function, Rows, Values, operand};
use crate::value::computed::moment_later;
use crate::value::order::Number;
use crate::value::{Kind, Scalar, ValueError, decimal, text};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("generate_series_int4", 2, 1, |operands| {
        of_integers(operands, Kind::Int4)
    }),
    Function::new("generate_series_step_int4", 3, 1, |operands| {
        of_integers(operands, Kind::Int4)
    }),
    Function::new("generate_series_int8", 2, 1, |operands| {
        of_integers(operands, Kind::Int8)
    }),
    Function::new("generate_series_step_int8", 3, 1, |operands| {
        of_integers(operands, Kind::Int8)
    }),
    Function::new("generate_series_numeric", 2, 1, of_numbers),
    Function::new("generate_series_step_numeric", 3, 1, of_numbers),
    Function::new("generate_series_timestamp", 3, 1, of_moments),
];

/// The first one, the last one, and perhaps how far one is from the next.
fn of_integers(operands: &[String], kind: Kind) -> Result<Rows, ValueError> {
    let read = |written: &str| match text::read(kind, written)? {
        Scalar::Int(number) => Ok(number),
        _ => Err(ValueError::text_syntax(kind, written)),
    };
    let (start, stop) = (read(operand(operands, 0))?, read(operand(operands, 1))?);
    let step = operands.get(2).map_or(Ok(1), |step| read(step))?;
    if step == 0 {
        return Err(no_step());
    }
    // It ends where the type does.
    let next = move |number: &i64| {
        let next = number.checked_add(step)?;
        kind.range().contains(&next).then_some(next)
    };
    let numbers = std::iter::successors(Some(start), next);
    let numbers = numbers.take_while(move |number| is_inside(step.cmp(&0), number.cmp(&stop)));
    Ok(Box::new(numbers.map(|number| Ok(one(&number)))))
}

fn of_numbers(operands: &[String]) -> Result<Rows, ValueError> {
    let start = finite("start value", operand(operands, 0))?;
    let stop = finite("stop value", operand(operands, 1))?;
    let step = operands.get(2);
    let step = step.map_or(Ok(BigDecimal::one()), |step| finite("step size", step))?;
    if step.is_zero() {
        return Err(no_step());
    }
    let side = step.cmp(&BigDecimal::zero());
    let numbers =
        std::iter::successors(Some(start), move |number| Some(decimal::sum(number, &step)));
    let numbers = numbers.take_while(move |number| is_inside(side, number.cmp(&stop)));
    Ok(Box::new(
        numbers.map(|number| Ok(vec![Some(number.to_plain_string())])),
    ))
}

fn finite(what: &str, written: &str) -> Result<BigDecimal, ValueError> {
    let wrong = |special: &str| {
        let message = format!("{what} cannot be {special}");
        Err(ValueError::refused("22023", message))
    };
    match Number::read(written)? {
        Number::Finite(number) => Ok(number),
        Number::NaN => wrong("NaN"),
        Number::Infinity | Number::MinusInfinity => wrong("infinity"),
    }
}

fn of_moments(operands: &[String]) -> Result<Rows, ValueError> {
    let moment = |index: usize| match text::read(Kind::Timestamp, operand(operands, index))? {
        Scalar::Timestamp(moment) => Ok(moment),
        _ => Err(ValueError::binary()),
    };
    let (start, stop) = (moment(0)?, moment(1)?);
    let written = operand(operands, 2);
    let step = Interval::parse(written).map_err(|wrong| ValueError::interval(written, wrong))?;
    let side = step.compare(Interval::default());
    if side.is_eq() {
        return Err(no_step());
    }
    let mut last = None;
    Ok(Box::new(std::iter::from_fn(move || {
        let next = match last {
            None => Ok(start),
            Some(last) => moment_later(last, step),
        };
        match next {
            Ok(next) => {
                last = Some(next);
                is_inside(side, next.cmp(&stop)).then(|| Ok(one(&Scalar::Timestamp(next))))
            }
            Err(error) => Some(Err(error)),
        }
    })))
}

/// Whether a value is not yet behind the last one, seen from the side that steps come from.
fn is_inside(step: Ordering, to_stop: Ordering) -> bool {
    to_stop != step
}

fn one(value: &impl ToString) -> Values {
    vec![Some(value.to_string())]
}

fn no_step() -> ValueError {
    ValueError::refused("22023", "step size cannot equal zero")
}
