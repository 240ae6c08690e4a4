//! Expressions that the broker computes, because IRIS has nothing for them: as instructions on the
//! values of a row.

mod arithmetic;
mod calls;
mod casting;
pub(crate) mod chained;
mod comparison;
pub(crate) mod condition;
pub(crate) mod documents;
mod elements;
pub(crate) mod items;
mod joining;
mod limit;
mod moments;
pub(crate) mod ordered_set;
pub(crate) mod paths;
pub(crate) mod scalar;
pub(crate) mod sources;
pub(crate) mod written;

use sqlparser::ast::{AccessExpr, BinaryOperator, DataType, Expr, UnaryOperator, Value};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::interval::Interval;
use crate::kept_text;
use crate::look::{self, Node};
use crate::place;
use crate::placeholder;
use crate::rule::Pass;
use crate::types::{is_number, kept, oid};
use crate::typing;
use crate::wit::{Call, Function, Instruction, Oid, ScalarCall};
use crate::zone;

pub(crate) const HINT: &str = "the broker computes it in the outermost query, in what UPDATE and INSERT ... SELECT write, and in conditions on the columns of one table; elsewhere select the values, and compute it in the client";

/// Whether a piece of a tree has such an expression in it.
pub(crate) fn accesses(tree: &impl sqlparser::ast::Visit) -> bool {
    look::finds(
        tree,
        &mut |node| matches!(node, Node::Expression(expression) if is_access(expression)),
    )
}

/// Whether an expression takes a document or an array apart, or looks into one.
pub(crate) fn is_access(expression: &Expr) -> bool {
    use BinaryOperator as O;
    match expression {
        Expr::BinaryOp { op, right, .. } => match op {
            // `a->b` with a name is IRIS's own: a column of the row that a refers to.
            O::Arrow => !crate::functions::is_name(right),
            O::LongArrow
            | O::HashArrow
            | O::HashLongArrow
            | O::AtArrow
            | O::ArrowAt
            | O::Question
            | O::QuestionAnd
            | O::QuestionPipe
            | O::AtQuestion
            | O::AtAt
            | O::PGOverlap => true,
            _ => false,
        },
        Expr::CompoundFieldAccess { access_chain, .. } => {
            matches!(access_chain.last(), Some(AccessExpr::Subscript(_)))
        }
        Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } => {
            let array = build::unnested(right);
            matches!(array, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) || is_access(array)
        }
        Expr::Cast {
            expr, data_type, ..
        } => matches!(data_type, DataType::Interval { .. }) && has_column(expr),
        Expr::Function(function) => {
            ordered_set::is_one(function)
                || build::function_name(function).is_some_and(|name| {
                    calls::NAMES.contains(&name.as_str()) || scalar::is_known(&name)
                })
        }
        _ => false,
    }
}

/// Whether an expression has another value each time that it is computed.
pub(crate) fn changes(expression: &Expr) -> bool {
    look::finds(expression, &mut |node| match node {
        Node::Expression(Expr::Function(function)) => {
            build::function_name(function).is_some_and(|name| name == "random")
        }
        _ => false,
    })
}

fn has_column(expression: &Expr) -> bool {
    look::finds(expression, &mut |node| {
        matches!(
            node,
            Node::Expression(Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        )
    })
}

/// Whether it is one where its types are known, or a function that is the broker's.
pub(crate) fn may_be_computed(expression: &Expr) -> bool {
    use BinaryOperator as O;
    match expression {
        Expr::BinaryOp { op, .. } => {
            matches!(op, O::StringConcat | O::Minus | O::HashMinus) || is_access(expression)
        }
        other => is_access(other) || is_made_here(other),
    }
}

/// An expression as instructions.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) instructions: Vec<Instruction>,
    /// 0: a literal or a parameter whose type is not settled.
    pub(crate) type_oid: Oid,
}

impl Computed {
    fn constant(value: Option<String>, type_oid: Oid) -> Self {
        Self {
            instructions: vec![Instruction::Constant(value)],
            type_oid,
        }
    }

    /// What operands are put behind, for a call that gives this type.
    fn none_of(type_oid: Oid) -> Self {
        Self {
            instructions: Vec::new(),
            type_oid,
        }
    }

    /// With another type, of the same text.
    fn typed(self, type_oid: Oid) -> Self {
        Self { type_oid, ..self }
    }

    /// Behind a function of it.
    fn then(mut self, function: Function, operand_type: Oid, type_oid: Oid) -> Self {
        self.instructions.push(Instruction::Call(Call {
            function,
            operand_type,
        }));
        self.typed(type_oid)
    }

    /// Behind a function of it, and of what stands before it, by the name of its code.
    fn called(mut self, code: &str, operands: usize) -> Self {
        self.instructions.push(Instruction::Scalar(ScalarCall {
            name: code.to_owned(),
            operands: u32::try_from(operands).unwrap_or(u32::MAX),
        }));
        self
    }

    /// Before another operand.
    fn with(mut self, other: Self) -> Self {
        self.instructions.extend(other.instructions);
        self
    }

    /// The condition of two others.
    pub(crate) fn and(self, other: Self) -> Self {
        self.with(other).then(Function::Both, 0, oid::BOOL)
    }

    /// Whether it is NULL, or not true, where all columns are NULL.
    fn is_strict(&self) -> bool {
        !self
            .instructions
            .iter()
            .any(|instruction| match instruction {
                Instruction::SkipUnless(_) | Instruction::Skip(_) => true,
                Instruction::Call(call) => matches!(
                    call.function,
                    Function::IsNull
                        | Function::Coalesced
                        | Function::EqualsAll
                        | Function::DiffersAll
                        | Function::LessAll
                        | Function::LessOrEqualAll
                        | Function::GreaterAll
                        | Function::GreaterOrEqualAll
                ),
                Instruction::Scalar(call) => scalar::sees_null(&call.name),
                _ => false,
            })
    }
}

/// Makes instructions of expressions.
struct Compiler<'a> {
    /// The number and the type of what a row has; none for what it has not.
    leaf: &'a mut dyn FnMut(&Expr) -> Option<(u32, Oid)>,
    /// Types of the client's parameters, from the first.
    parameters: &'a [Oid],
    /// Whether the session shows moments as they are kept.
    in_utc: bool,
    found: ParameterTypes,
}

/// What an expression is as instructions; none if the broker cannot compute it.
pub(crate) type Compiled = Diagnosed<Option<Computed>>;

/// What there is, or the end of a function that can compute nothing without.
macro_rules! known {
    ($value:expr) => {
        match $value {
            Some(value) => value,
            None => return Ok(None),
        }
    };
}
pub(crate) use known;

/// What parameters turn out to be, by number.
type ParameterTypes = Vec<(u32, Oid)>;

/// Whether a value is written in the statement.
pub(crate) fn is_written(expression: &Expr) -> bool {
    match build::unnested(expression) {
        Expr::Value(_) | Expr::Array(_) => true,
        Expr::Cast { expr, .. } => matches!(build::unnested(expr), Expr::Value(_)),
        Expr::UnaryOp { .. } => build::number_in(expression).is_some(),
        _ => false,
    }
}

/// Whether a function in an expression is the broker's, where it makes the result.
pub(crate) fn is_made_here(expression: &Expr) -> bool {
    look::finds(expression, &mut |node| match node {
        Node::Expression(Expr::Function(function)) => build::function_name(function)
            .is_some_and(|name| scalar::is_own(&name) || documents::NAMES.contains(&name.as_str())),
        _ => false,
    })
}

/// Whether IRIS has nothing for a function, by the name of its code.
pub(crate) fn is_own(code: &str) -> bool {
    scalar::is_own_code(code) || code.starts_with("json_build_") || code == "row_to_json"
}

/// A value as one of this type, if PostgreSQL makes it one without being told.
pub(crate) fn settle(value: Computed, target: Oid, pass: &mut Pass<'_>) -> Option<Computed> {
    if scalar::is_narrowed(value.type_oid, target) {
        return None;
    }
    let mut nothing = |_: &Expr| None;
    let mut compiler = Compiler::new(&mut nothing, pass);
    let settled = compiler.settled(value, target).ok().flatten();
    let found = compiler.found;
    pass.parameter_types(found);
    settled
}

/// An expression of a statement as instructions, and what its parameters turn out to be.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn compile(
    expression: &Expr,
    leaf: &mut dyn FnMut(&Expr) -> Option<(u32, Oid)>,
    pass: &Pass<'_>,
) -> Diagnosed<Option<(Computed, ParameterTypes)>> {
    let mut compiler = Compiler::new(leaf, pass);
    let computed = compiler
        .compile(expression)
        .map_err(|refusal| refusal.at(pass.text, place::of(expression)))?;
    Ok(computed.map(|computed| (computed, compiler.found)))
}

/// An expression of constants and parameters as instructions; none if there is more in it.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn without_columns(expression: &Expr, pass: &mut Pass<'_>) -> Compiled {
    let mut nothing = |_: &Expr| None;
    let (value, found) = known!(compile(expression, &mut nothing, pass)?);
    pass.parameter_types(found);
    Ok(Some(value))
}

/// A text that stands between others, as instructions; nothing, if it is NULL.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn separator(
    expression: &Expr,
    pass: &Pass<'_>,
) -> Diagnosed<Option<(Vec<Instruction>, ParameterTypes)>> {
    let mut nothing = |_: &Expr| None;
    let mut compiler = Compiler::new(&mut nothing, pass);
    let text = known!(compiler.compile(expression)?);
    let text = known!(compiler.settled(text, oid::TEXT)?);
    let nothing = Computed::constant(Some(String::new()), oid::TEXT);
    let text = text.with(nothing).then(Function::Coalesced, 0, oid::TEXT);
    Ok(Some((text.instructions, compiler.found)))
}

impl<'a> Compiler<'a> {
    fn new(leaf: &'a mut dyn FnMut(&Expr) -> Option<(u32, Oid)>, pass: &'a Pass<'_>) -> Self {
        Self {
            leaf,
            parameters: &pass.parameters,
            in_utc: zone::is_session_in_utc(&pass.scene),
            found: Vec::new(),
        }
    }
}

impl Compiler<'_> {
    /// # Errors
    /// What PostgreSQL says of a literal.
    fn compile(&mut self, expression: &Expr) -> Compiled {
        if let Some(text) = Interval::of(expression).and_then(Interval::shown) {
            return Ok(Some(Computed::constant(Some(text), oid::INTERVAL)));
        }
        if let Some((number, type_oid)) = (self.leaf)(expression) {
            return Ok(Some(Computed {
                instructions: vec![Instruction::Column(number)],
                type_oid,
            }));
        }
        match expression {
            Expr::Nested(inner) => self.compile(inner),
            Expr::Value(value) => Ok(self.value(&value.value, expression)),
            Expr::Array(array) => Ok(elements::array_constant(array)),
            Expr::Cast {
                expr, data_type, ..
            } => self.cast(expr, data_type),
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } => match negative(expr) {
                None => self.negated_number(expr),
                constant => Ok(constant),
            },
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => self.choice(operand.as_deref(), conditions, else_result.as_deref()),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain),
            Expr::Function(function) => self.call(function),
            Expr::BinaryOp {
                left,
                op: op @ (BinaryOperator::StringConcat | BinaryOperator::HashMinus),
                right,
            } => {
                let (left, right) = (known!(self.compile(left)?), known!(self.compile(right)?));
                match op {
                    BinaryOperator::StringConcat => self.joined(left, right),
                    _ => self.removed_path(left, right),
                }
            }
            Expr::BinaryOp { left, op, right } => {
                if let Some(found) = self.element(left, op, right)? {
                    return Ok(Some(found));
                }
                match self.arithmetic(left, op, right)? {
                    None => self.comparison(left, op, right),
                    found => Ok(found),
                }
            }
            Expr::Substring {
                expr,
                substring_from: Some(from),
                substring_for,
                ..
            } => {
                let arguments: Vec<&Expr> =
                    [Some(&**expr), Some(&**from), substring_for.as_deref()]
                        .into_iter()
                        .flatten()
                        .collect();
                self.scalar("substring", &arguments)
            }
            Expr::Position { expr, r#in } => self.scalar("position", &[r#in, expr]),
            other => self.predicate(other),
        }
    }

    fn value(&self, value: &Value, expression: &Expr) -> Option<Computed> {
        match value {
            Value::SingleQuotedString(_) => {
                Some(Computed::constant(build::string_in(expression), 0))
            }
            Value::Number(digits, _) => {
                let type_oid = typing::of(expression)?;
                Some(Computed::constant(Some(digits.clone()), type_oid))
            }
            Value::Boolean(value) => {
                let text = if *value { "t" } else { "f" };
                Some(Computed::constant(Some(text.to_owned()), oid::BOOL))
            }
            Value::Null => Some(Computed::constant(None, 0)),
            _ => {
                let number = placeholder::number_of(expression)?;
                let index = (number as usize).checked_sub(1)?;
                Some(Computed {
                    instructions: vec![Instruction::Parameter(number)],
                    type_oid: self.parameters.get(index).copied().unwrap_or(0),
                })
            }
        }
    }

    /// A value as one of this type, if it is one or a literal of it.
    fn settled(&mut self, value: Computed, target: Oid) -> Compiled {
        let from = value.type_oid;
        if from == target || is_text(from) && is_text(target) {
            return Ok(Some(value.typed(target)));
        }
        if is_number(from) && is_number(target) || kept::is_array_like(from, target) {
            return Ok(Some(value.typed(target)));
        }
        if from == oid::BPCHAR && is_text(target) {
            return Ok(Some(value.called("rtrim1", 1).typed(target)));
        }
        if from != 0 {
            return Ok(None);
        }
        match value.instructions.as_slice() {
            [Instruction::Parameter(number)] => {
                self.found.push((*number, target));
                Ok(Some(value.typed(target)))
            }
            [Instruction::Constant(Some(text))] if target == oid::JSONPATH => {
                paths::check(text)?;
                Ok(Some(value.typed(target)))
            }
            [Instruction::Constant(Some(text))] if kept_text::is_canonical(target) => {
                let shown = kept_text::canonical(text, target)?;
                Ok(Some(Computed::constant(Some(shown), target)))
            }
            _ => Ok(Some(value.typed(target))),
        }
    }
}

fn negative(number: &Expr) -> Option<Computed> {
    match build::unnested(number) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => {
                let type_oid = typing::of(number)?;
                Some(Computed::constant(Some(format!("-{digits}")), type_oid))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_text(type_oid: Oid) -> bool {
    matches!(type_oid, oid::TEXT | oid::VARCHAR)
}

fn is_integer(type_oid: Oid) -> bool {
    matches!(type_oid, oid::INT2 | oid::INT4)
}

fn is_document(type_oid: Oid) -> bool {
    matches!(type_oid, oid::JSON | oid::JSONB)
}

/// Whether the broker reads texts as values of the type.
fn is_read(type_oid: Oid) -> bool {
    is_number(type_oid)
        || matches!(
            type_oid,
            oid::BOOL | oid::DATE | oid::TIME | oid::TIMESTAMP | oid::UUID
        )
}
