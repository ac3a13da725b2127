//! How much memory values hold: an allocator that counts what Rust asked for and has not given back.
//!
//! What C libraries allocate for themselves is not in it.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted. A benchmark that asks [`held_by`] has it as its `#[global_allocator]`.
pub struct Counted;

// SAFETY: every call goes on to the system's allocator as it came, which keeps the contract; the counter is beside it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Relaxed);
        // SAFETY: `pointer` came from `System`, by the call above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Bytes that what `make` makes holds on the heap and in itself, on a thread that has the process to itself.
pub fn held_by<T>(make: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.load(Relaxed);
    let made = make();
    let held = BYTES.load(Relaxed).saturating_sub(before);
    (made, held + size_of::<T>())
}
