//! Asks the tables of operators and functions about the parts of an expression, and says
//! what PostgreSQL says where there is nothing.

mod moments;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArguments, OrderByKind, Query, Spanned,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::integer;
use crate::moment_text::Order;
use crate::operators::{self, Class, Found, NO_OPERATOR, Operand, Operator, class_of};
use crate::place;
use crate::placeholder;
use crate::scope::Scopes;
use crate::signatures;
use crate::types::{kept, oid, words};
use crate::typing;
use crate::untyped;
use crate::wit::{Diagnostic, Oid};
use moments::ambiguous;

const NO_SIGN: &str = "No operator matches the given name and argument type. You might need to add an explicit type cast.";
const NO_FUNCTION: &str = "No function matches the given name and argument types. You might need to add explicit \
     type casts.";

pub(crate) struct Check<'a> {
    /// The client's.
    pub(crate) text: &'a str,
    /// Of the fields of dates.
    pub(crate) order: Order,
    pub(crate) copies: &'a mut Copies,
    pub(crate) changed: bool,
}

/// An operator: its kind, what PostgreSQL calls it, and how it is written.
type Named<'a> = (Operator, &'a str, &'a str);

impl Check<'_> {
    /// The operand of what takes a boolean.
    pub(crate) fn condition(
        &mut self,
        expr: &mut Expr,
        of: &str,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        if let Some(text) = build::string_in(expr) {
            return self.replace(expr, untyped::settled(&text, oid::BOOL, self.order));
        }
        let Some(Operand::Typed(found, class)) = operand(expr, scopes) else {
            return Ok(());
        };
        if class == Class::Boolean {
            return Ok(());
        }
        let message = format!(
            "argument of {of} must be type boolean, not type {}",
            words(found)
        );
        Err(Diagnostic::error("42804", message).at(self.text, place::of(expr)))
    }

    /// An operator between two operands.
    pub(crate) fn operator(
        &mut self,
        left: &mut Expr,
        named: Named<'_>,
        right: &mut Expr,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        self.arrays(left, named, right, scopes)?;
        self.moment_parameter(left, named, right, scopes)?;
        let (Some(one), Some(other)) = (operand(left, scopes), operand(right, scopes)) else {
            return Ok(());
        };
        match operators::find(one, named.0, other) {
            Found::Exists => Ok(()),
            Found::Settles(target) => {
                let (literal, other) = match one {
                    Operand::Untyped => (left, right),
                    Operand::Typed(..) => (right, left),
                };
                match build::string_in(literal) {
                    Some(text) if named.0 == Operator::Comparison => {
                        let settled = untyped::beside(other, &text, target, self.order);
                        self.replace(literal, settled)
                    }
                    Some(text) if operators::is_moment(target) => {
                        untyped::settled(&text, target, self.order)
                            .map_err(|error| error.at(self.text, place::of(literal)))?;
                        *literal = untyped::cast(&text, target);
                        self.changed = true;
                        Ok(())
                    }
                    Some(text) if named.0 != Operator::Pattern => {
                        *literal = untyped::number(&text, target)
                            .map_err(|error| error.at(self.text, place::of(literal)))?;
                        self.changed = true;
                        Ok(())
                    }
                    _ => Ok(()),
                }
            }
            // IRIS's own booleans.
            Found::Missing
                if named.0 == Operator::Comparison
                    && (is_truth(one, right) || is_truth(other, left)) =>
            {
                Ok(())
            }
            Found::Missing => {
                Err(missing(one, named.1, other).at(self.text, self.position(left, named.2, right)))
            }
            Found::Ambiguous => {
                Err(ambiguous(one, named.1, other)
                    .at(self.text, self.position(left, named.2, right)))
            }
        }
    }

    /// A period of OVERLAPS that says how long it lasts, by its ends.
    pub(crate) fn period(&mut self, side: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if let Expr::Tuple(ends) = side
            && let [start, end] = ends.as_mut_slice()
            && scopes.type_of(end) == Some(oid::INTERVAL)
        {
            if scopes.type_of(start) == Some(oid::DATE) {
                let refusal = Diagnostic::not_supported(
                    "OVERLAPS of dates and intervals is not supported",
                    "cast the dates to timestamp",
                );
                return Err(refusal.at(self.text, place::of(start)));
            }
            *end = build::nested(build::binary(
                self.copies.copy(start)?,
                BinaryOperator::Plus,
                build::take(end),
            ));
            self.changed = true;
        }
        Ok(())
    }

    /// Nobody computes with arrays.
    fn arrays(
        &self,
        left: &Expr,
        named: Named<'_>,
        right: &Expr,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        if matches!(named.0, Operator::Comparison | Operator::Concatenation) {
            return Ok(());
        }
        let types = [left, right].map(|side| scopes.type_of(side));
        if !types.iter().flatten().any(|known| kept::is_array(*known)) {
            return Ok(());
        }
        if named.0 == Operator::Minus
            && types == [Some(oid::JSONB), Some(kept::array_of(oid::TEXT))]
        {
            return Ok(());
        }
        let [one, other] = types.map(|known| known.map_or("unknown", words));
        let message = format!("operator does not exist: {one} {} {other}", named.1);
        Err(Diagnostic::error("42883", message)
            .with_hint(NO_OPERATOR)
            .at(self.text, self.position(left, named.2, right)))
    }

    /// `expr IN (list)`: the literals have the type of all others.
    pub(crate) fn list(
        &mut self,
        expr: &mut Expr,
        list: &mut [Expr],
        negated: bool,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let (name, word) = if negated { ("<>", "NOT") } else { ("=", "IN") };
        let first = list.first().map_or(0, place::of);
        let mut common = scopes.type_of(expr);
        let Some(one) = operand(expr, scopes) else {
            return Ok(());
        };
        for item in list.iter() {
            let Some(other @ Operand::Typed(found, _)) = operand(item, scopes) else {
                continue;
            };
            let exists = operators::find(one, Operator::Comparison, other) != Found::Missing;
            if !exists && !is_truth(one, item) {
                let at = before(self.text, place::of(expr), first, word);
                return Err(missing(one, name, other).at(self.text, at));
            }
            common = common.map_or(Some(found), |known| typing::merged(known, found));
        }
        for item in list {
            if let (Some(common), Some(text)) = (common, build::string_in(item)) {
                self.replace(item, untyped::beside(expr, &text, common, self.order))?;
            }
        }
        Ok(())
    }

    /// `expr IN (query)`
    pub(crate) fn members(
        &mut self,
        expr: &Expr,
        query: &Query,
        negated: bool,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let Some(one) = operand(expr, scopes) else {
            return Ok(());
        };
        let Some(other) = scopes.type_of_query(query).and_then(typed) else {
            return Ok(());
        };
        if operators::find(one, Operator::Comparison, other) != Found::Missing {
            return Ok(());
        }
        let word = if negated { "NOT" } else { "IN" };
        let at = before(self.text, place::of(expr), place::of_query(query), word);
        Err(missing(one, "=", other).at(self.text, at))
    }

    /// LIKE and its kin, in words.
    pub(crate) fn pattern(
        &mut self,
        expr: &mut Expr,
        (name, word): (&str, &str),
        negated: bool,
        pattern: &mut Expr,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let (name, word) = if negated {
            (format!("!{name}"), "NOT")
        } else {
            (name.to_owned(), word)
        };
        self.operator(expr, (Operator::Pattern, &name, word), pattern, scopes)
    }

    /// An operator before its operand.
    pub(crate) fn sign(&mut self, name: &str, expr: &Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let at = before(self.text, 0, place::of(expr), name);
        match operand(expr, scopes) {
            Some(Operand::Typed(found, class)) if !has_sign(name, class) => {
                let message = format!("operator does not exist: {name} {}", words(found));
                Err(Diagnostic::error("42883", message)
                    .with_hint(NO_SIGN)
                    .at(self.text, at))
            }
            Some(Operand::Untyped) if build::string_in(expr).is_some() && name == "-" => {
                let message = format!("operator is not unique: {name} unknown");
                Err(Diagnostic::error("42725", message)
                    .with_hint(
                        "Could not choose a best candidate operator. You might need to add explicit type \
                         casts.",
                    )
                    .at(self.text, at))
            }
            _ => Ok(()),
        }
    }

    /// The conditions of a CASE, or what its operand is compared with.
    pub(crate) fn case(&mut self, expr: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Expr::Case {
            operand,
            conditions,
            ..
        } = expr
        else {
            return Ok(());
        };
        for when in conditions {
            match operand {
                Some(operand) => {
                    let named = (Operator::Comparison, "=", "WHEN");
                    self.operator(operand, named, &mut when.condition, scopes)?;
                }
                None => self.condition(&mut when.condition, "CASE/WHEN", scopes)?,
            }
        }
        Ok(())
    }

    /// The arguments of a call, and its FILTER.
    pub(crate) fn call(&mut self, function: &mut Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if let Some(filter) = &mut function.filter {
            self.condition(filter, "FILTER", scopes)?;
        }
        if function.uses_odbc_syntax || function.name.0.len() != 1 {
            return Ok(());
        }
        let arguments = build::arguments(function);
        let FunctionArguments::List(list) = &function.args else {
            return Ok(());
        };
        let Some(name) =
            build::function_name(function).filter(|_| list.args.len() == arguments.len())
        else {
            return Ok(());
        };
        let at = usize::try_from(function.name.span().start.column).unwrap_or(0);
        self.arguments(&name, &name, &arguments, at.saturating_sub(1), scopes)
    }

    /// A call that is written with words among its arguments.
    pub(crate) fn word(
        &mut self,
        word: &str,
        name: &str,
        arguments: &[&Expr],
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let first = arguments.first().map_or(0, |first| place::of(first));
        let at = before(self.text, 0, first, word);
        let known = name.rsplit('.').next().unwrap_or(name);
        self.arguments(known, name, arguments, at, scopes)
    }

    fn arguments(
        &self,
        known: &str,
        name: &str,
        arguments: &[&Expr],
        at: usize,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let operands: Vec<Option<Operand>> =
            arguments.iter().map(|one| operand(one, scopes)).collect();
        match signatures::find(known, &operands) {
            signatures::Found::Exists => Ok(()),
            signatures::Found::Only(form) => {
                for (letter, argument) in form.bytes().zip(arguments) {
                    if let (b'i', Some(text)) = (letter, build::string_in(argument)) {
                        untyped::settled(&text, oid::INT4, self.order)
                            .map_err(|error| error.at(self.text, place::of(argument)))?;
                    }
                }
                Ok(())
            }
            signatures::Found::Missing => {
                let types: Vec<&str> = operands
                    .iter()
                    .map(|one| one.map_or("unknown", name_of))
                    .collect();
                let message = format!("function {name}({}) does not exist", types.join(", "));
                Err(Diagnostic::error("42883", message)
                    .with_hint(NO_FUNCTION)
                    .at(self.text, at))
            }
        }
    }

    fn replace(&mut self, literal: &mut Expr, settled: Diagnosed<Option<Expr>>) -> Diagnosed<()> {
        let settled = settled.map_err(|error| error.at(self.text, place::of(literal)))?;
        if let Some(settled) = settled {
            *literal = settled;
            self.changed = true;
        }
        Ok(())
    }

    /// Where an operator stands.
    fn position(&self, left: &Expr, word: &str, right: &Expr) -> usize {
        let mut end = place::of(right);
        let mut first = build::unnested(right);
        while let Expr::UnaryOp { op, expr } = first {
            end = before(self.text, 0, end, &op.to_string());
            first = build::unnested(expr);
        }
        before(self.text, place::of(left), end, word)
    }
}

/// # Errors
/// An ORDER BY has what PostgreSQL cannot order.
pub(crate) fn check_order(query: &Query, scopes: &Scopes<'_>, text: &str) -> Diagnosed<()> {
    let Some(OrderByKind::Expressions(items)) = query.order_by.as_ref().map(|order| &order.kind)
    else {
        return Ok(());
    };
    match items
        .iter()
        .find(|item| scopes.type_of(&item.expr) == Some(oid::JSON))
    {
        None => Ok(()),
        Some(item) => Err(Diagnostic::error(
            "42883",
            "could not identify an ordering operator for type json",
        )
        .with_hint("Use an explicit ordering operator or modify the query.")
        .at(text, place::of(&item.expr))),
    }
}

/// What an expression is beside an operator; none if that is not known.
fn operand(expr: &Expr, scopes: &Scopes<'_>) -> Option<Operand> {
    if build::string_in(expr).is_some() {
        return Some(Operand::Untyped);
    }
    let found = typed(scopes.type_of(expr)?)?;
    // An enum is kept as text.
    match found {
        Operand::Typed(_, Class::Text) if scopes.enum_of(expr).is_some() => None,
        found => Some(found),
    }
}

fn typed(found: Oid) -> Option<Operand> {
    class_of(found).map(|class| Operand::Typed(found, class))
}

/// Whether a boolean is compared with what IRIS has in its place.
fn is_truth(operand: Operand, other: &Expr) -> bool {
    let is_bit = |value: &Expr| {
        matches!(integer(value), Some(0 | 1)) || placeholder::number_of(value).is_some()
    };
    matches!(operand, Operand::Typed(oid::BOOL, _))
        && match build::unnested(other) {
            Expr::Case {
                conditions,
                else_result,
                ..
            } => build::results(conditions, else_result.as_deref())
                .all(|result| is_bit(result) || typing::is_untyped(result)),
            value => is_bit(value),
        }
}

fn has_sign(name: &str, class: Class) -> bool {
    class == Class::Number || (name == "-" && class == Class::Interval)
}

fn missing(left: Operand, name: &str, right: Operand) -> Diagnostic {
    let message = format!(
        "operator does not exist: {} {name} {}",
        name_of(left),
        name_of(right)
    );
    Diagnostic::error("42883", message).with_hint(NO_OPERATOR)
}

fn name_of(operand: Operand) -> &'static str {
    match operand {
        Operand::Typed(found, _) => words(found),
        Operand::Untyped => "unknown",
    }
}

/// The last place of a word between two offsets; the first offset if it is not there.
fn before(text: &str, start: usize, end: usize, word: &str) -> usize {
    let Some(between) = text.get(start..end) else {
        return start;
    };
    let found = between
        .to_ascii_lowercase()
        .rfind(&word.to_ascii_lowercase());
    found.map_or(start, |found| start + found)
}
