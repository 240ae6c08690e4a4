//! What the names of a statement stand for: the columns in reach of an
//! expression, with their types.
//!
//! A [`Scopes`] follows the walk of a tree: each query opens a scope with the
//! sources of its FROM, and closes it behind its ORDER BY. A source that nothing
//! is known of makes the names that may be its own unknown, never wrong.

mod joined;
mod origins;
mod rows;
mod source;
mod walk;

use std::collections::HashMap;
use std::rc::Rc;

use sqlparser::ast::{BinaryOperator, Expr, Ident, Query, TableWithJoins, Value};

use crate::relations::{Relation, Relations, TableName, enums};
use crate::types::{Digits, oid};
use crate::typing;
use crate::typing::computed::{self, Facts, Shown};
use crate::vector::Shape;
use crate::wit::{Oid, Origin};

pub(crate) use origins::Provenance;
pub(crate) use source::{ItemType, Source};
pub(crate) use walk::{ScopedHooks, scoped};

/// A column that an expression can name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Output {
    /// As written, or as the table has it; none for an expression without a name.
    pub(crate) name: Option<String>,
    /// PostgreSQL's type; none if it is not known.
    pub(crate) type_oid: Option<Oid>,
    pub(crate) nullable: bool,
    /// Precision and scale of a number, if it has limits.
    pub(crate) digits: Option<Digits>,
    /// Of a `numeric` that is computed: the digits to show, if that is known.
    pub(crate) shown: Option<Shown>,
    /// Of strings, in capitals without `%`; none if it is not known.
    pub(crate) collation: Option<String>,
    /// Of `character(n)`: the length to which values are filled up with blanks.
    pub(crate) padded: Option<u64>,
    /// What it is like, if it is a vector.
    pub(crate) vector: Option<Shape>,
    /// The enum type of a column that was made with one.
    pub(crate) enum_type: Option<TableName>,
    /// Whether it is a column of a table as it is, not computed.
    pub(crate) stored: bool,
    /// The column of a table or view that it shows as it is, as clients are told.
    pub(crate) origin: Option<Origin>,
}

/// The sources of one query.
#[derive(Clone, Debug, Default)]
struct Scope {
    sources: Vec<Source>,
    /// What its WITH names, in capitals, with their columns.
    queries: HashMap<String, Option<Vec<Output>>>,
}

/// The scopes around the node that a walk has reached, innermost last.
pub(crate) struct Scopes<'a> {
    relations: &'a Relations,
    /// Types of the client's parameters, from the first; 0: not known.
    parameters: &'a [Oid],
    stack: Vec<Rc<Scope>>,
}

impl<'a> Scopes<'a> {
    pub(crate) fn new(relations: &'a Relations, parameters: &'a [Oid]) -> Self {
        Self {
            relations,
            parameters,
            stack: Vec::new(),
        }
    }

    /// With the columns of these tables in reach.
    pub(crate) fn within(
        relations: &'a Relations,
        parameters: &'a [Oid],
        from: &[TableWithJoins],
    ) -> Self {
        let mut scopes = Self::new(relations, parameters);
        scopes.open(from);
        scopes
    }

    /// The column that an expression names, if it is a name and what it stands
    /// for is known.
    pub(crate) fn column(&self, expression: &Expr) -> Option<&Output> {
        match crate::build::unnested(expression) {
            Expr::Identifier(name) => self.find(None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] => self.find(Some(qualifier), name),
                _ => None,
            },
            _ => None,
        }
    }

    /// Scopes are searched from the inside out; the first that has the name, or
    /// may have it, decides.
    fn find(&self, qualifier: Option<&Ident>, name: &Ident) -> Option<&Output> {
        for scope in self.stack.iter().rev() {
            let mut found = None;
            let mut unknown = false;
            for source in &scope.sources {
                if qualifier.is_some_and(|qualifier| !source.is_called(qualifier)) {
                    continue;
                }
                match &source.columns {
                    None => unknown = true,
                    Some(columns) => {
                        let same = |output: &&Output| {
                            output
                                .name
                                .as_ref()
                                .is_some_and(|known| known.eq_ignore_ascii_case(&name.value))
                        };
                        found = found.or_else(|| columns.iter().find(same));
                    }
                }
                if qualifier.is_some() {
                    return found;
                }
            }
            if unknown || found.is_some() {
                return if unknown { None } else { found };
            }
        }
        None
    }

    /// Whether an expression is the name of a source, which stands for its row.
    pub(crate) fn is_whole_row(&self, expression: &Expr) -> bool {
        match crate::build::unnested(expression) {
            Expr::Identifier(name) => {
                self.find(None, name).is_none()
                    && self.sources().iter().any(|source| source.is_called(name))
            }
            _ => false,
        }
    }

    /// PostgreSQL's type of an expression, with that of the columns it names.
    pub(crate) fn type_of(&self, expression: &Expr) -> Option<Oid> {
        typing::of_with(expression, &|leaf| match leaf {
            Expr::Value(_) => {
                let number = crate::placeholder::number_of(leaf)?;
                let index = usize::try_from(number).ok()?.checked_sub(1)?;
                self.parameters.get(index).copied().filter(|oid| *oid != 0)
            }
            Expr::Subquery(query) => self.type_of_query(query),
            name => self.column(name)?.type_oid,
        })
    }

    /// The type of a query's only column.
    pub(crate) fn type_of_query(&self, query: &Query) -> Option<Oid> {
        self.only_column(query)?.type_oid
    }

    /// The enum type of an expression's values, if it is known to be one.
    pub(crate) fn enum_of(&self, expression: &Expr) -> Option<TableName> {
        match crate::build::unnested(expression) {
            Expr::Cast { data_type, .. } => {
                enums::named(data_type).filter(|name| self.relations.labels_of(name).is_some())
            }
            Expr::Function(function) => {
                let name = crate::build::function_name(function)?;
                let chooses = matches!(
                    name.as_str(),
                    "min"
                        | "max"
                        | "greatest"
                        | "least"
                        | "coalesce"
                        | "nullif"
                        | "lag"
                        | "lead"
                        | "first_value"
                        | "last_value"
                        | "nth_value"
                );
                let arguments = crate::build::arguments(function);
                arguments
                    .iter()
                    .filter(|_| chooses)
                    .find_map(|argument| self.enum_of(argument))
            }
            Expr::Case {
                conditions,
                else_result,
                ..
            } => crate::build::results(conditions, else_result.as_deref())
                .find_map(|result| self.enum_of(result)),
            Expr::Subquery(_) => None,
            name => self.column(name)?.enum_type.clone(),
        }
    }

    /// The labels of an enum type, in order.
    pub(crate) fn labels_of(&self, enum_type: &TableName) -> Option<&'a [String]> {
        self.relations.labels_of(enum_type)
    }

    /// The same scopes, to open others inside.
    fn inner(&self) -> Self {
        Self {
            relations: self.relations,
            parameters: self.parameters,
            stack: self.stack.clone(),
        }
    }

    /// Precision and scale of a number, if they are known and PostgreSQL would show
    /// as many decimals.
    pub(crate) fn digits_of(&self, expression: &Expr) -> Option<Digits> {
        typing::digits::of(expression, &|name| match self.column(name)?.type_oid? {
            oid::NUMERIC => self.column(name)?.digits,
            whole => typing::digits::of_integer(whole),
        })
    }

    /// The same of what is cast; where only the scale is known, any number of digits may stand
    /// before the point.
    pub(crate) fn digits_to_cast(&self, expression: &Expr) -> Option<Digits> {
        self.digits_of(expression).or_else(|| {
            let scale = self.shown_of(expression)?.scale()?;
            Some(Digits {
                precision: 1_000,
                scale,
            })
        })
    }

    /// The only column of a query.
    pub(crate) fn only_column(&self, query: &Query) -> Option<Output> {
        let mut columns = self.inner().columns_of(query)?;
        columns.pop().filter(|_| columns.is_empty())
    }

    /// How many digits PostgreSQL shows behind the point of a `numeric`, whatever its value.
    pub(crate) fn scale_of(&self, expression: &Expr) -> Option<u32> {
        typing::digits::scale_of(expression, &|name| {
            self.digits_of(name).or_else(|| {
                let scale = self.column(name)?.shown?.scale()?;
                // More than IRIS has, so that nothing else is computed with it.
                Some(Digits {
                    precision: 1_000,
                    scale,
                })
            })
        })
    }

    /// The digits that PostgreSQL shows of a `numeric`, if they are known.
    pub(crate) fn shown_of(&self, expression: &Expr) -> Option<Shown> {
        (self.type_of(expression)? == oid::NUMERIC).then_some(())?;
        let by_value = || {
            let facts = Facts {
                type_of: &|inner| self.type_of(inner),
                scale_of: &|inner| self.scale_of(inner),
                leaf: &|name| self.column(name)?.shown?.by_value(),
            };
            computed::of(expression, &facts).map(Shown::ByValue)
        };
        self.scale_of(expression)
            .map(Shown::Scale)
            .or_else(by_value)
    }

    /// The length to which the values of a `character` are filled up with blanks, if it is one
    /// for all of them.
    pub(crate) fn padded_to(&self, expression: &Expr) -> Option<u64> {
        (self.type_of(expression)? == oid::BPCHAR).then_some(())?;
        typing::padding::of(expression, &|leaf| match leaf {
            Expr::Subquery(query) => self.only_column(query)?.padded,
            name => self.column(name)?.padded,
        })
    }

    /// Whether an expression may be NULL; what is not known may.
    pub(crate) fn may_be_null(&self, expression: &Expr) -> bool {
        match crate::build::unnested(expression) {
            Expr::Value(value) => {
                matches!(value.value, Value::Null | Value::Placeholder(_))
                    && !crate::placeholder::is_clock(expression)
            }
            // The row's own number, where no outer join may leave the row out.
            Expr::Identifier(name)
                if name.value.eq_ignore_ascii_case("%ID") && self.sources().len() == 1 =>
            {
                false
            }
            name @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => {
                self.column(name).is_none_or(|column| column.nullable)
            }
            Expr::Case {
                conditions,
                else_result: Some(otherwise),
                ..
            } => {
                self.may_be_null(otherwise)
                    || conditions.iter().any(|when| self.may_be_null(&when.result))
            }
            Expr::BinaryOp {
                left,
                op:
                    BinaryOperator::StringConcat
                    | BinaryOperator::Plus
                    | BinaryOperator::Minus
                    | BinaryOperator::Multiply
                    | BinaryOperator::Divide
                    | BinaryOperator::Modulo,
                right,
            } => self.may_be_null(left) || self.may_be_null(right),
            Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::Exists { .. } => false,
            Expr::Cast { expr, .. } => self.may_be_null(expr),
            Expr::TypedString(_) => false,
            Expr::Function(function) => match crate::build::function_name(function).as_deref() {
                Some("count" | "row_number" | "rank" | "dense_rank") => false,
                Some("coalesce") => crate::build::arguments(function)
                    .iter()
                    .all(|argument| self.may_be_null(argument)),
                Some("dateadd") => crate::build::arguments(function)
                    .iter()
                    .any(|argument| self.may_be_null(argument)),
                _ => true,
            },
            _ => true,
        }
    }

    /// A table, if it was looked up and is there.
    pub(crate) fn relation(&self, name: &TableName) -> Option<&Relation> {
        self.relations.find(name)
    }

    /// The sources of the queries around, the innermost first.
    pub(crate) fn around(&self) -> impl Iterator<Item = &[Source]> {
        self.stack
            .iter()
            .rev()
            .map(|scope| scope.sources.as_slice())
    }

    /// The sources of the innermost query.
    pub(crate) fn sources(&self) -> &[Source] {
        self.stack.last().map_or(&[], |scope| &scope.sources)
    }
}
