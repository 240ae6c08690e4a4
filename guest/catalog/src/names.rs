//! Names of objects and their OIDs: the `reg…` types, and what is visible.

use crate::catalog::{Catalog, Scene};
use crate::failure::{Failure, Result};
use crate::functions::format_type;
use crate::types::Type;
use crate::value::{Row, Value};

mod quoting;
mod signature;

pub use quoting::quote_ident;
pub(crate) use quoting::{parts, quote_literal};
pub(crate) use signature::type_of_text;

/// A kind of object with a schema and a name.
pub(crate) struct Kind {
    pub(crate) relation: &'static str,
    pub(crate) name: &'static str,
    pub(crate) schema: &'static str,
    what: &'static str,
    sqlstate: &'static str,
}

pub(crate) const CLASS: Kind = Kind {
    relation: "pg_class",
    name: "relname",
    schema: "relnamespace",
    what: "relation",
    sqlstate: "42P01",
};
pub(crate) const TYPE: Kind = Kind {
    relation: "pg_type",
    name: "typname",
    schema: "typnamespace",
    what: "type",
    sqlstate: "42704",
};
pub(crate) const PROC: Kind = Kind {
    relation: "pg_proc",
    name: "proname",
    schema: "pronamespace",
    what: "function",
    sqlstate: "42883",
};
pub(crate) const OPERATOR: Kind = Kind {
    relation: "pg_operator",
    name: "oprname",
    schema: "oprnamespace",
    what: "operator",
    sqlstate: "42883",
};
pub(crate) const COLLATION: Kind = Kind {
    relation: "pg_collation",
    name: "collname",
    schema: "collnamespace",
    what: "collation",
    sqlstate: "42704",
};
pub(crate) const OPCLASS: Kind = Kind {
    relation: "pg_opclass",
    name: "opcname",
    schema: "opcnamespace",
    what: "operator class",
    sqlstate: "42704",
};
pub(crate) const OPFAMILY: Kind = Kind {
    relation: "pg_opfamily",
    name: "opfname",
    schema: "opfnamespace",
    what: "operator family",
    sqlstate: "42704",
};
pub(crate) const CONVERSION: Kind = Kind {
    relation: "pg_conversion",
    name: "conname",
    schema: "connamespace",
    what: "conversion",
    sqlstate: "42704",
};
pub(crate) const TS_CONFIG: Kind = Kind {
    relation: "pg_ts_config",
    name: "cfgname",
    schema: "cfgnamespace",
    what: "text search configuration",
    sqlstate: "42704",
};
pub(crate) const TS_DICT: Kind = Kind {
    relation: "pg_ts_dict",
    name: "dictname",
    schema: "dictnamespace",
    what: "text search dictionary",
    sqlstate: "42704",
};
pub(crate) const TS_PARSER: Kind = Kind {
    relation: "pg_ts_parser",
    name: "prsname",
    schema: "prsnamespace",
    what: "text search parser",
    sqlstate: "42704",
};
pub(crate) const TS_TEMPLATE: Kind = Kind {
    relation: "pg_ts_template",
    name: "tmplname",
    schema: "tmplnamespace",
    what: "text search template",
    sqlstate: "42704",
};
pub(crate) const STATISTICS: Kind = Kind {
    relation: "pg_statistic_ext",
    name: "stxname",
    schema: "stxnamespace",
    what: "statistics object",
    sqlstate: "42704",
};

fn kind_of(alias: Type) -> Option<&'static Kind> {
    match alias {
        Type::REGCLASS => Some(&CLASS),
        Type::REGPROC | Type::REGPROCEDURE => Some(&PROC),
        Type::REGOPER | Type::REGOPERATOR => Some(&OPERATOR),
        Type::REGCOLLATION => Some(&COLLATION),
        Type::REGCONFIG => Some(&TS_CONFIG),
        Type::REGDICTIONARY => Some(&TS_DICT),
        _ => None,
    }
}

/// The text of a `reg…` value as an OID.
pub(crate) fn input(scene: Scene<'_>, alias: Type, text: &str) -> Result<i64> {
    let text = text.trim();
    if text == "-" {
        return Ok(0);
    }
    if let Ok(number) = text.parse::<u32>() {
        return Ok(i64::from(number));
    }
    match alias {
        Type::REGTYPE => type_of_text(scene, text),
        Type::REGNAMESPACE => single(scene, text, "pg_namespace", "nspname", ("3F000", "schema")),
        Type::REGROLE => single(scene, text, "pg_authid", "rolname", ("42704", "role")),
        Type::REGPROCEDURE => signature::procedure(scene, text),
        _ => {
            let kind = kind_of(alias).ok_or_else(|| Failure::not_supported(alias.display()))?;
            named(scene, kind, text)
        }
    }
}

fn single(
    scene: Scene<'_>,
    text: &str,
    relation: &str,
    column: &str,
    (sqlstate, what): (&'static str, &str),
) -> Result<i64> {
    let names = parts(text)?;
    let name = names.last().map(String::as_str).unwrap_or_default();
    scene
        .catalog
        .find(relation, column, &Value::text(name))
        .and_then(|row| oid(relation, row))
        .ok_or_else(|| Failure::new(sqlstate, format!("{what} \"{name}\" does not exist")))
}

fn named(scene: Scene<'_>, kind: &Kind, text: &str) -> Result<i64> {
    let names = parts(text)?;
    let is_overloaded = matches!(kind.relation, "pg_proc" | "pg_operator")
        && names.last().is_some_and(|name| {
            let name = Value::text(name);
            let mut named = scene.catalog.find_all(kind.relation, kind.name, &name);
            named.nth(1).is_some()
        });
    if is_overloaded {
        return Err(Failure::new(
            "42725",
            format!("more than one {} named \"{}\"", kind.what, names.join(".")),
        ));
    }
    let found = match names.as_slice() {
        [.., schema, name] => named_schema(scene, schema)
            .and_then(|space| in_schema(scene.catalog, kind, name, space)),
        [name] => first_in_path(scene, kind, name),
        [] => None,
    };
    found.ok_or_else(|| {
        Failure::new(
            kind.sqlstate,
            format!("{} \"{}\" does not exist", kind.what, names.join(".")),
        )
    })
}

pub(crate) fn oid(relation: &str, row: &Row) -> Option<i64> {
    Catalog::field(relation, row, "oid").as_int()
}

/// The OID of a schema, which may be `pg_temp`.
fn named_schema(scene: Scene<'_>, name: &str) -> Option<i64> {
    let own = scene.session.temporary.as_deref();
    let name = if name == "pg_temp" { own? } else { name };
    namespace(scene.catalog, name)
}

/// The OID of a schema.
pub(crate) fn namespace(catalog: &Catalog, name: &str) -> Option<i64> {
    let row = catalog.find("pg_namespace", "nspname", &Value::text(name))?;
    oid("pg_namespace", row)
}

/// The object of that name in a schema.
pub(crate) fn in_schema(catalog: &Catalog, kind: &Kind, name: &str, space: i64) -> Option<i64> {
    catalog
        .find_all(kind.relation, kind.name, &Value::text(name))
        .find(|row| Catalog::field(kind.relation, row, kind.schema).as_int() == Some(space))
        .and_then(|row| oid(kind.relation, row))
}

/// The object that an unqualified name means.
pub(crate) fn first_in_path(scene: Scene<'_>, kind: &Kind, name: &str) -> Option<i64> {
    scene
        .session
        .path
        .iter()
        .filter_map(|schema| namespace(scene.catalog, schema))
        .find_map(|space| in_schema(scene.catalog, kind, name, space))
}

/// Whether an object is found without its schema; none: there is no such object.
pub(crate) fn is_visible(scene: Scene<'_>, kind: &Kind, number: i64) -> Option<bool> {
    let row = scene
        .catalog
        .find(kind.relation, "oid", &Value::Int(number))?;
    let space = Catalog::field(kind.relation, row, kind.schema).as_int();
    let name = Catalog::field(kind.relation, row, kind.name);
    let mut path = scene
        .session
        .path
        .iter()
        .filter_map(|schema| namespace(scene.catalog, schema));
    // Overloads do not hide one another.
    if matches!(kind.relation, "pg_proc" | "pg_operator") {
        return Some(path.any(|schema| Some(schema) == space));
    }
    let name = name.as_text()?;
    let first = path.find(|schema| in_schema(scene.catalog, kind, name, *schema).is_some());
    Some(first.is_some() && first == space)
}

/// A `reg…` value as PostgreSQL shows it.
pub(crate) fn output(scene: Scene<'_>, alias: Type, number: i64) -> String {
    if number == 0 {
        return "-".to_owned();
    }
    let shown = match alias {
        Type::REGTYPE => scene
            .catalog
            .find("pg_type", "oid", &Value::Int(number))
            .map(|_| format_type(scene, number, None)),
        Type::REGNAMESPACE => simple(scene, "pg_namespace", "nspname", number),
        Type::REGROLE => simple(scene, "pg_authid", "rolname", number),
        Type::REGPROCEDURE => signature::show_procedure(scene, number),
        Type::REGOPERATOR => signature::show_operator(scene, number),
        _ => kind_of(alias).and_then(|kind| qualified(scene, kind, number)),
    };
    shown.unwrap_or_else(|| number.to_string())
}

fn simple(scene: Scene<'_>, relation: &str, column: &str, number: i64) -> Option<String> {
    let row = scene.catalog.find(relation, "oid", &Value::Int(number))?;
    Some(quote_ident(
        Catalog::field(relation, row, column).as_text()?,
    ))
}

/// The name, with its schema if it is not visible.
pub(crate) fn qualified(scene: Scene<'_>, kind: &Kind, number: i64) -> Option<String> {
    let row = scene
        .catalog
        .find(kind.relation, "oid", &Value::Int(number))?;
    let name = Catalog::field(kind.relation, row, kind.name);
    let name = match kind.relation {
        "pg_operator" => name.as_text()?.to_string(),
        _ => quote_ident(name.as_text()?),
    };
    if is_visible(scene, kind, number)? {
        return Some(name);
    }
    let space = Catalog::field(kind.relation, row, kind.schema).as_int()?;
    Some(format!(
        "{}.{name}",
        simple(scene, "pg_namespace", "nspname", space)?
    ))
}
