//! Which objects a look-up by name concerns.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Relation, relations};
use crate::catalog::{Catalog, Table, View};
use crate::collation::Collation;

/// Something that the system relations describe.
#[derive(Clone)]
pub(super) enum Item {
    Table(Arc<Table>),
    View(Arc<View>),
    System(&'static Relation),
}

impl Item {
    pub(super) fn schema(&self) -> &str {
        match self {
            Self::Table(table) => &table.schema,
            Self::View(view) => &view.schema,
            Self::System(relation) => relation.schema,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Table(table) => &table.name,
            Self::View(view) => &view.name,
            Self::System(relation) => relation.name,
        }
    }

    pub(super) fn class_name(&self) -> String {
        match self {
            Self::Table(table) => table.class_name(),
            Self::View(view) => crate::catalog::class_name(&view.schema, &view.name),
            Self::System(relation) => relation.class_name(),
        }
    }

    /// Names of constraints and indexes.
    fn members(&self) -> Vec<&str> {
        let Self::Table(table) = self else {
            return Vec::new();
        };
        let keys = table.keys.iter().map(|key| key.name.as_str());
        let foreign = table.foreign_keys.iter().map(|key| key.name.as_str());
        let indexes = table.indexes.iter().map(|index| index.name.as_str());
        keys.chain(foreign).chain(indexes).collect()
    }
}

/// What a condition may say of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Schema,
    Name,
    Class,
    /// A constraint or an index.
    Member,
}

/// All keys; their order is that of the bits in a plan.
pub(super) const KEYS: [Key; 4] = [Key::Schema, Key::Name, Key::Class, Key::Member];

/// The objects of one catalog, found by each key.
pub(super) struct Directory {
    pub(super) items: Vec<Item>,
    schemas: HashMap<String, Vec<usize>>,
    names: HashMap<String, Vec<usize>>,
    classes: HashMap<String, Vec<usize>>,
    members: HashMap<String, Vec<usize>>,
}

/// Equal for all texts that any collation takes for equal.
pub(super) fn folded(text: &str) -> String {
    Collation::SqlUpper.value(text)
}

impl Directory {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let tables = catalog.tables().cloned().map(Item::Table);
        let views = catalog.views().cloned().map(Item::View);
        let system = relations().iter().filter(|relation| !relation.is_query);
        let items: Vec<Item> = tables
            .chain(views)
            .chain(system.map(Item::System))
            .collect();
        let mut directory = Self {
            items: Vec::new(),
            schemas: HashMap::new(),
            names: HashMap::new(),
            classes: HashMap::new(),
            members: HashMap::new(),
        };
        for (position, item) in items.iter().enumerate() {
            let mut put = |map: fn(&mut Self) -> &mut HashMap<String, Vec<usize>>, name: &str| {
                map(&mut directory)
                    .entry(folded(name))
                    .or_default()
                    .push(position);
            };
            put(|d| &mut d.schemas, item.schema());
            put(|d| &mut d.names, item.name());
            put(|d| &mut d.classes, &item.class_name());
            for member in item.members() {
                put(|d| &mut d.members, member);
            }
        }
        directory.items = items;
        directory
    }

    /// The positions of objects that may fit all of the wanted keys, in order.
    pub(super) fn find(&self, wanted: &[(Key, String)]) -> Vec<usize> {
        let lists = wanted.iter().map(|(key, text)| {
            let map = match key {
                Key::Schema => &self.schemas,
                Key::Name => &self.names,
                Key::Class => &self.classes,
                Key::Member => &self.members,
            };
            map.get(text).map_or(&[][..], Vec::as_slice)
        });
        let Some(shortest) = lists.min_by_key(|list| list.len()) else {
            return (0..self.items.len()).collect();
        };
        let schema = wanted.iter().find(|(key, _)| *key == Key::Schema);
        let mut found = shortest.to_vec();
        found.dedup();
        found.retain(|&position| {
            schema.is_none_or(|(_, schema)| {
                self.items
                    .get(position)
                    .is_some_and(|item| folded(item.schema()) == *schema)
            })
        });
        found
    }
}
