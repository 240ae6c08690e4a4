//! Functions of the user in expressions, and CALL.

use super::query::Place;
use super::typed::{Typed, text_literal};
use super::{Binder, convert};
use crate::Value;
use crate::ast::{Code, Expr, ObjectName, RoutineDef, RoutineKind, SqlStep, SqlText, Statement};
use crate::catalog::{qualified, same};
use crate::datatype::{Type, resolve};
use crate::error::{Result, SqlError};
use crate::plan::{Action, Argument, Call, OutputColumn};

/// How deep SQL functions may call SQL functions.
const DEEPEST_CALL: usize = 8;

impl Binder<'_> {
    /// A call of a function that CREATE FUNCTION made; `None` if there is none of this name.
    /// -356 if it returns nothing, -357 for a query.
    pub(super) fn user_function(&mut self, name: &str, args: &[Expr]) -> Result<Option<Typed>> {
        let object = match name.rsplit_once('.') {
            Some((schema, name)) => ObjectName {
                schema: Some(schema.to_owned()),
                name: name.to_owned(),
            },
            None => ObjectName {
                schema: None,
                name: name.to_owned(),
            },
        };
        let Some(routine) = self.catalog.find_routine(&object).cloned() else {
            return Ok(None);
        };
        if routine.kind == RoutineKind::Query {
            return Err(SqlError::new(-357, name));
        }
        if !routine.callable {
            return Ok(None);
        }
        let Some(returns) = &routine.returns else {
            return Err(SqlError::new(-356, name));
        };
        // The length of what is returned is not looked at.
        let returns = match resolve(returns, self.version)?.base {
            Type::Varchar(_) => Type::Varchar(None),
            other => other,
        };
        self.executed(&routine);
        let arguments = self.function_arguments(&routine, args)?;
        match &routine.code {
            Code::ObjectScript(code) => {
                let mut sql = vec![text_literal(code)];
                for (parameter, value) in routine.parameters.iter().zip(&arguments) {
                    sql.push(text_literal(&parameter.name));
                    sql.push(convert::as_text(value));
                }
                let text = Typed::computed(
                    format!("iris_objectscript({})", sql.join(",")),
                    Type::Varchar(None),
                );
                let sql = logical(&text, &returns);
                Ok(Some(Typed::computed(sql, returns)))
            }
            Code::Sql(steps) => {
                let before = self.recorded();
                let value = self.inline(&routine, steps, arguments)?;
                self.forget_since(before);
                let sql = convert::to(&value, &returns);
                Ok(Some(Typed::computed(sql, returns)))
            }
        }
    }

    fn function_arguments(&mut self, routine: &RoutineDef, args: &[Expr]) -> Result<Vec<Typed>> {
        if args.len() > routine.parameters.len() {
            return Err(SqlError::new(-381, &routine.name.name));
        }
        let mut values = Vec::new();
        for (n, parameter) in routine.parameters.iter().enumerate() {
            let ty = resolve(&parameter.type_name, self.version)?.base;
            let value = match (args.get(n), &parameter.default) {
                (Some(arg), _) => self.value(arg, Some(&ty))?,
                (None, Some(default)) => self.value(default, Some(&ty))?,
                (None, None) => Typed::null(),
            };
            self.refuse_stream(&value, -37)?;
            let sql = convert::to(&value, &ty);
            values.push(if value.is_null() {
                value
            } else {
                Typed::computed(sql, ty)
            });
        }
        Ok(values)
    }

    /// `SELECT x INTO :v …; RETURN :v` or `RETURN expression` is written out as a subquery.
    fn inline(
        &mut self,
        routine: &RoutineDef,
        steps: &[SqlStep],
        arguments: Vec<Typed>,
    ) -> Result<Typed> {
        if self.inlined.len() >= DEEPEST_CALL {
            return Err(SqlError::new(-400, "<FRAMESTACK>"));
        }
        let text = match steps {
            [SqlStep::Return(text)] => SqlText {
                text: format!("SELECT {}", text.text),
                names: text.names.clone(),
            },
            [SqlStep::Into(text, into), SqlStep::Return(result)]
                if into.len() == 1
                    && result.text.trim() == "?"
                    && same(&result.names[0], &into[0]) =>
            {
                text.clone()
            }
            _ => {
                return Err(SqlError::new(
                    -400,
                    "only SQL functions of one SELECT … INTO and RETURN are imitated by the sandbox",
                ));
            }
        };
        let (statement, _) = crate::parser::parse(&text.text, self.version)?;
        let Statement::Query(query) = statement else {
            return Err(SqlError::new(-400, "SELECT expected in an SQL function"));
        };
        let values = text
            .names
            .iter()
            .map(|name| argument(routine, &arguments, name))
            .collect::<Result<_>>()?;
        self.inlined.push(values);
        let scopes = std::mem::take(&mut self.scopes);
        let ctes = std::mem::take(&mut self.ctes);
        let bound = self.query(&query, Place::Subquery);
        self.scopes = scopes;
        self.ctes = ctes;
        self.inlined.pop();
        let bound = bound?;
        let [column] = bound.columns.as_slice() else {
            return Err(SqlError::code(-76));
        };
        Ok(Typed::computed(
            format!("({})", bound.sql),
            column.ty.clone(),
        ))
    }

    /// CALL: -428 unknown or not to be called, -370 too many arguments.
    pub(super) fn call_routine(
        &mut self,
        name: &ObjectName,
        args: &[Expr],
    ) -> Result<(Action, Option<Vec<OutputColumn>>)> {
        let unknown = || SqlError::new(-428, format!("{}.{}", qualified(name).0, name.name));
        let routine = self.catalog.find_routine(name).cloned();
        let routine = routine.filter(|r| r.callable).ok_or_else(unknown)?;
        self.executed(&routine);
        if args.len() > routine.parameters.len() {
            return Err(SqlError::new(-370, &name.name));
        }
        let mut arguments = Vec::new();
        for (n, parameter) in routine.parameters.iter().enumerate() {
            let ty = resolve(&parameter.type_name, self.version)?.base;
            let given = args.get(n).or(parameter.default.as_ref());
            arguments.push(match given {
                Some(Expr::Parameter(number)) => {
                    self.parameter(*number, Some(&ty));
                    Argument::Parameter(*number)
                }
                Some(literal) => Argument::Value(literal_value(literal)),
                None => Argument::Value(Value::Null),
            });
        }
        let columns = self.result_set(&routine)?;
        Ok((Action::Call(Call { routine, arguments }), columns))
    }

    /// The columns of the first query of an SQL body, if it has one.
    fn result_set(&self, routine: &RoutineDef) -> Result<Option<Vec<OutputColumn>>> {
        let Code::Sql(steps) = &routine.code else {
            return Ok(None);
        };
        for step in steps {
            if let SqlStep::Run(text) = step {
                let (statement, parameters) = crate::parser::parse(&text.text, self.version)?;
                if matches!(statement, Statement::Query(_)) {
                    let choices = crate::options::Choices {
                        settings: std::sync::Arc::default(),
                        time_precision: self.time_precision,
                        checks_locks: false,
                    };
                    let plan =
                        super::bind(statement, parameters, self.catalog, self.version, &choices)?;
                    return Ok(plan.columns);
                }
            }
        }
        Ok(None)
    }
}

/// What ObjectScript returned, as a value of this type: dates are day counts, times seconds.
fn logical(text: &Typed, ty: &Type) -> String {
    match ty {
        Type::Date => format!("iris_integer({})", text.sql),
        Type::Time(_) => format!("iris_time_seconds(iris_num({}))", text.sql),
        ty => convert::to(text, ty),
    }
}

fn argument(routine: &RoutineDef, arguments: &[Typed], name: &str) -> Result<Typed> {
    let position = routine
        .parameters
        .iter()
        .position(|parameter| parameter.name == name);
    match position.and_then(|position| arguments.get(position)) {
        Some(value) => Ok(value.clone()),
        None => Err(SqlError::new(-400, format!("<UNDEFINED>{name}"))),
    }
}

fn literal_value(literal: &Expr) -> Value {
    let number = |text: &str| crate::decimal::exact(text).map_or(Value::Null, Value::Numeric);
    match literal {
        Expr::Text(text) => Value::Varchar(text.clone()),
        Expr::Number(text) => number(text),
        Expr::Negate(inner) => match &**inner {
            Expr::Number(text) => number(&format!("-{text}")),
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}
