//! Who gets which layer at which rate: one uplink shared among all receivers; sound first, then a shared screen, then the camera.
//! Pure: time is an argument.
//!
//! Every path has a rate of its own (see [`crate::congestion`]). Paths that leave by one uplink feel each other in them, so what
//! they come to together is what the uplink carries. A layer is encoded once for all who get it, so its
//! rate is what the weakest of them can take; who can't take the least of it gets the layer below.

mod path;
mod plan;
mod screen;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::layer::{Ladder, Layer};
use path::Path;
use screen::Screen;

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
/// Who gets the layer they want with this share of its rate lacks nothing; with less than that, or a lower layer, much.
const CONTENT: f64 = 0.9;
const SHORT: f64 = 0.5;
/// A camera that gave nothing for so long begins anew: what was never sent says nothing of what the way carries. All paths together
/// begin with no more than this, in bits per second, voices included, as they may share an uplink.
const RESTS: Duration = Duration::from_secs(2);
const BEGINS: f64 = 1_000_000.0;
/// Rates that differ by less are the same: an encoder is not bothered for it.
const SAME: f64 = 0.05;

/// What is to be encoded and who gets what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan<K> {
    /// By [`Layer::index`]: the rate in kilobits per second of each layer that somebody gets.
    pub rates: [Option<u32>; Layer::COUNT],
    pub layers: BTreeMap<K, Option<Layer>>,
    /// The rate of the screen in kilobits per second, if somebody gets it.
    pub screen: Option<u32>,
    /// Who gets the screen, and how fast its packets may leave, in bits per second.
    pub screens: BTreeMap<K, u64>,
}

/// Whose packets queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crowd {
    /// Those of one path.
    One,
    /// Those of several: they share a queue.
    All,
}

/// The uplink of one sender.
pub struct Uplink<K> {
    ladder: Ladder,
    screen: Screen,
    paths: BTreeMap<K, Path>,
    speaking: bool,
    plan: Plan<K>,
    /// By how many bits per second all paths together may be sent more, as of `planned`.
    growth: f64,
    planned: Option<Instant>,
    /// The camera's latest picture.
    pictured: Option<Instant>,
    rests: bool,
    /// There was too much on the way since then, and when there was last.
    crowded: Option<Crowd>,
    crowded_at: Option<Instant>,
}

impl<K: Copy + Ord> Uplink<K> {
    pub fn new(ladder: Ladder) -> Self {
        let plan =
            Plan { rates: [None; Layer::COUNT], layers: BTreeMap::new(), screen: None, screens: BTreeMap::new() };
        Self {
            ladder,
            screen: Screen::default(),
            paths: BTreeMap::new(),
            speaking: false,
            plan,
            growth: 0.0,
            planned: None,
            pictured: None,
            rests: false,
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

    /// A receiver shows our screen, or does not.
    pub fn want_screen(&mut self, path: K, wants: bool) {
        self.paths.entry(path).or_insert_with(Path::new).wants_screen = wants;
    }

    /// A screen is shared with so many kilobits per second at most; or none is.
    pub fn share_screen(&mut self, most_kbps: Option<u32>) {
        self.screen.share(most_kbps);
    }

    /// A picture of the screen goes out. While there are none, cameras have what it would take.
    pub fn screen_sent(&mut self, now: Instant, bytes: usize) {
        self.screen.sent(now, bytes);
    }

    /// Packets of a path begin to queue, as its receiver says: until the next [`Self::plan`] it gets nothing more. Only where most
    /// paths say so does nobody: they may share a queue, and one receiver alone may be wrong, or lie.
    pub fn hold(&mut self, path: K) {
        if let Some(path) = self.paths.get_mut(&path) {
            path.holds = true;
        }
    }

    /// A picture of the camera goes out. Without any, rates stay where they begin.
    pub fn camera_sent(&mut self, now: Instant) {
        self.pictured = Some(now);
    }

    /// What a path carries, in bits per second.
    pub fn carries(&mut self, path: K, bits_per_second: u64) {
        if let Some(path) = self.paths.get_mut(&path) {
            path.carries = bits_per_second;
        }
    }

    /// So many bits per second of others' pictures are passed on to a path, and go before the camera.
    pub fn carry(&mut self, path: K, bits_per_second: u64) {
        if let Some(path) = self.paths.get_mut(&path) {
            path.carried = bits_per_second;
        }
    }

    /// The camera takes no more than that on a path, however wide it is.
    pub fn limit(&mut self, path: K, most_kbps: Option<u32>) {
        if let Some(path) = self.paths.get_mut(&path) {
            path.most = most_kbps;
        }
    }

    /// Whether somebody gets much less of the camera than they want, for want of room. Nobody does of one that rests.
    pub fn is_short(&self) -> bool {
        !self.rests && self.paths.values().any(|path| !self.has_of(path, SHORT))
    }

    /// Bits per second that could go to each of `paths` beside what is sent. None while somebody gets less than they want: then
    /// there is nothing to spare.
    pub fn spare(&self, paths: impl Iterator<Item = K>) -> Option<u64> {
        // Who speaks falls silent again, and has less room then.
        let left = |path: &Path| (path.room(LISTENER_SHARE) - self.rate(path)).max(0.0) as u64;
        paths.map(|path| self.paths.get(&path).map_or(0, left)).min().filter(|_| self.is_content())
    }

    /// Whether everybody gets the camera as they want it, or it rests, and no screen is shared.
    pub fn is_content(&self) -> bool {
        self.plan.screen.is_none() && (self.rests || self.paths.values().all(|path| self.has_of(path, CONTENT)))
    }

    fn share(&self) -> f64 {
        if self.speaking { SPEAKER_SHARE } else { LISTENER_SHARE }
    }

    /// Gets the layer that it wants with this share of its rate.
    fn has_of(&self, path: &Path, share: f64) -> bool {
        let wanted = self.ladder.rungs_up_to(path.wants).next_back();
        wanted.is_none_or(|rung| path.gets == Some(rung.layer) && self.rate(path) >= share * need(rung.max_kbps))
    }

    /// What the camera takes on a path by the plan, in bits per second.
    fn rate(&self, path: &Path) -> f64 {
        path.gets.and_then(|layer| self.plan.rates[layer.index()]).map_or(0.0, need)
    }

    /// The rate of some path fell: what was given last, to whomever, may have been too much.
    pub fn crowded(&mut self, crowd: Crowd) {
        self.crowded = self.crowded.max(Some(crowd));
    }

    /// The rate of one path fell while no packets of any other queue: what was given last there was too much.
    pub fn crowded_alone(&mut self, path: K) {
        if let Some(path) = self.paths.get_mut(&path) {
            path.crowded = true;
        }
    }

    pub fn remove(&mut self, path: K) {
        self.paths.remove(&path);
    }

    /// Whether the owner of the uplink speaks.
    pub fn speak(&mut self, speaking: bool) {
        self.speaking = speaking;
    }

    /// What [`Self::plan`] said last.
    pub fn planned(&self) -> &Plan<K> {
        &self.plan
    }

    /// What may be sent to a path by the plan, in bits per second: a voice, the camera and what is passed on. A screen's encoder
    /// rests for longer than such an allowance would be true.
    pub fn allows(&self, path: K) -> u64 {
        let layer = self.plan.layers.get(&path).copied().flatten();
        let kbps = layer.and_then(|layer| self.plan.rates[layer.index()]);
        let carried = self.paths.get(&path).map_or(0, |path| path.carried);
        VOICE_BPS + kbps.map_or(0.0, need) as u64 + carried
    }
}

/// Bits per second that a layer at `kbps` takes on the wire.
fn need(kbps: u32) -> f64 {
    f64::from(kbps) * 1000.0
}
