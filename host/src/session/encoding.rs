//! `client_encoding`: what the client sends is brought into UTF-8 where it comes in; what it is
//! sent is brought into its character set with the rows (`restyle`) and with the other replies
//! (`Client::speak`).
//!
//! PostgreSQL manual, "Automatic Character Set Conversion Between Server and Client".

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::statement::Values;
use crate::diagnostic::Diagnostic;
use crate::frontend::charset::{Charset, Untranslatable};
use crate::frontend::message::{Message, Named};
use crate::upstream::{Format, Oid};
use crate::value::Kind;

/// What a value holds of a character set. PostgreSQL converts every value in text format, and
/// those in binary format whose type sends a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text,
    /// Texts with their lengths between them.
    Texts,
    NoText,
}

impl Content {
    pub(super) fn of(type_oid: Oid, format: Format) -> Self {
        match (format, Kind::of(type_oid), type_oid) {
            (Format::Text, _, _) | (_, Kind::Text | Kind::Jsonb | Kind::Jsonpath, _) => Self::Text,
            // Arrays of json, "char", name, text, bpchar, varchar and jsonb.
            (_, _, 199 | 1002 | 1003 | 1009 | 1014 | 1015 | 3807) => Self::Texts,
            _ => Self::NoText,
        }
    }

    /// Adds a value of the server's.
    ///
    /// # Errors
    /// A character is not in the set, or the value cannot be converted.
    pub(super) fn encode(
        self,
        charset: &Charset,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Result<(), Diagnostic> {
        match self {
            Self::Text => charset.encode(value, out)?,
            Self::Texts => return Err(texts_in_binary(charset)),
            Self::NoText => out.extend_from_slice(value),
        }
        Ok(())
    }

    /// A value of the client's in UTF-8.
    ///
    /// # Errors
    /// A byte stands for nothing, or the value cannot be converted.
    pub(super) fn decoded(self, charset: &Charset, value: &Bytes) -> Result<Bytes, Diagnostic> {
        match self {
            Self::Text => Ok(charset.decoded(value)?),
            Self::Texts => Err(texts_in_binary(charset)),
            Self::NoText => Ok(value.clone()),
        }
    }
}

fn texts_in_binary(charset: &Charset) -> Diagnostic {
    let name = charset.name();
    Diagnostic::error(
        "0A000",
        format!("arrays of strings in binary format are not supported in encoding \"{name}\""),
    )
    .with_hint("Use the text format, or set client_encoding to UTF8.")
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Replies follow `client_encoding`.
    pub(super) fn follow_encoding(&mut self) {
        let name = self.settings.get("client_encoding").unwrap_or_default();
        let before = self.client.charset().map_or("", |charset| charset.name());
        let charset = Charset::of(name);
        if charset.as_ref().map_or("", Charset::name) != before {
            self.client.speak(charset.map(Arc::new));
        }
    }

    /// A message with its texts in UTF-8; values of Bind are brought into it when their types
    /// are known.
    ///
    /// # Errors
    /// A byte stands for nothing.
    pub(super) fn in_utf8(&self, mut message: Message) -> Result<Message, Diagnostic> {
        let Some(charset) = self.client.charset() else {
            return Ok(message);
        };
        let texts: Vec<&mut Bytes> = match &mut message {
            Message::Query(text) => vec![text],
            Message::Parse(parse) => vec![&mut parse.name, &mut parse.text],
            Message::Bind(bind) => vec![&mut bind.portal, &mut bind.statement],
            Message::Describe(Named::Statement(name) | Named::Portal(name))
            | Message::Close(Named::Statement(name) | Named::Portal(name)) => vec![name],
            Message::Execute(execute) => vec![&mut execute.portal],
            Message::Flush
            | Message::Sync
            | Message::Terminate
            | Message::FunctionCall(_)
            | Message::StrayCopy => vec![],
        };
        for text in texts {
            *text = charset.decoded(text)?;
        }
        Ok(message)
    }

    /// The same for the values of parameters of these types.
    ///
    /// # Errors
    /// As [`Session::in_utf8`].
    pub(super) fn values_in_utf8(
        &self,
        values: &mut Values,
        types: &[Oid],
    ) -> Result<(), Diagnostic> {
        let Some(charset) = self.client.charset() else {
            return Ok(());
        };
        for (index, value) in values.values.iter_mut().enumerate() {
            let type_oid = types.get(index).copied().unwrap_or(0);
            if let Some(bytes) = value {
                let content = Content::of(type_oid, values.formats.get(index));
                *bytes = content.decoded(charset, bytes)?;
            }
        }
        Ok(())
    }
}

impl From<Untranslatable> for Diagnostic {
    fn from(error: Untranslatable) -> Self {
        Self::error(error.sqlstate(), error.to_string())
    }
}
