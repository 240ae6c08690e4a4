//! What clients see of the columns that an upstream describes.

use super::Generation;
use super::wit;
use super::wit_plan::{ColumnChange, ColumnRule, ComputedDigits, Function, Instruction};
use crate::diagnostic::Diagnostic;
use crate::frontend::reply::ResultColumn;
use crate::upstream::{Oid, UpstreamColumn, UpstreamType};
use crate::value;
use crate::value::by_value::ByValue;

/// What the upstream describes, in PostgreSQL's types.
pub(crate) fn postgres_types(
    generation: &Generation,
    parameters: &[UpstreamType],
    columns: Option<Vec<UpstreamColumn>>,
) -> Result<(Vec<Oid>, Option<Vec<ResultColumn>>), Diagnostic> {
    let described = columns.as_deref().unwrap_or_default();
    let described = described.iter().map(|column| &column.upstream_type);
    let iris: Vec<_> = parameters
        .iter()
        .chain(described)
        .filter_map(iris_type)
        .collect();
    let mut mapped = match iris.is_empty() {
        true => Vec::new(),
        false => generation.map_types(&iris)?,
    }
    .into_iter();
    let mut postgres = |upstream_type: &UpstreamType| match upstream_type {
        UpstreamType::Postgres {
            type_oid,
            type_modifier,
        } => (*type_oid, *type_modifier),
        UpstreamType::Iris { .. } => {
            let mapped = mapped.next().expect("types are mapped one for one");
            (mapped.type_oid, mapped.type_modifier)
        }
    };
    let parameters = parameters
        .iter()
        .map(|parameter| postgres(parameter).0)
        .collect();
    let columns = columns.map(|columns| {
        let column = |column: UpstreamColumn| {
            let (type_oid, type_modifier) = postgres(&column.upstream_type);
            ResultColumn {
                label: column.label,
                type_oid,
                type_modifier,
                written: None,
                computed: None,
                origin: None,
            }
        };
        columns.into_iter().map(column).collect()
    });
    Ok((parameters, columns))
}

fn iris_type(upstream_type: &UpstreamType) -> Option<wit::IrisType> {
    match *upstream_type {
        UpstreamType::Iris {
            code,
            precision,
            scale,
        } => Some(wit::IrisType {
            code,
            precision,
            scale,
        }),
        UpstreamType::Postgres { .. } => None,
    }
}

/// Applies what the rules say of result columns to what the upstream described.
pub(crate) fn apply_column_rules(columns: &mut [ResultColumn], rules: &[ColumnRule]) {
    let total = columns.len();
    let fixed = rules
        .iter()
        .filter(|rule| matches!(rule, ColumnRule::One(_)))
        .count();
    let mut index = 0;
    for rule in rules {
        match rule {
            ColumnRule::Rest => index += total.saturating_sub(fixed),
            ColumnRule::One(change) => {
                if let Some(column) = columns.get_mut(index) {
                    if let Some(label) = &change.label {
                        column.label.clone_from(label);
                    }
                    if let Some(type_oid) = change.type_oid.filter(|oid| *oid != column.type_oid) {
                        column.type_oid = type_oid;
                        column.type_modifier = -1;
                    }
                    if let Some(modifier) = written_modifier(change) {
                        column.type_modifier = -1;
                        column.written = Some(modifier);
                    }
                    if let Some(computed) = &change.computed {
                        column.type_modifier = limit_of(computed).unwrap_or(-1);
                        column.computed = Some(computed.as_slice().into());
                    }
                    column.origin = change.origin;
                }
                index += 1;
            }
        }
    }
}

/// The type modifier that the last instruction casts to.
fn limit_of(computed: &[Instruction]) -> Option<i32> {
    match computed {
        [
            ..,
            Instruction::Constant(Some(modifier)),
            Instruction::Call(call),
        ] if call.function == Function::CastLimited => modifier.parse().ok(),
        _ => None,
    }
}

/// How a `numeric` is written whose digits the rules tell.
fn written_modifier(change: &ColumnChange) -> Option<i32> {
    if let Some(digits) = &change.digits {
        return Some(digits_by_value(digits).to_modifier());
    }
    let scale = u16::try_from(change.scale?).ok()?;
    Some(value::modifier_of_scale(scale))
}

fn digits_by_value(digits: &ComputedDigits) -> ByValue {
    let least = u8::try_from(digits.least).unwrap_or(u8::MAX);
    let mut computed = ByValue::new(digits.operation, least);
    computed.bare_zero = digits.bare_zero;
    match digits.divisor {
        Some(divisor) => computed.divided_by(divisor),
        None => computed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(labels: &[&str]) -> Vec<ResultColumn> {
        let column = |label: &&str| ResultColumn {
            label: label.to_string(),
            type_oid: 23,
            type_modifier: -1,
            written: None,
            computed: None,
            origin: None,
        };
        labels.iter().map(column).collect()
    }

    fn relabel(label: &str) -> ColumnRule {
        ColumnRule::One(ColumnChange {
            label: Some(label.into()),
            type_oid: None,
            scale: None,
            digits: None,
            computed: None,
            origin: None,
        })
    }

    #[test]
    fn rules_meet_their_columns_around_a_star() {
        let mut found = columns(&["A", "B", "C", "D"]);
        apply_column_rules(&mut found, &[relabel("a"), ColumnRule::Rest, relabel("d")]);
        let labels: Vec<_> = found.iter().map(|column| column.label.as_str()).collect();
        assert_eq!(labels, ["a", "B", "C", "d"]);
    }
}
