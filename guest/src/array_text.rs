//! The elements of an array literal, and the text that PostgreSQL shows of one.
//!
//! PostgreSQL manual, "Array Input and Output Syntax".

mod canonical;

pub(crate) use canonical::{canonical, shown};

/// The elements of `{1,2}`, those of all dimensions in a row; none for NULL. Nothing
/// if the text is no array.
pub(crate) fn elements(text: &str) -> Option<Vec<Option<String>>> {
    let mut characters = text.trim().strip_prefix('{')?.chars().peekable();
    let mut elements = Vec::new();
    let mut depth = 1_usize;
    // Whether an element must follow, and whether one may.
    let (mut must, mut may) = (false, true);
    while depth > 0 {
        match *characters.peek()? {
            character if character.is_ascii_whitespace() => {
                characters.next();
            }
            '}' if !must => {
                characters.next();
                depth -= 1;
                may = false;
            }
            ',' if !may => {
                characters.next();
                (must, may) = (true, true);
            }
            _ if !may => return None,
            '{' => {
                characters.next();
                depth += 1;
                must = false;
            }
            _ => {
                elements.push(element(&mut characters)?);
                (must, may) = (false, false);
            }
        }
    }
    characters.next().is_none().then_some(elements)
}

fn element(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Option<String>> {
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
                if !other.is_ascii_whitespace() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_as_array_in_reads_them() {
        let read = |text| {
            elements(text).map(|all| {
                let shown = all
                    .into_iter()
                    .map(|one| one.unwrap_or_else(|| "-".to_owned()));
                shown.collect::<Vec<_>>().join("|")
            })
        };
        assert_eq!(read("{1, 2 ,null}").as_deref(), Some("1|2|-"));
        assert_eq!(read("{}").as_deref(), Some(""));
        assert_eq!(
            read(r#"{"a,b","c\"d",e f}"#).as_deref(),
            Some("a,b|c\"d|e f")
        );
        assert_eq!(read("{{1,2},{3}}").as_deref(), Some("1|2|3"));
        assert_eq!(read(r"{a\,b , \NULL}").as_deref(), Some("a,b|NULL"));
        for wrong in ["1,2", "{1", "{1,}", "{,1}", "{1}}", "{1}x", "", "{a\"b}"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
