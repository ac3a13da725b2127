//! Who gets which layer at which rate: one uplink shared among all receivers, sound before picture. Pure: time is an argument.
//!
//! Every path has a rate of its own (see [`crate::congestion`]). Paths that leave by one uplink feel each other in them, so what
//! they come to together is what the uplink carries. A layer is encoded once for all who get it, so its
//! rate is what the weakest of them can take; who can't take the least of it gets the layer below.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::layer::{Ladder, Layer, Rung};

/// What a voice takes on the wire with copies, seal and headers, in bits per second. It is set aside before any picture.
const VOICE_BPS: u64 = 80_000;
/// The same without copies, on a path that carries hardly more.
const BARE_VOICE_BPS: u64 = 66_000;
/// Without room even for the thinnest picture, it goes on for this long: most often there is room again by then.
const LAST_PATIENCE: Duration = Duration::from_millis(1200);
/// Of what a path carries, this much is spent on what is sent once; the rest is for retransmissions and for changes of mind.
const SPEAKER_SHARE: f64 = 0.9;
/// Who listens leaves more of a crowded way to who speaks.
const LISTENER_SHARE: f64 = 0.75;
/// A layer up is tried when there has been this much more than its need ...
const HEADROOM: f64 = 1.15;
/// ... for so long, and for longer each time that it turned out to be too much within `RELAPSE`.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_PATIENCE: Duration = Duration::from_secs(32);
const RELAPSE: Duration = Duration::from_secs(6);
/// What all paths together are sent grows by this share in a second at most, by less for a while after there was too much, and by
/// `AT_ONCE` in one step: paths that share an uplink tell of a queue only when all of them stand in it.
const GROWTH: f64 = 0.4;
const CAREFUL: f64 = 0.15;
const CAREFUL_FOR: Duration = Duration::from_secs(30);
const AT_ONCE: f64 = 0.15;
/// Rates that differ by less are the same: an encoder is not bothered for it.
const SAME: f64 = 0.05;

/// What is to be encoded and who gets what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan<K> {
    /// By [`Layer::index`]: the rate in kilobits per second of each layer that somebody gets.
    pub rates: [Option<u32>; 3],
    pub layers: BTreeMap<K, Option<Layer>>,
}

/// Whose packets queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crowd {
    /// Those of one path.
    One,
    /// Those of several: they share a queue.
    All,
}

struct Path {
    wants: Option<Layer>,
    /// Bits per second.
    carries: u64,
    gets: Option<Layer>,
    /// Nothing was decided yet, or only the wish stood in the way of more: what fits is given at once.
    fresh: bool,
    /// Since when there is room for more.
    roomy_since: Option<Instant>,
    /// Since when there is no room for any.
    starved_since: Option<Instant>,
    raised: Option<Instant>,
    /// What it got before.
    before: Option<Layer>,
    patience: Duration,
}

/// The uplink of one sender.
pub struct Uplink<K> {
    ladder: Ladder,
    paths: BTreeMap<K, Path>,
    speaking: bool,
    plan: Plan<K>,
    /// By how many bits per second all paths together may be sent more, as of `planned`.
    growth: f64,
    planned: Option<Instant>,
    /// There was too much on the way since then, and when there was last.
    crowded: Option<Crowd>,
    crowded_at: Option<Instant>,
}

impl<K: Copy + Ord> Uplink<K> {
    pub fn new(ladder: Ladder) -> Self {
        let plan = Plan { rates: [None; 3], layers: BTreeMap::new() };
        Self {
            ladder,
            paths: BTreeMap::new(),
            speaking: false,
            plan,
            growth: 0.0,
            planned: None,
            crowded: None,
            crowded_at: None,
        }
    }

    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// A receiver shows our picture with so many lines; 0: not at all.
    pub fn want(&mut self, path: K, lines: u16) {
        let wants = self.ladder.layer_for(lines);
        let path = self.paths.entry(path).or_insert_with(Path::new);
        path.fresh |= path.gets == path.wants;
        path.wants = wants;
    }

    /// What a path carries, in bits per second.
    pub fn carries(&mut self, path: K, bits_per_second: u64) {
        if let Some(path) = self.paths.get_mut(&path) {
            path.carries = bits_per_second;
        }
    }

    /// The rate of some path fell: what was given last, to whomever, may have been too much.
    pub fn crowded(&mut self, crowd: Crowd) {
        self.crowded = self.crowded.max(Some(crowd));
    }

    pub fn remove(&mut self, path: K) {
        self.paths.remove(&path);
    }

    /// Whether the owner of the uplink speaks.
    pub fn speak(&mut self, speaking: bool) {
        self.speaking = speaking;
    }

    /// Looks at all paths again. To be called every so often: more is given only by patience.
    pub fn plan(&mut self, now: Instant) -> &Plan<K> {
        let share = if self.speaking { SPEAKER_SHARE } else { LISTENER_SHARE };
        self.grow(now);
        if let Some(crowd) = self.crowded.take() {
            (self.growth, self.crowded_at) = (0.0, Some(now));
            let longest = self.paths.values_mut().filter_map(|path| path.relapse(now)).max();
            if let (Crowd::All, Some(patience)) = (crowd, longest) {
                // What was too much for one is too much for all.
                self.paths.values_mut().for_each(|path| path.wait(patience));
            }
        }
        let mut rooms: [Option<f64>; 3] = [None; 3];
        let mut receivers = [0.0; 3];
        for path in self.paths.values_mut() {
            let room = path.carries.saturating_sub(VOICE_BPS) as f64 * share;
            path.decide(now, room, self.ladder.rungs(), &self.plan.rates, &mut self.growth);
            if let Some(layer) = path.gets {
                let least = &mut rooms[layer.index()];
                *least = Some(least.map_or(room, |least| least.min(room)));
                receivers[layer.index()] += 1.0;
            }
        }
        for (index, room) in rooms.into_iter().enumerate() {
            let rung = Layer::from_index(index).and_then(|layer| self.ladder.rung(layer));
            let old = self.plan.rates[index];
            self.plan.rates[index] = room.zip(rung).map(|(room, rung)| {
                let begins = old.unwrap_or(rung.min_kbps);
                let most = f64::from(begins) + self.growth.max(0.0) / receivers[index] / 1000.0;
                let kbps = (room / 1000.0).min(most).min(f64::from(rung.max_kbps)) as u32;
                let kbps = kbps.max(rung.min_kbps);
                let same = f64::from(begins.abs_diff(kbps)) < SAME * f64::from(begins) && kbps != rung.max_kbps;
                let kbps = if same { begins } else { kbps };
                self.growth -= need(kbps.saturating_sub(begins)) * receivers[index];
                kbps
            });
        }
        self.plan.layers = self.paths.iter().map(|(path, state)| (*path, state.gets)).collect();
        &self.plan
    }

    /// What is sent now may become more by so much.
    fn grow(&mut self, now: Instant) {
        let passed = self.planned.replace(now).map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let rate = |path: &Path| path.gets.and_then(|layer| self.plan.rates[layer.index()]).map_or(0.0, need);
        let sent: f64 = self.paths.values().map(|path| VOICE_BPS as f64 + rate(path)).sum();
        let careful = self.crowded_at.is_some_and(|at| now < at + CAREFUL_FOR);
        let growth = if careful { CAREFUL } else { GROWTH };
        self.growth = (self.growth + growth * sent * passed.as_secs_f64()).min(AT_ONCE * sent);
    }
}

/// Bits per second that a layer at `kbps` takes on the wire.
fn need(kbps: u32) -> f64 {
    f64::from(kbps) * 1000.0
}

impl Path {
    fn new() -> Self {
        Self {
            wants: None,
            carries: 0,
            gets: None,
            fresh: true,
            roomy_since: None,
            starved_since: None,
            raised: None,
            before: None,
            patience: PATIENCE,
        }
    }

    /// Where nothing fits with all that should go beside it, the lowest that has just enough or had it a moment ago.
    fn or_thinnest(&mut self, now: Instant, fits: Option<Layer>, rungs: &[Rung]) -> Option<Layer> {
        let lowest =
            rungs.first().filter(|rung| fits.is_none() && self.gets.is_some() && Some(rung.layer) <= self.wants);
        let Some(lowest) = lowest else {
            self.starved_since = None;
            return fits;
        };
        if self.carries.saturating_sub(BARE_VOICE_BPS) as f64 >= need(lowest.min_kbps) {
            self.starved_since = None;
        } else if now >= *self.starved_since.get_or_insert(now) + LAST_PATIENCE {
            return None;
        }
        Some(lowest.layer)
    }

    /// There is too much on the way: what was given last is taken back, whoever's path told of it.
    /// How long it waits until it tries again.
    fn relapse(&mut self, now: Instant) -> Option<Duration> {
        self.raised.take_if(|at| now < *at + RELAPSE)?;
        self.patience = (self.patience * 2).min(MOST_PATIENCE);
        (self.gets, self.roomy_since) = (self.gets.min(self.before), None);
        Some(self.patience)
    }

    fn wait(&mut self, patience: Duration) {
        (self.patience, self.roomy_since) = (self.patience.max(patience), None);
    }

    /// Decides on the layer where there are `room` bits per second for it. What it takes more than before comes out of `growth`.
    fn decide(&mut self, now: Instant, room: f64, rungs: &[Rung], rates: &[Option<u32>; 3], growth: &mut f64) {
        let fitting = |factor: f64| {
            let wanted = rungs.iter().filter(|rung| Some(rung.layer) <= self.wants);
            wanted.filter(|rung| need(rung.min_kbps) * factor <= room).map(|rung| rung.layer).max()
        };
        let (fits, roomy) = (fitting(1.0), fitting(HEADROOM));
        let fits = self.or_thinnest(now, fits, rungs);
        if self.wants.is_none() || std::mem::take(&mut self.fresh) || self.gets > self.wants {
            (self.gets, self.roomy_since) = (fits, None);
        } else if fits < self.gets {
            self.relapse(now);
            (self.gets, self.roomy_since) = (fits, None);
        } else if roomy > self.gets {
            let since = *self.roomy_since.get_or_insert(now);
            if self.gets.is_none() {
                // No picture at all is worse than one that may have to go again.
                if now >= since + PATIENCE / 4 {
                    (self.gets, self.roomy_since) = (rungs.first().map(|rung| rung.layer), None);
                }
                return;
            }
            let rate = |layer: Option<Layer>| {
                let rung = rungs.iter().find(|rung| Some(rung.layer) == layer);
                rung.map_or(0.0, |rung| need(rates[rung.layer.index()].unwrap_or(rung.min_kbps)))
            };
            if now >= since + self.patience && *growth > 0.0 {
                // The next one waits for what this one does.
                *growth = rate(self.gets) - rate(roomy);
                (self.before, self.gets, self.roomy_since, self.raised) = (self.gets, roomy, None, Some(now));
            }
        } else {
            self.roomy_since = None;
            if self.raised.is_some_and(|at| now >= at + 2 * MOST_PATIENCE) {
                self.patience = PATIENCE;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::VideoFormat;

    const MS: Duration = Duration::from_millis(1);

    fn uplink() -> Uplink<u8> {
        Uplink::new(Ladder::new(VideoFormat { width: 1280, height: 720, fps: 30 }, 1500))
    }

    /// Plans every 100 ms for so many seconds.
    fn run(uplink: &mut Uplink<u8>, now: &mut Instant, seconds: u32) -> Plan<u8> {
        for _ in 0..10 * seconds {
            *now += 100 * MS;
            uplink.plan(*now);
        }
        uplink.plan(*now).clone()
    }

    #[test]
    fn nothing_is_encoded_that_nobody_wants() {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        assert_eq!(uplink.plan(now).rates, [None; 3]);
        uplink.want(1, 180);
        uplink.want(2, 0);
        uplink.carries(1, 10_000_000);
        uplink.carries(2, 10_000_000);
        let plan = run(&mut uplink, &mut now, 1);
        assert!(plan.rates[0].is_some() && plan.rates[1].is_none() && plan.rates[2].is_none());
        assert_eq!(plan.layers, [(1, Some(Layer::Low)), (2, None)].into());
    }

    #[test]
    fn a_layer_has_the_rate_that_its_weakest_receiver_can_take_and_who_cannot_gets_the_one_below() {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        for (path, estimate) in [(1, 5_000_000), (2, 1_200_000), (3, 300_000)] {
            uplink.want(path, 720);
            uplink.carries(path, estimate);
        }
        let plan = run(&mut uplink, &mut now, 1);
        assert_eq!(plan.layers, [(1, Some(Layer::High)), (2, Some(Layer::High)), (3, Some(Layer::Low))].into());
        assert_eq!(plan.rates[1], None);
        assert!((700..1000).contains(&plan.rates[2].unwrap()), "{plan:?}");
    }

    #[test]
    fn sound_is_left_when_there_is_no_room_for_pictures() {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        uplink.want(1, 720);
        uplink.carries(1, VOICE_BPS + 10_000);
        assert_eq!(run(&mut uplink, &mut now, 5).layers[&1], None);
        uplink.carries(1, 5_000_000);
        assert_eq!(run(&mut uplink, &mut now, 5).layers[&1], Some(Layer::High));
    }

    #[test]
    fn less_is_given_at_once_and_more_only_after_a_while_and_later_each_time_it_was_too_much() {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        uplink.want(1, 720);
        uplink.carries(1, 3_000_000);
        assert_eq!(run(&mut uplink, &mut now, 1).layers[&1], Some(Layer::High));
        let mut waited = Vec::new();
        for _ in 0..3 {
            uplink.carries(1, 500_000);
            now += 100 * MS;
            assert!(uplink.plan(now).layers[&1] < Some(Layer::High));
            uplink.carries(1, 3_000_000);
            let since = now;
            while uplink.plan(now).layers[&1] < Some(Layer::High) {
                now += 100 * MS;
            }
            waited.push(now - since);
        }
        assert!(waited[0] >= PATIENCE && waited[1] > waited[0] && waited[2] > waited[1], "{waited:?}");
    }

    #[test]
    fn a_tile_that_grows_is_served_at_once_where_there_is_room() {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        uplink.want(1, 180);
        uplink.carries(1, 5_000_000);
        run(&mut uplink, &mut now, 1);
        uplink.want(1, 720);
        assert_eq!(uplink.plan(now).layers[&1], Some(Layer::High));
    }

    #[test]
    fn who_listens_leaves_room_to_who_speaks() {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        uplink.want(1, 720);
        uplink.carries(1, 1_000_000);
        let listening = run(&mut uplink, &mut now, 1).rates[2].unwrap();
        uplink.speak(true);
        assert!(uplink.plan(now).rates[2].unwrap() > listening + listening / 10);
    }
}
