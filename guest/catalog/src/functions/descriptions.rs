//! Comments, table 9.77 of the manual.

use super::{Function, function, int, text};
use crate::catalog::{Catalog, Scene};
use crate::failure::Result;
use crate::names;
use crate::types::Type;
use crate::value::Value;

const OID: Type = Type::OID;
const TEXT: Type = Type::TEXT;

pub(super) const LIST: &[Function] = &[
    function("obj_description", &[OID, Type::NAME], TEXT, |scene, v| {
        let class = text(v, 1)?;
        Ok(comment(
            scene,
            "pg_description",
            int(v, 0)?,
            class_of(scene, class),
            0,
        ))
    }),
    function("obj_description", &[OID], TEXT, |scene, v| {
        Ok(comment(scene, "pg_description", int(v, 0)?, None, 0))
    }),
    function("col_description", &[OID, Type::INT4], TEXT, |scene, v| {
        let class = class_of(scene, "pg_class");
        Ok(comment(
            scene,
            "pg_description",
            int(v, 0)?,
            class,
            int(v, 1)?,
        ))
    }),
    function("shobj_description", &[OID, Type::NAME], TEXT, |scene, v| {
        let class = class_of(scene, text(v, 1)?);
        Ok(comment(scene, "pg_shdescription", int(v, 0)?, class, 0))
    }),
    function(
        "pg_describe_object",
        &[OID, OID, Type::INT4],
        TEXT,
        describe,
    ),
];

fn class_of(scene: Scene<'_>, name: &str) -> Option<i64> {
    let space = names::namespace(scene.catalog, "pg_catalog")?;
    names::in_schema(scene.catalog, &names::CLASS, name, space)
}

fn comment(scene: Scene<'_>, relation: &str, object: i64, class: Option<i64>, part: i64) -> Value {
    let is_shared = relation == "pg_shdescription";
    scene
        .catalog
        .find_all(relation, "objoid", &Value::Int(object))
        .find(|row| {
            let field = |column| Catalog::field(relation, row, column).as_int();
            class.is_none_or(|class| field("classoid") == Some(class))
                && (is_shared || field("objsubid") == Some(part))
        })
        .map_or(Value::Null, |row| {
            Catalog::field(relation, row, "description")
        })
}

/// Relations and their columns by name, others not at all.
fn describe(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (object, part) = (int(values, 1)?, int(values, 2)?);
    if Some(int(values, 0)?) == class_of(scene, "pg_proc") {
        let name = names::output(scene, Type::REGPROCEDURE, object);
        return Ok(format!("function {name}").into());
    }
    if Some(int(values, 0)?) == class_of(scene, "pg_language") {
        let row = scene
            .catalog
            .find("pg_language", "oid", &Value::Int(object));
        let name = row.map(|row| Catalog::field("pg_language", row, "lanname"));
        return Ok(match name.as_ref().and_then(Value::as_text) {
            Some(name) => format!("language {name}").into(),
            None => Value::Null,
        });
    }
    if Some(int(values, 0)?) != class_of(scene, "pg_class") {
        return Ok(Value::Null);
    }
    let Some(name) = names::qualified(scene, &names::CLASS, object) else {
        return Ok(Value::Null);
    };
    let kind = scene
        .catalog
        .find("pg_class", "oid", &Value::Int(object))
        .map(|row| Catalog::field("pg_class", row, "relkind"));
    let word = match kind.as_ref().and_then(Value::as_text).map(|kind| &**kind) {
        Some("v") => "view",
        Some("i") => "index",
        Some("S") => "sequence",
        _ => "table",
    };
    let column = scene
        .catalog
        .find_all("pg_attribute", "attrelid", &Value::Int(object))
        .find(|row| Catalog::field("pg_attribute", row, "attnum").as_int() == Some(part))
        .map(|row| Catalog::field("pg_attribute", row, "attname"));
    Ok(match column.as_ref().and_then(Value::as_text) {
        Some(column) if part > 0 => {
            format!("column {} of {word} {name}", names::quote_ident(column)).into()
        }
        _ => format!("{word} {name}").into(),
    })
}
