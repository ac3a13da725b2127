//! Messages on a link: each behind its length in four bytes, big endian, and no longer than the other end may say; and datagrams.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::sync::Arc;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::timeout,
};

use super::{FAREWELL, LinkEvent, receipts::Receipts};
use crate::room::{
    LinkId,
    wire::{MAX_MESSAGE, MAX_OF_STRANGER},
};

/// Messages on their way out per link, and their bytes; one who does not read them is cut off, not waited for. A member
/// that was away for long is sent two MiB of commits at once.
pub(super) const OUTGOING: usize = 512;
pub(super) const OUTGOING_BYTES: usize = 4 * 1024 * 1024;
/// What goes out for other members; one more message is dropped.
pub(super) const FORWARDED: usize = 128;
pub(super) const FORWARDED_BYTES: usize = 1024 * 1024;
/// Bytes of one link's messages that wait to be taken in; until they are, the link is not read.
const INCOMING_BYTES: usize = 1024 * 1024;

/// Messages that wait, bounded by their number and by their bytes.
pub(super) struct Queue {
    messages: mpsc::Sender<Waiting>,
    bytes: Arc<Semaphore>,
}

/// A message that counts among the bytes of its queue until it is dropped.
pub(super) struct Waiting {
    bytes: Vec<u8>,
    _counts: OwnedSemaphorePermit,
}

impl Queue {
    pub fn new(most: usize, bytes: usize) -> (Self, mpsc::Receiver<Waiting>) {
        let (messages, waiting) = mpsc::channel(most);
        (Self { messages, bytes: Arc::new(Semaphore::new(bytes)) }, waiting)
    }

    /// False where it is full.
    pub fn push(&self, bytes: Vec<u8>) -> bool {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Ok(counts) = self.bytes.clone().try_acquire_many_owned(length) else {
            return false;
        };
        self.messages.try_send(Waiting { bytes, _counts: counts }).is_ok()
    }
}

/// What is known of a link's other end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// A stranger who may stay.
    Waits,
    Yes,
}

impl Known {
    /// Bytes of the longest message that is read.
    fn longest(self) -> usize {
        if self == Known::Yes { MAX_MESSAGE } else { MAX_OF_STRANGER }
    }
}

/// What is our own goes first.
pub(super) async fn write(
    mut send: SendStream,
    mut queue: mpsc::Receiver<Waiting>,
    mut forwarded: mpsc::Receiver<Waiting>,
    receipts: &Receipts,
) {
    loop {
        let next = tokio::select! {
            biased;
            own = queue.recv() => own,
            Some(others) = forwarded.recv() => Some(others),
        };
        let Some(Waiting { bytes, _counts }) = next else {
            break;
        };
        // No longer than `MAX_MESSAGE`, see `Writer::send`.
        let Ok(length) = u32::try_from(bytes.len()).map(u32::to_be_bytes) else { return };
        receipts.wrote(length.len());
        receipts.wrote(bytes.len());
        if send.write_all(&length).await.is_err() || send.write_all(&bytes).await.is_err() {
            return;
        }
    }
    if send.finish().is_ok() {
        let _ = timeout(FAREWELL, send.stopped()).await;
    }
}

pub(super) async fn read(
    mut receive: RecvStream,
    is_known: &watch::Receiver<Known>,
    link: LinkId,
    events: &mpsc::Sender<LinkEvent>,
    receipts: &Receipts,
) {
    let incoming = Arc::new(Semaphore::new(INCOMING_BYTES));
    let mut length = [0; 4];
    while receive.read_exact(&mut length).await.is_ok() {
        receipts.has_read(length.len());
        let Ok(length) = usize::try_from(u32::from_be_bytes(length)) else { return };
        let longest = is_known.borrow().longest();
        if length > longest {
            return;
        }
        let mut bytes = vec![0; length];
        let mut rest = bytes.as_mut_slice();
        while !rest.is_empty() {
            let Ok(Some(came)) = receive.read(rest).await else { return };
            receipts.has_read(came);
            rest = rest.get_mut(came..).unwrap_or_default();
        }
        // No message is longer than what a link may have waiting.
        let Ok(waits) = u32::try_from(length.min(INCOMING_BYTES)) else { return };
        let Ok(counts) = incoming.clone().acquire_many_owned(waits).await else { return };
        if events.send(LinkEvent::Message { link, bytes, counts }).await.is_err() {
            return;
        }
    }
}

/// Datagrams wait their turn with those of other links; meanwhile QUIC drops the oldest that were not read.
///
/// Does not end with the connection: messages that have arrived before its end are still to be read.
pub(super) async fn read_datagrams(
    connection: &Connection,
    is_known: &watch::Receiver<Known>,
    link: LinkId,
    events: &mpsc::Sender<LinkEvent>,
) {
    while let Ok(bytes) = connection.read_datagram().await {
        let known = *is_known.borrow() == Known::Yes;
        if known && events.send(LinkEvent::Datagram { link, bytes: bytes.into() }).await.is_err() {
            return;
        }
    }
    std::future::pending().await
}
