//! The host's side of `wit/`, generated.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "rules",
    additional_derives: [PartialEq],
});
