//! What SET OPTION DEFAULT_SCHEMA and SUPPORT_DELIMITED_IDENTIFIERS change in a text.

use super::Parser;
use crate::ast::ObjectName;
use crate::catalog::{quoted, same};
use crate::lexer::Kind;

impl Parser<'_> {
    /// `"…"` is a string when delimited identifiers are off.
    pub(super) fn take_quotes_for_strings(&mut self) {
        for token in &mut self.tokens {
            if let Kind::Delimited(text) = &token.kind {
                token.kind = Kind::Text(text.clone());
            }
        }
    }

    /// A name without a schema belongs to the default one, unless it is that of
    /// a common table expression.
    pub(super) fn in_default_schema(&mut self, name: ObjectName, start: usize) -> ObjectName {
        let Some(schema) = &self.default_schema else {
            return name;
        };
        if name.schema.is_some() || self.cte_names.iter().any(|cte| same(cte, &name.name)) {
            return name;
        }
        self.filled.push(start);
        ObjectName {
            schema: Some(schema.clone()),
            name: name.name,
        }
    }

    /// A piece of the text that means the same under any default schema.
    pub(super) fn qualified_text(&self, start: usize, end: usize) -> String {
        let mut text = String::new();
        let mut from = start;
        let inside = self.filled.iter().filter(|at| (start..end).contains(at));
        for &at in inside {
            text.push_str(self.sql.get(from..at).unwrap_or_default());
            let schema = self.default_schema.as_deref().unwrap_or_default();
            text.push_str(&quoted(schema));
            text.push('.');
            from = at;
        }
        text.push_str(self.sql.get(from..end).unwrap_or_default());
        text
    }
}
