//! Functions that give rows, section 9.25 of the manual.

use std::rc::Rc;

use super::{SetFunction, array, int, text};
use crate::catalog::{Catalog, Scene};
use crate::failure::{Failure, Result};
use crate::json;
use crate::names;
use crate::plan::SetCall;
use crate::types::Type;
use crate::value::{Row, Value};

const TEXT: Type = Type::TEXT;
const INT4: Type = Type::INT4;
const INT8: Type = Type::INT8;
const OID: Type = Type::OID;

const fn set(
    name: &'static str,
    arguments: &'static [Type],
    columns: &'static [(&'static str, Type)],
    call: SetCall,
) -> SetFunction {
    SetFunction {
        name,
        arguments,
        columns,
        call,
    }
}

pub(super) const LIST: &[SetFunction] = &[
    set(
        "unnest",
        &[Type::ANYARRAY],
        &[("", Type::ANYELEMENT)],
        |_, v| {
            Ok(match v.first() {
                Some(Value::Array(array)) => singles(array.elements.iter().cloned()),
                _ => Vec::new(),
            })
        },
    ),
    set("generate_series", &[INT4, INT4], &[("", INT4)], series),
    set(
        "generate_series",
        &[INT4, INT4, INT4],
        &[("", INT4)],
        series,
    ),
    set("generate_series", &[INT8, INT8], &[("", INT8)], series),
    set(
        "generate_series",
        &[INT8, INT8, INT8],
        &[("", INT8)],
        series,
    ),
    set(
        "generate_subscripts",
        &[Type::ANYARRAY, INT4],
        &[("", INT4)],
        subscripts,
    ),
    set(
        "generate_subscripts",
        &[Type::ANYARRAY, INT4, Type::BOOL],
        &[("", INT4)],
        subscripts,
    ),
    set(
        "_pg_expandarray",
        &[Type::ANYARRAY],
        &[("x", Type::ANYELEMENT), ("n", INT4)],
        |_, v| {
            let Some(Value::Array(array)) = v.first() else {
                return Ok(Vec::new());
            };
            let numbered = array.elements.iter().zip(1..);
            Ok(numbered
                .map(|(element, number)| Rc::from([element.clone(), Value::Int(number)]))
                .collect())
        },
    ),
    set(
        "aclexplode",
        &[Type(1034)],
        &[
            ("grantor", OID),
            ("grantee", OID),
            ("privilege_type", TEXT),
            ("is_grantable", Type::BOOL),
        ],
        none,
    ),
    set(
        "pg_options_to_table",
        &[Type(1009)],
        &[("option_name", TEXT), ("option_value", TEXT)],
        |_, v| {
            let Some(Value::Array(array)) = v.first() else {
                return Ok(Vec::new());
            };
            let options = array.elements.iter().filter_map(Value::as_text);
            Ok(options
                .filter_map(|option| option.split_once('='))
                .map(|(name, value)| Rc::from([name.into(), value.into()]))
                .collect())
        },
    ),
    set(
        "regexp_split_to_table",
        &[TEXT, TEXT],
        &[("", TEXT)],
        |_, v| {
            let shown = text(v, 0)?;
            let regex = regex_lite::Regex::new(text(v, 1)?)
                .map_err(|_| Failure::new("2201B", "invalid regular expression"))?;
            Ok(singles(regex.split(shown).map(Value::from)))
        },
    ),
    set("string_to_table", &[TEXT, TEXT], &[("", TEXT)], |_, v| {
        Ok(singles(text(v, 0)?.split(text(v, 1)?).map(Value::from)))
    }),
    set(
        "json_array_elements",
        &[Type::JSON],
        &[("value", Type::JSON)],
        elements,
    ),
    set(
        "jsonb_array_elements",
        &[Type::JSONB],
        &[("value", Type::JSONB)],
        elements,
    ),
    set(
        "json_array_elements_text",
        &[Type::JSON],
        &[("value", TEXT)],
        element_texts,
    ),
    set(
        "jsonb_array_elements_text",
        &[Type::JSONB],
        &[("value", TEXT)],
        element_texts,
    ),
    set("json_object_keys", &[Type::JSON], &[("", TEXT)], keys),
    set("jsonb_object_keys", &[Type::JSONB], &[("", TEXT)], keys),
    set(
        "pg_partition_ancestors",
        &[Type::REGCLASS],
        &[("relid", Type::REGCLASS)],
        |_, v| Ok(singles(v.first().cloned().into_iter())),
    ),
    set(
        "pg_partition_tree",
        &[Type::REGCLASS],
        &[
            ("relid", Type::REGCLASS),
            ("parentrelid", Type::REGCLASS),
            ("isleaf", Type::BOOL),
            ("level", INT4),
        ],
        none,
    ),
    set("pg_listening_channels", &[], &[("", TEXT)], none),
    set(
        "pg_get_keywords",
        &[],
        &[
            ("word", TEXT),
            ("catcode", Type::CHAR),
            ("barelabel", Type::BOOL),
            ("catdesc", TEXT),
            ("baredesc", TEXT),
        ],
        |_, _| Ok(crate::constant::keywords()),
    ),
    set(
        "pg_get_publication_tables",
        &[TEXT],
        &[("relid", OID)],
        none,
    ),
    set(
        "pg_sequence_parameters",
        &[OID],
        &[
            ("start_value", INT8),
            ("minimum_value", INT8),
            ("maximum_value", INT8),
            ("increment", INT8),
            ("cycle_option", Type::BOOL),
            ("cache_size", INT8),
            ("data_type", OID),
        ],
        sequence,
    ),
];

/// The most rows that a function makes.
const LONGEST: u64 = 1_000_000;

fn none(_: Scene<'_>, _: &[Value]) -> Result<Vec<Row>> {
    Ok(Vec::new())
}

fn singles(values: impl Iterator<Item = Value>) -> Vec<Row> {
    values.map(|value| Rc::from([value])).collect()
}

fn series(_: Scene<'_>, values: &[Value]) -> Result<Vec<Row>> {
    if values.iter().any(Value::is_null) {
        return Ok(Vec::new());
    }
    let (from, to) = (int(values, 0)?, int(values, 1)?);
    let step = match values.get(2) {
        None => 1,
        Some(_) => int(values, 2)?,
    };
    if step == 0 {
        return Err(Failure::new("22023", "step size cannot equal zero"));
    }
    let distance = if step > 0 {
        to.checked_sub(from)
    } else {
        from.checked_sub(to)
    };
    let count = distance.map_or(LONGEST + 1, |distance| {
        u64::try_from(distance).map_or(0, |distance| distance / step.unsigned_abs() + 1)
    });
    if count > LONGEST {
        return Err(Failure::new("54000", "the series has too many rows"));
    }
    Ok(singles(
        (0..count as i64).map(|number| Value::Int(from + number * step)),
    ))
}

fn subscripts(_: Scene<'_>, values: &[Value]) -> Result<Vec<Row>> {
    if values.iter().any(Value::is_null) {
        return Ok(Vec::new());
    }
    let dimension = usize::try_from(int(values, 1)? - 1).ok();
    let Some((length, first)) =
        dimension.and_then(|place| array(values, 0).ok()?.dimensions.get(place).copied())
    else {
        return Ok(Vec::new());
    };
    let mut numbers: Vec<i64> = (first..first + length as i64).collect();
    if values.get(2).and_then(Value::truth) == Some(true) {
        numbers.reverse();
    }
    Ok(singles(numbers.into_iter().map(Value::Int)))
}

fn trees(values: &[Value]) -> Result<Vec<serde_json::Value>> {
    if values.first().is_none_or(Value::is_null) {
        return Ok(Vec::new());
    }
    match json::parse(text(values, 0)?)? {
        serde_json::Value::Array(items) => Ok(items),
        _ => Err(Failure::new(
            "22023",
            "cannot extract elements from a scalar",
        )),
    }
}

fn elements(_: Scene<'_>, values: &[Value]) -> Result<Vec<Row>> {
    let shown = trees(values)?.into_iter().map(|tree| {
        let mut text = String::new();
        json::show(&tree, &mut text);
        Value::from(text)
    });
    Ok(singles(shown))
}

fn element_texts(_: Scene<'_>, values: &[Value]) -> Result<Vec<Row>> {
    Ok(singles(
        trees(values)?.iter().map(|tree| json::as_text(tree).into()),
    ))
}

fn keys(_: Scene<'_>, values: &[Value]) -> Result<Vec<Row>> {
    if values.first().is_none_or(Value::is_null) {
        return Ok(Vec::new());
    }
    match json::parse(text(values, 0)?)? {
        serde_json::Value::Object(map) => {
            let mut keys: Vec<String> = map.into_iter().map(|(key, _)| key).collect();
            keys.sort_by_key(|key| (key.len(), key.clone()));
            Ok(singles(keys.into_iter().map(Value::from)))
        }
        _ => Err(Failure::new(
            "22023",
            "cannot call json_object_keys on a scalar",
        )),
    }
}

fn sequence(scene: Scene<'_>, values: &[Value]) -> Result<Vec<Row>> {
    let Some(number) = values.first().and_then(Value::as_int) else {
        return Ok(Vec::new());
    };
    let Some(row) = scene
        .catalog
        .find("pg_sequence", "seqrelid", &Value::Int(number))
    else {
        return Err(Failure::new(
            "42809",
            format!(
                "\"{}\" is not a sequence",
                names::output(scene, Type::REGCLASS, number)
            ),
        ));
    };
    let columns = [
        "seqstart",
        "seqmin",
        "seqmax",
        "seqincrement",
        "seqcycle",
        "seqcache",
        "seqtypid",
    ];
    Ok(vec![
        columns
            .iter()
            .map(|column| Catalog::field("pg_sequence", row, column))
            .collect(),
    ])
}
