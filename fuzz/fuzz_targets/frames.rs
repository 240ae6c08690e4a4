//! See `pgiris::fuzzing::frames`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pgiris::fuzzing::frames(data));
