//! Paths of SQL/JSON: what a call leaves out, and what is wrong with a literal.

use pgiris_values::json_path::Path;
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::{Compiled, Compiler, known};
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;
use crate::{build, interval};

/// The functions that take a document, a path, variables, and whether errors are none.
const FUNCTIONS: &[&str] = &[
    "jsonb_path_exists",
    "jsonb_path_exists_tz",
    "jsonb_path_match",
    "jsonb_path_match_tz",
    "jsonb_path_query",
    "jsonb_path_query_tz",
    "jsonb_path_query_array",
    "jsonb_path_query_array_tz",
    "jsonb_path_query_first",
    "jsonb_path_query_first_tz",
];

/// The names of what they take.
const NAMES: [&str; 4] = ["target", "path", "vars", "silent"];

pub(crate) fn is_one(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// All arguments of a call by their places, and those that it leaves out as PostgreSQL has them
/// (`pg_proc.proargdefaults`); none if the functions are not called so.
pub(crate) fn in_order(arguments: &[FunctionArg]) -> Option<Vec<Expr>> {
    let mut all = [None, None, None, None];
    for (index, argument) in arguments.iter().enumerate() {
        let (place, value) = match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => (index, value),
            named => {
                let (name, value) = interval::named_argument(named)?;
                (NAMES.iter().position(|known| *known == name)?, value)
            }
        };
        let given = all.get_mut(place)?.replace(value.clone());
        if given.is_some() {
            return None;
        }
    }
    let [document, path, variables, silent] = all;
    let no = || Expr::Value(Value::Boolean(false).into());
    Some(vec![
        document?,
        path?,
        variables.unwrap_or_else(|| build::string("{}")),
        silent.unwrap_or_else(no),
    ])
}

impl Compiler<'_> {
    pub(super) fn path_function(&mut self, name: &str, function: &Function) -> Compiled {
        let FunctionArguments::List(list) = &function.args else {
            return Ok(None);
        };
        let arguments = known!(in_order(&list.args));
        let arguments: Vec<&Expr> = arguments.iter().collect();
        self.scalar(name, &arguments)
    }
}

/// Looks at a literal.
///
/// # Errors
/// It is no path, or one that is not supported.
pub(super) fn check(text: &str) -> Diagnosed<()> {
    match Path::read(text) {
        Ok(_) => Ok(()),
        Err(wrong) => Err(Diagnostic {
            detail: wrong.detail,
            ..Diagnostic::error(wrong.sqlstate, wrong.message)
        }),
    }
}
