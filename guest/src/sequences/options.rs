//! The options of CREATE and ALTER SEQUENCE.
//!
//! PostgreSQL manual, CREATE SEQUENCE.

use sqlparser::ast::{Expr, SequenceOptions};

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::relations::Numbers;
use crate::types::oid;
use crate::wit::{Diagnostic, Oid};

/// As far as they are given.
#[derive(Debug, Default)]
pub(crate) struct Options {
    kind: Option<Size>,
    pub(crate) step: Option<i64>,
    /// The inner none: NO MINVALUE, the default.
    minimum: Option<Option<i64>>,
    maximum: Option<Option<i64>>,
    pub(crate) start: Option<i64>,
    pub(crate) restart: Option<Start>,
    is_owned: bool,
}

/// Where RESTART goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Given(i64),
    /// To the value that the sequence was made with.
    Again,
}

/// A new sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) numbers: Numbers,
    pub(crate) start: i64,
}

/// The type of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Small,
    Integer,
    Big,
}

impl Size {
    fn bounds(self) -> (i64, i64) {
        match self {
            Self::Small => (i16::MIN.into(), i16::MAX.into()),
            Self::Integer => (i32::MIN.into(), i32::MAX.into()),
            Self::Big => (i64::MIN, i64::MAX),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Small => "smallint",
            Self::Integer => "integer",
            Self::Big => "bigint",
        }
    }
}

impl Options {
    /// Those of an identity column of this type.
    ///
    /// # Errors
    /// A number is none.
    pub(crate) fn of_identity(given: &[SequenceOptions], column: Oid) -> Diagnosed<Self> {
        let mut options = Self {
            kind: Some(match column {
                oid::INT2 => Size::Small,
                oid::INT4 => Size::Integer,
                _ => Size::Big,
            }),
            ..Self::default()
        };
        for option in given {
            match option {
                SequenceOptions::IncrementBy(value, _) => options.step = Some(whole(value)?),
                SequenceOptions::MinValue(value) => {
                    options.minimum = Some(value.as_ref().map(whole).transpose()?);
                }
                SequenceOptions::MaxValue(value) => {
                    options.maximum = Some(value.as_ref().map(whole).transpose()?);
                }
                SequenceOptions::StartWith(value, _) => options.start = Some(whole(value)?),
                SequenceOptions::Cache(_) | SequenceOptions::Cycle(_) => {}
            }
        }
        Ok(options)
    }

    /// Reads them to the end of the statement.
    pub(crate) fn read(words: &mut Words<'_>) -> Diagnosed<Self> {
        let mut options = Self::default();
        while !words.at_end() {
            options.one(words)?;
        }
        Ok(options)
    }

    fn one(&mut self, words: &mut Words<'_>) -> Diagnosed<()> {
        if words.take("AS") {
            self.kind = Some(size(words)?);
        } else if words.take("INCREMENT") {
            words.take("BY");
            self.step = Some(number(words)?);
        } else if words.take("MINVALUE") {
            self.minimum = Some(Some(number(words)?));
        } else if words.take("MAXVALUE") {
            self.maximum = Some(Some(number(words)?));
        } else if words.take_all(&["NO", "MINVALUE"]) {
            self.minimum = Some(None);
        } else if words.take_all(&["NO", "MAXVALUE"]) {
            self.maximum = Some(None);
        } else if words.take("START") {
            words.take("WITH");
            self.start = Some(number(words)?);
        } else if words.take("RESTART") {
            let given = words.take("WITH") || next_is_number(words);
            self.restart = Some(match given {
                true => Start::Given(number(words)?),
                false => Start::Again,
            });
        } else if words.take("CACHE") {
            let cached = number(words)?;
            if cached < 1 {
                return Err(invalid(format!(
                    "CACHE ({cached}) must be greater than zero"
                )));
            }
        } else if words.next_is("CYCLE") {
            return Err(words.refuse(
                "CYCLE is not supported",
                "use a sequence that is long enough, or RESTART it",
            ));
        } else if !words.take_all(&["NO", "CYCLE"]) {
            words.expect("OWNED")?;
            words.expect("BY")?;
            self.owner(words)?;
        }
        Ok(())
    }

    fn owner(&mut self, words: &mut Words<'_>) -> Diagnosed<()> {
        if words.take("NONE") {
            return Ok(());
        }
        words.identifier()?;
        while words.take_symbol(".") {
            words.identifier()?;
        }
        self.is_owned = true;
        Ok(())
    }

    /// That OWNED BY is not kept.
    pub(crate) fn warning(&self) -> Option<Diagnostic> {
        self.is_owned.then(|| {
            Diagnostic::warning("01000", "the sequence is not owned by the column")
                .with_hint("DROP SEQUENCE it when the table is dropped")
        })
    }

    /// What the options of CREATE SEQUENCE say.
    pub(crate) fn of_new(&self) -> Diagnosed<Settled> {
        let numbers = self.numbers(None)?;
        let start = self.start.unwrap_or(match numbers.step > 0 {
            true => numbers.minimum,
            false => numbers.maximum,
        });
        inside("START", start, numbers)?;
        Ok(Settled { numbers, start })
    }

    /// What the options of ALTER SEQUENCE make of a sequence.
    pub(crate) fn changed(&self, before: Numbers) -> Diagnosed<Numbers> {
        let numbers = self.numbers(Some(before))?;
        if let Some(start) = self.start {
            inside("START", start, numbers)?;
        }
        if let Some(Start::Given(value)) = self.restart {
            inside("RESTART", value, numbers)?;
        }
        Ok(numbers)
    }

    fn numbers(&self, before: Option<Numbers>) -> Diagnosed<Numbers> {
        let step = self
            .step
            .or(before.map(|numbers| numbers.step))
            .unwrap_or(1);
        if step == 0 {
            return Err(invalid("INCREMENT must not be zero".to_owned()));
        }
        let kind = self.kind.unwrap_or(Size::Big);
        let (least, most) = kind.bounds();
        let (lowest, highest) = match step > 0 {
            true => (1, most),
            false => (least, -1),
        };
        let bound = |given: Option<Option<i64>>, before: Option<i64>, default: i64| match given {
            Some(given) => given.unwrap_or(default),
            None => before.unwrap_or(default),
        };
        let minimum = bound(self.minimum, before.map(|numbers| numbers.minimum), lowest);
        let maximum = bound(self.maximum, before.map(|numbers| numbers.maximum), highest);
        for (what, value) in [("MAXVALUE", maximum), ("MINVALUE", minimum)] {
            if !(least..=most).contains(&value) {
                let kind = kind.name();
                return Err(invalid(format!(
                    "{what} ({value}) is out of range for sequence data type {kind}"
                )));
            }
        }
        if minimum >= maximum {
            return Err(invalid(format!(
                "MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})"
            )));
        }
        Ok(Numbers {
            step,
            minimum,
            maximum,
        })
    }
}

fn inside(what: &str, value: i64, numbers: Numbers) -> Diagnosed<()> {
    let Numbers {
        minimum, maximum, ..
    } = numbers;
    if value < minimum {
        return Err(invalid(format!(
            "{what} value ({value}) cannot be less than MINVALUE ({minimum})"
        )));
    }
    if value > maximum {
        return Err(invalid(format!(
            "{what} value ({value}) cannot be greater than MAXVALUE ({maximum})"
        )));
    }
    Ok(())
}

/// The number that an option is given.
fn whole(value: &Expr) -> Diagnosed<i64> {
    let written = value.to_string().replace(' ', "");
    written.parse().map_err(|_| {
        invalid(format!(
            "value \"{written}\" is out of range for type bigint"
        ))
    })
}

fn invalid(message: String) -> Diagnostic {
    Diagnostic::error("22023", message)
}

fn size(words: &mut Words<'_>) -> Diagnosed<Size> {
    Ok(match words.identifier()?.as_str() {
        "smallint" | "int2" => Size::Small,
        "integer" | "int" | "int4" => Size::Integer,
        "bigint" | "int8" => Size::Big,
        _ => {
            return Err(invalid(
                "sequence type must be smallint, integer, or bigint".to_owned(),
            ));
        }
    })
}

fn next_is_number(words: &Words<'_>) -> bool {
    words.next_is_symbol("-")
        || words.next_is_symbol("+")
        || words
            .peek()
            .is_some_and(|lexeme| lexeme.kind == Kind::Number)
}

/// A whole number with its sign.
fn number(words: &mut Words<'_>) -> Diagnosed<i64> {
    let sign = if words.take_symbol("-") { "-" } else { "" };
    words.take_symbol("+");
    let failed = words.clone();
    let digits = match words.advance() {
        Some(lexeme) if lexeme.kind == Kind::Number => lexeme.text(words.source.text),
        _ => return failed.fail(),
    };
    match format!("{sign}{digits}").parse() {
        Ok(number) => Ok(number),
        Err(_) => failed.fail(),
    }
}
