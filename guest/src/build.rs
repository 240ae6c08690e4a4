//! Makes and takes apart pieces of trees.

use std::borrow::Cow;

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, ObjectName, Query, Select,
    SelectFlavor, SelectItem, SetExpr, TableWithJoins, UnaryOperator, Value,
};

/// A number.
pub(crate) fn number(number: impl ToString) -> Expr {
    Expr::value(Value::Number(number.to_string(), false))
}

/// A string literal with this value.
pub(crate) fn string(value: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(
        if memchr::memchr(b'\'', value.as_bytes()).is_some() {
            value.replace('\'', "''")
        } else {
            value.to_owned()
        },
    ))
}

/// The content of a string literal, of which the tree holds what stands between its quotes.
pub(crate) fn content(written: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\'', written.as_bytes()).is_some() {
        Cow::Owned(written.replace("''", "'"))
    } else {
        Cow::Borrowed(written)
    }
}

/// A name that needs no quotes.
pub(crate) fn name(name: &str) -> Expr {
    Expr::Identifier(Ident::new(name))
}

/// `name(arguments)`
pub(crate) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments
                .into_iter()
                .map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)))
                .collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// `left operator right`, without parentheses of its own.
pub(crate) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op,
        right: Box::new(right),
    }
}

/// `(inner)`, unless that is one token or a call.
pub(crate) fn nested(inner: Expr) -> Expr {
    match inner {
        Expr::Nested(_)
        | Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Cast { .. }
        | Expr::Subquery(_) => inner,
        other => Expr::Nested(Box::new(other)),
    }
}

/// `NOT (inner)`
pub(crate) fn not(inner: Expr) -> Expr {
    let inner = match inner {
        Expr::Nested(_) => inner,
        other => Expr::Nested(Box::new(other)),
    };
    Expr::UnaryOp {
        op: UnaryOperator::Not,
        expr: Box::new(inner),
    }
}

/// `-inner`
pub(crate) fn negative(inner: Expr) -> Expr {
    Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: Box::new(nested(inner)),
    }
}

/// `CAST(inner AS data_type)`
pub(crate) fn cast(inner: Expr, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(inner),
        data_type,
        format: None,
    }
}

/// `CASE WHEN … THEN … [ELSE …] END`
pub(crate) fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: branches
            .into_iter()
            .map(|(condition, result)| CaseWhen { condition, result })
            .collect(),
        else_result: otherwise.map(Box::new),
    }
}

/// The plain arguments of a call.
pub(crate) fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else {
        return Vec::new();
    };
    list.args
        .iter()
        .filter_map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect()
}

/// The same, to be changed.
pub(crate) fn arguments_mut(function: &mut Function) -> Vec<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else {
        return Vec::new();
    };
    list.args
        .iter_mut()
        .filter_map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect()
}

/// The last part of a function's name in lower case, if it is qualified by
/// nothing but `pg_catalog`.
pub(crate) fn function_name(function: &Function) -> Option<String> {
    let mut parts = function.name.0.iter().map(|part| part.as_ident());
    let last = function.name.0.last()?.as_ident()?;
    let qualified = function.name.0.len();
    let plain = qualified == 1
        || (qualified == 2 && parts.next()??.value.eq_ignore_ascii_case("pg_catalog"));
    plain.then(|| last.value.to_ascii_lowercase())
}

/// `SELECT projection FROM from`
pub(crate) fn select(projection: Vec<SelectItem>, from: Vec<TableWithJoins>) -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

/// A query that is this body alone.
pub(crate) fn query(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// An expression without the parentheses around it.
pub(crate) fn unnested(mut expression: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expression {
        expression = inner;
    }
    expression
}

/// The same, to be changed.
pub(crate) fn unnested_mut(mut expression: &mut Expr) -> &mut Expr {
    while let Expr::Nested(inner) = expression {
        expression = inner;
    }
    expression
}

/// The content of a string literal.
pub(crate) fn string_in(expression: &Expr) -> Option<String> {
    match unnested(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(raw) => Some(content(raw).into_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// The digits of the number that an expression is, with its sign.
pub(crate) fn number_in(expression: &Expr) -> Option<String> {
    match unnested(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some(digits.clone()),
            _ => None,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => {
            let digits = number_in(expr)?;
            Some(match digits.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{digits}"),
            })
        }
        _ => None,
    }
}

/// Whether it is the word NULL.
pub(crate) fn is_null(expression: &Expr) -> bool {
    matches!(unnested(expression), Expr::Value(value) if value.value == Value::Null)
}

/// What a CASE may give.
pub(crate) fn results<'a>(
    conditions: &'a [CaseWhen],
    otherwise: Option<&'a Expr>,
) -> impl Iterator<Item = &'a Expr> {
    conditions.iter().map(|when| &when.result).chain(otherwise)
}

/// Takes an expression out of its place.
pub(crate) fn take(place: &mut Expr) -> Expr {
    std::mem::replace(place, Expr::value(Value::Null))
}
