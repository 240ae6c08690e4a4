//! CALL: runs the body of a routine.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use crate::ast::{Code, SqlStep, SqlText};
use crate::datatype::resolve;
use crate::error::{Result, SqlError};
use crate::functions::Datum;
use crate::functions::objectscript::string;
use crate::objectscript::{Machine, Program, Values};
use crate::plan::{Action, Argument, Call};
use crate::run::DONE;
use crate::{Completion, Connection, Value};

/// How many calls may be within each other.
const DEEPEST: u32 = 16;

/// Host variables by name.
type Variables = HashMap<String, Value>;

impl Connection {
    pub(crate) fn call(
        &mut self,
        call: &Call,
        values: &[Value],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion> {
        let depth = self.session.call_depth.fetch_add(1, Ordering::Relaxed);
        let result = if depth >= DEEPEST {
            Err(SqlError::new(-400, "<FRAMESTACK> routines call each other"))
        } else {
            self.call_within(call, values, row)
        };
        self.session.call_depth.fetch_sub(1, Ordering::Relaxed);
        result
    }

    fn call_within(
        &mut self,
        call: &Call,
        values: &[Value],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion> {
        let given = call.arguments.iter().map(|argument| match argument {
            Argument::Parameter(n) => values.get(*n).cloned().unwrap_or(Value::Null),
            Argument::Value(value) => value.clone(),
        });
        let names = call.routine.parameters.iter().map(|p| p.name.clone());
        let variables: Variables = names.zip(given).collect();
        match &call.routine.code {
            Code::ObjectScript(code) => {
                let mut texts = Values::new();
                for parameter in &call.routine.parameters {
                    let ty = resolve(&parameter.type_name, self.namespace.version)?.base;
                    let value = variables.get(&parameter.name).unwrap_or(&Value::Null);
                    let datum: Datum = value.to_datum(&ty)?;
                    texts.insert(parameter.name.clone(), string((&datum).into()));
                }
                let mut machine = Machine::new(Values::new(), texts);
                machine.user.clone_from(&self.session.user);
                Program::commands(code)?.run(&mut machine)?;
                Ok(DONE)
            }
            Code::Sql(steps) => self.steps(steps, variables, row),
        }
    }

    /// Runs statement after statement; the first query is the result.
    fn steps(
        &mut self,
        steps: &[SqlStep],
        mut variables: Variables,
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion> {
        let mut last = DONE;
        let mut result = None;
        for step in steps {
            match step {
                SqlStep::Run(text) if result.is_none() => {
                    let (completion, rows) = self.body_step(text, &variables, row)?;
                    last = completion;
                    result = rows.then_some(completion);
                }
                SqlStep::Run(text) => {
                    self.body_step(text, &variables, &mut |_| ControlFlow::Break(()))?;
                }
                SqlStep::Into(text, names) => {
                    let mut found: Option<Vec<Value>> = None;
                    self.body_step(text, &variables, &mut |row| {
                        found = Some(row.to_vec());
                        ControlFlow::Break(())
                    })?;
                    let Some(found) = found else { continue };
                    if found.len() != names.len() {
                        return Err(SqlError::code(-76));
                    }
                    variables.extend(names.iter().cloned().zip(found));
                }
                SqlStep::Return(_) => break,
            }
        }
        Ok(result.unwrap_or(last))
    }

    /// Runs a statement of a body; was it a query?
    fn body_step(
        &mut self,
        text: &SqlText,
        variables: &Variables,
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<(Completion, bool)> {
        let catalog = self.catalog();
        let plan = self.plan(&text.text, &catalog)?;
        let value = |name: &String| {
            let known = variables.get(name).cloned();
            known.ok_or_else(|| SqlError::new(-400, format!("<UNDEFINED>{name}")))
        };
        let values: Vec<Value> = text.names.iter().map(value).collect::<Result<_>>()?;
        let query = matches!(plan.action, Action::Query { .. });
        self.run(&plan, &text.text, &values, row)
            .map(|done| (done, query))
    }
}
