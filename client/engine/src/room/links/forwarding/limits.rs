//! How much one member may bring of others, whose words it only passes on.

use std::{collections::BTreeMap, time::Instant};

use group_crypto::MemberId;

use crate::room::{
    budget::{FORWARD_KIB, FORWARDS},
    meter::{Limit, Meter},
};

/// Passed-on messages that no key opens: of one sender by one member, and of all senders by that member. Beyond it nothing
/// of them is tried. Nobody loses a link for what another wrote.
const FAILED_OF_ONE: Limit = Limit::per_second(32, 1);
const FAILED_OF_ALL: Limit = Limit::per_second(256, 8);
/// What one member passes on for one other: half of what it may pass on for all, so that no flood crowds out the rest.
const BROUGHT: Limit = Limit::per_second(2500, 250);
const BROUGHT_KIB: Limit = Limit::per_second(8 * 1024, 512);
/// What we say ourselves to one member by way of another: half of what is passed on for us, so that one whom we have to
/// answer crowds out nobody else.
const SAID: Limit = Limit::per_second(128, 32);
const SAID_KIB: Limit = Limit::per_second(256, 64);

#[derive(Default)]
pub(in crate::room) struct Limits {
    /// What no key opens, by the member that passes it on and the one it is said to be from, or all of them.
    failed: BTreeMap<(MemberId, Option<MemberId>), Meter>,
    /// Messages and KiB that a member passed on, as they say, for another.
    brought: BTreeMap<(MemberId, MemberId), [Meter; 2]>,
    /// Messages and KiB that we had a member pass on: to one other, and to all.
    said: BTreeMap<(MemberId, Option<MemberId>), [Meter; 2]>,
}

impl Limits {
    /// Whether a message of so many bytes that `by` passes on leaves room for what `by` passes on for others than `from`.
    pub fn leaves_room(&mut self, now: Instant, by: MemberId, from: MemberId, bytes: usize) -> bool {
        let [messages, kib] = self.brought.entry((by, from)).or_default();
        let units = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        messages.charge(now, 1, &BROUGHT).is_ok() && kib.charge(now, units, &BROUGHT_KIB).is_ok()
    }

    /// Whether `by` passes a message of so many bytes on to `to`, beside what it was asked to pass on lately.
    pub fn may_say(&mut self, now: Instant, by: MemberId, to: MemberId, bytes: usize) -> bool {
        let units = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let mut charge = |to, limit: &Limit, kib_limit: &Limit| {
            let [messages, kib] = self.said.entry((by, to)).or_default();
            messages.charge(now, 1, limit).is_ok() && kib.charge(now, units, kib_limit).is_ok()
        };
        charge(Some(to), &SAID, &SAID_KIB) && charge(None, &FORWARDS, &FORWARD_KIB)
    }

    /// Whether keys are tried on what `by` passes on, as they say, for `from`.
    pub fn may_try(&self, now: Instant, by: MemberId, from: MemberId) -> bool {
        let is_within = |origin, limit| {
            self.failed.get(&(by, origin)).is_none_or(|meter: &Meter| meter.after(now, 1, limit).is_ok())
        };
        is_within(Some(from), &FAILED_OF_ONE) && is_within(None, &FAILED_OF_ALL)
    }

    pub fn note_failure(&mut self, now: Instant, by: MemberId, from: MemberId) {
        for (origin, limit) in [(Some(from), &FAILED_OF_ONE), (None, &FAILED_OF_ALL)] {
            // It was just seen to suffice.
            let _ = self.failed.entry((by, origin)).or_default().charge(now, 1, limit);
        }
    }

    pub fn forget(&mut self, member: MemberId) {
        self.failed.retain(|(by, from), _| *by != member && *from != Some(member));
        self.brought.retain(|(by, from), _| *by != member && *from != member);
        self.said.retain(|(by, to), _| *by != member && *to != Some(member));
    }
}
