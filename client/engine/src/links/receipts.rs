//! Receipts: each end tells how much of the other's messages it has read, on a stream of its own. So messages that do not arrive
//! are noticed though all else of the link goes on.
//!
//! QUIC delivers what it took, but where paths end at both ends at once it may wait for ever: what was lost with a path is sent
//! again only when the other end's PATH_ABANDON has come, and that may have gone down with another path (noq 1.4.0; its pull
//! request 770). A link that ends is made anew, and says again what was not read.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::Duration;

use iroh::endpoint::Connection;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// So long nothing of what was written is read before the link is given up: longer than the silence that ends it anyway.
const UNREAD: Duration = Duration::from_secs(8);
/// The least time between two receipts.
const PAUSE: Duration = Duration::from_millis(500);

/// What one end of a link wrote and read, in bytes of messages and their lengths.
#[derive(Default)]
pub(super) struct Receipts {
    written: watch::Sender<u64>,
    read: watch::Sender<u64>,
}

impl Receipts {
    pub fn wrote(&self, bytes: usize) {
        self.written.send_modify(|written| *written = written.saturating_add(bytes as u64));
    }

    pub fn has_read(&self, bytes: usize) {
        self.read.send_modify(|read| *read = read.saturating_add(bytes as u64));
    }

    /// Tells the other end what was read. Does not end with the connection.
    pub async fn give(&self, connection: &Connection) {
        if let Ok(mut send) = connection.open_uni().await {
            let mut read = self.read.subscribe();
            while read.changed().await.is_ok() {
                let receipt = read.borrow_and_update().to_be_bytes();
                if send.write_all(&receipt).await.is_err() {
                    break;
                }
                sleep(PAUSE).await;
            }
        }
        std::future::pending().await
    }

    /// Ends when the other end does not get on with what was written, or claims to have read what never was.
    pub async fn missed(&self, connection: &Connection) {
        let confirmed = watch::Sender::new(0);
        tokio::select! {
            () = self.stand_still(confirmed.subscribe()) => {}
            () = self.collect(connection, &confirmed) => {}
        }
        tracing::debug!("a link ends whose messages do not arrive");
    }

    async fn collect(&self, connection: &Connection, confirmed: &watch::Sender<u64>) {
        if let Ok(mut receive) = connection.accept_uni().await {
            let mut receipt = [0; 8];
            while receive.read_exact(&mut receipt).await.is_ok() {
                let read = u64::from_be_bytes(receipt);
                if read > *self.written.borrow() || read < *confirmed.borrow() {
                    return;
                }
                confirmed.send_replace(read);
            }
        }
        std::future::pending().await
    }

    async fn stand_still(&self, mut confirmed: watch::Receiver<u64>) {
        let mut written = self.written.subscribe();
        while written.wait_for(|written| *written > *confirmed.borrow()).await.is_ok() {
            if timeout(UNREAD, confirmed.changed()).await.is_err() {
                return;
            }
        }
    }
}
