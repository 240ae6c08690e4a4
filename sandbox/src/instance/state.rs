//! What an instance knows beyond its databases, and its lines in the file.

use std::collections::BTreeSet;

use crate::security::Security;

/// Namespaces made by CREATE DATABASE; users, roles, privileges.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// Upper case, without `USER` and `%SYS`.
    pub(crate) namespaces: BTreeSet<String>,
    pub(crate) security: Security,
}

impl State {
    /// Reads [`Self::lines`]; lines of a kind that is not known are passed over.
    pub(super) fn parse(lines: &[String]) -> Self {
        let mut state = Self::default();
        for line in lines {
            let fields: Vec<String> = line.split('\t').map(unescaped).collect();
            match fields.as_slice() {
                [kind, name] if kind == "namespace" => {
                    state.namespaces.insert(name.clone());
                }
                fields => state.security.read(fields),
            }
        }
        state
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let namespaces = self
            .namespaces
            .iter()
            .map(|name| vec!["namespace".to_owned(), name.clone()]);
        namespaces
            .chain(self.security.fields())
            .map(|fields| {
                let fields: Vec<String> = fields.iter().map(|field| escaped(field)).collect();
                fields.join("\t")
            })
            .collect()
    }
}

fn escaped(field: &str) -> String {
    field.replace('\\', "\\\\").replace('\t', "\\t")
}

fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(match chars.next() {
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            }),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut state = State::default();
        state.namespaces.insert("OTHER".to_owned());
        state.security.create_role("a\\tb\\").unwrap();
        let lines = state.lines();
        assert_eq!(State::parse(&lines), state);
    }
}
