//! A small bad network in simulated time: delay, jitter, reordering and loss, the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Numbers that look random and are the same every time.
#[derive(Clone)]
pub struct Random(fastrand::Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// 0 to `end`, without `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end.max(1))
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.0.u8(..)).take(len).collect()
    }
}

/// How each datagram fares, in each direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions {
    pub delay: Duration,
    /// Up to this much more, different for each datagram: enough of it reorders.
    pub jitter: Duration,
    /// 0 to 1.
    pub loss: f64,
}

pub const SECOND: Duration = Duration::from_secs(1);

pub fn milliseconds(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub fn lan() -> Conditions {
    Conditions { delay: milliseconds(20), ..Conditions::default() }
}

pub fn lossy(loss: f64) -> Conditions {
    Conditions { delay: milliseconds(20), jitter: milliseconds(5), loss }
}

pub struct Datagram {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
}

pub struct Net {
    pub conditions: Conditions,
    random: Random,
    /// By time of arrival, then by number.
    under_way: BTreeMap<(Instant, u64), Datagram>,
    sent: u64,
    damage: Option<Damage>,
    /// Nothing arrives there.
    pub unreachable: Vec<SocketAddr>,
    pairs: BTreeSet<(SocketAddr, SocketAddr)>,
    longest: usize,
}

/// Makes a bad copy of a datagram.
pub type Damage = Box<dyn FnMut(&mut Random, &[u8]) -> Vec<u8>>;

impl Net {
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        Self {
            conditions,
            random: Random::new(seed),
            under_way: BTreeMap::new(),
            sent: 0,
            damage: None,
            unreachable: Vec::new(),
            pairs: BTreeSet::new(),
            longest: 0,
        }
    }

    /// From now on each datagram has a companion just before it and one just after it, made by `damage`.
    pub fn damage(&mut self, damage: Damage) {
        self.damage = Some(damage);
    }

    pub fn send(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        let copies =
            self.damage.as_mut().map(|damage| [damage(&mut self.random, &bytes), damage(&mut self.random, &bytes)]);
        let [before, after] = copies.map_or([None, None], |copies| copies.map(Some));
        for bytes in [before, Some(bytes), after].into_iter().flatten() {
            self.carry(now, from, to, bytes);
        }
    }

    fn carry(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        self.sent += 1;
        self.pairs.insert((from, to));
        self.longest = self.longest.max(bytes.len());
        let jitter = self.random.below(self.conditions.jitter.as_nanos() as u64 + 1);
        if !self.random.chance(self.conditions.loss) && !self.unreachable.contains(&to) {
            let arrival = now + self.conditions.delay + Duration::from_nanos(jitter);
            self.under_way.insert((arrival, self.sent), Datagram { from, to, bytes });
        }
    }

    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes of the longest datagram.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Every sender and receiver of a datagram.
    pub fn pairs(&self) -> &BTreeSet<(SocketAddr, SocketAddr)> {
        &self.pairs
    }

    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next datagram that has arrived by `now`.
    pub fn receive(&mut self, now: Instant) -> Option<Datagram> {
        let entry = self.under_way.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}
