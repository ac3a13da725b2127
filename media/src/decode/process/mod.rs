//! Decoding of what others send, in a process of its own: without keys, sockets and files, whatever a picture does to the codec.
//!
//! Access units go in by a socket pair, pictures come out through shared memory. The program runs itself once more for that
//! (see [`serve_if_asked`]), so nothing else has to be installed.

#[cfg(target_os = "linux")]
mod child;
mod decoders;
#[cfg(target_os = "linux")]
mod parent;
#[cfg(target_os = "linux")]
mod protocol;
#[cfg(target_os = "linux")]
mod remote;
#[cfg(target_os = "linux")]
mod restarts;
#[cfg(target_os = "linux")]
mod sandbox;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

pub use decoders::{Decoders, DecodersFigures, Owner, Shown};

/// Whether `main` began with [`serve_if_asked`].
static CAN_SERVE: AtomicBool = AtomicBool::new(false);

/// Runs as the decoder and never returns, if this process was started as one. Programs that decode with
/// [`DecoderHost::Process`] call it first of all in `main`.
pub fn serve_if_asked() {
    CAN_SERVE.store(true, Relaxed);
    #[cfg(target_os = "linux")]
    if std::env::args_os().nth(1).is_some_and(|mode| mode == protocol::MODE) {
        child::serve();
    }
}

/// Where what others send is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecoderHost {
    /// In a process of its own, which runs this program; it has to call [`serve_if_asked`].
    Process(PathBuf),
    /// In this process, without a sandbox: for measurements and tests of other things.
    InProcess,
}

impl DecoderHost {
    /// The program that runs now, once more; [`Self::InProcess`] in one that could not serve, such as a test.
    pub fn this_program() -> Self {
        if !CAN_SERVE.load(Relaxed) {
            return Self::InProcess;
        }
        // On Linux this is the file that runs, even where an update has replaced it.
        let program = if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() };
        program.map_or(Self::InProcess, Self::Process)
    }
}

/// How the decoder is kept from everything else, from nothing to all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sandboxed {
    /// It has the rights of the program.
    #[default]
    No,
    /// It has a process of its own, and the system refused some of the rest.
    Partly,
    /// It can read what it decodes and write pictures, and ask the system for memory; nothing else.
    Yes,
}
