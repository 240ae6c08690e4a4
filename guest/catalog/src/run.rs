//! Carries a plan out: the value of an expression, the rows of a query.

use std::cell::Cell;
use std::rc::Rc;

use crate::catalog::{Content, Scene};
use crate::failure::{Failure, Result};
use crate::ordering::{combine, compare, compare_keys};
use crate::plan::{Body, Common, Comparison, Expr, Order, Query, Reference, Subquery, Test, Use};
use crate::value::{Array, Row, Value};
use crate::{json, subscript, text};

/// How much a query may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Rows touched by all operators together.
    pub steps: u64,
    /// Bytes of rows kept at the same time, roughly.
    pub bytes: u64,
}

/// One run of one plan.
pub(crate) struct Execution<'a> {
    pub(crate) scene: Scene<'a>,
    pub(crate) parameters: &'a [Value],
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

/// The rows at hand while a query works, from the query itself outwards.
#[derive(Clone)]
pub(crate) struct Frame<'a> {
    /// By source.
    pub(crate) rows: Vec<Row>,
    pub(crate) aggregates: Vec<Value>,
    pub(crate) windows: Vec<Value>,
    pub(crate) sets: Vec<Value>,
    /// The row that is being put out.
    pub(crate) output: Option<Row>,
    pub(crate) outer: Option<&'a Frame<'a>>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(sources: usize, outer: Option<&'a Frame<'a>>) -> Self {
        Self {
            rows: vec![Rc::from([]); sources],
            aggregates: Vec::new(),
            windows: Vec::new(),
            sets: Vec::new(),
            output: None,
            outer,
        }
    }

    fn value(&self, reference: Reference) -> Value {
        let mut frame = self;
        for _ in 0..reference.level {
            match frame.outer {
                Some(outer) => frame = outer,
                None => return Value::Null,
            }
        }
        let Some(row) = frame.rows.get(reference.source) else {
            return Value::Null;
        };
        match reference.column {
            Some(column) => row.get(column).cloned().unwrap_or(Value::Null),
            // A row that an outer join made up is NULL as a whole.
            None if row.iter().all(Value::is_null) => Value::Null,
            None => Value::Row(Rc::clone(row)),
        }
    }
}

impl<'a> Execution<'a> {
    pub(crate) fn new(scene: Scene<'a>, parameters: &'a [Value], budget: Budget) -> Self {
        Self {
            scene,
            parameters,
            steps: Cell::new(budget.steps),
            bytes: Cell::new(budget.bytes),
        }
    }

    /// One more row touched.
    pub(crate) fn step(&self) -> Result<()> {
        match self.steps.get().checked_sub(1) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(exhausted("steps")),
        }
    }

    /// One more row kept.
    pub(crate) fn keep(&self, row: &[Value]) -> Result<()> {
        let weight = row.iter().map(Value::weight).sum::<u64>() + 16;
        match self.bytes.get().checked_sub(weight) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(exhausted("memory")),
        }
    }

    pub(crate) fn all(&self, list: &[Expr], frame: &Frame<'_>) -> Result<Vec<Value>> {
        list.iter().map(|expr| self.value(expr, frame)).collect()
    }

    /// Whether a condition is true.
    pub(crate) fn holds(&self, expr: &Expr, frame: &Frame<'_>) -> Result<bool> {
        Ok(self.value(expr, frame)?.truth() == Some(true))
    }

    pub(crate) fn value(&self, expr: &Expr, frame: &Frame<'_>) -> Result<Value> {
        Ok(match expr {
            Expr::Constant(value) => value.clone(),
            Expr::Parameter(number) => self.parameters.get(*number).cloned().unwrap_or(Value::Null),
            Expr::Reference(reference) => frame.value(*reference),
            Expr::Call(call, list) => call(self.scene, &self.all(list, frame)?)?,
            Expr::Strict(call, list) => {
                let values = self.all(list, frame)?;
                if values.iter().any(Value::is_null) {
                    return Ok(Value::Null);
                }
                call(self.scene, &values)?
            }
            Expr::Compare(comparison, pair) => {
                let left = self.value(&pair[0], frame)?;
                let right = self.value(&pair[1], frame)?;
                compare(*comparison, &left, &right)
            }
            Expr::And(list) => self.connected(list, frame, false)?,
            Expr::Or(list) => self.connected(list, frame, true)?,
            Expr::Not(inner) => self.value(inner, frame)?.truth().map(|flag| !flag).into(),
            Expr::IsNull(inner) => is_null(&self.value(inner, frame)?).into(),
            Expr::Is(inner, wanted) => (self.value(inner, frame)?.truth() == Some(*wanted)).into(),
            Expr::IsDistinct(pair) => {
                (self.value(&pair[0], frame)? != self.value(&pair[1], frame)?).into()
            }
            Expr::Case(branches, otherwise) => self.case(branches, otherwise.as_deref(), frame)?,
            Expr::Coalesce(list) => {
                for expr in list {
                    let value = self.value(expr, frame)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Value::Null
            }
            Expr::Cast(inner, from, to) => {
                crate::cast::cast(self.scene, self.value(inner, frame)?, *from, *to)?
            }
            Expr::Show(inner, kind) => {
                text::output(self.scene, *kind, &self.value(inner, frame)?).into()
            }
            Expr::Json(inner, kind, fields) => {
                let value = self.value(inner, frame)?;
                Value::from(json::of_value(self.scene, *kind, fields.as_ref(), &value))
            }
            Expr::In(left, list) => self.within(&self.value(left, frame)?, list, frame)?,
            Expr::Quantified(test, pair, all) => {
                let left = self.value(&pair[0], frame)?;
                match self.value(&pair[1], frame)? {
                    Value::Array(array) => {
                        self.quantified(*test, &left, array.elements.iter(), *all)?
                    }
                    _ => Value::Null,
                }
            }
            Expr::Array(list) => self.array(self.all(list, frame)?)?,
            Expr::Composite(list) => Value::Row(self.all(list, frame)?.into()),
            Expr::Field(inner, place) => match self.value(inner, frame)? {
                Value::Row(row) => row.get(*place).cloned().unwrap_or(Value::Null),
                _ => Value::Null,
            },
            Expr::Subscript(inner, list) => {
                subscript::one(&self.value(inner, frame)?, &self.all(list, frame)?)
            }
            Expr::Slice(inner, bounds) => self.slice(inner, bounds, frame)?,
            Expr::Subquery(subquery, usage) => self.subquery(subquery, usage, frame)?,
            Expr::Aggregate(number) => at(&frame.aggregates, *number),
            Expr::Window(number) => at(&frame.windows, *number),
            Expr::Set(number) => at(&frame.sets, *number),
            Expr::Output(number) => match &frame.output {
                Some(row) => at(row, *number),
                None => Value::Null,
            },
        })
    }

    /// AND up to the first false, OR up to the first true.
    fn connected(&self, list: &[Expr], frame: &Frame<'_>, decisive: bool) -> Result<Value> {
        let mut unknown = false;
        for expr in list {
            match self.value(expr, frame)?.truth() {
                Some(flag) if flag == decisive => return Ok(decisive.into()),
                Some(_) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown {
            Value::Null
        } else {
            (!decisive).into()
        })
    }

    fn case(
        &self,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        frame: &Frame<'_>,
    ) -> Result<Value> {
        for (condition, result) in branches {
            if self.holds(condition, frame)? {
                return self.value(result, frame);
            }
        }
        otherwise.map_or(Ok(Value::Null), |expr| self.value(expr, frame))
    }

    fn within(&self, left: &Value, list: &[Expr], frame: &Frame<'_>) -> Result<Value> {
        let mut unknown = false;
        for expr in list {
            let right = self.value(expr, frame)?;
            match compare(Comparison::Equal, left, &right).truth() {
                Some(true) => return Ok(true.into()),
                Some(false) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { Value::Null } else { false.into() })
    }

    /// ANY or ALL of the values.
    fn quantified<'v>(
        &self,
        test: Test,
        left: &Value,
        values: impl Iterator<Item = &'v Value>,
        all: bool,
    ) -> Result<Value> {
        let mut unknown = false;
        for right in values {
            self.step()?;
            let outcome = match test {
                Test::Compare(comparison) => compare(comparison, left, right),
                Test::Call(_) if left.is_null() || right.is_null() => Value::Null,
                Test::Call(call) => call(self.scene, &[left.clone(), right.clone()])?,
            };
            match outcome.truth() {
                Some(flag) if flag != all => return Ok(flag.into()),
                Some(_) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { Value::Null } else { all.into() })
    }

    /// ARRAY[…]; of arrays, one dimension more.
    fn array(&self, values: Vec<Value>) -> Result<Value> {
        let Some(Value::Array(first)) = values.first() else {
            return Ok(Value::array(values));
        };
        let mut dimensions = vec![(values.len(), 1)];
        dimensions.extend(first.dimensions.iter().copied());
        let mut elements = Vec::new();
        for value in &values {
            match value {
                Value::Array(inner) if inner.dimensions == first.dimensions => {
                    elements.extend(inner.elements.iter().cloned());
                }
                _ => {
                    return Err(Failure::new(
                        "2202E",
                        "multidimensional arrays must have array expressions with matching dimensions",
                    ));
                }
            }
        }
        if elements.is_empty() {
            dimensions.clear();
        }
        Ok(Value::Array(Rc::new(Array {
            dimensions,
            elements,
        })))
    }

    fn slice(
        &self,
        inner: &Expr,
        bounds: &[[Option<Expr>; 2]],
        frame: &Frame<'_>,
    ) -> Result<Value> {
        let array = self.value(inner, frame)?;
        let bound = |expr: &Option<Expr>| {
            expr.as_ref()
                .map(|expr| self.value(expr, frame))
                .transpose()
        };
        let ranges = bounds
            .iter()
            .map(|[from, to]| Ok([bound(from)?, bound(to)?]))
            .collect::<Result<Vec<_>>>()?;
        Ok(subscript::range(&array, &ranges))
    }

    fn subquery(&self, subquery: &Subquery, usage: &Use, frame: &Frame<'_>) -> Result<Value> {
        let rows = self.subquery_rows(subquery, frame)?;
        let first = |row: &Row| row.first().cloned().unwrap_or(Value::Null);
        match usage {
            Use::Exists => Ok((!rows.is_empty()).into()),
            Use::Array => self.array(rows.iter().map(first).collect()),
            Use::Scalar => match rows.as_slice() {
                [] => Ok(Value::Null),
                [row] => Ok(first(row)),
                _ => Err(Failure::new(
                    "21000",
                    "more than one row returned by a subquery used as an expression",
                )),
            },
            Use::Quantified(test, left, all) => {
                let left = self.value(left, frame)?;
                // A row on the left is compared with whole rows.
                let values: Vec<Value> = match &left {
                    Value::Row(_) => rows.iter().map(|row| Value::Row(Rc::clone(row))).collect(),
                    _ => rows.iter().map(first).collect(),
                };
                self.quantified(*test, &left, values.iter(), *all)
            }
        }
    }

    pub(crate) fn subquery_rows(
        &self,
        subquery: &Subquery,
        frame: &Frame<'_>,
    ) -> Result<Rc<Vec<Row>>> {
        let Some(memo) = &subquery.memo else {
            return Ok(Rc::new(self.rows(&subquery.query, Some(frame))?));
        };
        let key: Vec<Value> = subquery
            .captured
            .iter()
            .map(|reference| frame.value(*reference))
            .collect();
        if let Some(rows) = memo.borrow().get(&key) {
            return Ok(Rc::clone(rows));
        }
        let rows = Rc::new(self.rows(&subquery.query, Some(frame))?);
        self.keep(&key)?;
        memo.borrow_mut().insert(key, Rc::clone(&rows));
        Ok(rows)
    }

    /// The rows of a query, those of its set operations included.
    pub(crate) fn rows(&self, query: &Query, outer: Option<&Frame<'_>>) -> Result<Vec<Row>> {
        for common in &query.commons {
            *common.rows.borrow_mut() = None;
            self.common(common, outer)?;
        }
        let mut rows = match &query.body {
            Body::Select(select) => crate::select::rows(self, select, outer)?,
            Body::Query(inner) => self.rows(inner, outer)?,
            Body::Values(lists) => {
                let frame = Frame::new(0, outer);
                lists
                    .iter()
                    .map(|list| Ok(self.all(list, &frame)?.into()))
                    .collect::<Result<_>>()?
            }
            Body::Combined {
                operation,
                all,
                left,
                right,
            } => combine(
                *operation,
                *all,
                self.rows(left, outer)?,
                self.rows(right, outer)?,
            ),
        };
        if !query.order.is_empty() {
            rows = self.sorted(&query.order, rows, outer)?;
        }
        self.limited(query, rows, outer)
    }

    fn sorted(
        &self,
        order: &[Order],
        rows: Vec<Row>,
        outer: Option<&Frame<'_>>,
    ) -> Result<Vec<Row>> {
        let mut frame = Frame::new(0, outer);
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            frame.output = Some(Rc::clone(&row));
            keyed.push((self.keys(order, &frame)?, row));
        }
        keyed.sort_by(|left, right| compare_keys(order, &left.0, &right.0));
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    pub(crate) fn keys(&self, order: &[Order], frame: &Frame<'_>) -> Result<Vec<Value>> {
        order
            .iter()
            .map(|item| self.value(&item.expr, frame))
            .collect()
    }

    fn limited(
        &self,
        query: &Query,
        mut rows: Vec<Row>,
        outer: Option<&Frame<'_>>,
    ) -> Result<Vec<Row>> {
        let frame = Frame::new(0, outer);
        let count = |expr: &Option<Expr>, what: &str| -> Result<Option<usize>> {
            let Some(expr) = expr else { return Ok(None) };
            match self.value(expr, &frame)?.as_int() {
                None => Ok(None),
                Some(number) => usize::try_from(number).map(Some).map_err(|_| {
                    let sqlstate = if what == "LIMIT" { "2201W" } else { "2201X" };
                    Failure::new(sqlstate, format!("{what} must not be negative"))
                }),
            }
        };
        if let Some(offset) = count(&query.offset, "OFFSET")? {
            rows.drain(..offset.min(rows.len()));
        }
        if let Some(limit) = count(&query.limit, "LIMIT")? {
            rows.truncate(limit);
        }
        Ok(rows)
    }

    /// The rows of a common table. `outer`: the row around its WITH, if it takes something
    /// from there.
    pub(crate) fn common(&self, common: &Common, outer: Option<&Frame<'_>>) -> Result<Rc<Content>> {
        if let Some(working) = &*common.working.borrow() {
            return Ok(Rc::clone(working));
        }
        if let Some(rows) = &*common.rows.borrow() {
            return Ok(Rc::clone(rows));
        }
        let query = common
            .query
            .get()
            .ok_or_else(|| Failure::new("XX000", "a common table without a query"))?;
        let rows = if common.is_recursive {
            crate::recursion::rows(self, common, query, outer)?
        } else {
            self.rows(query, outer)?
        };
        let content = Rc::new(Content::of(rows));
        *common.rows.borrow_mut() = Some(Rc::clone(&content));
        Ok(content)
    }
}

fn at(values: &[Value], number: usize) -> Value {
    values.get(number).cloned().unwrap_or(Value::Null)
}

fn exhausted(what: &str) -> Failure {
    Failure::new(
        "54000",
        format!("the query on the catalogue needs more {what} than it may use"),
    )
    .with_hint("restrict it to fewer objects")
}

/// IS NULL of a composite value asks about each of its fields.
fn is_null(value: &Value) -> bool {
    match value {
        Value::Row(row) => row.iter().all(Value::is_null),
        _ => value.is_null(),
    }
}
