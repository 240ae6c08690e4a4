//! A small ObjectScript, enough for compute code, defaults, functions and triggers.
//!
//! Operators are evaluated strictly from left to right, every value is a
//! string, and a number is the string of its canonical form. What it does not
//! know is refused when the code is read, so no definition means half of what it says.

mod function;
mod operator;
mod parse;
mod run;
mod syntax;
mod token;

use std::collections::HashMap;

use crate::error::{Result, SqlError};

pub(crate) use run::Machine;

/// Code as read, ready to run any number of times.
#[derive(Debug)]
pub(crate) struct Program {
    body: Vec<syntax::Command>,
    /// The `{fields}` that it names, in the order of their first mention.
    pub(crate) fields: Vec<Field>,
    /// Does it SET a field?
    pub(crate) sets_fields: bool,
}

/// `{name}`, `{name*N}`, `{name*O}`, `{name*C}`; the name is `*` for the column itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// `N`, `O`, `C`, or a blank.
    pub(crate) version: char,
}

impl Field {
    /// How a machine knows it.
    pub(crate) fn key(&self) -> String {
        format!("{}*{}", self.name.to_uppercase(), self.version)
    }
}

impl Program {
    /// Reads commands.
    ///
    /// # Errors
    /// -400 for what is no ObjectScript or none that the sandbox knows.
    pub(crate) fn commands(code: &str) -> Result<Self> {
        parse::commands(code)
    }

    /// Reads one expression: the program that returns it.
    pub(crate) fn expression(code: &str) -> Result<Self> {
        parse::expression(code)
    }

    /// Runs it with these fields and variables; what QUIT or RETURN gave, if it gave anything.
    pub(crate) fn run(&self, machine: &mut Machine) -> Result<Option<String>> {
        machine.run(&self.body)
    }
}

/// Values by name, as a machine starts and ends with them.
pub(crate) type Values = HashMap<String, String>;

/// A run-time error, named as ObjectScript names it.
fn fault(name: &str) -> SqlError {
    SqlError::new(-400, name)
}

/// What the sandbox's ObjectScript lacks.
fn unknown(what: &str) -> SqlError {
    let what: String = what.chars().take(60).collect();
    SqlError::new(
        -400,
        format!("<SYNTAX> '{what}' is not known to the sandbox's ObjectScript"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Machine, Program, Values};

    fn value(code: &str) -> String {
        let mut machine = Machine::new(Values::new(), Values::from([("x".into(), "abc".into())]));
        let value = Program::expression(code).and_then(|p| p.run(&mut machine));
        match value {
            Ok(value) => value.unwrap_or_default(),
            Err(error) => error.message,
        }
    }

    #[test]
    fn operators_have_no_precedence() {
        for (code, wanted) in [
            ("1+2*3", "9"),
            ("10-2-3", "5"),
            ("2+3_4", "54"),
            ("7\\2", "3"),
            ("-7#3", "2"),
            ("2**10", "1024"),
            ("1=1+1", "2"),
            ("5>3&0", "0"),
            ("'1!1", "1"),
            ("\"3 apples\"+1", "4"),
            ("\"a\"=\"A\"", "0"),
            ("1'=2", "1"),
            ("\"abc\"[\"b\"", "1"),
            ("\"b\"]\"a\"", "1"),
            ("1 / 4", ".25"),
            ("3>=3", "1"),
            ("\"say \"\"hi\"\"\"", "say \"hi\""),
        ] {
            assert_eq!(value(code), wanted, "{code}");
        }
    }

    #[test]
    fn functions_answer_as_the_manual_says() {
        for (code, wanted) in [
            ("$EXTRACT(x)", "a"),
            ("$e(x,2,*)", "bc"),
            ("$LENGTH(\"a,b,c\",\",\")", "3"),
            ("$PIECE(\"a^b^c\",\"^\",2)", "b"),
            ("$P(\"a^b^c\",\"^\",2,3)", "b^c"),
            ("$ZCONVERT(x,\"U\")", "ABC"),
            ("$SELECT(0:\"no\",1:\"yes\")", "yes"),
            ("$CASE(2,1:\"one\",2:\"two\",:\"many\")", "two"),
            ("$GET(nothing,\"d\")", "d"),
            ("$JUSTIFY(3.14159,8,2)", "    3.14"),
            ("$REPLACE(\"aXbX\",\"X\",\"-\")", "a-b-"),
            ("$TRANSLATE(\"abc\",\"ab\",\"x\")", "xc"),
            ("$ZDATE(0,3)", "1840-12-31"),
        ] {
            assert_eq!(value(code), wanted, "{code}");
        }
    }

    #[test]
    fn what_it_does_not_know_is_an_error() {
        for code in ["y", "1/0", "$LIST(x)", "x(1)", "##class(A).B()", "1+", ""] {
            let mut machine = Machine::new(Values::new(), Values::new());
            let result = Program::expression(code).and_then(|p| p.run(&mut machine));
            assert!(result.is_err(), "{code}");
        }
    }

    #[test]
    fn commands_branch_and_loop_and_end() {
        let code = "new s,i set s=0\n for i=1:1:4 { set s=s+i }\n while s>3 { set s=s-4 quit:s<4 }\n\
                    if s=2 { quit \"two\" } elseif s>2 { return \"more\" }\n else { quit s }";
        let mut machine = Machine::new(Values::new(), Values::new());
        let result = Program::commands(code).and_then(|p| p.run(&mut machine));
        assert_eq!(result.unwrap().as_deref(), Some("two"));
        let endless = Program::commands("while 1 { set x=1 }").unwrap();
        assert!(endless.run(&mut machine).is_err());
    }
}
