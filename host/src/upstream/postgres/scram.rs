//! The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS; manual, "SASL Authentication".

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::AuthenticationSaslBody;
use postgres_protocol::message::frontend;

use super::encryption::{Binding, ChannelBinding as Wish};
use super::fault;
use super::startup::unsendable;
use crate::upstream::UpstreamError;

/// How far a log-in has come.
pub(super) struct Scram {
    wish: Wish,
    end_point: Option<Vec<u8>>,
    stage: Stage,
    /// The log-in is bound to the encrypted connection: nobody between the two ends has
    /// passed it on.
    is_bound: bool,
}

enum Stage {
    NotAsked,
    Running(Box<ScramSha256>),
    /// The server has proved that it knows the password, too.
    Finished,
}

impl Scram {
    pub(super) fn new(binding: Binding) -> Self {
        Self {
            wish: binding.wish,
            end_point: binding.end_point,
            stage: Stage::NotAsked,
            is_bound: false,
        }
    }

    pub(super) fn begin(
        &mut self,
        offer: &AuthenticationSaslBody,
        password: &[u8],
        out: &mut BytesMut,
    ) -> Result<(), UpstreamError> {
        let offers: Vec<&str> = offer.mechanisms().collect().map_err(failed)?;
        let end_point = match self.wish {
            Wish::Disable => None,
            Wish::Prefer | Wish::Require => self.end_point.take(),
        };
        let (mechanism, binding) = match end_point {
            Some(data) if offers.contains(&SCRAM_SHA_256_PLUS) => {
                self.is_bound = true;
                (
                    SCRAM_SHA_256_PLUS,
                    ChannelBinding::tls_server_end_point(data),
                )
            }
            // Tells a server whose offer somebody has shortened on the way that more was possible.
            Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        };
        if !self.is_bound {
            self.require_unbound()?;
        }
        if !offers.contains(&mechanism) {
            return Err(fault::lost(
                "the server offers no SASL mechanism that is supported",
            ));
        }
        let scram = Box::new(ScramSha256::new(password, binding));
        frontend::sasl_initial_response(mechanism, scram.message(), out).map_err(unsendable)?;
        self.stage = Stage::Running(scram);
        Ok(())
    }

    pub(super) fn respond(
        &mut self,
        challenge: &[u8],
        out: &mut BytesMut,
    ) -> Result<(), UpstreamError> {
        let Stage::Running(scram) = &mut self.stage else {
            return Err(fault::nonsense("a SASL challenge out of turn"));
        };
        scram.update(challenge).map_err(failed)?;
        frontend::sasl_response(scram.message(), out).map_err(unsendable)
    }

    pub(super) fn finish(&mut self, outcome: &[u8]) -> Result<(), UpstreamError> {
        let Stage::Running(scram) = &mut self.stage else {
            return Err(fault::nonsense("a SASL outcome out of turn"));
        };
        scram.finish(outcome).map_err(failed)?;
        self.stage = Stage::Finished;
        Ok(())
    }

    /// A server that skips its proof may be somebody else.
    pub(super) fn require_finished(&self) -> Result<(), UpstreamError> {
        match self.stage {
            Stage::Running(_) => Err(fault::nonsense(
                "it did not prove that it knows the password",
            )),
            Stage::NotAsked => self.require_unbound(),
            Stage::Finished => Ok(()),
        }
    }

    /// That a log-in will do that is not bound to the connection.
    pub(super) fn require_unbound(&self) -> Result<(), UpstreamError> {
        match self.wish {
            Wish::Require => Err(fault::lost(
                "the server does not bind the log-in to the encrypted connection, and \
                 channel_binding=require demands it: it must encrypt, and ask for SCRAM-SHA-256",
            )),
            Wish::Disable | Wish::Prefer => Ok(()),
        }
    }
}

fn failed(error: std::io::Error) -> UpstreamError {
    fault::lost(format!("cannot log in: {error}"))
}
