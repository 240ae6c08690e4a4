//! The server's side of SCRAM-SHA-256, with and without channel binding.
//!
//! RFC 5802 and 7677, as PostgreSQL uses them (manual, "SASL Authentication"): the user is
//! the one of the startup packet, whatever the client's first message says. The libraries
//! that have a server's side were not fit for it: they can be made to panic by a message, or
//! tell a user who does not exist from one who mistyped. Hashes, comparison in constant time
//! and base64 are libraries' work.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::verifier::{Hash, Verifier, authenticated};

/// The mechanism's name.
pub(crate) const SCRAM: &str = "SCRAM-SHA-256";
/// With channel binding.
pub(crate) const SCRAM_PLUS: &str = "SCRAM-SHA-256-PLUS";
/// The only channel binding of PostgreSQL.
const BINDING: &str = "tls-server-end-point";
/// Random bytes in a nonce, as in PostgreSQL.
const NONCE: usize = 18;

/// Why an exchange ends without a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The proof is not one of the password.
    WrongPassword,
    /// A message has not the form that it must have; what is wrong with it.
    Malformed(&'static str),
    /// The client believes that the server has no channel binding, or binds to another
    /// channel: somebody may sit in between.
    Binding,
    /// The client asks for what is optional and not here.
    Unsupported(&'static str),
}

/// An exchange that waits for the client's first message.
pub(crate) struct First<'a> {
    pub(crate) verifier: Verifier,
    /// The data of the channel binding, if it was offered.
    pub(crate) offered: Option<&'a [u8]>,
    /// The client chose the mechanism with channel binding.
    pub(crate) is_bound: bool,
}

/// An exchange that waits for the client's final message.
pub(crate) struct Final {
    verifier: Verifier,
    nonce: String,
    /// What the client's final message must repeat of the channel: header and data.
    channel: Vec<u8>,
    /// The messages so far, as they are signed.
    signed: String,
}

impl First<'_> {
    /// Takes the client's first message. What is returned beside the exchange is the answer.
    pub(crate) fn answer(self, message: &[u8]) -> Result<(Final, String), Refusal> {
        let mut nonce = [0; NONCE];
        SysRng
            .try_fill_bytes(&mut nonce)
            .expect("the system gives random numbers");
        self.answer_with(message, &BASE64.encode(nonce))
    }

    fn answer_with(self, message: &[u8], server_nonce: &str) -> Result<(Final, String), Refusal> {
        let message = text(message)?;
        let (header, bare) = header_of(message)?;
        let channel = self.channel(header)?;
        let nonce = client_nonce(bare)?;
        let nonce = format!("{nonce}{server_nonce}");
        let answer = format!(
            "r={nonce},s={},i={}",
            BASE64.encode(&self.verifier.salt),
            self.verifier.iterations
        );
        let signed = format!("{bare},{answer}");
        let next = Final {
            verifier: self.verifier,
            nonce,
            channel,
            signed,
        };
        Ok((next, answer))
    }

    /// "gs2-header": whether and how the client binds to the channel. What it must repeat.
    fn channel(&self, header: &str) -> Result<Vec<u8>, Refusal> {
        let (flag, identity) = header
            .trim_end_matches(',')
            .split_once(',')
            .unwrap_or((header.trim_end_matches(','), ""));
        if identity.starts_with("a=") {
            return Err(Refusal::Unsupported(
                "client uses authorization identity, but it is not supported",
            ));
        }
        if !identity.is_empty() {
            return Err(Refusal::Malformed("Unexpected attribute in the header."));
        }
        let binding = flag.strip_prefix("p=");
        match (binding, self.is_bound) {
            (Some(BINDING), true) => {
                let data = self.offered.ok_or(Refusal::Binding)?;
                Ok([header.as_bytes(), data].concat())
            }
            (Some(_), true) => Err(Refusal::Unsupported(
                "unsupported SCRAM channel-binding type",
            )),
            (None, true) | (Some(_), false) => Err(Refusal::Malformed(
                "The client's choice of mechanism and its channel binding flag do not fit.",
            )),
            // "y": the client could, and believes that the server cannot.
            (None, false) if flag == "y" && self.offered.is_some() => Err(Refusal::Binding),
            (None, false) if flag == "n" || flag == "y" => Ok(header.as_bytes().to_vec()),
            (None, false) => Err(Refusal::Malformed("Unexpected channel-binding flag.")),
        }
    }
}

impl Final {
    /// Takes the client's final message. The answer proves to the client that the server
    /// knows the verifier.
    pub(crate) fn answer(self, message: &[u8]) -> Result<String, Refusal> {
        let message = text(message)?;
        // "The proof is always last"; what stands before it is signed.
        let (unproved, proof) = message
            .rsplit_once(",p=")
            .ok_or(Refusal::Malformed("The proof is missing."))?;
        let mut attributes = unproved.split(',');
        let mut attribute = |name: &str| {
            let found = attributes.next().and_then(|given| given.strip_prefix(name));
            found.ok_or(Refusal::Malformed("An attribute is missing."))
        };
        let channel = attribute("c=")?;
        let nonce = attribute("r=")?;
        let channel = BASE64
            .decode(channel)
            .map_err(|_| Refusal::Malformed("The channel binding is not in base64."))?;
        let proof: Hash = BASE64
            .decode(proof)
            .ok()
            .and_then(|proof| proof.try_into().ok())
            .ok_or(Refusal::Malformed("The proof is not a hash in base64."))?;
        if channel != self.channel {
            return Err(Refusal::Binding);
        }
        if nonce != self.nonce {
            return Err(Refusal::Malformed("The nonce is another."));
        }
        let signed = format!("{},{unproved}", self.signed);
        let signature = authenticated(&self.verifier.stored_key, signed.as_bytes());
        let mut client_key = proof;
        for (byte, mask) in client_key.iter_mut().zip(signature) {
            *byte ^= mask;
        }
        let stored_key: Hash = Sha256::digest(client_key).into();
        if !bool::from(stored_key.ct_eq(&self.verifier.stored_key)) {
            return Err(Refusal::WrongPassword);
        }
        let answer = authenticated(&self.verifier.server_key, signed.as_bytes());
        Ok(format!("v={}", BASE64.encode(answer)))
    }
}

fn text(message: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(message).map_err(|_| Refusal::Malformed("A message is not in UTF-8."))
}

/// Cuts behind the second comma.
fn header_of(message: &str) -> Result<(&str, &str), Refusal> {
    let mut commas = message.match_indices(',').skip(1);
    let (second, _) = commas
        .next()
        .ok_or(Refusal::Malformed("The header is missing."))?;
    Ok(message.split_at(second + 1))
}

/// The client's nonce in its first message without the header: `n=user,r=nonce[,extension…]`.
fn client_nonce(bare: &str) -> Result<&str, Refusal> {
    let mut attributes = bare.split(',');
    let first = attributes.next().unwrap_or_default();
    if first.starts_with("m=") {
        return Err(Refusal::Unsupported(
            "client requires an unsupported SCRAM extension",
        ));
    }
    if !first.starts_with("n=") {
        return Err(Refusal::Malformed("The user name is missing."));
    }
    let nonce = attributes
        .next()
        .and_then(|attribute| attribute.strip_prefix("r="))
        .ok_or(Refusal::Malformed("The nonce is missing."))?;
    if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refusal::Malformed(
            "Non-printable characters in SCRAM nonce.",
        ));
    }
    Ok(nonce)
}

#[cfg(test)]
mod tests;
