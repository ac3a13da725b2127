//! What a churning room is measured by.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{
    figures::{Churn, Happened, Pair},
    person::{Person, Stage, name},
};
use engine::{
    api::{KeyState, MemberId, ParticipantState, Presence},
    stats::Stats,
};

/// Troubles told of; beyond it they are only counted.
const TOLD: usize = 100;
/// Two who have not met by then are worth telling of.
const LONG: Duration = Duration::from_secs(5);

pub struct Report {
    pub began: Instant,
    pub churn: Churn,
    apart: BTreeMap<(u32, u32), Instant>,
    gone: Vec<Gone>,
    /// Everybody who was ever in.
    numbers: BTreeMap<MemberId, u32>,
}

/// Somebody who is to be in nobody's group any more.
struct Gone {
    who: u32,
    member: MemberId,
    since: Instant,
    /// Who was in, and is not seen yet to be in an epoch without them.
    waited_for: Vec<u32>,
}

impl Report {
    pub fn new(now: Instant, seed: u64, events_per_minute: u32, events: bool) -> Self {
        let events = events.then(Vec::new);
        let churn = Churn { seed, events_per_minute, events, ..Churn::default() };
        Self { began: now, churn, apart: BTreeMap::new(), gone: Vec::new(), numbers: BTreeMap::new() }
    }

    pub fn happened(&mut self, what: &'static str, who: u32, by: Option<u32>) {
        let at_ms = ms(self.began.elapsed());
        if let Some(events) = &mut self.churn.events {
            events.push(Happened { at_ms, what, who: name(who), by: by.map(name) });
        }
    }

    pub fn trouble(&mut self, what: String) {
        self.churn.troubles_count += 1;
        if self.churn.troubles.len() < TOLD {
            let at = self.began.elapsed().as_secs_f64();
            self.churn.troubles.push(format!("{at:.1} s: {what}"));
        }
    }

    /// Takes in the figures of a run that is over.
    pub fn take(&mut self, stats: &Stats) {
        for of in &stats.participants {
            let (churn, lacks) = (&mut self.churn, of.key_lacks);
            churn.keys.streams_frozen_by_keys += u64::from(lacks.frozen_by_keys);
            churn.keys.frames_dropped_for_keys += u64::from(lacks.dropped_for_keys);
            if lacks.without_keys_ms > churn.keys.max_without_keys_ms {
                churn.keys.max_without_keys_ms = lacks.without_keys_ms;
                let (who, of, ms_) = (stats.name.clone(), of.name.clone(), lacks.without_keys_ms);
                churn.keys.without_keys = Some(Pair { who, of, ms: ms_, at_ms: ms(self.began.elapsed()) });
            }
            if lacks.without_keys_ms > 1000 {
                self.trouble(format!(
                    "{} and {} were without keys for {} ms",
                    stats.name, of.name, lacks.without_keys_ms
                ));
            }
            if lacks.frozen_by_keys > 0 {
                self.trouble(format!("{} saw {} frozen by keys {} times", stats.name, of.name, lacks.frozen_by_keys));
            }
        }
    }

    /// Sees for how long any two who are in have not met.
    pub fn look(&mut self, now: Instant, people: &[Person]) {
        let inside: Vec<_> = people.iter().filter(|p| p.stage == Stage::In).collect();
        self.numbers.extend(inside.iter().filter_map(|p| Some((p.me?, p.number))));
        let mut apart = BTreeMap::new();
        for who in &inside {
            for of in inside.iter().filter(|of| of.number != who.number) {
                let pair = (who.number, of.number);
                let since = self.apart.get(&pair).copied();
                let state = of.me.and_then(|id| who.sees.get(&id));
                if !state.is_some_and(have_met) {
                    let since = since.unwrap_or(now);
                    apart.insert(pair, since);
                    self.was_apart(pair, now, now - since);
                } else if let Some(since) = since.filter(|since| now - *since > LONG) {
                    self.churn.apart.long_apart += 1;
                    let lasted = (now - since).as_secs_f64();
                    self.trouble(format!("{} had not met {} for {lasted:.1} s", name(pair.0), name(pair.1)));
                }
            }
        }
        self.apart = apart;
    }

    /// Somebody leaves, or somebody's removal was wished for: who is in has another epoch soon.
    pub fn goes(&mut self, now: Instant, who: &Person, people: &[Person]) {
        if let Some(member) = who.me {
            let inside = people.iter().filter(|p| p.stage == Stage::In && p.number != who.number);
            let waited_for = inside.map(|p| p.number).collect();
            self.gone.push(Gone { who: who.number, member, since: now, waited_for });
        }
    }

    /// Sees who is in an epoch without those who went.
    pub fn look_for_ghosts(&mut self, now: Instant, people: &[Person]) {
        let mut done = Vec::new();
        for gone in &mut self.gone {
            gone.waited_for.retain(|number| {
                let Some(p) = people.iter().find(|p| p.number == *number && p.stage == Stage::In) else {
                    return false;
                };
                let fresh = p.told_at.is_some_and(|at| at > gone.since);
                if !fresh || p.stats.roster.contains(&gone.member) {
                    return true;
                }
                let took = p.epoch_began().unwrap_or(now).saturating_duration_since(gone.since);
                done.push((*number, gone.who, took));
                false
            });
        }
        self.gone.retain(|gone| !gone.waited_for.is_empty());
        for (who, of, took) in done {
            if took > Duration::from_secs(1) {
                self.churn.rekeys.slow_rekeys += 1;
                let took = ms(took);
                self.trouble(format!("{} was in an epoch without {} after {took} ms", name(who), name(of)));
            }
            if ms(took) > self.churn.rekeys.max_rekey_ms {
                let at_ms = ms(now - self.began);
                self.churn.rekeys.max_rekey_ms = ms(took);
                self.churn.rekeys.rekey = Some(Pair { who: name(who), of: name(of), ms: ms(took), at_ms });
            }
        }
    }

    /// Who is still in a group with somebody who went: who, with whom, for how long.
    pub fn ghosts(&self, now: Instant) -> Vec<(u32, u32, Duration)> {
        let each = |gone: &Gone| {
            let (who, since) = (gone.who, now - gone.since);
            gone.waited_for.iter().map(move |number| (*number, who, since)).collect::<Vec<_>>()
        };
        self.gone.iter().flat_map(each).collect()
    }

    /// Who is in a group with somebody who is not in, and who in one without somebody who is.
    pub fn tell_of_rosters(&mut self, people: &[Person]) {
        let inside: Vec<_> = people.iter().filter(|p| p.stage == Stage::In).collect();
        let expected: BTreeSet<_> = inside.iter().filter_map(|p| p.me).collect();
        for p in inside {
            let roster: BTreeSet<_> = p.stats.roster.iter().copied().collect();
            let named = |member: &MemberId| self.numbers.get(member).copied().map_or("nobody known".to_owned(), name);
            let ghosts: Vec<_> = roster.difference(&expected).map(named).collect();
            let missing: Vec<_> = expected.difference(&roster).map(named).collect();
            for (word, who) in [("with", ghosts), ("without", missing)] {
                if !who.is_empty() {
                    self.trouble(format!(
                        "{} ends in epoch {} {word} {}",
                        name(p.number),
                        p.stats.epoch,
                        who.join(", ")
                    ));
                }
            }
        }
    }

    fn was_apart(&mut self, (who, of): (u32, u32), now: Instant, lasted: Duration) {
        let lasted = ms(lasted);
        if lasted > self.churn.apart.max_apart_ms {
            let at_ms = ms(now - self.began);
            self.churn.apart.max_apart_ms = lasted;
            self.churn.apart.apart = Some(Pair { who: name(who), of: name(of), ms: lasted, at_ms });
        }
    }

    /// Those who have not met now: who, of whom, for how long.
    pub fn are_apart(&self, now: Instant) -> Vec<(u32, u32, Duration)> {
        self.apart.iter().map(|((who, of), since)| (*who, *of, now - *since)).collect()
    }

    /// Compares what everybody who is in takes for the room; true when all agree, and with who should be there.
    pub fn compare(&mut self, people: &[Person]) -> bool {
        let inside: Vec<_> = people.iter().filter(|p| p.stage == Stage::In).collect();
        let expected: BTreeSet<_> = inside.iter().filter_map(|p| p.me).collect();
        let same = |p: &&&Person| {
            let roster: BTreeSet<_> = p.stats.roster.iter().copied().collect();
            p.told_at.is_some() && roster == expected
        };
        let mut epochs = inside.iter().map(|p| (p.stats.epoch, p.stats.authenticator));
        let first = epochs.next();
        self.churn.at_end.people_at_end = inside.len();
        self.churn.at_end.rosters_equal = !inside.is_empty() && inside.iter().filter(same).count() == inside.len();
        self.churn.at_end.epochs_equal = first.is_some_and(|first| epochs.all(|epoch| epoch == first));
        self.churn.at_end.epoch = inside.iter().map(|p| p.stats.epoch).max().unwrap_or(0);
        self.churn.at_end.rosters_equal && self.churn.at_end.epochs_equal
    }
}

fn have_met(state: &ParticipantState) -> bool {
    matches!(state.presence, Presence::Here(_)) && state.in_call && state.connected && state.keys == KeyState::Current
}

pub fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
