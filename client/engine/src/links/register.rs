//! The links of one endpoint that are open, and whether one of them was stranded.

use std::sync::{Mutex, MutexGuard, PoisonError};

use iroh::{RelayUrl, TransportAddr, endpoint::Connection};
use tokio::sync::Notify;

use crate::room::LinkId;

#[derive(Default)]
pub(super) struct Register {
    entries: Mutex<Entries>,
    stranding: Notify,
}

#[derive(Default)]
struct Entries {
    open: Vec<(LinkId, Connection)>,
    stranded: bool,
}

impl Register {
    pub fn open(&self, link: LinkId, connection: Connection) {
        self.entries().open.push((link, connection));
    }

    /// `stranded`: the relay that it depended on is of no use any more.
    pub fn close(&self, link: LinkId, stranded: bool) {
        {
            let mut entries = self.entries();
            entries.open.retain(|(other, _)| *other != link);
            entries.stranded |= stranded;
        }
        if stranded {
            self.stranding.notify_one();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries().open.is_empty()
    }

    pub fn holds(&self, link: LinkId) -> bool {
        self.entries().open.iter().any(|(open, _)| *open == link)
    }

    /// The relays that links go over. Paths that only stand by do not count.
    pub fn relays(&self) -> Vec<RelayUrl> {
        self.entries().open.iter().filter_map(|(_, connection)| relay_of(connection)).collect()
    }

    /// Datagrams received, in all, on links that have no direct path.
    pub fn received_over_relays(&self) -> u64 {
        let entries = self.entries();
        let relayed = entries.open.iter().filter(|(_, connection)| is_relayed(connection));
        relayed.map(|(_, connection)| connection.stats().udp_rx.datagrams).sum()
    }

    /// Whether a relay has failed us, and no link over any relay is left that another endpoint would disturb.
    pub fn wants_another_endpoint(&self) -> bool {
        let entries = self.entries();
        entries.stranded && !entries.open.iter().any(|(_, connection)| is_relayed(connection))
    }

    /// Waits for the next link that is stranded.
    pub async fn stranded(&self) {
        self.stranding.notified().await;
    }

    /// A plain list: a panic elsewhere leaves nothing half done in it.
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The relay that it goes over, if it does.
pub(super) fn relay_of(connection: &Connection) -> Option<RelayUrl> {
    let paths = connection.paths();
    let selected = paths.iter().find(|path| path.is_selected())?;
    match selected.remote_addr() {
        TransportAddr::Relay(relay) => Some(relay.clone()),
        _ => None,
    }
}

/// Whether no path of it is direct.
pub(super) fn is_relayed(connection: &Connection) -> bool {
    connection.paths().iter().all(|path| path.is_relay())
}
