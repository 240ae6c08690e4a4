//! Test corpora are Markdown: prose, and fenced blocks that are the test.

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// The headings above it, outermost first, joined by " / ".
    pub heading: String,
    /// The words behind the fence, as in `sql iris`.
    pub kind: &'a str,
    /// The lines between the fences.
    pub text: &'a str,
    /// The line of the opening fence, from 1.
    pub line: usize,
}

/// The fenced blocks of a document, in order.
pub fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut heading = String::new();
    let mut open: Option<(&str, usize, usize)> = None;
    let mut offset = 0;
    for (index, line) in document.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        match (open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some((kind.trim(), index + 1, offset)),
            (Some((kind, line, from)), Some(_)) => {
                let text = &document[from..start];
                blocks.push(Block {
                    heading: heading.clone(),
                    kind,
                    text,
                    line,
                });
                open = None;
            }
            (None, None) if line.starts_with('#') => {
                heading = line.trim_matches(['#', ' ', '\n']).to_owned()
            }
            _ => {}
        }
    }
    blocks
}
