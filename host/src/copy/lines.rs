//! Cuts lines off the text and CSV formats, as `CopyReadLineText` does.

use bytes::{Bytes, BytesMut};

use super::{CopyError, Format};

/// How lines end, once the first did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnd {
    Unknown,
    Newline,
    Return,
    ReturnNewline,
}

/// What a look at the data came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Line(Bytes),
    /// More data is needed.
    More,
    /// There is no further line.
    End,
}

/// Data that was not cut into lines yet.
pub(super) struct Lines {
    data: BytesMut,
    /// So much of it was looked at.
    looked: usize,
    line_end: LineEnd,
    quoting: Option<Quoting>,
    in_quote: bool,
    after_escape: bool,
    /// No more data will come.
    finished: bool,
    /// `\.` was met.
    ended: bool,
    /// Lines so far, with those inside quotes.
    pub(super) number: u64,
}

/// The characters that CSV lines are cut by.
#[derive(Clone, Copy)]
struct Quoting {
    quote: u8,
    /// None if it is the quote itself.
    escape: Option<u8>,
}

impl Lines {
    pub(super) fn new(format: &Format) -> Self {
        let quoting = match format {
            Format::Csv(csv) => Some(Quoting {
                quote: csv.quote,
                escape: Some(csv.escape).filter(|escape| *escape != csv.quote),
            }),
            _ => None,
        };
        Self {
            data: BytesMut::new(),
            looked: 0,
            line_end: LineEnd::Unknown,
            quoting,
            in_quote: false,
            after_escape: false,
            finished: false,
            ended: false,
            number: 0,
        }
    }

    pub(super) fn feed(&mut self, data: &[u8]) {
        if !self.ended {
            self.data.extend_from_slice(data);
        }
    }

    pub(super) fn finish(&mut self) {
        self.finished = true;
    }

    /// How much waits for the rest of its line.
    pub(super) fn waiting(&self) -> usize {
        self.data.len()
    }

    /// The next line, without its end.
    pub(super) fn next(&mut self) -> Result<Cut, CopyError> {
        if self.ended {
            return Ok(Cut::End);
        }
        while self.looked < self.data.len() {
            if self.quoting.is_none() {
                // Nothing else matters in the text format.
                let rest = &self.data[self.looked..];
                match memchr::memchr3(b'\n', b'\r', b'\\', rest) {
                    Some(found) => self.looked += found,
                    None => {
                        self.looked = self.data.len();
                        break;
                    }
                }
            }
            let character = self.data[self.looked];
            self.follow_quotes(character);
            let found = match character {
                b'\r' if !self.in_quote => self.carriage_return()?,
                b'\n' if !self.in_quote => self.newline()?,
                b'\\' if self.quoting.is_none() || (self.looked == 0 && !self.in_quote) => {
                    self.backslash()?
                }
                _ => Found::Nothing(1),
            };
            match found {
                Found::Nothing(length) => {
                    self.looked += length;
                }
                Found::End(length) => return Ok(Cut::Line(self.split(length))),
                Found::EndOfData => {
                    self.ended = true;
                    let line = self.split(0);
                    self.data = BytesMut::new();
                    if line.is_empty() {
                        return Ok(Cut::End);
                    }
                    return Ok(Cut::Line(line));
                }
                Found::More => {
                    // The quotes are followed again with this character.
                    self.unfollow(character);
                    return Ok(Cut::More);
                }
            }
        }
        if !self.finished {
            return Ok(Cut::More);
        }
        self.ended = true;
        if self.data.is_empty() {
            return Ok(Cut::End);
        }
        self.looked = self.data.len();
        Ok(Cut::Line(self.split(0)))
    }

    fn follow_quotes(&mut self, character: u8) {
        let Some(Quoting { quote, escape }) = self.quoting else {
            return;
        };
        // "we need to ensure that we only take account of an escape inside a quoted
        // field and immediately preceding a quote char"
        if self.in_quote && escape == Some(character) {
            self.after_escape = !self.after_escape;
        }
        if character == quote && !self.after_escape {
            self.in_quote = !self.in_quote;
        }
        if escape != Some(character) {
            self.after_escape = false;
        }
        let counts = match self.line_end {
            LineEnd::Newline => b'\n',
            _ => b'\r',
        };
        if self.in_quote && character == counts {
            self.number += 1;
        }
    }

    /// Only characters that neither quote nor escape can ask for more data, but for a
    /// backslash that is one of them.
    fn unfollow(&mut self, character: u8) {
        if let Some(Quoting { quote, .. }) = self.quoting
            && character == quote
        {
            self.in_quote = !self.in_quote;
        }
    }

    /// Takes the line before `looked`, and drops so many bytes behind it.
    fn split(&mut self, length: usize) -> Bytes {
        let line = self.data.split_to(self.looked).freeze();
        let _ = self.data.split_to(length.min(self.data.len()));
        self.looked = 0;
        self.in_quote = false;
        self.after_escape = false;
        line
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.data.get(self.looked + ahead).copied()
    }

    fn carriage_return(&mut self) -> Result<Found, CopyError> {
        match self.line_end {
            LineEnd::Unknown | LineEnd::ReturnNewline => match self.peek(1) {
                Some(b'\n') => {
                    self.line_end = LineEnd::ReturnNewline;
                    Ok(Found::End(2))
                }
                None if !self.finished => Ok(Found::More),
                _ if self.line_end == LineEnd::ReturnNewline => {
                    Err(self.misplaced("carriage return"))
                }
                _ => {
                    self.line_end = LineEnd::Return;
                    Ok(Found::End(1))
                }
            },
            LineEnd::Newline => Err(self.misplaced("carriage return")),
            LineEnd::Return => Ok(Found::End(1)),
        }
    }

    fn newline(&mut self) -> Result<Found, CopyError> {
        match self.line_end {
            LineEnd::Return | LineEnd::ReturnNewline => Err(self.misplaced("newline")),
            LineEnd::Unknown | LineEnd::Newline => {
                self.line_end = LineEnd::Newline;
                Ok(Found::End(1))
            }
        }
    }

    fn misplaced(&self, what: &str) -> CopyError {
        let (how, hint) = match (self.quoting, what) {
            (None, "newline") => ("literal", "Use \"\\n\" to represent newline."),
            (None, _) => ("literal", "Use \"\\r\" to represent carriage return."),
            (_, "newline") => ("unquoted", "Use quoted CSV field to represent newline."),
            (_, _) => (
                "unquoted",
                "Use quoted CSV field to represent carriage return.",
            ),
        };
        CopyError {
            hint: Some(hint),
            ..CopyError::new(self.number + 1, format!("{how} {what} found in data"))
        }
    }

    /// `\.` on a line of its own ends the data; otherwise the text format takes the
    /// character behind a backslash for data, a newline too.
    fn backslash(&mut self) -> Result<Found, CopyError> {
        let is_text = self.quoting.is_none();
        match self.peek(1) {
            None if !self.finished => return Ok(Found::More),
            Some(b'.') => {}
            Some(_) if is_text => return Ok(Found::Nothing(2)),
            _ => return Ok(Found::Nothing(1)),
        }
        let is_end = match (self.peek(2), self.peek(3)) {
            (None, _) if !self.finished => return Ok(Found::More),
            (None, _) | (Some(b'\n'), _) => true,
            (Some(b'\r'), None) if !self.finished => return Ok(Found::More),
            (Some(b'\r'), _) => true,
            _ => false,
        };
        match (is_end, is_text) {
            (true, _) => Ok(Found::EndOfData),
            (false, true) => Err(CopyError::new(
                self.number + 1,
                "end-of-copy marker corrupt",
            )),
            (false, false) => Ok(Found::Nothing(1)),
        }
    }
}

/// What a character is.
enum Found {
    /// So many bytes of the line.
    Nothing(usize),
    /// The end of the line, of so many bytes.
    End(usize),
    EndOfData,
    More,
}
