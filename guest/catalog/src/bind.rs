//! Resolves names and settles types, without a look at any row.
//!
//! An unknown literal, or a parameter whose type the client did not declare, takes the
//! type that its place wants, as section 10 of the manual has it; what no place wants
//! is a text.

use std::cell::RefCell;

use sqlparser::ast;

use crate::failure::{Failure, Result};
use crate::plan::{Expr, Fields, Query};
use crate::types::Type;

mod access;
mod call;
mod coerce;
mod compare;
mod expr;
mod from;
mod label;
mod literal;
mod nodes;
mod overload;
mod query;
mod scope;
mod select;
mod special;
mod typename;

use scope::{Commons, Sink};

/// A query that is ready to run.
pub(crate) struct Bound {
    pub(crate) query: Query,
    pub(crate) parameters: Vec<Type>,
}

/// An expression and its type.
#[derive(Clone)]
struct Typed {
    expr: Expr,
    kind: Type,
    /// Of a composite value.
    fields: Option<Fields>,
}

impl Typed {
    fn new(expr: Expr, kind: Type) -> Self {
        Self {
            expr,
            kind,
            fields: None,
        }
    }
}

/// What is settled for the whole statement.
struct Binder {
    /// Of the parameters; 0 until a place wants a type.
    parameters: RefCell<Vec<Type>>,
}

/// The most parameters that the protocol can bind.
const MOST_PARAMETERS: usize = 65_535;

pub(crate) fn bind(query: &ast::Query, declared: &[Type]) -> Result<Bound> {
    let binder = Binder {
        parameters: RefCell::new(declared.to_vec()),
    };
    let commons = Commons::default();
    let sink = Sink::default();
    let query = binder.query(query, None, &commons, &sink)?;
    let query = binder.settled(query)?;
    let parameters = binder
        .parameters
        .into_inner()
        .into_iter()
        .map(|kind| if kind == Type(0) { Type::TEXT } else { kind })
        .collect();
    Ok(Bound { query, parameters })
}

impl Binder {
    /// A parameter, of the type that it has so far.
    fn parameter(&self, name: &str) -> Result<Typed> {
        // `$1`, or between the marks of whoever read it.
        let digits = name.trim_matches(['$', '\0']);
        let number: usize = digits
            .parse()
            .ok()
            .filter(|number| (1..=MOST_PARAMETERS).contains(number))
            .ok_or_else(|| Failure::new("42P02", format!("there is no parameter ${digits}")))?;
        let mut parameters = self.parameters.borrow_mut();
        if parameters.len() < number {
            parameters.resize(number, Type(0));
        }
        let kind = match parameters.get(number - 1) {
            Some(Type(0)) | None => Type::UNKNOWN,
            Some(kind) => *kind,
        };
        Ok(Typed::new(Expr::Parameter(number - 1), kind))
    }

    /// Gives a parameter the type that its place wants.
    fn wanted(&self, number: usize, kind: Type) {
        if let Some(place) = self.parameters.borrow_mut().get_mut(number)
            && *place == Type(0)
        {
            *place = kind;
        }
    }

    /// Result columns whose type nothing settled are texts.
    fn settled(&self, mut query: Query) -> Result<Query> {
        for column in &mut query.columns {
            if column.kind == Type::UNKNOWN {
                column.kind = Type::TEXT;
            }
        }
        Ok(query)
    }
}

/// An identifier as PostgreSQL folds it.
fn folded(ident: &ast::Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}

/// The identifiers of a qualified name, folded.
fn names(name: &ast::ObjectName) -> Result<Vec<String>> {
    name.0
        .iter()
        .map(|part| {
            part.as_ident()
                .map(folded)
                .ok_or_else(|| Failure::not_supported("such a name"))
        })
        .collect()
}

/// Where an identifier stands in the text.
fn position(ident: &ast::Ident) -> Option<u32> {
    u32::try_from(ident.span.start.column)
        .ok()
        .filter(|place| *place > 0)
}
