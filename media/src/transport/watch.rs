//! Notices that the direct way to a peer is dead while the link still works, before ICE does.
//!
//! Silence proves nothing by itself: streams may be off, or nobody speaks. So who hears nothing asks over the link, by a [`Probe`],
//! and the other side knows whether it has been sending. Each side asks and answers; one dead direction is enough to leave.

use std::time::{Duration, Instant};

use super::figures::{PeerFigures, Route};
use super::sent::Sent;

/// So long without media over the direct way, and the other side is asked. It is part of the protocol: the other side counts what
/// it sent from this long before the first probe.
const SILENCE: Duration = Duration::from_millis(250);
/// Datagrams that must be missing. Voice sends as many in 240 ms, and at 30 % random loss one silence in two million is that long.
const MISSING: u64 = 12;
/// Datagrams of those that must be older than [`LEAST_AGE`]: those sent after a pause may all be under way still.
const MISSING_AGED: u64 = 3;
/// Longer than a datagram and then a probe take. Longer still where the measured round trip, with this to spare, is.
const LEAST_AGE: Duration = Duration::from_millis(200);
const SPARE: Duration = Duration::from_millis(100);
const MOST_AGE: Duration = Duration::from_secs(1);

/// Probes come this fast as long as there is no answer or the answer is in doubt, but for a limited number; then at doubling
/// intervals.
const PROBE_FAST: Duration = Duration::from_millis(50);
const PROBE_FIRST: Duration = Duration::from_millis(125);
const PROBE_SLOWEST: Duration = Duration::from_secs(1);
const FAST_PROBES: u32 = 10;
const DOUBTS: u32 = 12;
/// A verdict that comes later than this answers a question that nobody asks any more.
const PATIENCE: Duration = Duration::from_secs(2);

const FIRST_RETRY: Duration = Duration::from_secs(10);
const SLOWEST_RETRY: Duration = Duration::from_secs(320);
/// A direct way that held for this long is trusted as at first.
const TRUSTED: Duration = Duration::from_secs(60);

/// "I hear nothing over the direct way." To be sent over the link; it may get lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Media datagrams that came the direct way since the peer was made, modulo 2^32.
    pub received: u32,
}

/// The answer to a [`Probe`], over the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was sent, so silence is no proof.
    Idle,
    /// Something was sent, but too little or too lately to tell. Ask again soon.
    Doubt,
    /// The direct way is dead: this side leaves it, and so must the other.
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchOutput {
    Probe(Probe),
    /// Call [`super::Peer::leave_direct`].
    LeaveDirect,
    /// Call [`super::Peer::try_direct`].
    TryDirect,
}

/// The watchdog of one peer that has both ways.
///
/// [`Self::observe`] after the peer was polled, and [`Self::poll`] until `None` after each call.
pub struct Watch {
    now: Instant,
    route: Option<Route>,
    /// When the direct way was last taken into use.
    entered: Instant,
    heard: Option<Instant>,
    received: u64,
    /// Of the direct way, as ICE or RTCP measure it.
    rtt: Option<Duration>,
    sent: Sent,
    /// The direct way was found dead and not tried again since.
    left: bool,
    leave: bool,
    asking: Option<Asking>,
    /// How long the link took for a probe and its answer.
    link_rtt: Option<Duration>,
    doubted: Option<Doubted>,
    retry: Option<Instant>,
    retry_after: Duration,
}

/// A silence that the other side is asked about.
struct Asking {
    probes: u32,
    doubts: u32,
    interval: Duration,
    next: Instant,
    first: Instant,
    newest: Instant,
    answered: bool,
}

/// A silence that the other side asks about.
struct Doubted {
    received: u32,
    /// What we had sent the direct way when it began, at most.
    sent: u64,
}

impl Watch {
    pub fn new(now: Instant) -> Self {
        Self {
            now,
            route: None,
            entered: now,
            heard: None,
            received: 0,
            rtt: None,
            sent: Sent::default(),
            left: false,
            leave: false,
            asking: None,
            link_rtt: None,
            doubted: None,
            retry: None,
            retry_after: FIRST_RETRY,
        }
    }

    /// Takes in what the peer has counted.
    pub fn observe(&mut self, now: Instant, figures: &PeerFigures) {
        self.now = self.now.max(now);
        self.sent.note(self.now, figures.direct.sent);
        self.rtt = figures.rtt;
        if figures.heard_direct != self.heard {
            self.heard = figures.heard_direct;
            self.asking = None;
        }
        self.received = figures.direct.received;
        if figures.route != self.route {
            self.route = figures.route;
            self.entered = self.now;
            self.asking = None;
        }
        if self.in_use() {
            self.retry = None;
        } else if self.route == Some(Route::Link) && self.retry.is_none() {
            self.schedule_retry();
        }
    }

    /// Answers the other side. A verdict of death holds for this side too.
    pub fn probe(&mut self, now: Instant, probe: Probe) -> Verdict {
        self.now = self.now.max(now);
        if self.left {
            return Verdict::Dead;
        }
        let began = match &self.doubted {
            Some(doubted) if doubted.received == probe.received => doubted.sent,
            // What was sent in the moment before the silence may have arrived, so it doesn't count.
            _ => self.sent.at_or_after(before(self.now, SILENCE)),
        };
        self.doubted = Some(Doubted { received: probe.received, sent: began });
        let missing = self.sent.total().saturating_sub(began);
        let aged = self.sent.at_or_before(before(self.now, self.age())).saturating_sub(began);
        if missing >= MISSING && aged >= MISSING_AGED {
            self.die();
            return Verdict::Dead;
        }
        if missing == 0 { Verdict::Idle } else { Verdict::Doubt }
    }

    /// Takes in the answer to a probe of ours. One that nobody asked for is dropped.
    pub fn verdict(&mut self, now: Instant, verdict: Verdict) {
        self.now = self.now.max(now);
        let Some(asking) = &mut self.asking else {
            return;
        };
        if self.now.saturating_duration_since(asking.newest) > PATIENCE {
            return;
        }
        if !std::mem::replace(&mut asking.answered, true) {
            self.link_rtt = Some(self.now.saturating_duration_since(asking.first));
        }
        match verdict {
            Verdict::Dead => self.die(),
            Verdict::Doubt if asking.doubts < DOUBTS => {
                asking.doubts += 1;
                asking.next = asking.next.min(self.now + PROBE_FAST);
            }
            Verdict::Doubt => {}
            Verdict::Idle => {
                asking.probes = asking.probes.max(FAST_PROBES);
                asking.next = self.now + asking.interval;
            }
        }
    }

    /// The network of this side or of the other one has changed: the direct way is tried at once.
    pub fn network_changed(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.retry_after = FIRST_RETRY;
        self.retry = Some(self.now);
    }

    pub fn poll(&mut self, now: Instant) -> Option<WatchOutput> {
        self.now = self.now.max(now);
        if std::mem::take(&mut self.leave) {
            return Some(WatchOutput::LeaveDirect);
        }
        if self.retry.is_some_and(|at| at <= self.now) {
            self.retry = None;
            self.left = false;
            self.doubted = None;
            if !self.in_use() {
                self.retry_after = (self.retry_after * 2).min(SLOWEST_RETRY);
                self.schedule_retry();
            }
            return Some(WatchOutput::TryDirect);
        }
        if self.next_probe()? > self.now {
            return None;
        }
        let now = self.now;
        let asking = self.asking.get_or_insert(Asking::new(now));
        asking.probes += 1;
        asking.newest = now;
        if asking.probes > FAST_PROBES {
            asking.interval = (asking.interval * 2).min(PROBE_SLOWEST);
        }
        asking.next = now + if asking.probes < FAST_PROBES { PROBE_FAST } else { asking.interval };
        Some(WatchOutput::Probe(Probe { received: self.received as u32 }))
    }

    /// When to poll again, unless something else happens first.
    pub fn next_timeout(&self) -> Option<Instant> {
        if self.leave {
            return Some(self.now);
        }
        self.retry.into_iter().chain(self.next_probe()).min()
    }

    fn in_use(&self) -> bool {
        self.route == Some(Route::Direct) && !self.left
    }

    fn next_probe(&self) -> Option<Instant> {
        if !self.in_use() {
            return None;
        }
        let silent_since = self.heard.map_or(self.entered, |heard| heard.max(self.entered));
        Some(self.asking.as_ref().map_or(silent_since + SILENCE, |asking| asking.next))
    }

    /// How old a datagram must be to be missing if it isn't among those received.
    fn age(&self) -> Duration {
        let measured = self.rtt.into_iter().chain(self.link_rtt).max().unwrap_or_default();
        (measured + SPARE).clamp(LEAST_AGE, MOST_AGE)
    }

    fn die(&mut self) {
        if !self.in_use() {
            return;
        }
        if self.now.saturating_duration_since(self.entered) >= TRUSTED {
            self.retry_after = FIRST_RETRY;
        }
        self.left = true;
        self.leave = true;
        self.asking = None;
        self.doubted = None;
        self.schedule_retry();
    }

    fn schedule_retry(&mut self) {
        self.retry = Some(self.now + self.retry_after);
    }
}

impl Asking {
    fn new(now: Instant) -> Self {
        Self { probes: 0, doubts: 0, interval: PROBE_FIRST, next: now, first: now, newest: now, answered: false }
    }
}

fn before(now: Instant, by: Duration) -> Instant {
    // The first moments of a machine's clock have no before; then everything counts as sent now, and nothing is missing.
    now.checked_sub(by).unwrap_or(now)
}
