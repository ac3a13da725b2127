//! A room as a synchronous state machine: links, group and media of one person in one room.
//!
//! Time and bytes come in through [`Room::handle`], actions come out of [`Room::poll`]. The contract is str0m's: after
//! every `handle`, poll until `None`, then call again no later than [`Room::deadline`].

mod joining;

mod inside;
mod keys;
mod links;
mod membership;

mod media;
mod participant;

pub(crate) mod wire;

#[cfg(test)]
mod simulation;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use ::media::{EncodedFrame, transport::Certificate};
use group_crypto::{Card, Group, MemberId, Suite};

use crate::{
    api::{EndedBecause, Event, JoinFailed, Trouble},
    invitation::Invitation,
    wall::Wall,
};
use inside::Inside;
use joining::Joining;
use wire::{LinkMessage, MAX_CHAT, MAX_TITLE};

/// Most people in a room.
pub(crate) const MAX_MEMBERS: usize = 16;
/// How often the room looks at its slow timers.
const HOUSEKEEPING: Duration = Duration::from_millis(50);

/// One control connection, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LinkId(pub u64);

/// What this person brings into the room.
pub(crate) struct Own {
    pub card: Card,
    pub certificate: Certificate,
    /// Where our UDP sockets are bound: the host candidates.
    pub sockets: Vec<SocketAddr>,
    pub wall: Wall,
    pub camera_on: bool,
    pub microphone_on: bool,
}

pub(crate) enum Input<'a> {
    LinkOpened {
        link: LinkId,
        endpoint: [u8; 32],
        dialled: bool,
    },
    LinkMessage {
        link: LinkId,
        bytes: Vec<u8>,
    },
    LinkClosed {
        link: LinkId,
    },
    DialFailed {
        endpoint: [u8; 32],
    },
    Datagram {
        from: SocketAddr,
        to: SocketAddr,
        bytes: &'a [u8],
    },
    /// A frame of our own to seal and send.
    Frame(EncodedFrame),
    /// The decoder of a member's video needs a keyframe.
    PictureBroken(MemberId),
    FirstPicture(MemberId),
    Speaking {
        member: MemberId,
        speaking: bool,
    },
    Streams {
        camera_on: bool,
        microphone_on: bool,
    },
    Say(String),
    Invite,
    Remove(MemberId),
    Leave,
    Timeout,
}

pub(crate) enum Output {
    Dial {
        endpoint: [u8; 32],
        addresses: Vec<SocketAddr>,
    },
    Send {
        link: LinkId,
        bytes: Vec<u8>,
    },
    /// Close the link once what was sent on it is delivered.
    Close {
        link: LinkId,
    },
    Transmit {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    /// An opened frame of a member, in order for video.
    Frame {
        member: MemberId,
        sequence: u64,
        timestamp: u64,
        frame: EncodedFrame,
    },
    /// Somebody needs a keyframe of ours.
    KeyframeWanted,
    Event(Event),
    /// The room is over for us.
    Ended(EndedBecause),
}

/// The figures of one participant that the room itself knows.
#[derive(Clone, Default)]
pub(crate) struct RoomFigures {
    pub member: Option<MemberId>,
    pub name: String,
    pub connected_after: Option<Duration>,
    pub first_picture_after: Option<Duration>,
    pub keys: crate::api::KeyState,
    pub received_bytes: u64,
    pub sent_bytes: u64,
}

pub(crate) struct Room {
    phase: Phase,
    out: VecDeque<Output>,
    next_look: Instant,
}

#[expect(clippy::large_enum_variant, reason = "there is one room per person")]
enum Phase {
    Joining(Joining),
    Inside(Inside),
    Over(Option<Summary>, Vec<RoomFigures>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RoomError {
    #[error("the room's title must have 1 to 128 bytes and no control characters")]
    BadTitle,
    #[error("the keys could not be made")]
    Keys,
}

impl Room {
    /// Founds a room with ourselves in it.
    pub fn create(now: Instant, own: Own, title: String) -> Result<Self, RoomError> {
        if !title_is_fine(&title) {
            return Err(RoomError::BadTitle);
        }
        let group = Group::create(own.card.clone(), Suite::PostQuantum).map_err(|_| RoomError::Keys)?;
        let mut out = VecDeque::new();
        let inside = Inside::new(now, own, group, title, &mut out);
        Ok(Self { phase: Phase::Inside(inside), out, next_look: now })
    }

    /// Sets out to join the invitation's room.
    pub fn join(now: Instant, own: Own, invitation: Invitation) -> Result<Self, RoomError> {
        let mut out = VecDeque::new();
        let joining = Joining::new(now, own, invitation, &mut out).map_err(|_| RoomError::Keys)?;
        Ok(Self { phase: Phase::Joining(joining), out, next_look: now })
    }

    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        // While joining, every input looks at the timers; inside, only a timeout does.
        let looks = matches!(input, Input::Timeout) || matches!(self.phase, Phase::Joining(_));
        match &mut self.phase {
            Phase::Joining(joining) => match joining.handle(now, input, &mut self.out) {
                joining::Step::Wait => {}
                joining::Step::Failed(why) => self.end(EndedBecause::JoinFailed(why)),
                joining::Step::Left => self.end(EndedBecause::Left),
                joining::Step::Admitted { link, welcome, title } => self.enter(now, link, &welcome, title),
            },
            Phase::Inside(inside) => {
                if let Some(why) = inside.handle(now, input, &mut self.out) {
                    self.end(why);
                }
            }
            Phase::Over(..) => {}
        }
        if looks && self.next_look <= now {
            self.next_look = now + HOUSEKEEPING;
        }
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to hand in [`Input::Timeout`] at the latest.
    pub fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::Inside(inside) => inside.deadline().map_or(self.next_look, |d| d.min(self.next_look)),
            _ => self.next_look,
        }
    }

    /// Our own standing: title, epoch, suite and names, for the figures.
    pub fn summary(&self) -> Option<Summary> {
        match &self.phase {
            Phase::Inside(inside) => Some(inside.summary()),
            Phase::Over(summary, _) => summary.clone(),
            Phase::Joining(_) => None,
        }
    }

    /// Figures of everybody who is or was in the room.
    pub fn figures(&self) -> Vec<RoomFigures> {
        match &self.phase {
            Phase::Inside(inside) => inside.figures(),
            Phase::Over(_, figures) => figures.clone(),
            Phase::Joining(_) => Vec::new(),
        }
    }

    fn enter(&mut self, now: Instant, link: LinkId, welcome: &[u8], title: String) {
        let Phase::Joining(joining) = std::mem::replace(&mut self.phase, Phase::Over(None, Vec::new())) else {
            return;
        };
        if !title_is_fine(&title) {
            return self.end(EndedBecause::JoinFailed(JoinFailed::Malformed));
        }
        match joining.enter(now, link, welcome, title, &mut self.out) {
            Ok(inside) => self.phase = Phase::Inside(inside),
            Err(why) => self.end(EndedBecause::JoinFailed(why)),
        }
    }

    fn end(&mut self, why: EndedBecause) {
        self.phase = Phase::Over(self.summary(), self.figures());
        self.out.push_back(Output::Ended(why));
    }
}

/// See [`Room::summary`].
#[derive(Clone)]
pub(crate) struct Summary {
    pub title: String,
    pub epoch: u64,
    pub suite: Suite,
    pub names: Vec<String>,
}

fn title_is_fine(title: &str) -> bool {
    !title.is_empty() && title.len() <= MAX_TITLE && !title.chars().any(char::is_control)
}

/// Checks a chat text before it leaves; `None` for one that says nothing.
fn chat_text(text: &str) -> Result<Option<&str>, Trouble> {
    let text = text.trim_end();
    if text.len() > MAX_CHAT {
        return Err(Trouble::MessageTooLong);
    }
    Ok((!text.trim().is_empty()).then_some(text))
}

fn send(out: &mut VecDeque<Output>, link: LinkId, message: &LinkMessage) {
    out.push_back(Output::Send { link, bytes: wire::encode(message) });
}
