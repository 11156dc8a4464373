//! A deliberate trap, for the test that one object's trap leaves the others working.

#[cfg(not(feature = "test-trap"))]
pub(crate) use absent::{on_purpose, on_resuming};
#[cfg(feature = "test-trap")]
pub(crate) use present::{on_purpose, on_resuming};

#[cfg(not(feature = "test-trap"))]
mod absent {
    pub(crate) fn on_purpose(_requests: &[u8]) {}

    pub(crate) fn on_resuming(_wait: &[u8]) {}
}

#[cfg(feature = "test-trap")]
mod present {
    /// Traps when the requests carry this text. They have been committed by then, so that a trap
    /// also shows whether the commit is undone.
    const TEXT: &[u8] = b"eddyline-test-trap";

    /// Traps when a wait that is gone on with carries this text.
    const LATER: &[u8] = b"eddyline-test-later";

    /// Bytes of stack that the trap leaves behind: sixteen traps use up an instance's.
    const FRAME_BYTES: usize = 64 << 10;

    pub(crate) fn on_purpose(requests: &[u8]) {
        trap_if(requests, TEXT);
    }

    pub(crate) fn on_resuming(wait: &[u8]) {
        trap_if(wait, LATER);
    }

    fn trap_if(bytes: &[u8], wanted: &[u8]) {
        if bytes.windows(wanted.len()).any(|text| text == wanted) {
            let frame = core::hint::black_box([0_u8; FRAME_BYTES]);
            panic!("the request wants a trap, deep in the stack: {}", frame.len());
        }
    }
}
