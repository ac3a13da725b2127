//! The channels of a link: a stream for each purpose, so that no long message of one holds up what another has to say.
//!
//! Messages of one channel keep their order. Across channels two things hold: a message of any other channel is given to the room
//! after all control messages that were sent before it, and a farewell after all of the chat that was sent before it.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::turns::Turns;

/// Control messages on their way out, and their bytes; a reader that does not keep up is cut off, not waited for. A member that was
/// away for long is sent two MiB of commits at once.
const OUTGOING: usize = 512;
const OUTGOING_BYTES: usize = 4 * 1024 * 1024;
/// The same for the chat, where no more than a window of lines is under way to a reader.
const LINES: usize = 512;
const LINES_BYTES: usize = 1024 * 1024;
/// Bulk; one more message has to wait with its sender.
const BULK: usize = 32;
const BULK_BYTES: usize = 1024 * 1024;
/// Bytes of one link's control messages that wait to be taken in, and of each other channel's.
const INCOMING_BYTES: usize = 1024 * 1024;
const INCOMING_OTHER_BYTES: usize = 512 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// Who is at the other end, keys, the call, media. The one stream that both ends share.
    Control,
    /// Lines.
    Chat,
    /// Messages of other members, which are passed on.
    Forwarded,
    /// Whatever is long and can wait.
    Bulk,
}

impl Channel {
    /// In receipts, and the first byte of a stream in one direction. There, 0 stands for the receipts themselves.
    pub fn number(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Chat => 1,
            Self::Forwarded => 2,
            Self::Bulk => 3,
        }
    }

    pub fn numbered(number: u8) -> Option<Self> {
        [Self::Control, Self::Chat, Self::Forwarded, Self::Bulk].into_iter().find(|channel| channel.number() == number)
    }

    /// QUIC sends what waits on a stream of higher priority first.
    pub fn priority(self) -> i32 {
        match self {
            Self::Control => 3,
            Self::Chat => 2,
            Self::Forwarded => 1,
            Self::Bulk => 0,
        }
    }

    /// Channels whose messages go before those of this one.
    pub fn more_urgent(self) -> impl Iterator<Item = Self> {
        let all = [Self::Control, Self::Chat, Self::Forwarded];
        all.into_iter().filter(move |other| other.priority() > self.priority())
    }

    /// Bytes of messages that wait to be taken in; until they are, the stream is not read.
    pub fn incoming(self) -> usize {
        match self {
            Self::Control => INCOMING_BYTES,
            Self::Chat | Self::Forwarded | Self::Bulk => INCOMING_OTHER_BYTES,
        }
    }
}

/// One of something for each channel.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Each<T> {
    pub control: T,
    pub chat: T,
    pub forwarded: T,
    pub bulk: T,
}

impl<T> Each<T> {
    pub fn of(&self, channel: Channel) -> &T {
        match channel {
            Channel::Control => &self.control,
            Channel::Chat => &self.chat,
            Channel::Forwarded => &self.forwarded,
            Channel::Bulk => &self.bulk,
        }
    }

    pub fn of_mut(&mut self, channel: Channel) -> &mut T {
        match channel {
            Channel::Control => &mut self.control,
            Channel::Chat => &mut self.chat,
            Channel::Forwarded => &mut self.forwarded,
            Channel::Bulk => &mut self.bulk,
        }
    }
}

/// Messages that wait, bounded by their number and by their bytes.
pub(super) struct Queue {
    messages: mpsc::Sender<Waiting>,
    bytes: Arc<Semaphore>,
}

/// A message that counts among the bytes of its queue until it is dropped.
pub(super) struct Waiting {
    /// Empty in a fence: nothing but `after`.
    pub bytes: Vec<u8>,
    /// So many messages are given to the room before it: of the chat where this is control, else of control.
    pub after: u64,
    _counts: OwnedSemaphorePermit,
}

pub(super) type Outgoing = mpsc::Receiver<Waiting>;

/// The ways out of a link.
pub(super) struct Queues {
    control: Queue,
    chat: Queue,
    /// By author.
    pub forwarded: Arc<Turns>,
    bulk: Queue,
}

/// What comes out of [`Queues`].
pub(super) struct Outputs {
    pub control: Outgoing,
    pub chat: Outgoing,
    pub forwarded: Arc<Turns>,
    pub bulk: Outgoing,
}

/// Where the messages of a stream in one direction come from.
pub(super) enum Source {
    Queue(Outgoing),
    Turns(Arc<Turns>),
}

impl Source {
    /// `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Waiting> {
        match self {
            Self::Queue(queue) => queue.recv().await,
            Self::Turns(turns) => Some(turns.next().await),
        }
    }
}

impl Queues {
    pub fn new() -> (Self, Outputs) {
        let (control, control_out) = Queue::new(OUTGOING, OUTGOING_BYTES);
        let (chat, chat_out) = Queue::new(LINES, LINES_BYTES);
        let (bulk, bulk_out) = Queue::new(BULK, BULK_BYTES);
        let forwarded = Arc::new(Turns::new());
        let outputs = Outputs { control: control_out, chat: chat_out, forwarded: forwarded.clone(), bulk: bulk_out };
        (Self { control, chat, forwarded, bulk }, outputs)
    }

    /// None for what is passed on, which has a queue for each author.
    pub fn of(&self, channel: Channel) -> Option<&Queue> {
        match channel {
            Channel::Control => Some(&self.control),
            Channel::Chat => Some(&self.chat),
            Channel::Forwarded => None,
            Channel::Bulk => Some(&self.bulk),
        }
    }
}

impl Queue {
    fn new(most: usize, bytes: usize) -> (Self, Outgoing) {
        let (messages, waiting) = mpsc::channel(most);
        (Self { messages, bytes: Arc::new(Semaphore::new(bytes)) }, waiting)
    }

    /// False where it is full.
    pub fn push(&self, bytes: Vec<u8>, after: u64) -> bool {
        Waiting::count(bytes, after, &self.bytes).is_some_and(|waiting| self.messages.try_send(waiting).is_ok())
    }
}

impl Waiting {
    /// `None` where so many bytes have no place.
    pub fn count(bytes: Vec<u8>, after: u64, among: &Arc<Semaphore>) -> Option<Self> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let counts = among.clone().try_acquire_many_owned(length).ok()?;
        Some(Self { bytes, after, _counts: counts })
    }
}
