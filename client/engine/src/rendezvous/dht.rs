//! Records in the BitTorrent Mainline DHT as mutable items (BEP 44), through a node that only asks (BEP 43).
//!
//! A task keeps the node alive, says how it fares, and replaces it when it was lost. Publishing and resolving are
//! futures, each bounded in time, at most [`IN_FLIGHT`] at once and [`WAITING`] more in line; what comes on top of
//! that is refused as [`DhtError::Busy`], the newest first.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use mainline::{
    MutableItem,
    async_dht::AsyncDht,
    errors::{ConcurrencyError, PutMutableError, PutQueryError},
};
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, watch},
    task::AbortHandle,
    time::timeout,
};

use super::{
    Whereabouts,
    keys::DayKeys,
    record::{SEALED_LEN, open},
};
use bootstrap::Bootstrap;

mod bootstrap;
mod error;
mod node;

pub use error::{DhtError, DhtStartError};

/// At most so many publications and lookups are under way at once.
pub const IN_FLIGHT: usize = 8;
/// At most so many bootstrap nodes can be named.
pub const MAX_BOOTSTRAP: usize = bootstrap::MAX;
/// At most so many more wait for their turn.
pub const WAITING: usize = 56;
/// No publication or lookup takes longer, its turn in line not counted.
pub const LONGEST: Duration = Duration::from_secs(10);

/// How to reach the DHT.
#[derive(Clone, Default)]
pub struct DhtSettings {
    /// Nodes to begin with, as `host:port`, at most 16. Without any the DHT is off: no socket is opened, nothing sent.
    pub bootstrap: Vec<String>,
    /// The address to send from. With a loopback address nothing leaves the machine: names are not looked up, and
    /// bootstrap nodes elsewhere are refused.
    pub bind: Option<Ipv4Addr>,
    /// The UDP port to send from; 0 for one of the system's choice, another with each new node.
    pub port: u16,
}

/// How it stands with the DHT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// No bootstrap nodes were given: there is no DHT.
    Off,
    /// Asking the bootstrap nodes.
    Starting,
    /// So many nodes answered when the node began, the last time no longer ago than 13 minutes. That they all have gone
    /// since is noticed by the next publication or lookup.
    Reached { nodes: usize },
    /// No node answers: the bootstrap nodes are dead, UDP is blocked, or there is no network. Tried again after
    /// 5 s, later ever more seldom down to every 5 min, and 5 s after anybody needs it.
    Unreachable,
}

/// A way into the DHT, shut when dropped.
pub struct Dht {
    node: watch::Receiver<State>,
    alarm: Arc<Alarm>,
    in_flight: Arc<Semaphore>,
    in_line: Arc<Semaphore>,
    keeper: Option<AbortHandle>,
}

/// The node as its keeper knows it.
#[derive(Clone)]
enum State {
    Off,
    Starting,
    Reached { node: AsyncDht, known: Arc<[String]> },
    Unreachable,
}

/// What the keeper is told.
#[derive(Default)]
struct Alarm {
    /// No node answered a lookup.
    lost: Notify,
    /// Somebody needs the DHT while it is out of reach.
    asked: Notify,
    /// The machine's network is another one.
    changed: Notify,
}

impl Dht {
    /// Starts reaching for the DHT, and returns at once.
    ///
    /// # Errors
    /// When the settings make no sense, or outside of a tokio runtime. That nobody answers is no error but
    /// [`Health::Unreachable`].
    pub fn start(settings: DhtSettings) -> Result<Self, DhtStartError> {
        let alarm = Arc::<Alarm>::default();
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
        let in_line = Arc::new(Semaphore::new(IN_FLIGHT + WAITING));
        if settings.bootstrap.is_empty() {
            let node = watch::channel(State::Off).1;
            return Ok(Self { node, alarm, in_flight, in_line, keeper: None });
        }
        let bootstrap = Bootstrap::new(&settings.bootstrap, settings.bind)?;
        let runtime = Handle::try_current().map_err(|_| DhtStartError::NoRuntime)?;
        let (state, node) = watch::channel(State::Starting);
        let keeper = node::Keeper { bootstrap, bind: settings.bind, port: settings.port, state, alarm: alarm.clone() };
        let keeper = Some(runtime.spawn(keeper.keep()).abort_handle());
        Ok(Self { node, alarm, in_flight, in_line, keeper })
    }

    /// How it stands now.
    pub fn health(&self) -> Health {
        self.node.borrow().health()
    }

    /// Waits until it stands otherwise than `than`, and says how.
    pub async fn other_health(&self, than: Health) -> Health {
        let mut node = self.node.clone();
        let health = node.wait_for(|state| state.health() != than).await.map(|state| state.health());
        match health {
            Ok(health) => health,
            // The keeper ends with this value only; without one nothing changes any more.
            Err(_) => std::future::pending().await,
        }
    }

    /// Some nodes that answered, as `IP:port`: to begin with at the next start, when the bootstrap nodes may be dead.
    pub fn known_nodes(&self) -> Vec<String> {
        match &*self.node.borrow() {
            State::Reached { known, .. } => known.to_vec(),
            State::Off | State::Starting | State::Unreachable => Vec::new(),
        }
    }

    /// The machine's network is another one: begin again at once, with a new node.
    pub fn network_changed(&self) {
        self.alarm.changed.notify_one();
    }

    /// Puts a sealed record in place of the former one of the same day. Says how many nodes stored it.
    ///
    /// `now` (Unix time, s) is its sequence number, or one more than the former's where the clock went back.
    ///
    /// # Errors
    /// See [`DhtError`].
    pub async fn publish(&self, keys: &DayKeys, sealed: Vec<u8>, now: u64) -> Result<u32, DhtError> {
        if sealed.len() != SEALED_LEN {
            return Err(DhtError::WrongLength);
        }
        let (signer, salt) = (keys.signing_key(), keys.salt);
        let work = |node: AsyncDht| async move {
            let key = signer.verifying_key().to_bytes();
            let seq = i64::try_from(now).unwrap_or(i64::MAX);
            // Storing begins with a lookup anyway, and takes this one's result from the node's memory.
            let ahead = look_up(&node, &key, &salt, Some(seq.saturating_sub(1))).await?;
            let seq = ahead.map_or(seq, |item| item.seq().saturating_add(1));
            let item = MutableItem::new(signer, &sealed, seq, Some(&salt));
            match node.put_mutable(item, None).await {
                Ok(outcome) => Ok(outcome.stored_at),
                Err(PutMutableError::Query(PutQueryError::NoClosestNodes)) => Err(DhtError::Unreachable),
                Err(PutMutableError::Query(PutQueryError::Timeout)) => Err(DhtError::TimedOut),
                Err(PutMutableError::Query(PutQueryError::ErrorResponse(_))) => Err(DhtError::NotStored),
                Err(PutMutableError::Concurrency(
                    ConcurrencyError::ConflictRisk | ConcurrencyError::NotMostRecent | ConcurrencyError::CasFailed,
                )) => Err(DhtError::NotNewest),
            }
        };
        self.run(work).await
    }

    /// The newest record of the day: where its publisher is, and since when (Unix time, s). `None` if no node has one.
    ///
    /// All nodes closest to the record's place are asked, and the highest sequence number counts; only who shares the
    /// secret can have signed it, and it is believed only if it opens at `now` (Unix time, s).
    ///
    /// # Errors
    /// See [`DhtError`].
    pub async fn resolve(&self, keys: &DayKeys, now: u64) -> Result<Option<(Whereabouts, u64)>, DhtError> {
        let (key, salt) = (keys.signing_key().verifying_key().to_bytes(), keys.salt);
        let item = self.run(|node| async move { look_up(&node, &key, &salt, None).await }).await?;
        Ok(item.map(|item| open(keys, item.value(), now)).transpose()?)
    }

    /// Does `work` with the node in its turn, in bounded time.
    async fn run<T, F>(&self, work: impl FnOnce(AsyncDht) -> F) -> Result<T, DhtError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, DhtError>> + Send + 'static,
    {
        if matches!(*self.node.borrow(), State::Off) {
            return Err(DhtError::Off);
        }
        let _place = self.in_line.try_acquire().map_err(|_| DhtError::Busy)?;
        let turn = self.in_flight.clone().acquire_owned().await.map_err(|_| DhtError::Off)?;
        let node = timeout(LONGEST, self.reached()).await.map_err(|_| DhtError::TimedOut)??;
        let work = work(node);
        // In a task of its own: the library ends a future with a panic when its thread has ended.
        let task = tokio::spawn(async move {
            let done = timeout(LONGEST, work).await;
            drop(turn);
            done
        });
        let done = match task.await {
            Ok(in_time) => in_time.unwrap_or(Err(DhtError::TimedOut)),
            Err(_) => Err(DhtError::Unreachable),
        };
        if matches!(done, Err(DhtError::Unreachable)) {
            self.alarm.lost.notify_one();
        }
        done
    }

    /// The node, once it is known whether any other answers it.
    async fn reached(&self) -> Result<AsyncDht, DhtError> {
        let mut node = self.node.clone();
        let state = node.wait_for(|state| !matches!(state, State::Starting)).await.map_err(|_| DhtError::Off)?;
        match &*state {
            State::Reached { node, .. } => Ok(node.clone()),
            State::Unreachable | State::Starting => {
                self.alarm.asked.notify_one();
                Err(DhtError::Unreachable)
            }
            State::Off => Err(DhtError::Off),
        }
    }
}

impl Drop for Dht {
    fn drop(&mut self) {
        if let Some(keeper) = &self.keeper {
            keeper.abort();
        }
    }
}

impl State {
    fn health(&self) -> Health {
        match self {
            Self::Off => Health::Off,
            Self::Starting => Health::Starting,
            Self::Reached { known, .. } => Health::Reached { nodes: known.len() },
            Self::Unreachable => Health::Unreachable,
        }
    }
}

/// The item with the highest sequence number, above `than`, that any node has under `key` and `salt`. Nodes that have
/// an older one don't send it.
async fn look_up(
    node: &AsyncDht,
    key: &[u8; 32],
    salt: &[u8],
    than: Option<i64>,
) -> Result<Option<MutableItem>, DhtError> {
    // Both attach to one and the same lookup: the one gives the item, the other how many nodes answered.
    let answers = node.get_mutable_detailed(key, Some(salt), than).outcome;
    let item = node.get_mutable_most_recent(key, Some(salt)).await;
    match item {
        None if answers.recv().await.responded() == 0 => Err(DhtError::Unreachable),
        item => Ok(item),
    }
}

#[cfg(test)]
mod tests;
