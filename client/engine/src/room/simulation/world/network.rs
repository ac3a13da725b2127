//! The network between the beings: links that keep order, datagrams that do not, and whoever reaches nobody.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::World;
use crate::room::{
    DialError, Input, LinkId, Output,
    wire::{self, LinkMessage},
};

/// What the network does to a datagram.
#[derive(Clone, Copy)]
pub struct Weather {
    pub loss_percent: u64,
    pub delay_ms: u64,
    /// Up to so much more; what overtakes arrives out of order.
    pub jitter_ms: u64,
}

/// Who sends what, and what is sent in its place.
pub type Tamper = Box<dyn FnMut(usize, Output) -> Vec<Output>>;

pub(super) enum Happening {
    Datagram { to: usize, source: SocketAddr, target: SocketAddr, bytes: Vec<u8> },
    Link { to: usize, what: Linked },
    Capture { who: usize },
}

pub(super) enum Linked {
    Opened { link: LinkId, endpoint: [u8; 32], dialled: bool },
    Message { link: LinkId, bytes: Vec<u8> },
    Datagram { link: LinkId, bytes: Vec<u8> },
    Closed { link: LinkId },
    DialFailed { endpoint: [u8; 32], why: DialError },
}

pub(super) struct Scheduled {
    pub at: Instant,
    pub order: u64,
    pub what: Happening,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl World {
    /// From now on nothing arrives on the link between two people.
    pub fn break_link(&mut self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            let broken: Vec<_> =
                self.beings[from].links.iter().filter(|(_, (who, _))| *who == to).map(|(l, _)| *l).collect();
            for link in broken {
                self.beings[from].links.remove(&link);
                self.broken.push((from, link));
            }
        }
    }

    /// The ends of broken links notice.
    pub fn notice_broken_links(&mut self) {
        for (to, link) in std::mem::take(&mut self.broken) {
            self.schedule(self.now, Happening::Link { to, what: Linked::Closed { link } });
        }
    }

    /// Says something on a link as a modified program could.
    pub fn say_on_link(&mut self, from: usize, to: usize, message: &LinkMessage) {
        let link = self.link_with(from, to).expect("they have a link");
        self.carry(from, Output::Send { link, purpose: message.purpose(), bytes: wire::encode(message) });
    }

    /// A link of the one with the other, as the one's room has it.
    pub fn link_with(&self, from: usize, to: usize) -> Option<LinkId> {
        self.beings[from].links.iter().find(|(_, (who, _))| *who == to).map(|(link, _)| *link)
    }

    /// Opens a link that only a modified program knows: its own room hears nothing of it.
    #[cfg(feature = "fuzzing")]
    pub fn open_link(&mut self, from: usize, to: usize, endpoint: [u8; 32]) -> LinkId {
        let (ours, theirs) = (LinkId::Own(self.next_link), LinkId::Own(self.next_link + 1));
        self.next_link += 2;
        self.beings[from].links.insert(ours, (to, theirs));
        self.beings[to].links.insert(theirs, (from, ours));
        self.schedule(
            self.now,
            Happening::Link { to, what: Linked::Opened { link: theirs, endpoint, dialled: false } },
        );
        ours
    }

    /// Throws bytes at a socket as anybody could.
    pub fn throw(&mut self, to: usize, bytes: Vec<u8>) {
        let target = self.beings[to].socket;
        let source = SocketAddr::from(([127, 0, 0, 1], 6666));
        self.schedule(self.now, Happening::Datagram { to, source, target, bytes });
    }

    fn are_apart(&self, one: usize, other: usize) -> bool {
        self.apart.contains(&(one, other)) || self.apart.contains(&(other, one))
    }

    pub(super) fn schedule(&mut self, at: Instant, what: Happening) {
        self.order += 1;
        self.queue.push(Scheduled { at, order: self.order, what });
    }

    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Datagram { to, source, target, bytes } if self.beings[to].alive => {
                self.input(to, Input::Datagram { from: source, to: target, bytes: &bytes });
            }
            Happening::Link { to, what } if self.beings[to].alive => match what {
                Linked::Opened { link, endpoint, dialled } => {
                    self.input(to, Input::LinkOpened { link, endpoint, dialled });
                }
                Linked::Message { link, bytes } => self.input(to, Input::LinkMessage { link, bytes }),
                Linked::Datagram { link, bytes } => self.input(to, Input::LinkDatagram { link, bytes }),
                Linked::Closed { link } => {
                    self.beings[to].links.remove(&link);
                    self.input(to, Input::LinkClosed { link });
                }
                Linked::DialFailed { endpoint, why } => self.input(to, Input::DialFailed { endpoint, why }),
            },
            Happening::Capture { who } if self.beings[who].alive && self.beings[who].ended.is_none() => {
                self.capture(who);
            }
            _ => {}
        }
    }

    pub fn carry(&mut self, who: usize, output: Output) {
        let Some(mut tamper) = self.tamper.take() else {
            return self.deliver(who, output);
        };
        for output in tamper(who, output) {
            self.deliver(who, output);
        }
        self.tamper = Some(tamper);
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(self.weather.delay_ms)
    }

    /// What goes on a link comes out at its other end.
    pub(super) fn along(&mut self, who: usize, link: LinkId, lag: Duration, what: impl FnOnce(LinkId) -> Linked) {
        if let Some((to, theirs)) = self.beings[who].links.get(&link).copied() {
            let at = self.now + self.delay() + lag + self.slower.get(&theirs).copied().unwrap_or_default();
            self.schedule(at, Happening::Link { to, what: what(theirs) });
        }
    }

    pub(super) fn transmit(&mut self, who: usize, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        if self.no_direct {
            return;
        }
        let Some(target) = self.beings.iter().position(|b| b.socket == to) else {
            return;
        };
        if self.are_apart(who, target) {
            return;
        }
        let uplink = self.beings[who].uplink.as_mut();
        let Some(left) = uplink.map_or(Some(self.now), |uplink| uplink.leave(self.now, bytes.len())) else {
            return;
        };
        if self.random() % 100 < self.weather.loss_percent {
            return;
        }
        let jitter = self.random() % (self.weather.jitter_ms + 1);
        let at = left + Duration::from_millis(self.weather.delay_ms + jitter);
        self.schedule(at, Happening::Datagram { to: target, source: from, target: to, bytes });
    }

    pub(super) fn dial(&mut self, who: usize, endpoint: [u8; 32]) {
        self.dialled.push((who, endpoint));
        let delay = self.delay();
        let other = self.beings.iter().position(|b| b.at.endpoint == endpoint);
        if other.is_some_and(|other| self.other_version.contains(&who) != self.other_version.contains(&other)) {
            let what = Linked::DialFailed { endpoint, why: DialError::OtherVersion };
            return self.schedule(self.now + delay, Happening::Link { to: who, what });
        }
        let found = self.beings.iter().position(|b| b.at.endpoint == endpoint && b.alive && b.ended.is_none());
        let Some(other) = found.filter(|other| !self.are_apart(who, *other)) else {
            let what = Linked::DialFailed { endpoint, why: DialError::NoAnswer };
            return self.schedule(self.now + delay, Happening::Link { to: who, what });
        };
        let (ours, theirs) = (LinkId::Own(self.next_link), LinkId::Own(self.next_link + 1));
        self.next_link += 2;
        self.beings[who].links.insert(ours, (other, theirs));
        self.beings[other].links.insert(theirs, (who, ours));
        let at = self.now + 2 * delay;
        if self.uneven_ms > 0 {
            let slower = Duration::from_millis(self.random() % (self.uneven_ms + 1));
            self.slower.extend([(ours, slower), (theirs, slower)]);
        }
        let what = Linked::Opened { link: ours, endpoint, dialled: true };
        self.schedule(at, Happening::Link { to: who, what });
        let endpoint = self.beings[who].at.endpoint;
        let what = Linked::Opened { link: theirs, endpoint, dialled: false };
        self.schedule(at, Happening::Link { to: other, what });
    }
}
