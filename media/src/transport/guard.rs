//! Keeps a panic inside one `Rtc` from taking the other peers along.

use std::panic::{AssertUnwindSafe, catch_unwind};

use str0m::Rtc;

/// An `Rtc` that is gone for good after its first panic. str0m means its panics as bugs of its own or of its caller; whichever it
/// is, only this peer may pay for it.
pub(super) struct Guarded(Option<Box<Rtc>>);

/// The `Rtc` panicked, now or before.
#[derive(Debug)]
pub(super) struct Gone;

impl Guarded {
    /// Builds the `Rtc` under the same protection.
    pub(super) fn build(build: impl FnOnce() -> Rtc) -> Result<Self, Gone> {
        match catch_unwind(AssertUnwindSafe(build)) {
            Ok(rtc) => Ok(Self(Some(Box::new(rtc)))),
            Err(_) => Err(Gone),
        }
    }

    /// Runs `f`. The closure must not leave state of the caller half changed when it unwinds.
    pub(super) fn with<T>(&mut self, f: impl FnOnce(&mut Rtc) -> T) -> Result<T, Gone> {
        let rtc = self.0.as_deref_mut().ok_or(Gone)?;
        match catch_unwind(AssertUnwindSafe(|| f(rtc))) {
            Ok(value) => Ok(value),
            Err(_) => {
                self.discard();
                Err(Gone)
            }
        }
    }

    /// For questions that change nothing.
    pub(super) fn ask<T>(&self, f: impl FnOnce(&Rtc) -> T) -> Result<T, Gone> {
        let rtc = self.0.as_deref().ok_or(Gone)?;
        catch_unwind(AssertUnwindSafe(|| f(rtc))).map_err(|_| Gone)
    }

    pub(super) fn is_alive(&self) -> bool {
        self.ask(Rtc::is_alive).unwrap_or(false)
    }

    /// A state that has panicked may panic again in its drop.
    pub(super) fn discard(&mut self) {
        if let Some(rtc) = self.0.take() {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(rtc)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_panic_ends_this_rtc_and_nothing_else() {
        let mut guarded = Guarded::build(|| Rtc::builder().build(Instant::now())).unwrap();
        assert!(guarded.is_alive());
        // Misuse that str0m answers with a panic: a stream of media that was never declared.
        let misuse = guarded.with(|rtc| {
            rtc.direct_api().declare_stream_tx(1.into(), None, "none".into(), None);
        });
        assert!(misuse.is_err());
        assert!(!guarded.is_alive());
        assert!(guarded.with(|_| ()).is_err());
    }
}
