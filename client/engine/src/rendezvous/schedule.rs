//! When to publish and when to resolve: a state machine without sockets, clock or randomness of its own.
//!
//! For each pair, and each day in [`days`]: *publish* at once, again every 55 to 65 minutes (records live about two
//! hours in the DHT), and after [`Schedule::moved`]. *Resolve* once when the pair is added, and while it is
//! [wanted](Schedule::want) after 2, 5, 15 and 60 s and then every 10 minutes; never while a link to the other is up.
//!
//! Over all pairs, at most 50 actions in any minute: one every 2 s in the order in which they fell due, and
//! besides 10 that somebody waits for at once and one more every 6 s. What is over that waits; nothing is dropped.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

mod pair;

use super::keys::{CLOCK_MARGIN, DAY, DayKeys, Secret, Side, days, keys};
use pair::{Lookup, Pair, Publication};

/// A schedule takes at most so many pairs.
pub const MAX_PAIRS: usize = 512;
/// No minute has more actions than this: 30 in turn, and 20 that somebody waits for.
#[cfg(test)]
pub const PER_MINUTE: usize = 50;

const IN_TURN: Duration = Duration::from_secs(2);
const WAITED_FOR: Duration = Duration::from_secs(6);
const WAITED_FOR_AT_ONCE: u32 = 10;
const REFRESH: Duration = Duration::from_secs(55 * 60);
const REFRESH_JITTER: Duration = Duration::from_secs(10 * 60);
/// Somebody whose addresses change all the time publishes no more often than this.
const MOVE_PAUSE: Duration = Duration::from_secs(60);
const RETRY: [Duration; 4] = [secs(30), secs(60), secs(120), secs(600)];
const BACKOFF: [Duration; 5] = [secs(2), secs(5), secs(15), secs(60), secs(600)];

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Names a pair, or an invitation, towards the rendezvous. Means nothing to anybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairId(pub u64);

/// What time it is, by both clocks: intervals follow `now`, which never jumps; days follow `unix` (s), which may.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: Instant,
    pub unix: u64,
}

/// What to do now.
#[derive(Debug)]
pub enum Action {
    /// Seal the own whereabouts with `keys` and publish them under `keys`. Where that fails, say so with
    /// [`Schedule::failed`].
    Publish { pair: PairId, day: u64, keys: DayKeys },
    /// Resolve the other's record under `keys`.
    Resolve { pair: PairId, keys: DayKeys },
}

/// The pair could not be added: there are [`MAX_PAIRS`] already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more than {MAX_PAIRS} pairs can be looked after")]
pub struct TooManyPairs;

/// See the module's documentation. Mutate, then drain [`poll`](Self::poll), then wait until [`next`](Self::next).
#[derive(Debug)]
pub struct Schedule {
    pairs: BTreeMap<PairId, Pair>,
    next_in_turn: Option<Instant>,
    /// When the allowance for what somebody waits for is whole again.
    allowance_whole: Option<Instant>,
    reachable: bool,
    random: fastrand::Rng,
}

impl Schedule {
    /// `seed` decides all jitter: take it from the system's randomness, or fix it in a test.
    pub fn new(seed: u64) -> Self {
        Self {
            pairs: BTreeMap::new(),
            next_in_turn: None,
            allowance_whole: None,
            reachable: false,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Looks after a pair from now on: publishes `side`'s records, and looks for the other side once.
    /// A pair that is there already keeps its state.
    ///
    /// # Errors
    /// When there are [`MAX_PAIRS`] already.
    pub fn add(&mut self, pair: PairId, secret: Secret, side: Side, at: Moment) -> Result<(), TooManyPairs> {
        if self.pairs.contains_key(&pair) {
            return Ok(());
        }
        if self.pairs.len() >= MAX_PAIRS {
            return Err(TooManyPairs);
        }
        let early_wait = self.random.u64(..CLOCK_MARGIN / 2);
        let lookup = Some(Lookup::new(at.now));
        let publications = BTreeMap::new();
        let state = Pair { secret, side, linked: false, wanted: false, early_wait, publications, lookup };
        self.pairs.insert(pair, state);
        Ok(())
    }

    /// Forgets a pair. Its records die out in the DHT within about two hours.
    pub fn remove(&mut self, pair: PairId) {
        self.pairs.remove(&pair);
    }

    /// Whether a link to the other is up: who is here is not looked for.
    pub fn linked(&mut self, pair: PairId, linked: bool, at: Moment) {
        let Some(state) = self.pairs.get_mut(&pair) else { return };
        if linked == state.linked {
            return;
        }
        state.linked = linked;
        state.lookup = (state.wanted && !linked).then(|| Lookup::new(at.now));
    }

    /// Somebody wants to dial the other: look now, and again until [linked](Self::linked) or no longer wanted.
    pub fn want(&mut self, pair: PairId, wanted: bool, at: Moment) {
        let Some(state) = self.pairs.get_mut(&pair) else { return };
        if wanted == state.wanted {
            return;
        }
        state.wanted = wanted;
        state.lookup = (wanted && !state.linked).then(|| Lookup::new(at.now));
    }

    /// The own whereabouts changed: publish all records again, each at most once a minute.
    pub fn moved(&mut self, at: Moment) {
        let pairs: Vec<_> = self.pairs.keys().copied().collect();
        for pair in pairs {
            self.moved_for(pair, at);
        }
    }

    /// As [`moved`](Self::moved), where only what one pair is to know changed.
    pub fn moved_for(&mut self, pair: PairId, at: Moment) {
        let Some(state) = self.pairs.get_mut(&pair) else { return };
        for publication in state.publications.values_mut() {
            let earliest = publication.last.map_or(at.now, |last| last.now + MOVE_PAUSE);
            publication.due = publication.due.min(earliest.max(at.now));
            publication.failures = 0;
        }
    }

    /// Publishing failed: again after 30 s, 1 min, 2 min, and then every 10 min.
    pub fn failed(&mut self, pair: PairId, day: u64, at: Moment) {
        let jitter = secs(self.random.u64(..10));
        let publication = self.pairs.get_mut(&pair).and_then(|pair| pair.publications.get_mut(&day));
        let Some(publication) = publication else { return };
        let wait = RETRY.get(publication.failures).or(RETRY.last()).copied().unwrap_or(REFRESH);
        publication.failures = publication.failures.saturating_add(1);
        publication.due = at.now + wait + jitter;
    }

    /// Whether the DHT can be reached; at first it cannot. Until it can, only lookups that somebody waits for are done.
    /// Then what failed is due at once.
    pub fn reachable(&mut self, reachable: bool, at: Moment) {
        let back = reachable && !self.reachable;
        self.reachable = reachable;
        if !back {
            return;
        }
        for pair in self.pairs.values_mut() {
            for publication in pair.publications.values_mut().filter(|publication| publication.failures > 0) {
                publication.due = at.now;
            }
            if let Some(lookup) = &mut pair.lookup {
                *lookup = Lookup::new(at.now);
            }
        }
    }

    /// The next thing to do at `at`, if any may be done by now. To be called until it gives `None`.
    pub fn poll(&mut self, at: Moment) -> Option<Action> {
        self.plan(at);
        if let Some(action) = self.resolve(at, true) {
            return Some(action);
        }
        if !self.reachable || self.next_in_turn.is_some_and(|next| next > at.now) {
            return None;
        }
        let action = self.publish(at).or_else(|| self.resolve(at, false))?;
        self.next_in_turn = Some(at.now + IN_TURN);
        Some(action)
    }

    /// When to poll again, if nothing else happens. At most a minute ahead, because the day may change at any time:
    /// only the system's clock knows.
    pub fn next(&self, at: Moment) -> Instant {
        let latest = at.now + secs(60);
        let publications = self.pairs.values().flat_map(|pair| pair.publications.values()).map(|it| it.due);
        let lookups = self.pairs.values().filter_map(|pair| Some((pair.wanted, pair.lookup.as_ref()?.due)));
        let in_turn = publications.chain(lookups.clone().filter(|(wanted, _)| !wanted).map(|(_, due)| due)).min();
        let in_turn = in_turn.filter(|_| self.reachable).map(|due| due.max(self.next_in_turn.unwrap_or(due)));
        let waited = lookups.filter(|(wanted, _)| *wanted).map(|(_, due)| due).min();
        let waited = waited.map(|due| due.max(self.allowance_from().unwrap_or(due)));
        in_turn.into_iter().chain(waited).fold(latest, Instant::min).max(at.now)
    }

    /// Brings the publications in line with the days that `at` asks for.
    fn plan(&mut self, at: Moment) {
        for pair in self.pairs.values_mut() {
            let time = at.unix % DAY;
            let early = time >= DAY - CLOCK_MARGIN && time < DAY - CLOCK_MARGIN + pair.early_wait;
            let today = at.unix / DAY;
            let asked: Vec<u64> = days(at.unix).filter(|day| !(early && *day > today)).collect();
            pair.publications.retain(|day, _| asked.contains(day));
            for day in asked {
                pair.publications.entry(day).or_insert(Publication { last: None, due: at.now, failures: 0 });
            }
            // After a sleep of the machine, or a jump of its clock, what we know of the record's age is worth nothing.
            for publication in pair.publications.values_mut() {
                let longest = (REFRESH + REFRESH_JITTER).as_secs();
                if publication.last.is_some_and(|last| last.unix.abs_diff(at.unix) > longest) {
                    publication.last = None;
                    publication.due = at.now;
                }
            }
        }
    }

    fn publish(&mut self, at: Moment) -> Option<Action> {
        let all = self.pairs.iter().flat_map(|(id, pair)| pair.publications.iter().map(move |(day, it)| (id, day, it)));
        let due = all.filter(|(.., it)| it.due <= at.now).min_by_key(|(id, day, it)| (it.due, **id, **day));
        let (pair, day) = due.map(|(id, day, _)| (*id, *day))?;
        let wait = REFRESH + secs(self.random.u64(..=REFRESH_JITTER.as_secs()));
        let state = self.pairs.get_mut(&pair)?;
        let publication = state.publications.get_mut(&day)?;
        // One that stood until its refresh had not failed.
        if publication.last.is_some_and(|last| at.now.saturating_duration_since(last.now) >= REFRESH) {
            publication.failures = 0;
        }
        publication.last = Some(at);
        publication.due = at.now + wait;
        Some(Action::Publish { pair, day, keys: keys(&state.secret, state.side, day) })
    }

    /// A lookup that is due: of those that somebody waits for, within their allowance, or of the others.
    fn resolve(&mut self, at: Moment, waited_for: bool) -> Option<Action> {
        if waited_for && self.allowance_from().is_some_and(|from| from > at.now) {
            return None;
        }
        let due = self.pairs.iter().filter(|(_, pair)| pair.wanted == waited_for);
        let due = due.filter_map(|(id, pair)| Some((pair.lookup.as_ref()?.due, *id)));
        let (_, pair) = due.filter(|(due, _)| *due <= at.now).min()?;
        let state = self.pairs.get_mut(&pair)?;
        let lookup = state.lookup.as_mut()?;
        if lookup.days.is_empty() {
            lookup.days = days(at.unix).collect();
            lookup.days.reverse();
        }
        let day = lookup.days.pop()?;
        if lookup.days.is_empty() {
            let wait = BACKOFF.get(lookup.step).or(BACKOFF.last()).copied().unwrap_or(REFRESH);
            lookup.step = lookup.step.saturating_add(1);
            lookup.due = at.now + wait;
            if !waited_for {
                state.lookup = None;
            }
        }
        if waited_for {
            let whole = self.allowance_whole.unwrap_or(at.now).max(at.now);
            self.allowance_whole = Some(whole + WAITED_FOR);
        }
        Some(Action::Resolve { pair, keys: keys(&state.secret, state.side.other(), day) })
    }

    /// From when on one more may be done that somebody waits for.
    fn allowance_from(&self) -> Option<Instant> {
        self.allowance_whole?.checked_sub(WAITED_FOR * (WAITED_FOR_AT_ONCE - 1))
    }
}

#[cfg(test)]
mod tests;
