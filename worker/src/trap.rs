//! A deliberate trap, for the test that one object's trap leaves the others working.

#[cfg(not(feature = "test-trap"))]
pub(crate) use absent::on_purpose;
#[cfg(feature = "test-trap")]
pub(crate) use present::on_purpose;

#[cfg(not(feature = "test-trap"))]
mod absent {
    pub(crate) fn on_purpose(_requests: &[u8]) {}
}

#[cfg(feature = "test-trap")]
mod present {
    /// Traps when the requests carry this text. They have been committed by then, so that a trap
    /// also shows whether the commit is undone.
    const TEXT: &[u8] = b"eddyline-test-trap";

    /// Bytes of stack that the trap leaves behind: sixteen traps use up an instance's.
    const FRAME_BYTES: usize = 64 << 10;

    pub(crate) fn on_purpose(requests: &[u8]) {
        if requests.windows(TEXT.len()).any(|text| text == TEXT) {
            let frame = core::hint::black_box([0_u8; FRAME_BYTES]);
            panic!("the request wants a trap, deep in the stack: {}", frame.len());
        }
    }
}
