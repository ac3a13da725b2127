//! What a program does first, so that its memory stays its own: keys, names and texts are in it.

use std::io;

/// What the system did not grant. The program runs, and a crash or another program of the same user may show its memory.
#[derive(Debug, thiserror::Error)]
#[error("this system does not keep the program's memory from core dumps and other programs: {}", .0.kind())]
pub struct HardeningError(#[from] io::Error);

/// Leaves no core dump when the process crashes, and on Linux lets no other process of the same user read its memory or
/// attach to it (`PR_SET_DUMPABLE` of prctl(2)). Does nothing on systems that are not Unix.
///
/// Memory is not locked: the usual limit of a user is 8 MiB, and with `mlockall` every allocation beyond it would fail.
/// SQLCipher locks the pages of its own keys.
///
/// # Errors
///
/// What the system says when it refuses. To be told to the person.
pub fn harden_process() -> Result<(), HardeningError> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(io::Error::from)?;
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(io::Error::from)?;
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    use super::*;

    /// In this process of tests, which then leaves no core dump either.
    #[test]
    fn process_is_not_dumpable_once_it_is_hardened() {
        harden_process().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
