//! Arrays from and to text, section 8.15 of the manual.

use std::rc::Rc;

use crate::failure::{Failure, Result};
use crate::value::{Array, Value};

/// As many as PostgreSQL allows.
const DEEPEST: usize = 6;

/// Reads one element.
type Element<'a> = &'a mut dyn FnMut(&str) -> Result<Value>;

pub(super) fn input(text: &str, element: Element<'_>) -> Result<Value> {
    let trimmed = text.trim();
    let mut first = Vec::new();
    let body = match trimmed.strip_prefix('[') {
        Some(_) => {
            let (bounds, body) = trimmed.split_once('=').ok_or_else(|| malformed(text))?;
            first = lower_bounds(bounds).ok_or_else(|| malformed(text))?;
            body
        }
        None => trimmed,
    };
    let mut reader = Reader {
        rest: body.chars().peekable(),
        whole: text,
        elements: Vec::new(),
        lengths: Vec::new(),
    };
    reader.level(0, element)?;
    if reader.rest.any(|c| !c.is_whitespace()) {
        return Err(malformed(text));
    }
    let dimensions = if reader.elements.is_empty() {
        Vec::new()
    } else {
        reader
            .lengths
            .iter()
            .enumerate()
            .map(|(depth, length)| (*length, first.get(depth).copied().unwrap_or(1)))
            .collect()
    };
    Ok(Value::Array(Rc::new(Array {
        dimensions,
        elements: reader.elements,
    })))
}

fn lower_bounds(text: &str) -> Option<Vec<i64>> {
    text.trim_matches(['[', ']'])
        .split("][")
        .map(|part| part.split_once(':')?.0.trim().parse().ok())
        .collect()
}

fn malformed(text: &str) -> Failure {
    Failure::new("22P02", format!("malformed array literal: \"{text}\""))
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    whole: &'a str,
    elements: Vec<Value>,
    /// Of each dimension met so far.
    lengths: Vec<usize>,
}

impl Reader<'_> {
    fn level(&mut self, depth: usize, element: Element<'_>) -> Result<()> {
        if depth >= DEEPEST {
            return Err(Failure::new(
                "54000",
                format!("number of array dimensions exceeds the maximum allowed ({DEEPEST})"),
            ));
        }
        self.spaces();
        if self.rest.next() != Some('{') {
            return Err(malformed(self.whole));
        }
        let mut count = 0;
        self.spaces();
        if self.rest.next_if_eq(&'}').is_none() {
            loop {
                self.item(depth, element)?;
                count += 1;
                self.spaces();
                match self.rest.next() {
                    Some(',') => {}
                    Some('}') => break,
                    _ => return Err(malformed(self.whole)),
                }
            }
        }
        match self.lengths.get(depth) {
            None => {
                self.lengths.resize(depth, 0);
                self.lengths.push(count);
            }
            Some(0) => self.lengths[depth] = count,
            Some(length) if *length == count => {}
            Some(_) => return Err(malformed(self.whole)),
        }
        Ok(())
    }

    fn item(&mut self, depth: usize, element: Element<'_>) -> Result<()> {
        self.spaces();
        match self.rest.peek() {
            Some('{') => return self.level(depth + 1, element),
            Some('"') => {
                let text = self.quoted()?;
                self.elements.push(element(&text)?);
            }
            _ => {
                let text = self.bare()?;
                let value = if text.eq_ignore_ascii_case("null") {
                    Value::Null
                } else {
                    element(&text)?
                };
                self.elements.push(value);
            }
        }
        Ok(())
    }

    fn quoted(&mut self) -> Result<String> {
        self.rest.next();
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.extend(self.rest.next()),
                Some(c) => text.push(c),
                None => return Err(malformed(self.whole)),
            }
        }
    }

    fn bare(&mut self) -> Result<String> {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, ',' | '}' | '{' | '"')) {
            if c == '\\' {
                text.extend(self.rest.next());
            } else {
                text.push(c);
            }
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(malformed(self.whole));
        }
        Ok(trimmed.to_owned())
    }

    fn spaces(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
    }
}

pub(super) fn output(array: &Array, element: &mut dyn FnMut(&Value) -> Option<String>) -> String {
    let mut text = String::new();
    if array.dimensions.iter().any(|(_, first)| *first != 1) {
        for (length, first) in &array.dimensions {
            let last = first + *length as i64 - 1;
            text.push_str(&format!("[{first}:{last}]"));
        }
        text.push('=');
    }
    let mut elements = array.elements.iter();
    show(&array.dimensions, &mut elements, element, &mut text);
    text
}

fn show(
    dimensions: &[(usize, i64)],
    elements: &mut std::slice::Iter<'_, Value>,
    element: &mut dyn FnMut(&Value) -> Option<String>,
    text: &mut String,
) {
    text.push('{');
    if let Some(((length, _), inner)) = dimensions.split_first() {
        for number in 0..*length {
            if number > 0 {
                text.push(',');
            }
            if inner.is_empty() {
                match elements.next().and_then(&mut *element) {
                    Some(shown) => text.push_str(&quote(&shown)),
                    None => text.push_str("NULL"),
                }
            } else {
                show(inner, elements, element, text);
            }
        }
    }
    text.push('}');
}

fn quote(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && !text
            .chars()
            .any(|c| c.is_whitespace() || matches!(c, '"' | '\\' | '{' | '}' | ','));
    if plain {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
