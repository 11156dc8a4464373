//! What a module without std needs of its own: an allocator, and what a panic is.

/// The allocator that std itself uses on this platform.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is a trap: an ordinary exception on the JavaScript side, after which the host drops the
/// engine. Its message is not built; the `debug-panics` feature, with std, prints it.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
