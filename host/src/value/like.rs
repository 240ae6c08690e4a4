//! LIKE, where the host compares.
//!
//! PostgreSQL manual, "Pattern Matching"; `like_match.c`.

use super::ValueError;

/// What a place of a pattern stands for.
enum Place {
    One(char),
    Any,
    AnyNumber,
}

/// Whether the whole text is like the pattern, whose escape character is the backslash.
///
/// # Errors
/// The pattern ends with the escape character.
pub(super) fn is_like(text: &str, pattern: &str) -> Result<bool, ValueError> {
    let pattern = places(pattern)?;
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // Where to go on if what follows the last `%` does not fit there.
    let mut again: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(place) {
            Some(Place::AnyNumber) => {
                place += 1;
                again = Some((at, place));
                continue;
            }
            Some(Place::Any) => {
                (at, place) = (at + 1, place + 1);
                continue;
            }
            Some(Place::One(one)) if text.get(at) == Some(one) => {
                (at, place) = (at + 1, place + 1);
                continue;
            }
            _ => {}
        }
        let Some((start, behind)) = again else {
            return Ok(false);
        };
        again = Some((start + 1, behind));
        (at, place) = (start + 1, behind);
    }
    let rest = pattern.get(place..).unwrap_or_default();
    Ok(rest.iter().all(|place| matches!(place, Place::AnyNumber)))
}

fn places(pattern: &str) -> Result<Vec<Place>, ValueError> {
    let mut places = Vec::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(one) = characters.next() {
        places.push(match one {
            '%' => Place::AnyNumber,
            '_' => Place::Any,
            '\\' => Place::One(characters.next().ok_or_else(ValueError::pattern_end)?),
            other => Place::One(other),
        });
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn patterns_mean_what_they_mean_in_postgresql() {
        for (text, pattern, expected) in [
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abcabd", "%abd", true),
            ("abc", "_b_", true),
            ("abc", "b", false),
            ("a%c", "a\\%c", true),
            ("abc", "a\\%c", false),
            ("", "%", true),
            ("", "_", false),
        ] {
            assert_eq!(is_like(text, pattern), Ok(expected), "{text} {pattern}");
        }
        assert!(is_like("a", "a\\").is_err());
    }
}
