//! Whether an object is found without its schema, table 9.73 of the manual.

use super::{Function, constantly_true, function, int, text};
use crate::catalog::Scene;
use crate::failure::Result;
use crate::names;
use crate::types::Type;
use crate::value::Value;

macro_rules! visible {
    ($name:literal, $kind:ident) => {
        function($name, &[Type::OID], Type::BOOL, |scene, v| {
            Ok(names::is_visible(scene, &names::$kind, int(v, 0)?).into())
        })
    };
}

macro_rules! looked_up {
    ($name:literal, $alias:ident) => {
        function($name, &[Type::TEXT], Type::$alias, |scene, v| {
            Ok(names::input(scene, Type::$alias, text(v, 0)?).ok().into())
        })
    };
}

pub(super) const LIST: &[Function] = &[
    visible!("pg_table_is_visible", CLASS),
    visible!("pg_type_is_visible", TYPE),
    visible!("pg_function_is_visible", PROC),
    visible!("pg_operator_is_visible", OPERATOR),
    visible!("pg_opclass_is_visible", OPCLASS),
    visible!("pg_opfamily_is_visible", OPFAMILY),
    visible!("pg_collation_is_visible", COLLATION),
    visible!("pg_conversion_is_visible", CONVERSION),
    visible!("pg_ts_config_is_visible", TS_CONFIG),
    visible!("pg_ts_dict_is_visible", TS_DICT),
    visible!("pg_ts_parser_is_visible", TS_PARSER),
    visible!("pg_ts_template_is_visible", TS_TEMPLATE),
    visible!("pg_statistics_obj_is_visible", STATISTICS),
    looked_up!("to_regclass", REGCLASS),
    looked_up!("to_regtype", REGTYPE),
    looked_up!("to_regproc", REGPROC),
    looked_up!("to_regprocedure", REGPROCEDURE),
    looked_up!("to_regnamespace", REGNAMESPACE),
    looked_up!("to_regrole", REGROLE),
    looked_up!("to_regcollation", REGCOLLATION),
    function(
        "pg_is_other_temp_schema",
        &[Type::OID],
        Type::BOOL,
        |scene, v| Ok(is_temporary_of_another(scene, int(v, 0)?).into()),
    ),
    function(
        "pg_relation_is_publishable",
        &[Type::REGCLASS],
        Type::BOOL,
        constantly_true,
    ),
    function(
        "pg_relation_is_updatable",
        &[Type::REGCLASS, Type::BOOL],
        Type::INT4,
        updatable,
    ),
    function(
        "pg_column_is_updatable",
        &[Type::REGCLASS, Type::INT2, Type::BOOL],
        Type::BOOL,
        |scene, v| Ok((updatable(scene, v)? != Value::Int(0) && int(v, 1)? > 0).into()),
    ),
];

fn is_temporary_of_another(scene: Scene<'_>, number: i64) -> bool {
    let row = scene
        .catalog
        .find("pg_namespace", "oid", &Value::Int(number));
    let name = row.map(|row| crate::catalog::Catalog::field("pg_namespace", row, "nspname"));
    match name.as_ref().and_then(Value::as_text) {
        Some(name) => {
            name.starts_with("pg_temp_") && scene.session.temporary.as_deref() != Some(&**name)
        }
        None => false,
    }
}

/// Bits of the commands that a relation takes: UPDATE 4, INSERT 8, DELETE 16.
fn updatable(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    let relation = scene
        .catalog
        .find("pg_class", "oid", &Value::Int(int(values, 0)?));
    let kind = relation.map(|row| crate::catalog::Catalog::field("pg_class", row, "relkind"));
    let takes = matches!(&kind, Some(Value::Text(kind)) if matches!(&**kind, "r" | "p"));
    Ok(Value::Int(if takes { 28 } else { 0 }))
}
