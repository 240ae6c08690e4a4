//! Which names are in reach.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::Typed;
use crate::failure::{Failure, Result};
use crate::plan::{Aggregate, Column, Common, Expr, Reference, SetItem, Window};
use crate::types::Type;

/// What a subquery takes from the queries around it, as seen from there.
#[derive(Default)]
pub(super) struct Sink {
    pub(super) captured: RefCell<Vec<Reference>>,
    /// Whether it reads the rows of a recursion's last round.
    pub(super) is_volatile: Cell<bool>,
    /// Whether it reads a common table that changes with the rows around its WITH.
    pub(super) reads_correlated: Cell<bool>,
}

impl Sink {
    fn add(&self, reference: Reference) {
        let mut captured = self.captured.borrow_mut();
        if !captured.contains(&reference) {
            captured.push(reference);
        }
    }

    /// Hands on what goes out of the query around as well.
    pub(super) fn hand_on(&self, outer: &Sink) {
        for reference in self.captured.borrow().iter() {
            if let Some(level) = reference.level.checked_sub(1) {
                outer.add(Reference {
                    level,
                    ..*reference
                });
            }
        }
        if self.is_volatile.get() {
            outer.is_volatile.set(true);
        }
        if self.reads_correlated.get() {
            outer.reads_correlated.set(true);
        }
    }

    /// Hands on what a common table takes to the query that has it.
    pub(super) fn merge(&self, query: &Sink) {
        for reference in self.captured.borrow().iter() {
            query.add(*reference);
        }
        if self.reads_correlated.get() {
            query.reads_correlated.set(true);
        }
    }

    /// Whether its rows may be kept for the values that it takes.
    pub(super) fn is_steady(&self) -> bool {
        !self.is_volatile.get() && !self.reads_correlated.get()
    }
}

/// The common tables in reach.
#[derive(Default)]
pub(super) struct Commons<'c> {
    pub(super) list: RefCell<Vec<(Rc<Common>, Cell<bool>)>>,
    pub(super) outer: Option<&'c Commons<'c>>,
}

impl Commons<'_> {
    /// The common table of that name, and whether it is being defined.
    pub(super) fn find(&self, name: &str) -> Option<(Rc<Common>, bool)> {
        let found = self
            .list
            .borrow()
            .iter()
            .rev()
            .find(|(common, _)| common.name == name)
            .map(|(common, in_progress)| (Rc::clone(common), in_progress.get()));
        found.or_else(|| self.outer?.find(name))
    }

    /// Those of this WITH that change with the rows around it.
    pub(super) fn correlated(&self) -> impl Iterator<Item = Rc<Common>> {
        let list = self.list.borrow();
        let found = list.iter().filter(|(common, _)| common.is_correlated.get());
        let found: Vec<_> = found.map(|(common, _)| Rc::clone(common)).collect();
        found.into_iter()
    }

    /// Whether there are such in reach.
    pub(super) fn has_correlated(&self) -> bool {
        self.correlated().next().is_some() || self.outer.is_some_and(Commons::has_correlated)
    }
}

/// A source that FROM named.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) alias: String,
    /// The schema, if the source goes by its relation's own name.
    pub(super) schema: Option<String>,
    pub(super) columns: Vec<Column>,
    /// `tableoid` and kin, which `*` leaves out.
    pub(super) hidden: Vec<(&'static str, Typed)>,
    pub(super) number: usize,
    /// Whether a function with a single plain value made it.
    pub(super) is_scalar: bool,
}

/// A column that USING or NATURAL made of two.
#[derive(Clone)]
pub(super) struct Merged {
    pub(super) name: String,
    pub(super) value: Typed,
    /// The columns that it stands for, by source and name.
    pub(super) covers: Vec<(usize, String)>,
}

/// Which clause is being bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Clause {
    From,
    Where,
    GroupBy,
    /// The select list, ORDER BY and DISTINCT ON.
    Output,
    Having,
    Aggregate,
}

/// The names of one SELECT.
pub(super) struct Scope<'s> {
    pub(super) named: RefCell<Vec<Named>>,
    pub(super) merged: RefCell<Vec<Merged>>,
    pub(super) outer: Option<&'s Scope<'s>>,
    pub(super) commons: &'s Commons<'s>,
    pub(super) sink: &'s Sink,
    pub(super) clause: Cell<Clause>,
    pub(super) aggregates: RefCell<Vec<Aggregate>>,
    pub(super) windows: RefCell<Vec<Window>>,
    pub(super) sets: RefCell<Vec<SetItem>>,
    /// While a derived table without LATERAL is bound: its siblings are out of reach.
    pub(super) is_closed: Cell<bool>,
    /// Named windows.
    pub(super) specs: RefCell<Vec<(String, sqlparser::ast::WindowSpec)>>,
}

impl<'s> Scope<'s> {
    pub(super) fn new(
        outer: Option<&'s Scope<'s>>,
        commons: &'s Commons<'s>,
        sink: &'s Sink,
    ) -> Self {
        Self {
            named: RefCell::default(),
            merged: RefCell::default(),
            outer,
            commons,
            sink,
            clause: Cell::new(Clause::From),
            aggregates: RefCell::default(),
            windows: RefCell::default(),
            sets: RefCell::default(),
            is_closed: Cell::new(false),
            specs: RefCell::default(),
        }
    }

    /// A column by its name alone.
    pub(super) fn column(&self, name: &str) -> Result<Option<Typed>> {
        self.search(&mut |scope| scope.own_column(name))
    }

    /// A column of a source.
    pub(super) fn qualified(
        &self,
        schema: Option<&str>,
        table: &str,
        name: &str,
    ) -> Result<Option<Typed>> {
        self.search(&mut |scope| {
            let named = scope.named.borrow();
            let Some(source) = find_source(&named, schema, table) else {
                return Ok(None);
            };
            match of_source(source, name) {
                Some(found) => Ok(Some(found)),
                None => Err(Failure::new(
                    "42703",
                    format!("column {table}.{name} does not exist"),
                )),
            }
        })
    }

    /// A source as a composite value, or as the value of its function.
    pub(super) fn whole(&self, schema: Option<&str>, table: &str) -> Result<Option<Typed>> {
        self.search(&mut |scope| {
            let named = scope.named.borrow();
            Ok(find_source(&named, schema, table).map(|source| {
                if source.is_scalar
                    && let [column] = source.columns.as_slice()
                {
                    return reference(source.number, 0, column);
                }
                let fields = source
                    .columns
                    .iter()
                    .map(|column| (column.name.clone(), column.kind))
                    .collect();
                Typed {
                    expr: Expr::Reference(Reference {
                        level: 0,
                        source: source.number,
                        column: None,
                    }),
                    kind: Type::RECORD,
                    fields: Some(fields),
                }
            }))
        })
    }

    /// Looks here, then further and further out.
    fn search(
        &self,
        look: &mut dyn FnMut(&Scope<'_>) -> Result<Option<Typed>>,
    ) -> Result<Option<Typed>> {
        let mut scope = self;
        let mut level = 0;
        loop {
            if !scope.is_closed.get()
                && let Some(found) = look(scope)?
            {
                return Ok(Some(self.seen_from_here(found, level)));
            }
            match scope.outer {
                Some(outer) => scope = outer,
                None => return Ok(None),
            }
            level += 1;
        }
    }

    /// What was found so many levels out, as seen from here.
    fn seen_from_here(&self, mut found: Typed, level: usize) -> Typed {
        if level > 0 {
            shift(&mut found.expr, level, &mut |reference| {
                self.sink.add(Reference {
                    level: level - 1,
                    ..reference
                });
            });
        }
        found
    }

    fn own_column(&self, name: &str) -> Result<Option<Typed>> {
        if let Some(merged) = self
            .merged
            .borrow()
            .iter()
            .find(|merged| merged.name == name)
        {
            return Ok(Some(merged.value.clone()));
        }
        let named = self.named.borrow();
        let mut found = named.iter().filter_map(|source| of_source(source, name));
        let first = found.next();
        if found.next().is_some() {
            return Err(Failure::new(
                "42702",
                format!("column reference \"{name}\" is ambiguous"),
            ));
        }
        Ok(first)
    }

    /// A column of the source that has that number.
    pub(super) fn of_number(&self, number: usize, name: &str) -> Option<Typed> {
        let named = self.named.borrow();
        let source = named.iter().find(|source| source.number == number)?;
        of_source(source, name)
    }
}

pub(super) fn find_source<'n>(
    named: &'n [Named],
    schema: Option<&str>,
    table: &str,
) -> Option<&'n Named> {
    named.iter().find(|source| {
        source.alias == table
            && schema.is_none_or(|schema| source.schema.as_deref() == Some(schema))
    })
}

fn of_source(source: &Named, name: &str) -> Option<Typed> {
    if let Some(place) = source.columns.iter().position(|column| column.name == name) {
        let column = source.columns.get(place)?;
        return Some(reference(source.number, place, column));
    }
    source
        .hidden
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.clone())
}

pub(super) fn reference(source: usize, place: usize, column: &Column) -> Typed {
    Typed {
        expr: Expr::Reference(Reference {
            level: 0,
            source,
            column: Some(place),
        }),
        kind: column.kind,
        fields: column.fields.clone(),
    }
}

/// Moves the references of an expression of columns further out.
fn shift(expr: &mut Expr, level: usize, tell: &mut dyn FnMut(Reference)) {
    match expr {
        Expr::Reference(reference) => {
            reference.level += level;
            tell(*reference);
        }
        Expr::Coalesce(list) => {
            for item in list {
                shift(item, level, tell);
            }
        }
        _ => {}
    }
}
