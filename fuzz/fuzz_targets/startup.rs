//! See `pgiris::fuzzing::startup`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pgiris::fuzzing::startup(data));
