//! The links of one endpoint that are open, and whether one of them was stranded.

use std::sync::{Mutex, MutexGuard, PoisonError};

use iroh::endpoint::Connection;
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

/// Whether no path of it is direct.
pub(super) fn is_relayed(connection: &Connection) -> bool {
    connection.paths().iter().all(|path| path.is_relay())
}
