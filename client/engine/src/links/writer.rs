//! The way out of one link: a queue for each channel, and datagrams.

use std::sync::atomic::{AtomicU64, Ordering};

use group_crypto::MemberId;
use iroh::endpoint::{Connection, SendDatagramError};
use tokio::sync::watch;

use super::{
    Unsent,
    channels::{Channel, Each, Outputs, Queues},
    framing::Known,
};
use crate::room::wire::{MAX_MESSAGE, Purpose};

const TOO_SLOW: u8 = 1;

/// The way out of one link.
pub(crate) struct Writer {
    queues: Queues,
    /// Messages of control and of the chat that were queued.
    queued: Each<AtomicU64>,
    connection: Connection,
    known: watch::Sender<Known>,
}

impl Writer {
    /// And what comes out of its queues.
    pub(super) fn new(connection: Connection, known: watch::Sender<Known>) -> (Self, Outputs) {
        let (queues, outputs) = Queues::new();
        (Self { queues, queued: Each::default(), connection, known }, outputs)
    }

    /// False, and the end of the link, when its other end does not keep up.
    pub(super) fn send(&self, purpose: Purpose, bytes: Vec<u8>) -> bool {
        if bytes.len() > MAX_MESSAGE {
            // The other end would close the link, and everything after the message would be lost as well.
            tracing::error!("a message is longer than anybody reads; it is dropped");
            return true;
        }
        let taken = match purpose {
            Purpose::Control => self.push(Channel::Control, bytes, 0),
            Purpose::Chat => self.push(Channel::Chat, bytes, self.queued(Channel::Control)),
            Purpose::Farewell => self.fence() && self.push(Channel::Control, bytes, 0),
        };
        if !taken {
            self.connection.close(TOO_SLOW.into(), b"");
        }
        taken
    }

    /// Queues a message of another member's. False where there is no place for it, which is no fault of the link's.
    pub(super) fn forward(&self, author: MemberId, bytes: Vec<u8>) -> bool {
        self.queues.forwarded.push(author, bytes)
    }

    /// Queues a message that can wait for everything else. False where there is no place for it yet.
    #[cfg(test)]
    pub(super) fn send_bulk(&self, bytes: Vec<u8>) -> bool {
        self.push(Channel::Bulk, bytes, self.queued(Channel::Control))
    }

    fn push(&self, channel: Channel, bytes: Vec<u8>, after: u64) -> bool {
        let is_taken = self.queues.of(channel).is_some_and(|queue| queue.push(bytes, after));
        self.queued.of(channel).fetch_add(is_taken.into(), Ordering::Relaxed);
        is_taken
    }

    fn queued(&self, channel: Channel) -> u64 {
        self.queued.of(channel).load(Ordering::Relaxed)
    }

    /// Lets the other end take in all of the chat before what comes next of control, or before the end of the link.
    fn fence(&self) -> bool {
        let chat = self.queued(Channel::Chat);
        chat == 0 || self.queues.of(Channel::Control).is_some_and(|queue| queue.push(Vec::new(), chat))
    }

    pub(super) fn send_datagram(&self, bytes: Vec<u8>, unsent: &mut Unsent) {
        let crowded = self.connection.datagram_send_buffer_space() < bytes.len();
        match self.connection.send_datagram(bytes.into()) {
            Ok(()) => unsent.stale += u64::from(crowded),
            Err(SendDatagramError::TooLarge) => unsent.oversize += 1,
            // The link is at its end, and says so itself.
            Err(_) => {}
        }
    }

    #[cfg(test)]
    pub(super) fn max_datagram(&self) -> Option<usize> {
        self.connection.max_datagram_size()
    }

    pub(super) fn vouch(&self) {
        self.known.send_replace(Known::Yes);
    }

    pub(super) fn let_wait(&self) {
        self.known.send_if_modified(|known| {
            let first = *known == Known::Nothing;
            if first {
                *known = Known::Waits;
            }
            first
        });
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// A link is closed once what was sent has arrived.
impl Drop for Writer {
    fn drop(&mut self) {
        self.fence();
    }
}
