//! Of texts, by their characters: `varlena.c` and `oracle_compat.c`.

use super::text::capital;
use super::{LONGEST, Operands, Scalar};
use crate::value::{Kind, ValueError};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("lower", 1, |operands| {
        let small = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
        Ok(operands.text(0).chars().map(small).collect())
    }),
    Scalar::new("upper", 1, |operands| {
        Ok(operands.text(0).chars().map(capital).collect())
    }),
    Scalar::new("textlen", 1, |operands| {
        Ok(operands.text(0).chars().count().to_string())
    }),
    Scalar::new("textcat", 2, |operands| {
        Ok([operands.text(0), operands.text(1)].concat())
    }),
    Scalar::new("text_substr", 3, |operands| {
        let (start, length) = (operands.number(1)?, operands.number(2)?);
        match length < 0 {
            true => Err(ValueError::refused(
                "22011",
                "negative substring length not allowed",
            )),
            false => Ok(between(operands.text(0), start, start + length)),
        }
    }),
    Scalar::new("text_substr_no_len", 2, |operands| {
        Ok(between(operands.text(0), operands.number(1)?, i64::MAX))
    }),
    Scalar::new("text_left", 2, |operands| {
        let end = operands.counted(operands.number(1)?) + 1;
        Ok(between(operands.text(0), 1, end))
    }),
    Scalar::new("text_right", 2, |operands| {
        let start = operands.counted(-operands.number(1)?);
        Ok(match operands.number(1)? {
            0 => String::new(),
            _ => between(operands.text(0), start + 1, i64::MAX),
        })
    }),
    Scalar::new("btrim1", 1, |operands| {
        Ok(operands.text(0).trim_matches(' ').to_owned())
    }),
    Scalar::new("ltrim1", 1, |operands| {
        Ok(operands.text(0).trim_start_matches(' ').to_owned())
    }),
    Scalar::new("rtrim1", 1, |operands| {
        Ok(operands.text(0).trim_end_matches(' ').to_owned())
    }),
    Scalar::new("btrim", 2, |operands| {
        let set = |letter| operands.text(1).contains(letter);
        Ok(operands.text(0).trim_matches(set).to_owned())
    }),
    Scalar::new("ltrim", 2, |operands| {
        let set = |letter| operands.text(1).contains(letter);
        Ok(operands.text(0).trim_start_matches(set).to_owned())
    }),
    Scalar::new("rtrim", 2, |operands| {
        let set = |letter| operands.text(1).contains(letter);
        Ok(operands.text(0).trim_end_matches(set).to_owned())
    }),
    Scalar::new("replace_text", 3, |operands| match operands.text(1) {
        "" => Ok(operands.text(0).to_owned()),
        from => short(operands.text(0).replace(from, operands.text(2))),
    }),
    Scalar::new("textpos", 2, |operands| {
        let (text, wanted) = (operands.text(0), operands.text(1));
        let found = text.split_once(wanted).map(|(before, _)| before);
        Ok(found
            .map_or(0, |before| before.chars().count() + 1)
            .to_string())
    }),
    Scalar::new("text_reverse", 1, |operands| {
        Ok(operands.text(0).chars().rev().collect())
    }),
    Scalar::new("repeat", 2, |operands| {
        let times = usize::try_from(operands.number(1)?).unwrap_or_default();
        match operands.text(0).len().saturating_mul(times) > LONGEST {
            true => Err(ValueError::text_too_long()),
            false => Ok(operands.text(0).repeat(times)),
        }
    }),
    Scalar::new("lpad", 3, |operands| {
        let padding = operands.padding()?;
        Ok(padding + &operands.padded()?)
    }),
    Scalar::new("rpad", 3, |operands| {
        let padding = operands.padding()?;
        Ok(operands.padded()? + &padding)
    }),
    Scalar::new("split_part", 3, |operands| {
        let (text, separator) = (operands.text(0), operands.text(1));
        let parts: Vec<&str> = match separator {
            "" => vec![text],
            _ => text.split(separator).collect(),
        };
        let number = operands.number(2)?;
        let index = match number {
            0 => {
                let message = "field position must not be zero";
                return Err(ValueError::refused("22023", message));
            }
            1.. => number - 1,
            _ => i64::try_from(parts.len()).unwrap_or(i64::MAX) + number,
        };
        let part = usize::try_from(index).ok().and_then(|at| parts.get(at));
        Ok(part.copied().unwrap_or_default().to_owned())
    }),
    Scalar::new("text_starts_with", 2, |operands| {
        let starts = operands.text(0).starts_with(operands.text(1));
        Ok(if starts { "t" } else { "f" }.to_owned())
    }),
    Scalar::new("translate", 3, |operands| {
        let to: Vec<char> = operands.text(2).chars().collect();
        let other = |letter: char| match operands.text(1).chars().position(|one| one == letter) {
            Some(place) => to.get(place).copied(),
            None => Some(letter),
        };
        Ok(operands.text(0).chars().filter_map(other).collect())
    }),
    Scalar::new("ascii", 1, |operands| {
        let first = operands.text(0).chars().next();
        Ok(first.map_or(0, u32::from).to_string())
    }),
    Scalar::new("chr", 1, |operands| character(operands.number(0)?)),
];

impl Operands<'_> {
    fn number(&self, index: usize) -> Result<i64, ValueError> {
        self.integer(index, Kind::Int4)
    }

    /// So many characters of the first operand; of a negative number all but so many.
    fn counted(&self, count: i64) -> i64 {
        let length = i64::try_from(self.text(0).chars().count()).unwrap_or(i64::MAX);
        match count < 0 {
            true => (length + count).max(0),
            false => count,
        }
    }

    /// How many characters there are to be.
    fn length(&self) -> Result<usize, ValueError> {
        let length = usize::try_from(self.number(1)?).unwrap_or_default();
        match length > LONGEST {
            true => Err(ValueError::text_too_long()),
            false => Ok(length),
        }
    }

    /// The first operand, cut to the length.
    fn padded(&self) -> Result<String, ValueError> {
        Ok(self.text(0).chars().take(self.length()?).collect())
    }

    /// What is missing of the length.
    fn padding(&self) -> Result<String, ValueError> {
        let missing = self.length()?.saturating_sub(self.text(0).chars().count());
        Ok(self.text(2).chars().cycle().take(missing).collect())
    }
}

/// The characters from one number, which counts from 1, to before another.
fn between(text: &str, start: i64, end: i64) -> String {
    let start = start.max(1);
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let characters = text.chars().skip(count(start - 1));
    characters.take(count(end.saturating_sub(start))).collect()
}

fn short(text: String) -> Result<String, ValueError> {
    match text.len() > LONGEST {
        true => Err(ValueError::text_too_long()),
        false => Ok(text),
    }
}

fn character(number: i64) -> Result<String, ValueError> {
    let refused = |message: String| Err(ValueError::refused("54000", message));
    match u32::try_from(number) {
        Err(_) => refused("character number must be positive".to_owned()),
        Ok(0) => refused("null character not permitted".to_owned()),
        Ok(number) if number > u32::from(char::MAX) => refused(format!(
            "requested character too large for encoding: {number}"
        )),
        Ok(number) => match char::from_u32(number) {
            Some(character) => Ok(character.to_string()),
            None => refused(format!(
                "requested character not valid for encoding: {number}"
            )),
        },
    }
}
