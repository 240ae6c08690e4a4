//! Functions that the broker computes because IRIS has nothing for them, by the names of
//! PostgreSQL's own code (`pg_proc.prosrc`), and what they take.

use sqlparser::ast::Expr;

use super::{Compiled, Compiler, Computed, known};
use crate::types::oid;
use crate::wit::{Instruction, Oid, ScalarCall};

/// A function for one list of types.
struct Scalar {
    /// As statements call it. Operators and casts are called by the name of their code: no
    /// statement of a client has that, but the rules write it.
    name: &'static str,
    code: &'static str,
    takes: &'static [Oid],
    gives: Oid,
}

impl Scalar {
    const fn new(
        name: &'static str,
        code: &'static str,
        takes: &'static [Oid],
        gives: Oid,
    ) -> Self {
        Self {
            name,
            code,
            takes,
            gives,
        }
    }

    /// One that has no other name than that of its code.
    const fn operator(code: &'static str, takes: &'static [Oid], gives: Oid) -> Self {
        Self::new(code, code, takes, gives)
    }
}

const MOMENTS: &[Oid] = &[oid::TIMESTAMP, oid::TIMESTAMP];
const MOMENT_INTERVAL: &[Oid] = &[oid::TIMESTAMP, oid::INTERVAL];
const INTERVALS: &[Oid] = &[oid::INTERVAL, oid::INTERVAL];
const INTERVAL: &[Oid] = &[oid::INTERVAL];
const INTERVAL_NUMBER: &[Oid] = &[oid::INTERVAL, oid::FLOAT8];

const SCALARS: &[Scalar] = &[
    Scalar::operator("timestamp_mi", MOMENTS, oid::INTERVAL),
    Scalar::operator("timestamp_age", MOMENTS, oid::INTERVAL),
    Scalar::operator("time_mi_time", &[oid::TIME, oid::TIME], oid::INTERVAL),
    Scalar::operator("timestamp_pl_interval", MOMENT_INTERVAL, oid::TIMESTAMP),
    Scalar::operator("timestamp_mi_interval", MOMENT_INTERVAL, oid::TIMESTAMP),
    Scalar::operator("timestamptz_pl_interval", MOMENT_INTERVAL, oid::TIMESTAMPTZ),
    Scalar::operator("timestamptz_mi_interval", MOMENT_INTERVAL, oid::TIMESTAMPTZ),
    Scalar::operator("interval_pl", INTERVALS, oid::INTERVAL),
    Scalar::operator("interval_mi", INTERVALS, oid::INTERVAL),
    Scalar::operator("interval_um", INTERVAL, oid::INTERVAL),
    Scalar::operator("interval_mul", INTERVAL_NUMBER, oid::INTERVAL),
    Scalar::operator("interval_div", INTERVAL_NUMBER, oid::INTERVAL),
    Scalar::operator("interval_eq", INTERVALS, oid::BOOL),
    Scalar::operator("interval_ne", INTERVALS, oid::BOOL),
    Scalar::operator("interval_lt", INTERVALS, oid::BOOL),
    Scalar::operator("interval_le", INTERVALS, oid::BOOL),
    Scalar::operator("interval_gt", INTERVALS, oid::BOOL),
    Scalar::operator("interval_ge", INTERVALS, oid::BOOL),
    Scalar::operator(
        "extract_interval",
        &[oid::TEXT, oid::INTERVAL],
        oid::NUMERIC,
    ),
    Scalar::operator("interval_part", &[oid::TEXT, oid::INTERVAL], oid::FLOAT8),
    Scalar::new(
        "justify_hours",
        "interval_justify_hours",
        INTERVAL,
        oid::INTERVAL,
    ),
    Scalar::new(
        "justify_days",
        "interval_justify_days",
        INTERVAL,
        oid::INTERVAL,
    ),
    Scalar::new(
        "justify_interval",
        "interval_justify_interval",
        INTERVAL,
        oid::INTERVAL,
    ),
    Scalar::new(
        "make_interval",
        "make_interval",
        &[
            oid::INT4,
            oid::INT4,
            oid::INT4,
            oid::INT4,
            oid::INT4,
            oid::INT4,
            oid::FLOAT8,
        ],
        oid::INTERVAL,
    ),
];

/// Whether the broker computes a function of this name.
pub(crate) fn is_known(name: &str) -> bool {
    SCALARS.iter().any(|scalar| scalar.name == name)
}

/// Whether only the rules call a function of this name.
pub(crate) fn is_operator(name: &str) -> bool {
    let mut all = SCALARS.iter().filter(|scalar| scalar.name == name);
    all.any(|scalar| scalar.name == scalar.code && crate::functions::find(name).is_none())
}

/// What a function that only the rules call gives; none if there is no such function.
pub(crate) fn result_of(name: &str) -> Option<Oid> {
    let mut all = SCALARS.iter().filter(|scalar| scalar.name == name);
    all.next().map(|scalar| scalar.gives)
}

impl Compiler<'_> {
    /// A call of one of them; none if they are not called with such arguments.
    pub(super) fn scalar(&mut self, name: &str, arguments: &[&Expr]) -> Compiled {
        let mut operands = Vec::with_capacity(arguments.len());
        for argument in arguments {
            operands.push(known!(self.compile(argument)?));
        }
        let fitting = SCALARS
            .iter()
            .filter(|scalar| scalar.name == name && scalar.takes.len() == operands.len());
        for scalar in fitting {
            if let Some(call) = self.of_types(scalar, &operands)? {
                return Ok(Some(call));
            }
        }
        Ok(None)
    }

    fn of_types(&mut self, scalar: &Scalar, operands: &[Computed]) -> Compiled {
        let mut instructions = Vec::new();
        for (operand, target) in operands.iter().zip(scalar.takes) {
            let operand = known!(self.settled(operand.clone(), *target)?);
            instructions.extend(operand.instructions);
        }
        instructions.push(Instruction::Scalar(ScalarCall {
            name: scalar.code.to_owned(),
            operands: u32::try_from(operands.len()).unwrap_or(u32::MAX),
        }));
        Ok(Some(Computed {
            instructions,
            type_oid: scalar.gives,
        }))
    }
}
