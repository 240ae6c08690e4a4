//! Functions of documents and arrays.

use pgiris_values::array::Array;
use sqlparser::ast::{BinaryOperator, Expr, Function as Called};

use super::arithmetic::merged;
use super::elements::TEXTS;
use super::{Compiled, Compiler, Computed, documents, known, paths, scalar};
use crate::build;
use crate::interval;
use crate::types::{kept, oid};
use crate::wit::{Function, Instruction, Oid};

/// Those that the broker computes.
pub(crate) const NAMES: &[&str] = &[
    "json_extract_path",
    "json_extract_path_text",
    "jsonb_extract_path",
    "jsonb_extract_path_text",
    "json_typeof",
    "jsonb_typeof",
    "json_array_length",
    "jsonb_array_length",
    "jsonb_contains",
    "jsonb_eq",
    "jsonb_ne",
    "jsonb_lt",
    "jsonb_le",
    "jsonb_gt",
    "jsonb_ge",
    "jsonb_exists",
    "jsonb_exists_any",
    "jsonb_exists_all",
    "array_length",
    "array_upper",
    "array_ndims",
    "cardinality",
    "array_position",
    "array_to_string",
    "array_append",
    "array_prepend",
    "array_cat",
    "array_remove",
    "array_replace",
    "jsonb_object_agg",
];

impl Compiler<'_> {
    pub(super) fn call(&mut self, function: &Called) -> Compiled {
        if super::ordered_set::is_one(function) {
            return self.ordered_set(function);
        }
        let plain = function.over.is_none()
            && function.filter.is_none()
            && function.within_group.is_empty();
        let name = known!(build::function_name(function).filter(|_| plain));
        let arguments = build::arguments(function);
        if let Some(clock) = Self::clock(&name, arguments.len()) {
            return Ok(Some(clock));
        }
        match (name.as_str(), arguments.as_slice()) {
            ("make_interval", _) => {
                let parts = known!(interval::in_order(function));
                let parts: Vec<&Expr> = parts.iter().collect();
                self.scalar("interval_made", &parts)
            }
            ("jsonb_object_agg", [key, value]) => {
                let call = build::call("json_object_agg", vec![(*key).clone(), (*value).clone()]);
                let document = known!(self.compile(&call)?);
                Ok(Some(document.then(Function::Cast, oid::JSONB, oid::JSONB)))
            }
            // Where what is rounded is computed here.
            ("round" | "trunc", [number, digits @ ..]) if digits.len() < 2 => {
                self.rounded(&name, number, digits.first().copied())
            }
            ("coalesce", [first, rest @ ..]) if !rest.is_empty() => self.coalesced(first, rest),
            ("json_typeof" | "jsonb_typeof", [document]) => {
                let document = known!(self.of_json(document, &name)?);
                Ok(Some(document.then(Function::JsonTypeof, 0, oid::TEXT)))
            }
            ("json_array_length" | "jsonb_array_length", [document]) => {
                let document = known!(self.of_json(document, &name)?);
                Ok(Some(document.then(Function::JsonArrayLength, 0, oid::INT4)))
            }
            ("json_extract_path" | "jsonb_extract_path", [document, keys @ ..]) => {
                self.extracted(document, keys, &name, None)
            }
            ("json_extract_path_text" | "jsonb_extract_path_text", [document, keys @ ..]) => {
                self.extracted(document, keys, &name, Some(oid::TEXT))
            }
            ("jsonb_exists", [document, key]) => {
                self.key(document, key, Function::JsonbExists, oid::TEXT)
            }
            ("jsonb_exists_any", [document, keys]) => {
                self.key(document, keys, Function::JsonbExistsAny, TEXTS)
            }
            ("jsonb_exists_all", [document, keys]) => {
                self.key(document, keys, Function::JsonbExistsAll, TEXTS)
            }
            ("jsonb_contains", [whole, part]) => {
                self.key(whole, part, Function::JsonbContains, oid::JSONB)
            }
            ("jsonb_eq", [left, right]) => self.comparison(left, &BinaryOperator::Eq, right),
            ("jsonb_ne", [left, right]) => self.comparison(left, &BinaryOperator::NotEq, right),
            ("jsonb_lt", [left, right]) => self.comparison(left, &BinaryOperator::Lt, right),
            ("jsonb_le", [left, right]) => self.comparison(left, &BinaryOperator::LtEq, right),
            ("jsonb_gt", [left, right]) => self.comparison(left, &BinaryOperator::Gt, right),
            ("jsonb_ge", [left, right]) => self.comparison(left, &BinaryOperator::GtEq, right),
            ("nullif", [value, other]) => self.null_if(value, other),
            ("greatest", values) => self.extreme(values, &BinaryOperator::GtEq),
            ("least", values) => self.extreme(values, &BinaryOperator::LtEq),
            _ if paths::is_one(&name) => self.path_function(&name, function),
            _ if documents::NAMES.contains(&name.as_str()) => self.made(&name, &arguments),
            _ if scalar::is_known_within(&name) => self.scalar(&name, &arguments),
            _ => self.of_array(&name, &arguments),
        }
    }

    fn of_array(&mut self, name: &str, arguments: &[&Expr]) -> Compiled {
        let (array, rest) = match arguments {
            [array, rest @ ..] if NAMES.contains(&name) => (*array, rest),
            _ => return Ok(None),
        };
        if matches!(
            name,
            "array_append" | "array_prepend" | "array_cat" | "array_remove" | "array_replace"
        ) {
            return self.changed_array(name, arguments);
        }
        let array = known!(self.compile(array)?);
        let element = known!(kept::element_of(array.type_oid));
        match (name, rest) {
            ("cardinality", []) => Ok(Some(array.then(Function::Cardinality, 0, oid::INT4))),
            ("array_ndims", []) => Ok(Some(array.then(Function::ArrayNdims, 0, oid::INT4))),
            // Subscripts begin at 1.
            ("array_length" | "array_upper", [dimension]) => {
                let dimension = known!(self.integer(dimension)?);
                let both = array.with(dimension);
                Ok(Some(both.then(Function::ArrayLength, 0, oid::INT4)))
            }
            ("array_position", [wanted]) => {
                let wanted = known!(self.compile(wanted)?);
                let wanted = known!(self.settled(wanted, element)?);
                let both = array.with(wanted);
                Ok(Some(both.then(Function::ArrayPosition, element, oid::INT4)))
            }
            ("array_to_string", [separator, null @ ..]) if null.len() < 2 => {
                if element == oid::BOOL {
                    return Ok(None);
                }
                let separator = known!(self.compile(separator)?);
                let separator = known!(self.settled(separator, oid::TEXT)?);
                let null = match null.first() {
                    Some(null) => {
                        let null = known!(self.compile(null)?);
                        known!(self.settled(null, oid::TEXT)?)
                    }
                    None => Computed::constant(None, oid::TEXT),
                };
                let all = array.with(separator).with(null);
                Ok(Some(all.then(Function::ArrayToString, 0, oid::TEXT)))
            }
            _ => Ok(None),
        }
    }

    /// An array with other elements, by the name of the function's code.
    fn changed_array(&mut self, name: &str, arguments: &[&Expr]) -> Compiled {
        let mut operands = Vec::with_capacity(arguments.len());
        for argument in arguments {
            operands.push(known!(self.compile(argument)?));
        }
        let types = || operands.iter().map(|operand| operand.type_oid);
        let array = known!(types().find(|known| kept::is_array(*known)));
        let element = known!(kept::element_of(array));
        let (first, others) = match name {
            "array_cat" => (array, array),
            "array_prepend" => (element, array),
            _ => (array, element),
        };
        let count = if name == "array_replace" { 3 } else { 2 };
        // Numbers may be the same in other words.
        let compares = matches!(name, "array_remove" | "array_replace");
        let is_worded = matches!(element, oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8);
        if operands.len() != count || compares && is_worded {
            return Ok(None);
        }
        let mut call = Computed::none_of(array);
        for (index, operand) in operands.into_iter().enumerate() {
            let wanted = if index == 0 { first } else { others };
            call = call.with(known!(self.settled(operand, wanted)?));
        }
        Ok(Some(call.called(name, count)))
    }

    /// The document that a function of that name takes.
    fn of_json(&mut self, document: &Expr, name: &str) -> Compiled {
        let wanted = match name.starts_with("jsonb") {
            true => oid::JSONB,
            false => oid::JSON,
        };
        let document = known!(self.compile(document)?);
        match document.type_oid {
            0 => self.settled(document, wanted),
            own => Ok((own == wanted).then_some(document)),
        }
    }

    fn extracted(
        &mut self,
        document: &Expr,
        keys: &[&Expr],
        name: &str,
        result: Option<Oid>,
    ) -> Compiled {
        let document = known!(self.of_json(document, name)?);
        let of = document.type_oid;
        let mut value = document;
        // Each key is a path of its own: it may be that of a member or of an element.
        for (index, key) in keys.iter().enumerate() {
            let key = known!(self.compile(key)?);
            let key = known!(self.settled(key, oid::TEXT)?);
            let [Instruction::Constant(Some(text))] = key.instructions.as_slice() else {
                return Ok(None);
            };
            let path = Array::of(vec![Some(text.clone())]).shown();
            let is_last = index + 1 == keys.len();
            let (function, type_oid) = match result {
                Some(result) if is_last => (Function::JsonPathText, result),
                _ => (Function::JsonPath, of),
            };
            let path = Computed::constant(Some(path), TEXTS);
            value = value.with(path).then(function, of, type_oid);
        }
        Ok((!keys.is_empty()).then_some(value))
    }

    fn rounded(&mut self, name: &str, number: &Expr, digits: Option<&Expr>) -> Compiled {
        let number = known!(self.compile(number)?);
        let digits = match digits {
            Some(digits) => known!(self.integer(digits)?),
            None => Computed::constant(Some("0".to_owned()), oid::INT4),
        };
        if number.type_oid != oid::NUMERIC {
            return Ok(None);
        }
        let both = number.with(digits);
        Ok(Some(
            both.called(&format!("numeric_{name}"), 2)
                .typed(oid::NUMERIC),
        ))
    }

    fn coalesced(&mut self, first: &Expr, rest: &[&Expr]) -> Compiled {
        let mut all = known!(self.compile(first)?);
        for other in rest {
            let other = known!(self.compile(other)?);
            let type_oid = known!(merged([&all, &other]));
            let left = known!(self.settled(all, type_oid)?);
            let right = known!(self.settled(other, type_oid)?);
            all = left.with(right).then(Function::Coalesced, 0, type_oid);
        }
        Ok(Some(all))
    }
}
