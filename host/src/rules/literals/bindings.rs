//! The host's side of `wit/` with the literals, generated.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "rules-with-literals",
});
