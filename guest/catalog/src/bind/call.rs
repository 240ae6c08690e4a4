//! Calls of functions: which of a name is meant, aggregates, windows, sets.

use sqlparser::ast::{self, FunctionArgExpr, FunctionArguments, WindowType};

use super::overload::{best, polymorphic};
use super::scope::{Clause, Scope};
use super::special::{arguments_of, array_of, composite};
use super::{Binder, Typed, folded};
use crate::aggregate::{self, Aggregation};
use crate::failure::{Failure, Result};
use crate::functions::{self, Function, SetFunction};
use crate::plan::{Aggregate, Expr, SetItem, Use, Window, WindowFunction};
use crate::types::Type;

impl Binder {
    pub(super) fn function(&self, function: &ast::Function, scope: &Scope<'_>) -> Result<Typed> {
        let name = self.function_name(&function.name)?;
        if let FunctionArguments::Subquery(query) = &function.args {
            return self.array_of_query(&name, query, scope);
        }
        if let Some(over) = &function.over {
            return self.window(&name, function, over, scope);
        }
        if aggregate::named(&name).is_some() {
            let aggregate = self.aggregate(&name, function, scope)?;
            return self.add_aggregate(aggregate, scope);
        }
        let arguments = self.arguments(function, scope)?;
        if let Some(found) = self.conditional(&name, &arguments)? {
            return Ok(found);
        }
        if name == "row" {
            return Ok(composite(arguments));
        }
        if functions::sets_named(&name).next().is_some() {
            return self.set_in_list(&name, arguments, scope);
        }
        self.call(&name, arguments)
    }

    /// `ARRAY(SELECT …)`
    fn array_of_query(&self, name: &str, query: &ast::Query, scope: &Scope<'_>) -> Result<Typed> {
        if name != "array" {
            return Err(Failure::not_supported(format!("{name} of a query")));
        }
        let subquery = self.subquery(query, scope)?;
        let [column] = subquery.query.columns.as_slice() else {
            return Err(Failure::new(
                "42601",
                "subquery must return only one column",
            ));
        };
        let kind = array_of(match column.kind {
            Type::UNKNOWN => Type::TEXT,
            kind => kind,
        })?;
        Ok(Typed::new(Expr::Subquery(subquery, Use::Array), kind))
    }

    fn arguments(&self, function: &ast::Function, scope: &Scope<'_>) -> Result<Vec<Typed>> {
        arguments_of(function)?
            .into_iter()
            .map(|argument| match argument {
                FunctionArgExpr::Expr(expr) => self.expr(expr, scope),
                // `row_to_json(t.*)`
                FunctionArgExpr::QualifiedWildcard(name) => {
                    let names = super::names(name)?;
                    let table = names.last().map(String::as_str).unwrap_or_default();
                    scope.whole(None, table)?.ok_or_else(|| {
                        Failure::new(
                            "42P01",
                            format!("missing FROM-clause entry for table \"{table}\""),
                        )
                    })
                }
                _ => Err(Failure::new("42601", "syntax error at or near \"*\"")),
            })
            .collect()
    }

    /// A plain function of that name for these arguments.
    pub(super) fn call(&self, name: &str, arguments: Vec<Typed>) -> Result<Typed> {
        if let Some((call, kind)) = functions::builder(name) {
            let exprs = arguments
                .into_iter()
                .map(|argument| {
                    let argument = self.known(argument)?;
                    Ok(Expr::Json(
                        Box::new(argument.expr),
                        argument.kind,
                        argument.fields,
                    ))
                })
                .collect::<Result<_>>()?;
            return Ok(Typed::new(Expr::Call(call, exprs), kind));
        }
        if name == "array_to_string" {
            return self.array_to_string(arguments);
        }
        let kinds: Vec<Type> = arguments.iter().map(|argument| argument.kind).collect();
        let function = best(functions::named(name), &kinds, |function| {
            (function.arguments, function.variadic)
        })
        .ok_or_else(|| no_function(name, &kinds))?;
        let result = polymorphic(function.result, function.arguments, &kinds);
        let exprs = self.given(function, arguments)?;
        let expr = if function.strict {
            Expr::Strict(function.call, exprs)
        } else {
            Expr::Call(function.call, exprs)
        };
        Ok(Typed::new(expr, result))
    }

    fn given(&self, function: &Function, arguments: Vec<Typed>) -> Result<Vec<Expr>> {
        let fixed = function.arguments.len() - usize::from(function.variadic);
        let element = arguments
            .iter()
            .zip(function.arguments)
            .find(|(_, wanted)| **wanted == Type::ANYARRAY)
            .and_then(|(argument, _)| argument.kind.element());
        arguments
            .into_iter()
            .enumerate()
            .map(|(number, argument)| {
                if number >= fixed && function.variadic {
                    let argument = self.known(argument)?;
                    return Ok(Expr::Show(Box::new(argument.expr), argument.kind));
                }
                let wanted = function.arguments.get(number).copied();
                let wanted = match (wanted, argument.kind, element) {
                    (Some(Type::ANYELEMENT), Type::UNKNOWN, Some(element)) => element,
                    (Some(Type::ANYELEMENT), Type::UNKNOWN, None) => Type::TEXT,
                    (Some(Type::ANYARRAY), Type::UNKNOWN, _) => Type(1009),
                    (wanted, _, _) => wanted.unwrap_or(Type::TEXT),
                };
                Ok(self.coerce(argument, wanted)?.expr)
            })
            .collect()
    }

    fn array_to_string(&self, arguments: Vec<Typed>) -> Result<Typed> {
        let mut exprs = Vec::new();
        for (number, argument) in arguments.into_iter().enumerate() {
            let wanted = if number == 0 { Type(1009) } else { Type::TEXT };
            let argument = match argument.kind {
                Type::UNKNOWN => self.coerce(argument, wanted)?,
                _ => argument,
            };
            let expr = match (number, argument.kind.element()) {
                (0, Some(element)) if element != Type::TEXT => {
                    Expr::Cast(Box::new(argument.expr), argument.kind, Type(1009))
                }
                _ => argument.expr,
            };
            exprs.push(expr);
        }
        Ok(Typed::new(
            Expr::Call(functions::array_to_string, exprs),
            Type::TEXT,
        ))
    }

    fn aggregate(
        &self,
        name: &str,
        function: &ast::Function,
        scope: &Scope<'_>,
    ) -> Result<(Aggregate, Type)> {
        let mut aggregation = aggregate::named(name).ok_or_else(|| no_function(name, &[]))?;
        let clause = scope.clause.replace(Clause::Aggregate);
        let listed = arguments_of(function)?;
        let is_star = matches!(listed.as_slice(), [FunctionArgExpr::Wildcard]);
        let arguments = if is_star {
            aggregation = Aggregation::CountRows;
            Vec::new()
        } else {
            self.arguments(function, scope)?
        };
        let (distinct, order) = match &function.args {
            FunctionArguments::List(list) => (
                matches!(
                    list.duplicate_treatment,
                    Some(ast::DuplicateTreatment::Distinct)
                ),
                list.clauses
                    .iter()
                    .find_map(|clause| match clause {
                        ast::FunctionArgumentClause::OrderBy(order) => Some(order.as_slice()),
                        _ => None,
                    })
                    .unwrap_or_default(),
            ),
            _ => (false, [].as_slice()),
        };
        let order = order
            .iter()
            .map(|item| {
                let key = self.known(self.expr(&item.expr, scope)?)?;
                Ok(super::query::order(item, key.expr))
            })
            .collect::<Result<Vec<_>>>()?;
        let filter = function
            .filter
            .as_deref()
            .map(|filter| self.condition(filter, scope, "FILTER"))
            .transpose()?;
        scope.clause.set(clause);
        let first = arguments.first().map(|argument| match argument.kind {
            Type::UNKNOWN => Type::TEXT,
            kind => kind,
        });
        let kind = aggregate::result_type(aggregation, first)
            .ok_or_else(|| no_function(name, &first.into_iter().collect::<Vec<_>>()))?;
        let arguments = self.aggregate_arguments(aggregation, arguments)?;
        Ok((
            Aggregate {
                aggregation,
                arguments,
                distinct,
                order,
                filter,
            },
            kind,
        ))
    }

    fn aggregate_arguments(
        &self,
        aggregation: Aggregation,
        arguments: Vec<Typed>,
    ) -> Result<Vec<Expr>> {
        arguments
            .into_iter()
            .enumerate()
            .map(|(number, argument)| {
                let argument = self.known(argument)?;
                Ok(match aggregation {
                    Aggregation::JsonArray | Aggregation::JsonbArray => {
                        Expr::Json(Box::new(argument.expr), argument.kind, argument.fields)
                    }
                    Aggregation::JsonObject | Aggregation::JsonbObject if number > 0 => {
                        Expr::Json(Box::new(argument.expr), argument.kind, argument.fields)
                    }
                    Aggregation::JsonObject | Aggregation::JsonbObject => {
                        Expr::Show(Box::new(argument.expr), argument.kind)
                    }
                    Aggregation::String => self.coerce(argument, Type::TEXT)?.expr,
                    _ => argument.expr,
                })
            })
            .collect()
    }

    fn add_aggregate(
        &self,
        (aggregate, kind): (Aggregate, Type),
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let what = match scope.clause.get() {
            Clause::Where => Some("WHERE"),
            Clause::From => Some("JOIN conditions"),
            Clause::GroupBy => Some("GROUP BY"),
            Clause::Aggregate => {
                return Err(Failure::new(
                    "42803",
                    "aggregate function calls cannot be nested",
                ));
            }
            Clause::Output | Clause::Having => None,
        };
        if let Some(what) = what {
            return Err(Failure::new(
                "42803",
                format!("aggregate functions are not allowed in {what}"),
            ));
        }
        let mut aggregates = scope.aggregates.borrow_mut();
        aggregates.push(aggregate);
        Ok(Typed::new(Expr::Aggregate(aggregates.len() - 1), kind))
    }

    fn window(
        &self,
        name: &str,
        function: &ast::Function,
        over: &WindowType,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let spec = match over {
            WindowType::WindowSpec(spec) => spec.clone(),
            WindowType::NamedWindow(ident) => {
                let wanted = folded(ident);
                let specs = scope.specs.borrow();
                let found = specs.iter().find(|(known, _)| *known == wanted);
                found.map(|(_, spec)| spec.clone()).ok_or_else(|| {
                    Failure::new("42704", format!("window \"{wanted}\" does not exist"))
                })?
            }
        };
        if spec.window_frame.is_some() || spec.window_name.is_some() {
            return Err(Failure::not_supported("a window frame"));
        }
        let (function, kind) = match name {
            "row_number" => (WindowFunction::RowNumber, Type::INT8),
            "rank" => (WindowFunction::Rank, Type::INT8),
            "dense_rank" => (WindowFunction::DenseRank, Type::INT8),
            _ => {
                let (aggregate, kind) = self.aggregate(name, function, scope)?;
                (WindowFunction::Aggregate(aggregate), kind)
            }
        };
        let partition = spec
            .partition_by
            .iter()
            .map(|expr| Ok(self.known(self.expr(expr, scope)?)?.expr))
            .collect::<Result<_>>()?;
        let order = spec
            .order_by
            .iter()
            .map(|item| {
                let key = self.known(self.expr(&item.expr, scope)?)?;
                Ok(super::query::order(item, key.expr))
            })
            .collect::<Result<_>>()?;
        let mut windows = scope.windows.borrow_mut();
        windows.push(Window {
            function,
            partition,
            order,
        });
        Ok(Typed::new(Expr::Window(windows.len() - 1), kind))
    }

    /// A set-returning function in the select list.
    fn set_in_list(&self, name: &str, arguments: Vec<Typed>, scope: &Scope<'_>) -> Result<Typed> {
        if scope.clause.get() != Clause::Output {
            return Err(Failure::new(
                "0A000",
                "set-returning functions are not allowed here",
            ));
        }
        let (item, columns) = self.set(name, arguments)?;
        let is_scalar = item.is_scalar;
        let mut sets = scope.sets.borrow_mut();
        sets.push(item);
        let expr = Expr::Set(sets.len() - 1);
        if let ([(_, kind)], true) = (columns.as_slice(), is_scalar) {
            return Ok(Typed::new(expr, *kind));
        }
        Ok(Typed {
            expr,
            kind: Type::RECORD,
            fields: Some(columns.into()),
        })
    }

    /// A set-returning function with its columns.
    pub(super) fn set(
        &self,
        name: &str,
        arguments: Vec<Typed>,
    ) -> Result<(SetItem, Vec<(String, Type)>)> {
        let kinds: Vec<Type> = arguments.iter().map(|argument| argument.kind).collect();
        let function: &SetFunction = best(functions::sets_named(name), &kinds, |function| {
            (function.arguments, false)
        })
        .ok_or_else(|| no_function(name, &kinds))?;
        let columns: Vec<(String, Type)> = function
            .columns
            .iter()
            .map(|(column, kind)| {
                let kind = polymorphic(*kind, function.arguments, &kinds);
                ((*column).to_owned(), kind)
            })
            .collect();
        let mut exprs = Vec::with_capacity(arguments.len());
        for (argument, wanted) in arguments.into_iter().zip(function.arguments) {
            let wanted = match (*wanted, argument.kind) {
                (Type::ANYARRAY, Type::UNKNOWN) => Type(1009),
                (wanted, _) => wanted,
            };
            exprs.push(self.coerce(argument, wanted)?.expr);
        }
        let item = SetItem {
            call: function.call,
            arguments: exprs,
            is_scalar: function.columns.len() == 1,
        };
        Ok((item, columns))
    }
}

pub(super) fn no_function(name: &str, kinds: &[Type]) -> Failure {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.display()).collect();
    Failure::new(
        "42883",
        format!("function {name}({}) does not exist", kinds.join(", ")),
    )
    .with_hint(
        "No function matches the given name and argument types. You might need to add explicit type casts.",
    )
}
