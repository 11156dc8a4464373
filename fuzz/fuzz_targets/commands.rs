//! The fuzzer's door to [`eddyline_fuzz::commands`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eddyline_fuzz::commands(data));
