//! What a receiver tells the sender of its voice: which of the latest packets came.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

/// Packets that a report speaks of.
pub const REPORTED: u64 = 128;
/// How often a report is due while packets come: four of five may be lost and nothing is left unsaid.
const EVERY: Duration = Duration::from_millis(500);
/// After so many new losses it is due sooner, but not sooner than this.
const LOSSES: u32 = 2;
const SOONEST: Duration = Duration::from_millis(100);

const VERSION: u8 = 1;
const BYTES: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no report of losses, or one of a later version")]
pub struct ReportError;

/// Which packets of a voice came, before any was repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossReport {
    /// The sequence number of the newest one.
    pub newest: u32,
    /// Bit n: packet `newest - n` came.
    pub came: u128,
}

impl LossReport {
    /// One byte of version, three that are 0, then both numbers, big endian.
    pub fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[4..8].copy_from_slice(&self.newest.to_be_bytes());
        bytes[8..].copy_from_slice(&self.came.to_be_bytes());
        bytes
    }

    /// What comes after is for later versions to say.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReportError> {
        let (&[version, _, _, _, a, b, c, d], rest) = bytes.split_first_chunk().ok_or(ReportError)?;
        let (&came, _) = rest.split_first_chunk().ok_or(ReportError)?;
        if version != VERSION {
            return Err(ReportError);
        }
        Ok(Self { newest: u32::from_be_bytes([a, b, c, d]), came: u128::from_be_bytes(came) })
    }

    pub(super) fn oldest(&self) -> u64 {
        (u64::from(self.newest) + 1).saturating_sub(REPORTED).max(1)
    }

    pub(super) fn came(&self, number: u64) -> bool {
        let behind = u64::from(self.newest).checked_sub(number);
        behind.is_some_and(|behind| behind < REPORTED && self.came >> behind & 1 == 1)
    }
}

/// Takes note of the packets of one voice as they come. One per peer and transport.
#[derive(Clone, Copy, Debug, Default)]
pub struct LossMeter {
    newest: u64,
    came: u128,
    reported: Option<Instant>,
    unreported: u64,
    losses: u32,
}

impl LossMeter {
    pub fn arrived(&mut self, sequence: u64) {
        if self.newest == 0 {
            // Packets before the first one that came may have been sent before anybody could receive them.
            *self = Self { newest: sequence, came: u128::MAX, ..*self };
        } else if let Some(ahead) = sequence.checked_sub(self.newest).filter(|ahead| *ahead > 0) {
            self.came = if ahead < REPORTED { self.came << ahead | 1 } else { 1 };
            self.newest = sequence;
            self.losses = self.losses.saturating_add(u32::try_from(ahead.saturating_sub(1)).unwrap_or(u32::MAX));
        } else if let Some(behind) = self.newest.checked_sub(sequence).filter(|behind| *behind < REPORTED) {
            self.came |= 1 << behind;
        }
        self.unreported = self.unreported.saturating_add(1);
    }

    /// When the next report is due.
    pub fn next_timeout(&self, now: Instant) -> Option<Instant> {
        let reported = self.reported.unwrap_or(now);
        (self.unreported > 0).then(|| reported + if self.losses >= LOSSES { SOONEST } else { EVERY })
    }

    /// The report, if one is due.
    pub fn report(&mut self, now: Instant) -> Option<LossReport> {
        let due = self.next_timeout(now)?;
        if self.reported.is_none() {
            self.reported = Some(now);
        }
        if now < due {
            return None;
        }
        self.reported = Some(now);
        (self.unreported, self.losses) = (0, 0);
        Some(LossReport { newest: u32::try_from(self.newest).unwrap_or(u32::MAX), came: self.came })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_comes_back_from_its_bytes_unless_strange() {
        let report = LossReport { newest: 70_000, came: u128::MAX << 3 };
        assert_eq!(LossReport::from_bytes(&report.to_bytes()), Ok(report));
        assert_eq!(LossReport::from_bytes(&report.to_bytes()[..23]), Err(ReportError));
        assert_eq!(LossReport::from_bytes(&[0; 24]), Err(ReportError));
    }

    #[test]
    fn a_report_says_what_came_and_nothing_about_what_was_before() {
        let mut meter = LossMeter::default();
        let start = Instant::now();
        assert_eq!(meter.report(start), None);
        for sequence in [40, 41, 44, 43] {
            meter.arrived(sequence);
        }
        assert_eq!(meter.report(start), None);
        let report = meter.report(start + EVERY).unwrap();
        assert_eq!(report.newest, 44);
        assert!((1..=44).all(|n| report.came(n) == (n != 42)));
        assert!(!report.came(45));
    }

    #[test]
    fn losses_are_told_sooner_and_silence_is_not_told() {
        let mut meter = LossMeter::default();
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        meter.arrived(1);
        meter.report(start);
        assert!(meter.report(after(500)).is_some());
        assert_eq!(meter.report(after(5000)), None);
        meter.arrived(9);
        assert!(meter.report(after(601)).is_some());
    }

    #[test]
    fn no_sequence_number_is_too_strange() {
        let mut meter = LossMeter::default();
        for sequence in [0, 5, u64::MAX, 0, 1 << 40, 7] {
            meter.arrived(sequence);
            meter.report(Instant::now() + EVERY);
        }
    }
}
