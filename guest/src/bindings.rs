//! The types of the interface, generated from `wit/` and used by native callers as well.

#![allow(missing_docs, unreachable_pub)]

wit_bindgen::generate!({
    path: "../wit",
    world: "whole-rules",
    pub_export_macro: true,
    export_macro_name: "export_rules",
    default_bindings_module: "pgiris_rules::bindings",
    additional_derives: [PartialEq],
});
