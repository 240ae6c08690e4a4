//! Which types become which without being told to, section 10 of the manual.

use super::{Binder, Typed};
use crate::failure::{Failure, Result};
use crate::plan::Expr;
use crate::text;
use crate::types::{Category, Type};
use crate::value::Value;

/// Types that are held alike and may stand for one another without a conversion.
pub(super) fn is_held_alike(from: Type, to: Type) -> bool {
    let oid_like = |kind: Type| kind == Type::OID || kind.is_alias_of_oid();
    from == to
        || (oid_like(from) && oid_like(to))
        || (from.is_string() && matches!(to, Type::TEXT | Type::VARCHAR | Type::BPCHAR))
        || (from == Type::INT2 && matches!(to, Type::INT4 | Type::INT8 | Type::NUMERIC))
        || (from == Type::INT4 && matches!(to, Type::INT8 | Type::NUMERIC))
        || (from == Type::INT8 && to == Type::NUMERIC)
        || (oid_like(from) && to == Type::INT8)
}

/// Whether an argument of a type may be given where another is expected.
pub(super) fn is_implicit(from: Type, to: Type) -> bool {
    if from == to || from == Type::UNKNOWN || to == Type::ANY {
        return true;
    }
    let oid_like = |kind: Type| kind == Type::OID || kind.is_alias_of_oid();
    match to {
        Type::ANYELEMENT => true,
        Type::ANYARRAY => from.category() == Category::Array,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => from.is_string(),
        Type::NAME => matches!(from, Type::TEXT | Type::VARCHAR | Type::BPCHAR),
        Type::REGCLASS => oid_like(from) || whole(from) || from.is_string(),
        Type::INT4 => from == Type::INT2,
        Type::INT8 => whole(from) || oid_like(from),
        Type::NUMERIC => whole(from),
        Type::FLOAT4 => whole(from) || from == Type::NUMERIC,
        Type::FLOAT8 => whole(from) || matches!(from, Type::NUMERIC | Type::FLOAT4),
        Type::TIMESTAMPTZ => matches!(from, Type::DATE | Type::TIMESTAMP),
        Type::TIMESTAMP => from == Type::DATE,
        _ if oid_like(to) => oid_like(from) || whole(from),
        _ => match (from.element(), to.element()) {
            (Some(from), Some(to)) => is_implicit(from, to),
            _ => false,
        },
    }
}

fn whole(kind: Type) -> bool {
    matches!(kind, Type::INT2 | Type::INT4 | Type::INT8)
}

impl Binder {
    /// The expression as a value of the type; the types are known to fit.
    pub(super) fn coerce(&self, typed: Typed, to: Type) -> Result<Typed> {
        if typed.kind == to || to == Type::ANY || to == Type::ANYELEMENT || to == Type::ANYARRAY {
            return Ok(typed);
        }
        if typed.kind == Type::UNKNOWN {
            return self.literal_as(typed, to);
        }
        if is_held_alike(typed.kind, to) {
            return Ok(Typed { kind: to, ..typed });
        }
        Ok(Typed::new(
            Expr::Cast(Box::new(typed.expr), typed.kind, to),
            to,
        ))
    }

    /// An unknown literal or parameter as a value of the type.
    fn literal_as(&self, typed: Typed, to: Type) -> Result<Typed> {
        let expr = match typed.expr {
            Expr::Constant(Value::Null) => Expr::Constant(Value::Null),
            Expr::Constant(Value::Text(shown)) => match text::constant(to, &shown) {
                Some(value) => Expr::Constant(value?),
                None => Expr::Cast(
                    Box::new(Expr::Constant(Value::Text(shown))),
                    Type::UNKNOWN,
                    to,
                ),
            },
            Expr::Parameter(number) => {
                self.wanted(number, to);
                // Another place may have settled it before.
                let kind = self.parameters.borrow().get(number).copied();
                match kind {
                    Some(kind) if !is_held_alike(kind, to) => {
                        Expr::Cast(Box::new(Expr::Parameter(number)), kind, to)
                    }
                    _ => Expr::Parameter(number),
                }
            }
            other => Expr::Cast(Box::new(other), Type::UNKNOWN, to),
        };
        Ok(Typed::new(expr, to))
    }

    /// What is still unknown becomes a text.
    pub(super) fn known(&self, typed: Typed) -> Result<Typed> {
        if typed.kind == Type::UNKNOWN {
            return self.coerce(typed, Type::TEXT);
        }
        Ok(typed)
    }

    /// The type that all of them take: section 10.5 of the manual.
    pub(super) fn common_type(&self, kinds: &[Type], what: &str) -> Result<Type> {
        let mut common = Type::UNKNOWN;
        for kind in kinds {
            if common == Type::UNKNOWN || common == *kind {
                common = *kind;
            } else if *kind == Type::UNKNOWN {
            } else if common.category() != kind.category()
                && !(is_implicit(*kind, common) || is_implicit(common, *kind))
            {
                return Err(Failure::new(
                    "42804",
                    format!(
                        "{what} types {} and {} cannot be matched",
                        common.display(),
                        kind.display()
                    ),
                ));
            } else if !is_implicit(*kind, common)
                || (is_implicit(common, *kind) && is_preferred(*kind))
            {
                common = *kind;
            }
        }
        Ok(if common == Type::UNKNOWN {
            Type::TEXT
        } else {
            common
        })
    }

    /// All of them as values of one type.
    pub(super) fn unify(&self, list: Vec<Typed>, what: &str) -> Result<(Vec<Expr>, Type)> {
        let kinds: Vec<Type> = list.iter().map(|typed| typed.kind).collect();
        let kind = self.common_type(&kinds, what)?;
        let exprs = list
            .into_iter()
            .map(|typed| Ok(self.coerce(typed, kind)?.expr))
            .collect::<Result<_>>()?;
        Ok((exprs, kind))
    }
}

/// `pg_type.typispreferred`
fn is_preferred(kind: Type) -> bool {
    matches!(
        kind,
        Type::BOOL | Type::TEXT | Type::FLOAT8 | Type::OID | Type::TIMESTAMPTZ | Type::INTERVAL
    )
}
