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
        for file in files(path)? {
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
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

fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    files.retain(|file| is(file, "md") || is(file, "sql"));
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
    let mut found = Vec::new();
    let mut open: Option<(bool, usize, Vec<&str>)> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                let is_wanted = matches!(kind.trim(), "sql" | "sql postgres");
                open = Some((is_wanted, index + 2, Vec::new()));
            }
            (Some((is_wanted, line, lines)), Some(_)) => {
                if *is_wanted {
                    found.push((*line, lines.join("\n")));
                }
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
