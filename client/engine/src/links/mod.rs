//! Links over iroh: one QUIC connection with a stream for each purpose, which carry length-prefixed messages, and datagrams beside
//! them; direct where the wall and the NATs allow, else through a relay.

// In the order of the story: settings, the endpoint, who calls, what a link does.
mod settings;
//
mod endpoint;
mod interfaces;
mod keeper;
mod names;
mod rota;
mod transport;
//
mod arriving;
mod callers;
mod channels;
mod counted;
mod framing;
mod gate;
#[cfg(feature = "fuzzing")]
pub(crate) mod hostile;
mod strangers;
mod turns;
//
mod dial;
mod event;
mod link;
mod receipts;
mod register;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use group_crypto::MemberId;
use iroh::{RelayUrl, SecretKey};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    rendezvous::Whereabouts,
    room::{LinkId, wire::Purpose},
    wall::Wall,
};
use dial::connect_from_home;
use endpoint::Home;
use keeper::Keeper;
use settings::Ways;
use strangers::Strangers;

pub(crate) use event::{LinkEvent, Unsent};
pub(crate) use rota::RelayState;
pub(crate) use writer::Writer;

/// The version of a link: its streams, and how messages are framed. New kinds of messages need no other one.
const ALPN: &[u8] = b"incamera/link/7";
/// What every version speaks, to say no more than that it is another one: never preferred, and no link.
const ANY_VERSION: &[u8] = b"incamera/link";
/// The handshake of one who dials us, or a dial that needs no relay, takes no longer than this.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Links of one person at once. One more is not opened.
const LINKS: usize = 512;
/// Dials at once to where somebody is only said to be. One more is not made.
const HEARSAY: usize = 32;
const OTHER_VERSION: u8 = 3;
/// What was sent last gets this long to arrive before a link closes.
const FAREWELL: Duration = Duration::from_millis(700);

/// What links are made of, for one run.
pub(crate) struct LinkSettings {
    pub wall: Wall,
    /// `https://host[:port]/` or `http://host[:port]/`, the own ones, at most [`settings::RELAYS`].
    pub relays: Vec<String>,
    /// Root certificate of an own relay, PEM or DER. Mozilla's roots are trusted as well.
    pub relay_ca: Option<Vec<u8>>,
    /// Only relayed links, and only over the own relays: whoever runs a relay sees the address of who uses it.
    pub hide_address: bool,
}

/// All links of one person.
pub(crate) struct Links {
    shared: Shared,
    home: watch::Receiver<Home>,
    writers: HashMap<LinkId, Writer>,
    unsent: Unsent,
    changed: Arc<Notify>,
    stop: oneshot::Sender<()>,
    keeper: JoinHandle<()>,
}

/// A link that hears nothing over its relays.
struct Doubt {
    link: LinkId,
    relay: Option<RelayUrl>,
}

/// What every link's task needs.
#[derive(Clone)]
struct Shared {
    ways: Arc<Ways>,
    events: mpsc::Sender<LinkEvent>,
    ids: Arc<AtomicU64>,
    strangers: Arc<Mutex<Strangers>>,
    /// The relay that was given up last.
    lost: watch::Sender<Option<RelayUrl>>,
    doubts: mpsc::Sender<Doubt>,
}

impl Shared {
    fn next_id(&self) -> LinkId {
        LinkId::Own(self.ids.fetch_add(1, Ordering::Relaxed))
    }

    /// The strangers are a plain list: a panic elsewhere leaves nothing half done in it.
    fn strangers<T>(&self, f: impl FnOnce(&mut Strangers) -> T) -> T {
        f(&mut self.strangers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Links {
    /// An endpoint under `key`, the secret key of this run, which means nothing to the next one.
    ///
    /// # Errors
    /// `InvalidInput` with a [`settings::BadSettings`] inside when the settings make no sense; else no socket could be opened.
    pub async fn bind(settings: LinkSettings, key: [u8; 32], events: mpsc::Sender<LinkEvent>) -> io::Result<Self> {
        let ways = Ways::try_from(&settings)?;
        let home = Home::bind(&ways, settings.wall, SecretKey::from_bytes(&key), &[]).await?;
        let (doubts, doubted) = mpsc::channel(LINKS);
        let shared = Shared {
            ways: Arc::new(ways),
            events,
            ids: Arc::new(AtomicU64::new(1)),
            strangers: Arc::default(),
            lost: watch::Sender::new(None),
            doubts,
        };
        let changed = Arc::new(Notify::new());
        let (stop, stopped) = oneshot::channel();
        let (keeper, home) = Keeper::new(shared.clone(), home, changed.clone(), doubted);
        let keeper = tokio::spawn(keeper.keep(stopped));
        Ok(Self { shared, home, writers: HashMap::new(), unsent: Unsent::default(), changed, stop, keeper })
    }

    #[cfg(test)]
    pub fn id(&self) -> [u8; 32] {
        *self.home.borrow().endpoint.id().as_bytes()
    }

    /// Where others can dial us now.
    pub fn whereabouts(&self) -> Whereabouts {
        self.home.borrow().whereabouts(&self.shared.ways)
    }

    /// The wall around the networks that links use now.
    pub fn wall(&self) -> Wall {
        self.home.borrow().wall.clone()
    }

    /// Dials all addresses and relays at once; the first that answers wins. What lies outside the wall is left out.
    ///
    /// `is_hearsay`: nothing proves that the other end is there. Such dials are few at once, and take no link's place.
    pub fn dial(&self, to: Whereabouts, is_hearsay: bool) {
        let (homes, shared) = (self.home.clone(), self.shared.clone());
        tokio::spawn(async move {
            let endpoint = to.endpoint;
            let (home, connected) = connect_from_home(homes, &shared, to, is_hearsay).await;
            match connected {
                Ok((line, permit)) => {
                    link::run(line, endpoint, true, &home.register, shared).await;
                    drop(permit);
                }
                Err(why) => {
                    let _ = shared.events.send(LinkEvent::DialFailed { endpoint, why }).await;
                }
            }
        });
    }

    pub fn opened(&mut self, link: LinkId, writer: Writer) {
        self.writers.insert(link, writer);
    }

    /// Says that the other end of a link is no stranger any more. Until then a link that was not dialled by us delivers
    /// no datagrams and no messages of more than 16 KiB, ends after [`strangers::PROBATION`], and gives way to newer strangers.
    pub fn vouch(&mut self, link: LinkId) {
        if let Some(writer) = self.writers.get(&link) {
            writer.vouch();
            self.shared.strangers(|strangers| strangers.remove(link));
        }
    }

    /// Says that a stranger may stay: the link does not end by itself and does not give way, and is a stranger's otherwise.
    pub fn let_wait(&mut self, link: LinkId) {
        if let Some(writer) = self.writers.get(&link) {
            writer.let_wait();
            self.shared.strangers(|strangers| strangers.remove(link));
        }
    }

    /// Queues a message. A link whose other end does not keep up is closed: its messages have an order to keep.
    pub fn send(&mut self, link: LinkId, purpose: Purpose, bytes: Vec<u8>) {
        if let Some(writer) = self.writers.get(&link)
            && !writer.send(purpose, bytes)
        {
            tracing::debug!("a link does not keep up; it is closed");
            self.close(link);
        }
    }

    /// Queues a message of another member's, behind others of theirs. It is dropped where the link does not keep up.
    pub fn forward(&mut self, link: LinkId, author: MemberId, bytes: Vec<u8>) {
        if let Some(writer) = self.writers.get(&link)
            && !writer.forward(author, bytes)
        {
            tracing::debug!("a link does not keep up with what is passed on; a message is dropped");
        }
    }

    /// Sends a datagram now or never. Where the path is congested the oldest that wait are dropped.
    pub fn send_datagram(&mut self, link: LinkId, bytes: Vec<u8>) {
        if let Some(writer) = self.writers.get(&link) {
            writer.send_datagram(bytes, &mut self.unsent);
        }
    }

    /// Bytes of the largest datagram that the link takes now; it changes with the path.
    #[cfg(test)]
    pub fn max_datagram(&self, link: LinkId) -> Option<usize> {
        self.writers.get(&link)?.max_datagram()
    }

    /// Closes a link once what was sent is delivered.
    pub fn close(&mut self, link: LinkId) {
        // The writing half ends when its queue does.
        self.writers.remove(&link);
    }

    /// A hint that interfaces or routes changed, from who knows earlier than our own look at them.
    pub fn network_changed(&mut self) {
        self.changed.notify_one();
    }

    pub async fn shut_down(mut self) {
        let Unsent { oversize, stale } = self.unsent;
        if oversize + stale > 0 {
            tracing::debug!(oversize, stale, "datagrams of this run's links were not sent");
        }
        self.writers.clear();
        let _ = self.stop.send(());
        let _ = timeout(FAREWELL * 3, self.keeper).await;
    }
}
