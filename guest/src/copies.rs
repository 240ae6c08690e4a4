//! Bounds what is written twice: nested expressions that are each written twice
//! would double with every level.

use std::fmt::{self, Write};

use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// Bytes of SQL that the rules may write a second time in one statement.
const MOST_COPIED: usize = 1 << 18;

/// What is left of them.
pub(crate) struct Copies {
    left: usize,
}

impl Copies {
    pub(crate) fn new() -> Self {
        Self { left: MOST_COPIED }
    }

    /// # Errors
    /// A refusal once too much has been copied.
    pub(crate) fn copy<T: Clone + fmt::Display>(&mut self, expression: &T) -> Diagnosed<T> {
        if write!(Meter(self), "{expression}").is_err() {
            return Err(Diagnostic::error("54001", "stack depth limit exceeded")
                .with_detail("Expressions that are written more than once are nested too deep.")
                .with_hint("compute the inner ones in a subquery"));
        }
        Ok(expression.clone())
    }
}

/// Measures what is printed and keeps nothing of it.
struct Meter<'a>(&'a mut Copies);

impl Write for Meter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.left = self.0.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}
