//! Which tables a statement names.

use sqlparser::ast::{
    CommentObject, Cte, Ident, ObjectName, ObjectNamePart, ObjectType, Statement,
};
use std::borrow::Cow;
use std::collections::HashSet;

use super::Path;
use crate::look::{self, Node};

/// The schema that IRIS looks in first, and that PostgreSQL's `public` stands for.
pub(crate) const DEFAULT_SCHEMA: &str = "SQLUser";

/// A table as IRIS compares names: in capitals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TableName {
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl TableName {
    /// The table in a schema of the rules' own that stands for what has this name and is no
    /// table of IRIS's.
    pub(super) fn kept_in(&self, schema: &str) -> ObjectName {
        self.kept_as(schema, &self.table.to_lowercase())
    }

    /// The same under the name as it was written.
    pub(super) fn kept_as(&self, schema: &str, own: &str) -> ObjectName {
        let is_default = self.schema.eq_ignore_ascii_case(DEFAULT_SCHEMA);
        let name = match is_default {
            true if own.contains("__") => format!("public__{own}"),
            true => own.to_owned(),
            false => format!("{}__{own}", self.schema.to_lowercase()),
        };
        let name = name.replace('"', "\"\"");
        ObjectName::from(vec![Ident::new(schema), Ident::with_quote('"', name)])
    }

    /// The table that an unqualified or qualified name means, perhaps with that of the database
    /// before; none if the name has more parts than that.
    pub(crate) fn of(name: &ObjectName) -> Option<Self> {
        let part = |part: &ObjectNamePart| part.as_ident().map(unquoted).map(Cow::into_owned);
        let (schema, table) = match name.0.as_slice() {
            [table] => (None, part(table)?),
            [schema, table] | [_, schema, table] => (Some(part(schema)?), part(table)?),
            _ => return None,
        };
        Some(Self::named(schema.as_deref(), &table))
    }

    /// The table of that schema, or of the default one.
    pub(crate) fn named(schema: Option<&str>, table: &str) -> Self {
        let schema = match schema {
            Some(schema) if !schema.eq_ignore_ascii_case("public") => schema,
            _ => DEFAULT_SCHEMA,
        };
        Self {
            schema: schema.to_uppercase(),
            table: table.to_uppercase(),
        }
    }

    /// The tables that a name may mean: without a schema one in each schema of the path.
    pub(crate) fn all_of(name: &ObjectName, path: Option<&Path>) -> Vec<Self> {
        let temporary = path.and_then(Path::temporary);
        if let Some(table) = temporary.and_then(|temporary| temporary.table(name)) {
            return vec![table];
        }
        let Some(known) = Self::of(name) else {
            return Vec::new();
        };
        let Some(path) = path.filter(|_| name.0.len() == 1) else {
            return vec![known];
        };
        path.schemas()
            .iter()
            .map(|schema| Self {
                schema: schema.to_uppercase(),
                table: known.table.clone(),
            })
            .collect()
    }

    /// As the name of a metadata query holds it, behind the kind of the query.
    pub(super) fn joined(&self) -> String {
        format!("{}\0{}", self.schema, self.table)
    }

    pub(super) fn split(joined: &str) -> Option<Self> {
        let (schema, table) = joined.split_once('\0')?;
        Some(Self {
            schema: schema.to_owned(),
            table: table.to_owned(),
        })
    }
}

/// A name without its quotes, and without the doubling of those in it.
fn unquoted(name: &Ident) -> Cow<'_, str> {
    match name.quote_style {
        Some(_) => Cow::Owned(name.value.replace("\"\"", "\"")),
        None => Cow::Borrowed(&name.value),
    }
}

/// The stored tables that a statement names, each once; the names that its own
/// WITH clauses give to queries are none. Nor are IRIS's catalogues.
pub(crate) fn named_in(tree: &Statement, path: Option<&Path>) -> Vec<TableName> {
    let mut names = Names::default();
    look::at_all(tree, &mut |node| names.note(node));
    if let Statement::Drop {
        object_type: ObjectType::Table | ObjectType::View,
        names: dropped,
        ..
    } = tree
    {
        names.relations.extend(dropped.iter().cloned());
    }
    if let Statement::Comment {
        object_type,
        object_name,
        ..
    } = tree
    {
        let mut parts = object_name.0.clone();
        if *object_type == CommentObject::Column {
            parts.pop();
        }
        names.relations.push(ObjectName(parts));
    }
    let mut seen = HashSet::new();
    let found = names.relations.iter().filter(|name| {
        let is_query = name.0.len() == 1 && {
            let word = name.to_string().to_uppercase();
            names.queries.contains(&word) && !names.tables.contains(&word)
        };
        !is_query
    });
    found
        .flat_map(|name| TableName::all_of(name, path))
        .filter(|name| !is_catalogue(&name.schema) && seen.insert(name.clone()))
        .collect()
}

fn is_catalogue(schema: &str) -> bool {
    schema.starts_with('%') || matches!(schema, "INFORMATION_SCHEMA" | "PG_CATALOG")
}

#[derive(Default)]
struct Names {
    relations: Vec<ObjectName>,
    /// In capitals.
    queries: HashSet<String>,
    /// Those of them that are names of tables as well.
    tables: HashSet<String>,
}

impl Names {
    /// In a query that WITH gives the name of a table, the table has it.
    fn note_own(&mut self, cte: &Cte) {
        let own = &cte.alias.name.value;
        look::at_all(&*cte.query, &mut |node| {
            if let Node::Relation(relation) = node
                && relation.0.len() == 1
                && relation.to_string().eq_ignore_ascii_case(own)
            {
                self.tables.insert(own.to_uppercase());
            }
        });
    }

    fn note(&mut self, node: Node<'_>) {
        match node {
            Node::Query(query) => {
                if let Some(with) = &query.with {
                    let named = &with.cte_tables;
                    let names = named.iter().map(|cte| cte.alias.name.value.to_uppercase());
                    self.queries.extend(names);
                    if !with.recursive {
                        named.iter().for_each(|cte| self.note_own(cte));
                    }
                }
            }
            Node::Relation(relation) => self.relations.push(relation.clone()),
            _ => {}
        }
    }
}
