//! What a room wants done.

use std::{collections::VecDeque, net::SocketAddr};

use ::media::{
    EncodedFrame, Layer,
    jitter::PathSequence,
    repair::{Came, VoiceSettings},
};
use group_crypto::MemberId;

use super::{
    content::Changed,
    link::LinkId,
    wire::{self, LinkMessage, Purpose},
};
use crate::{
    api::{OverBecause, RoomEvent, Trouble},
    rendezvous::Whereabouts,
};

pub(crate) enum Output {
    Dial {
        to: Whereabouts,
        /// Others say that somebody is there, and nothing has proven it.
        is_hearsay: bool,
    },
    Send {
        link: LinkId,
        purpose: Purpose,
        bytes: Vec<u8>,
    },
    /// Like [`Output::Send`], for another member: dropped where the link does not keep up.
    Forward {
        link: LinkId,
        author: MemberId,
        bytes: Vec<u8>,
    },
    /// A media datagram over the link.
    SendDatagram {
        link: LinkId,
        bytes: Vec<u8>,
    },
    /// The other end of the link is no stranger any more.
    Vouch {
        link: LinkId,
    },
    /// The other end of the link is still a stranger, and may stay for longer than others.
    LetWait {
        link: LinkId,
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
    /// An opened frame of a member, in order for pictures.
    Frame {
        member: MemberId,
        sequence: PathSequence,
        timestamp: u64,
        frame: EncodedFrame,
        came: Came,
    },
    /// Which layers of our camera are wanted, and at which rate in kilobits per second.
    Layers([Option<u32>; Layer::COUNT]),
    /// At which rate our screen is wanted, in kilobits per second.
    Screen(Option<u32>),
    /// What the encoder of our voice shall do from now on.
    Voice(VoiceSettings),
    /// Somebody needs a keyframe of ours.
    KeyframeWanted(Layer),
    /// Somebody needs a keyframe of our screen.
    ScreenKeyframeWanted,
    /// Camera, microphone and the sharing of the screen are to be turned off: we have told all that they are.
    TurnOff,
    /// The bearer of an invitation for many contacts wants one of their own.
    Dispense {
        link: LinkId,
    },
    Event(RoomEvent),
    /// A line is changed by another one.
    Changed(Changed),
    Trouble(Trouble),
    /// The room is over for us.
    Over(OverBecause),
}

pub(super) fn send(out: &mut VecDeque<Output>, link: LinkId, message: &LinkMessage) {
    out.push_back(Output::Send { link, purpose: message.purpose(), bytes: wire::encode(message) });
}

/// The same on all of these links.
pub(super) fn send_on_all(
    out: &mut VecDeque<Output>,
    links: impl IntoIterator<Item = LinkId>,
    purpose: Purpose,
    bytes: &[u8],
) {
    out.extend(links.into_iter().map(|link| Output::Send { link, purpose, bytes: bytes.to_vec() }));
}
