//! `+ - * / \ #` and the types of their results.

use super::typed::Typed;
use super::{Binder, convert};
use crate::ast::{BinaryOp, Expr};
use crate::datatype::Type;
use crate::error::Result;

impl Binder<'_> {
    pub(super) fn arithmetic(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<Typed> {
        let left = self.value(left, None)?;
        let right = self.value(right, None)?;
        self.countable(&left)?;
        self.countable(&right)?;
        Ok(combine(op, &left, &right))
    }
}

/// One operation on two bound values.
pub(super) fn combine(op: BinaryOp, left: &Typed, right: &Typed) -> Typed {
    let (left_sql, left_type) = convert::as_number(left);
    let (right_sql, right_type) = convert::as_number(right);
    let ty = result_type(op, &left_type, &right_type);
    if ty == Type::Double {
        let (a, b) = (convert::as_double(left), convert::as_double(right));
        let sql = match op {
            BinaryOp::Add => format!("({a} + {b})"),
            BinaryOp::Subtract => format!("({a} - {b})"),
            BinaryOp::Multiply => format!("({a} * {b})"),
            BinaryOp::Divide => format!("iris_divide({a},{b})"),
            BinaryOp::IntegerDivide => format!("iris_integer_divide({a},{b})"),
            _ => format!("iris_modulo({a},{b})"),
        };
        return Typed::computed(sql, ty);
    }
    // SQLite would go on in binary floats where 64 bits overflow.
    let safe = ty.is_integer() && left_type != Type::BigInt && right_type != Type::BigInt;
    let sql = match op {
        BinaryOp::Add if safe => format!("({left_sql} + {right_sql})"),
        BinaryOp::Subtract if safe => format!("({left_sql} - {right_sql})"),
        BinaryOp::Add if ty.is_integer() => format!("iris_whole_add({left_sql},{right_sql})"),
        BinaryOp::Subtract if ty.is_integer() => {
            format!("iris_whole_subtract({left_sql},{right_sql})")
        }
        BinaryOp::Add => format!("iris_add({left_sql},{right_sql})"),
        BinaryOp::Subtract => format!("iris_subtract({left_sql},{right_sql})"),
        BinaryOp::Multiply => format!("iris_multiply({left_sql},{right_sql})"),
        BinaryOp::Divide => format!("iris_divide({left_sql},{right_sql})"),
        BinaryOp::IntegerDivide => format!("iris_integer_divide({left_sql},{right_sql})"),
        BinaryOp::Modulo | BinaryOp::Concat => format!("iris_modulo({left_sql},{right_sql})"),
    };
    Typed::computed(sql, ty)
}

/// Precision and scale of a number as NUMERIC.
fn digits(ty: &Type) -> (u32, u32) {
    match ty {
        Type::Numeric { precision, scale } => (*precision, *scale),
        other => (other.describe().precision, 0),
    }
}

pub(super) fn result_type(op: BinaryOp, left: &Type, right: &Type) -> Type {
    if *left == Type::Double || *right == Type::Double {
        return Type::Double;
    }
    let ((p1, s1), (p2, s2)) = (digits(left), digits(right));
    let numeric = |precision: u32, scale: u32| Type::Numeric {
        precision: precision.min(36),
        scale: scale.min(17),
    };
    match op {
        BinaryOp::Multiply => numeric(p1 + p2 + 1, s1 + s2),
        BinaryOp::Divide => {
            let scale = 6.max(s1 + p2 + 1);
            numeric((p1 + s2 + scale).saturating_sub(s1), scale)
        }
        _ if matches!(left, Type::Numeric { .. }) || matches!(right, Type::Numeric { .. }) => {
            // The caps of 36 and 17 digits belong to products and quotients only.
            let scale = s1.max(s2);
            let precision = scale + p1.saturating_sub(s1).max(p2.saturating_sub(s2)) + 1;
            Type::Numeric { precision, scale }
        }
        _ => integer_sum(left, right),
    }
}

fn integer_sum(left: &Type, right: &Type) -> Type {
    let small = |ty: &Type| matches!(ty, Type::Bit | Type::TinyInt | Type::SmallInt);
    match (left, right) {
        (Type::TinyInt | Type::Bit, Type::TinyInt | Type::Bit) => Type::SmallInt,
        (a, b) if small(a) && small(b) => Type::Integer,
        _ => Type::BigInt,
    }
}
