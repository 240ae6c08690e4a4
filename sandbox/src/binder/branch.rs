//! CASE, COALESCE and their kin: branches of one type, or -378.

use super::typed::{Shape, Typed};
use super::{Binder, condition, convert};
use crate::ast::Expr;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// May a literal of another family join the type of the other branches?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Literals {
    /// COALESCE takes the first argument's type.
    Converted,
    /// CASE wants an explicit CAST.
    Strict,
}

impl Binder<'_> {
    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        whens: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) -> Result<Typed> {
        let tests: Vec<&Expr> = whens.iter().map(|(when, _)| when).collect();
        let conditions = match operand {
            None => tests
                .iter()
                .map(|test| self.condition(test))
                .collect::<Result<Vec<_>>>()?,
            Some(operand) => self.equalities(operand, &tests)?,
        };
        let mut values = whens
            .iter()
            .map(|(_, then)| self.value(then, None))
            .collect::<Result<Vec<_>>>()?;
        values.push(otherwise.map_or(Ok(Typed::null()), |otherwise| self.value(otherwise, None))?);
        let ty = unify(&values, Literals::Strict)?;
        self.retype(&mut values, &ty);
        let mut sql = "CASE".to_owned();
        for (condition, value) in conditions.iter().zip(&values) {
            sql.push_str(&format!(
                " WHEN {condition} THEN {}",
                convert::to(value, &ty)
            ));
        }
        if let Some(last) = values.last() {
            sql.push_str(&format!(" ELSE {} END", convert::to(last, &ty)));
        }
        Ok(joined(sql, ty, &values))
    }

    /// COALESCE, NVL, ISNULL, `{fn IFNULL}`: the first value that is not NULL.
    pub(super) fn coalesce(&mut self, args: &[Expr]) -> Result<Typed> {
        let mut values = args
            .iter()
            .map(|arg| self.value(arg, None))
            .collect::<Result<Vec<_>>>()?;
        let ty = match values.as_slice() {
            // A text literal first makes text of a number that follows.
            [first, second]
                if first.is_literal() && first.ty.is_text() && second.ty.is_number() =>
            {
                Type::Varchar(None)
            }
            // Text literals that follow a column have its type, however long they are.
            [first, rest @ ..]
                if matches!(first.ty, Type::Varchar(_))
                    && !first.is_weak()
                    && rest.iter().all(Typed::is_text_literal) =>
            {
                first.ty.clone()
            }
            _ => unify(&values, Literals::Converted)?,
        };
        self.retype(&mut values, &ty);
        let converted: Vec<String> = values.iter().map(|value| convert::to(value, &ty)).collect();
        Ok(joined(
            format!("coalesce({})", converted.join(",")),
            ty,
            &values,
        ))
    }

    /// NVL, ISNULL, `{fn IFNULL}`: the type of the value that is checked, to which the
    /// other is converted; text beside a date or a time that spells none is -146 or -147.
    pub(super) fn replaced(&mut self, args: &[Expr]) -> Result<Typed> {
        let checked = self.value(&args[0], None)?;
        if checked.is_literal() || checked.is_null() {
            let other = self.value(&args[1], None)?;
            let (a, b) = (convert::as_text(&checked), convert::as_text(&other));
            return Ok(Typed::computed(
                format!("coalesce({a},{b})"),
                Type::Varchar(None),
            ));
        }
        if checked.is_weak() {
            return self.coalesce(args);
        }
        let other = self.value(&args[1], Some(&checked.ty))?;
        self.refuse_stream(&checked, -37)?;
        let sql = format!(
            "coalesce({},{})",
            checked.sql,
            convert::to(&other, &checked.ty)
        );
        let ty = checked.ty.clone();
        Ok(joined(sql, ty, &[checked]))
    }

    pub(super) fn nullif(&mut self, left: &Expr, right: &Expr) -> Result<Typed> {
        let left_value = self.value(left, None)?;
        let right_value = self.value(right, Some(&left_value.ty))?;
        let ty = unify(
            &[left_value.clone(), right_value.clone()],
            Literals::Converted,
        )?;
        let (a, b) = (
            convert::to(&left_value, &ty),
            convert::to(&right_value, &ty),
        );
        let collate = super::typed::collate(&ty, left_value.collation.or(right_value.collation));
        Ok(joined(
            format!("nullif({a}{collate},{b})"),
            ty,
            &[left_value],
        ))
    }

    /// `IFNULL(a, b)` is b if a is NULL, else NULL; `IFNULL(a, b, c)` is c then.
    pub(super) fn ifnull(&mut self, args: &[Expr]) -> Result<Typed> {
        let test = self.value(&args[0], None)?;
        let mut values = args[1..]
            .iter()
            .map(|arg| self.value(arg, None))
            .collect::<Result<Vec<_>>>()?;
        // A literal makes VARCHAR of it, unless a date or a time stands beside it.
        let moment = |value: &Typed| {
            matches!(value.ty, Type::Date | Type::Time(_)) || value.ty.is_timestamp()
        };
        let literal = values.iter().any(Typed::is_literal) && !values.iter().any(moment);
        let ty = if literal {
            Type::Varchar(None)
        } else {
            unify(&values, Literals::Strict)?
        };
        self.retype(&mut values, &ty);
        let otherwise = values
            .get(1)
            .map_or("NULL".to_owned(), |value| convert::to(value, &ty));
        let sql = format!(
            "CASE WHEN {} IS NULL THEN {} ELSE {otherwise} END",
            test.sql,
            convert::to(&values[0], &ty)
        );
        Ok(joined(sql, ty, &values))
    }

    /// `DECODE(x, search, result, …[, default])`
    pub(super) fn decode(&mut self, args: &[Expr]) -> Result<Typed> {
        let pairs = args[1..].chunks(2);
        let mut whens = Vec::new();
        let mut otherwise = None;
        for pair in pairs {
            match pair {
                [search, result] => whens.push((search.clone(), result.clone())),
                _ => otherwise = pair.first(),
            }
        }
        let mut values = Vec::new();
        for (_, result) in &whens {
            values.push(self.value(result, None)?);
        }
        values.push(otherwise.map_or(Ok(Typed::null()), |otherwise| self.value(otherwise, None))?);
        let searches: Vec<&Expr> = whens.iter().map(|(search, _)| search).collect();
        let tests = self.sameness(&args[0], &searches)?;
        let ty = unify(&values, Literals::Converted)?;
        self.retype(&mut values, &ty);
        let mut sql = "CASE".to_owned();
        for (test, value) in tests.iter().zip(&values) {
            sql.push_str(&format!(" WHEN {test} THEN {}", convert::to(value, &ty)));
        }
        if let Some(last) = values.last() {
            sql.push_str(&format!(" ELSE {} END", convert::to(last, &ty)));
        }
        Ok(joined(sql, ty, &values))
    }

    /// GREATEST and LEAST are NULL if any argument is; so are SQLite's scalar max and min.
    pub(super) fn extreme(&mut self, function: &str, args: &[Expr]) -> Result<Typed> {
        let mut values = args
            .iter()
            .map(|arg| self.value(arg, None))
            .collect::<Result<Vec<_>>>()?;
        // A literal among them makes text of all, in which canonical numbers come first.
        for value in &values {
            self.refuse_stream(value, -37)?;
        }
        let literal = values.iter().any(|value| value.is_literal());
        let ty = if literal {
            Type::Varchar(None)
        } else {
            unify(&values, Literals::Converted)?
        };
        self.retype(&mut values, &ty);
        let mut converted: Vec<String> =
            values.iter().map(|value| convert::to(value, &ty)).collect();
        if let [one] = converted.as_slice() {
            return Ok(joined(one.clone(), ty, &values));
        }
        converted[0].push_str(super::typed::collate(&ty, None));
        Ok(joined(
            format!("{function}({})", converted.join(",")),
            ty,
            &values,
        ))
    }

    /// A bare `?` among branches takes their type.
    fn retype(&mut self, values: &mut [Typed], ty: &Type) {
        for value in values {
            if let Shape::Parameter(number) = value.shape
                && let Some(rule) = &mut self.parameters[number]
            {
                rule.ty = ty.clone();
                value.ty = ty.clone();
            }
        }
    }
}

/// The result, keeping the collation of the first branch that has one.
fn joined(sql: String, ty: Type, values: &[Typed]) -> Typed {
    let mut typed = Typed::computed(sql, ty);
    if let Some(collation) = values.iter().find_map(|value| value.collation) {
        typed.collation = Some(collation);
    }
    typed
}

/// The one type of several branches.
pub(super) fn unify(values: &[Typed], literals: Literals) -> Result<Type> {
    // The functions refuse streams, CASE hands them on.
    let streams = values.iter().any(|value| value.ty.is_stream());
    if literals == Literals::Converted && streams {
        return Err(SqlError::code(-37));
    }
    let mut ty: Option<Type> = None;
    let strong = values.iter().filter(|value| !value.is_weak());
    let weak = values.iter().filter(|value| value.is_literal());
    let mut mixed = false;
    for value in strong.chain(weak) {
        ty = Some(match ty {
            None => value.ty.clone(),
            Some(ty) => match together(&ty, value) {
                Some(both) => both,
                None if literals == Literals::Converted && value.is_literal() => ty,
                None => {
                    mixed = true;
                    ty
                }
            },
        });
    }
    if mixed {
        return Err(SqlError::code(-378));
    }
    Ok(ty.unwrap_or(Type::Varchar(None)))
}

fn together(ty: &Type, value: &Typed) -> Option<Type> {
    match (ty, &value.ty) {
        (a, b) if a == b => Some(a.clone()),
        (a, b) if a.is_number() && b.is_number() => Some(condition::common_number(a, b)),
        (Type::Varchar(a), Type::Varchar(b)) => {
            Some(Type::Varchar(a.and_then(|a| b.map(|b| a.max(b)))))
        }
        (Type::Varbinary(_), Type::Varbinary(_)) => Some(Type::Varbinary(None)),
        (a, b) if a.is_timestamp() && b.is_timestamp() => Some(Type::Timestamp),
        (Type::Time(a), Type::Time(b)) => Some(Type::Time(*a.max(b))),
        (Type::Guid, Type::Varchar(_)) | (Type::Varchar(_), Type::Guid) => {
            Some(Type::Varchar(None))
        }
        (Type::Date | Type::Time(_) | Type::Timestamp | Type::PosixTime, Type::Varchar(_))
            if value.is_literal() =>
        {
            Some(ty.clone())
        }
        _ => None,
    }
}
