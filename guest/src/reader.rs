//! Reads PostgreSQL's SQL and IRIS's as one language: tokens, statements, trees.

mod chain;
pub(crate) mod depth;
pub(crate) mod dialect;
mod fetch_count;
mod identity;
mod in_list;
pub(crate) mod lexeme;
pub(crate) mod lexer;
pub(crate) mod marks;
mod operator_call;
mod overriding;
pub(crate) mod parse;
pub(crate) mod percent;
mod several;
mod signs;
mod source_call;
pub(crate) mod statement;
pub(crate) mod strings;
mod symbols;
pub(crate) mod tokens;
mod trimmed;
mod unneeded;
