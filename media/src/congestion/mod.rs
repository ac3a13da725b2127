//! How much one path carries: the receiver measures how long packets queue, the sender follows. Pure: time is an argument.
//!
//! Several paths that leave by one uplink see the same queue, back off together and so share it; see [`crate::uplink`].
//!
//! What is measured is the *least* transit time of each fifth of a second against the least of the last half minute. Jitter
//! scatters single packets and leaves the least of a dozen where it was; a queue lifts them all. Estimators that look at every
//! gap between packets (as GCC does, draft-ietf-rmcat-gcc-02) take the 40 ms of jitter of a busy radio for a queue, and starve.

mod control;
mod meter;

pub use control::Control;
pub use meter::{Meter, Report, ReportError};
