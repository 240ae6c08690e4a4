//! The rows of a SELECT: joined, grouped, windowed, put out, sorted.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::aggregate;
use crate::failure::Result;
use crate::join::Joiner;
use crate::ordering::compare_keys;
use crate::plan::{Distinct, Grouping, Select, Window, WindowFunction};
use crate::run::{Execution, Frame};
use crate::value::{Row, Value};

pub(crate) fn rows(
    execution: &Execution<'_>,
    select: &Select,
    outer: Option<&Frame<'_>>,
) -> Result<Vec<Row>> {
    let mut frames = Vec::new();
    let mut frame = Frame::new(select.sources.len(), outer);
    let joiner = Joiner { execution, select };
    let is_plain = select.grouping.is_none() && select.windows.is_empty();
    let mut output = Output::new(execution, select);
    joiner.run(&select.from, 0, &mut frame, &mut |frame| {
        if is_plain {
            return output.add(frame);
        }
        execution.keep(&[])?;
        frames.push(Frame {
            rows: frame.rows.clone(),
            ..Frame::new(0, outer)
        });
        Ok(())
    })?;
    if let Some(grouping) = &select.grouping {
        frames = grouped(execution, select, grouping, frames, outer)?;
    }
    for window in &select.windows {
        windowed(execution, window, &mut frames)?;
    }
    for frame in &mut frames {
        output.add(frame)?;
    }
    Ok(output.finish())
}

/// The result rows with their sort keys.
struct Output<'x, 'a> {
    execution: &'x Execution<'a>,
    select: &'x Select,
    rows: Vec<(Vec<Value>, Vec<Value>, Row)>,
    seen: HashSet<Row>,
}

impl<'x, 'a> Output<'x, 'a> {
    fn new(execution: &'x Execution<'a>, select: &'x Select) -> Self {
        Self {
            execution,
            select,
            rows: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// One row, or as many as its set-returning functions give.
    fn add(&mut self, frame: &mut Frame<'_>) -> Result<()> {
        if self.select.sets.is_empty() {
            return self.put(frame);
        }
        let mut sets = Vec::with_capacity(self.select.sets.len());
        for item in &self.select.sets {
            let arguments = self.execution.all(&item.arguments, frame)?;
            sets.push((
                (item.call)(self.execution.scene, &arguments)?,
                item.is_scalar,
            ));
        }
        let longest = sets.iter().map(|(rows, _)| rows.len()).max().unwrap_or(0);
        for number in 0..longest {
            self.execution.step()?;
            frame.sets = sets
                .iter()
                .map(|(rows, is_scalar)| match rows.get(number) {
                    None => Value::Null,
                    Some(row) if *is_scalar => row.first().cloned().unwrap_or(Value::Null),
                    Some(row) => Value::Row(Rc::clone(row)),
                })
                .collect();
            self.put(frame)?;
        }
        Ok(())
    }

    fn put(&mut self, frame: &mut Frame<'_>) -> Result<()> {
        let row: Row = self.execution.all(&self.select.projection, frame)?.into();
        if matches!(self.select.distinct, Distinct::Rows) && !self.seen.insert(Rc::clone(&row)) {
            return Ok(());
        }
        self.execution.keep(&row)?;
        frame.output = Some(Rc::clone(&row));
        let on = match &self.select.distinct {
            Distinct::On(list) => self.execution.all(list, frame)?,
            _ => Vec::new(),
        };
        let keys = self.execution.keys(&self.select.order, frame)?;
        frame.output = None;
        self.rows.push((keys, on, row));
        Ok(())
    }

    fn finish(mut self) -> Vec<Row> {
        if !self.select.order.is_empty() {
            let order = &self.select.order;
            self.rows
                .sort_by(|left, right| compare_keys(order, &left.0, &right.0));
        } else if matches!(self.select.distinct, Distinct::On(_)) {
            self.rows.sort_by(|left, right| {
                Value::Row(left.1.as_slice().into()).order(&Value::Row(right.1.as_slice().into()))
            });
        }
        if matches!(self.select.distinct, Distinct::On(_)) {
            let mut seen = HashSet::new();
            self.rows.retain(|(_, on, _)| seen.insert(on.clone()));
        }
        self.rows.into_iter().map(|(_, _, row)| row).collect()
    }
}

/// One frame for each group: that of its first row, with the aggregates.
fn grouped<'f>(
    execution: &Execution<'_>,
    select: &Select,
    grouping: &Grouping,
    frames: Vec<Frame<'f>>,
    outer: Option<&'f Frame<'f>>,
) -> Result<Vec<Frame<'f>>> {
    let mut result = Vec::new();
    for keys in &grouping.sets {
        let mut places: HashMap<Vec<Value>, usize> = HashMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (number, frame) in frames.iter().enumerate() {
            let key = execution.all(keys, frame)?;
            let place = *places.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                group.push(number);
            }
        }
        if groups.is_empty() && grouping.is_whole {
            groups.push(Vec::new());
        }
        for group in groups {
            let members = || group.iter().filter_map(|number| frames.get(*number));
            let mut frame = members()
                .next()
                .cloned()
                .unwrap_or_else(|| Frame::new(select.sources.len(), outer));
            frame.aggregates = grouping
                .aggregates
                .iter()
                .map(|aggregate| aggregate::over(execution, aggregate, members()))
                .collect::<Result<_>>()?;
            let keep = match &grouping.having {
                Some(condition) => execution.holds(condition, &frame)?,
                None => true,
            };
            if keep {
                result.push(frame);
            }
        }
    }
    Ok(result)
}

/// Adds one window function's value to every frame.
fn windowed(execution: &Execution<'_>, window: &Window, frames: &mut [Frame<'_>]) -> Result<()> {
    let mut keyed = Vec::with_capacity(frames.len());
    for (number, frame) in frames.iter().enumerate() {
        let partition = execution.all(&window.partition, frame)?;
        keyed.push((partition, execution.keys(&window.order, frame)?, number));
    }
    let by_partition =
        |left: &[Value], right: &[Value]| Value::Row(left.into()).order(&Value::Row(right.into()));
    keyed.sort_by(|left, right| {
        by_partition(&left.0, &right.0).then_with(|| compare_keys(&window.order, &left.1, &right.1))
    });
    let mut values = vec![Value::Null; frames.len()];
    for partition in keyed.chunk_by(|left, right| by_partition(&left.0, &right.0).is_eq()) {
        let same = |left: &(Vec<Value>, Vec<Value>, usize),
                    right: &(Vec<Value>, Vec<Value>, usize)| {
            compare_keys(&window.order, &left.1, &right.1) == Ordering::Equal
        };
        let mut before = 0;
        for (rank, peers) in partition.chunk_by(same).enumerate() {
            let end = before + peers.len();
            let whole = match &window.function {
                WindowFunction::RowNumber => None,
                WindowFunction::Rank => Some(Value::Int(before as i64 + 1)),
                WindowFunction::DenseRank => Some(Value::Int(rank as i64 + 1)),
                WindowFunction::Aggregate(function) => {
                    let members = partition.iter().take(end);
                    let members = members.filter_map(|(_, _, number)| frames.get(*number));
                    Some(aggregate::over(execution, function, members)?)
                }
            };
            for (offset, (_, _, number)) in peers.iter().enumerate() {
                if let Some(place) = values.get_mut(*number) {
                    *place = whole
                        .clone()
                        .unwrap_or(Value::Int((before + offset) as i64 + 1));
                }
            }
            before = end;
        }
    }
    for (frame, value) in frames.iter_mut().zip(values) {
        frame.windows.push(value);
    }
    Ok(())
}
