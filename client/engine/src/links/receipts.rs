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
    time::sleep,
};

use super::{
    channels::{Channel, Each},
    counted::Counted,
};

/// So long nothing of what was written is read before the link is given up: longer than the silence that ends it anyway.
const UNREAD: Duration = Duration::from_secs(8);
/// The same of bulk, which may wait for its reader.
const BULK_UNREAD: Duration = Duration::from_secs(60);
/// How often that is looked at. What goes first and was not read by the next look holds up the rest: nothing else is due then.
const LOOK: Duration = Duration::from_secs(2);
/// The least time between two receipts.
const PAUSE: Duration = Duration::from_millis(500);

/// The first byte of the stream.
pub(super) const RECEIPTS: u8 = 0;
const CHANNELS: [Channel; 4] = [Channel::Control, Channel::Chat, Channel::Forwarded, Channel::Bulk];

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
            for channel in CHANNELS.into_iter().filter(|channel| now.of(*channel) != told.of(*channel)) {
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
            () = self.stand_still(confirmed.subscribe()) => {}
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

    /// Ends when nothing of a channel is read for long.
    async fn stand_still(&self, confirmed: watch::Receiver<Each<u64>>) {
        let (mut written, mut stalls) = (self.written.subscribe(), Stalls::default());
        loop {
            let is_unread = |written: &Each<u64>| {
                let read = confirmed.borrow();
                CHANNELS.iter().any(|channel| written.of(*channel) > read.of(*channel))
            };
            if written.wait_for(is_unread).await.is_err() {
                return;
            }
            sleep(LOOK).await;
            let (written, read) = (*written.borrow(), *confirmed.borrow());
            if stalls.look(written, read) {
                return;
            }
        }
    }
}

/// For how long each channel has not got on, looked at every [`LOOK`].
#[derive(Default)]
struct Stalls {
    waited: Each<Duration>,
    written: Each<u64>,
    read: Each<u64>,
}

impl Stalls {
    /// Takes in what was written and read by now. True when nothing of a channel was read for too long, though something waits
    /// there and all that goes first is read in time.
    fn look(&mut self, written: Each<u64>, read: Each<u64>) -> bool {
        let due = std::mem::replace(&mut self.written, written);
        let before = std::mem::replace(&mut self.read, read);
        let is_late = |channel: Channel| read.of(channel) < due.of(channel);
        CHANNELS.into_iter().any(|channel| {
            let gets_on = read.of(channel) > before.of(channel);
            let is_stalled = is_late(channel) && !gets_on && !channel.more_urgent().any(is_late);
            let waited = self.waited.of_mut(channel);
            *waited = if is_stalled { waited.saturating_add(LOOK) } else { Duration::ZERO };
            *waited >= if channel == Channel::Bulk { BULK_UNREAD } else { UNREAD }
        })
    }
}

fn count(all: &mut Each<u64>, channel: Channel, bytes: usize) {
    let counted = all.of_mut(channel);
    *counted = counted.saturating_add(bytes as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many looks a channel has stalled, which has 100 bytes unread, beside others of which so much is written and read
    /// by each look.
    fn stalled(channel: Channel, others: impl Fn(u64) -> [(Channel, u64, u64); 1]) -> Option<u64> {
        let mut stalls = Stalls::default();
        (1..100).find(|look| {
            let (mut written, mut read) = (Each::default(), Each::default());
            *written.of_mut(channel) = 100;
            for (other, its_written, its_read) in others(*look) {
                (*written.of_mut(other), *read.of_mut(other)) = (its_written, its_read);
            }
            stalls.look(written, read)
        })
    }

    #[test]
    fn chat_stalls_though_control_is_busy() {
        // The last message is never confirmed at the time of a look.
        let busy = |look| [(Channel::Control, look * 50, look * 50 - 10)];
        assert_eq!(stalled(Channel::Chat, busy), Some(5));
        assert_eq!(stalled(Channel::Control, |_| [(Channel::Chat, 0, 0)]), Some(5));
    }

    #[test]
    fn chat_waits_while_control_is_not_read_in_time() {
        // It gets on, and is always behind by more than was written since the last look.
        let slow = |look| [(Channel::Control, look * 50 + 200, look * 50)];
        assert_eq!(stalled(Channel::Chat, slow), None);
    }

    #[test]
    fn stalled_bulk_is_given_up_later() {
        let busy = |look| [(Channel::Chat, look * 50, look * 50 - 10)];
        assert_eq!(stalled(Channel::Bulk, busy), Some(31));
    }
}
