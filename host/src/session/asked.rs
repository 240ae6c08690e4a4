//! What the client asks for at the moment, for the errors that name a part of it.

use std::sync::Arc;

use bytes::Bytes;

use crate::frontend::message::Message;
use crate::rules::wit::FailedStatement;

/// A text longer than this is not looked through for the place of an error: that
/// would cost more than the place is worth.
const LONGEST_TEXT: usize = 1 << 20;

/// One statement of a text.
#[derive(Debug)]
pub(super) struct Asked {
    text: Text,
    /// From 0.
    number: u32,
}

#[derive(Debug)]
enum Text {
    OfMessage(Bytes),
    OfStatement(Arc<str>),
}

impl Asked {
    /// A prepared statement that runs.
    pub(super) fn again(text: &Arc<str>) -> Self {
        Self {
            text: Text::OfStatement(Arc::clone(text)),
            number: 0,
        }
    }

    /// The first statement of a message; none of a message without a text.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let text = match message {
            Message::Query(text) => text,
            Message::Parse(parse) => &parse.text,
            _ => return None,
        };
        Some(Self {
            text: Text::OfMessage(text.clone()),
            number: 0,
        })
    }

    pub(super) fn go_to(&mut self, number: usize) {
        self.number = u32::try_from(number).unwrap_or(u32::MAX);
    }

    /// As the rules are told of it.
    pub(super) fn failed(&self) -> Option<FailedStatement> {
        let text = match &self.text {
            Text::OfMessage(text) => std::str::from_utf8(text).ok()?,
            Text::OfStatement(text) => text,
        };
        if text.len() > LONGEST_TEXT {
            return None;
        }
        Some(FailedStatement {
            text: text.to_owned(),
            number: self.number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_with_the_number_of_its_statement() {
        let mut asked = Asked::of(&Message::Query(Bytes::from_static(b"SELECT 1; SELECT 2")))
            .expect("it has a text");
        asked.go_to(1);
        let failed = asked.failed().expect("it is short");
        assert_eq!(
            (failed.text.as_str(), failed.number),
            ("SELECT 1; SELECT 2", 1)
        );
    }

    #[test]
    fn neither_a_message_without_text_nor_a_very_long_one_is_told() {
        assert!(Asked::of(&Message::Sync).is_none());
        let long = Message::Query(Bytes::from(vec![b' '; LONGEST_TEXT + 1]));
        assert!(Asked::of(&long).expect("it has a text").failed().is_none());
    }
}
