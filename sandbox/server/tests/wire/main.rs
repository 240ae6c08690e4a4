//! The server through its real binary: what comes over the wire.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod client;
mod clients;
mod corpus;
mod faults;
#[path = "../../../tests/corpus/fence.rs"]
mod fence;
mod process;
mod protocol;
mod slt;
#[allow(dead_code, reason = "only its parsing is needed here")]
#[path = "../../../tests/corpus/transcript.rs"]
mod transcript;
