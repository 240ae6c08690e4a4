//! Looks through an expression without caring what it means.

use super::Expr;

impl Expr {
    /// Does `test` hold for this expression or anything in it? Subqueries are not entered.
    pub(crate) fn any(&self, test: &dyn Fn(&Self) -> bool) -> bool {
        test(self) || self.parts().into_iter().any(|part| part.any(test))
    }

    /// The expressions directly inside.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Null
            | Self::Text(_)
            | Self::Number(_)
            | Self::Parameter(_)
            | Self::Column { .. }
            | Self::Special(..)
            | Self::Subquery(_)
            | Self::Exists(_) => Vec::new(),
            Self::Negate(a) | Self::Plus(a) | Self::Not(a) | Self::Arrow { base: a, .. } => vec![a],
            Self::Binary(_, a, b) | Self::Compare(_, a, b) | Self::Contains(a, b) => vec![a, b],
            Self::Call { args, .. } | Self::And(args) | Self::Or(args) => args.iter().collect(),
            Self::Aggregate(aggregate) => {
                let mut parts: Vec<&Self> = aggregate.argument.iter().collect();
                parts.extend(&aggregate.by);
                parts.extend(aggregate.foreach.iter().flatten());
                parts
            }
            Self::Window {
                call,
                partition,
                order,
                ..
            } => {
                let mut parts = vec![&**call];
                parts.extend(partition);
                parts.extend(order.iter().map(|item| &item.expr));
                parts
            }
            Self::Case {
                operand,
                whens,
                otherwise,
            } => {
                let mut parts: Vec<&Self> = operand.iter().map(|operand| &**operand).collect();
                parts.extend(whens.iter().flat_map(|(when, then)| [when, then]));
                parts.extend(otherwise.iter().map(|otherwise| &**otherwise));
                parts
            }
            Self::Cast { operand, .. }
            | Self::IsNull { operand, .. }
            | Self::IsJson { operand, .. }
            | Self::Quantified(_, _, operand, _)
            | Self::InQuery { operand, .. } => vec![operand],
            Self::Convert { operand, style, .. } => {
                let mut parts = vec![&**operand];
                parts.extend(style.iter().map(|style| &**style));
                parts
            }
            Self::SomeElement {
                list, condition, ..
            } => vec![list, condition],
            Self::Between {
                operand, low, high, ..
            } => vec![operand, low, high],
            Self::InList { operand, items, .. } => {
                let mut parts = vec![&**operand];
                parts.extend(items);
                parts
            }
            Self::Like {
                operand,
                pattern,
                escape,
                ..
            } => {
                let mut parts = vec![&**operand, &**pattern];
                parts.extend(escape.iter().map(|escape| &**escape));
                parts
            }
            Self::StartsWith {
                operand,
                prefix: other,
                ..
            }
            | Self::InIrisList {
                operand,
                list: other,
                ..
            }
            | Self::Matches {
                operand,
                pattern: other,
                ..
            }
            | Self::Pattern {
                operand,
                pattern: other,
                ..
            } => vec![operand, other],
        }
    }
}
