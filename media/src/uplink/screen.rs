//! What a shared screen takes of an uplink: after sound and before cameras, while it has something to send.

use std::time::{Duration, Instant};

use super::{HEADROOM, SAME, need};

/// With less of it a page of text would take too long: it is not sent at all.
const LEAST_KBPS: u32 = 100;
/// After the last of a page its rate is held free for so long: somebody may be scrolling.
const HELD: Duration = Duration::from_secs(2);
/// It leaves faster than its rate by so many halves, where there is room: who waits for a page reads nothing meanwhile.
const PACE_HALVES: f64 = 1.5;

/// The screen that the owner of the uplink shares.
#[derive(Default)]
pub(super) struct Screen {
    /// Kilobits per second that are spent at most; none: no screen is shared.
    most_kbps: Option<u32>,
    kbps: Option<u32>,
    /// Until when what was sent so far takes all of its rate.
    busy_until: Option<Instant>,
}

impl Screen {
    pub fn share(&mut self, most_kbps: Option<u32>) {
        if most_kbps.is_none() {
            *self = Self::default();
        }
        self.most_kbps = most_kbps;
    }

    /// A picture of so many bytes goes out.
    pub fn sent(&mut self, now: Instant, bytes: usize) {
        if let Some(kbps) = self.kbps {
            let lasts = Duration::from_secs_f64(bytes as f64 * 8.0 / need(kbps));
            self.busy_until = Some(self.busy_until.map_or(now, |at| at.max(now)) + lasts);
        }
    }

    /// Whether one who wants it can take it; `gets`: they do already.
    pub fn fits(&self, wants: bool, gets: bool, room: f64) -> bool {
        wants && self.most_kbps.is_some() && room >= need(LEAST_KBPS) * if gets { 1.0 } else { HEADROOM }
    }

    /// Decides on its rate: what the weakest of its receivers can take. `growth`: by so many bits per second all together may
    /// be sent more. Returns what it takes of that.
    pub fn plan(&mut self, rooms: impl Iterator<Item = f64>, growth: f64) -> f64 {
        let (receivers, room) = rooms.fold((0.0, f64::INFINITY), |(count, least), room| (count + 1.0, room.min(least)));
        let Some(most) = self.most_kbps.filter(|_| receivers > 0.0) else {
            (self.kbps, self.busy_until) = (None, None);
            return 0.0;
        };
        let room = (room / 1000.0).min(f64::from(most));
        // If all of them stand in one queue, this is no more than one of them could take alone.
        let begins = self.kbps.map_or(room / receivers, f64::from);
        let kbps = room.min(begins + growth.max(0.0) / receivers / 1000.0);
        let same = (begins - kbps).abs() < SAME * begins && (kbps as u32) != most;
        let kbps = if same { begins } else { kbps };
        self.kbps = Some((kbps as u32).max(LEAST_KBPS.min(most)));
        (kbps - begins).max(0.0) * 1000.0 * receivers
    }

    pub fn kbps(&self) -> Option<u32> {
        self.kbps
    }

    /// What is set aside for it on each path that gets it, in bits per second.
    pub fn takes(&self, now: Instant) -> f64 {
        let busy = self.busy_until.is_some_and(|until| now < until + HELD);
        self.kbps.filter(|_| busy).map_or(0.0, need)
    }

    /// How fast its packets may leave on a path with so much room, in bits per second.
    pub fn pace(&self, room: f64) -> u64 {
        let rate = self.kbps.map_or(0.0, need);
        (PACE_HALVES * rate).min(room.max(rate)) as u64
    }
}
