//! INFORMATION_SCHEMA: its relations, their columns, and their rows as JSON.
//!
//! Every `*_CATALOG` is NULL, flags are YES and NO, and unique constraints
//! appear as indexes. Rows are made from the catalog whenever a query asks.

use crate::ast::{Expr, IndexDef, IndexKind};
use crate::catalog::{Catalog, Column, Foreign, Table, key, same};
use crate::datatype::{Type, UNLIMITED_LENGTH};
use crate::functions::json::quoted;

/// A relation.
pub(crate) struct Relation {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

const RELATIONS: &[Relation] = &[
    Relation {
        name: "TABLES",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "TABLE_TYPE",
            "SELF_REFERENCING_COLUMN_NAME",
            "REFERENCE_GENERATION",
            "USER_DEFINED_TYPE_CATALOG",
            "USER_DEFINED_TYPE_SCHEMA",
            "USER_DEFINED_TYPE_NAME",
            "IS_INSERTABLE_INTO",
            "IS_TYPED",
            "CLASSNAME",
            "DESCRIPTION",
            "OWNER",
            "IS_SHARDED",
        ],
    },
    Relation {
        name: "COLUMNS",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "ORDINAL_POSITION",
            "DTD_IDENTIFIER",
            "DOMAIN_CATALOG",
            "DOMAIN_SCHEMA",
            "DOMAIN_NAME",
            "COLUMN_DEFAULT",
            "IS_NULLABLE",
            "IS_SELF_REFERENCING",
            "IS_IDENTITY",
            "IDENTITY_GENERATION",
            "IDENTITY_START",
            "IDENTITY_INCREMENT",
            "IDENTITY_MAXIMUM",
            "IDENTITY_MINIMUM",
            "IDENTITY_CYCLE",
            "IS_GENERATED",
            "GENERATION_EXPRESSION",
            "IS_UPDATABLE",
            "DATA_TYPE",
            "CHARACTER_MAXIMUM_LENGTH",
            "CHARACTER_OCTET_LENGTH",
            "NUMERIC_PRECISION",
            "NUMERIC_PRECISION_RADIX",
            "NUMERIC_SCALE",
            "DATETIME_PRECISION",
            "CHARACTER_SET_CATALOG",
            "CHARACTER_SET_SCHEMA",
            "CHARACTER_SET_NAME",
            "COLLATION_CATALOG",
            "COLLATION_SCHEMA",
            "COLLATION_NAME",
            "DESCRIPTION",
            "AUTO_INCREMENT",
            "UNIQUE_COLUMN",
            "PRIMARY_KEY",
        ],
    },
    Relation {
        name: "KEY_COLUMN_USAGE",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "ORDINAL_POSITION",
            "POSITION_IN_UNIQUE_CONSTRAINT",
            "REFERENCED_TABLE_CATALOG",
            "REFERENCED_TABLE_SCHEMA",
            "REFERENCED_TABLE_NAME",
            "REFERENCED_CONSTRAINT_NAME",
            "REFERENCED_COLUMN_NAME",
            "CONSTRAINT_TYPE",
        ],
    },
    Relation {
        name: "TABLE_CONSTRAINTS",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "CONSTRAINT_TYPE",
            "IS_DEFERRABLE",
            "INITIALLY_DEFERRED",
        ],
    },
    Relation {
        name: "CONSTRAINT_COLUMN_USAGE",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
        ],
    },
    Relation {
        name: "REFERENTIAL_CONSTRAINTS",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_TABLE_NAME",
            "CONSTRAINT_NAME",
            "UNIQUE_CONSTRAINT_CATALOG",
            "UNIQUE_CONSTRAINT_SCHEMA",
            "UNIQUE_CONSTRAINT_TABLE",
            "UNIQUE_CONSTRAINT_NAME",
            "MATCH_OPTION",
            "UPDATE_RULE",
            "DELETE_RULE",
        ],
    },
    Relation {
        name: "INDEXES",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "NON_UNIQUE",
            "INDEX_CATALOG",
            "INDEX_SCHEMA",
            "INDEX_NAME",
            "ORDINAL_POSITION",
            "COLUMN_NAME",
            "ASC_OR_DESC",
            "PRIMARY_KEY",
            "MAP_STATUS",
            "DATA_FIELDS",
        ],
    },
    Relation {
        name: "SCHEMATA",
        columns: &[
            "CATALOG_NAME",
            "SCHEMA_NAME",
            "SCHEMA_OWNER",
            "DEFAULT_CHARACTER_SET_CATALOG",
            "DEFAULT_CHARACTER_SET_SCHEMA",
            "DEFAULT_CHARACTER_SET_NAME",
            "SQL_PATH",
        ],
    },
    Relation {
        name: "VIEWS",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "VIEW_DEFINITION",
            "CHECK_OPTION",
            "IS_UPDATABLE",
            "IS_TRIGGER_UPDATABLE",
            "IS_TRIGGER_DELETABLE",
            "IS_TRIGGER_INSERTABLE_INTO",
            "DESCRIPTION",
            "DATECREATED",
            "DATEMODIFIED",
            "CLASSNAME",
            "OWNER",
            "Queryname",
        ],
    },
    Relation {
        name: "ROUTINES",
        columns: &[
            "SPECIFIC_SCHEMA",
            "SPECIFIC_NAME",
            "ROUTINE_SCHEMA",
            "ROUTINE_NAME",
            "ROUTINE_TYPE",
        ],
    },
    Relation {
        name: "TRIGGERS",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "TRIGGER_NAME",
        ],
    },
    Relation {
        name: "CHECK_CONSTRAINTS",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "CHECK_CLAUSE",
        ],
    },
];

/// The relation of this name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Relation> {
    RELATIONS.iter().find(|relation| same(relation.name, name))
}

/// Columns that hold numbers; all others hold text.
pub(crate) fn is_integer(relation: &Relation, column: &str) -> bool {
    if column == "PRIMARY_KEY" {
        return relation.name == "INDEXES";
    }
    matches!(
        column,
        "ORDINAL_POSITION"
            | "CHARACTER_MAXIMUM_LENGTH"
            | "CHARACTER_OCTET_LENGTH"
            | "NUMERIC_PRECISION"
            | "NUMERIC_PRECISION_RADIX"
            | "NUMERIC_SCALE"
            | "DATETIME_PRECISION"
            | "NON_UNIQUE"
            | "POSITION_IN_UNIQUE_CONSTRAINT"
    )
}

/// One row under construction: named values, the rest NULL.
struct Row(Vec<(&'static str, String)>);

impl Row {
    fn of(table_schema: &str, table_name: &str) -> Self {
        Self(Vec::new())
            .text("TABLE_SCHEMA", table_schema)
            .text("TABLE_NAME", table_name)
    }

    fn text(mut self, column: &'static str, value: &str) -> Self {
        self.0.push((column, quoted(value)));
        self
    }

    fn maybe(self, column: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(column, value),
            None => self,
        }
    }

    fn number(mut self, column: &'static str, value: impl ToString) -> Self {
        self.0.push((column, value.to_string()));
        self
    }

    fn flag(self, column: &'static str, yes: bool) -> Self {
        self.text(column, if yes { "YES" } else { "NO" })
    }

    fn json(&self, columns: &[&'static str]) -> String {
        let value = |column: &&str| {
            self.0
                .iter()
                .find(|(name, _)| name == column)
                .map_or("null", |(_, value)| value)
        };
        format!(
            "[{}]",
            columns.iter().map(value).collect::<Vec<_>>().join(",")
        )
    }
}

/// All rows of a relation, a JSON array of arrays.
pub(crate) fn rows(relation: &str, catalog: &Catalog, owner: &str) -> String {
    let Some(relation) = find(relation) else {
        return "[]".to_owned();
    };
    let rows = match relation.name {
        "TABLES" => tables(catalog, owner),
        "COLUMNS" => columns(catalog),
        "KEY_COLUMN_USAGE" => key_columns(catalog),
        "TABLE_CONSTRAINTS" => constraints(catalog),
        "CONSTRAINT_COLUMN_USAGE" => constraint_columns(catalog),
        "REFERENTIAL_CONSTRAINTS" => referential_constraints(catalog),
        "INDEXES" => indexes(catalog),
        "SCHEMATA" => {
            let schemas = catalog.visible_schemas();
            schemas
                .iter()
                .map(|name| {
                    Row(Vec::new())
                        .text("SCHEMA_NAME", name)
                        .text("SCHEMA_OWNER", owner)
                })
                .collect()
        }
        "VIEWS" => views(catalog, owner),
        _ => Vec::new(),
    };
    let rows: Vec<String> = rows.iter().map(|row| row.json(relation.columns)).collect();
    format!("[{}]", rows.join(","))
}

fn tables(catalog: &Catalog, owner: &str) -> Vec<Row> {
    let tables = catalog.tables().map(|table| {
        let kind = if table.temporary {
            "GLOBAL TEMPORARY"
        } else {
            "BASE TABLE"
        };
        let row = Row::of(&table.schema, &table.name)
            .text("TABLE_TYPE", kind)
            .text("CLASSNAME", &table.class_name());
        row.text("IS_INSERTABLE_INTO", "YES")
            .text("IS_TYPED", "NO")
            .maybe("DESCRIPTION", table.description.as_deref())
            .text("OWNER", owner)
            .text("IS_SHARDED", "NO")
    });
    let views = catalog.views().map(|view| {
        let row = Row::of(&view.schema, &view.name).text("TABLE_TYPE", "VIEW");
        row.text("CLASSNAME", &format!("{}.{}", view.schema, view.name))
            .text("IS_INSERTABLE_INTO", "NO")
            .text("OWNER", owner)
    });
    tables.chain(views).collect()
}

fn columns(catalog: &Catalog) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in catalog.tables() {
        for (position, column) in table.columns.iter().enumerate() {
            rows.push(column_row(table, column, position + 1));
        }
    }
    for view in catalog.views() {
        let Ok((_, columns)) =
            crate::binder::bind_query(&view.query, catalog, crate::Version::V2025_1)
        else {
            continue;
        };
        for (position, column) in columns.iter().enumerate() {
            let name = view.columns.get(position).unwrap_or(&column.label);
            let row = Row::of(&view.schema, &view.name)
                .text("COLUMN_NAME", name)
                .number("ORDINAL_POSITION", position + 1);
            rows.push(type_row(
                row.text("IS_NULLABLE", "YES").text("AUTO_INCREMENT", "NO"),
                &column.ty,
            ));
        }
    }
    rows
}

fn column_row(table: &Table, column: &Column, position: usize) -> Row {
    let in_key = |primary: bool| {
        table.keys.iter().any(|key| {
            key.primary == primary && key.columns.len() == 1 && same(&key.columns[0], &column.name)
        })
    };
    let primary = table
        .primary_key()
        .is_some_and(|key| key.columns.iter().any(|name| same(name, &column.name)));
    let row = Row::of(&table.schema, &table.name)
        .text("COLUMN_NAME", &column.name)
        .number("ORDINAL_POSITION", position)
        .maybe("COLUMN_DEFAULT", default_text(column).as_deref())
        .flag("IS_NULLABLE", !column.required)
        .flag("IS_IDENTITY", column.identity)
        .flag("IS_GENERATED", false)
        .flag("IS_UPDATABLE", !column.identity && !column.row_version)
        .maybe("DESCRIPTION", column.description.as_deref())
        .flag("AUTO_INCREMENT", column.identity || column.serial)
        .flag("UNIQUE_COLUMN", in_key(false) || in_key(true))
        .flag("PRIMARY_KEY", primary);
    type_row(row, &column.ty)
}

fn type_row(row: Row, ty: &Type) -> Row {
    let described = ty.describe();
    let row = row.text("DATA_TYPE", ty.name());
    match ty {
        Type::Varchar(_) | Type::Vector(..) | Type::Varbinary(_) => {
            let length = if let Type::Varchar(None) | Type::Varbinary(None) = ty {
                UNLIMITED_LENGTH
            } else {
                described.precision
            };
            row.number("CHARACTER_MAXIMUM_LENGTH", length)
                .number("CHARACTER_OCTET_LENGTH", length)
        }
        Type::LongVarchar | Type::LongVarbinary => row
            .number("CHARACTER_MAXIMUM_LENGTH", described.precision)
            .number("CHARACTER_OCTET_LENGTH", described.precision),
        _ if ty.is_number() => row
            .number("NUMERIC_PRECISION", described.precision)
            .number("NUMERIC_PRECISION_RADIX", 10)
            .number("NUMERIC_SCALE", described.scale),
        Type::Date | Type::Time(_) | Type::Timestamp | Type::PosixTime => {
            row.number("DATETIME_PRECISION", described.scale)
        }
        _ => row,
    }
}

/// In ObjectScript form: strings in double quotes, `''` as `$c(0)`.
fn default_text(column: &Column) -> Option<String> {
    let (expr, text) = column.default.as_ref()?;
    Some(match expr {
        Expr::Text(value) if value.is_empty() => "$c(0)".to_owned(),
        Expr::Text(value) => format!("\"{}\"", value.replace('"', "\"\"")),
        Expr::Null => return None,
        _ => text.clone(),
    })
}

fn foreign_target<'a>(catalog: &'a Catalog, foreign: &Foreign) -> Option<&'a Table> {
    catalog
        .tables()
        .map(|table| &**table)
        .find(|table| foreign.points_to(table))
}

/// The name of the key that a foreign key points to.
fn target_key(catalog: &Catalog, foreign: &Foreign) -> Option<String> {
    let target = foreign_target(catalog, foreign)?;
    target
        .key_over(&foreign.target_columns)
        .or(target.primary_key())
        .map(|key| key.name.clone())
}

fn key_columns(catalog: &Catalog) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in catalog.tables() {
        let row = |name: &str, column: &str, position: usize, kind: &str| {
            let row = Row::of(&table.schema, &table.name).text("CONSTRAINT_SCHEMA", &table.schema);
            row.text("CONSTRAINT_NAME", name)
                .text("COLUMN_NAME", column)
                .number("ORDINAL_POSITION", position + 1)
                .text("CONSTRAINT_TYPE", kind)
        };
        for key in &table.keys {
            let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
            rows.extend(
                key.columns
                    .iter()
                    .enumerate()
                    .map(|(n, column)| row(&key.name, column, n, kind)),
            );
        }
        for foreign in &table.foreign_keys {
            let target = target_key(catalog, foreign);
            rows.extend(foreign.columns.iter().enumerate().map(|(n, column)| {
                row(&foreign.name, column, n, "FOREIGN KEY")
                    .number("POSITION_IN_UNIQUE_CONSTRAINT", n + 1)
                    .text("REFERENCED_TABLE_SCHEMA", &foreign.target_schema)
                    .text("REFERENCED_TABLE_NAME", &foreign.target_table)
                    .maybe("REFERENCED_CONSTRAINT_NAME", target.as_deref())
                    .maybe(
                        "REFERENCED_COLUMN_NAME",
                        foreign.target_columns.get(n).map(String::as_str),
                    )
            }));
        }
    }
    rows
}

fn constraints(catalog: &Catalog) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in catalog.tables() {
        let keys = table.keys.iter().map(|key| {
            (
                &key.name,
                if key.primary { "PRIMARY KEY" } else { "UNIQUE" },
            )
        });
        let foreign = table
            .foreign_keys
            .iter()
            .map(|foreign| (&foreign.name, "FOREIGN KEY"));
        rows.extend(keys.chain(foreign).map(|(name, kind)| {
            let row = Row::of(&table.schema, &table.name).text("CONSTRAINT_SCHEMA", &table.schema);
            row.text("CONSTRAINT_NAME", name)
                .text("CONSTRAINT_TYPE", kind)
                .text("IS_DEFERRABLE", "NO")
                .text("INITIALLY_DEFERRED", "NO")
        }));
    }
    rows
}

fn constraint_columns(catalog: &Catalog) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in catalog.tables() {
        for key in &table.keys {
            rows.extend(key.columns.iter().map(|column| {
                let row = Row::of(&table.schema, &table.name).text("COLUMN_NAME", column);
                row.text("CONSTRAINT_SCHEMA", &table.schema)
                    .text("CONSTRAINT_NAME", &key.name)
            }));
        }
    }
    rows
}

fn referential_constraints(catalog: &Catalog) -> Vec<Row> {
    let all = catalog.tables().flat_map(|table| {
        table
            .foreign_keys
            .iter()
            .map(move |foreign| (table, foreign))
    });
    all.map(|(table, foreign)| {
        Row(Vec::new())
            .text("CONSTRAINT_SCHEMA", &table.schema)
            .text("CONSTRAINT_TABLE_NAME", &table.name)
            .text("CONSTRAINT_NAME", &foreign.name)
            .text("UNIQUE_CONSTRAINT_SCHEMA", &foreign.target_schema)
            .text("UNIQUE_CONSTRAINT_TABLE", &foreign.target_table)
            .maybe(
                "UNIQUE_CONSTRAINT_NAME",
                target_key(catalog, foreign).as_deref(),
            )
            .text("MATCH_OPTION", "NONE")
            .text("UPDATE_RULE", foreign.on_update.as_str())
            .text("DELETE_RULE", foreign.on_delete.as_str())
    })
    .collect()
}

fn indexes(catalog: &Catalog) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in catalog.tables() {
        for key in &table.keys {
            let index = IndexDef {
                name: key.name.clone(),
                kind: IndexKind::Unique,
                columns: key.columns.clone(),
                data: Vec::new(),
            };
            rows.extend(index_rows(table, &index, key.primary));
        }
        for index in &table.indexes {
            rows.extend(index_rows(table, index, false));
        }
    }
    rows
}

fn index_rows(table: &Table, index: &IndexDef, primary: bool) -> Vec<Row> {
    let unique = index.kind == IndexKind::Unique;
    let row = |(position, column): (usize, &String)| {
        Row::of(&table.schema, &table.name)
            .number("NON_UNIQUE", u8::from(!unique))
            .text("INDEX_SCHEMA", &table.schema)
            .text("INDEX_NAME", &index.name)
            .number("ORDINAL_POSITION", position + 1)
            .text("COLUMN_NAME", column)
            .text("ASC_OR_DESC", "A")
            .number("PRIMARY_KEY", u8::from(primary))
            .maybe(
                "DATA_FIELDS",
                (!index.data.is_empty())
                    .then(|| index.data.join(","))
                    .as_deref(),
            )
    };
    index.columns.iter().enumerate().map(row).collect()
}

fn views(catalog: &Catalog, owner: &str) -> Vec<Row> {
    let row = |view: &std::sync::Arc<crate::catalog::View>| {
        let row = Row::of(&view.schema, &view.name).text("VIEW_DEFINITION", &view.text);
        row.text("CHECK_OPTION", "NONE")
            .text("IS_UPDATABLE", "NO")
            .text("CLASSNAME", &format!("{}.{}", key(&view.schema), view.name))
            .text("OWNER", owner)
    };
    catalog.views().map(row).collect()
}
