//! What stands in a rules file, and beside it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::engine::unusable;
use super::generation::Digest;
use super::signature::{PublicKey, Signature, signature_path};
use crate::error::Error;

/// A file that may hold a component.
pub(super) struct Contents {
    pub(super) bytes: Vec<u8>,
    /// Of the bytes.
    pub(super) digest: Digest,
    signature: Option<Vec<u8>>,
}

/// What is read of a signature, several times what one takes.
const SIGNATURE_LENGTH: u64 = 1024;

impl Contents {
    pub(super) fn read(file: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(file).map_err(|error| unusable(file, &error.to_string()))?;
        let digest = Sha256::digest(&bytes).into();
        let signature = signature(&signature_path(file))
            .map_err(|error| unusable(file, &format!("its signature cannot be read: {error}")))?;
        Ok(Self {
            bytes,
            digest,
            signature,
        })
    }

    /// By which it is known with its signature.
    pub(super) fn identity(&self) -> Digest {
        let mut hash = Sha256::new_with_prefix(self.digest);
        if let Some(signature) = &self.signature {
            hash.update(signature);
        }
        hash.finalize().into()
    }

    /// Whether one of these has signed it, or nobody need have; `Err` says what is wrong.
    pub(super) fn check_signer(&self, signers: &[PublicKey]) -> Result<(), String> {
        if signers.is_empty() {
            return Ok(());
        }
        let signature = self.signature.as_deref().ok_or(
            "is not signed: only signed rules are accepted, with the signature beside them in a \
             file of the same name and .sig behind it",
        )?;
        let signature = Signature::read(signature).map_err(|error| error.to_string())?;
        let verifies = |key: &PublicKey| key.verifies(&self.bytes, &signature);
        match signers.iter().any(verifies) {
            true => Ok(()),
            false => Err("is signed by nobody who is accepted, or has changed since".to_owned()),
        }
    }
}

fn signature(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut signature = Vec::new();
    file.take(SIGNATURE_LENGTH).read_to_end(&mut signature)?;
    Ok(Some(signature))
}
