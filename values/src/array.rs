//! Arrays: what a text says, and the text that PostgreSQL shows.
//!
//! PostgreSQL manual, "Array Input and Output Syntax"; `array_in` and `array_out`.

/// As many dimensions as an array may have (PostgreSQL's `MAXDIM`).
pub const MOST_DIMENSIONS: usize = 6;

/// An array whose subscripts begin at 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// How long each dimension is, the outermost first; empty if there are no elements.
    pub lengths: Vec<usize>,
    /// The elements of all dimensions in a row, as texts; none for NULL.
    pub elements: Vec<Option<String>>,
}

/// Why a text is no array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is none.
    Malformed,
    /// It has more dimensions than an array may have.
    Dimensions,
    /// It says where its subscripts begin.
    Bounds,
}

impl Array {
    /// What a text says.
    ///
    /// # Errors
    /// It is no array, or one that has other subscripts.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let body = text.trim_matches(is_blank);
        if body.starts_with('[') {
            return Err(Wrong::Bounds);
        }
        let body = body.strip_prefix('{').ok_or(Wrong::Malformed)?;
        let mut characters = body.chars().peekable();
        let mut reading = Reading::new();
        while !reading.counts.is_empty() {
            let next = *characters.peek().ok_or(Wrong::Malformed)?;
            if !matches!(next, '{' | '}' | ',') && !is_blank(next) {
                let element = element(&mut characters).ok_or(Wrong::Malformed)?;
                reading.element(element).ok_or(Wrong::Malformed)?;
                continue;
            }
            characters.next();
            let read = match next {
                '{' => reading.open(),
                '}' => reading.close(),
                ',' => reading.comma(),
                _ => Some(()),
            };
            read.ok_or(Wrong::Malformed)?;
            if reading.counts.len() > MOST_DIMENSIONS {
                return Err(Wrong::Dimensions);
            }
        }
        match characters.next() {
            Some(_) => Err(Wrong::Malformed),
            None => Ok(reading.array),
        }
    }

    /// One dimension.
    pub fn of(elements: Vec<Option<String>>) -> Self {
        let lengths = match elements.len() {
            0 => Vec::new(),
            length => vec![length],
        };
        Self { lengths, elements }
    }

    /// The text that PostgreSQL shows, if the elements are what their type shows.
    pub fn shown(&self) -> String {
        if self.elements.is_empty() {
            return "{}".to_owned();
        }
        let mut text = String::new();
        for (index, element) in self.elements.iter().enumerate() {
            // How many dimensions begin, or end and begin, at this element.
            let mut span = 1;
            let edges = |span: &mut usize, at: usize| {
                let lengths = self.lengths.iter().rev();
                lengths
                    .take_while(|length| {
                        *span = span.saturating_mul(**length);
                        *span > 0 && at.is_multiple_of(*span)
                    })
                    .count()
            };
            let opened = edges(&mut span, index);
            if index > 0 {
                text.push(',');
            }
            text.push_str(&"{".repeat(opened));
            match element {
                None => text.push_str("NULL"),
                Some(element) => quoted(element, &mut text),
            }
            let closed = edges(&mut 1, index + 1);
            text.push_str(&"}".repeat(closed));
        }
        text
    }
}

/// Where the reading of an array is.
struct Reading {
    array: Array,
    /// How many items each open dimension has so far, the outermost first.
    counts: Vec<usize>,
    /// How long each dimension is, once one of its arrays is closed.
    lengths: Vec<Option<usize>>,
    /// In which dimension elements stand, once there is one.
    leaf: Option<usize>,
    behind_item: bool,
    behind_comma: bool,
}

impl Reading {
    fn new() -> Self {
        Self {
            array: Array::of(Vec::new()),
            counts: vec![0],
            lengths: vec![None],
            leaf: None,
            behind_item: false,
            behind_comma: false,
        }
    }

    /// One item more in the innermost dimension.
    fn item(&mut self) -> Option<()> {
        *self.counts.last_mut()? += 1;
        self.behind_comma = false;
        (!self.behind_item).then_some(())
    }

    fn open(&mut self) -> Option<()> {
        self.item()?;
        self.counts.push(0);
        let depth = self.counts.len();
        if self.lengths.len() < depth {
            self.lengths.push(None);
        }
        self.leaf.is_none_or(|leaf| depth <= leaf).then_some(())
    }

    fn close(&mut self) -> Option<()> {
        let count = self.counts.pop()?;
        let length = self.lengths.get_mut(self.counts.len())?;
        if self.behind_comma || length.is_some_and(|known| known != count) {
            return None;
        }
        *length = Some(count);
        self.behind_item = true;
        if self.counts.is_empty() && !self.array.elements.is_empty() {
            let lengths = self.lengths.iter().copied();
            self.array.lengths = lengths.map(Option::unwrap_or_default).collect();
        }
        Some(())
    }

    fn comma(&mut self) -> Option<()> {
        self.behind_comma = true;
        std::mem::take(&mut self.behind_item).then_some(())
    }

    fn element(&mut self, element: Option<String>) -> Option<()> {
        self.item()?;
        self.behind_item = true;
        self.array.elements.push(element);
        let depth = self.counts.len();
        let leaf = *self.leaf.get_or_insert(depth);
        (leaf == depth && self.lengths.len() == depth).then_some(())
    }
}

/// An element at the beginning, without the comma or the brace behind it: none for NULL;
/// nothing if it is empty or does not end.
pub fn element(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Option<Option<String>> {
    let mut element = String::new();
    if characters.next_if_eq(&'"').is_some() {
        loop {
            match characters.next()? {
                '"' => return Some(Some(element)),
                '\\' => element.push(characters.next()?),
                other => element.push(other),
            }
        }
    }
    // Blanks at the end are no part of it, unless they are escaped.
    let (mut kept, mut escaped) = (0, false);
    loop {
        match *characters.peek()? {
            ',' | '}' => break,
            '{' | '"' => return None,
            _ => {}
        }
        match characters.next()? {
            '\\' => {
                element.push(characters.next()?);
                escaped = true;
                kept = element.len();
            }
            other => {
                element.push(other);
                if !is_blank(other) {
                    kept = element.len();
                }
            }
        }
    }
    element.truncate(kept);
    match element.as_str() {
        "" if !escaped => None,
        null if !escaped && null.eq_ignore_ascii_case("NULL") => Some(None),
        _ => Some(Some(element)),
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
        for (text, expected) in [
            (" { 1, 2 ,null } ", "{1,2,NULL}"),
            ("{}", "{}"),
            ("{{},{}}", "{}"),
            ("{{1,2},{3,4}}", "{{1,2},{3,4}}"),
            ("{{{1},{2}},{{3},{4}}}", "{{{1},{2}},{{3},{4}}}"),
            (r#"{a b,"c","",\,,"null"}"#, r#"{"a b",c,"",",","null"}"#),
            (r#"{"a\"b\\"}"#, r#"{"a\"b\\"}"#),
        ] {
            let shown = Array::parse(text).map(|array| array.shown());
            assert_eq!(shown.as_deref(), Ok(expected), "{text}");
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
            "{1} 3",
            "{{1}{2}}",
            "{1}{2}",
            "{\"a\"b}",
        ] {
            assert_eq!(Array::parse(text), Err(Wrong::Malformed), "{text}");
        }
        assert_eq!(Array::parse("{{{{{{{1}}}}}}}"), Err(Wrong::Dimensions));
        assert_eq!(Array::parse("[0:1]={1,2}"), Err(Wrong::Bounds));
        assert_eq!(Array::parse(&"{".repeat(100_000)), Err(Wrong::Dimensions));
    }
}
