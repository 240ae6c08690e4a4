//! The parts of a template, as they are written for a number.

use super::{Anchor, Letters, Part, ROMAN_WIDTH, Template, ValueError};

/// What writes the parts of a template in order.
pub(super) struct Writer {
    template: Template,
    /// The digits and the point, without a sign.
    number: Vec<u8>,
    /// None of a Roman number.
    sign: Option<char>,
    /// The next of the digits.
    next: usize,
    /// Places before the first digit.
    pub(super) blanks: usize,
    /// The last of the digits that `FM` shows.
    last: Option<usize>,
    /// Digits that there are to be.
    count: isize,
    /// The number of the next place.
    place: usize,
    sign_is_written: bool,
    /// Whether a digit came last.
    is_inside: bool,
    shown: String,
}

impl Writer {
    pub(super) fn new(template: Template, number: String, sign: Option<char>) -> Self {
        Self {
            template,
            number: number.into_bytes(),
            sign,
            next: 0,
            blanks: 0,
            last: None,
            count: 0,
            place: 0,
            sign_is_written: false,
            is_inside: false,
            shown: String::new(),
        }
    }

    /// `NUM_processor`
    ///
    /// # Errors
    /// An ordinal of what is no number.
    pub(super) fn written(mut self) -> Result<String, ValueError> {
        self.prepare();
        for part in std::mem::take(&mut self.template.parts) {
            self.part(part)?;
        }
        // Behind the last digit PostgreSQL writes the end of the text.
        let end = self.shown.find('\0').unwrap_or(self.shown.len());
        self.shown.truncate(end);
        Ok(self.shown)
    }

    fn prepare(&mut self) {
        let template = &mut self.template;
        let flags = &mut template.flags;
        if flags.plus || flags.minus {
            self.sign_is_written = flags.minus;
        } else {
            if self.sign != Some('-') && flags.fill {
                flags.bracket = false;
            }
            self.sign_is_written = self.sign == Some('+') && flags.fill && !flags.anchored;
            if template.anchor == Anchor::Before && template.before == template.before_anchor {
                template.anchor = Anchor::Behind;
            }
        }
        let places = template.behind + template.before;
        self.count = isize::try_from(places).unwrap_or(isize::MAX) - 1;
        if template.flags.fill && template.flags.decimal {
            let zeros = template.zero_end;
            self.last = self.last_relevant();
            if let Some(last) = self.last
                && zeros > self.blanks
            {
                let end = self.number.len().saturating_sub(1);
                self.last = Some(last.max(end.min(zeros - self.blanks)));
            }
        }
        if !self.sign_is_written && self.blanks == 0 {
            self.count += 1;
        }
    }

    /// The last digit behind the point that is no 0, or the point.
    fn last_relevant(&self) -> Option<usize> {
        let point = self.number.iter().position(|byte| *byte == b'.')?;
        let last = self.number.iter().rposition(|byte| *byte != b'0');
        Some(last.unwrap_or(point).max(point))
    }

    fn part(&mut self, part: Part) -> Result<(), ValueError> {
        let fill = self.template.flags.fill;
        match part {
            Part::Nine | Part::Zero | Part::Point => self.place(part),
            Part::Group if self.is_inside => self.shown.push(','),
            Part::Group if fill => {}
            Part::Group | Part::Currency => self.shown.push(' '),
            Part::Minus | Part::Plus => {
                let wanted = if part == Part::Minus { '-' } else { '+' };
                if self.sign == Some(wanted) {
                    self.shown.push(wanted);
                } else if !fill {
                    self.shown.push(' ');
                }
            }
            Part::Sign => self.shown.push(self.sign.unwrap_or('\0')),
            Part::Roman(letters) => {
                let number = String::from_utf8_lossy(&self.number);
                let number = match letters {
                    Letters::Capital => number.into_owned(),
                    Letters::Small => number.to_ascii_lowercase(),
                };
                let blanks = match fill {
                    true => 0,
                    false => ROMAN_WIDTH.saturating_sub(number.len()),
                };
                self.shown.extend(std::iter::repeat_n(' ', blanks));
                self.shown.push_str(&number);
            }
            Part::Ordinal(letters) => self.ordinal(letters)?,
            Part::Whole => {}
            Part::Character(character) => self.shown.push(character),
        }
        Ok(())
    }

    /// `get_th`, of whole positive numbers.
    fn ordinal(&mut self, letters: Letters) -> Result<(), ValueError> {
        let flags = self.template.flags;
        let is_shown = !flags.roman && !flags.decimal && self.sign != Some('-');
        if !is_shown || self.number.first() == Some(&b'#') {
            return Ok(());
        }
        if !self.number.last().is_some_and(u8::is_ascii_digit) {
            let number = String::from_utf8_lossy(&self.number);
            return Err(ValueError::no_number(&number));
        }
        let ending = match self.number.as_slice() {
            [.., b'1', _] => "th",
            [.., b'1'] => "st",
            [.., b'2'] => "nd",
            [.., b'3'] => "rd",
            _ => "th",
        };
        match letters {
            Letters::Capital => self.shown.push_str(&ending.to_ascii_uppercase()),
            Letters::Small => self.shown.push_str(ending),
        }
        Ok(())
    }

    /// `NUM_numpart_to_char`: a digit, or the point.
    fn place(&mut self, part: Part) {
        let flags = self.template.flags;
        if flags.roman {
            return;
        }
        self.is_inside = false;
        self.sign_before();
        let is_blank = self.place < self.blanks;
        if is_blank && (self.template.zero_start > self.place || !flags.zero) {
            if !flags.fill {
                self.shown.push(' ');
            }
        } else if is_blank {
            self.shown.push('0');
            self.is_inside = true;
        } else {
            self.digit(part);
            if self.next < self.number.len() {
                self.next += 1;
            }
        }
        self.sign_behind();
        self.place += 1;
    }

    fn digit(&mut self, part: Part) {
        let fill = self.template.flags.fill;
        let is_behind = self.last.is_some_and(|last| self.next > last);
        match self.number.get(self.next) {
            Some(b'.') => self.shown.push('.'),
            _ if is_behind && part != Part::Zero => {}
            _ if self.is_hidden_zero() => {
                if !fill {
                    self.shown.push(' ');
                } else if self.ends_with_point() {
                    self.shown.push('0');
                }
            }
            byte => {
                self.shown.push(byte.map_or('\0', |byte| char::from(*byte)));
                self.is_inside = true;
            }
        }
    }

    /// Whether the next digit is the 0 alone before the point, which is not shown.
    fn is_hidden_zero(&self) -> bool {
        let template = &self.template;
        let is_first = self.next == 0 && self.number.first() == Some(&b'0');
        !template.flags.zero && is_first && template.behind != 0
    }

    fn ends_with_point(&self) -> bool {
        self.last
            .is_some_and(|last| self.number.get(last) == Some(&b'.'))
    }

    fn sign_before(&mut self) {
        let flags = self.template.flags;
        let is_there =
            self.place >= self.blanks || flags.zero && self.template.zero_start == self.place;
        let is_free = !self.is_hidden_zero() || self.ends_with_point();
        if self.sign_is_written || !is_there || !is_free {
            return;
        }
        let sign = self.sign.unwrap_or('+');
        if flags.anchored {
            if self.template.anchor == Anchor::Before {
                self.shown.push(sign);
                self.sign_is_written = true;
            }
            return;
        }
        match (flags.bracket, sign) {
            (true, '+') => self.shown.push(' '),
            (true, _) => self.shown.push('<'),
            (_, '-') => self.shown.push('-'),
            _ if !flags.fill => self.shown.push(' '),
            _ => {}
        }
        self.sign_is_written = true;
    }

    fn sign_behind(&mut self) {
        let flags = self.template.flags;
        let place = isize::try_from(self.place).unwrap_or(isize::MAX);
        let end = match self.last {
            Some(last) if last == self.next => place,
            _ => self.count + isize::from(self.blanks > 0) + isize::from(flags.decimal),
        };
        if place.saturating_add(1) != end {
            return;
        }
        let sign = self.sign.unwrap_or('+');
        if self.sign_is_written && flags.bracket {
            self.shown.push(if sign == '+' { ' ' } else { '>' });
        } else if flags.anchored && self.template.anchor == Anchor::Behind {
            self.shown.push(sign);
        }
    }
}
