//! The life of the node: built, asked whether anybody answers, replaced before it would serve others, and when lost.

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    sync::Arc,
    time::Duration,
};

use mainline::async_dht::AsyncDht;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{Alarm, State, bootstrap::Bootstrap};

/// After 15 minutes the library makes a node that others can reach a server: one that stores and answers for anybody,
/// and is known by its place in the DHT. So each node goes before that, and the next one has a fresh id.
const LIFE: Duration = Duration::from_secs(13 * 60);
/// A node that answers later than this is taken for dead.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(1500);
/// Bootstrapping is a lookup of about four steps.
const LONGEST_START: Duration = Duration::from_secs(10);
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(5 * 60);
const BUILD_TRIES: u32 = 4;
const BUILD_PAUSE: Duration = Duration::from_millis(250);
/// So many nodes of a former node's table help the next one to begin.
const HANDED_ON: usize = 8;

/// Owns the node, on a task of its own.
pub struct Keeper {
    pub bootstrap: Bootstrap,
    pub bind: Option<Ipv4Addr>,
    pub port: u16,
    pub state: watch::Sender<State>,
    pub alarm: Arc<Alarm>,
}

impl Keeper {
    /// Never ends: the handle aborts it.
    pub async fn keep(self) {
        let keeper = Arc::new(self);
        let mut known: Arc<[String]> = Arc::default();
        let mut retry = FIRST_RETRY;
        loop {
            if let Some((node, found)) = keeper.start(&known).await {
                retry = FIRST_RETRY;
                known = found;
                tracing::debug!(nodes = known.len(), "the DHT is reached");
                keeper.state.send_replace(State::Reached { node, known: known.clone() });
                let lost = keeper.live().await;
                if lost || keeper.port != 0 {
                    // Two nodes cannot share a fixed port, and a lost one is of no use.
                    keeper.state.send_replace(State::Starting);
                }
            } else {
                tracing::debug!("no node of the DHT answers");
                keeper.state.send_replace(State::Unreachable);
                tokio::select! {
                    () = sleep(retry) => retry = (retry * 2).min(LAST_RETRY),
                    () = keeper.asked() => {}
                    () = keeper.alarm.changed.notified() => {
                        retry = FIRST_RETRY;
                        keeper.state.send_replace(State::Starting);
                    }
                }
            }
        }
    }

    /// Waits for the end of the present node's life. Says whether it was lost.
    async fn live(&self) -> bool {
        tokio::select! {
            () = sleep(LIFE) => false,
            () = self.alarm.lost.notified() => true,
            () = self.alarm.changed.notified() => true,
        }
    }

    /// Waits until somebody needs the DHT while it is out of reach, but no shorter than the first retry does.
    async fn asked(&self) {
        sleep(FIRST_RETRY).await;
        self.alarm.asked.notified().await;
    }

    /// A new node, and some of those that answered it. `None` if none did.
    async fn start(self: &Arc<Self>, known: &Arc<[String]>) -> Option<(AsyncDht, Arc<[String]>)> {
        let (keeper, known) = (self.clone(), known.clone());
        // Resolving names and opening the socket block, and the library panics where its thread cannot be started.
        let build = move || (0..BUILD_TRIES).find_map(|_| keeper.build(&known));
        let node = spawn_blocking(build).await.ok()??;
        let asked = node.clone();
        let answered = tokio::spawn(async move {
            asked.bootstrapped().await;
            asked.to_bootstrap().await
        });
        let nodes = timeout(LONGEST_START, answered).await.ok()?.ok()?;
        (!nodes.is_empty()).then(|| (node, nodes.into()))
    }

    fn build(&self, known: &[String]) -> Option<AsyncDht> {
        let mut bootstrap = self.bootstrap.addresses();
        bootstrap.extend(known.iter().take(HANDED_ON).filter_map(|node| node.parse::<SocketAddrV4>().ok()));
        let mut builder = mainline::Dht::builder();
        builder.bootstrap(&bootstrap).port(self.port).request_timeout(REQUEST_TIMEOUT);
        if let Some(bind) = self.bind {
            builder.bind_address(bind);
        }
        match builder.build() {
            Ok(node) => Some(node.as_async()),
            Err(_) => {
                // The former node gives the port back a moment after it was let go.
                std::thread::sleep(BUILD_PAUSE);
                None
            }
        }
    }
}
