//! One receiver: what it wants, what its way carries, and the layer that it gets, more only by patience.

use std::time::{Duration, Instant};

use super::{BARE_VOICE_BPS, HEADROOM, LAST_PATIENCE, MOST_PATIENCE, PATIENCE, RELAPSE, VOICE_BPS, need};
use crate::layer::{Ladder, Layer, Rung};

pub(super) struct Path {
    pub wants: Option<Layer>,
    pub wants_screen: bool,
    pub gets_screen: bool,
    /// Bits per second.
    pub carries: u64,
    /// Bits per second of it that others' pictures take.
    pub carried: u64,
    /// Kilobits per second that the camera may take there at most.
    pub most: Option<u32>,
    pub gets: Option<Layer>,
    /// Nothing was decided yet, or only the wish stood in the way of more: what fits is given at once.
    pub fresh: bool,
    /// Since when there is room for more.
    roomy_since: Option<Instant>,
    /// Since when there is no room for any.
    starved_since: Option<Instant>,
    raised: Option<Instant>,
    /// What it got before.
    before: Option<Layer>,
    patience: Duration,
    /// Its packets begin to queue.
    pub holds: bool,
    /// There was too much on this way alone.
    pub crowded: bool,
}

impl Path {
    /// For own pictures, in bits per second.
    pub fn room(&self, share: f64) -> f64 {
        self.carries.saturating_sub(VOICE_BPS) as f64 * share - self.carried as f64
    }

    pub fn new() -> Self {
        Self {
            wants: None,
            wants_screen: false,
            gets_screen: false,
            carries: 0,
            carried: 0,
            most: None,
            gets: None,
            fresh: true,
            roomy_since: None,
            starved_since: None,
            raised: None,
            before: None,
            patience: PATIENCE,
            holds: false,
            crowded: false,
        }
    }

    /// Where nothing fits with all that should go beside it, the lowest that has just enough or had it a moment ago; and for one who
    /// gets none only as the first.
    fn or_thinnest(&mut self, now: Instant, fits: Option<Layer>, lowest: Option<&Rung>) -> Option<Layer> {
        let Some(lowest) = lowest.filter(|_| fits.is_none() && (self.gets.is_some() || self.fresh)) else {
            self.starved_since = None;
            return fits;
        };
        if self.carries.saturating_sub(BARE_VOICE_BPS) as f64 >= need(lowest.min_kbps) {
            self.starved_since = None;
        } else if self.gets.is_none() || now >= *self.starved_since.get_or_insert(now) + LAST_PATIENCE {
            return None;
        }
        Some(lowest.layer)
    }

    /// There is too much on the way: what was given last is taken back, whoever's path told of it.
    /// How long it waits until it tries again.
    pub fn relapse(&mut self, now: Instant) -> Option<Duration> {
        self.raised.take_if(|at| now < *at + RELAPSE)?;
        self.patience = (self.patience * 2).min(MOST_PATIENCE);
        (self.gets, self.roomy_since) = (self.gets.min(self.before), None);
        Some(self.patience)
    }

    pub fn wait(&mut self, patience: Duration) {
        (self.patience, self.roomy_since) = (self.patience.max(patience), None);
    }

    /// Decides on the layer where there are `room` bits per second for it. What it takes more than before comes out of `growth`.
    pub fn decide(
        &mut self,
        now: Instant,
        room: f64,
        ladder: &Ladder,
        rates: &[Option<u32>; Layer::COUNT],
        growth: &mut f64,
    ) {
        let wants = self.wants;
        let fitting = |factor: f64| {
            let fitting = ladder.rungs_up_to(wants).filter(|rung| need(rung.min_kbps) * factor <= room);
            fitting.map(|rung| rung.layer).max()
        };
        let lowest = ladder.rungs_up_to(wants).next();
        let (fits, roomy) = (fitting(1.0), fitting(HEADROOM));
        let fits = self.or_thinnest(now, fits, lowest);
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
                    (self.gets, self.roomy_since) = (lowest.map(|rung| rung.layer), None);
                }
                return;
            }
            let rate = |layer: Option<Layer>| {
                let rung = layer.and_then(|layer| ladder.rung(layer));
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
