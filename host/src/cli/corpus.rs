//! Statements in files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// A text, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) file: PathBuf,
    /// Of its first line, from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// All statements of files, and of the files in directories, by name.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for path in paths {
        for file in files(path, &["md", "sql"])? {
            let text = read_text(&file)?;
            let found = match is(&file, "md") {
                true => blocks(&text),
                false => paragraphs(&text),
            };
            statements.extend(found.into_iter().map(|(line, text)| Statement {
                file: file.clone(),
                line,
                text,
            }));
        }
    }
    ensure!(!statements.is_empty(), "there are no statements");
    Ok(statements)
}

/// A text, or an error that names the file.
pub(super) fn read_text(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The file at a path, or those in the directory there that end in one of these ways, by name.
pub(super) fn files(path: &Path, extensions: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    files.retain(|file| extensions.iter().any(|extension| is(file, extension)));
    files.sort();
    Ok(files)
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

/// Pieces of a text between empty lines.
fn paragraphs(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            is_open = false;
        } else if let Some((_, last)) = found.last_mut().filter(|_| is_open) {
            last.push('\n');
            last.push_str(line);
        } else {
            found.push((index + 1, line.to_owned()));
            is_open = true;
        }
    }
    found
}

/// The fenced blocks of Markdown that are SQL of clients.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let blocks = fences(text).into_iter();
    blocks
        .filter(|block| matches!(block.kind.as_str(), "sql" | "sql postgres"))
        .map(|block| (block.line, block.text))
        .collect()
}

/// A fenced block of Markdown.
pub(super) struct Fence {
    /// What stands behind the opening fence.
    pub(super) kind: String,
    /// Of its first line, from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// The fenced blocks of Markdown, in order.
pub(super) fn fences(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize, Vec<&str>)> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some((kind.trim(), index + 2, Vec::new())),
            (Some((kind, line, lines)), Some(_)) => {
                found.push(Fence {
                    kind: (*kind).to_owned(),
                    line: *line,
                    text: lines.join("\n"),
                });
                open = None;
            }
            (Some((_, _, lines)), None) => lines.push(line),
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_with_their_lines() {
        let text = "SELECT 1;\n\n\nSELECT\n  2\n";
        let expected = [(1, "SELECT 1;".to_owned()), (4, "SELECT\n  2".to_owned())];
        assert_eq!(paragraphs(text), expected);
        let text = "# A\n```sql\nSELECT 1\n```\n```sql iris\nSELECT 2\n```\n```sql postgres\nSELECT 3\n```\n";
        let expected = [(3, "SELECT 1".to_owned()), (9, "SELECT 3".to_owned())];
        assert_eq!(blocks(text), expected);
    }
}
