//! What is read of a link and given to nobody: fences, receipts, the beginnings of streams, datagrams of strangers. No budget of
//! a room sees it, so that it is counted here.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use tokio::sync::watch;

use super::framing::Known;
use crate::room::meter::{Limit, Meter};

/// Of a stranger, in all.
const STRANGERS_ITEMS: u32 = 256;
const STRANGERS_BYTES: usize = 64 * 1024;
/// Of a member. An honest one has some ten receipts a second.
const ITEMS: Limit = Limit::per_second(1000, 1000);
const BYTES: Limit = Limit::per_second(64 * 1024, 64 * 1024);
/// Streams in one direction, as long as a link lasts: each is opened once.
const STREAMS: u32 = 8;

/// A stream is over before its time, or what came on it breaks a rule: the link is at its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

pub(super) struct Counted {
    is_known: watch::Receiver<Known>,
    so_far: Mutex<SoFar>,
}

#[derive(Default)]
struct SoFar {
    items: u32,
    bytes: usize,
    streams: u32,
    members_items: Meter,
    members_bytes: Meter,
}

impl Counted {
    pub fn new(is_known: watch::Receiver<Known>) -> Self {
        Self { is_known, so_far: Mutex::default() }
    }

    /// Something of so many bytes was read.
    ///
    /// # Errors
    /// Where it is more than anybody may say.
    pub fn read(&self, bytes: usize) -> Result<(), Broken> {
        let is_member = *self.is_known.borrow() == Known::Yes;
        self.so_far(|so_far| so_far.read(Instant::now(), is_member, bytes))
    }

    /// A stream in one direction was opened.
    ///
    /// # Errors
    /// Where there were more than anybody has.
    pub fn opened(&self) -> Result<(), Broken> {
        self.so_far(|so_far| {
            so_far.streams = so_far.streams.saturating_add(1);
            if so_far.streams <= STREAMS { Ok(()) } else { Err(Broken) }
        })
    }

    /// Plain numbers: a panic elsewhere leaves nothing half done in them.
    fn so_far<T>(&self, f: impl FnOnce(&mut SoFar) -> T) -> T {
        f(&mut self.so_far.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SoFar {
    fn read(&mut self, now: Instant, is_member: bool, bytes: usize) -> Result<(), Broken> {
        if is_member {
            let units = u32::try_from(bytes).unwrap_or(u32::MAX);
            let is_within = self.members_items.charge(now, 1, &ITEMS).is_ok()
                && self.members_bytes.charge(now, units, &BYTES).is_ok();
            return if is_within { Ok(()) } else { Err(Broken) };
        }
        (self.items, self.bytes) = (self.items.saturating_add(1), self.bytes.saturating_add(bytes));
        if self.items <= STRANGERS_ITEMS && self.bytes <= STRANGERS_BYTES { Ok(()) } else { Err(Broken) }
    }
}

/// The fences on the stream of control. An honest end has a message behind each, and never one that was passed.
#[derive(Default)]
pub(super) struct Fences {
    last: u64,
    /// A message came since then.
    is_due: bool,
}

impl Fences {
    pub fn on_message(&mut self) {
        self.is_due = true;
    }

    /// # Errors
    /// For a fence right behind another one, or before any message, or lower than the last.
    pub fn on_fence(&mut self, after: u64) -> Result<(), Broken> {
        if !std::mem::take(&mut self.is_due) || after < self.last {
            return Err(Broken);
        }
        self.last = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(so_far: &mut SoFar, now: Instant, is_member: bool, bytes: usize) -> usize {
        (0..5000).take_while(|_| so_far.read(now, is_member, bytes).is_ok()).count()
    }

    #[test]
    fn stranger_has_a_share_for_the_whole_link() {
        let now = Instant::now();
        assert_eq!(read(&mut SoFar::default(), now, false, 12), 256);
        let mut so_far = SoFar::default();
        assert_eq!(read(&mut so_far, now, false, 1024), 64);
        assert_eq!(read(&mut so_far, now + Duration::from_secs(60), false, 1), 0);
    }

    #[test]
    fn member_has_a_share_of_each_second() {
        let (mut so_far, now) = (SoFar::default(), Instant::now());
        assert_eq!(read(&mut so_far, now, true, 9), 1000);
        assert_eq!(read(&mut so_far, now + Duration::from_secs(1), true, 9), 1000);
    }

    #[test]
    fn fence_has_a_message_before_it() {
        let mut fences = Fences::default();
        assert_eq!(fences.on_fence(1), Err(Broken), "nothing was said yet");
        fences.on_message();
        assert_eq!(fences.on_fence(5), Ok(()));
        assert_eq!(fences.on_fence(6), Err(Broken));
        fences.on_message();
        assert_eq!(fences.on_fence(6), Ok(()));
        fences.on_message();
        assert_eq!(fences.on_fence(6), Ok(()), "a farewell, and the end of the link");
        fences.on_message();
        assert_eq!(fences.on_fence(5), Err(Broken));
    }
}
