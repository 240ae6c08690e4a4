//! Who has made a component: Ed25519 signatures beside the files.
//!
//! A signature is over the bytes of the file, 64 bytes or base64 of them, in a file of the same
//! name with `.sig` behind it. Keys are those that OpenSSL makes.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use crate::error::{Error, ErrorKind};

/// Bytes of a public key, and of the seed that a private one is.
const KEY: usize = 32;
/// Bytes of a signature.
const SIGNATURE: usize = 64;

/// What precedes the key in its `SubjectPublicKeyInfo` (RFC 8410, section 4).
const PUBLIC_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// What precedes the seed in its `PrivateKeyInfo` (RFC 8410, section 7).
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Who may have made a component. Written as the base64 line of a PEM file `PUBLIC KEY`, and read
/// from that or from the whole file's text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

impl PublicKey {
    /// Of these bytes, as RFC 8032 writes a public key.
    pub fn from_bytes(bytes: [u8; KEY]) -> Self {
        Self(bytes)
    }

    /// Whether this signature is of these bytes, and by this key.
    pub fn verifies(&self, bytes: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(bytes, &signature.0)
            .is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let der = match text.starts_with("-----") {
            true => SubjectPublicKeyInfoDer::from_pem_slice(text.as_bytes())
                .map(|der| der.to_vec())
                .ok(),
            false => BASE64_STANDARD.decode(text).ok(),
        };
        let key = der
            .as_deref()
            .and_then(|der| der.strip_prefix(&PUBLIC_PREFIX));
        key.and_then(|key| key.try_into().ok())
            .map(Self)
            .ok_or_else(|| wrong("no public key for Ed25519, in PEM or as its line of base64"))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode([&PUBLIC_PREFIX[..], &self.0].concat()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A signature; written as base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature([u8; SIGNATURE]);

impl Signature {
    /// Reads what stands in a file: the bytes, or base64 of them.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(contents: &[u8]) -> Result<Self, Error> {
        let raw = contents.try_into().ok();
        let decoded = || {
            let decoded = BASE64_STANDARD.decode(contents.trim_ascii()).ok()?;
            decoded.try_into().ok()
        };
        raw.or_else(decoded)
            .map(Self)
            .ok_or_else(|| wrong("no signature: 64 bytes, or base64 of them"))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

/// Signs components.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Of 32 random bytes, which are the private key.
    ///
    /// # Errors
    /// None is known.
    pub fn from_seed(seed: &[u8; KEY]) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self).map_err(|error| wrong(&error.to_string()))
    }

    /// Reads PEM: `PRIVATE KEY`, without a password.
    ///
    /// # Errors
    /// It is none, or for something else than Ed25519.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let none = "no private key for Ed25519: PEM, PRIVATE KEY, not encrypted";
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong(none))?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der())
            .map(Self)
            .map_err(|_| wrong(none))
    }

    /// By which its signatures are known.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; KEY];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    /// Signs the bytes of a file.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        let mut signature = [0; SIGNATURE];
        signature.copy_from_slice(self.0.sign(bytes).as_ref());
        Signature(signature)
    }
}

/// A private key as a PEM file has it.
pub fn private_pem(seed: &[u8; KEY]) -> String {
    let line = BASE64_STANDARD.encode([&PRIVATE_PREFIX[..], seed].concat());
    format!("-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n")
}

/// Where the signature of a file is looked for.
pub fn signature_path(file: &Path) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(".sig");
    path.into()
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Configuration, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn a_known_signature_is_made_and_recognized() {
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::from_pem(&private_pem(&seed.try_into().unwrap())).unwrap();
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public(), PublicKey(public.try_into().unwrap()));
        let signature = key.sign(&[0x72]);
        let expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                        085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(signature.0.to_vec(), hex(expected));
        assert!(key.public().verifies(&[0x72], &signature));
        assert!(!key.public().verifies(&[0x73], &signature));
    }

    #[test]
    fn texts_are_read_as_they_are_written() {
        let key = SigningKey::from_seed(&[7; KEY]).unwrap();
        let (public, signature) = (key.public(), key.sign(b"a"));
        assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n");
        assert_eq!(pem.parse::<PublicKey>().unwrap(), public);
        let line = format!("{signature}\n");
        assert_eq!(Signature::read(line.as_bytes()).unwrap(), signature);
        assert_eq!(Signature::read(&signature.0).unwrap(), signature);
        for wrong in ["", "AAAA", "-----BEGIN PUBLIC KEY-----"] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
            assert!(Signature::read(wrong.as_bytes()).is_err(), "{wrong}");
            assert!(SigningKey::from_pem(wrong).is_err(), "{wrong}");
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }
}
