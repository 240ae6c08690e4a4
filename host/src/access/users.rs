//! The users that the broker itself knows.

use std::collections::HashMap;
use std::fmt;

use rand::TryRng;
use rand::rngs::SysRng;

use super::verifier::Verifier;
use crate::error::{Error, ErrorKind};

/// Names, and what is kept of their passwords.
#[derive(Clone)]
pub struct Users {
    verifiers: HashMap<String, Verifier>,
    /// Makes up what nobody knows of users who do not exist.
    secret: [u8; 32],
}

impl Default for Users {
    fn default() -> Self {
        let mut secret = [0; 32];
        SysRng
            .try_fill_bytes(&mut secret)
            .expect("the system gives random numbers");
        Self {
            verifiers: HashMap::new(),
            secret,
        }
    }
}

impl Users {
    /// Reads a list of users: a line `"name" "SCRAM-SHA-256$…"` for each, as in PgBouncer's
    /// `auth_file`, where a quote in a name is doubled. What follows `;` or `#` at the
    /// beginning of a line is a comment.
    ///
    /// # Errors
    /// A line has another form, a password stands as it is, or a name comes twice. The error
    /// names the line, and never what stands there.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut users = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with([';', '#']) {
                continue;
            }
            let wrong = |why: &str| {
                Error::new(
                    ErrorKind::Configuration,
                    format!("line {number} of the list of users: {why}"),
                )
            };
            let (name, rest) = quoted(line).ok_or_else(|| wrong(FORM))?;
            let (verifier, rest) = quoted(rest.trim_start()).ok_or_else(|| wrong(FORM))?;
            if !rest.trim().is_empty() {
                return Err(wrong(FORM));
            }
            let verifier = verifier.parse().map_err(|_| wrong(NO_VERIFIER))?;
            if users.verifiers.insert(name, verifier).is_some() {
                return Err(wrong("this user stands in an earlier line, too"));
            }
        }
        Ok(users)
    }

    /// Adds a user, or changes one.
    pub fn insert(&mut self, name: impl Into<String>, verifier: Verifier) {
        self.verifiers.insert(name.into(), verifier);
    }

    /// What to compare a proof with. Somebody who does not exist has a verifier as well,
    /// which no password fits.
    pub fn verifier(&self, name: &str) -> Verifier {
        match self.verifiers.get(name) {
            Some(verifier) => verifier.clone(),
            None => Verifier::of_nobody(name, &self.secret),
        }
    }
}

const FORM: &str = r#"expected "name" "SCRAM-SHA-256$...""#;
const NO_VERIFIER: &str = "what is kept of the password must be a SCRAM verifier, \
     which `pgiris users verifier` makes of a password and PostgreSQL keeps in pg_authid";

/// A quoted text at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut found = String::new();
    loop {
        let end = rest.find('"')?;
        found.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                found.push('"');
                rest = after;
            }
            None => return Some((found, rest)),
        }
    }
}

/// Not for logs.
impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.verifiers.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_line_by_line() {
        let verifier = Verifier::of_password("secret", [3; 16]);
        let text = format!(
            "; PgBouncer writes comments so\n\n\"ann\" \"{verifier}\"\n  \"b \"\"ob\"\"\"\t\"{verifier}\"\n"
        );
        let users = Users::parse(&text).unwrap();
        assert!(users.verifier("ann").is_of("secret"));
        assert!(users.verifier("b \"ob\"").is_of("secret"));
        assert!(!users.verifier("bob").is_of("secret"));
    }

    #[test]
    fn errors_name_the_line_and_keep_its_secret() {
        let verifier = Verifier::of_password("secret", [3; 16]);
        for bad in [
            "\"ann\" \"hunter2\"".to_owned(),
            "ann hunter2".to_owned(),
            "\"ann\" \"hunter2".to_owned(),
            format!("\"ann\" \"{verifier}\" hunter2"),
            format!("\"ann\" \"{verifier}\"\n\"ann\" \"{verifier}\""),
        ] {
            let error = Users::parse(&format!("# users\n{bad}"))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("line "), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn somebody_who_does_not_exist_looks_the_same_each_time() {
        let users = Users::default();
        assert_eq!(users.verifier("ann"), users.verifier("ann"));
        assert_ne!(users.verifier("ann").salt, users.verifier("bob").salt);
        assert_ne!(users.verifier("ann"), Users::default().verifier("ann"));
    }
}
