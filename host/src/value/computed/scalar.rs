//! Functions of PostgreSQL that instructions call by name, on values in its text format.

mod moment;

use crate::value::ValueError;

/// A function; its name is that of PostgreSQL's own code (`pg_proc.prosrc`).
struct Scalar {
    name: &'static str,
    operands: u32,
    result: fn(Operands<'_>) -> Result<String, ValueError>,
}

impl Scalar {
    const fn new(
        name: &'static str,
        operands: u32,
        result: fn(Operands<'_>) -> Result<String, ValueError>,
    ) -> Self {
        Self {
            name,
            operands,
            result,
        }
    }
}

/// What a function is called with: as many values as it takes, none of them NULL.
struct Operands<'a>(&'a [String]);

impl Operands<'_> {
    fn text(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }
}

/// All that are known, by what they are of.
const SCALARS: &[&[Scalar]] = &[moment::SCALARS];

/// Whether there is such a function of so many operands.
pub(super) fn takes(name: &str, operands: u32) -> bool {
    find(name).is_some_and(|scalar| scalar.operands == operands)
}

/// What a function makes of its operands; NULL if one of them is.
///
/// # Errors
/// An operand is no value of the type that the function takes, or what PostgreSQL refuses as well.
pub(super) fn result(
    name: &str,
    operands: Vec<Option<String>>,
) -> Result<Option<String>, ValueError> {
    let scalar = find(name).ok_or_else(ValueError::no_value)?;
    match operands.into_iter().collect::<Option<Vec<String>>>() {
        Some(operands) => (scalar.result)(Operands(&operands)).map(Some),
        None => Ok(None),
    }
}

fn find(name: &str) -> Option<&'static Scalar> {
    let mut all = SCALARS.iter().copied().flatten();
    all.find(|scalar| scalar.name == name)
}
