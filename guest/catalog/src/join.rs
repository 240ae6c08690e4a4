//! The rows of FROM: which source is visited when, and by which of its columns.

use std::rc::Rc;

use crate::catalog::Content;
use crate::failure::Result;
use crate::plan::{Comparison, Expr, Inner, Node, Reference, Select, Source, SourceKind, Test};
use crate::run::{Execution, Frame};
use crate::value::{Row, Value};

/// Called with every joined row.
pub(crate) type Emit<'e> = &'e mut dyn FnMut(&mut Frame<'_>) -> Result<()>;

/// One item of an inner join, in the order in which they are visited.
pub(crate) struct Step {
    /// None: conditions that need no item at all.
    item: Option<usize>,
    probe: Option<Probe>,
    /// Numbers of the conditions that can be decided after it.
    conditions: Vec<usize>,
}

/// Rows found by the value of a column.
#[derive(Clone)]
struct Probe {
    column: usize,
    keys: Keys,
}

#[derive(Clone)]
enum Keys {
    One(Expr),
    /// The elements of an array.
    Elements(Expr),
    List(Vec<Expr>),
}

/// Estimated rows of what cannot be counted beforehand.
const UNKNOWN_ROWS: f64 = 10.0;
/// Estimated rows of an outer join.
const OUTER_JOIN_ROWS: f64 = 10_000.0;
/// Part of the rows that a condition on one source leaves.
const SELECTIVITY: f64 = 0.3;

/// What a node of FROM works with.
pub(crate) struct Joiner<'x, 'a> {
    pub(crate) execution: &'x Execution<'a>,
    pub(crate) select: &'x Select,
}

impl Joiner<'_, '_> {
    /// Calls `emit` for every row of the node joined to the rows at hand, those
    /// of the sources in `bound`.
    pub(crate) fn run(
        &self,
        node: &Node,
        bound: u128,
        frame: &mut Frame<'_>,
        emit: Emit<'_>,
    ) -> Result<()> {
        match node {
            Node::Nothing => emit(frame),
            Node::Scan(source) => self.scan(*source, None, frame, emit),
            Node::Inner(inner) => {
                if inner.steps.get().is_none() {
                    let steps = self.plan(inner, bound, frame)?;
                    let _ = inner.steps.set(steps);
                }
                let steps = inner.steps.get().map(Vec::as_slice).unwrap_or_default();
                self.walk(inner, steps, bound, frame, emit)
            }
            Node::Left(left, right) => {
                let within = bound | left.sources();
                self.run(left, bound, frame, &mut |frame| {
                    let mut matched = false;
                    self.run(right, within, frame, &mut |frame| {
                        matched = true;
                        emit(frame)
                    })?;
                    if !matched {
                        self.blank(right.sources(), frame);
                        emit(frame)?;
                    }
                    Ok(())
                })
            }
            Node::Full(left, right, on) => self.full([left, right], on, bound, frame, emit),
        }
    }

    fn walk(
        &self,
        inner: &Inner,
        steps: &[Step],
        bound: u128,
        frame: &mut Frame<'_>,
        emit: Emit<'_>,
    ) -> Result<()> {
        let Some((step, rest)) = steps.split_first() else {
            return emit(frame);
        };
        let mut next = |frame: &mut Frame<'_>, bound: u128| -> Result<()> {
            for number in &step.conditions {
                if let Some(condition) = inner.conditions.get(*number)
                    && !self.execution.holds(condition, frame)?
                {
                    return Ok(());
                }
            }
            self.walk(inner, rest, bound, frame, emit)
        };
        let Some(item) = step.item.and_then(|item| inner.items.get(item)) else {
            return next(frame, bound);
        };
        let within = bound | item.sources();
        match item {
            Node::Scan(source) => self.scan(*source, step.probe.as_ref(), frame, &mut |frame| {
                next(frame, within)
            }),
            _ => self.run(item, bound, frame, &mut |frame| next(frame, within)),
        }
    }

    fn blank(&self, sources: u128, frame: &mut Frame<'_>) {
        for (number, source) in self.select.sources.iter().enumerate() {
            if sources & (1 << number) != 0
                && let Some(row) = frame.rows.get_mut(number)
            {
                *row = std::iter::repeat_n(Value::Null, source.width).collect();
            }
        }
    }

    /// Every row of a source, or those that the probe finds.
    fn scan(
        &self,
        number: usize,
        probe: Option<&Probe>,
        frame: &mut Frame<'_>,
        emit: Emit<'_>,
    ) -> Result<()> {
        let Some(source) = self.select.sources.get(number) else {
            return Ok(());
        };
        let mut visit = |row: &Row, frame: &mut Frame<'_>| -> Result<()> {
            self.execution.step()?;
            if let Some(place) = frame.rows.get_mut(number) {
                *place = Rc::clone(row);
            }
            emit(frame)
        };
        let Some(content) = self.content(source, frame)? else {
            for row in self.dependent(source, frame)?.iter() {
                visit(row, frame)?;
            }
            return Ok(());
        };
        let Some(probe) = probe else {
            for row in &content.rows {
                visit(row, frame)?;
            }
            return Ok(());
        };
        let index = content.index(probe.column);
        for key in self.keys(&probe.keys, frame)? {
            for place in index.get(&key).into_iter().flatten() {
                if let Some(row) = content.rows.get(*place as usize) {
                    visit(row, frame)?;
                }
            }
        }
        Ok(())
    }

    fn keys(&self, keys: &Keys, frame: &Frame<'_>) -> Result<Vec<Value>> {
        let mut values = match keys {
            Keys::One(expr) => return Ok(vec![self.execution.value(expr, frame)?]),
            Keys::Elements(expr) => match self.execution.value(expr, frame)? {
                Value::Array(array) => array.elements.clone(),
                _ => Vec::new(),
            },
            Keys::List(list) => self.execution.all(list, frame)?,
        };
        // A value that is named twice finds its rows once.
        let mut seen = std::collections::HashSet::new();
        values.retain(|value| seen.insert(value.clone()));
        Ok(values)
    }

    /// The rows of a source that depends on no other.
    fn content(&self, source: &Source, frame: &Frame<'_>) -> Result<Option<Rc<Content>>> {
        match &source.kind {
            SourceKind::Relation(place) => self.execution.scene.content(*place).map(Some),
            SourceKind::Common(common) => self.execution.common(common, None).map(Some),
            SourceKind::Derived(subquery, cell)
                if subquery.captured.is_empty() && subquery.memo.is_some() =>
            {
                if let Some(content) = cell.get() {
                    return Ok(Some(Rc::clone(content)));
                }
                let rows = self.execution.rows(&subquery.query, Some(frame))?;
                for row in &rows {
                    self.execution.keep(row)?;
                }
                Ok(Some(Rc::clone(
                    cell.get_or_init(|| Rc::new(Content::of(rows))),
                )))
            }
            _ => Ok(None),
        }
    }

    /// The rows of a source for the rows at hand.
    fn dependent(&self, source: &Source, frame: &Frame<'_>) -> Result<Rc<Vec<Row>>> {
        match &source.kind {
            SourceKind::Derived(subquery, _) => self.execution.subquery_rows(subquery, frame),
            SourceKind::Functions { items, ordinality } => {
                let mut sets = Vec::with_capacity(items.len());
                for (item, width) in items {
                    let arguments = self.execution.all(&item.arguments, frame)?;
                    sets.push(((item.call)(self.execution.scene, &arguments)?, *width));
                }
                Ok(Rc::new(side_by_side(&sets, *ordinality)))
            }
            SourceKind::Relation(_) | SourceKind::Common(_) => Ok(Rc::default()),
        }
    }

    fn full(
        &self,
        [left, right]: [&Node; 2],
        on: &[Expr],
        bound: u128,
        frame: &mut Frame<'_>,
        emit: Emit<'_>,
    ) -> Result<()> {
        let (lefts, rights) = (left.sources(), right.sources());
        let mut candidates: Vec<(Vec<Row>, bool)> = Vec::new();
        self.run(right, bound, frame, &mut |frame| {
            candidates.push((frame.rows.clone(), false));
            Ok(())
        })?;
        self.run(left, bound, frame, &mut |frame| {
            let mut matched = false;
            for (rows, used) in &mut candidates {
                self.execution.step()?;
                copy(rights, rows, frame);
                let mut holds = true;
                for condition in on {
                    holds = holds && self.execution.holds(condition, frame)?;
                }
                if holds {
                    matched = true;
                    *used = true;
                    emit(frame)?;
                }
            }
            if !matched {
                self.blank(rights, frame);
                emit(frame)?;
            }
            Ok(())
        })?;
        for (rows, _) in candidates.iter().filter(|(_, used)| !used) {
            copy(rights, rows, frame);
            self.blank(lefts, frame);
            emit(frame)?;
        }
        Ok(())
    }

    /// Greedily: the item that is expected to give the fewest rows comes next.
    fn plan(&self, inner: &Inner, bound: u128, frame: &Frame<'_>) -> Result<Vec<Step>> {
        let own = inner.items.iter().fold(0, |all, item| all | item.sources());
        let mut bound = bound;
        let mut open: Vec<usize> = (0..inner.conditions.len()).collect();
        let mut left: Vec<usize> = (0..inner.items.len()).collect();
        let mut decidable = |bound: u128| -> Vec<usize> {
            let ready = |number: &usize| {
                inner
                    .conditions
                    .get(*number)
                    .is_some_and(|condition| condition.sources() & own & !bound == 0)
            };
            let (now, later) = open.iter().partition(|number| ready(number));
            open = later;
            now
        };
        let mut steps = vec![Step {
            item: None,
            probe: None,
            conditions: decidable(bound),
        }];
        while !left.is_empty() {
            let mut best: Option<(f64, usize, Option<Probe>)> = None;
            for (place, number) in left.iter().enumerate() {
                let Some(item) = inner.items.get(*number) else {
                    continue;
                };
                let Some((rows, probe)) = self.estimate(item, inner, own, bound, frame)? else {
                    continue;
                };
                if best.as_ref().is_none_or(|(least, _, _)| rows < *least) {
                    best = Some((rows, place, probe));
                }
            }
            // Items that wait for one another cannot come from a bound query.
            let (_, place, probe) = best.unwrap_or((0.0, 0, None));
            let number = left.remove(place);
            bound |= inner.items.get(number).map_or(0, Node::sources);
            steps.push(Step {
                item: Some(number),
                probe,
                conditions: decidable(bound),
            });
        }
        Ok(steps)
    }

    /// Expected rows of an item for each row at hand, and how to find them; none:
    /// it needs a source that is not at hand.
    fn estimate(
        &self,
        item: &Node,
        inner: &Inner,
        own: u128,
        bound: u128,
        frame: &Frame<'_>,
    ) -> Result<Option<(f64, Option<Probe>)>> {
        let Node::Scan(number) = item else {
            let ready = self.needs(item) & own & !bound & !item.sources() == 0;
            return Ok(ready.then_some((OUTER_JOIN_ROWS, None)));
        };
        if self.needs(item) & own & !bound != 0 {
            return Ok(None);
        }
        let Some(source) = self.select.sources.get(*number) else {
            return Ok(None);
        };
        let Some(content) = self.content(source, frame)? else {
            return Ok(Some((UNKNOWN_ROWS, None)));
        };
        let mut rows = content.rows.len() as f64;
        let mut best: Option<(f64, Probe)> = None;
        for condition in &inner.conditions {
            let Some((probe, keys)) = probe(condition, *number, own & !bound) else {
                if condition.sources() & own & !bound == 1 << number {
                    rows *= SELECTIVITY;
                }
                continue;
            };
            let index = content.index(probe.column);
            let is_at_hand = condition.sources() & own == 1 << number;
            let at_hand = is_at_hand.then(|| self.keys(&probe.keys, frame));
            let found = match at_hand {
                // Those of the first row around stand for all.
                Some(Ok(keys)) => {
                    let places = keys.iter().filter_map(|key| index.get(key));
                    places.map(|places| places.len() as f64).sum()
                }
                _ => content.rows.len() as f64 / index.len().max(1) as f64 * keys,
            };
            if best.as_ref().is_none_or(|(least, _)| found < *least) {
                best = Some((found, probe));
            }
        }
        Ok(Some(match best {
            Some((found, probe)) if found <= rows => (found, Some(probe)),
            Some((_, probe)) => (rows, Some(probe)),
            None => (rows, None),
        }))
    }

    /// The sources that the sources beneath read, as bits.
    fn needs(&self, node: &Node) -> u128 {
        let of_source = |number: usize| match self.select.sources.get(number).map(|s| &s.kind) {
            Some(SourceKind::Derived(subquery, _)) => {
                Expr::Subquery(Rc::clone(subquery), crate::plan::Use::Exists).sources()
            }
            Some(SourceKind::Functions { items, .. }) => items
                .iter()
                .flat_map(|(item, _)| &item.arguments)
                .fold(0, |all, expr| all | expr.sources()),
            _ => 0,
        };
        let conditions = |list: &[Expr]| list.iter().fold(0, |all, expr| all | expr.sources());
        match node {
            Node::Nothing => 0,
            Node::Scan(number) => of_source(*number),
            Node::Inner(inner) => inner
                .items
                .iter()
                .fold(conditions(&inner.conditions), |all, item| {
                    all | self.needs(item)
                }),
            Node::Left(left, right) => self.needs(left) | self.needs(right),
            Node::Full(left, right, on) => self.needs(left) | self.needs(right) | conditions(on),
        }
    }
}

/// A condition that finds rows of the source by one of its columns, and how many keys
/// it is expected to have.
fn probe(condition: &Expr, source: usize, unbound: u128) -> Option<(Probe, f64)> {
    let column = |expr: &Expr| match expr {
        Expr::Reference(Reference {
            level: 0,
            source: number,
            column: Some(column),
        }) if *number == source => Some(*column),
        _ => None,
    };
    let known = |expr: &Expr| expr.sources() & unbound == 0;
    match condition {
        Expr::Compare(Comparison::Equal, pair) => {
            let [left, right] = &**pair;
            [(left, right), (right, left)]
                .into_iter()
                .find(|(own, key)| column(own).is_some() && known(key))
                .and_then(|(own, key)| {
                    let keys = Keys::One(key.clone());
                    Some((
                        Probe {
                            column: column(own)?,
                            keys,
                        },
                        1.0,
                    ))
                })
        }
        Expr::Quantified(Test::Compare(Comparison::Equal), pair, false) if known(&pair[1]) => {
            let keys = Keys::Elements(pair[1].clone());
            Some((
                Probe {
                    column: column(&pair[0])?,
                    keys,
                },
                3.0,
            ))
        }
        Expr::In(left, list) if list.iter().all(known) => {
            let keys = Keys::List(list.clone());
            Some((
                Probe {
                    column: column(left)?,
                    keys,
                },
                list.len() as f64,
            ))
        }
        _ => None,
    }
}

fn copy(sources: u128, rows: &[Row], frame: &mut Frame<'_>) {
    for (number, (place, row)) in frame.rows.iter_mut().zip(rows).enumerate() {
        if sources & (1 << number) != 0 {
            *place = Rc::clone(row);
        }
    }
}

/// Function results in one row, the shorter ones filled up with NULL.
fn side_by_side(sets: &[(Vec<Row>, usize)], ordinality: bool) -> Vec<Row> {
    let longest = sets.iter().map(|(rows, _)| rows.len()).max().unwrap_or(0);
    (0..longest)
        .map(|number| {
            let mut values = Vec::new();
            for (rows, width) in sets {
                match rows.get(number) {
                    Some(row) => values.extend(row.iter().cloned()),
                    None => values.extend(std::iter::repeat_n(Value::Null, *width)),
                }
            }
            if ordinality {
                values.push(Value::Int(number as i64 + 1));
            }
            values.into()
        })
        .collect()
}
