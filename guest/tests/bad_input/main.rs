//! Runs what `fuzz/` fuzzes over texts that are the same every time: plans or a refusal, on a
//! stack as a component has one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::result_large_err,
    reason = "a test stops at the first surprise"
)]

mod depth;
#[path = "../../fuzz/entry.rs"]
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::expect_used,
    reason = "shared with the fuzz targets"
)]
mod entry;
#[path = "../support/long.rs"]
mod long;
mod mutation;
#[path = "../support/nests.rs"]
mod nests;
#[path = "../corpus/page.rs"]
#[allow(
    dead_code,
    reason = "the corpus test writes pages, this one reads them"
)]
mod page;
mod random;
mod tokens;

/// What is not optimized takes several times the stack of a component's megabyte.
const STACK: usize = if cfg!(debug_assertions) {
    5 << 20
} else {
    1 << 20
};

/// On a thread with such a stack.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    // Natively the parser's walks grow the stack when little is left; what is called at their
    // ends, such as a copy of a piece of the tree, needs more when it is not optimized.
    if cfg!(debug_assertions) {
        recursive::set_minimum_stack_size(1 << 20);
        recursive::set_stack_allocation_size(8 << 20);
    }
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.unwrap().join().expect("it does not panic");
}
