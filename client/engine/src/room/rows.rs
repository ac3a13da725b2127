//! What a room writes down for good because others say so: lines, calls that were missed, new names.
//!
//! Each member has a share that nobody else can use up. What goes beyond it comes out of a quota that the whole room has in
//! common, so that many who lie together fill no disk. Lines that exceed it wait with their sender; a missed call is not
//! noted, and a new name is not taken.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use super::meter::{Limit, Meter};

/// Bytes of a unit. What stands around the text of a row costs one more.
const UNIT: usize = 256;
/// 512 KiB of each member at once, and 256 bytes a second after that.
const SHARE: Limit = Limit::per_second(2 * 1024, 1);
/// 64 MiB of all together at once, and 4 KiB a second after that.
const COMMON: Limit = Limit::per_second(256 * 1024, 16);
/// That the quota is used up is said this often.
const SAY_AGAIN: Duration = Duration::from_secs(60 * 60);

/// What each member has left of its own, and what all have left in common.
#[derive(Default)]
pub(super) struct Rows {
    shares: BTreeMap<MemberId, Meter>,
    common: Meter,
    /// Something had to wait since this was asked last.
    is_short: bool,
    said: Option<Instant>,
}

impl Rows {
    /// Charges a member for a row of so many units.
    ///
    /// # Errors
    /// When there may be room for it, if not now. Nothing is charged then.
    pub fn charge(&mut self, now: Instant, member: MemberId, units: u32) -> Result<(), Instant> {
        let Err(own) = self.shares.entry(member).or_default().charge(now, units, &SHARE) else {
            return Ok(());
        };
        self.common.charge(now, units, &COMMON).map_err(|common| {
            self.is_short = true;
            own.min(common)
        })
    }

    pub fn forget(&mut self, member: MemberId) {
        self.shares.remove(&member);
    }

    /// Whether it is to be said that rows have to wait.
    pub fn is_to_be_said(&mut self, now: Instant) -> bool {
        let is_short = std::mem::take(&mut self.is_short);
        let is_due = self.said.is_none_or(|said| now.saturating_duration_since(said) >= SAY_AGAIN);
        if is_short && is_due {
            self.said = Some(now);
        }
        is_short && is_due
    }
}

/// What a row with a text of so many bytes costs.
pub(super) fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LONG: usize = 8 * 1024;

    /// Bytes of these members' rows that are written at this time, each saying as much as it can.
    fn written(rows: &mut Rows, now: Instant) -> usize {
        let mut bytes = 0;
        for liar in 1..=127 {
            let liar = MemberId([liar; 16]);
            bytes += (0..1024).take_while(|_| rows.charge(now, liar, units(LONG)).is_ok()).count() * LONG;
        }
        bytes
    }

    #[test]
    fn many_members_together_fill_no_disk() {
        let (mut rows, now) = (Rows::default(), Instant::now());
        let at_once = written(&mut rows, now);
        assert!((64 << 20..130 << 20).contains(&at_once), "{at_once} bytes at once");
        let in_an_hour: usize = (1..=60).map(|minute| written(&mut rows, now + 60 * minute * SECOND)).sum();
        assert!(in_an_hour < 150 << 20, "{in_an_hour} bytes in an hour");
    }

    #[test]
    fn quota_used_up_by_others_leaves_each_member_a_share() {
        let (mut rows, mut now) = (Rows::default(), Instant::now());
        written(&mut rows, now);
        let honest = MemberId([200; 16]);
        for _ in 0..1000 {
            assert_eq!(rows.charge(now, honest, units(100)), Ok(()));
            now += 2 * SECOND;
        }
    }

    #[test]
    fn want_of_room_is_said_once_an_hour() {
        let (mut rows, now) = (Rows::default(), Instant::now());
        assert!(!rows.is_to_be_said(now));
        let mut said = 0;
        for minute in 0..120 {
            let now = now + 60 * minute * SECOND;
            written(&mut rows, now);
            said += usize::from(rows.is_to_be_said(now));
        }
        assert_eq!(said, 2);
    }
}
