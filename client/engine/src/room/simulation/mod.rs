//! Whole rooms in simulated time: every member in one thread, over links with delay and a seeded bad network.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a simulated room is a test, also where it is measured")]

#[cfg_attr(not(test), expect(dead_code, reason = "tests do more to a disk than measurements"))]
mod disk;
#[cfg_attr(not(test), expect(dead_code, reason = "tests do more to a world than measurements"))]
mod world;

#[cfg(feature = "fuzzing")]
pub mod hostile;
pub mod narrow;
#[cfg(feature = "fuzzing")]
pub mod restored;
#[cfg(feature = "fuzzing")]
pub mod shown;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod unsealed;

#[cfg(test)]
mod alone;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod carrying;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod closing;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod door;
#[cfg(test)]
mod doubt;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod forwarder;
#[cfg(test)]
mod greeting;
#[cfg(test)]
mod injection;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod large;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod middle;
#[cfg(test)]
mod misdial;
#[cfg(test)]
mod newer;
#[cfg(test)]
mod older;
#[cfg(test)]
mod purposes;
#[cfg(test)]
mod quota;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod sight;
#[cfg(test)]
mod suites;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod uplink;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod voice;
#[cfg(test)]
mod whereabouts;
