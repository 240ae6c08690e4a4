//! The types of the interface, generated from `wit/`.

#![allow(missing_docs, unreachable_pub)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "rules",
});

export!(Component);

use super::Component;
