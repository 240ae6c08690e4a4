//! Runs what was read, with a bound on the number of steps.

use super::syntax::{Command, Expr, Target};
use super::{Values, fault, function, operator};
use crate::error::Result;

/// How many commands and calls one run may take: an endless loop ends.
const MOST_STEPS: u32 = 200_000;

/// Variables and fields while code runs.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    /// By [`super::Field::key`].
    pub(crate) fields: Values,
    /// Local variables; their names keep their case.
    pub(crate) variables: Values,
    /// `$USERNAME`
    pub(crate) user: String,
    steps: u32,
}

/// How a command left.
enum Flow {
    Next,
    /// QUIT without a loop to leave, or RETURN.
    Leave(Option<String>),
    /// QUIT within a loop.
    Break,
}

impl Machine {
    pub(crate) fn new(fields: Values, variables: Values) -> Self {
        Self {
            fields,
            variables,
            ..Self::default()
        }
    }

    pub(super) fn run(&mut self, body: &[Command]) -> Result<Option<String>> {
        self.steps = 0;
        match self.block(body, false)? {
            Flow::Leave(value) => Ok(value),
            Flow::Next | Flow::Break => Ok(None),
        }
    }

    fn step(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(fault("<INTERRUPT> too many steps"));
        }
        Ok(())
    }

    fn block(&mut self, body: &[Command], looping: bool) -> Result<Flow> {
        for command in body {
            match self.command(command, looping)? {
                Flow::Next => {}
                left => return Ok(left),
            }
        }
        Ok(Flow::Next)
    }

    fn command(&mut self, command: &Command, looping: bool) -> Result<Flow> {
        self.step()?;
        match command {
            Command::Set(assignments) => {
                for (target, value) in assignments {
                    let value = self.value(value)?;
                    match target {
                        Target::Variable(name) => self.variables.insert(name.clone(), value),
                        Target::Field(key) => self.fields.insert(key.clone(), value),
                    };
                }
                Ok(Flow::Next)
            }
            Command::Forget(names) => {
                names.iter().for_each(|name| {
                    self.variables.remove(name);
                });
                Ok(Flow::Next)
            }
            Command::If(branches, otherwise) => {
                for (condition, body) in branches {
                    if self.holds(condition)? {
                        return self.block(body, looping);
                    }
                }
                self.block(otherwise, looping)
            }
            Command::When(condition, command) => {
                if self.holds(condition)? {
                    self.command(command, looping)
                } else {
                    Ok(Flow::Next)
                }
            }
            Command::While(condition, body) => {
                while self.holds(condition)? {
                    self.step()?;
                    match self.block(body, true)? {
                        Flow::Next => {}
                        Flow::Break => break,
                        left => return Ok(left),
                    }
                }
                Ok(Flow::Next)
            }
            Command::For {
                variable,
                from,
                by,
                to,
                body,
            } => self.count(variable, [from, by], to.as_ref(), body),
            Command::Quit(None) if looping => Ok(Flow::Break),
            Command::Quit(value) | Command::Return(value) => {
                let value = value.as_ref().map(|value| self.value(value)).transpose()?;
                Ok(Flow::Leave(value))
            }
        }
    }

    fn count(
        &mut self,
        variable: &str,
        [from, by]: [&Expr; 2],
        to: Option<&Expr>,
        body: &[Command],
    ) -> Result<Flow> {
        let mut at = operator::unary("+", &self.value(from)?);
        let by = self.value(by)?;
        let to = to.map(|to| self.value(to)).transpose()?;
        let past = if by.starts_with('-') { "<" } else { ">" };
        loop {
            self.step()?;
            self.variables.insert(variable.to_owned(), at.clone());
            if let Some(to) = &to
                && operator::truth(&operator::binary(past, &at, to)?)
            {
                return Ok(Flow::Next);
            }
            match self.block(body, true)? {
                Flow::Next => {}
                Flow::Break => return Ok(Flow::Next),
                left => return Ok(left),
            }
            at = match self.variables.get(variable) {
                Some(now) => operator::binary("+", now, &by)?,
                None => return Err(fault(&format!("<UNDEFINED>{variable}"))),
            };
        }
    }

    fn holds(&mut self, condition: &Expr) -> Result<bool> {
        Ok(operator::truth(&self.value(condition)?))
    }

    fn value(&mut self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::Text(text) => Ok(text.clone()),
            Expr::Variable(name) => match self.variables.get(name) {
                Some(value) => Ok(value.clone()),
                None => Err(fault(&format!("<UNDEFINED>{name}"))),
            },
            Expr::Field(key) => Ok(self.fields.get(key).cloned().unwrap_or_default()),
            Expr::Unary(op, operand) => Ok(operator::unary(op, &self.value(operand)?)),
            Expr::Binary(op, left, right) => self.binary(op, left, right),
            Expr::Select(pairs) => {
                for (condition, value) in pairs {
                    if self.holds(condition)? {
                        return self.value(value);
                    }
                }
                Err(fault("<SELECT>"))
            }
            Expr::Case(value, cases, otherwise) => {
                let wanted = self.value(value)?;
                for (case, value) in cases {
                    if self.value(case)? == wanted {
                        return self.value(value);
                    }
                }
                match otherwise {
                    Some(value) => self.value(value),
                    None => Err(fault("<ILLEGAL VALUE>")),
                }
            }
            Expr::Get(name, default) => match (self.variables.get(name), default) {
                (Some(value), _) => Ok(value.clone()),
                (None, Some(default)) => self.value(default),
                (None, None) => Ok(String::new()),
            },
            Expr::Last => Ok("*".to_owned()),
            Expr::Call(name, arguments) => {
                self.step()?;
                let arguments: Vec<String> = arguments
                    .iter()
                    .map(|argument| self.value(argument))
                    .collect::<Result<_>>()?;
                function::call(name, &arguments, &self.user)
            }
        }
    }

    /// `&&` and `||` look at the right side only if they must.
    fn binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Result<String> {
        let left = self.value(left)?;
        match op {
            "&&" if !operator::truth(&left) => Ok("0".to_owned()),
            "||" if operator::truth(&left) => Ok("1".to_owned()),
            _ => operator::binary(op, &left, &self.value(right)?),
        }
    }
}
