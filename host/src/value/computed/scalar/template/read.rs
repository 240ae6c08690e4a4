//! `to_number`: a number out of a text, by a template.

use bigdecimal::BigDecimal;

use super::{Anchor, Part, Template, ValueError};
use crate::value::numeric;

/// Digits behind the point that `numeric_power` gives ten to the power of a negative number.
const POWER_DIGITS: i64 = 16;

/// Reads the characters that the parts of a template stand for.
struct Reader<'a> {
    template: &'a Template,
    text: &'a [u8],
    at: usize,
    /// A blank if there is none yet.
    sign: u8,
    digits: String,
    before: usize,
    behind: usize,
    has_point: bool,
}

pub(super) fn number(text: &str, template: Template) -> Result<String, ValueError> {
    if template.flags.exponent {
        return Err(ValueError::template_input("EEEE"));
    }
    if template.flags.roman {
        return Err(ValueError::template_input("RN"));
    }
    let mut reader = Reader {
        template: &template,
        text: text.as_bytes(),
        at: 0,
        sign: b' ',
        digits: String::new(),
        before: 0,
        behind: 0,
        has_point: false,
    };
    for part in &template.parts {
        if reader.at >= reader.text.len() {
            break;
        }
        reader.part(*part);
    }
    let scale = i64::try_from(reader.behind).unwrap_or(i64::MAX);
    let precision = i64::try_from(template.before + template.shift).unwrap_or(i64::MAX);
    let modifier = ((precision + scale) << 16 | scale) + 4;
    let digits = reader.digits.strip_suffix('.').unwrap_or(&reader.digits);
    let written = format!("{}{digits}", char::from(reader.sign));
    let value = numeric::limited(&numeric::read_text(&written)?, modifier)?;
    if !template.flags.shifted {
        return Ok(value.to_plain_string());
    }
    let shift = i64::try_from(template.shift).unwrap_or(0);
    let (digits, scale) = value.into_bigint_and_exponent();
    let value = match shift > POWER_DIGITS {
        true => BigDecimal::default(),
        false => BigDecimal::new(digits, scale + shift),
    };
    Ok(value.with_scale(scale + POWER_DIGITS).to_plain_string())
}

impl Reader<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn is_at(&self, byte: u8) -> bool {
        self.byte(self.at) == Some(byte)
    }

    /// `NUM_processor`
    fn part(&mut self, part: Part) {
        let flags = self.template.flags;
        match part {
            Part::Nine | Part::Zero | Part::Point => {
                self.place(part);
                self.at += 1;
            }
            // PostgreSQL never notes here that it is inside of the number.
            Part::Group if flags.fill => {}
            Part::Group => self.at += usize::from(self.is_at(b',')),
            Part::Currency => self.skip(1),
            Part::Ordinal(_) if self.sign == b'-' || flags.decimal => {}
            Part::Ordinal(_) => self.skip(2),
            Part::Minus | Part::Plus | Part::Sign => {
                let is_read = match self.byte(self.at) {
                    Some(b'-') => part != Part::Plus,
                    Some(b'+') => part != Part::Minus,
                    _ => false,
                };
                match self.byte(self.at) {
                    Some(sign) if is_read => {
                        self.sign = sign;
                        self.at += 1;
                    }
                    _ => self.skip(1),
                }
            }
            Part::Roman(_) | Part::Whole => {}
            Part::Character(_) => self.at += self.width(),
        }
    }

    /// Bytes of the character that is next.
    fn width(&self) -> usize {
        match self.byte(self.at) {
            Some(0xC0..0xE0) => 2,
            Some(0xE0..0xF0) => 3,
            Some(0xF0..) => 4,
            _ => 1,
        }
    }

    /// `NUM_eat_non_data_chars`
    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            match self.byte(self.at) {
                None | Some(b'0'..=b'9' | b'.' | b',' | b'+' | b'-') => return,
                Some(_) => self.at += self.width(),
            }
        }
    }

    /// `NUM_numpart_from_char`: stops before the last character that is read.
    fn place(&mut self, part: Part) {
        let flags = self.template.flags;
        self.at += usize::from(self.is_at(b' '));
        if self.sign == b' ' && part != Part::Point && self.before + self.behind == 0 {
            self.sign_before();
        }
        let mut is_read = false;
        match self.byte(self.at) {
            None => return,
            Some(digit @ b'0'..=b'9') => {
                if self.has_point && self.behind == self.template.behind {
                    return;
                }
                self.digits.push(char::from(digit));
                match self.has_point {
                    true => self.behind += 1,
                    false => self.before += 1,
                }
                is_read = true;
            }
            Some(b'.') if flags.decimal && !self.has_point => {
                self.digits.push('.');
                self.has_point = true;
                is_read = true;
            }
            Some(_) => {}
        }
        if self.sign == b' ' && self.before + self.behind > 0 {
            self.sign_behind(is_read);
        }
    }

    fn sign_before(&mut self) {
        let flags = self.template.flags;
        let is_anchored = flags.anchored && self.template.anchor == Anchor::Before;
        let sign = match self.byte(self.at) {
            Some(sign @ (b'-' | b'+')) => sign,
            Some(b'<') if flags.bracket && !is_anchored => b'-',
            _ => return,
        };
        self.sign = sign;
        self.at += 1;
    }

    fn sign_behind(&mut self, is_read: bool) {
        let flags = self.template.flags;
        if flags.anchored {
            let next = self.byte(self.at + 1);
            if is_read && let Some(sign @ (b'-' | b'+')) = next {
                self.sign = sign;
                self.at += 1;
            }
        } else if !is_read
            && (flags.plus || flags.minus)
            && let Some(sign @ (b'-' | b'+')) = self.byte(self.at)
        {
            self.sign = sign;
        }
    }
}
