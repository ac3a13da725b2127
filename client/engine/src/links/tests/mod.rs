//! Links on loopback, with relays of our own. Nothing here asserts a time.

mod relay;

mod channels;
mod direct;
mod flood;
mod networks;
mod relayed;
mod versions;

use std::{collections::VecDeque, time::Duration};

use tokio::{sync::mpsc, time::timeout};

use super::*;
use crate::{api::Route, room::DialError};

/// After this long something does not come any more.
const NEVER: Duration = Duration::from_secs(30);

/// A [`LinkEvent`] that can be kept and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Opened { link: LinkId, endpoint: [u8; 32], dialled: bool },
    Message { link: LinkId, bytes: Vec<u8> },
    Datagram { link: LinkId, bytes: Vec<u8> },
    Closed { link: LinkId },
    DialFailed { endpoint: [u8; 32], why: DialError },
    Route { link: LinkId, route: Route },
    Whereabouts,
    Doubtful { link: LinkId },
    Relay(RelayState),
}

/// One person's links, and what they told that no test has looked at yet.
struct Person {
    links: Links,
    events: mpsc::Receiver<LinkEvent>,
    seen: VecDeque<Seen>,
    vouches: bool,
}

fn settings(relays: &[&str]) -> LinkSettings {
    let relays = relays.iter().map(ToString::to_string).collect();
    LinkSettings { wall: Wall::local(), relays, relay_ca: None, hide_address: false }
}

impl Person {
    async fn new(settings: LinkSettings, key: u8) -> Self {
        let (sender, events) = mpsc::channel(256);
        let links = Links::bind(settings, [key; 32], sender).await.unwrap();
        Self { links, events, seen: VecDeque::new(), vouches: true }
    }

    /// The next of what was told that `wanted` picks. What comes before it stays for later.
    async fn until<T>(&mut self, wanted: impl Fn(&Seen) -> Option<T>) -> T {
        self.within(NEVER, wanted).await.expect("it was told")
    }

    async fn within<T>(&mut self, time: Duration, wanted: impl Fn(&Seen) -> Option<T>) -> Option<T> {
        if let Some((i, found)) = self.seen.iter().enumerate().find_map(|(i, seen)| Some((i, wanted(seen)?))) {
            self.seen.remove(i);
            return Some(found);
        }
        timeout(time, async {
            loop {
                let seen = self.next().await;
                if let Some(found) = wanted(&seen) {
                    return found;
                }
                self.seen.push_back(seen);
            }
        })
        .await
        .ok()
    }

    async fn next(&mut self) -> Seen {
        match self.events.recv().await.expect("links tell as long as they live") {
            LinkEvent::Opened { link, endpoint, dialled, writer } => {
                self.links.opened(link, writer);
                if self.vouches {
                    self.links.vouch(link);
                }
                Seen::Opened { link, endpoint, dialled }
            }
            LinkEvent::Message { link, bytes, .. } => Seen::Message { link, bytes },
            LinkEvent::Datagram { link, bytes } => Seen::Datagram { link, bytes },
            LinkEvent::Closed { link } => {
                self.links.close(link);
                Seen::Closed { link }
            }
            LinkEvent::DialFailed { endpoint, why } => Seen::DialFailed { endpoint, why },
            LinkEvent::Route { link, route } => Seen::Route { link, route },
            LinkEvent::Whereabouts => Seen::Whereabouts,
            LinkEvent::Doubtful { link } => Seen::Doubtful { link },
            LinkEvent::Relay(state) => Seen::Relay(state),
        }
    }

    async fn opened(&mut self) -> LinkId {
        self.until(|seen| if let Seen::Opened { link, .. } = seen { Some(*link) } else { None }).await
    }

    async fn routed(&mut self, wanted: Route) -> LinkId {
        self.until(|seen| match seen {
            Seen::Route { link, route } if *route == wanted => Some(*link),
            _ => None,
        })
        .await
    }

    async fn message(&mut self) -> Vec<u8> {
        self.until(|seen| if let Seen::Message { bytes, .. } = seen { Some(bytes.clone()) } else { None }).await
    }

    async fn datagram(&mut self) -> Vec<u8> {
        self.until(|seen| if let Seen::Datagram { bytes, .. } = seen { Some(bytes.clone()) } else { None }).await
    }

    async fn relay(&mut self, wanted: RelayState) {
        self.until(|seen| (*seen == Seen::Relay(wanted)).then_some(())).await;
    }

    async fn closed(&mut self, link: LinkId) {
        self.until(|seen| (*seen == Seen::Closed { link }).then_some(())).await;
    }

    /// Where only the own relays lead.
    fn relayed_whereabouts(&self) -> Whereabouts {
        Whereabouts { addresses: Vec::new(), ..self.links.whereabouts() }
    }

    fn endpoint(&self) -> iroh::Endpoint {
        self.links.home.borrow().endpoint.clone()
    }
}

/// `one` dials `other`; the link as each of them calls it. A stream begins with what is said on it first, so something is.
async fn link(one: &mut Person, other: &mut Person, to: Whereabouts) -> (LinkId, LinkId) {
    let at_one = dial(one, &to).await;
    one.links.send(at_one, Purpose::Control, b"hello".to_vec());
    let at_other = other.opened().await;
    assert_eq!(other.message().await, b"hello");
    (at_one, at_other)
}

/// Dials until it is answered, as a room does: an endpoint that gives way to another refuses calls until it is closed.
async fn dial(one: &mut Person, to: &Whereabouts) -> LinkId {
    for _ in 0..8 {
        one.links.dial(to.clone(), false);
        let opened = one.until(|seen| match seen {
            Seen::Opened { link, .. } => Some(Some(*link)),
            Seen::DialFailed { .. } => Some(None),
            _ => None,
        });
        if let Some(link) = opened.await {
            return link;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("one of a few dials gets through")
}

/// A message and a datagram, there and back.
async fn converse(one: (&mut Person, LinkId), other: (&mut Person, LinkId)) {
    say(one.0, one.1, other.0).await;
    say(other.0, other.1, one.0).await;
}

async fn say(from: &mut Person, link: LinkId, to: &mut Person) {
    from.links.send(link, Purpose::Control, vec![7; 100_000]);
    assert!(to.message().await == vec![7; 100_000], "the message arrives whole");
    let size = from.links.max_datagram(link).unwrap();
    from.links.send_datagram(link, vec![8; size]);
    assert!(to.datagram().await == vec![8; size], "the datagram arrives whole");
}
