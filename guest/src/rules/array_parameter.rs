//! # What it does
//! Writes `= ANY` and `<> ALL` of an array that is a parameter as a search in a list of IRIS.
//!
//! # Why
//! IRIS has no arrays; `%INLIST` looks a value up in a list. (InterSystems SQL Reference,
//! "%INLIST".)
//!
//! # Example
//! `SELECT a FROM t WHERE id = ANY($1)` becomes
//! `SELECT a FROM t WHERE id %INLIST $LISTFROMSTRING(?, CHAR(1))`, with the elements as one
//! string.
//!
//! # Limits
//! Other operators than `=` with ANY and `<>` with ALL are refused, and so are arrays of floating
//! numbers, of times and of bytes, and elements with the characters U+0001 to U+0004.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    ArrayElemTypeDef, BinaryOperator, DataType, Expr, Query, Select, SelectItem, SetExpr, Spanned,
    Statement,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::membership::Simplify;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::enums;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::walk;
use crate::wit::{Diagnostic, Oid};

pub(crate) struct ArrayParameter;

impl Rule for ArrayParameter {
    fn name(&self) -> &'static str {
        "array_parameter"
    }

    fn summary(&self) -> &'static str {
        "looks values up in arrays that are parameters"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PARAMETER) && marks.has(Marks::QUANTIFIER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let parameters = pass.parameters.clone();
        let mut walk = Walk {
            text: pass.text,
            parameters: &parameters,
            copies: &mut pass.copies,
            found: Vec::new(),
            enums: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &parameters, &mut walk)?;
        let Walk {
            found,
            enums,
            changed,
            ..
        } = walk;
        pass.parameter_types(found);
        pass.enum_parameters.extend(enums);
        if changed {
            walk::statement(tree, &mut Simplify)?;
        }
        Ok(changed)
    }
}

/// Array types by those of their elements, as in `pg_type.dat`.
const ARRAYS: &[(Oid, Oid)] = &[
    (oid::BOOL, 1000),
    (oid::INT2, 1005),
    (oid::INT4, 1007),
    (oid::INT8, 1016),
    (oid::TEXT, 1009),
    (oid::VARCHAR, 1009),
    (oid::BPCHAR, 1014),
    (oid::DATE, 1182),
    (oid::NUMERIC, 1231),
    (oid::UUID, 2951),
];

fn array_of(element: Oid) -> Option<Oid> {
    let known = ARRAYS.iter().find(|(other, _)| *other == element);
    known.map(|(_, array)| *array)
}

fn element_of(array: Oid) -> Option<Oid> {
    match array {
        1015 => Some(oid::TEXT),
        _ => ARRAYS
            .iter()
            .find(|(_, other)| *other == array)
            .map(|(element, _)| *element),
    }
}

/// A test of a value against the elements of an array that is a parameter.
struct Membership<'a> {
    value: &'a Expr,
    number: u32,
    /// The type of the elements that the parameter is cast to.
    cast: Option<&'a DataType>,
    negated: bool,
    /// Whether this is a test for equality at all.
    plain: bool,
    /// Whether the elements come as rows, of which the array NULL has none.
    rows: bool,
}

fn membership(expression: &Expr) -> Option<Membership<'_>> {
    let (value, right, negated, plain) = match expression {
        Expr::AnyOp {
            left,
            compare_op,
            right,
            ..
        } => (left, right, false, *compare_op == BinaryOperator::Eq),
        Expr::AllOp {
            left,
            compare_op,
            right,
        } => (left, right, true, *compare_op == BinaryOperator::NotEq),
        Expr::InSubquery {
            expr,
            subquery,
            negated,
        } => {
            let (number, cast) = parameter(unnested_array(subquery)?)?;
            return Some(Membership {
                value: expr,
                number,
                cast,
                negated: *negated,
                plain: true,
                rows: true,
            });
        }
        _ => return None,
    };
    let (array, rows) = match build::unnested(right) {
        Expr::Subquery(query) => (unnested_array(query)?, true),
        other => (other, false),
    };
    let (number, cast) = parameter(array)?;
    Some(Membership {
        value,
        number,
        cast,
        negated,
        plain,
        rows,
    })
}

/// `$1`, `$1::int[]`
fn parameter(array: &Expr) -> Option<(u32, Option<&DataType>)> {
    match build::unnested(array) {
        Expr::Cast {
            expr,
            data_type: DataType::Array(element),
            ..
        } => {
            let number = placeholder::number_of(build::unnested(expr))?;
            match element {
                ArrayElemTypeDef::SquareBracket(inner, _)
                | ArrayElemTypeDef::AngleBracket(inner)
                | ArrayElemTypeDef::Parenthesis(inner)
                | ArrayElemTypeDef::Qualified(inner, _) => Some((number, Some(inner))),
                ArrayElemTypeDef::None => Some((number, None)),
            }
        }
        other => Some((placeholder::number_of(other)?, None)),
    }
}

/// The array of `SELECT unnest(array)` and `SELECT * FROM unnest(array)`.
fn unnested_array(query: &Query) -> Option<&Expr> {
    let is_bare = query.with.is_none() && query.limit_clause.is_none() && query.fetch.is_none();
    let SetExpr::Select(select) = &*query.body else {
        return None;
    };
    let Select {
        projection,
        from,
        selection: None,
        having: None,
        top: None,
        ..
    } = &**select
    else {
        return None;
    };
    let ([SelectItem::UnnamedExpr(Expr::Function(function))], [], true) =
        (projection.as_slice(), from.as_slice(), is_bare)
    else {
        return None;
    };
    match build::arguments(function).as_slice() {
        [array] if build::function_name(function)? == "unnest" => Some(*array),
        _ => None,
    }
}

struct Walk<'a> {
    text: &'a str,
    parameters: &'a [Oid],
    copies: &'a mut Copies,
    found: Vec<(u32, Oid)>,
    /// Of arrays of enums the types that the client is told.
    enums: Vec<(u32, Oid)>,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Some(test) = membership(expr) else {
            return Ok(());
        };
        let written = self.written(&test, scopes).map_err(|refusal| {
            let start = test.value.span().start.column.saturating_sub(1);
            refusal.at(self.text, start as usize)
        })?;
        self.changed = true;
        *expr = written;
        Ok(())
    }
}

impl Walk<'_> {
    fn written(&mut self, test: &Membership<'_>, scopes: &Scopes<'_>) -> Diagnosed<Expr> {
        if !test.plain {
            return Err(Diagnostic::not_supported(
                "only = ANY and <> ALL of an array that is a parameter are supported",
                "give each element a parameter of its own: ARRAY[$1, $2]",
            ));
        }
        let element = self.element(test, scopes)?;
        let text = |expr: Expr, length| {
            build::cast(
                expr,
                DataType::Varchar(Some(sqlparser::ast::CharacterLength::IntegerLength {
                    length,
                    unit: None,
                })),
            )
        };
        let value = self.copies.copy(test.value)?;
        let value = match element {
            // IRIS keeps days as numbers; this is their ISO form.
            oid::DATE => text(value, 10),
            oid::UUID => build::call("LOWER", vec![text(value, 36)]),
            _ => build::nested(value),
        };
        let enum_type = scopes.enum_of(test.value);
        if let Some(name) = &enum_type {
            let told = (test.number, enums::number_of_array(name));
            self.enums.push(told);
        }
        // An enum is compared with labels only, and not with an empty text.
        let compared = match enum_type {
            Some(_) => oid::NAME,
            None => element,
        };
        let found = self.found_in(&value, test.number, compared)?;
        let missing = self.missing_from(&value, test, &found)?;
        let both = build::case(
            vec![(found, build::number(1)), (missing, build::number(0))],
            None,
        );
        let wanted = build::number(u8::from(!test.negated));
        Ok(build::nested(build::binary(
            build::nested(both),
            BinaryOperator::Eq,
            wanted,
        )))
    }

    /// The type of the elements.
    fn element(&mut self, test: &Membership<'_>, scopes: &Scopes<'_>) -> Diagnosed<Oid> {
        let index = (test.number as usize).saturating_sub(1);
        let declared = self.parameters.get(index).copied().filter(|oid| *oid != 0);
        let of_value = scopes.type_of(test.value);
        let element = match (test.cast, declared) {
            (Some(data_type), _) => types::of(data_type).map(|known| known.oid),
            // Of a type that a user made.
            (None, Some(declared)) => element_of(declared).or_else(|| {
                let name = scopes.enum_of(test.value)?;
                (declared == enums::number_of_array(&name)).then_some(oid::TEXT)
            }),
            (None, None) => of_value,
        };
        let Some((element, array)) = element.and_then(|oid| Some((oid, array_of(oid)?))) else {
            let known = element.or(declared).or(of_value);
            return Err(match known {
                None => Diagnostic::error(
                    "42P18",
                    format!(
                        "could not determine data type of parameter ${}",
                        test.number
                    ),
                )
                .with_hint("cast the parameter: $1::int[]"),
                Some(oid::TEXT | oid::VARCHAR) if test.cast.is_none() => {
                    Diagnostic::error("42809", "op ANY/ALL (array) requires array on right side")
                }
                Some(_) => Diagnostic::not_supported(
                    "ANY and ALL of an array of this type are not supported",
                    "give each element a parameter of its own: ARRAY[$1, $2]",
                ),
            });
        };
        self.found.push((test.number, array));
        Ok(match (of_value, element) {
            // What is compared is the value's type.
            (Some(oid::DATE), _) => oid::DATE,
            (Some(oid::UUID), _) => oid::UUID,
            (_, element) => element,
        })
    }

    /// The condition that is true if the value is among the elements.
    fn found_in(&mut self, value: &Expr, number: u32, element: Oid) -> Diagnosed<Expr> {
        let list = build::call(
            "$LISTFROMSTRING",
            vec![placeholder::elements(number), character(1)],
        );
        let listed = build::binary(
            self.copies.copy(value)?,
            BinaryOperator::Custom("%INLIST".to_owned()),
            list,
        );
        if !matches!(element, oid::TEXT | oid::VARCHAR | oid::BPCHAR) {
            return Ok(listed);
        }
        let is_empty = build::binary(
            self.copies.copy(value)?,
            BinaryOperator::Eq,
            build::string(""),
        );
        let has_empty = build::binary(position(number, 4), BinaryOperator::Gt, build::number(0));
        let empty = build::binary(is_empty, BinaryOperator::And, has_empty);
        Ok(build::nested(build::binary(
            listed,
            BinaryOperator::Or,
            build::nested(empty),
        )))
    }

    /// The condition that is true if the value is known to be none of the elements.
    fn missing_from(
        &mut self,
        value: &Expr,
        test: &Membership<'_>,
        found: &Expr,
    ) -> Diagnosed<Expr> {
        let mut nothing = build::binary(
            placeholder::elements(test.number),
            BinaryOperator::Eq,
            character(3),
        );
        if test.rows {
            let null = Expr::IsNull(Box::new(placeholder::elements(test.number)));
            nothing = build::binary(nothing, BinaryOperator::Or, null);
        }
        let is_known = Expr::IsNotNull(Box::new(build::nested(self.copies.copy(value)?)));
        let no_null = build::binary(
            position(test.number, 2),
            BinaryOperator::Eq,
            build::number(0),
        );
        let not_found = build::not(self.copies.copy(found)?);
        let missing = build::binary(
            build::binary(is_known, BinaryOperator::And, no_null),
            BinaryOperator::And,
            not_found,
        );
        Ok(build::nested(build::binary(
            nothing,
            BinaryOperator::Or,
            build::nested(missing),
        )))
    }
}

/// Where in the elements a character stands.
fn position(number: u32, code: u8) -> Expr {
    build::call(
        "INSTR",
        vec![placeholder::elements(number), character(code)],
    )
}

fn character(code: u8) -> Expr {
    build::call("CHAR", vec![build::number(code)])
}
