//! The `$LIST` functions. `$LISTBUILD` and `$LIST` with a range give lists, the others text or numbers.

use super::Returns::{List, SmallInt, Text};
use super::Signature;

pub(super) fn find(name: &str) -> Option<Signature> {
    let (args, returns, sql) = match name {
        "$LISTBUILD" => ("|v*", List, "iris_list_build"),
        "$LIST" => ("l|i", Text, "iris_list"),
        "$LISTDATA" => ("l|i", SmallInt, "iris_list_data"),
        "$LISTFIND" => ("lt|i", SmallInt, "iris_list_find"),
        "$LISTFROMSTRING" => ("t|t", List, "iris_list_from_string"),
        "$LISTGET" => ("l|it", Text, "iris_list_get"),
        "$LISTLENGTH" => ("l", SmallInt, "iris_list_length"),
        "$LISTSAME" => ("ll", SmallInt, "iris_list_same"),
        "$LISTTOSTRING" => ("l|t", Text, "iris_list_to_string"),
        _ => return None,
    };
    Some(Signature::new(args, returns, sql))
}

/// `$LIST(list, from, to)`: a list, where the shorter forms give an element.
pub(in crate::binder) const PART: Signature = Signature::new("lii", List, "iris_list_part");
