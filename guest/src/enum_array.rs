//! Arrays of enums, which are arrays of text: a column cannot have them, but a statement may.

use pgiris_values::array::Array;
use sqlparser::ast::{ArrayElemTypeDef, DataType, Expr, SelectItem, SetExpr, Statement};

use crate::build;
use crate::definition::offset;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::placeholder;
use crate::relations::{TableName, enums};
use crate::rule::Pass;
use crate::walk;

/// Makes casts to arrays of enums casts to arrays of text; tells whether there were any.
///
/// # Errors
/// An element that is a literal is no label.
pub(crate) fn as_texts(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    if !pass.relations.have_enums() {
        return Ok(false);
    }
    keep_labels(tree, pass);
    let mut changed = false;
    walk::expressions(tree, &mut |expression| {
        changed |= as_text(expression, pass)?;
        Ok(())
    })?;
    Ok(changed)
}

/// Columns that have the type's name keep it.
fn keep_labels(tree: &mut Statement, pass: &Pass<'_>) {
    let Statement::Query(query) = tree else {
        return;
    };
    let SetExpr::Select(select) = &mut *query.body else {
        return;
    };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) = item
            && let Some(label) = label(expr, pass)
        {
            *item = SelectItem::ExprWithAlias {
                expr: build::take(expr),
                alias: labels::identifier(&label),
            };
        }
    }
}

/// What PostgreSQL calls a column with such a cast: of an array the type's name is that of its
/// elements.
fn label(expression: &Expr, pass: &Pass<'_>) -> Option<String> {
    let mut named = expression.clone();
    let mut found = false;
    walk::outside_queries(&mut named, &mut |part| {
        if enum_of(part, pass).is_some()
            && let Expr::Cast { data_type, .. } = part
            && let DataType::Array(
                ArrayElemTypeDef::SquareBracket(element, _)
                | ArrayElemTypeDef::Qualified(element, _),
            ) = data_type
        {
            *data_type = (**element).clone();
            found = true;
        }
    });
    found.then(|| labels::of_expression(&named))
}

/// The enum of whose arrays the type of a cast is.
fn enum_of(cast: &Expr, pass: &Pass<'_>) -> Option<TableName> {
    let Expr::Cast { data_type, .. } = cast else {
        return None;
    };
    enums::named_of_array(data_type).filter(|name| pass.relations.labels_of(name).is_some())
}

fn as_text(cast: &mut Expr, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let Some(name) = enum_of(cast, pass) else {
        return Ok(false);
    };
    let Expr::Cast {
        expr, data_type, ..
    } = cast
    else {
        return Ok(false);
    };
    let inner = build::unnested(expr);
    let known = pass.relations.labels_of(&name).unwrap_or_default();
    for element in literals(inner) {
        if !known.contains(&element) {
            let own = enums::name_in(data_type).unwrap_or_default();
            return Err(enums::no_label(&own, &element).at(pass.text, offset(inner)));
        }
    }
    if let Some(number) = placeholder::number_of(inner) {
        let told = (number, enums::number_of_array(&name));
        pass.enum_parameters.push(told);
    }
    *data_type = DataType::Array(ArrayElemTypeDef::SquareBracket(
        Box::new(DataType::Text),
        None,
    ));
    Ok(true)
}

/// The elements that are known.
fn literals(array: &Expr) -> Vec<String> {
    if let Some(text) = build::string_in(array) {
        let array = Array::parse(&text);
        return array.map_or_else(
            |_| Vec::new(),
            |array| array.elements.into_iter().flatten().collect(),
        );
    }
    match array {
        Expr::Array(array) => array.elem.iter().flat_map(literals_of).collect(),
        _ => Vec::new(),
    }
}

/// Of an element: itself, or those of a dimension.
fn literals_of(element: &Expr) -> Vec<String> {
    match build::unnested(element) {
        Expr::Array(_) => literals(element),
        other => build::string_in(other).into_iter().collect(),
    }
}
