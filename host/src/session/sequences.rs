//! What the session last got from sequences: `currval` and `lastval`.

use std::collections::HashMap;

use bytes::Bytes;

use crate::diagnostic::Diagnostic;

/// Values by sequence. They are the session's: no transaction takes them back.
#[derive(Debug, Default)]
pub(crate) struct Sequences {
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

    /// What `currval` of a sequence gives, or without a name `lastval`.
    ///
    /// # Errors
    /// SQLSTATE 55000 if it is not defined yet.
    pub(crate) fn current(&self, name: Option<&str>) -> Result<Bytes, Diagnostic> {
        let found = match name {
            Some(name) => self.current.get(name),
            None => self.last.as_ref(),
        };
        found
            .cloned()
            .ok_or_else(|| Diagnostic::no_current_value(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_known_by_sequence() {
        let mut sequences = Sequences::default();
        assert!(sequences.current(None).is_err());
        sequences.got("s", Bytes::from_static(b"5"));
        assert_eq!(sequences.current(Some("s")).unwrap(), "5");
        assert_eq!(sequences.current(None).unwrap(), "5");
        assert_eq!(sequences.current(Some("u")).unwrap_err().sqlstate, "55000");
        sequences.inserted();
        assert!(sequences.current(None).is_err());
        assert!(sequences.current(Some("s")).is_ok());
        sequences.discard();
        assert!(sequences.current(Some("s")).is_err());
    }
}
