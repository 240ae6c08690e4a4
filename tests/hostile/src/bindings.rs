//! The types of the interface, generated from `wit/` and of what WASI could grant, from this crate's own.

#![allow(missing_docs, unreachable_pub)]

wit_bindgen::generate!({
    path: ["../../wit", "wit"],
    world: "pgiris:hostile/hostile",
    generate_all,
});

export!(Component);

use super::Component;
