//! Statements that stand in others, and questions about tables that a claim asks.

use crate::reader::statement::Source;
use crate::rule::Scene;
use crate::wit::{InnerStatement, Lookup, MetadataQuery, Oid};

/// The rest of a statement's text from a byte of it, as a statement of its own.
pub(crate) fn rest_of(source: &Source<'_>, start: usize, scene: &Scene<'_>) -> InnerStatement {
    part_of(source, start, source.range().end, scene)
}

/// The same up to another byte.
pub(crate) fn part_of(
    source: &Source<'_>,
    start: usize,
    end: usize,
    scene: &Scene<'_>,
) -> InnerStatement {
    InnerStatement {
        text: source.text[start..end.max(start)].to_owned(),
        offset: Some(before(source, start, scene)),
    }
}

/// A statement in the rules' own wording.
pub(crate) fn worded(text: String) -> InnerStatement {
    InnerStatement { text, offset: None }
}

/// The plan that asks these questions before the statement can be translated.
pub(crate) fn lookup(
    source: &Source<'_>,
    scene: &Scene<'_>,
    queries: Vec<MetadataQuery>,
    parameters: Vec<Oid>,
) -> Lookup {
    let range = source.range();
    Lookup {
        offset: before(source, range.start, scene),
        text: source.text[range].to_owned(),
        queries,
        parameters,
        temporary: false,
    }
}

/// How many characters of the client's text precede a byte.
fn before(source: &Source<'_>, start: usize, scene: &Scene<'_>) -> u32 {
    let characters = u32::try_from(source.characters_before(start)).unwrap_or(u32::MAX);
    scene.offset.saturating_add(characters)
}
