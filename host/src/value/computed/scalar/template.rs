//! Templates of `to_char` and `to_number` for numbers: what they consist of.
//!
//! PostgreSQL manual, "Data Type Formatting Functions", table "Template Patterns for Numeric
//! Formatting".

mod read;
mod shown;
mod writer;

use super::{Operands, Scalar};
use crate::value::{Kind, ValueError};

/// More than any number has digits, and little enough to be computed with.
const LONGEST_TEMPLATE: usize = 1_000;

/// The widest Roman number.
const ROMAN_WIDTH: usize = 15;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("numeric_to_char", 2, |operands| {
        operands.templated(shown::of_numeric)
    }),
    Scalar::new("int4_to_char", 2, |operands| {
        operands.templated(shown::of_int4)
    }),
    Scalar::new("int8_to_char", 2, |operands| {
        operands.templated(shown::of_int8)
    }),
    Scalar::new("float8_to_char", 2, |operands| {
        operands.templated(shown::of_double)
    }),
    Scalar::partial("numeric_to_number", 2, |operands| match operands.text(1) {
        "" => Ok(None),
        template => read::number(operands.text(0), Template::read(template)?).map(Some),
    }),
];

impl Operands<'_> {
    /// The first operand, shown by the template that the second one is.
    fn templated(
        &self,
        shown: fn(&str, Template) -> Result<String, ValueError>,
    ) -> Result<String, ValueError> {
        match self.text(1) {
            "" => Ok(String::new()),
            template => shown(self.text(0), Template::read(template)?),
        }
    }
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Nine,
    Zero,
    /// `.` or `D`
    Point,
    /// `,` or `G`
    Group,
    /// `L`: a blank, as there is no currency in the locale C.
    Currency,
    /// `MI`
    Minus,
    /// `PL`
    Plus,
    /// `SG`
    Sign,
    /// `RN` and `rn`
    Roman(Letters),
    /// `TH` and `th`
    Ordinal(Letters),
    /// One that says something of the whole: `S`, `PR`, `FM`, `V`, `B`, `EEEE`; and those that
    /// PostgreSQL knows without doing anything.
    Whole,
    Character(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    Capital,
    Small,
}

/// Where the sign of `S` stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Anchor {
    #[default]
    Nowhere,
    Before,
    Behind,
}

/// What a template says of the whole number.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    /// `FM`
    fill: bool,
    /// A 0 before the point.
    zero: bool,
    decimal: bool,
    /// `S`
    anchored: bool,
    /// `PR`
    bracket: bool,
    minus: bool,
    plus: bool,
    roman: bool,
    /// `V`
    shifted: bool,
    /// `EEEE`
    exponent: bool,
    /// `B`
    blank: bool,
}

/// A template for numbers.
#[derive(Clone, Debug, Default)]
struct Template {
    parts: Vec<Part>,
    flags: Flags,
    /// Places before the point.
    before: usize,
    /// Places behind it.
    behind: usize,
    /// Places behind `V`.
    shift: usize,
    /// The number of the first place that has a 0, from 0.
    zero_start: usize,
    /// The number of the last place that has a 0, from 1.
    zero_end: usize,
    anchor: Anchor,
    /// Places before `S`.
    before_anchor: usize,
}

/// How parts are written; the first one that fits is meant.
const WORDS: &[(&str, Word)] = &[
    (",", Word::Part(Part::Group)),
    (".", Word::Point),
    ("0", Word::Zero),
    ("9", Word::Nine),
    ("B", Word::Blank),
    ("C", Word::Nothing),
    ("D", Word::Point),
    ("EEEE", Word::Exponent),
    ("FM", Word::Fill),
    ("G", Word::Part(Part::Group)),
    ("L", Word::Part(Part::Currency)),
    ("MI", Word::Minus),
    ("PL", Word::Plus),
    ("PR", Word::Bracket),
    ("RN", Word::Roman(Letters::Capital)),
    ("SG", Word::Sign),
    ("SP", Word::Nothing),
    ("S", Word::Anchor),
    ("TH", Word::Part(Part::Ordinal(Letters::Capital))),
    ("V", Word::Shift),
    ("b", Word::Blank),
    ("c", Word::Nothing),
    ("d", Word::Point),
    ("eeee", Word::Exponent),
    ("fm", Word::Fill),
    ("g", Word::Part(Part::Group)),
    ("l", Word::Part(Part::Currency)),
    ("mi", Word::Minus),
    ("pl", Word::Plus),
    ("pr", Word::Bracket),
    ("rn", Word::Roman(Letters::Small)),
    ("sg", Word::Sign),
    ("sp", Word::Nothing),
    ("s", Word::Anchor),
    ("th", Word::Part(Part::Ordinal(Letters::Small))),
    ("v", Word::Shift),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Part(Part),
    Point,
    Zero,
    Nine,
    Blank,
    Exponent,
    Fill,
    Minus,
    Plus,
    Bracket,
    Roman(Letters),
    Sign,
    Anchor,
    Shift,
    Nothing,
}

impl Template {
    /// # Errors
    /// Parts that PostgreSQL does not allow together.
    fn read(text: &str) -> Result<Self, ValueError> {
        if text.len() > LONGEST_TEMPLATE {
            return Err(ValueError::template_too_long());
        }
        let mut template = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((written, word)) =
                WORDS.iter().find(|(written, _)| rest.starts_with(written))
            {
                template.add(*word)?;
                rest = rest.get(written.len()..).unwrap_or_default();
            } else if first == '"' {
                rest = template.quoted(rest.get(1..).unwrap_or_default());
            } else {
                // Outside of quotes a backslash means something before a quote only.
                let escaped = rest.strip_prefix('\\');
                let escaped = escaped.filter(|behind| behind.starts_with('"'));
                let mut characters = escaped.unwrap_or(rest).chars();
                template
                    .parts
                    .extend(characters.next().map(Part::Character));
                rest = characters.as_str();
            }
        }
        template.zero_start = template.zero_start.saturating_sub(1);
        Ok(template)
    }

    /// Reads up to the end of quotes; gives what is behind.
    fn quoted<'a>(&mut self, text: &'a str) -> &'a str {
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let meant = match character {
                '"' => break,
                '\\' => characters.next().unwrap_or('\\'),
                other => other,
            };
            self.parts.push(Part::Character(meant));
        }
        characters.as_str()
    }

    /// `NUMDesc_prepare`
    fn add(&mut self, word: Word) -> Result<(), ValueError> {
        let flags = self.flags;
        if flags.exponent && word != Word::Exponent {
            return Err(ValueError::template(
                "\"EEEE\" must be the last pattern used",
            ));
        }
        self.check(word)?;
        let part = match word {
            Word::Nine => {
                match (flags.shifted, flags.decimal) {
                    (true, _) => self.shift += 1,
                    (_, true) => self.behind += 1,
                    _ => self.before += 1,
                }
                Part::Nine
            }
            Word::Zero => {
                if !flags.zero && !flags.decimal {
                    self.flags.zero = true;
                    self.zero_start = self.before + 1;
                }
                match flags.decimal {
                    true => self.behind += 1,
                    false => self.before += 1,
                }
                self.zero_end = self.before + self.behind;
                Part::Zero
            }
            Word::Point => {
                self.flags.decimal = true;
                Part::Point
            }
            Word::Anchor => {
                if !flags.decimal {
                    self.anchor = Anchor::Before;
                    self.before_anchor = self.before;
                    self.flags.anchored = true;
                } else if self.anchor == Anchor::Nowhere {
                    self.anchor = Anchor::Behind;
                    self.flags.anchored = true;
                }
                Part::Whole
            }
            Word::Minus => {
                self.flags.minus = true;
                Part::Minus
            }
            Word::Plus => {
                self.flags.plus = true;
                Part::Plus
            }
            Word::Sign => {
                self.flags.minus = true;
                self.flags.plus = true;
                Part::Sign
            }
            Word::Roman(letters) => {
                self.flags.roman = true;
                Part::Roman(letters)
            }
            Word::Part(part) => part,
            other => {
                self.mark(other);
                Part::Whole
            }
        };
        self.parts.push(part);
        Ok(())
    }

    fn mark(&mut self, word: Word) {
        match word {
            Word::Blank => {
                let is_first = self.before == 0 && self.behind == 0 && !self.flags.zero;
                self.flags.blank |= is_first;
            }
            Word::Fill => self.flags.fill = true,
            Word::Bracket => self.flags.bracket = true,
            Word::Shift => self.flags.shifted = true,
            Word::Exponent => self.flags.exponent = true,
            _ => {}
        }
    }

    /// Whether a part may stand behind those that there are.
    fn check(&self, word: Word) -> Result<(), ValueError> {
        let flags = self.flags;
        let signed = flags.plus || flags.minus;
        let wrong = match word {
            Word::Nine if flags.bracket => "\"9\" must be ahead of \"PR\"",
            Word::Zero if flags.bracket => "\"0\" must be ahead of \"PR\"",
            Word::Point if flags.decimal => "multiple decimal points",
            Word::Point if flags.shifted => "cannot use \"V\" and decimal point together",
            Word::Shift if flags.decimal => "cannot use \"V\" and decimal point together",
            Word::Anchor if flags.anchored => "cannot use \"S\" twice",
            Word::Anchor if signed || flags.bracket => {
                "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together"
            }
            Word::Minus if flags.anchored => "cannot use \"S\" and \"MI\" together",
            Word::Plus if flags.anchored => "cannot use \"S\" and \"PL\" together",
            Word::Sign if flags.anchored => "cannot use \"S\" and \"SG\" together",
            Word::Bracket if flags.anchored || signed => {
                "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together"
            }
            Word::Exponent if flags.exponent => "cannot use \"EEEE\" twice",
            Word::Exponent
                if signed
                    || flags.blank
                    || flags.fill
                    || flags.anchored
                    || flags.bracket
                    || flags.roman
                    || flags.shifted =>
            {
                "\"EEEE\" is incompatible with other formats"
            }
            _ => return Ok(()),
        };
        Err(ValueError::template(wrong))
    }
}
