//! What two ends of a link say to each other, before the group or beside it. The link itself authenticates both (TLS 1.3).
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::net::SocketAddr;

use ::media::Layer;
use serde::{Deserialize, Serialize};

use super::{
    MAX_TITLE,
    few::{Few, Short},
    framed::framed,
    hello::Hello,
};
use crate::{
    invitation::MAX_TEXT,
    room::{
        numbers::{Generation, Kbps, Sequence},
        size::MAX_MEMBERS,
    },
};

/// Commits that show a member that it was removed: no more are kept.
const COMMITS: usize = 64;
/// Bytes of an ICE user name or password (RFC 8839, section 5.4).
const CREDENTIAL: usize = 256;
/// Addresses at which one end hears media; a later version may use more of them than this one.
const CANDIDATES: usize = 16;

pub(crate) type Candidates = Few<SocketAddr, CANDIDATES>;
pub(crate) type MemberIds = Few<[u8; 16], MAX_MEMBERS>;

/// The number of a variant is its place here, so that nothing is ever moved or taken out: new ones go in front of the last.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(crate) enum LinkMessage {
    /// The bearer of an invitation asks to be let in. The tag proves that they know its secret.
    Join {
        invitation: [u8; 16],
        tag: [u8; 32],
        post_quantum: bool,
        key_package: Vec<u8>,
    },
    /// To the bearer: somebody inside has to let you in.
    Wait,
    /// To the bearer of an invitation for many contacts: this one is yours alone.
    Instead(Short<MAX_TEXT>),
    /// `by`: the member who let you in; the card that the group has of them may say where they were in another run.
    Admitted {
        welcome: Vec<u8>,
        title: Short<MAX_TITLE>,
        by: [u8; 16],
    },
    Refused(Refusal),
    /// To a removed member that says Hello. `commits` are the latest, which prove it to a member who was there before them.
    Removed {
        commits: Few<Vec<u8>, COMMITS>,
    },
    /// Which member is at this end, and where. Said first on a link between members.
    Hello(Hello),
    /// A secret of these two, by which they find each other again. The lower member's counts; the other says it back once it
    /// is kept.
    Pair([u8; 32]),
    /// What [`group_crypto::Agreement`] says to its like: about keys, or a [`RoomMessage`](super::RoomMessage) sealed for the
    /// group.
    Group(Vec<u8>),
    /// How to reach the sender's media (ICE); a higher generation replaces a lower one.
    Handshake {
        generation: Generation,
        ufrag: Short<CREDENTIAL>,
        pass: Short<CREDENTIAL>,
        candidates: Candidates,
    },
    /// How many media datagrams came the direct way, from a member that hears nothing there any more.
    Probe {
        generation: Generation,
        received: u32,
    },
    /// The answer to a probe.
    Verdict {
        generation: Generation,
        verdict: Verdict,
    },
    /// The sender's sockets are elsewhere now: both try the direct way again.
    Candidates {
        generation: Generation,
        candidates: Candidates,
    },
    /// The sender's part in the call.
    Streams(Streams),
    /// Lines up to this one are kept by the sender. `again`: what came behind it could not be read.
    Received {
        up_to: Sequence,
        again: bool,
    },
    /// To be passed on to a member that the sender has no link with.
    Forward {
        to: [u8; 16],
        sealed: Vec<u8>,
    },
    /// Passed on for a member. `sealed` is a [`LinkMessage::Group`] that holds a
    /// [`RoomMessage::Over`](super::RoomMessage::Over).
    Forwarded {
        from: [u8; 16],
        sealed: Vec<u8>,
    },
    Goodbye(Vec<u8>),
    /// The sender's program ends. They will be back.
    Rest,
    /// To the bearer: the keys of this room are classical. Ask again with a key package of that suite.
    Classical,
    /// With how many lines the sender shows the reader's pictures. Until it is said, with as many as there are.
    Want(Heights),
    /// Kilobits per second of others' pictures that the sender could pass on to each of the room.
    Spare(Kbps),
    /// The sender asks the reader to pass their pictures on to these; to nobody else any more.
    Carry(MemberIds),
    /// The answer, and again whenever it changes: to whom, and how much at most.
    Carries {
        to: MemberIds,
        kbps: Kbps,
    },
    /// By way of whom the sender sees the reader's pictures, if not straight.
    Through(Option<[u8; 16]>),
    /// With whom the sender has links.
    Sees(MemberIds),
    /// A kind of a later version. It is skipped.
    #[serde(other)]
    Unknown,
}

framed!(LinkMessage);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    Invalid,
    Full,
    Expired,
    /// The keys of this room are post-quantum, and the bearer has only classical ones.
    Suite,
    /// The room had too much to do to let anybody in, and the invitation is as good as before.
    Busy,
    /// A reason of a later version.
    #[serde(other)]
    Unknown,
}

/// See [`media::transport::Verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Idle,
    Doubt,
    Dead,
}

/// With how many lines pictures of each kind are shown; 0: not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heights {
    pub camera: u16,
    pub screen: u16,
}

impl Heights {
    /// The same, with cameras in this layer at most.
    pub fn within(self, most: Layer) -> Self {
        let lines = if most == Layer::High { u16::MAX } else { most.lines() };
        Self { camera: self.camera.min(lines), ..self }
    }
}

impl Default for Heights {
    fn default() -> Self {
        Self { camera: u16::MAX, screen: u16::MAX }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Streams {
    /// Counts what the sender has told in this run. What comes late, on a link before, says nothing any more.
    pub number: u32,
    pub in_call: bool,
    pub camera: bool,
    pub microphone: bool,
    pub screen: bool,
}
