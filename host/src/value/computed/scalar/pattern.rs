//! Of texts and regular expressions.
//!
//! PostgreSQL manual, "POSIX Regular Expressions".

mod search;

use pgiris_values::expression::Options;

use super::{LONGEST, Operands, Scalar, array};
use crate::value::ValueError;
use search::{Found, Span};
pub(super) use search::{Search, checked};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("textregexeq", 2, |operands| operands.matches("", true)),
    Scalar::new("textregexne", 2, |operands| operands.matches("", false)),
    Scalar::new("texticregexeq", 2, |operands| operands.matches("i", true)),
    Scalar::new("texticregexne", 2, |operands| operands.matches("i", false)),
    Scalar::new("regexp_like_no_flags", 2, |operands| {
        operands.matches("", true)
    }),
    Scalar::new("regexp_like", 3, |operands| {
        one_only("regexp_like", operands.text(2))?;
        operands.matches(operands.text(2), true)
    }),
    Scalar::new("textregexreplace_noopt", 3, |operands| {
        replaced(&operands, "")
    }),
    Scalar::new("textregexreplace", 4, |operands| {
        replaced(&operands, operands.text(3))
    }),
    Scalar::partial("regexp_match_no_flags", 2, |operands| {
        matched(&operands, "")
    }),
    Scalar::partial("regexp_match", 3, |operands| {
        one_only("regexp_match", operands.text(2))?;
        matched(&operands, operands.text(2))
    }),
    Scalar::new("regexp_count_no_start", 2, |operands| {
        let found = all(&mut operands.search("")?, Kept::All)?;
        Ok(found.len().to_string())
    }),
    Scalar::partial("regexp_substr_no_start", 2, |operands| {
        let found = operands.search("")?.find(0)?;
        Ok(found.map(|span| operands.part(span).to_owned()))
    }),
    Scalar::partial("textregexsubstr", 2, |operands| {
        let mut search = operands.search("")?;
        let Some(found) = search.find_groups(0)? else {
            return Ok(None);
        };
        let meant = match found.groups.first() {
            Some(group) => *group,
            None => Some(found.whole),
        };
        Ok(meant.map(|span| operands.part(span).to_owned()))
    }),
    Scalar::new("regexp_split_to_array_no_flags", 2, |operands| {
        Ok(array(split(&operands, "")?))
    }),
    Scalar::new("regexp_split_to_array", 3, |operands| {
        one_only("regexp_split_to_array", operands.text(2))?;
        Ok(array(split(&operands, operands.text(2))?))
    }),
];

impl Operands<'_> {
    /// The first operand, in which the second one is looked for.
    fn search(&self, letters: &str) -> Result<Search<'_>, ValueError> {
        let options = options(letters)?;
        Search::new(self.text(0), self.text(1), options)
    }

    fn matches(&self, letters: &str, wanted: bool) -> Result<String, ValueError> {
        let found = self.search(letters)?.find(0)?.is_some();
        Ok(if found == wanted { "t" } else { "f" }.to_owned())
    }

    fn part(&self, span: Span) -> &str {
        self.text(0).get(span.start..span.end).unwrap_or_default()
    }
}

fn options(letters: &str) -> Result<Options, ValueError> {
    Options::read(letters).map_err(ValueError::expression)
}

/// Refuses the option `g`.
fn one_only(function: &str, letters: &str) -> Result<(), ValueError> {
    match options(letters)?.every {
        true => Err(ValueError::expression_global(function)),
        false => Ok(()),
    }
}

/// Which matches there are to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    All,
    /// Not those of nothing at the ends of the text and behind another match.
    Separating,
}

/// `setup_regexp_matches`
fn all(search: &mut Search<'_>, kept: Kept) -> Result<Vec<Span>, ValueError> {
    let mut found = Vec::new();
    let (mut from, mut last_end) = (Some(0), 0);
    while let Some(start) = from
        && let Some(span) = search.find(start)?
    {
        if kept == Kept::All || span.start < search.len() && span.end > last_end {
            found.push(span);
        }
        last_end = span.end;
        from = search.behind(span);
    }
    Ok(found)
}

fn matched(operands: &Operands<'_>, letters: &str) -> Result<Option<String>, ValueError> {
    let mut search = operands.search(letters)?;
    let Some(found) = search.find_groups(0)? else {
        return Ok(None);
    };
    Ok(Some(groups(operands, &found)))
}

/// An array of the groups of a match; of the whole, if it has none.
fn groups(operands: &Operands<'_>, found: &Found) -> String {
    let part = |span: Span| operands.part(span).to_owned();
    array(match found.groups.is_empty() {
        true => vec![Some(part(found.whole))],
        false => found.groups.iter().map(|group| group.map(part)).collect(),
    })
}

/// `regexp_matches` of a text, an expression, and perhaps options: an array for each match.
///
/// # Errors
/// The expression is none, or not supported, or takes too long.
pub(in crate::value) fn matches(operands: &[String]) -> Result<Vec<String>, ValueError> {
    let operands = Operands(operands);
    let every = options(operands.text(2))?.every;
    let mut search = operands.search(operands.text(2))?;
    let mut all = Vec::new();
    let mut from = Some(0);
    while let Some(start) = from
        && let Some(found) = search.find_groups(start)?
    {
        all.push(groups(&operands, &found));
        from = search.behind(found.whole).filter(|_| every);
    }
    Ok(all)
}

/// `regexp_split_to_table` of the same.
///
/// # Errors
/// Likewise.
pub(in crate::value) fn parts(operands: &[String]) -> Result<Vec<Option<String>>, ValueError> {
    let operands = Operands(operands);
    one_only("regexp_split_to_table", operands.text(2))?;
    split(&operands, operands.text(2))
}

/// The parts of the text between the matches.
fn split(operands: &Operands<'_>, letters: &str) -> Result<Vec<Option<String>>, ValueError> {
    let mut search = operands.search(letters)?;
    let mut start = 0;
    let mut elements = Vec::new();
    for span in all(&mut search, Kept::Separating)? {
        let end = span.start;
        elements.push(Some(operands.part(Span { start, end }).to_owned()));
        start = span.end;
    }
    let end = search.len();
    elements.push(Some(operands.part(Span { start, end }).to_owned()));
    Ok(elements)
}

/// `replace_text_regexp`: the text, the expression, and what comes in its place.
fn replaced(operands: &Operands<'_>, letters: &str) -> Result<String, ValueError> {
    let every = options(letters)?.every;
    let (text, template) = (operands.text(0), operands.text(2));
    let mut search = operands.search(letters)?;
    let has_groups = has_groups(template);
    let mut shown = String::new();
    let (mut from, mut copied) = (Some(0), 0);
    while let Some(start) = from {
        let found = match has_groups {
            true => search.find_groups(start)?,
            false => search.find(start)?.map(|whole| Found {
                whole,
                groups: Vec::new(),
            }),
        };
        let Some(found) = found else {
            break;
        };
        shown.push_str(text.get(copied..found.whole.start).unwrap_or_default());
        fill(&mut shown, template, operands, &found)?;
        copied = found.whole.end;
        from = search.behind(found.whole).filter(|_| every);
    }
    shown.push_str(text.get(copied..).unwrap_or_default());
    Ok(shown)
}

/// Whether something is to be replaced by a group.
fn has_groups(template: &str) -> bool {
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && matches!(characters.next(), Some('1'..='9')) {
            return true;
        }
    }
    false
}

/// `appendStringInfoRegexpSubstr`
fn fill(
    shown: &mut String,
    template: &str,
    operands: &Operands<'_>,
    found: &Found,
) -> Result<(), ValueError> {
    let mut rest = template;
    while let Some((plain, behind)) = rest.split_once('\\') {
        shown.push_str(plain);
        let letter = behind.chars().next();
        let span = match letter {
            Some('&') => Some(found.whole),
            Some(digit @ '1'..='9') => {
                let group = digit.to_digit(10).and_then(|digit| digit.checked_sub(1));
                let group = group.and_then(|group| found.groups.get(group as usize));
                group.copied().flatten()
            }
            Some('\\') => {
                shown.push('\\');
                None
            }
            // It means itself.
            _ => {
                shown.push('\\');
                rest = behind;
                continue;
            }
        };
        if let Some(span) = span {
            shown.push_str(operands.part(span));
            if shown.len() > LONGEST {
                return Err(ValueError::text_too_long());
            }
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    shown.push_str(rest);
    match shown.len() > LONGEST {
        true => Err(ValueError::text_too_long()),
        false => Ok(()),
    }
}
