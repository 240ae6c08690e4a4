//! Conditions: comparisons with the conversions and collations they imply.

use super::typed::{Shape, Typed, collate, text_literal};
use super::{Binder, Clause, convert, query};
use crate::ast::{CompareOp, Expr, Quantifier, Query};
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// How much SQL one repeated operand may become.
const LONGEST_REPETITION: usize = 4_000_000;

/// Both sides of a comparison in one representation, and the collation to compare in.
struct Pair {
    left: String,
    right: String,
    collate: &'static str,
}

impl Pair {
    fn sql(&self, op: CompareOp) -> String {
        format!("{} {} {}{}", self.left, op.sql(), self.right, self.collate)
    }
}

/// A side in which something is compared already: SQLite would take the collation of that for this
/// comparison, too.
fn settled(side: String, collate: &str) -> String {
    match collate {
        _ if !side.contains(" COLLATE ") => side,
        "" => format!("({side}) COLLATE BINARY"),
        collate => format!("({side}){collate}"),
    }
}

impl Binder<'_> {
    /// Binds a condition to an SQLite boolean.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::Compare(op, left, right) => {
                let (left, right) = self.two(left, right)?;
                Ok(self.pair(&left, &right)?.sql(*op))
            }
            Expr::Quantified(op, quantifier, left, query) => {
                self.quantified(*op, *quantifier, left, query)
            }
            Expr::Between {
                operand,
                low,
                high,
                negated,
            } => {
                let pairs = self.against(operand, [&**low, &**high])?;
                let [low, high] = pairs.as_slice() else {
                    return Err(SqlError::code(-14));
                };
                let sql = format!(
                    "({} AND {})",
                    low.sql(CompareOp::GreaterOrEqual),
                    high.sql(CompareOp::LessOrEqual)
                );
                Ok(not(*negated, &sql))
            }
            Expr::InList {
                operand,
                items,
                negated,
            } => self.in_list(operand, items, *negated),
            Expr::InQuery {
                operand,
                query,
                negated,
            } => self.in_query(operand, query, *negated),
            Expr::Like {
                operand,
                pattern,
                escape,
                negated,
            } => {
                let operand = self.value(operand, None)?;
                self.refuse_stream(&operand, -313)?;
                let pattern = self.text_value(pattern)?;
                let escape = escape
                    .as_deref()
                    .map_or(Ok("NULL".to_owned()), |escape| self.text_value(escape))?;
                let (value, fold) = (convert::as_text(&operand), collation_of(&operand).sql());
                Ok(not(
                    *negated,
                    &format!("iris_like({value},{pattern},{escape},'{fold}')"),
                ))
            }
            Expr::StartsWith {
                operand,
                prefix,
                negated,
            } => self.text_test("iris_starts", operand, prefix, *negated),
            Expr::Matches {
                operand,
                pattern,
                negated,
            } => self.text_test("iris_matches", operand, pattern, *negated),
            Expr::SomeElement {
                list,
                alias,
                condition,
            } => self.some_element(list, alias.as_deref().unwrap_or(""), condition),
            Expr::Pattern {
                operand,
                pattern,
                negated,
            } => self.text_test("iris_pattern", operand, pattern, *negated),
            Expr::Contains(whole, part) => {
                let (whole, part) = (self.text_value(whole)?, self.text_value(part)?);
                Ok(format!("(instr({whole},{part}) > 0)"))
            }
            Expr::InIrisList {
                operand,
                list,
                negated,
            } => {
                let (operand, list) = (self.text_value(operand)?, self.value(list, None)?);
                Ok(not(
                    *negated,
                    &format!("iris_in_list({operand},{})", list.sql),
                ))
            }
            Expr::IsNull { operand, negated } => {
                let operand = self.value(operand, None)?;
                Ok(format!(
                    "{} IS {}NULL",
                    operand.sql,
                    if *negated { "NOT " } else { "" }
                ))
            }
            Expr::IsJson {
                operand,
                kind,
                negated,
            } => Ok(not(*negated, &self.is_json(operand, *kind)?)),
            Expr::Exists(query) => {
                let bound =
                    self.within(Clause::Select, |b| b.query(query, query::Place::Subquery))?;
                Ok(format!("EXISTS ({})", bound.sql))
            }
            Expr::And(operands) => self.chain(operands, "AND"),
            Expr::Or(operands) => self.chain(operands, "OR"),
            Expr::Not(operand) => Ok(format!("(NOT {})", self.condition(operand)?)),
            _ => Err(SqlError::code(-14)),
        }
    }

    /// A balanced tree: SQLite limits how deep expressions are, not how long.
    fn chain(&mut self, operands: &[Expr], word: &str) -> Result<String> {
        let bound = operands
            .iter()
            .map(|operand| self.condition(operand))
            .collect::<Result<Vec<_>>>()?;
        Ok(balanced(&bound, word))
    }

    fn text_test(
        &mut self,
        function: &str,
        operand: &Expr,
        argument: &Expr,
        negated: bool,
    ) -> Result<String> {
        let operand = self.value(operand, None)?;
        self.refuse_stream(&operand, -313)?;
        let argument = self.text_value(argument)?;
        let (value, fold) = (convert::as_text(&operand), collation_of(&operand).sql());
        Ok(not(
            negated,
            &format!("{function}({value},{argument},'{fold}')"),
        ))
    }

    /// A value as text; a bare `?` is VARCHAR.
    pub(super) fn text_value(&mut self, expr: &Expr) -> Result<String> {
        let value = self.value(expr, None)?;
        self.refuse_stream(&value, -37)?;
        Ok(convert::as_text(&value))
    }

    /// Binds both sides, a bare `?` taking the type of the other one.
    pub(super) fn two(&mut self, left: &Expr, right: &Expr) -> Result<(Typed, Typed)> {
        if matches!(left, Expr::Parameter(_)) {
            let right = self.value(right, None)?;
            let left = self.value(left, Some(&hint_of(&right)))?;
            return Ok((left, right));
        }
        let left = self.value(left, None)?;
        let right = self.value(right, Some(&hint_of(&left)))?;
        Ok((left, right))
    }

    /// One value against several; every expression is bound once.
    fn against<'e>(
        &mut self,
        operand: &Expr,
        others: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Vec<Pair>> {
        let others = others.into_iter();
        if matches!(operand, Expr::Parameter(_)) {
            let others = others
                .map(|other| self.value(other, None))
                .collect::<Result<Vec<_>>>()?;
            let hint = others.iter().find(|other| !other.is_weak()).map(hint_of);
            let left = self.value(operand, hint.as_ref())?;
            return others.iter().map(|right| self.pair(&left, right)).collect();
        }
        let left = self.value(operand, None)?;
        let hint = hint_of(&left);
        let mut pairs = Vec::new();
        let mut repeated = 0;
        for other in others {
            // The operand's text is written once per pair; nested, that would grow without bound.
            repeated += left.sql.len();
            if repeated > LONGEST_REPETITION {
                return Err(SqlError::new(-400, "<MAXSTRING> condition too long"));
            }
            let right = self.value(other, Some(&hint))?;
            pairs.push(self.pair(&left, &right)?);
        }
        Ok(pairs)
    }

    /// `operand = value` for each value, as CASE compares.
    pub(super) fn equalities(&mut self, operand: &Expr, values: &[&Expr]) -> Result<Vec<String>> {
        let pairs = self.against(operand, values.iter().copied())?;
        Ok(pairs
            .iter()
            .map(|pair| pair.sql(CompareOp::Equal))
            .collect())
    }

    /// `operand IS value` for each value, as DECODE compares: NULL is like NULL.
    pub(super) fn sameness(&mut self, operand: &Expr, values: &[&Expr]) -> Result<Vec<String>> {
        let pairs = self.against(operand, values.iter().copied())?;
        let same = |pair: &Pair| format!("{} IS {}{}", pair.left, pair.right, pair.collate);
        Ok(pairs.iter().map(same).collect())
    }

    /// Brings two values to one representation.
    fn pair(&self, left: &Typed, right: &Typed) -> Result<Pair> {
        if left.ty.is_stream() || right.ty.is_stream() {
            return Err(SqlError::code(-313));
        }
        let target = common_type(left, right);
        let collate = match &target {
            Type::Varchar(_) | Type::Guid => text_collation(left, right),
            Type::Numeric { .. } => " COLLATE IRISNUM",
            _ => "",
        };
        Ok(Pair {
            left: settled(convert::to(left, &target), collate),
            right: settled(convert::to(right, &target), collate),
            collate,
        })
    }

    fn in_list(&mut self, operand: &Expr, items: &[Expr], negated: bool) -> Result<String> {
        let pairs = self.against(operand, items)?;
        let uniform = pairs
            .iter()
            .all(|pair| pair.left == pairs[0].left && pair.collate == pairs[0].collate);
        let sql = if uniform {
            let items: Vec<&str> = pairs.iter().map(|pair| pair.right.as_str()).collect();
            let left = format!("{}{}", pairs[0].left, pairs[0].collate);
            format!("({left} IN ({}))", items.join(","))
        } else {
            balanced(
                &pairs
                    .iter()
                    .map(|pair| pair.sql(CompareOp::Equal))
                    .collect::<Vec<_>>(),
                "OR",
            )
        };
        Ok(not(negated, &sql))
    }

    fn in_query(&mut self, operand: &Expr, query: &Query, negated: bool) -> Result<String> {
        let (pair, subquery) = self.against_query(operand, query)?;
        let sql = format!(
            "({}{} IN (SELECT {} FROM ({subquery})))",
            pair.left, pair.collate, pair.right
        );
        Ok(not(negated, &sql))
    }

    fn quantified(
        &mut self,
        op: CompareOp,
        quantifier: Quantifier,
        left: &Expr,
        query: &Query,
    ) -> Result<String> {
        let (pair, subquery) = self.against_query(left, query)?;
        let test = pair.sql(op);
        Ok(match quantifier {
            Quantifier::Any => format!("EXISTS (SELECT 1 FROM ({subquery}) WHERE {test})"),
            Quantifier::All => {
                format!("NOT EXISTS (SELECT 1 FROM ({subquery}) WHERE ({test}) IS NOT TRUE)")
            }
        })
    }

    fn against_query(&mut self, operand: &Expr, query: &Query) -> Result<(Pair, String)> {
        let bound = self.within(Clause::Select, |b| b.query(query, query::Place::Subquery))?;
        let [column] = bound.columns.as_slice() else {
            return Err(SqlError::code(-10));
        };
        let mut right = Typed::computed("c1".to_owned(), column.ty.clone());
        right.collation = column.collation;
        let left = self.value(operand, Some(&column.ty))?;
        Ok((self.pair(&left, &right)?, bound.sql))
    }
}

/// The type a bare `?` takes beside this value.
fn hint_of(value: &Typed) -> Type {
    match &value.shape {
        Shape::Literal(_) | Shape::Null => Type::Varchar(None),
        _ => value.ty.clone(),
    }
}

fn collation_of(value: &Typed) -> Collation {
    value.collation.unwrap_or(Collation::Exact)
}

/// Column collation wins over none; the left one over the right one.
fn text_collation(left: &Typed, right: &Typed) -> &'static str {
    let collation = left.collation.or(right.collation);
    let stored = |side: &Typed| side.shape == Shape::Column && side.collation == collation;
    if stored(left) || stored(right) && left.collation.is_none() {
        return "";
    }
    collate(&Type::Varchar(None), collation)
}

/// The type in which two values are compared.
fn common_type(left: &Typed, right: &Typed) -> Type {
    if left.is_null() {
        return right.ty.clone();
    }
    if right.is_null() {
        return left.ty.clone();
    }
    match (&left.ty, &right.ty) {
        (a, b) if a.is_text() && b.is_text() => Type::Varchar(None),
        (a, b) if a.is_number() && b.is_number() => common_number(a, b),
        (a, b) if a.is_text() && b.is_number() => text_and_number(left, right),
        (a, b) if a.is_number() && b.is_text() => text_and_number(right, left),
        (a, b) if a.is_timestamp() || b.is_timestamp() => Type::Timestamp,
        (Type::Date, Type::Date) => Type::Date,
        (Type::Date, other) | (other, Type::Date) if other.is_text() => Type::Date,
        (Type::Date, other) | (other, Type::Date) if other.is_number() => {
            common_number(other, &Type::Integer)
        }
        (Type::Time(a), Type::Time(_)) => Type::Time(*a),
        (Type::Time(a), _) | (_, Type::Time(a)) => Type::Time(*a),
        (Type::Varbinary(_), _) | (_, Type::Varbinary(_)) => Type::Varbinary(None),
        (Type::Vector(element, length), _) | (_, Type::Vector(element, length)) => {
            Type::Vector(*element, *length)
        }
        _ => Type::Varchar(None),
    }
}

/// A number literal beside text is text; text beside any other number counts as a number.
fn text_and_number(text: &Typed, number: &Typed) -> Type {
    if number.is_literal() && !text.is_literal() {
        return Type::Varchar(None);
    }
    if let Shape::Literal(literal) = &text.shape
        && number.ty.is_integer()
        && literal.trim().parse::<i64>().is_ok()
    {
        return number.ty.clone();
    }
    if number.ty == Type::Double {
        Type::Double
    } else {
        Type::numeric(36, 18)
    }
}

/// The higher of two number types.
pub(super) fn common_number(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Double, _) | (_, Type::Double) => Type::Double,
        (
            Type::Numeric {
                precision: p1,
                scale: s1,
            },
            Type::Numeric {
                precision: p2,
                scale: s2,
            },
        ) => Type::Numeric {
            precision: *p1.max(p2),
            scale: *s1.max(s2),
        },
        (Type::Numeric { .. }, _) => left.clone(),
        (_, Type::Numeric { .. }) => right.clone(),
        _ => {
            if rank(left) >= rank(right) {
                left.clone()
            } else {
                right.clone()
            }
        }
    }
}

fn rank(ty: &Type) -> u32 {
    match ty {
        Type::BigInt => 5,
        Type::Integer => 4,
        Type::MediumInt => 3,
        Type::SmallInt => 2,
        Type::TinyInt => 1,
        _ => 0,
    }
}

fn not(negated: bool, sql: &str) -> String {
    if negated {
        format!("(NOT {sql})")
    } else {
        sql.to_owned()
    }
}

/// `a AND (b AND c)`, as flat as possible.
fn balanced(operands: &[String], word: &str) -> String {
    match operands {
        [] => text_literal(""),
        [one] => one.clone(),
        _ => {
            let (left, right) = operands.split_at(operands.len() / 2);
            format!(
                "({} {word} {})",
                balanced(left, word),
                balanced(right, word)
            )
        }
    }
}
