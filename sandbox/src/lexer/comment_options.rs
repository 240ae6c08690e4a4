//! Is the text of a `/*#OPTIONS … */` comment a JSON object? What it says is not looked at.

/// How deep values may nest.
const DEEPEST: u32 = 20;

/// One JSON object with blanks around it and nothing else.
pub(super) fn is_json_object(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && value(text, 0).is_some_and(|rest| rest.trim().is_empty())
}

/// What follows the value that `text` begins with.
fn value(text: &str, depth: u32) -> Option<&str> {
    let text = text.trim_start();
    if depth > DEEPEST {
        return None;
    }
    match text.chars().next()? {
        '{' => list(&text[1..], '}', |member| {
            let rest = string(member.trim_start())?.trim_start();
            value(rest.strip_prefix(':')?, depth + 1)
        }),
        '[' => list(&text[1..], ']', |item| value(item, depth + 1)),
        '"' => string(text),
        '-' | '0'..='9' => number(text),
        _ => ["true", "false", "null"]
            .iter()
            .find_map(|word| text.strip_prefix(word)),
    }
}

/// Items between commas up to `close`; the opening bracket is behind us.
fn list(text: &str, close: char, item: impl Fn(&str) -> Option<&str>) -> Option<&str> {
    let mut rest = text.trim_start();
    if let Some(after) = rest.strip_prefix(close) {
        return Some(after);
    }
    loop {
        rest = item(rest)?.trim_start();
        if let Some(after) = rest.strip_prefix(close) {
            return Some(after);
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn string(text: &str) -> Option<&str> {
    let mut escaped = false;
    let inside = text.strip_prefix('"')?;
    let end = inside.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| &inside[at + 1..])
}

fn number(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let rest =
        unsigned.trim_start_matches(|c: char| matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'));
    let number = &unsigned[..unsigned.len() - rest.len()];
    (number.starts_with(|c: char| c.is_ascii_digit()) && number.parse::<f64>().is_ok())
        .then_some(rest)
}
