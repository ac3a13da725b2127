//! Messages on a link: each behind its length in four bytes, big endian, and no longer than the other end may say; and datagrams.
//!
//! On the stream of control a length of zero is a fence, and the number of chat messages follows that are given to the room before
//! what comes next. On every other stream the number of control messages that are given before it follows each length.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{future::pending, sync::Arc};

use iroh::endpoint::{Connection, RecvStream, SendStream};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::{sleep, timeout},
};

use super::{
    FAREWELL, LinkEvent,
    arriving::Streams,
    channels::{Channel, Each, Outgoing, Outputs, Source, Waiting},
    counted::{Broken, Counted, Fences},
    receipts::Receipts,
};
use crate::room::{
    LinkId,
    wire::{MAX_MESSAGE, MAX_OF_STRANGER},
};

/// Bytes of a fence.
const FENCE: usize = 12;

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

/// Writes until the room lets go of the link or the link breaks. What is still to be written of others, and of bulk, is given up
/// then; control and the chat arrive.
pub(super) async fn write(connection: &Connection, control: SendStream, outputs: Outputs, receipts: &Receipts) {
    let Outputs { control: own, chat, forwarded, bulk } = outputs;
    let lasting = async {
        let _ = tokio::try_join!(
            write_control(control, own, receipts),
            write_one_way(connection, Channel::Chat, Source::Queue(chat), receipts),
        );
    };
    let others = async {
        let _ = tokio::join!(
            write_one_way(connection, Channel::Forwarded, Source::Turns(forwarded), receipts),
            write_one_way(connection, Channel::Bulk, Source::Queue(bulk), receipts),
        );
        pending::<()>().await
    };
    tokio::select! {
        () = lasting => {}
        () = others => {}
    }
}

async fn write_control(mut send: SendStream, mut queue: Outgoing, receipts: &Receipts) -> Result<(), Broken> {
    let _ = send.set_priority(Channel::Control.priority());
    while let Some(waiting) = queue.recv().await {
        let is_fence = waiting.bytes.is_empty();
        write_message(&mut send, Channel::Control, &waiting, is_fence, receipts).await?;
    }
    finish(send).await;
    Ok(())
}

/// Writes one message after the other, as long as there is a next. Opens the stream with the first.
async fn write_one_way(
    connection: &Connection,
    channel: Channel,
    mut source: Source,
    receipts: &Receipts,
) -> Result<(), Broken> {
    let Some(first) = source.next().await else { return Ok(()) };
    let mut send = connection.open_uni().await.map_err(|_| Broken)?;
    let _ = send.set_priority(channel.priority());
    send.write_all(&[channel.number()]).await.map_err(|_| Broken)?;
    let mut message = Some(first);
    while let Some(waiting) = message {
        write_message(&mut send, channel, &waiting, true, receipts).await?;
        message = source.next().await;
    }
    finish(send).await;
    Ok(())
}

async fn write_message(
    send: &mut SendStream,
    channel: Channel,
    waiting: &Waiting,
    with_after: bool,
    receipts: &Receipts,
) -> Result<(), Broken> {
    // No longer than `MAX_MESSAGE`, see `Writer::send`.
    let length = u32::try_from(waiting.bytes.len()).map_err(|_| Broken)?.to_be_bytes();
    let after = waiting.after.to_be_bytes();
    let head = if with_after { [&length[..], &after].concat() } else { length.to_vec() };
    for part in [&head, &waiting.bytes] {
        receipts.wrote(channel, part.len());
        send.write_all(part).await.map_err(|_| Broken)?;
    }
    Ok(())
}

async fn finish(mut send: SendStream) {
    if send.finish().is_ok() {
        let _ = timeout(FAREWELL, send.stopped()).await;
    }
}

/// What comes on the streams of one link, and where it goes.
pub(super) struct Reading<'a> {
    pub connection: &'a Connection,
    pub is_known: &'a watch::Receiver<Known>,
    pub link: LinkId,
    pub events: &'a mpsc::Sender<LinkEvent>,
    pub receipts: &'a Receipts,
    pub counted: &'a Counted,
    /// Messages that were given to the room.
    given: Each<watch::Sender<u64>>,
}

impl<'a> Reading<'a> {
    pub fn new(
        connection: &'a Connection,
        is_known: &'a watch::Receiver<Known>,
        link: LinkId,
        events: &'a mpsc::Sender<LinkEvent>,
        receipts: &'a Receipts,
        counted: &'a Counted,
    ) -> Self {
        Self { connection, is_known, link, events, receipts, counted, given: Each::default() }
    }

    /// Reads until the stream of control ends or a rule is broken.
    pub async fn read(&self, control: RecvStream, one_way: Streams) {
        let [chat, forwarded, bulk] = one_way;
        let _ = tokio::select! {
            ended = self.read_control(control) => ended,
            ended = self.read_one_way(Channel::Chat, chat) => ended,
            ended = self.read_one_way(Channel::Forwarded, forwarded) => ended,
            ended = self.read_one_way(Channel::Bulk, bulk) => ended,
        };
    }

    async fn read_control(&self, mut receive: RecvStream) -> Result<(), Broken> {
        let incoming = Arc::new(Semaphore::new(Channel::Control.incoming()));
        let mut fences = Fences::default();
        loop {
            match self.read_length(&mut receive, Channel::Control).await? {
                0 => {
                    let after = self.read_after(&mut receive, Channel::Control).await?;
                    fences.on_fence(after)?;
                    self.counted.read(FENCE)?;
                    self.wait_for(Channel::Chat, after).await?;
                }
                length => {
                    let bytes = self.read_bytes(&mut receive, Channel::Control, length).await?;
                    fences.on_message();
                    self.give(Channel::Control, bytes, &incoming).await?;
                }
            }
        }
    }

    /// Does not end with the stream. The first message of all is on the stream of control: it says who is at the other end.
    async fn read_one_way(&self, channel: Channel, arrival: oneshot::Receiver<RecvStream>) -> Result<(), Broken> {
        let Ok(mut receive) = arrival.await else { return pending().await };
        let incoming = Arc::new(Semaphore::new(channel.incoming()));
        while let Ok(length) = self.read_length(&mut receive, channel).await {
            if length == 0 || length > self.is_known.borrow().longest() {
                return Err(Broken);
            }
            let Ok(after) = self.read_after(&mut receive, channel).await else { break };
            let Ok(bytes) = self.read_bytes(&mut receive, channel, length).await else { break };
            self.wait_for(Channel::Control, after.max(1)).await?;
            self.give(channel, bytes, &incoming).await?;
        }
        pending().await
    }

    async fn read_length(&self, receive: &mut RecvStream, channel: Channel) -> Result<usize, Broken> {
        let mut length = [0; 4];
        receive.read_exact(&mut length).await.map_err(|_| Broken)?;
        self.receipts.has_read(channel, length.len());
        usize::try_from(u32::from_be_bytes(length)).map_err(|_| Broken)
    }

    async fn read_after(&self, receive: &mut RecvStream, channel: Channel) -> Result<u64, Broken> {
        let mut after = [0; 8];
        receive.read_exact(&mut after).await.map_err(|_| Broken)?;
        self.receipts.has_read(channel, after.len());
        Ok(u64::from_be_bytes(after))
    }

    async fn read_bytes(&self, receive: &mut RecvStream, channel: Channel, length: usize) -> Result<Vec<u8>, Broken> {
        if length > self.is_known.borrow().longest() {
            return Err(Broken);
        }
        let mut bytes = vec![0; length];
        let mut rest = bytes.as_mut_slice();
        while !rest.is_empty() {
            let Ok(Some(came)) = receive.read(rest).await else { return Err(Broken) };
            self.receipts.has_read(channel, came);
            rest = rest.get_mut(came..).unwrap_or_default();
        }
        Ok(bytes)
    }

    async fn give(&self, channel: Channel, bytes: Vec<u8>, incoming: &Arc<Semaphore>) -> Result<(), Broken> {
        // No message is longer than what a channel may have waiting.
        let waits = u32::try_from(bytes.len().min(channel.incoming())).map_err(|_| Broken)?;
        let counts = incoming.clone().acquire_many_owned(waits).await.map_err(|_| Broken)?;
        let link = self.link;
        self.events.send(LinkEvent::Message { link, bytes, counts }).await.map_err(|_| Broken)?;
        self.given.of(channel).send_modify(|given| *given = given.saturating_add(1));
        Ok(())
    }

    /// Until so many messages of a channel were given. Not longer than the link lasts, and what has come of it takes.
    async fn wait_for(&self, channel: Channel, messages: u64) -> Result<(), Broken> {
        let mut given = self.given.of(channel).subscribe();
        tokio::select! {
            biased;
            there = given.wait_for(|given| *given >= messages) => there.map(|_| ()).map_err(|_| Broken),
            () = async {
                self.connection.closed().await;
                sleep(FAREWELL).await;
            } => Err(Broken),
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
    counted: &Counted,
) {
    while let Ok(bytes) = connection.read_datagram().await {
        let is_member = *is_known.borrow() == Known::Yes;
        let goes_on = match is_member {
            true => events.send(LinkEvent::Datagram { link, bytes: bytes.into() }).await.is_ok(),
            false => counted.read(bytes.len()).is_ok(),
        };
        if !goes_on {
            return;
        }
    }
    pending().await
}
