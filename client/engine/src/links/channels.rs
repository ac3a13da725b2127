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

/// Control messages on their way out, and their bytes; a reader that does not keep up is cut off, not waited for. A member that was
/// away for long is sent two MiB of commits at once.
const OUTGOING: usize = 512;
const OUTGOING_BYTES: usize = 4 * 1024 * 1024;
/// The same for the chat, where no more than a window of lines is under way to a reader.
const LINES: usize = 512;
const LINES_BYTES: usize = 1024 * 1024;
/// What goes out for other members; one more message is dropped.
const FORWARDED: usize = 128;
const FORWARDED_BYTES: usize = 1024 * 1024;
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

    /// Messages on their way out, and their bytes.
    fn outgoing(self) -> (usize, usize) {
        match self {
            Self::Control => (OUTGOING, OUTGOING_BYTES),
            Self::Chat => (LINES, LINES_BYTES),
            Self::Forwarded => (FORWARDED, FORWARDED_BYTES),
            Self::Bulk => (BULK, BULK_BYTES),
        }
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

impl Queue {
    fn new(channel: Channel) -> (Self, Outgoing) {
        let (most, bytes) = channel.outgoing();
        let (messages, waiting) = mpsc::channel(most);
        (Self { messages, bytes: Arc::new(Semaphore::new(bytes)) }, waiting)
    }

    /// One for each channel.
    pub fn each() -> (Each<Self>, Each<Outgoing>) {
        let ((control, control_out), (chat, chat_out)) = (Self::new(Channel::Control), Self::new(Channel::Chat));
        let ((forwarded, forwarded_out), (bulk, bulk_out)) = (Self::new(Channel::Forwarded), Self::new(Channel::Bulk));
        let outgoing = Each { control: control_out, chat: chat_out, forwarded: forwarded_out, bulk: bulk_out };
        (Each { control, chat, forwarded, bulk }, outgoing)
    }

    /// False where it is full.
    pub fn push(&self, bytes: Vec<u8>, after: u64) -> bool {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Ok(counts) = self.bytes.clone().try_acquire_many_owned(length) else {
            return false;
        };
        self.messages.try_send(Waiting { bytes, after, _counts: counts }).is_ok()
    }
}
