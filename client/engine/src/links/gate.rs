//! Who may begin a handshake. A handshake costs about a millisecond of our processor, an answer that asks for proof of the
//! address (a QUIC Retry, RFC 9000 section 8.1.2) almost nothing, and silence nothing.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Handshakes that one source may begin at once, and how long it takes to earn one more. A source can be a whole house.
const SOURCE: Rate = Rate { burst: 64, each: Duration::from_millis(125) };
/// Handshakes that all together may begin at once, and how long it takes to earn one more.
const EVERYBODY: Rate = Rate { burst: 256, each: Duration::from_micros(15_625) };
/// What nobody has proven an address for leaves this much to those who have.
const RESERVED: u32 = EVERYBODY.burst / 2;
/// Handshakes under way from which on addresses have to be proven.
const BUSY: usize = 8;
/// Sources remembered at once. The one that was heard of least recently is forgotten for a new one.
const SOURCES: usize = 1024;

/// Where a caller's packets come from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// Addresses of one subscriber. They can be forged until proven.
    Direct(IpAddr),
    /// The endpoint id that proved itself to the relay. Such ids are free, so all who come that way also share one rate.
    Relayed([u8; 32]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The handshake may begin.
    Admit,
    /// The caller must first prove that it gets what is sent to its address.
    Prove,
    /// The caller is told to go away.
    Refuse,
}

#[derive(Clone, Copy)]
struct Rate {
    burst: u32,
    each: Duration,
}

/// A token bucket, kept as the time at which it is full again.
#[derive(Clone, Copy)]
struct Bucket {
    full_at: Instant,
}

impl Bucket {
    fn left(&self, now: Instant, rate: Rate) -> u32 {
        let owed = self.full_at.saturating_duration_since(now);
        let units = owed.as_nanos().div_ceil(rate.each.as_nanos().max(1));
        rate.burst.saturating_sub(u32::try_from(units).unwrap_or(u32::MAX))
    }

    fn take(&mut self, now: Instant, rate: Rate) {
        let from = self.full_at.max(now);
        self.full_at = from.checked_add(rate.each).unwrap_or(from);
    }
}

pub(super) struct Gate {
    sources: HashMap<Source, Bucket>,
    direct: Bucket,
    relayed: Bucket,
}

impl Gate {
    pub fn new(now: Instant) -> Self {
        Self { sources: HashMap::new(), direct: Bucket { full_at: now }, relayed: Bucket { full_at: now } }
    }

    /// Decides on a caller. `proven`: its address is; `under_way`: handshakes that have begun and not ended.
    pub fn ask(&mut self, now: Instant, source: Source, proven: bool, under_way: usize) -> Verdict {
        let (everybody, proven) = match source {
            Source::Direct(_) => (&mut self.direct, proven),
            Source::Relayed(_) => (&mut self.relayed, true),
        };
        let left = everybody.left(now, EVERYBODY);
        if !proven {
            // Not charged to the source: who forges it must not spend what belongs to its owner.
            if under_way >= BUSY || left <= RESERVED {
                return Verdict::Prove;
            }
            everybody.take(now, EVERYBODY);
            return Verdict::Admit;
        }
        if left == 0 {
            return Verdict::Refuse;
        }
        if !self.sources.contains_key(&source) && self.sources.len() >= SOURCES {
            self.forget(now);
        }
        let own = self.sources.entry(source).or_insert(Bucket { full_at: now });
        if own.left(now, SOURCE) == 0 {
            return Verdict::Refuse;
        }
        own.take(now, SOURCE);
        match source {
            Source::Direct(_) => self.direct.take(now, EVERYBODY),
            Source::Relayed(_) => self.relayed.take(now, EVERYBODY),
        }
        Verdict::Admit
    }

    /// Of the calls just asked for at one moment so many were admitted, of one proven source or of several.
    #[cfg(feature = "fuzzing")]
    pub fn check(&self, admitted: u32, of_one: bool) {
        let most = if of_one { SOURCE.burst } else { EVERYBODY.burst };
        assert!(admitted <= most, "{admitted} callers are admitted at once");
        assert!(self.sources.len() <= SOURCES, "{} sources are remembered", self.sources.len());
    }

    /// Forgets everybody who owes nothing, or else the one who owes least.
    fn forget(&mut self, now: Instant) {
        self.sources.retain(|_, bucket| bucket.full_at > now);
        if self.sources.len() >= SOURCES
            && let Some(least) = self.sources.iter().min_by_key(|(_, bucket)| bucket.full_at).map(|(source, _)| *source)
        {
            self.sources.remove(&least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(i: u32) -> Source {
        Source::Direct(std::net::Ipv4Addr::from_bits(0x0a00_0000 + i).into())
    }

    fn count(verdicts: impl Iterator<Item = Verdict>, wanted: Verdict) -> u32 {
        verdicts.filter(|verdict| *verdict == wanted).count() as u32
    }

    #[test]
    fn one_source_can_not_use_up_what_belongs_to_all() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        assert_eq!(count((0..1000).map(|_| gate.ask(now, source(1), true, 0)), Verdict::Admit), SOURCE.burst);
        assert_eq!(gate.ask(now, source(2), true, 0), Verdict::Admit);
        let later = now + SOURCE.each * 3;
        assert_eq!(count((0..1000).map(|_| gate.ask(later, source(1), true, 0)), Verdict::Admit), 3);
    }

    #[test]
    fn forged_addresses_never_take_what_is_reserved_for_proven_ones() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let forged = (0..10_000).map(|i| gate.ask(now, source(i), false, 0));
        assert_eq!(count(forged, Verdict::Admit), EVERYBODY.burst - RESERVED);
        assert_eq!(gate.ask(now, source(7), false, 0), Verdict::Prove);
        let proven = (0..10_000).map(|i| gate.ask(now, source(i), true, 0));
        assert_eq!(count(proven, Verdict::Admit), RESERVED);
        assert_eq!(gate.ask(now, source(20_000), true, 0), Verdict::Refuse);
    }

    #[test]
    fn a_forger_can_not_spend_the_rate_of_the_one_it_pretends_to_be() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        for _ in 0..10_000 {
            gate.ask(now, source(1), false, 0);
        }
        assert_eq!(count((0..1000).map(|_| gate.ask(now, source(1), true, 0)), Verdict::Admit), SOURCE.burst);
    }

    #[test]
    fn address_is_proven_when_many_handshakes_are_under_way() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        assert_eq!(gate.ask(now, source(1), false, BUSY - 1), Verdict::Admit);
        assert_eq!(gate.ask(now, source(1), false, BUSY), Verdict::Prove);
        assert_eq!(gate.ask(now, source(1), true, BUSY), Verdict::Admit);
    }

    #[test]
    fn flood_by_relay_leaves_direct_callers_their_share() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let relayed = |i: u32| {
            let mut id = [0; 32];
            id[..4].copy_from_slice(&i.to_be_bytes());
            Source::Relayed(id)
        };
        assert_eq!(count((0..10_000).map(|i| gate.ask(now, relayed(i), false, 0)), Verdict::Admit), EVERYBODY.burst);
        assert_eq!(gate.ask(now, source(1), true, 0), Verdict::Admit);
        assert_eq!(gate.ask(now, relayed(1), false, 0), Verdict::Refuse);
    }

    #[test]
    fn the_memory_of_sources_is_bounded_and_keeps_who_owes_most() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        let mut now = start;
        for _ in 0..SOURCE.burst {
            assert_eq!(gate.ask(now, source(0), true, 0), Verdict::Admit);
        }
        for i in 1..5000 {
            now += Duration::from_micros(1);
            gate.ask(now, source(i), true, 0);
        }
        assert!(gate.sources.len() <= SOURCES);
        assert_eq!(gate.ask(now, source(0), true, 0), Verdict::Refuse, "a flood of others does not clear a debt");
    }
}
