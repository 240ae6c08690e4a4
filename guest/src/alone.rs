//! Which commands stand alone: PostgreSQL refuses them inside a transaction block, because
//! they are no part of a transaction.

use crate::command::Words;
use crate::reader::statement::Source;

/// The command as PostgreSQL names it, if it is one of them (`PreventInTransactionBlock`).
pub(crate) fn command(source: &Source<'_>) -> Option<String> {
    let mut words = Words::of(source);
    let plain = |name: &str| Some(name.to_owned());
    if words.take("VACUUM") {
        return plain("VACUUM");
    }
    if words.take("REINDEX") {
        return reindex(&mut words);
    }
    if words.take("CLUSTER") {
        words.take("VERBOSE");
        return words.at_end().then(|| "CLUSTER".to_owned());
    }
    if words.take_all(&["ALTER", "SYSTEM"]) {
        return plain("ALTER SYSTEM");
    }
    let verb = ["CREATE", "DROP"]
        .into_iter()
        .find(|verb| words.take(verb))?;
    for object in ["DATABASE", "TABLESPACE"] {
        if words.take(object) {
            return Some(format!("{verb} {object}"));
        }
    }
    words.take("UNIQUE");
    let concurrently = words.take_all(&["INDEX", "CONCURRENTLY"]);
    concurrently.then(|| format!("{verb} INDEX CONCURRENTLY"))
}

/// `REINDEX [(options)] DATABASE`, or with CONCURRENTLY among the options or behind the
/// kind of the object.
fn reindex(words: &mut Words<'_>) -> Option<String> {
    let mut concurrently = false;
    if words.take_symbol("(") {
        while !words.take_symbol(")") {
            concurrently |= words.next_is("CONCURRENTLY");
            words.advance()?;
        }
    }
    for object in ["DATABASE", "SYSTEM", "SCHEMA"] {
        if words.take(object) {
            return Some(format!("REINDEX {object}"));
        }
    }
    words.advance()?;
    concurrently |= words.take("CONCURRENTLY");
    concurrently.then(|| "REINDEX CONCURRENTLY".to_owned())
}
