//! Records on the LAN, by multicast DNS (RFC 6762, RFC 6763): who shares the secret recognises the token and opens the
//! record, anybody else sees random bytes under a random name.
//!
//! The library has a thread of its own that owns the sockets; one thread here takes its events. At most
//! [`MAX_ANNOUNCED`] announcements; at most [`PER_SECOND`] sightings a second are looked at, those on top are dropped
//! until they are announced again; at most 64 finds wait to be taken, the newest on top of those is dropped.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::rand;
use data_encoding::BASE32_NOPAD;
use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use tokio::sync::mpsc;

use super::{
    Whereabouts,
    keys::{DAY, Secret, Side, keys},
    record::RecordError,
    schedule::PairId,
};
use instance::Sighting;
use recognise::Recogniser;

#[cfg(feature = "fuzzing")]
pub(crate) mod hostile;
mod instance;
mod listen;
mod recognise;

pub use recognise::{Found, MAX_LOOKED_FOR};

/// At most so many announcements.
pub const MAX_ANNOUNCED: usize = 256;
/// At most so many sightings are looked at in a second.
pub const PER_SECOND: u32 = 64;

const SERVICE: &str = "_incamera._udp.local.";
/// The SRV record needs a port: that of the discard protocol (RFC 863) says nothing of anybody.
const NO_PORT: u16 = 9;
const FINDS: usize = 64;

/// What of the LAN may be used.
#[derive(Clone)]
pub struct LanSettings {
    /// The own addresses whose interfaces may send and hear: 127.0.0.1 for tests. Others are never sent to, though the
    /// library joins and leaves the multicast group on all interfaces once, when it starts.
    pub interfaces: Vec<IpAddr>,
}

/// Why somebody is not announced or looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanError {
    #[error("no interface may be used")]
    NoInterface,
    #[error("multicast DNS cannot be started on this system")]
    NoMulticast,
    #[error("at most {MAX_ANNOUNCED} pairs are announced on a LAN")]
    TooManyAnnounced,
    #[error("at most {MAX_LOOKED_FOR} pairs are looked for on a LAN")]
    TooManyLookedFor,
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// A presence on the LAN, withdrawn when dropped.
pub struct Lan {
    shared: Arc<Shared>,
}

struct Shared {
    settings: LanSettings,
    /// The host name of this run.
    host: String,
    finds: mpsc::Sender<Found>,
    stop: AtomicBool,
    state: Mutex<State>,
}

struct State {
    daemon: ServiceDaemon,
    announced: BTreeMap<PairId, Announcement>,
    recogniser: Recogniser,
}

struct Announcement {
    secret: Secret,
    side: Side,
    whereabouts: Whereabouts,
    /// The instance's name, random in each run.
    name: String,
    /// When the instance on the LAN was made, Unix time, s; `None` if it has to be made.
    made: Option<u64>,
}

impl Lan {
    /// Starts to listen, and gives what will be found.
    ///
    /// # Errors
    /// [`LanError::NoInterface`] if none is allowed, [`LanError::NoMulticast`] if the system refuses.
    pub fn start(settings: LanSettings) -> Result<(Self, mpsc::Receiver<Found>), LanError> {
        if settings.interfaces.is_empty() {
            return Err(LanError::NoInterface);
        }
        let daemon = daemon(&settings)?;
        let (finds, found) = mpsc::channel(FINDS);
        let state = State { daemon, announced: BTreeMap::new(), recogniser: Recogniser::default() };
        let host = format!("{}.local.", random_name()?);
        let shared = Shared { settings, host, finds, stop: AtomicBool::new(false), state: Mutex::new(state) };
        let shared = Arc::new(shared);
        let listening = shared.clone();
        let listen = move || listening.listen();
        thread::Builder::new().name("lan".into()).spawn(listen).map_err(|_| LanError::NoMulticast)?;
        Ok((Self { shared }, found))
    }

    /// Tells the other one of a pair, of which we are `side`, where we are; anew if that changed.
    ///
    /// # Errors
    /// If there is no place for one more, or `whereabouts` cannot be sealed.
    pub fn announce(
        &self,
        pair: PairId,
        secret: &Secret,
        side: Side,
        whereabouts: Whereabouts,
    ) -> Result<(), LanError> {
        // Tried here, so that what cannot be sealed is an error now and never one of the thread's.
        Sighting::make(&keys(secret, side, 0), &whereabouts, 0)?;
        let mut state = self.shared.lock();
        let name = match state.announced.get(&pair) {
            Some(before) => before.name.clone(),
            None if state.announced.len() >= MAX_ANNOUNCED => return Err(LanError::TooManyAnnounced),
            None => random_name()?,
        };
        let announcement = Announcement { secret: secret.clone(), side, whereabouts, name, made: None };
        state.announced.insert(pair, announcement);
        self.shared.register(&mut state);
        Ok(())
    }

    /// Takes an announcement back, with a goodbye (RFC 6762, section 10.1).
    pub fn withdraw(&self, pair: PairId) {
        let mut state = self.shared.lock();
        if let Some(announcement) = state.announced.remove(&pair) {
            // Where the library is too busy to say goodbye, the announcement expires by itself.
            let _ = state.daemon.unregister(&format!("{}.{SERVICE}", announcement.name));
        }
    }

    /// Looks for the other one of a pair of which we are `side`, until [`forget`](Self::forget).
    ///
    /// # Errors
    /// If there is no place for one more.
    pub fn look_for(&self, pair: PairId, secret: &Secret, side: Side) -> Result<(), LanError> {
        let mut state = self.shared.lock();
        if !state.recogniser.look_for(pair, secret.clone(), side) {
            return Err(LanError::TooManyLookedFor);
        }
        let found = state.recogniser.among_remembered(pair, unix_now());
        self.shared.tell(found);
        Ok(())
    }

    /// Whether the record of anybody looked for came from the future since this was asked last.
    pub fn take_ahead(&self) -> bool {
        self.shared.lock().recogniser.take_ahead()
    }

    /// Looks for a pair no longer.
    pub fn forget(&self, pair: PairId) {
        self.shared.lock().recogniser.forget(pair);
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
        // The library says goodbye for all announcements on its way out.
        let _ = self.shared.lock().daemon.shutdown();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, found: Option<Found>) {
        if found.is_some_and(|found| self.finds.try_send(found).is_err()) {
            tracing::debug!("a find on the LAN was dropped: nobody takes them");
        }
    }

    /// Puts on the LAN what is not there yet with today's keys. What the library has no room for waits for a tick.
    fn register(&self, state: &mut State) {
        let now = unix_now();
        let today = now / DAY;
        // A record from before the clock was put back would come from the future.
        let stands = |made: u64| made / DAY == today && made <= now;
        for announcement in state.announced.values_mut().filter(|it| !it.made.is_some_and(stands)) {
            let keys = keys(&announcement.secret, announcement.side, today);
            let Ok(own) = Sighting::make(&keys, &announcement.whereabouts, now) else { continue };
            let info = ServiceInfo::new(SERVICE, &announcement.name, &self.host, "", NO_PORT, own.strings());
            let Ok(mut info) = info.map(ServiceInfo::enable_addr_auto) else { continue };
            // Names of 80 random bits need no defence: probing would only triple the packets.
            info.set_requires_probe(false);
            if state.daemon.register(info).is_err() {
                return;
            }
            announcement.made = Some(now);
        }
    }
}

/// The library's thread and sockets, with all interfaces off but those allowed.
fn daemon(settings: &LanSettings) -> Result<ServiceDaemon, LanError> {
    let daemon = ServiceDaemon::new().map_err(|_| LanError::NoMulticast)?;
    let allowed: Vec<IfKind> = settings.interfaces.iter().map(|ip| IfKind::Addr(*ip)).collect();
    // Commands are done in order: nothing is sent before these.
    let limited = daemon.disable_interface(IfKind::All).and_then(|()| daemon.enable_interface(allowed));
    match limited {
        Ok(()) => Ok(daemon),
        Err(_) => {
            let _ = daemon.shutdown();
            Err(LanError::NoMulticast)
        }
    }
}

/// 80 random bits as letters and digits.
fn random_name() -> Result<String, RecordError> {
    let mut bytes = [0; 10];
    rand::fill(&mut bytes).map_err(|_| RecordError::NoRandomness)?;
    Ok(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
