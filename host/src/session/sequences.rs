//! What the session last got from sequences: `currval` and `lastval`.

use std::collections::HashMap;

use bytes::Bytes;

use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::Argument;
use crate::upstream::Parameter;

/// Values by sequence. They are the session's: no transaction takes them back.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    current: HashMap<String, Bytes>,
    /// Of any of them.
    last: Option<Bytes>,
}

impl Sequences {
    /// The session got a value.
    pub(super) fn got(&mut self, name: &str, value: Bytes) {
        self.last = Some(value.clone());
        self.current.insert(name.to_owned(), value);
    }

    /// Rows were inserted: IRIS may have counted a column up since, so the last value
    /// is none that is known.
    pub(super) fn inserted(&mut self) {
        self.last = None;
    }

    /// "DISCARD SEQUENCES discards all cached sequence-related state".
    pub(super) fn discard(&mut self) {
        *self = Self::default();
    }

    /// Puts the values in their places.
    ///
    /// # Errors
    /// SQLSTATE 55000 for one that is not defined yet.
    pub(super) fn fill(
        &self,
        parameters: &mut [Parameter],
        arguments: &[Argument],
    ) -> Result<(), Diagnostic> {
        for (parameter, argument) in parameters.iter_mut().zip(arguments) {
            if let Argument::CurrentValue(name) = argument {
                let found = match name {
                    Some(name) => self.current.get(name),
                    None => self.last.as_ref(),
                };
                let value = found.ok_or_else(|| Diagnostic::no_current_value(name.as_deref()))?;
                parameter.value = Some(value.clone());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::statement::Values;

    fn fill(sequences: &Sequences, name: Option<&str>) -> Result<Option<Bytes>, Diagnostic> {
        let arguments = [Argument::CurrentValue(name.map(str::to_owned))];
        let mut parameters = Values::default().bound(&arguments, &[])?;
        sequences.fill(&mut parameters, &arguments)?;
        Ok(parameters.remove(0).value)
    }

    #[test]
    fn values_are_known_by_sequence() {
        let mut sequences = Sequences::default();
        assert!(fill(&sequences, None).is_err());
        sequences.got("s", Bytes::from_static(b"5"));
        assert_eq!(fill(&sequences, Some("s")).unwrap().unwrap(), "5");
        assert_eq!(fill(&sequences, None).unwrap().unwrap(), "5");
        assert_eq!(fill(&sequences, Some("u")).unwrap_err().sqlstate, "55000");
        sequences.inserted();
        assert!(fill(&sequences, None).is_err());
        assert!(fill(&sequences, Some("s")).is_ok());
        sequences.discard();
        assert!(fill(&sequences, Some("s")).is_err());
    }
}
