//! The tests that go through the real binary, the real rules and a real socket.

mod access;
mod arrays;
mod bad_input;
mod clock;
mod components;
mod copy_memory;
mod embedding;
mod error_fields;
mod interrupted;
mod limits;
mod lock_waits;
mod lookup;
mod mutations;
mod patience;
mod pool;
mod psql;
mod returning;
mod rust_client;
mod start;
mod statements;
mod swap;
mod translate;
mod values;
mod vectors;
mod versions;
mod wire;
