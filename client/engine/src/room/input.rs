//! What happens to a room.

use std::net::SocketAddr;

use ::media::{EncodedFrame, Layer, Stream};
use group_crypto::MemberId;

use super::{keep::Clock, link::LinkId, media::KeepsUpWith, pairs::Whom, wire::Said};
use crate::{
    api::{InvitationId, KnockId, Route, Rules, Terms},
    invitation::Invitation,
    rendezvous::Whereabouts,
    wall::Wall,
};

/// Why a dial led to no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialError {
    NoAnswer,
    /// What answers there speaks another version than we do. Nothing proves who it is.
    OtherVersion,
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
    LinkDatagram {
        link: LinkId,
        bytes: Vec<u8>,
    },
    LinkRoute {
        link: LinkId,
        route: Route,
    },
    /// A link hears nothing. It may still be of use, but another one is worth a dial.
    LinkDoubtful {
        link: LinkId,
    },
    LinkClosed {
        link: LinkId,
    },
    DialFailed {
        endpoint: [u8; 32],
        why: DialError,
    },
    /// The rendezvous has found somebody.
    Found {
        whom: Whom,
        at: Whereabouts,
    },
    /// Our own links are elsewhere now.
    Moved {
        at: Whereabouts,
        wall: Wall,
    },
    /// The machine is on another network than before.
    NetworkChanged,
    /// The sockets of the call.
    Sockets(Vec<SocketAddr>),
    Datagram {
        from: SocketAddr,
        to: SocketAddr,
        bytes: &'a [u8],
    },
    /// A frame of our voice or screen to seal and send.
    Frame(EncodedFrame),
    /// One picture of our camera, in the layers of [`Output::Layers`].
    Pictures(Vec<(Layer, EncodedFrame)>),
    /// A member's camera or screen is shown with so many lines; 0: not at all.
    Look {
        member: MemberId,
        stream: Stream,
        lines: u16,
    },
    /// Whether our own microphone hears speech.
    WeSpeak(bool),
    /// The decoder of a member's pictures needs a keyframe.
    PictureBroken(MemberId, Stream),
    FirstPicture(MemberId),
    /// To decode a member's camera, whose pictures have so many lines, takes more than one stream's share of this machine.
    PictureTakesTooMuch {
        member: MemberId,
        lines: u32,
    },
    /// Of camera pictures this machine keeps up with no more than this.
    KeepsUpWith(KeepsUpWith),
    Speaking {
        member: MemberId,
        speaking: bool,
    },
    Streams {
        camera_on: bool,
        microphone_on: bool,
        screen_on: bool,
    },
    Say(Said),
    /// Own lines from the disk: sequence, time, text. See [`Room::wanted_lines`].
    Lines(Vec<(u64, i64, Said)>),
    /// What this member said last was not kept, as it does not fit what is. `progress`: the last of their lines that is
    /// kept, and the last of ours that they have.
    NotKept {
        member: MemberId,
        progress: Option<(u64, u64)>,
    },
    Call {
        video: bool,
    },
    Decline,
    HangUp,
    Invite(Terms),
    Revoke(InvitationId),
    AnswerKnock {
        knock: KnockId,
        admit: bool,
    },
    /// A fresh invitation for the one on this link; see [`Output::Dispense`].
    Dispensed {
        link: LinkId,
        invitation: Invitation,
    },
    Remove(MemberId),
    SetRules(Rules),
    Label(String),
    Verify {
        member: MemberId,
        verified: bool,
    },
    /// What they showed or read to us.
    Compare {
        member: MemberId,
        shown: String,
    },
    Rename(String),
    Clock(Clock),
    /// Away for a while: hangs up, and says so to those who are here.
    Rest,
    Leave,
    Timeout,
}
