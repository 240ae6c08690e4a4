//! # What it does
//! Writes PostgreSQL's functions for IRIS, by the tables in `functions`, and refuses the functions
//! and operators that IRIS has nothing for.
//!
//! # Why
//! IRIS has other names (`concat` is STRING), the same names with another meaning (`substr`, `log`,
//! `greatest`), and lacks many. (InterSystems SQL Reference, "SQL Functions".)
//!
//! # Example
//! `SELECT left(a, 3), concat(a, b) FROM t` becomes
//! `SELECT {fn LEFT(a, 3)}, COALESCE(STRING(a, b), '') FROM t`.
//!
//! # Limits
//! Numbers have the digits that IRIS gives them: a `numeric` has at most 18 digits of fraction, and
//! logarithms and powers some sixteen digits.
//! `now()` and its kin are the start of the transaction by the broker's clock, in UTC; defaults of columns, views
//! and `clock_timestamp()` read IRIS's clock anew at each call. Time zones other than UTC
//! and constant offsets are refused. `localtime` and `current_time` have whole seconds, the latter no time zone.
//! Names of days and months are those of the server's locale; in the template
//! of a number a 0 must stand before the point, else see `number_template`. `to_date` and `to_timestamp` fail on a text that does not have the
//! form of the template, where PostgreSQL may skip letters. DATE_TRUNC is taken to exist in every version.
//! The whole list is `docs/functions.md`.
//!
//! # Versions
//! All; `sha256` and its kin from 2025.1.

use sqlparser::ast::{
    BinaryOperator, CeilFloorKind, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Spanned, Statement, TrimWhereField, Value,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::{self, Call, Fate};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types;
use crate::vector;
use crate::wit::Diagnostic;

pub(crate) struct FunctionName;

impl Rule for FunctionName {
    fn name(&self) -> &'static str {
        "function_name"
    }

    fn summary(&self) -> &'static str {
        "writes PostgreSQL's functions by those of IRIS"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::FUNCTION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let relations = pass.relations;
        // A column's default has a form of its own for the clock.
        let has_defaults = matches!(tree, Statement::CreateTable(_) | Statement::AlterTable(_));
        pass.binds = placeholder::are_taken(tree);
        let parameters = pass.parameters.clone();
        let mut walk = Walk {
            pass,
            changed: false,
            has_defaults,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    changed: bool,
    has_defaults: bool,
}

/// From the outside in: an outer function asks for the types of what stands inside,
/// which are those of PostgreSQL until it is written for IRIS. What is written is
/// walked too, so it contains a call that would be written again in braces only.
impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if let Expr::BinaryOp { left, op, .. } = expr
            && let Some((operator, hint)) = functions::refused_operator(op)
        {
            let at = vector::operator_at(left, operator, self.pass.text);
            return Err(Diagnostic::not_supported(
                format!("operator {operator} is not supported"),
                hint,
            )
            .at(self.pass.text, at));
        }
        let Some((name, count)) = called(expr) else {
            return Ok(());
        };
        let Some(entry) = functions::find(&name) else {
            return Ok(());
        };
        if !entry.takes(count) {
            if functions::is_iris(&name, count) || is_made(expr, &name) {
                return Ok(());
            }
            if !matches!(entry.fate, Fate::Refused(_) | Fate::Arranged(_)) {
                return Err(self.unknown(expr, &name, scopes));
            }
        }
        let first = first_argument(expr).and_then(|first| scopes.type_of(first));
        if first.is_some_and(|oid| !entry.accepts(oid)) {
            return Err(self.unknown(expr, &name, scopes));
        }
        if self.has_defaults && functions::is_clock(&name) || is_made(expr, &name) {
            return Ok(());
        }
        let at = position(expr);
        let text = self.pass.text;
        if functions::is_window(&name)
            && matches!(expr, Expr::Function(function) if function.over.is_none())
        {
            let message = format!("window function {name} requires an OVER clause");
            return Err(Diagnostic::error("42809", message).at(text, at));
        }
        if matches!(entry.fate, Fate::Same) || is_shared(expr) {
            return Ok(());
        }
        if let Some(need) = &entry.needs
            && !(need.has)(self.pass.scene.version)
        {
            return Err(Diagnostic::not_supported(
                format!("function {name} is not supported"),
                &format!("IRIS has it from {}", need.since),
            )
            .at(text, at));
        }
        let (function, args) = taken(build::take(expr));
        let mut call = Call {
            name: &name,
            args,
            function,
            scopes,
            pass: self.pass,
        };
        *expr = match entry.fate {
            Fate::Same => return Ok(()),
            Fate::Named(iris) => renamed(&mut call, iris),
            Fate::Translated(_, make) | Fate::Emulated(_, make) => {
                make(&mut call).map_err(|refusal| refusal.at(text, at))?
            }
            Fate::Refused(hint) | Fate::Arranged(hint) => {
                return Err(call.refusal("", hint).at(text, at));
            }
        };
        self.changed = true;
        // An argument in place of its call: nobody has looked at it yet.
        if is_written(expr) {
            return self.enter_expression(expr, scopes);
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    /// PostgreSQL has no such function for these arguments.
    fn unknown(&self, expr: &Expr, name: &str, scopes: &Scopes<'_>) -> Diagnostic {
        let words = |argument: &Expr| scopes.type_of(argument).map_or("unknown", types::words);
        let arguments = match expr {
            Expr::Function(function) => build::arguments(function),
            other => first_argument(other).into_iter().collect(),
        };
        let arguments: Vec<&str> = arguments.into_iter().map(words).collect();
        Diagnostic::error(
            "42883",
            format!("function {name}({}) does not exist", arguments.join(", ")),
        )
        .with_hint(
            "No function matches the given name and argument types. \
             You might need to add explicit type casts.",
        )
        .at(self.pass.text, position(expr))
    }
}

/// The first argument of a call.
fn first_argument(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Function(function) => build::arguments(function).first().copied(),
        Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::Substring { expr, .. }
        | Expr::Overlay { expr, .. }
        | Expr::Trim { expr, .. } => Some(expr),
        _ => None,
    }
}

/// Whether a call stands in the client's text.
fn is_written(expr: &Expr) -> bool {
    match expr {
        Expr::AtTimeZone { .. } | Expr::Extract { .. } => true,
        Expr::Function(function) => function.name.span().start.column != 0,
        _ => false,
    }
}

/// Whether a call is one of IRIS's functions with a name of PostgreSQL's, as it was
/// written here: it stands nowhere in the client's text.
fn is_made(expr: &Expr, name: &str) -> bool {
    let is_alike = matches!(
        name,
        "to_char"
            | "to_date"
            | "to_timestamp"
            | "date_trunc"
            | "stddev"
            | "stddev_samp"
            | "variance"
            | "var_samp"
    );
    is_alike && matches!(expr, Expr::Function(function) if function.name.span().start.column == 0)
}

/// Where an expression begins. The parser looks for that in all that is inside, so it
/// is asked for the name of a call only.
fn position(expr: &Expr) -> usize {
    let start = match expr {
        Expr::Function(function) => function.name.span().start.column,
        Expr::Substring { expr, .. }
        | Expr::Position { r#in: expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::AtTimeZone {
            timestamp: expr, ..
        } => match &**expr {
            Expr::Identifier(name) => name.span.start.column,
            _ => 1,
        },
        _ => 1,
    };
    usize::try_from(start).unwrap_or(1).saturating_sub(1)
}

/// The same call by another name.
fn renamed(call: &mut Call<'_, '_, '_>, iris: &str) -> Expr {
    let args = std::mem::take(&mut call.args);
    match (call.function.take(), build::call(iris, args)) {
        (Some(written), Expr::Function(mut renamed)) => {
            renamed.filter = written.filter;
            renamed.over = written.over;
            Expr::Function(renamed)
        }
        (_, renamed) => renamed,
    }
}

/// Whether IRIS reads the form as it is, though not every form of the function.
fn is_shared(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => {
            let args = build::arguments(function);
            match build::function_name(function).as_deref() {
                Some("coalesce") => args.len() > 1,
                Some("count") => !matches!(args.first(), Some(Expr::Tuple(_))),
                Some("char_length" | "character_length" | "ceiling") => true,
                _ => false,
            }
        }
        Expr::Position { expr, .. } => is_filled(expr),
        Expr::Substring {
            substring_from: Some(from),
            substring_for,
            shorthand: false,
            ..
        } => {
            let certain = substring_for
                .as_deref()
                .is_none_or(|length| functions::integer(length).is_some_and(|length| length != 0));
            certain && functions::integer(from).is_some()
        }
        // `TRIM(BOTH x FROM s)`
        Expr::Trim {
            trim_where,
            trim_what,
            trim_characters,
            ..
        } => trim_what.is_some() || trim_where.is_none() && trim_characters.is_none(),
        _ => false,
    }
}

/// Whether an expression is a string literal with something in it.
fn is_filled(expr: &Expr) -> bool {
    matches!(
        build::unnested(expr),
        Expr::Value(value) if matches!(&value.value, Value::SingleQuotedString(text) if !text.is_empty())
    )
}

/// The function that an expression calls, with how many arguments.
fn called(expr: &Expr) -> Option<(String, usize)> {
    let (name, count) = match expr {
        Expr::Function(function) if !function.uses_odbc_syntax => {
            let FunctionArguments::List(list) = &function.args else {
                // CURRENT_TIMESTAMP and its kin.
                let clock = build::function_name(function).filter(|name| functions::is_clock(name));
                return Some((clock?, 0));
            };
            let count = build::arguments(function).len();
            // An argument with a name, or `*`.
            if count != list.args.len() {
                return None;
            }
            return Some((build::function_name(function)?, count));
        }
        Expr::Ceil {
            field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
            ..
        } => ("ceil", 1),
        Expr::Position { .. } => ("position", 2),
        Expr::Extract { .. } => ("extract", 2),
        Expr::AtTimeZone { .. } => ("timezone", 2),
        Expr::Substring { substring_for, .. } => {
            ("substring", 2 + usize::from(substring_for.is_some()))
        }
        Expr::Overlay { overlay_for, .. } => ("overlay", 3 + usize::from(overlay_for.is_some())),
        Expr::Trim {
            trim_where,
            trim_characters,
            ..
        } => {
            let name = match trim_where {
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
                _ => "btrim",
            };
            (name, 1 + trim_characters.as_ref().map_or(0, Vec::len))
        }
        Expr::BinaryOp { op, .. } => match op {
            BinaryOperator::PGStartsWith => ("starts_with", 2),
            BinaryOperator::PGExp => ("power", 2),
            BinaryOperator::Overlaps if are_periods(expr) => ("overlaps", 4),
            _ => return None,
        },
        _ => return None,
    };
    Some((name.to_owned(), count))
}

/// The arguments in PostgreSQL's order, and what is left of a call without them.
fn taken(expr: Expr) -> (Option<Function>, Vec<Expr>) {
    let some = |args: Vec<Option<Box<Expr>>>| args.into_iter().flatten().map(|arg| *arg).collect();
    let args = match expr {
        Expr::Function(mut function) => {
            let args = match &mut function.args {
                FunctionArguments::List(list) => std::mem::take(&mut list.args),
                _ => Vec::new(),
            };
            let plain = args.into_iter().filter_map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(plain)) => Some(plain),
                _ => None,
            });
            let plain = plain.collect();
            return (Some(function), plain);
        }
        Expr::Ceil { expr, .. } => some(vec![Some(expr)]),
        Expr::Extract { field, expr, .. } => {
            let field = match field {
                DateTimeField::Custom(field) => field.value,
                field => field.to_string().to_ascii_lowercase(),
            };
            vec![build::string(&field), *expr]
        }
        Expr::AtTimeZone {
            timestamp,
            time_zone,
        } => vec![*time_zone, *timestamp],
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Overlaps,
            right,
        } => ends(*left).into_iter().chain(ends(*right)).collect(),
        Expr::Position { expr, r#in } => some(vec![Some(expr), Some(r#in)]),
        Expr::Substring {
            expr,
            substring_from,
            substring_for,
            ..
        } => {
            let from = substring_from.unwrap_or_else(|| Box::new(build::number(1)));
            some(vec![Some(expr), Some(from), substring_for])
        }
        Expr::Overlay {
            expr,
            overlay_what,
            overlay_from,
            overlay_for,
        } => some(vec![
            Some(expr),
            Some(overlay_what),
            Some(overlay_from),
            overlay_for,
        ]),
        Expr::Trim {
            expr,
            trim_characters,
            ..
        } => {
            let mut args = vec![*expr];
            args.extend(trim_characters.into_iter().flatten());
            args
        }
        Expr::BinaryOp { left, right, .. } => some(vec![Some(left), Some(right)]),
        _ => Vec::new(),
    };
    (None, args)
}

/// The two ends of a period.
fn ends(period: Expr) -> Vec<Expr> {
    match period {
        Expr::Tuple(ends) => ends,
        other => vec![other],
    }
}

/// Whether `OVERLAPS` has two ends on each side.
fn are_periods(expr: &Expr) -> bool {
    let is_one = |side: &Expr| matches!(side, Expr::Tuple(ends) if ends.len() == 2);
    matches!(expr, Expr::BinaryOp { left, right, .. } if is_one(left) && is_one(right))
}
