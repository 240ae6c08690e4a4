//! Queries of WITH as subqueries in FROM.

use sqlparser::ast::{Query, SetExpr, TableAlias, TableFactor};

use super::flattened::is_simple;
use crate::computed::accesses;
use crate::labels;
use crate::look::{self, Node};

/// Writes the queries of WITH that are read once where they are read.
pub(super) fn put_in_place(query: &mut Query) {
    let Some(with) = query.with.take_if(|with| !with.recursive) else {
        return;
    };
    let mut with = with;
    let mut index = with.cte_tables.len();
    while let Some(at) = index.checked_sub(1) {
        index = at;
        let one = &with.cte_tables[at];
        if !accesses(&one.query) || !one.alias.columns.is_empty() || !is_simple(&one.query) {
            continue;
        }
        let name = labels::folded(&one.alias.name);
        let later = with.cte_tables[at + 1..].iter();
        let uses = readers(&*query.body, &name)
            + later
                .map(|other| readers(&*other.query, &name))
                .sum::<usize>();
        if uses != 1 || !puts_in(query, &name, &one.query.clone()) {
            continue;
        }
        with.cte_tables.remove(at);
    }
    query.with = (!with.cte_tables.is_empty()).then_some(with);
}

/// How often a name is read from.
fn readers(tree: &impl sqlparser::ast::Visit, name: &str) -> usize {
    let mut count = 0;
    look::at_all(tree, &mut |node| {
        if let Node::Relation(relation) = node
            && labels::of_name(relation).as_deref() == Some(name)
        {
            count += 1;
        }
    });
    count
}

/// Puts a subquery in the place of its name in the outermost FROM; tells whether it stands there.
fn puts_in(query: &mut Query, name: &str, subquery: &Query) -> bool {
    let SetExpr::Select(select) = &mut *query.body else {
        return false;
    };
    let factors = select.from.iter_mut().flat_map(|table| {
        let joined = table.joins.iter_mut().map(|join| &mut join.relation);
        std::iter::once(&mut table.relation).chain(joined)
    });
    for factor in factors {
        let alias = match factor {
            TableFactor::Table {
                name: called,
                alias,
                args: None,
                ..
            } if labels::of_name(called).as_deref() == Some(name) => alias.take(),
            _ => continue,
        };
        let alias = alias.unwrap_or_else(|| TableAlias {
            explicit: true,
            name: labels::identifier(name),
            columns: Vec::new(),
            at: None,
        });
        *factor = TableFactor::Derived {
            lateral: false,
            subquery: Box::new(subquery.clone()),
            alias: Some(alias),
            sample: None,
        };
        return true;
    }
    false
}
