//! What a server keeps of a password for SCRAM-SHA-256: enough to check a proof, not enough
//! to give one.
//!
//! RFC 5802 and 7677; the text form is that of PostgreSQL's `pg_authid.rolpassword`.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a text form begins with.
const PREFIX: &str = "SCRAM-SHA-256$";
/// How often a password is hashed where nothing else is said: PostgreSQL's
/// `scram_iterations`.
const ITERATIONS: u32 = 4096;
/// More would let one line of a file hold up a client for minutes.
const MOST_ITERATIONS: u32 = 10_000_000;
/// Bytes of a salt, as PostgreSQL makes them.
const SALT: usize = 16;

pub(super) type Hash = [u8; 32];

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    pub(super) iterations: u32,
    pub(super) salt: Vec<u8>,
    pub(super) stored_key: Hash,
    pub(super) server_key: Hash,
}

/// A text that is no verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SCRAM verifier: expected SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>")]
pub struct VerifierError;

impl Verifier {
    /// Keeps what is needed of a password. `salt`: bytes that no other verifier has.
    pub fn of_password(password: &str, salt: [u8; SALT]) -> Self {
        Self::derive(password, salt.to_vec(), ITERATIONS)
    }

    fn derive(password: &str, salt: Vec<u8>, iterations: u32) -> Self {
        let salted: Hash = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(
            prepared(password).as_bytes(),
            &salt,
            iterations,
        );
        Self {
            iterations,
            salt,
            stored_key: Sha256::digest(authenticated(&salted, b"Client Key")).into(),
            server_key: authenticated(&salted, b"Server Key"),
        }
    }

    /// One that no password fits, for a user who does not exist: its clients must see
    /// nothing else than those who mistype. The salt is the same each time, as a real one is.
    pub(super) fn of_nobody(user: &str, secret: &[u8]) -> Self {
        let salt = authenticated(secret, user.as_bytes());
        Self {
            iterations: ITERATIONS,
            salt: salt[..SALT].to_vec(),
            stored_key: authenticated(secret, &salt),
            server_key: authenticated(secret, &salt[SALT..]),
        }
    }

    /// Whether this is the password.
    pub fn is_of(&self, password: &str) -> bool {
        let given = Self::derive(password, self.salt.clone(), self.iterations);
        given.stored_key.ct_eq(&self.stored_key).into()
    }
}

impl std::str::FromStr for Verifier {
    type Err = VerifierError;

    fn from_str(text: &str) -> Result<Self, VerifierError> {
        let hash = |text: &str| -> Option<Hash> { BASE64.decode(text).ok()?.try_into().ok() };
        let parse = || {
            let (salting, keys) = text.strip_prefix(PREFIX)?.split_once('$')?;
            let (iterations, salt) = salting.split_once(':')?;
            let (stored_key, server_key) = keys.split_once(':')?;
            let iterations = iterations.parse().ok()?;
            let verifier = Self {
                iterations,
                salt: BASE64.decode(salt).ok()?,
                stored_key: hash(stored_key)?,
                server_key: hash(server_key)?,
            };
            let is_usable =
                (1..=MOST_ITERATIONS).contains(&iterations) && !verifier.salt.is_empty();
            Some(verifier).filter(|_| is_usable)
        };
        parse().ok_or(VerifierError)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{PREFIX}{}:{}${}:{}",
            self.iterations,
            BASE64.encode(&self.salt),
            BASE64.encode(self.stored_key),
            BASE64.encode(self.server_key)
        )
    }
}

/// Not for logs.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

/// HMAC-SHA-256.
pub(super) fn authenticated(key: &[u8], message: &[u8]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// SASLprep, as PostgreSQL uses it: a password that it forbids is taken as it is.
fn prepared(password: &str) -> Cow<'_, str> {
    stringprep::saslprep(password).unwrap_or(Cow::Borrowed(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3: password "pencil".
    const SALT_OF_RFC: &str = "W22ZaJ0SNY7soEsUEjb6gQ==";

    #[test]
    fn a_verifier_reads_as_it_is_written() {
        let salt = BASE64.decode(SALT_OF_RFC).unwrap().try_into().unwrap();
        let verifier = Verifier::of_password("pencil", salt);
        let text = verifier.to_string();
        assert!(
            text.starts_with("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"),
            "{text}"
        );
        assert_eq!(text.parse::<Verifier>().unwrap(), verifier);
        assert!(verifier.is_of("pencil"));
        assert!(!verifier.is_of("Pencil"));
        assert!(!verifier.is_of(""));
    }

    #[test]
    fn passwords_are_prepared_as_postgresql_prepares_them() {
        let verifier = Verifier::of_password("I\u{ad}X \u{2168}", [7; SALT]);
        assert!(verifier.is_of("IX IX"));
        // A control character is forbidden, and stands for itself.
        assert!(Verifier::of_password("a\u{7}", [7; SALT]).is_of("a\u{7}"));
    }

    #[test]
    fn other_texts_are_refused() {
        let good = Verifier::of_password("x", [1; SALT]).to_string();
        let bad = [
            String::new(),
            "secret".into(),
            "md5a3556571e93b0d20722ba62be61e8c2d".into(),
            good.replace("4096", "0"),
            good.replace("4096", "99999999999"),
            good.replace("4096", "4294967295"),
            good.replace(':', ";"),
            good[..good.len() - 4].into(),
            format!("{good}AAAA"),
        ];
        for text in bad {
            assert_eq!(text.parse::<Verifier>(), Err(VerifierError), "{text}");
        }
    }
}
