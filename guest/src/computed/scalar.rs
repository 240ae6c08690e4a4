//! Functions that the broker computes because IRIS has nothing for them, by the names of
//! PostgreSQL's own code (`pg_proc.prosrc`), and what they take.

mod documents;
mod patterns;
mod texts;
mod within;

use sqlparser::ast::Expr;

use super::{Compiled, Compiler, Computed, is_document, is_text, known};
use crate::types::{kept, oid};
use crate::typing::width;
use crate::wit::{Instruction, Oid};

/// A function for one list of types.
struct Scalar {
    /// As statements call it. Operators and casts are called by the name of their code: no
    /// statement of a client has that, but the rules write it.
    name: &'static str,
    code: &'static str,
    takes: &'static [Oid],
    /// Of whatever type.
    and_more: bool,
    gives: Oid,
    /// Whether it may give something although an operand is NULL.
    sees_null: bool,
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
            and_more: false,
            gives,
            sees_null: false,
        }
    }

    /// The same, though an operand may be NULL.
    const fn of_nulls(mut self) -> Self {
        self.sees_null = true;
        self
    }

    /// The same with more operands of whatever types.
    const fn and_more(mut self) -> Self {
        self.and_more = true;
        self
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

const MOMENT_SCALARS: &[Scalar] = &[
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
    // Some calls of it are added to a date by IRIS itself.
    Scalar::new(
        "interval_made",
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

/// All that are known, by what they are of.
const SCALARS: &[&[Scalar]] = &[
    MOMENT_SCALARS,
    texts::SCALARS,
    patterns::SCALARS,
    documents::SCALARS,
];

fn all() -> impl Iterator<Item = &'static Scalar> {
    SCALARS.iter().copied().flatten()
}

/// Those that are computed within others, beside those that are known.
const WITHIN: &[&[Scalar]] = &[within::SCALARS, within::OWN];

fn all_within() -> impl Iterator<Item = &'static Scalar> {
    SCALARS.iter().chain(WITHIN).copied().flatten()
}

/// Whether the broker computes a function of this name, if something in it is computed.
pub(super) fn is_known_within(name: &str) -> bool {
    all_within().any(|scalar| scalar.name == name)
}

/// Whether IRIS has nothing for a function of this name.
pub(super) fn is_own(name: &str) -> bool {
    within::OWN.iter().any(|scalar| scalar.name == name)
}

/// The same by the name of its code.
pub(super) fn is_own_code(code: &str) -> bool {
    within::OWN.iter().any(|scalar| scalar.code == code)
}

/// Whether the broker computes a function of this name.
pub(crate) fn is_known(name: &str) -> bool {
    all().any(|scalar| scalar.name == name)
}

/// How a client writes a function that the rules call by the name of its code.
pub(crate) fn called(name: &str) -> String {
    let operator = match name {
        "textregexeq" => "~",
        "textregexne" => "!~",
        "texticregexeq" => "~*",
        "texticregexne" => "!~*",
        "jsonb_concat" => "||",
        "jsonb_delete" | "jsonb_delete_idx" | "jsonb_delete_array" => "-",
        "jsonb_delete_path" => "#-",
        "jsonb_path_exists_opr" => "@?",
        "jsonb_path_match_opr" => "@@",
        "textregexsubstr" => return "substring()".to_owned(),
        "numeric_to_number" => return "to_number()".to_owned(),
        _ if name.ends_with("_to_char") => return "to_char()".to_owned(),
        _ if name.starts_with("interval_")
            || name.starts_with("timestamp")
            || name == "extract_interval"
            || name == "time_mi_time" =>
        {
            return "computing with an interval".to_owned();
        }
        _ if name.starts_with("regexp_like") => return "regexp_like()".to_owned(),
        _ => return format!("{name}()"),
    };
    format!("operator {operator}")
}

/// What a function that only the rules call gives; none if there is no such function.
pub(crate) fn result_of(name: &str) -> Option<Oid> {
    let scalar = all().find(|scalar| scalar.name == name);
    scalar.map(|scalar| scalar.gives)
}

/// Whether a function may give something although an operand is NULL, by the name of its code.
pub(super) fn sees_null(code: &str) -> bool {
    all().any(|scalar| scalar.code == code && scalar.sees_null)
}

impl Compiler<'_> {
    /// A call of one of them; none if they are not called with such arguments.
    pub(super) fn scalar(&mut self, name: &str, arguments: &[&Expr]) -> Compiled {
        let mut operands = Vec::with_capacity(arguments.len());
        for argument in arguments {
            operands.push(known!(self.compile(argument)?));
        }
        let fitting = all_within().filter(|scalar| {
            let (fewest, count) = (scalar.takes.len(), operands.len());
            scalar.name == name && (count == fewest || count > fewest && scalar.and_more)
        });
        for scalar in fitting {
            if let Some(call) = self.of_types(scalar, &operands)? {
                return Ok(Some(call));
            }
        }
        Ok(None)
    }

    fn of_types(&mut self, scalar: &Scalar, operands: &[Computed]) -> Compiled {
        let mut call = Computed::none_of(scalar.gives);
        for (index, operand) in operands.iter().enumerate() {
            let operand = match scalar.takes.get(index) {
                Some(target) if is_narrowed(operand.type_oid, *target) => None,
                Some(target) => self.settled(operand.clone(), *target)?,
                None => self.shown(operand)?,
            };
            call = call.with(known!(operand));
        }
        Ok(Some(call.called(scalar.code, operands.len())))
    }

    /// A value as its type shows it.
    pub(super) fn shown(&mut self, value: &Computed) -> Compiled {
        let has_exponent = matches!(value.instructions.as_slice(),
            [Instruction::Constant(Some(digits))] if digits.contains(['e', 'E']));
        match value.type_oid {
            0 => self.settled(value.clone(), oid::TEXT),
            oid::NUMERIC if has_exponent => Ok(None),
            oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC => Ok(Some(value.clone())),
            known if is_text(known) || is_document(known) || kept::is_array(known) => {
                Ok(Some(value.clone()))
            }
            _ => Ok(None),
        }
    }
}

/// Whether PostgreSQL makes a number of the other type of this one only if it is told.
pub(super) fn is_narrowed(from: Oid, target: Oid) -> bool {
    matches!((width(from), width(target)), (Some(from), Some(target)) if from > target)
}
