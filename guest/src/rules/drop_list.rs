//! # What it does
//! Drops several tables, views or indexes one after the other.
//!
//! # Why
//! IRIS's DROP takes one name. The name of an index is not qualified by a schema
//! there, but by its table.
//!
//! # Example
//! `DROP TABLE a, b` becomes `DROP TABLE a` and `DROP TABLE b`, all or none.
//!
//! # Limits
//! An index name that several tables have is refused by IRIS; `DROP INDEX i ON t`
//! names the table. CASCADE drops no foreign keys. There is no NOTICE of what IF EXISTS did not find.
//!
//! # Versions
//! All.

use sqlparser::ast::{ObjectName, ObjectType, Statement};

use crate::definition::last;
use crate::diagnostic::Diagnosed;
use crate::part::{Part, Times};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};

pub(crate) struct DropList;

/// A foreign key or a view refers to it.
const REFERRED_TO: [i32; 2] = [-320, -321];

impl Rule for DropList {
    fn name(&self) -> &'static str {
        "drop_list"
    }

    fn summary(&self) -> &'static str {
        "drops several tables, views or indexes one after the other"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Drop {
            object_type, names, ..
        } = tree
        else {
            return Ok(false);
        };
        let mut changed = false;
        if *object_type == ObjectType::Index {
            for name in names.iter_mut() {
                changed |= unqualified(name);
            }
        }
        if names.len() < 2 {
            return Ok(changed);
        }
        let each = std::mem::take(names);
        pass.split = Some(in_any_order(tree, each, pass));
        Ok(true)
    }
}

/// PostgreSQL drops the list together, in whatever order its tables refer to each
/// other: what is still referred to at first is dropped when the others are gone.
fn in_any_order(tree: &Statement, names: Vec<ObjectName>, pass: &mut Pass<'_>) -> Vec<Part> {
    let mut first = Vec::with_capacity(names.len() * 2);
    let mut again = Vec::with_capacity(names.len());
    for name in names {
        let mut one = tree.clone();
        if let Statement::Drop { names, .. } = &mut one {
            *names = vec![name];
        }
        let id = pass.part_id();
        let mut part = Part::new(one.clone());
        part.id = Some(id);
        part.tolerated = REFERRED_TO.to_vec();
        first.push(part);
        let mut part = Part::new(one);
        part.repetition = Times::IfTolerated(id);
        again.push(part);
    }
    again.pop();
    if let Some(last) = first.last_mut() {
        last.tolerated.clear();
        last.id = None;
    }
    first.extend(again.into_iter().rev());
    first
}

/// Without `public`: before the name of an index IRIS expects its table.
fn unqualified(name: &mut ObjectName) -> bool {
    let [schema, _] = name.0.as_slice() else {
        return false;
    };
    let is_public = schema
        .as_ident()
        .is_some_and(|schema| schema.value.eq_ignore_ascii_case("public"));
    if let Some(own) = last(name).filter(|_| is_public).cloned() {
        *name = ObjectName::from(vec![own]);
    }
    is_public
}
