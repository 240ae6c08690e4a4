//! Passwords are kept as salted PBKDF2 hashes.

use pbkdf2::pbkdf2_hmac_array;
use pbkdf2::sha2::Sha256;

use crate::error::{Result, SqlError};

/// Where a hash is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// In a file, which may fall into other hands.
    File,
    /// In the memory of the process that was given the password itself.
    Memory,
}

impl Keeping {
    /// Rounds of a new hash. In a file: slow enough to be no plain text, fast enough for a pool
    /// that opens a hundred connections. In memory nothing is gained by being slow.
    fn rounds(self) -> u32 {
        match self {
            Self::File => 10_000,
            Self::Memory => 10,
        }
    }
}

/// Most rounds that are believed of a stored hash.
const MOST_ROUNDS: u32 = 10_000_000;

const BYTES: usize = 32;

/// `rounds:salt:hash`, the latter two in hexadecimal.
pub(super) fn hash(password: &str, keeping: Keeping) -> Result<String> {
    let rounds = keeping.rounds();
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| SqlError::new(-400, error.to_string()))?;
    let hash = pbkdf2_hmac_array::<Sha256, BYTES>(password.as_bytes(), &salt, rounds);
    Ok(format!("{rounds}:{}:{}", hex(&salt), hex(&hash)))
}

/// Does the password have this hash?
pub(super) fn verify(password: &str, hash: &str) -> bool {
    let mut parts = hash.split(':');
    let (Some(rounds), Some(salt), Some(wanted), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Ok(rounds), Some(salt)) = (rounds.parse(), bytes(salt)) else {
        return false;
    };
    if rounds == 0 || rounds > MOST_ROUNDS {
        return false;
    }
    let found = hex(&pbkdf2_hmac_array::<Sha256, BYTES>(
        password.as_bytes(),
        &salt,
        rounds,
    ));
    // Looks at every byte, so that the time tells nothing.
    found.len() == wanted.len()
        && found
            .bytes()
            .zip(wanted.bytes())
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if digits.len().is_multiple_of(2) {
        digits.chunks(2).map(pair).collect()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let kept = |keeping| hash("secret", keeping).unwrap();
        let (a, b) = (kept(Keeping::File), kept(Keeping::File));
        assert_ne!(a, b);
        assert!(verify("secret", &a) && verify("secret", &b));
        assert!(verify("secret", &kept(Keeping::Memory)));
        assert!(!verify("Secret", &kept(Keeping::Memory)));
        assert!(!verify("Secret", &a));
        assert!(!verify("", "1::"));
        assert!(!verify("x", "no hash"));
    }
}
