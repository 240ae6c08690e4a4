//! Parameters beside dates, moments and intervals.

use sqlparser::ast::Expr;

use super::{Check, Named, name_of, typed};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::operators::{self, Found, Operand, Operator};
use crate::place;
use crate::placeholder;
use crate::scope::Scopes;
use crate::untyped;
use crate::wit::Diagnostic;

impl Check<'_> {
    /// A parameter without a type beside a date, a moment or an interval: it is what a literal in
    /// its place would be.
    pub(super) fn moment_parameter(
        &mut self,
        left: &mut Expr,
        named: Named<'_>,
        right: &mut Expr,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        if !matches!(named.0, Operator::Plus | Operator::Minus) {
            return Ok(());
        }
        let [one, other] = [&*left, &*right].map(|side| {
            let is_untyped = placeholder::number_of(build::unnested(side)).is_some()
                && scopes.type_of(side).is_none();
            match is_untyped {
                true => Some(Operand::Untyped),
                false => scopes
                    .type_of(side)
                    .filter(|known| operators::is_moment(*known))
                    .and_then(typed),
            }
        });
        let (Some(one), Some(other)) = (one, other) else {
            return Ok(());
        };
        let parameter = match (one, other) {
            (Operand::Untyped, Operand::Typed(..)) => left,
            (Operand::Typed(..), Operand::Untyped) => right,
            _ => return Ok(()),
        };
        match operators::find(one, named.0, other) {
            Found::Settles(target) if operators::is_moment(target) => {
                let data_type = untyped::moment_type(target);
                *parameter = build::cast(build::take(parameter), data_type);
                self.changed = true;
                Ok(())
            }
            Found::Ambiguous => {
                let at = place::of(parameter);
                Err(ambiguous(one, named.1, other).at(self.text, at))
            }
            _ => Ok(()),
        }
    }
}

/// PostgreSQL's refusal to choose.
pub(super) fn ambiguous(one: Operand, name: &str, other: Operand) -> Diagnostic {
    let message = format!(
        "operator is not unique: {} {name} {}",
        name_of(one),
        name_of(other)
    );
    Diagnostic::error("42725", message).with_hint(
        "Could not choose a best candidate operator. You might need to add explicit type casts.",
    )
}
