//! JSON: IRIS builds documents; it takes them apart only in FROM.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArguments,
};

use super::{ANY, Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::oid;

pub(super) const TAKE_APART: &str = "from IRIS 2024.1 JSON_TABLE takes documents apart in FROM; or select the document and take it apart in the client";
const WHOLE: &str = "select the values, and make the document in the client";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["json_build_object"],
        (0, ANY),
        Returns::Type(oid::JSON),
        Fate::Translated("`JSON_OBJECT('k':v, …)`; keys are literals", object),
    )
    .typed(),
    Entry::new(
        &["jsonb_build_object"],
        (0, ANY),
        Returns::Type(oid::JSONB),
        Fate::Translated("`JSON_OBJECT('k':v, …)`; keys are literals", object),
    )
    .typed(),
    Entry::new(
        &["json_build_array"],
        (0, ANY),
        Returns::Type(oid::JSON),
        Fate::Translated("`JSON_ARRAY(…)`", array),
    )
    .typed(),
    Entry::new(
        &["jsonb_build_array"],
        (0, ANY),
        Returns::Type(oid::JSONB),
        Fate::Translated("`JSON_ARRAY(…)`", array),
    )
    .typed(),
    Entry::new(
        &[
            "to_json",
            "to_jsonb",
            "row_to_json",
            "array_to_json",
            "json_object",
            "jsonb_object",
        ],
        (1, 2),
        Returns::Unknown,
        Fate::Refused(WHOLE),
    ),
    Entry::new(
        &[
            "json_extract_path",
            "json_extract_path_text",
            "jsonb_extract_path",
            "jsonb_extract_path_text",
            "jsonb_path_exists",
            "jsonb_path_match",
            "jsonb_path_query",
            "jsonb_path_query_array",
            "jsonb_path_query_first",
        ],
        (1, ANY),
        Returns::Unknown,
        Fate::Refused(TAKE_APART),
    ),
    Entry::new(
        &[
            "json_typeof",
            "jsonb_typeof",
            "json_array_length",
            "jsonb_array_length",
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
        &[
            "jsonb_set",
            "jsonb_set_lax",
            "jsonb_insert",
            "jsonb_strip_nulls",
            "json_strip_nulls",
            "jsonb_pretty",
        ],
        (1, 5),
        Returns::Unknown,
        Fate::Refused("change the document in the client"),
    ),
];

/// Values of which IRIS makes something else than PostgreSQL.
pub(super) fn check_value(call: &Call<'_, '_, '_>, index: usize) -> Diagnosed<()> {
    match call.type_of(index) {
        Some(oid::BOOL) => Err(call.refusal(
            " of a boolean",
            "IRIS writes 1 and 0: make the document in the client",
        )),
        Some(oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ) => {
            Err(call.refusal(" of a date or time", "cast it to text"))
        }
        Some(oid::JSON | oid::JSONB) => Err(call.refusal(
            " of a document",
            "IRIS would put it in as a string: make the document in the client",
        )),
        _ => Ok(()),
    }
}

fn array(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    if call.args.is_empty() {
        return Ok(build::string("[]"));
    }
    for index in 0..call.args.len() {
        check_value(call, index)?;
    }
    Ok(build::call("JSON_ARRAY", std::mem::take(&mut call.args)))
}

fn object(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let count = call.args.len();
    if count == 0 {
        return Ok(build::string("{}"));
    }
    if !count.is_multiple_of(2) {
        return Err(crate::wit::Diagnostic::error(
            "22023",
            "argument list must have even number of elements",
        ));
    }
    for key in (0..count).step_by(2) {
        if call.string(key).is_none() {
            return Err(call.refusal(
                " with a key that is no literal",
                "IRIS takes literals as keys only",
            ));
        }
        check_value(call, key + 1)?;
    }
    let mut args = std::mem::take(&mut call.args).into_iter();
    let mut members = Vec::with_capacity(count / 2);
    while let (Some(name), Some(value)) = (args.next(), args.next()) {
        members.push(FunctionArg::ExprNamed {
            name,
            arg: FunctionArgExpr::Expr(value),
            operator: FunctionArgOperator::Colon,
        });
    }
    let Expr::Function(made) = build::call("JSON_OBJECT", Vec::new()) else {
        return Ok(build::call("JSON_OBJECT", Vec::new()));
    };
    Ok(Expr::Function(with_members(made, members)))
}

fn with_members(mut function: Function, members: Vec<FunctionArg>) -> Function {
    if let FunctionArguments::List(list) = &mut function.args {
        list.args = members;
    }
    function
}
