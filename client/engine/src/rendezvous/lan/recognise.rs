//! Who among the instances on the LAN is somebody we look for: no sockets, no clock.

use std::collections::BTreeMap;

use super::instance::Sighting;
use crate::rendezvous::{
    Whereabouts,
    keys::{DayKeys, Secret, Side, days, keys},
    record::{RecordError, open},
    schedule::PairId,
};

/// At most so many pairs are looked for.
pub const MAX_LOOKED_FOR: usize = 256;
/// So many instances are remembered, for pairs that are looked for later; one more makes the oldest forgotten.
pub const MAX_REMEMBERED: usize = 1024;

/// Somebody we looked for is on the LAN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub pair: PairId,
    pub whereabouts: Whereabouts,
    /// When they said so, Unix time, s.
    pub published: u64,
}

#[derive(Default)]
pub struct Recogniser {
    looked_for: BTreeMap<PairId, LookedFor>,
    remembered: BTreeMap<String, (u64, Sighting)>,
    sightings: u64,
}

struct LookedFor {
    secret: Secret,
    other: Side,
    keys: Vec<(u64, DayKeys)>,
    last: Option<Found>,
    is_ahead: bool,
}

impl Recogniser {
    /// Looks for the other one of a pair of which we are `side`, among all seen so far and those to come.
    /// `false` if there is no place for one more.
    pub fn look_for(&mut self, pair: PairId, secret: Secret, side: Side) -> bool {
        if !self.looked_for.contains_key(&pair) && self.looked_for.len() >= MAX_LOOKED_FOR {
            return false;
        }
        let looked_for = LookedFor { secret, other: side.other(), keys: Vec::new(), last: None, is_ahead: false };
        self.looked_for.insert(pair, looked_for);
        true
    }

    pub fn forget(&mut self, pair: PairId) {
        self.looked_for.remove(&pair);
    }

    /// The newest that the remembered instances say of a pair, at `now` (Unix time, s).
    pub fn among_remembered(&mut self, pair: PairId, now: u64) -> Option<Found> {
        let looked_for = self.looked_for.get_mut(&pair)?;
        let found = self.remembered.values().filter_map(|(_, sighting)| looked_for.recognise(pair, sighting, now));
        found.max_by_key(|found| found.published)
    }

    /// An instance was seen, or says something new, at `now` (Unix time, s).
    pub fn sighted(&mut self, name: String, sighting: Sighting, now: u64) -> Option<Found> {
        let mut pairs = self.looked_for.iter_mut();
        let found = pairs.find_map(|(pair, looked_for)| looked_for.recognise(*pair, &sighting, now));
        self.sightings = self.sightings.saturating_add(1);
        self.remembered.insert(name, (self.sightings, sighting));
        if self.remembered.len() > MAX_REMEMBERED {
            let oldest = self.remembered.iter().min_by_key(|(_, (order, _))| *order).map(|(name, _)| name.clone());
            oldest.map(|name| self.remembered.remove(&name));
        }
        found
    }

    /// Whether the record of anybody looked for came from the future since this was asked last.
    pub fn take_ahead(&mut self) -> bool {
        self.looked_for.values_mut().map(|it| std::mem::take(&mut it.is_ahead)).filter(|is_ahead| *is_ahead).count() > 0
    }

    pub fn gone(&mut self, name: &str) {
        self.remembered.remove(name);
    }
}

impl LookedFor {
    /// What the sighting says of the pair, unless it is somebody else's, not to be believed, or known already.
    fn recognise(&mut self, pair: PairId, sighting: &Sighting, now: u64) -> Option<Found> {
        if !days(now).eq(self.keys.iter().map(|(day, _)| *day)) {
            self.keys = days(now).map(|day| (day, keys(&self.secret, self.other, day))).collect();
        }
        let (_, keys) = self.keys.iter().find(|(_, keys)| keys.recognises(&sighting.nonce, &sighting.token))?;
        let opened = open(keys, &sighting.sealed, now);
        self.is_ahead |= matches!(opened, Err(RecordError::FromTheFuture));
        let (whereabouts, published) = opened.ok()?;
        let found = Found { pair, whereabouts, published };
        let older = self.last.as_ref().is_some_and(|last| last.published > published || *last == found);
        if older {
            return None;
        }
        self.last = Some(found.clone());
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rendezvous::keys::{CLOCK_MARGIN, DAY};

    const NOW: u64 = 20_000 * DAY + 12 * 3600;

    fn secret(byte: u8) -> Secret {
        Secret::from_bytes([byte; 32])
    }

    fn at(port: u16) -> Whereabouts {
        Whereabouts { endpoint: [7; 32], relays: Vec::new(), addresses: vec![([192, 0, 2, 1], port).into()] }
    }

    fn sighting(byte: u8, side: Side, port: u16, now: u64) -> Sighting {
        Sighting::make(&keys(&secret(byte), side, now / DAY), &at(port), now).unwrap()
    }

    fn looking() -> Recogniser {
        let mut recogniser = Recogniser::default();
        assert!(recogniser.look_for(PairId(1), secret(1), Side::Higher));
        recogniser
    }

    #[test]
    fn only_the_other_side_of_the_pair_is_recognised() {
        let mut recogniser = looking();
        let mut see = |sighting: Sighting| recogniser.sighted("x".into(), sighting, NOW).map(|found| found.whereabouts);
        assert_eq!(see(sighting(2, Side::Lower, 5, NOW)), None, "another pair");
        assert_eq!(see(sighting(1, Side::Higher, 5, NOW)), None, "ourselves");
        assert_eq!(see(sighting(1, Side::Lower, 5, NOW)), Some(at(5)));
    }

    #[test]
    fn who_was_seen_before_is_found_when_looked_for() {
        let mut recogniser = Recogniser::default();
        assert_eq!(recogniser.sighted("a".into(), sighting(1, Side::Lower, 5, NOW - 9), NOW), None);
        assert_eq!(recogniser.sighted("b".into(), sighting(1, Side::Lower, 6, NOW), NOW), None);
        recogniser.look_for(PairId(1), secret(1), Side::Higher);
        assert_eq!(recogniser.among_remembered(PairId(1), NOW).unwrap().whereabouts, at(6), "the newest");
        recogniser.gone("b");
        recogniser.look_for(PairId(1), secret(1), Side::Higher);
        assert_eq!(recogniser.among_remembered(PairId(1), NOW).unwrap().whereabouts, at(5));
    }

    #[test]
    fn the_same_is_found_once_and_the_older_not_at_all() {
        let mut recogniser = looking();
        let first = sighting(1, Side::Lower, 5, NOW);
        assert!(recogniser.sighted("a".into(), first.clone(), NOW).is_some());
        assert!(recogniser.sighted("a".into(), first, NOW).is_none());
        assert!(recogniser.sighted("b".into(), sighting(1, Side::Lower, 4, NOW - 5), NOW).is_none());
        assert!(recogniser.sighted("a".into(), sighting(1, Side::Lower, 6, NOW + 5), NOW).is_some());
    }

    #[test]
    fn a_token_copied_to_another_record_finds_nobody() {
        let mut recogniser = looking();
        let theirs = sighting(1, Side::Lower, 5, NOW);
        let strangers = sighting(2, Side::Lower, 6, NOW);
        let mixed = Sighting { sealed: strangers.sealed, ..theirs };
        assert_eq!(recogniser.sighted("x".into(), mixed, NOW), None);
    }

    #[test]
    fn clocks_two_hours_apart_around_midnight_find_each_other() {
        let midnight = 20_001 * DAY;
        for own in (midnight - 3 * 3600..midnight + 3 * 3600).step_by(600) {
            for their in [own - CLOCK_MARGIN, own + CLOCK_MARGIN] {
                let found = looking().sighted("x".into(), sighting(1, Side::Lower, 5, their), own);
                assert!(found.is_some(), "{own} {their}");
            }
        }
    }

    #[test]
    fn record_from_the_future_is_told_once_and_only_of_contacts() {
        let mut recogniser = looking();
        for (byte, is_told) in [(2, false), (1, true)] {
            let ahead = sighting(byte, Side::Lower, 5, NOW + CLOCK_MARGIN + 1);
            assert_eq!(recogniser.sighted("x".into(), ahead, NOW), None);
            assert_eq!((recogniser.take_ahead(), recogniser.take_ahead()), (is_told, false));
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let mut recogniser = Recogniser::default();
        recogniser.sighted("z first".into(), sighting(1, Side::Lower, 5, NOW), NOW);
        for n in 0..MAX_REMEMBERED {
            recogniser.sighted(format!("{n}"), sighting(2, Side::Lower, 5, NOW), NOW);
        }
        assert_eq!(recogniser.remembered.len(), MAX_REMEMBERED);
        recogniser.look_for(PairId(1), secret(1), Side::Higher);
        assert_eq!(recogniser.among_remembered(PairId(1), NOW), None);
        for n in 2..=MAX_LOOKED_FOR {
            assert!(recogniser.look_for(PairId(n as u64), secret(3), Side::Higher));
        }
        assert!(!recogniser.look_for(PairId(9999), secret(3), Side::Higher));
    }
}
