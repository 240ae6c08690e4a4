//! # What it does
//! Writes `ARRAY[…]` as the text of the array.
//!
//! # Why
//! IRIS has no arrays; their columns keep PostgreSQL's texts of them.
//!
//! # Example
//! `SELECT ARRAY[1, 2]` becomes `SELECT '{1,2}'`, `ARRAY[a, 5]` becomes
//! `('{' || COALESCE(CAST(a AS VARCHAR(50)), 'NULL') || ',5}')`.
//!
//! # Limits
//! Arrays of arrays and of rows are refused, and so is `ARRAY(SELECT …)`. What `ANY`, `unnest` and casts to
//! `vector` take apart is theirs.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AccessExpr, Array, DataType, Expr, Function, FunctionArguments, Statement, Subscript, Value,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::{self, Call, array, integer};
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{Kind, of};
use crate::wit::Diagnostic;

pub(crate) struct ArrayConstructor;

impl Rule for ArrayConstructor {
    fn name(&self) -> &'static str {
        "array_constructor"
    }

    fn summary(&self) -> &'static str {
        "writes arrays as texts"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ARRAY)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            pass,
            inside_vector: 0,
            changed: false,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    /// How many casts to a vector are around.
    inside_vector: usize,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if is_vector_cast(expr) {
            self.inside_vector += 1;
        }
        if let Some(element) = element_of(expr) {
            *expr = element;
            self.changed = true;
        }
        if self.inside_vector > 0 {
            return Ok(());
        }
        let at = place::of(expr);
        match expr {
            Expr::Array(array) if array.named => {
                let written = self
                    .write(std::mem::take(&mut array.elem), scopes)
                    .map_err(|refusal| refusal.at(self.pass.text, at))?;
                *expr = written;
                self.changed = true;
                Ok(())
            }
            Expr::Function(function) if makes_document(function) => Err(Diagnostic::not_supported(
                "a document of an array is not supported",
                "IRIS keeps it as a text: make the document in the client",
            )
            .at(self.pass.text, at)),
            Expr::Function(function)
                if matches!(function.args, FunctionArguments::Subquery(_))
                    && build::function_name(function).as_deref() == Some("array") =>
            {
                Err(Diagnostic::not_supported(
                    "ARRAY of a subquery is not supported",
                    "select array_agg(…) in the subquery; its order is that in which IRIS reads the rows",
                )
                .at(self.pass.text, at))
            }
            _ => Ok(()),
        }
    }

    fn leave_expression(&mut self, expr: &mut Expr, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if is_vector_cast(expr) {
            self.inside_vector -= 1;
        }
        Ok(())
    }
}

/// Whether a call puts an array into a document.
fn makes_document(function: &Function) -> bool {
    let name = build::function_name(function).unwrap_or_default();
    let mut arguments = build::arguments(function).into_iter();
    (name.starts_with("json") || name.starts_with("to_json"))
        && arguments.any(|argument| matches!(argument, Expr::Array(array) if array.named))
}

impl Walk<'_, '_> {
    fn write(&mut self, elements: Vec<Expr>, scopes: &Scopes<'_>) -> Diagnosed<Expr> {
        if elements
            .iter()
            .any(|element| matches!(element, Expr::Array(_)))
        {
            return Err(Diagnostic::not_supported(
                "ARRAY of arrays is not supported",
                "write it as a literal, as '{{1,2},{3,4}}'",
            ));
        }
        let constants: Option<Vec<Option<String>>> = elements.iter().map(constant).collect();
        if let Some(constants) = constants {
            return Ok(build::string(
                &pgiris_values::array::Array::of(constants).shown(),
            ));
        }
        let mut call = Call {
            name: "ARRAY",
            args: elements,
            function: None,
            scopes,
            pass: self.pass,
        };
        array::constructor(&mut call)
    }
}

/// What a constant element shows; none for NULL.
fn constant(element: &Expr) -> Option<Option<String>> {
    if let Some(number) = functions::integer(element) {
        return Some(Some(number.to_string()));
    }
    match build::unnested(element) {
        Expr::Value(value) => match &value.value {
            Value::Null => Some(None),
            Value::SingleQuotedString(text) => Some(Some(text.replace("''", "'"))),
            Value::Number(digits, _) => crate::casts::number_as_text(digits).map(Some),
            Value::Boolean(truth) => Some(Some(if *truth { "t" } else { "f" }.to_owned())),
            _ => None,
        },
        _ => None,
    }
}

/// The element that `(ARRAY[…])[n]` is.
fn element_of(expr: &mut Expr) -> Option<Expr> {
    let Expr::CompoundFieldAccess { root, access_chain } = expr else {
        return None;
    };
    let [AccessExpr::Subscript(Subscript::Index { index })] = access_chain.as_slice() else {
        return None;
    };
    let place = usize::try_from(integer(index)?).unwrap_or(0);
    let Expr::Array(Array { elem, named: true }) = build::unnested_mut(root) else {
        return None;
    };
    let found = place.checked_sub(1).and_then(|index| elem.get_mut(index));
    Some(found.map_or_else(|| Expr::value(Value::Null), build::take))
}

fn is_vector_cast(expr: &Expr) -> bool {
    let is_vector = |data_type: &DataType| {
        of(data_type).is_some_and(|known| matches!(known.kind, Kind::Vector(_)))
    };
    matches!(expr, Expr::Cast { data_type, .. } if is_vector(data_type))
}
