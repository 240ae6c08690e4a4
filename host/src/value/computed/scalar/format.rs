//! `format`: texts between others, by a template.
//!
//! PostgreSQL manual, "String Functions and Operators", section "format".

use pgiris_values::quoting;

use super::{LONGEST, Scalar, integer};
use crate::value::{Kind, ValueError};

pub(super) const SCALARS: &[Scalar] = &[Scalar::of_nulls("text_format", 1..=u32::MAX, formatted)];

/// What stands behind `%`.
struct Specifier {
    /// The number of the operand, from 1; the next one, if it is not given.
    operand: Option<usize>,
    aligned_left: bool,
    width: Width,
    conversion: char,
}

enum Width {
    Given(i32),
    /// That of an operand, by number from 1, or of the next one.
    Operand(Option<usize>),
}

/// What is still to be read of the template, behind a `%`.
struct Rest<'a>(&'a str);

fn formatted(operands: &[Option<String>]) -> Result<Option<String>, ValueError> {
    let Some((Some(template), _)) = operands.split_first() else {
        return Ok(None);
    };
    let operand = |number: usize| {
        let operand = operands
            .get(number)
            .ok_or_else(|| ValueError::format_template("too few arguments for format()"))?;
        Ok::<_, ValueError>(operand.as_deref())
    };
    let mut shown = String::with_capacity(template.len());
    let mut next = 1;
    let mut rest = template.as_str();
    while let Some((plain, behind)) = rest.split_once('%') {
        shown.push_str(plain);
        let mut specifier = Rest(behind);
        if specifier.next()? == '%' {
            shown.push('%');
            rest = specifier.behind();
            continue;
        }
        let read = specifier.read()?;
        rest = specifier.behind();
        let width = match read.width {
            Width::Given(width) => width,
            Width::Operand(number) => {
                let number = number.unwrap_or(next);
                let width = operand(number)?;
                next = number + 1;
                width.map_or(Ok(0), width_of)?
            }
        };
        let number = read.operand.unwrap_or(next);
        let value = operand(number)?;
        next = number + 1;
        let text = converted(read.conversion, value)?;
        append(&mut shown, &text, width, read.aligned_left)?;
    }
    shown.push_str(rest);
    Ok(Some(shown))
}

fn width_of(written: &str) -> Result<i32, ValueError> {
    let width = integer(written, Kind::Int4)?;
    i32::try_from(width).map_err(|_| ValueError::format_number())
}

fn converted(conversion: char, value: Option<&str>) -> Result<String, ValueError> {
    Ok(match (conversion, value) {
        ('s', value) => value.unwrap_or_default().to_owned(),
        ('L', None) => "NULL".to_owned(),
        ('L', Some(value)) => quoting::quote_literal(value),
        (_, None) => return Err(ValueError::format_null()),
        (_, Some(value)) => quoting::quote_ident(value),
    })
}

/// Filled up with blanks; a negative width is one with `-`.
fn append(
    shown: &mut String,
    text: &str,
    width: i32,
    aligned_left: bool,
) -> Result<(), ValueError> {
    if width == i32::MIN {
        return Err(ValueError::format_number());
    }
    let wanted = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
    let blanks = wanted.saturating_sub(text.chars().count());
    let length = shown
        .len()
        .saturating_add(text.len())
        .saturating_add(blanks);
    if length > LONGEST {
        return Err(ValueError::text_too_long());
    }
    let filling = std::iter::repeat_n(' ', blanks);
    if aligned_left || width < 0 {
        shown.push_str(text);
        shown.extend(filling);
    } else {
        shown.extend(filling);
        shown.push_str(text);
    }
    Ok(())
}

impl<'a> Rest<'a> {
    /// The character that is next: there must be one.
    fn next(&self) -> Result<char, ValueError> {
        self.0.chars().next().ok_or_else(|| {
            ValueError::format_specifier("unterminated format() type specifier".to_owned())
        })
    }

    /// What stands behind the character that is next.
    fn behind(&self) -> &'a str {
        let mut characters = self.0.chars();
        characters.next();
        characters.as_str()
    }

    fn skip(&mut self) -> Result<char, ValueError> {
        self.0 = self.behind();
        self.next()
    }

    /// `text_format_parse_format`: stops at the conversion.
    fn read(&mut self) -> Result<Specifier, ValueError> {
        let mut specifier = Specifier {
            operand: None,
            aligned_left: false,
            width: Width::Given(0),
            conversion: 's',
        };
        match self.digits()? {
            Some(number) if self.next()? == '$' => {
                specifier.operand = Some(position(number)?);
                self.skip()?;
                self.flags(&mut specifier)?;
            }
            Some(width) => specifier.width = Width::Given(width),
            None => self.flags(&mut specifier)?,
        }
        specifier.conversion = self.next()?;
        match specifier.conversion {
            's' | 'I' | 'L' => Ok(specifier),
            other => Err(ValueError::format_specifier(format!(
                "unrecognized format() type specifier \"{other}\""
            ))),
        }
    }

    /// `-`, and a width that a number or an operand is.
    fn flags(&mut self, specifier: &mut Specifier) -> Result<(), ValueError> {
        while self.next()? == '-' {
            specifier.aligned_left = true;
            self.skip()?;
        }
        if self.next()? != '*' {
            specifier.width = Width::Given(self.digits()?.unwrap_or(0));
            return Ok(());
        }
        self.skip()?;
        let number = self.digits()?;
        if number.is_some() && self.next()? != '$' {
            let message = "width argument position must be ended by \"$\"";
            return Err(ValueError::format_template(message));
        }
        specifier.width = Width::Operand(number.map(position).transpose()?);
        if number.is_some() {
            self.skip()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<Option<i32>, ValueError> {
        let mut number = None;
        while let Some(digit) = self.next()?.to_digit(10) {
            let more = number.unwrap_or(0_i32).checked_mul(10);
            let more = more.and_then(|more| more.checked_add_unsigned(digit));
            number = Some(more.ok_or_else(ValueError::format_number)?);
            self.skip()?;
        }
        Ok(number)
    }
}

/// The number of an operand.
fn position(number: i32) -> Result<usize, ValueError> {
    match usize::try_from(number) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(ValueError::format_template(
            "format specifies argument 0, but arguments are numbered from 1",
        )),
    }
}
