//! String functions.

use super::Returns::{Integer, SameText, Short, SmallInt, Text};
use super::Signature;

/// Null and empty arguments are the functions' own business: many treat them in ways of their own.
pub(super) fn find(name: &str) -> Option<Signature> {
    let (args, returns, sql) = match name {
        "ASCII" => ("t", Integer, "iris_ascii"),
        "CHAR" => ("x", Short(1), "iris_char"),
        "CHARACTER_LENGTH" | "CHAR_LENGTH" | "DATALENGTH" => ("b", Integer, "iris_char_length"),
        "LENGTH" | "LEN" => ("t", Integer, "iris_length"),
        "$LENGTH" => ("t|t", SmallInt, "iris_dollar_length"),
        "CHARINDEX" => ("tt|i", Integer, "iris_charindex"),
        "INSTR" => ("tt|xi", Integer, "iris_instr"),
        "POSITION" => ("tt", Integer, "iris_position"),
        "$FIND" => ("tt|i", SmallInt, "iris_dollar_find"),
        "$EXTRACT" => ("t|ii", Text, "iris_extract"),
        "$PIECE" => ("tt|ii", Text, "iris_piece"),
        "$TRANSLATE" => ("tt|t", Text, "iris_translate"),
        "$JUSTIFY" => ("ti|i", Text, "iris_justify"),
        "LCASE" | "LOWER" => ("t", Text, "iris_lower"),
        "UCASE" | "UPPER" => ("t", Text, "iris_upper"),
        "LEFT" => ("ti", Text, "iris_left"),
        "RIGHT" => ("ti", Text, "iris_right"),
        "LTRIM" => ("t", Text, "iris_ltrim"),
        "RTRIM" => ("t", Text, "iris_rtrim"),
        "TRIM" => ("ttt", Text, "iris_trim"),
        "LPAD" => ("ti|t", Text, "iris_lpad"),
        "RPAD" => ("ti|t", Text, "iris_rpad"),
        "REPEAT" | "REPLICATE" => ("tx", Text, "iris_repeat"),
        "REPLACE" => ("ttt", Text, "iris_replace"),
        "REVERSE" => ("t", Text, "iris_reverse"),
        "SPACE" => ("i", Text, "iris_space"),
        "STUFF" => ("tiit", Text, "iris_stuff"),
        "SUBSTR" => ("ti|i", Text, "iris_substr"),
        "SUBSTRING" => ("ti|i", SameText, "iris_substring"),
        "STR" => ("t|ii", Text, "iris_str"),
        "STRING" => ("t|t*", Text, "iris_string"),
        "CONCAT" => ("tt", Text, "iris_concat"),
        _ => return None,
    };
    Some(Signature::new(args, returns, sql))
}

/// The functions that take LONGVARCHAR and LONGVARBINARY too.
pub(in crate::binder) fn takes_streams(name: &str) -> bool {
    matches!(
        name,
        "CHARACTER_LENGTH" | "CHAR_LENGTH" | "DATALENGTH" | "SUBSTRING" | "%INTERNAL"
    )
}
