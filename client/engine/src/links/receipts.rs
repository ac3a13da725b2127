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

use std::{future::pending, time::Duration};

use iroh::endpoint::{Connection, RecvStream};
use tokio::{
    sync::{oneshot, watch},
    time::{sleep, timeout},
};

use super::{
    channels::{Channel, Each},
    counted::Counted,
};

/// So long nothing of what was written is read before the link is given up: longer than the silence that ends it anyway.
const UNREAD: Duration = Duration::from_secs(8);
/// The least time between two receipts.
const PAUSE: Duration = Duration::from_millis(500);

/// The first byte of the stream.
pub(super) const RECEIPTS: u8 = 0;
/// Channels that are watched. Bulk is not: it may wait for everything else, and for the reader.
const WATCHED: [Channel; 3] = [Channel::Control, Channel::Chat, Channel::Forwarded];

/// What one end of a link wrote and read on each channel, in bytes of messages and what stands in front of them.
#[derive(Default)]
pub(super) struct Receipts {
    written: watch::Sender<Each<u64>>,
    read: watch::Sender<Each<u64>>,
}

impl Receipts {
    pub fn wrote(&self, channel: Channel, bytes: usize) {
        self.written.send_modify(|written| count(written, channel, bytes));
    }

    pub fn has_read(&self, channel: Channel, bytes: usize) {
        self.read.send_modify(|read| count(read, channel, bytes));
    }

    /// Tells the other end what was read. Does not end with the connection.
    pub async fn give(&self, connection: &Connection) {
        let _ = self.give_while_open(connection).await;
        pending().await
    }

    async fn give_while_open(&self, connection: &Connection) -> Option<()> {
        let mut send = connection.open_uni().await.ok()?;
        let _ = send.set_priority(i32::MAX);
        send.write_all(&[RECEIPTS]).await.ok()?;
        let (mut read, mut told) = (self.read.subscribe(), Each::<u64>::default());
        loop {
            read.changed().await.ok()?;
            let now = *read.borrow_and_update();
            for channel in WATCHED.into_iter().filter(|channel| now.of(*channel) != told.of(*channel)) {
                let receipt = [&[channel.number()][..], &now.of(channel).to_be_bytes()].concat();
                send.write_all(&receipt).await.ok()?;
            }
            told = now;
            sleep(PAUSE).await;
        }
    }

    /// Ends when the other end does not get on with what was written, claims to have read what never was, or says more than it may.
    pub async fn missed(&self, arrival: oneshot::Receiver<RecvStream>, counted: &Counted) {
        let confirmed = watch::Sender::<Each<u64>>::default();
        tokio::select! {
            () = self.stand_still(Channel::Control, confirmed.subscribe()) => {}
            () = self.stand_still(Channel::Chat, confirmed.subscribe()) => {}
            () = self.stand_still(Channel::Forwarded, confirmed.subscribe()) => {}
            () = self.collect(arrival, &confirmed, counted) => {}
        }
        tracing::debug!("a link ends whose messages do not arrive");
    }

    async fn collect(
        &self,
        arrival: oneshot::Receiver<RecvStream>,
        confirmed: &watch::Sender<Each<u64>>,
        counted: &Counted,
    ) {
        if let Ok(mut receive) = arrival.await {
            let mut receipt = [0; 9];
            while receive.read_exact(&mut receipt).await.is_ok() {
                if counted.read(receipt.len()).is_err() {
                    return;
                }
                let [number, read @ ..] = receipt;
                let Some(channel) = Channel::numbered(number) else { continue };
                let read = u64::from_be_bytes(read);
                if read > *self.written.borrow().of(channel) || read <= *confirmed.borrow().of(channel) {
                    return;
                }
                confirmed.send_modify(|confirmed| *confirmed.of_mut(channel) = read);
            }
        }
        pending().await
    }

    /// Ends when nothing of a channel is read for long, though something waits there and nothing more urgent does.
    async fn stand_still(&self, channel: Channel, mut confirmed: watch::Receiver<Each<u64>>) {
        let mut written = self.written.subscribe();
        loop {
            let before = *confirmed.borrow().of(channel);
            if written.wait_for(|written| *written.of(channel) > before).await.is_err() {
                return;
            }
            let progress = confirmed.wait_for(|confirmed| *confirmed.of(channel) > before);
            if timeout(UNREAD, progress).await.is_err() {
                let (written, confirmed) = (*written.borrow(), *confirmed.borrow());
                let is_behind = |other: Channel| written.of(other) > confirmed.of(other);
                if !channel.more_urgent().any(is_behind) {
                    return;
                }
            }
        }
    }
}

fn count(all: &mut Each<u64>, channel: Channel, bytes: usize) {
    let counted = all.of_mut(channel);
    *counted = counted.saturating_add(bytes as u64);
}
