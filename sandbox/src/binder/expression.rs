//! Values: literals, columns, operators, and the way to the special forms.

use super::typed::{Typed, text_literal};
use super::{Binder, Clause, convert};
use crate::ast::{BinaryOp, Expr};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    /// Binds a value. `hint` is the type that a bare `?` takes here.
    pub(super) fn value(&mut self, expr: &Expr, hint: Option<&Type>) -> Result<Typed> {
        match expr {
            Expr::Null => Ok(Typed::null()),
            Expr::Text(text) => {
                let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                Ok(Typed::literal(
                    text_literal(text),
                    Type::Varchar(Some(length)),
                    text.clone(),
                ))
            }
            Expr::Number(text) => Ok(convert::number_literal(text)),
            Expr::Parameter(number) => Ok(self.parameter(*number, hint)),
            Expr::Column { qualifier, name } => self.column(qualifier.as_ref(), name),
            Expr::Arrow { base, name } => self.arrow(base, name),
            Expr::Special(name, precision) => {
                special(name, precision.unwrap_or(self.time_precision))
            }
            Expr::Negate(operand) => self.negate(operand),
            Expr::Plus(operand) => {
                let operand = self.value(operand, None)?;
                self.countable(&operand)?;
                let (sql, ty) = convert::as_number(&operand);
                Ok(Typed::computed(sql, ty))
            }
            Expr::Binary(BinaryOp::Concat, left, right) => self.concat(left, right),
            Expr::Binary(op, left, right) => self.arithmetic(*op, left, right),
            Expr::Call { name, args, braced } => self.call(name, args, *braced),
            Expr::Aggregate(aggregate) => self.aggregate_here(aggregate),
            Expr::Window {
                call,
                partition,
                order,
                frame,
            } => self.window(call, partition, order, frame.as_ref()),
            Expr::Case {
                operand,
                whens,
                otherwise,
            } => self.case(operand.as_deref(), whens, otherwise.as_deref()),
            Expr::Cast { operand, target } => match &**operand {
                Expr::Aggregate(aggregate) if aggregate.name == "JSON_ARRAYAGG" => {
                    let json = self.long_json(aggregate)?;
                    super::cast::target_type(target)?.of(&json)
                }
                _ => self.cast(operand, target),
            },
            Expr::Convert {
                operand,
                target,
                style,
            } => self.convert_call(operand, target, style.as_deref()),
            Expr::Subquery(query) => self.scalar_subquery(query),
            _ => Err(SqlError::code(-11)),
        }
    }

    fn negate(&mut self, operand: &Expr) -> Result<Typed> {
        if let Expr::Number(text) = operand {
            return Ok(convert::number_literal(&format!("-{text}")));
        }
        let operand = self.value(operand, None)?;
        self.countable(&operand)?;
        let (sql, ty) = convert::as_number(&operand);
        let sql = if matches!(ty, Type::Numeric { .. }) {
            format!("iris_negate({sql})")
        } else if ty == Type::BigInt {
            format!("iris_whole_subtract(0,{sql})")
        } else {
            // A second minus at once would begin a comment.
            format!("(- {sql})")
        };
        Ok(Typed::computed(sql, ty))
    }

    fn concat(&mut self, left: &Expr, right: &Expr) -> Result<Typed> {
        let left = self.value(left, None)?;
        let right = self.value(right, None)?;
        self.refuse_stream(&left, -37)?;
        self.refuse_stream(&right, -37)?;
        let length = match (&left.ty, &right.ty) {
            (Type::Varchar(Some(a)), Type::Varchar(Some(b))) => Some(a.saturating_add(*b)),
            _ => None,
        };
        if left.ty == Type::List || right.ty == Type::List {
            let sql = format!("iris_list_concat({},{})", left.sql, right.sql);
            return Ok(Typed::computed(sql, Type::List));
        }
        let sql = format!(
            "({} || {})",
            convert::as_text(&left),
            convert::as_text(&right)
        );
        Ok(Typed::computed(sql, Type::Varchar(length)))
    }

    /// LONGVARCHAR and LONGVARBINARY take no part in most things.
    pub(super) fn refuse_stream(&self, value: &Typed, code: i32) -> Result<()> {
        if value.ty.is_stream() {
            Err(SqlError::code(code))
        } else {
            Ok(())
        }
    }

    fn scalar_subquery(&mut self, query: &crate::ast::Query) -> Result<Typed> {
        if query.lists_windows() {
            return Err(SqlError::code(-367));
        }
        let bound = self.within(Clause::Select, |b| {
            b.query(query, super::query::Place::Subquery)
        })?;
        let [column] = bound.columns.as_slice() else {
            return Err(SqlError::code(-10));
        };
        let mut typed = Typed::computed(format!("({})", bound.sql), column.ty.clone());
        typed.collation = column.collation;
        Ok(typed)
    }
}

/// Seconds with their fraction.
const ELAPSED: Type = Type::Numeric {
    precision: 18,
    scale: 6,
};

/// Variables and clocks. `CURRENT_USER` and its kin are values in DEFAULT only.
fn special(name: &str, precision: u32) -> Result<Typed> {
    let call = |sql: &str, ty: Type| Ok(Typed::computed(sql.to_owned(), ty));
    match name {
        "USER" | "CURRENT_USER" | "SESSION_USER" | "SYSTEM_USER" | "$USERNAME" => {
            call("iris_user()", Type::Varchar(Some(128)))
        }
        "$NAMESPACE" => call("iris_namespace()", Type::Varchar(Some(128))),
        "$ZVERSION" => call("iris_zversion()", Type::Varchar(Some(256))),
        "$TLEVEL" => call("iris_tlevel()", Type::Integer),
        "$JOB" | "$ZJOB" => call("iris_job()", Type::Integer),
        "$HOROLOG" => call("iris_horolog()", Type::Varchar(Some(32))),
        "$ZTIMESTAMP" => call("iris_ztimestamp()", Type::Varchar(Some(32))),
        "$ZHOROLOG" => call("iris_elapsed()", ELAPSED),
        "$ZTIMEZONE" => call("0", Type::Integer),
        "$ZPI" => call("3.141592653589793", Type::Double),
        "CURRENT_DATE" => call("iris_today()", Type::Date),
        "CURRENT_TIME" => call(&format!("iris_clock({precision})"), Type::Time(precision)),
        "CURRENT_TIMESTAMP" | "SYSDATE" => call(&format!("iris_now({precision})"), Type::Timestamp),
        _ => Err(SqlError::new(-12, name)),
    }
}
