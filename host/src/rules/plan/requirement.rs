//! What a plan requires of parameters.

use super::super::wit_plan;
use super::{Broken, argument, diagnostic};
use crate::diagnostic::Diagnostic;

/// What a parameter must be.
#[derive(Debug)]
pub struct Requirement {
    /// By number, from 1.
    pub parameter: u32,
    /// What must be so of its value.
    pub condition: wit_plan::Condition,
    /// The error if it is not.
    pub otherwise: Diagnostic,
}

pub(super) fn required(
    requirements: Vec<wit_plan::Requirement>,
    parameters: usize,
) -> Result<Vec<Requirement>, Broken> {
    let check = |one: wit_plan::Requirement| {
        argument::check(&wit_plan::Argument::Parameter(one.parameter), parameters, 0)?;
        Ok(Requirement {
            parameter: one.parameter,
            condition: one.condition,
            otherwise: diagnostic(one.otherwise)?,
        })
    };
    requirements.into_iter().map(check).collect()
}
