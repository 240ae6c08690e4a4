//! The text that PostgreSQL shows of an array: without blanks, each element as its type shows
//! it, and quoted where it must be.
//!
//! PostgreSQL: `array_in` and `array_out`.

use super::element;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// As many dimensions as an array may have (PostgreSQL's `MAXDIM`).
const MOST_DIMENSIONS: usize = 6;

/// An array's text in PostgreSQL's words; `convert` reads an element and gives what is shown
/// of it.
///
/// # Errors
/// The text is no array, or an element is not of its type.
pub(crate) fn canonical(
    text: &str,
    convert: &dyn Fn(&str) -> Diagnosed<String>,
) -> Diagnosed<String> {
    let malformed = || {
        let message = format!("malformed array literal: \"{text}\"");
        Diagnostic::error("22P02", message)
    };
    let body = text.trim_matches(is_blank);
    if body.starts_with('[') {
        return Err(Diagnostic::not_supported(
            "bounds of arrays are not supported",
            "count from 1, and leave the bounds out",
        ));
    }
    let mut rest = body
        .strip_prefix('{')
        .ok_or_else(malformed)?
        .chars()
        .peekable();
    let mut reading = Reading::default();
    while reading.depth > 0 {
        match *rest.peek().ok_or_else(malformed)? {
            blank if is_blank(blank) => {
                rest.next();
            }
            '{' => {
                rest.next();
                reading.open().ok_or_else(malformed)?;
                if reading.depth > MOST_DIMENSIONS {
                    let message = "number of array dimensions exceeds the maximum allowed (6)";
                    return Err(Diagnostic::error("54000", message));
                }
            }
            '}' => {
                rest.next();
                reading.close().ok_or_else(malformed)?;
            }
            ',' => {
                rest.next();
                reading.comma().ok_or_else(malformed)?;
            }
            _ => {
                let value = element(&mut rest).ok_or_else(malformed)?;
                reading.leaf().ok_or_else(malformed)?;
                match value {
                    None => reading.written.push_str("NULL"),
                    Some(value) => quoted(&convert(&value)?, &mut reading.written),
                }
            }
        }
    }
    match rest.next() {
        Some(_) => Err(malformed()),
        None if reading.leaves == 0 => Ok("{}".to_owned()),
        None => Ok(reading.written),
    }
}

/// One dimension of elements that are shown so already; none for NULL.
pub(crate) fn shown(elements: &[Option<String>]) -> String {
    let mut written = String::from("{");
    for (index, element) in elements.iter().enumerate() {
        written.push_str(if index == 0 { "" } else { "," });
        match element {
            None => written.push_str("NULL"),
            Some(text) => quoted(text, &mut written),
        }
    }
    written.push('}');
    written
}

/// Where the reading of an array is.
struct Reading {
    written: String,
    depth: usize,
    /// How many items each open dimension has so far, the outermost first.
    counts: Vec<usize>,
    /// How many items each dimension has, once one of its arrays is closed.
    lengths: Vec<Option<usize>>,
    /// The depth at which elements stand, once there is one.
    leaf_depth: Option<usize>,
    leaves: usize,
    /// Whether an item was just read, and whether one must come.
    behind_item: bool,
    behind_comma: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            written: "{".to_owned(),
            depth: 1,
            counts: vec![0],
            lengths: vec![None],
            leaf_depth: None,
            leaves: 0,
            behind_item: false,
            behind_comma: false,
        }
    }
}

impl Reading {
    /// One item more in the innermost dimension.
    fn item(&mut self) -> Option<()> {
        if self.behind_item {
            return None;
        }
        *self.counts.last_mut()? += 1;
        self.behind_comma = false;
        Some(())
    }

    fn open(&mut self) -> Option<()> {
        self.item()?;
        self.written.push('{');
        self.depth += 1;
        self.counts.push(0);
        if self.lengths.len() < self.depth {
            self.lengths.push(None);
        }
        self.leaf_depth
            .is_none_or(|leaf| self.depth <= leaf)
            .then_some(())
    }

    fn close(&mut self) -> Option<()> {
        let count = self.counts.pop()?;
        let length = self.lengths.get_mut(self.depth - 1)?;
        if self.behind_comma || length.is_some_and(|known| known != count) {
            return None;
        }
        *length = Some(count);
        self.written.push('}');
        self.depth -= 1;
        self.behind_item = true;
        Some(())
    }

    fn comma(&mut self) -> Option<()> {
        self.written.push(',');
        self.behind_comma = true;
        std::mem::take(&mut self.behind_item).then_some(())
    }

    fn leaf(&mut self) -> Option<()> {
        self.item()?;
        self.leaves += 1;
        self.behind_item = true;
        let leaf = *self.leaf_depth.get_or_insert(self.depth);
        (leaf == self.depth && self.lengths.len() == self.depth).then_some(())
    }
}

fn is_blank(one: char) -> bool {
    matches!(one, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// `array_out` quotes what would be read as something else.
fn quoted(text: &str, into: &mut String) {
    let special = |one: char| is_blank(one) || matches!(one, '"' | '\\' | '{' | '}' | ',');
    if !text.is_empty() && !text.contains(special) && !text.eq_ignore_ascii_case("NULL") {
        into.push_str(text);
        return;
    }
    into.push('"');
    for one in text.chars() {
        if matches!(one, '"' | '\\') {
            into.push('\\');
        }
        into.push(one);
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_shown_as_array_out_shows_them() {
        let read = |text: &str| {
            canonical(text, &|element| Ok(element.to_owned())).map_err(|error| error.sqlstate)
        };
        for (text, expected) in [
            (" { 1, 2 ,null } ", "{1,2,NULL}"),
            ("{}", "{}"),
            ("{{},{}}", "{}"),
            ("{{1,2},{3,4}}", "{{1,2},{3,4}}"),
            (r#"{a b,"c","",\,,"null"}"#, r#"{"a b",c,"",",","null"}"#),
            (r#"{"a\"b\\"}"#, r#"{"a\"b\\"}"#),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "5",
            "",
            "{1",
            "{1,}",
            "{,1}",
            "{1}}",
            "{{1,2},{3}}",
            "{1,{2}}",
            "{{1},2}",
            "{1 2} 3",
            "{{1}{2}}",
            "{1}{2}",
            "{\"a\"b}",
        ] {
            assert_eq!(read(text), Err("22P02".to_owned()), "{text}");
        }
        assert_eq!(read("{{{{{{{1}}}}}}}"), Err("54000".to_owned()));
        assert_eq!(read("[0:1]={1,2}"), Err("0A000".to_owned()));
    }
}
