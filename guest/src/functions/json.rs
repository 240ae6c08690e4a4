//! JSON: IRIS's strings are put together to documents; it takes them apart only in FROM.

mod value;

use std::collections::BTreeMap;

use sqlparser::ast::Expr;

use super::aggregate::{alike, unsorted};
use super::{ANY, Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::wit::Diagnostic;
use value::{Text, or_nothing, or_null};

pub(super) const TAKE_APART: &str = "from IRIS 2024.1 JSON_TABLE takes documents apart in FROM; or select the document and take it apart in the client";
pub(super) const BROKER: &str = "by the broker, see `element_access`: in the select list, in what is written, and in conditions on one table";
/// In one place with what is not there of the language.
const PATH: &str = "by the broker, see `element_access`: in the select list, in what is written, and in conditions on one table; paths without the method `datetime()`";
const WHOLE: &str = "select the values, and make the document in the client";
const JSON: Returns = Returns::Type(oid::JSON);
const JSONB: Returns = Returns::Type(oid::JSONB);
const VALUE: &str = "the text of the value, by `JSON_ARRAY` of strings";
const OBJECT: &str = "`'{\"k\" : ' || … || '}'`";
const BINARY_OBJECT: &str = "`'{\"k\": ' || … || '}'`; keys are literals";
const ARRAY: &str = "`'[' || … || ']'`";
const LIST: &str = "`'[' || $LISTTOSTRING(%DLIST(…), ', ') || ']'`";
const PAIRS: &str = "`'{ ' || $LISTTOSTRING(%DLIST(…), ', ') || ' }'`";
/// Booleans are asked for.
const CONDITIONS: Marks = Marks::PREDICATE.and(Marks::CONDITION);

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["json_extract_path"],
        (2, ANY),
        JSON,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["jsonb_extract_path"],
        (2, ANY),
        JSONB,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &[
            "json_extract_path_text",
            "jsonb_extract_path_text",
            "json_typeof",
            "jsonb_typeof",
        ],
        (1, ANY),
        Returns::Type(oid::TEXT),
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["json_array_length", "jsonb_array_length"],
        (1, 1),
        Returns::Type(oid::INT4),
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &[
            "jsonb_contains",
            "jsonb_exists",
            "jsonb_exists_any",
            "jsonb_exists_all",
        ],
        (2, 2),
        Returns::Type(oid::BOOL),
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["json_build_object"],
        (0, ANY),
        JSON,
        Fate::Emulated(OBJECT, object),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["jsonb_build_object"],
        (0, ANY),
        JSONB,
        Fate::Emulated(BINARY_OBJECT, binary_object),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["json_build_array"],
        (0, ANY),
        JSON,
        Fate::Emulated(ARRAY, |call| array(call, false)),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["jsonb_build_array"],
        (0, ANY),
        JSONB,
        Fate::Emulated(ARRAY, |call| array(call, true)),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["to_json"],
        (1, 1),
        JSON,
        Fate::Emulated(VALUE, |call| or_nothing(call, 0, false)),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["to_jsonb"],
        (1, 1),
        JSONB,
        Fate::Emulated(VALUE, |call| or_nothing(call, 0, true)),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["json_agg"],
        (1, 1),
        JSON,
        Fate::Emulated(LIST, |call| list(call, false)),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["jsonb_agg"],
        (1, 1),
        JSONB,
        Fate::Emulated(LIST, |call| list(call, true)),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["json_object_agg"],
        (2, 2),
        JSON,
        Fate::Emulated(PAIRS, pairs),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["jsonb_object_agg"],
        (2, 2),
        JSONB,
        Fate::Emulated(
            "`json_object_agg`, put in jsonb's order by the broker: in the select list",
            elsewhere,
        ),
    ),
    Entry::new(&["row_to_json"], (1, 1), JSON, Fate::Arranged(WHOLE)),
    Entry::new(
        &["array_to_json", "json_object", "jsonb_object"],
        (1, 2),
        Returns::Unknown,
        Fate::Refused(WHOLE),
    ),
    Entry::new(
        &[
            "jsonb_path_exists",
            "jsonb_path_exists_tz",
            "jsonb_path_match",
            "jsonb_path_match_tz",
        ],
        (2, 4),
        Returns::Type(oid::BOOL),
        Fate::Emulated(PATH, elsewhere),
    ),
    Entry::new(
        &[
            "jsonb_path_query_array",
            "jsonb_path_query_array_tz",
            "jsonb_path_query_first",
            "jsonb_path_query_first_tz",
        ],
        (2, 4),
        JSONB,
        Fate::Emulated(PATH, elsewhere),
    ),
    Entry::new(
        &["jsonb_path_exists_opr", "jsonb_path_match_opr"],
        (2, 2),
        Returns::Type(oid::BOOL),
        Fate::Emulated(PATH, elsewhere),
    ),
    Entry::new(
        &["jsonb_path_query", "jsonb_path_query_tz"],
        (2, 4),
        Returns::Unknown,
        Fate::Arranged(TAKE_APART),
    ),
    Entry::new(
        &[
            "json_object_keys",
            "jsonb_object_keys",
            "json_each",
            "json_each_text",
            "jsonb_each",
            "jsonb_each_text",
            "json_array_elements",
            "json_array_elements_text",
            "jsonb_array_elements",
            "jsonb_array_elements_text",
        ],
        (1, 1),
        Returns::Unknown,
        Fate::Arranged(TAKE_APART),
    ),
    Entry::new(
        &[
            "json_populate_record",
            "jsonb_populate_record",
            "json_to_record",
            "jsonb_to_record",
            "json_to_recordset",
            "jsonb_to_recordset",
        ],
        (1, 2),
        Returns::Unknown,
        Fate::Refused(TAKE_APART),
    ),
    Entry::new(
        &["jsonb_set", "jsonb_insert"],
        (3, 4),
        JSONB,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["jsonb_strip_nulls"],
        (1, 1),
        JSONB,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["jsonb_pretty"],
        (1, 1),
        Returns::Type(oid::TEXT),
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["jsonb_set_lax", "json_strip_nulls"],
        (1, 5),
        Returns::Unknown,
        Fate::Refused("change the document in the client"),
    ),
];

/// Where the broker does not compute.
pub(super) fn elsewhere(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Err(call.refusal(" here", crate::computed::HINT))
}

fn array(call: &mut Call<'_, '_, '_>, binary: bool) -> Diagnosed<Expr> {
    let mut text = Text::default();
    text.constant("[");
    for index in 0..call.args.len() {
        text.constant(if index == 0 { "" } else { ", " });
        text.value(or_null(call, index, binary)?);
    }
    text.constant("]");
    Ok(text.finished())
}

fn object(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    even(call)?;
    let mut text = Text::default();
    text.constant("{");
    for index in (0..call.args.len()).step_by(2) {
        text.constant(if index == 0 { "" } else { ", " });
        key(call, index, &mut text)?;
        text.constant(" : ");
        text.value(or_null(call, index + 1, false)?);
    }
    text.constant("}");
    Ok(text.finished())
}

/// In jsonb's order: shorter keys first, and of equal ones the last.
fn binary_object(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    even(call)?;
    let mut members = BTreeMap::new();
    for index in (0..call.args.len()).step_by(2) {
        let Some(key) = call.string(index) else {
            return Err(call.refusal(
                " with a key that is no literal",
                "IRIS does not put the keys in jsonb's order: use json_build_object",
            ));
        };
        members.insert((key.len(), key), index + 1);
    }
    let mut text = Text::default();
    text.constant("{");
    for (number, ((_, key), index)) in members.into_iter().enumerate() {
        text.constant(if number == 0 { "" } else { ", " });
        text.constant(&pgiris_values::json::quoted(&key));
        text.constant(": ");
        text.value(or_null(call, index, true)?);
    }
    text.constant("}");
    Ok(text.finished())
}

fn even(call: &Call<'_, '_, '_>) -> Diagnosed<()> {
    match call.args.len().is_multiple_of(2) {
        true => Ok(()),
        false => Err(Diagnostic::error(
            "22023",
            "argument list must have even number of elements",
        )),
    }
}

/// A key, which is a string whatever it is made from.
fn key(call: &mut Call<'_, '_, '_>, index: usize, text: &mut Text) -> Diagnosed<()> {
    if call.may_be_null(index) && call.string(index).is_none() {
        return Err(call.refusal(
            " with a key that may be NULL",
            "take a column that is NOT NULL, or coalesce(…) to a text",
        ));
    }
    match call.type_of(index) {
        Some(oid::INT2 | oid::INT4 | oid::INT8 | oid::BOOL | oid::NUMERIC) => {
            text.constant("\"");
            text.value(or_null(call, index, false)?);
            text.constant("\"");
        }
        Some(oid::JSON | oid::JSONB) => {
            return Err(Diagnostic::error(
                "22023",
                "key value must be scalar, not array, composite, or json",
            ));
        }
        _ => text.value(or_null(call, index, false)?),
    }
    Ok(())
}

fn list(call: &mut Call<'_, '_, '_>, binary: bool) -> Diagnosed<Expr> {
    let value = or_null(call, 0, binary)?;
    Ok(build::nested(enclosed(call, "[", value, "]")?))
}

fn pairs(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let mut pair = Text::default();
    key(call, 0, &mut pair)?;
    pair.constant(" : ");
    pair.value(or_null(call, 1, false)?);
    Ok(build::nested(enclosed(call, "{ ", pair.finished(), " }")?))
}

/// The values of all rows, which a list of IRIS's keeps apart whatever is in them.
fn enclosed(call: &Call<'_, '_, '_>, before: &str, value: Expr, behind: &str) -> Diagnosed<Expr> {
    let is_window = |function: &sqlparser::ast::Function| function.over.is_some();
    if call.function.as_ref().is_some_and(is_window) {
        return Err(call.refusal(" with OVER", "aggregate in a subquery that is grouped"));
    }
    unsorted(call)?;
    let list = alike(call, "%DLIST", value)?;
    let mut text = Text::default();
    text.constant(before);
    text.value(build::call(
        "$LISTTOSTRING",
        vec![list, build::string(", ")],
    ));
    text.constant(behind);
    Ok(text.finished())
}
