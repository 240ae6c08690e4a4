//! Statements that a candidate for the rules translates, too.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Session, facts};
use crate::frontend::message::{Message, Parse};
use crate::rules::wit::Protocol;
use crate::server::Rules;
use crate::shadow::Sampled;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Whether a message has a part in a trial, by chance.
    pub(super) fn draw(&self, message: &Message) -> Option<Box<Sampled>> {
        let (text, protocol, types) = match message {
            Message::Query(text) => (text, Protocol::Simple, &[][..]),
            Message::Parse(Parse {
                text,
                parameter_types,
                ..
            }) => (text, Protocol::Extended, &parameter_types[..]),
            _ => return None,
        };
        if self.console.is_some() {
            return None;
        }
        let trial = self.shadow.draw()?;
        let mut sampled = Sampled::new(trial, Arc::clone(&self.view));
        sampled.text(std::str::from_utf8(text).ok()?, 0, protocol, types);
        Some(Box::new(sampled))
    }

    /// Hands over what has come of a message. `before`: the rules and facts by which it was answered.
    pub(super) fn hand_over(
        &self,
        sampled: Sampled,
        (rules, active): (Rules, crate::rules::Facts),
    ) {
        let version = rules.is_known.then_some(rules.version);
        let candidate = sampled.trial().candidate(version);
        let wanted = |generation: &crate::rules::Generation| generation.manifest().settings.clone();
        let told = match wanted(&candidate) == wanted(&rules.generation) {
            true => active.clone(),
            false => {
                let asked = Rules {
                    generation: Arc::clone(&candidate),
                    ..rules.clone()
                };
                let temporary = self.temporary.told();
                facts(
                    &asked,
                    &self.user,
                    &self.database,
                    &self.settings,
                    temporary,
                )
            }
        };
        sampled.hand_over(
            &self.database,
            (rules.generation, active),
            (candidate, told),
        );
    }
}
