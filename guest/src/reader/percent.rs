//! IRIS's words that begin with `%`, where the reader must know more than their shape.

/// Predicates that stand between two operands.
const INFIX: &[&str] = &["%FIND", "%INLIST", "%INSET", "%MATCHES", "%PATTERN", "%STARTSWITH"];

/// Whether a word is an infix predicate.
pub(crate) fn is_infix(word: &str) -> bool {
    INFIX.iter().any(|predicate| word.eq_ignore_ascii_case(predicate))
}
