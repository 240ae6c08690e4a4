//! Writes definitions as DDL that the parser reads back to the same definition.

use super::{Table, View};
use crate::ast::{ComputeTime, IndexDef, IndexKind, ViewOption};

/// A delimited identifier; SQLite reads the same form.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(names: &[String]) -> String {
    names
        .iter()
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ")
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `CREATE TABLE …`, without indexes.
pub(crate) fn table_ddl(table: &Table) -> String {
    let mut elements: Vec<String> = table.columns.iter().map(column).collect();
    for key in &table.keys {
        let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
        elements.push(format!(
            "CONSTRAINT {} {kind} ({})",
            quoted(&key.name),
            list(&key.columns)
        ));
    }
    for foreign in &table.foreign_keys {
        let mut element = format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}.{}",
            quoted(&foreign.name),
            list(&foreign.columns),
            quoted(&foreign.target_schema),
            quoted(&foreign.target_table),
        );
        if !foreign.target_columns.is_empty() {
            element.push_str(&format!(" ({})", list(&foreign.target_columns)));
        }
        element.push_str(&format!(" ON DELETE {}", foreign.on_delete.as_str()));
        element.push_str(&format!(" ON UPDATE {}", foreign.on_update.as_str()));
        if foreign.no_check {
            element.push_str(" NOCHECK");
        }
        elements.push(element);
    }
    if let Some(description) = &table.description {
        elements.push(format!("%DESCRIPTION {}", text(description)));
    }
    if table.row_id_public {
        elements.push("%PUBLICROWID".to_owned());
    }
    let kind = if table.temporary {
        "GLOBAL TEMPORARY TABLE"
    } else {
        "TABLE"
    };
    let name = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
    let mut ddl = format!("CREATE {kind} {name} ({})", elements.join(", "));
    if table.columnar {
        ddl.push_str(" WITH STORAGETYPE = COLUMNAR");
    }
    for (name, value) in &table.parameters {
        ddl.push_str(&format!(" WITH %CLASSPARAMETER {name} = {}", text(value)));
    }
    ddl
}

fn column(column: &super::Column) -> String {
    let mut ddl = quoted(&column.name);
    ddl.push(' ');
    match (column.serial, column.row_version) {
        (true, _) if !column.auto_increment => ddl.push_str("SERIAL"),
        (_, true) => ddl.push_str("ROWVERSION"),
        _ => ddl.push_str(&column.type_ddl()),
    }
    if column.identity {
        ddl.push_str(" IDENTITY");
    }
    if column.auto_increment {
        ddl.push_str(" AUTO_INCREMENT");
    }
    if column.private {
        ddl.push_str(" PRIVATE");
    }
    if column.columnar {
        ddl.push_str(" WITH STORAGETYPE = COLUMNAR");
    }
    if column.ty.is_text() {
        ddl.push_str(&format!(" COLLATE {}", column.collation.ddl()));
    }
    if let Some((_, default)) = &column.default {
        ddl.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some((_, value)) = &column.on_update {
        ddl.push_str(&format!(" ON UPDATE {value}"));
    }
    if let Some(computed) = &column.computed {
        ddl.push_str(&format!(" COMPUTECODE {{{}}}", computed.code));
        match &computed.when {
            ComputeTime::Insert => {}
            ComputeTime::Change(columns) => {
                ddl.push_str(&format!(" COMPUTEONCHANGE ({})", list(columns)));
            }
            ComputeTime::Calculated => ddl.push_str(" CALCULATED"),
            ComputeTime::Transient => ddl.push_str(" TRANSIENT"),
        }
    }
    if column.required && !column.identity {
        ddl.push_str(" NOT NULL");
    }
    if let Some(description) = &column.description {
        ddl.push_str(&format!(" %DESCRIPTION {}", text(description)));
    }
    ddl
}

/// `CREATE INDEX …`
pub(crate) fn index_ddl(table: &Table, index: &IndexDef) -> String {
    let kind = match &index.kind {
        IndexKind::Unique => "UNIQUE ",
        IndexKind::Special(kind) => &format!("{kind} "),
        IndexKind::Plain | IndexKind::Hnsw(_) => "",
    };
    let name = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
    let mut ddl = format!("CREATE {kind}INDEX {} ON TABLE {name}", quoted(&index.name));
    if !index.columns.is_empty() {
        ddl.push_str(&format!(" ({})", list(&index.columns)));
    }
    if let IndexKind::Hnsw(parameters) = &index.kind {
        let parameters: Vec<_> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", text(value)))
            .collect();
        ddl.push_str(&format!(" AS HNSW({})", parameters.join(", ")));
    }
    if !index.data.is_empty() {
        ddl.push_str(&format!(" WITH DATA ({})", list(&index.data)));
    }
    ddl
}

/// `CREATE VIEW …`
pub(crate) fn view_ddl(view: &View) -> String {
    let columns = if view.columns.is_empty() {
        String::new()
    } else {
        format!(" ({})", list(&view.columns))
    };
    let option = match view.option {
        ViewOption::None => "",
        ViewOption::ReadOnly => " WITH READ ONLY",
        ViewOption::LocalCheck => " WITH LOCAL CHECK OPTION",
        ViewOption::Check => " WITH CHECK OPTION",
    };
    format!(
        "CREATE VIEW {}.{}{columns} AS {}{option}",
        quoted(&view.schema),
        quoted(&view.name),
        view.text
    )
}
