//! The type of an expression, where PostgreSQL knows it without looking at tables.
//!
//! IRIS announces every literal as INTEGER, because it replaces literals by
//! parameters first; the client must see PostgreSQL's types.

use sqlparser::ast::{BinaryOperator, Expr, Function, SelectItem, UnaryOperator, Value};

use crate::types::{self, oid};
use crate::wit::Oid;

/// The type of a select item.
pub(crate) fn of_item(item: &SelectItem) -> Option<Oid> {
    match item {
        SelectItem::UnnamedExpr(expression)
        | SelectItem::ExprWithAlias {
            expr: expression, ..
        } => {
            match of(expression) {
                // What has no type becomes text in the end.
                None if is_untyped(expression) => Some(oid::TEXT),
                known => known,
            }
        }
        _ => None,
    }
}

/// Whether this is a literal whose type depends on what is around it.
pub(crate) fn is_untyped(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_untyped(inner),
        Expr::Value(value) => {
            matches!(
                value.value,
                Value::SingleQuotedString(_) | Value::Null | Value::Placeholder(_)
            )
        }
        _ => false,
    }
}

/// The type of an expression; none if it is not known, or not the one IRIS's
/// value has.
pub(crate) fn of(expression: &Expr) -> Option<Oid> {
    of_with(expression, &|_| None)
}

/// What a name or a placeholder stands for.
type Leaf<'a> = &'a dyn Fn(&Expr) -> Option<Oid>;

/// As [`of`], asking `leaf` about names and placeholders.
pub(crate) fn of_with(expression: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    let of = |expression: &Expr| of_with(expression, leaf);
    if is_predicate(expression) {
        return Some(oid::BOOL);
    }
    match expression {
        Expr::Value(value) => literal(&value.value).or_else(|| leaf(expression)),
        Expr::Nested(inner) => of(inner),
        Expr::Cast { data_type, .. } => types::of(data_type)?.result_oid(),
        Expr::TypedString(typed) if !typed.uses_odbc_syntax => {
            types::of(&typed.data_type)?.result_oid()
        }
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            expr,
        } => of(expr),
        Expr::BinaryOp { left, op, right } => operator(left, op, right, leaf),
        Expr::Case {
            conditions,
            else_result,
            ..
        } => common(
            conditions
                .iter()
                .map(|when| &when.result)
                .chain(else_result.as_deref()),
            leaf,
        ),
        Expr::Function(function) => of_function(function, leaf),
        Expr::Identifier(word)
            if word.quote_style.is_none()
                && matches!(
                    word.value.to_ascii_lowercase().as_str(),
                    "current_schema" | "current_role"
                ) =>
        {
            Some(oid::NAME)
        }
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => leaf(expression),
        Expr::Position { .. } => Some(oid::INT4),
        Expr::Substring { .. } | Expr::Trim { .. } | Expr::Overlay { .. } => Some(oid::TEXT),
        _ => None,
    }
}

/// Whether an expression is true, false or unknown by its form: what IRIS takes
/// as a condition and nowhere else.
pub(crate) fn is_predicate(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_predicate(inner),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            ..
        }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::IsJson { .. }
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. }
        | Expr::AnyOp { .. }
        | Expr::AllOp { .. }
        | Expr::Exists { .. } => true,
        Expr::BinaryOp { op, .. } => is_comparison(op),
        _ => false,
    }
}

fn is_comparison(operator: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    match operator {
        O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq | O::And | O::Or => true,
        O::PGRegexMatch | O::PGRegexIMatch | O::PGRegexNotMatch | O::PGRegexNotIMatch => true,
        O::PGLikeMatch
        | O::PGILikeMatch
        | O::PGNotLikeMatch
        | O::PGNotILikeMatch
        | O::PGStartsWith => true,
        O::AtArrow | O::ArrowAt | O::PGOverlap | O::Question | O::QuestionAnd | O::QuestionPipe => {
            true
        }
        O::Custom(name) => name.starts_with('%'),
        _ => false,
    }
}

fn literal(value: &Value) -> Option<Oid> {
    match value {
        Value::Boolean(_) => Some(oid::BOOL),
        Value::Number(digits, _) => Some(if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            match digits.parse::<i64>() {
                Ok(number) if i32::try_from(number).is_ok() => oid::INT4,
                Ok(_) => oid::INT8,
                Err(_) => oid::NUMERIC,
            }
        } else {
            oid::NUMERIC
        }),
        _ => None,
    }
}

fn operator(left: &Expr, operator: &BinaryOperator, right: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    use BinaryOperator as O;
    let of = |expression: &Expr| of_with(expression, leaf);
    match operator {
        O::Plus | O::Minus | O::Multiply => widest_number(of(left)?, of(right)?),
        // IRIS's division of integers has a fraction.
        O::Divide => widest_number(of(left)?, of(right)?)
            .filter(|oid| matches!(*oid, oid::FLOAT8 | oid::NUMERIC)),
        O::StringConcat => Some(oid::TEXT),
        O::Spaceship => Some(oid::FLOAT8),
        O::Custom(name) if name == "<#>" => Some(oid::FLOAT8),
        _ => None,
    }
}

fn widest_number(left: Oid, right: Oid) -> Option<Oid> {
    const ORDER: [Oid; 6] = [
        oid::INT2,
        oid::INT4,
        oid::INT8,
        oid::NUMERIC,
        oid::FLOAT4,
        oid::FLOAT8,
    ];
    let rank = |oid| ORDER.iter().position(|known| *known == oid);
    let widest = ORDER[rank(left)?.max(rank(right)?)];
    Some(if widest == oid::FLOAT4 && left != right {
        oid::FLOAT8
    } else {
        widest
    })
}

/// The type that all of them have; those that take any type become text if there
/// is no other.
fn common<'a>(expressions: impl Iterator<Item = &'a Expr>, leaf: Leaf<'_>) -> Option<Oid> {
    let mut common = None;
    for expression in expressions.filter(|expression| !is_untyped(expression)) {
        let oid = of_with(expression, leaf)?;
        if *common.get_or_insert(oid) != oid {
            return None;
        }
    }
    common.or(Some(oid::TEXT))
}

fn of_function(function: &Function, leaf: Leaf<'_>) -> Option<Oid> {
    let name = function
        .name
        .0
        .last()?
        .as_ident()?
        .value
        .to_ascii_lowercase();
    Some(match name.as_str() {
        "count" | "row_number" | "rank" | "dense_rank" => oid::INT8,
        "length" | "char_length" | "character_length" | "ntile" | "strpos" | "ascii" => oid::INT4,
        "upper" | "lower" | "concat" | "replace" | "substr" | "ltrim" | "rtrim" | "btrim"
        | "lpad" | "rpad" | "repeat" | "reverse" | "left" | "right" | "split_part" => oid::TEXT,
        "percent_rank" | "cume_dist" | "vector_cosine" | "vector_dot_product"
        | "cosine_distance" | "inner_product" => oid::FLOAT8,
        "current_date" => oid::DATE,
        "version" | "current_setting" => oid::TEXT,
        "current_user" | "session_user" | "user" | "current_catalog" | "current_database"
        | "current_schema" => oid::NAME,
        "inet_server_port" | "inet_client_port" => oid::INT4,
        "pg_is_in_recovery" => oid::BOOL,
        "coalesce" | "nullif" | "greatest" | "least" => {
            common(crate::build::arguments(function).into_iter(), leaf)?
        }
        _ => return None,
    })
}
