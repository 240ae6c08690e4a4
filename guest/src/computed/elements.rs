//! Operators and subscripts of documents and arrays.
//!
//! PostgreSQL manual, "JSON Functions and Operators" and "Array Functions and Operators".

use sqlparser::ast::{AccessExpr, Array, BinaryOperator, Expr, Subscript, Value};

use super::{Compiled, Compiler, Computed, is_document, is_integer, is_text, known};
use crate::build;
use crate::types::{kept, oid};
use crate::typing;
use crate::wit::{Function, Oid};

/// `text[]`
pub(super) const TEXTS: Oid = 1009;

/// How many elements of an array a comparison must hold of.
#[derive(Clone, Copy)]
pub(super) enum Quantifier {
    Any,
    All,
}

impl Quantifier {
    /// The comparison of a value with elements; none by another operator.
    fn function(self, operator: &BinaryOperator) -> Option<Function> {
        use BinaryOperator as O;
        let (any, all) = match operator {
            O::Eq => (Function::EqualsAny, Function::EqualsAll),
            O::NotEq => (Function::DiffersAny, Function::DiffersAll),
            O::Lt => (Function::LessAny, Function::LessAll),
            O::LtEq => (Function::LessOrEqualAny, Function::LessOrEqualAll),
            O::Gt => (Function::GreaterAny, Function::GreaterAll),
            O::GtEq => (Function::GreaterOrEqualAny, Function::GreaterOrEqualAll),
            _ => return None,
        };
        Some(match self {
            Self::Any => any,
            Self::All => all,
        })
    }
}

impl Compiler<'_> {
    /// An operator that takes a document or an array; none if it is another.
    pub(super) fn element(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Compiled {
        use BinaryOperator as O;
        match operator {
            O::Arrow => self.step(left, right, [Function::JsonField, Function::JsonItem], None),
            O::LongArrow => {
                let functions = [Function::JsonFieldText, Function::JsonItemText];
                self.step(left, right, functions, Some(oid::TEXT))
            }
            O::HashArrow => self.path(left, right, Function::JsonPath, None),
            O::HashLongArrow => self.path(left, right, Function::JsonPathText, Some(oid::TEXT)),
            O::AtArrow => self.containment(left, right),
            O::ArrowAt => self.containment(right, left),
            O::Question => self.key(left, right, Function::JsonbExists, oid::TEXT),
            O::QuestionPipe => self.key(left, right, Function::JsonbExistsAny, TEXTS),
            O::QuestionAnd => self.key(left, right, Function::JsonbExistsAll, TEXTS),
            O::AtQuestion => self.scalar_of("jsonb_path_exists_opr", left, right),
            O::AtAt => self.scalar_of("jsonb_path_match_opr", left, right),
            O::PGOverlap => self.arrays(left, right, Function::ArrayOverlaps),
            _ => Ok(None),
        }
    }

    /// A function that stands for an operator.
    fn scalar_of(&mut self, code: &str, left: &Expr, right: &Expr) -> Compiled {
        self.scalar(code, &[left, right])
    }

    /// A document, and the member or the element of it.
    fn step(
        &mut self,
        document: &Expr,
        key: &Expr,
        [field, item]: [Function; 2],
        result: Option<Oid>,
    ) -> Compiled {
        let document = known!(self.document(document)?);
        let type_oid = document.type_oid;
        let key = known!(self.compile(key)?);
        let result = result.unwrap_or(type_oid);
        if is_integer(key.type_oid) {
            return Ok(Some(document.with(key).then(item, type_oid, result)));
        }
        let key = known!(self.settled(key, oid::TEXT)?);
        Ok(Some(document.with(key).then(field, type_oid, result)))
    }

    pub(super) fn path(
        &mut self,
        document: &Expr,
        path: &Expr,
        function: Function,
        result: Option<Oid>,
    ) -> Compiled {
        let document = known!(self.document(document)?);
        let type_oid = document.type_oid;
        let path = known!(self.compile(path)?);
        let path = known!(self.settled(path, TEXTS)?);
        let result = result.unwrap_or(type_oid);
        Ok(Some(document.with(path).then(function, type_oid, result)))
    }

    pub(super) fn document(&mut self, expression: &Expr) -> Compiled {
        let found = known!(self.compile(expression)?);
        Ok(is_document(found.type_oid).then_some(found))
    }

    pub(super) fn key(
        &mut self,
        document: &Expr,
        key: &Expr,
        function: Function,
        target: Oid,
    ) -> Compiled {
        let document = known!(self.document(document)?);
        if document.type_oid != oid::JSONB {
            return Ok(None);
        }
        let key = known!(self.compile(key)?);
        let key = known!(self.settled(key, target)?);
        Ok(Some(document.with(key).then(
            function,
            oid::JSONB,
            oid::BOOL,
        )))
    }

    /// `whole @> part`
    fn containment(&mut self, whole: &Expr, part: &Expr) -> Compiled {
        let (left, right) = (self.compile(whole)?, self.compile(part)?);
        let (left, right) = (known!(left), known!(right));
        if left.type_oid == oid::JSONB || right.type_oid == oid::JSONB {
            let left = known!(self.settled(left, oid::JSONB)?);
            let right = known!(self.settled(right, oid::JSONB)?);
            let both = left.with(right);
            return Ok(Some(both.then(
                Function::JsonbContains,
                oid::JSONB,
                oid::BOOL,
            )));
        }
        self.of_arrays(left, right, Function::ArrayContains)
    }

    fn arrays(&mut self, left: &Expr, right: &Expr, function: Function) -> Compiled {
        let (left, right) = (self.compile(left)?, self.compile(right)?);
        let (left, right) = (known!(left), known!(right));
        self.of_arrays(left, right, function)
    }

    fn of_arrays(&mut self, left: Computed, right: Computed, function: Function) -> Compiled {
        let target = match (left.type_oid, right.type_oid) {
            (0, known) | (known, 0) => known,
            (left, right) if kept::is_array_like(left, right) => right,
            (left, _) => left,
        };
        let element = known!(kept::element_of(target));
        let left = known!(self.settled(left, target)?);
        let right = known!(self.settled(right, target)?);
        let both = left.with(right);
        Ok(Some(both.then(function, element, oid::BOOL)))
    }

    /// A value beside each element of an array.
    pub(super) fn among(
        &mut self,
        value: &Expr,
        operator: &BinaryOperator,
        array: &Expr,
        quantifier: Quantifier,
    ) -> Compiled {
        let function = known!(quantifier.function(operator));
        let array = known!(self.compile(array)?);
        let element = known!(kept::element_of(array.type_oid));
        let value = known!(self.compile(value)?);
        let both = match (value.type_oid, element) {
            (from, to) if super::is_number(from) && super::is_number(to) => {
                crate::typing::wider(from, to)
            }
            (from, to) => (from == 0 || from == to || is_text(from) && is_text(to)).then_some(to),
        };
        let both = known!(both);
        let for_equality = matches!(operator, BinaryOperator::Eq | BinaryOperator::NotEq);
        if !for_equality && !super::is_read(both) && !is_text(both) {
            return Ok(None);
        }
        let value = known!(self.settled(value, both)?);
        Ok(Some(value.with(array).then(function, both, oid::BOOL)))
    }

    /// `value[…]`
    pub(super) fn access(&mut self, root: &Expr, chain: &[AccessExpr]) -> Compiled {
        let (root, chain) = match (root, chain) {
            (Expr::Identifier(table), [AccessExpr::Dot(Expr::Identifier(name)), rest @ ..]) => {
                let parts = vec![table.clone(), name.clone()];
                (&Expr::CompoundIdentifier(parts), rest)
            }
            whole => whole,
        };
        let mut value = known!(self.compile(root)?);
        for (index, access) in chain.iter().enumerate() {
            let AccessExpr::Subscript(subscript) = access else {
                return Ok(None);
            };
            let of = value.type_oid;
            value = match subscript {
                Subscript::Index { index } if of == oid::JSONB => {
                    let key = known!(self.compile(index)?);
                    let (key, function) = match is_integer(key.type_oid) {
                        true => (Some(key), Function::JsonItem),
                        false => (self.settled(key, oid::TEXT)?, Function::JsonField),
                    };
                    value.with(known!(key)).then(function, 0, of)
                }
                // Several subscripts are one access to several dimensions.
                _ if index > 0 || chain.len() > 1 => return Ok(None),
                Subscript::Index { index } => {
                    let element = known!(kept::element_of(of));
                    let index = known!(self.integer(index)?);
                    value.with(index).then(Function::ArrayItem, of, element)
                }
                Subscript::Slice {
                    lower_bound,
                    upper_bound,
                    stride: None,
                } if kept::is_array(of) => {
                    let lower = known!(self.bound(lower_bound.as_ref(), "1")?);
                    let upper = known!(self.bound(upper_bound.as_ref(), "2147483647")?);
                    value
                        .with(lower)
                        .with(upper)
                        .then(Function::ArraySlice, of, of)
                }
                Subscript::Slice { .. } => return Ok(None),
            };
        }
        Ok(Some(value))
    }

    fn bound(&mut self, bound: Option<&Expr>, otherwise: &str) -> Compiled {
        match bound {
            Some(bound) => self.integer(bound),
            None => Ok(Some(Computed::constant(
                Some(otherwise.to_owned()),
                oid::INT4,
            ))),
        }
    }

    pub(super) fn integer(&mut self, expression: &Expr) -> Compiled {
        let value = known!(self.compile(expression)?);
        match value.type_oid {
            0 | oid::INT2 | oid::INT4 => self.settled(value, oid::INT4),
            _ => Ok(None),
        }
    }
}

/// `ARRAY[…]` of constants.
pub(super) fn array_constant(array: &Array) -> Option<Computed> {
    let mut elements = Vec::with_capacity(array.elem.len());
    let mut type_oid = None;
    for element in &array.elem {
        let (text, of_element) = match build::string_in(element) {
            Some(text) => (text, oid::TEXT),
            None => match build::unnested(element) {
                Expr::Value(value) => match &value.value {
                    Value::Number(digits, _) => (digits.clone(), typing::of(element)?),
                    _ => return None,
                },
                _ => return None,
            },
        };
        if type_oid.is_some_and(|known| known != of_element) {
            return None;
        }
        type_oid = Some(of_element);
        elements.push(Some(text));
    }
    let shown = pgiris_values::array::Array::of(elements).shown();
    Some(Computed::constant(Some(shown), kept::array_of(type_oid?)))
}
