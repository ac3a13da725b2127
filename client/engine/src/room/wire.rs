//! What members say to each other: over a link, and inside the group.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::net::SocketAddr;

use ::media::Layer;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    keep::Place,
    numbers::{Generation, Kbps, Sequence, UnixMs},
};

/// Longest link message in bytes: a post-quantum Welcome for the largest room has 200,000, and 400,000 when all come at once.
pub const MAX_MESSAGE: usize = 512 * 1024;
/// Longest message in bytes of one who dialled us and has not shown to be a member: a key package has 3,000.
pub const MAX_OF_STRANGER: usize = 16 * 1024;
/// Longest chat text in bytes.
pub const MAX_CHAT: usize = 8 * 1024;
/// Longest room title in bytes. What may stand in one, the rules of names say.
pub const MAX_TITLE: usize = group_crypto::MAX_NAME_BYTES;

/// Over a link: between two endpoints, authenticated by them (TLS 1.3), before or beside the group.
#[derive(Serialize, Deserialize)]
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
    Instead(String),
    /// `by`: the member who let you in; the card that the group has of them may say where they were in another run.
    Admitted {
        welcome: Vec<u8>,
        title: String,
        by: [u8; 16],
    },
    Refused(Refusal),
    /// To one who says Hello and was removed. `commits` are the latest, which prove it to one who was there before them.
    Removed {
        commits: Vec<Vec<u8>>,
    },
    /// Which member is at this end, and where. Said first on a link between members.
    Hello(Hello),
    /// A secret of these two, by which they find each other again. The lower member's counts; the other says it back once it
    /// is kept.
    Pair([u8; 32]),
    /// What [`group_crypto::Agreement`] says to its like: about keys, or a [`RoomMessage`] sealed for the group.
    Group(Vec<u8>),
    /// How to reach the sender's media (ICE); a higher generation replaces a lower one.
    Handshake {
        generation: Generation,
        ufrag: String,
        pass: String,
        candidates: Vec<SocketAddr>,
    },
    /// How many media datagrams came the direct way, from one who hears nothing there any more.
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
        candidates: Vec<SocketAddr>,
    },
    /// The sender's part in the call.
    Streams(Streams),
    /// Lines up to this one are kept by the sender. `again`: what came behind it could not be read.
    Received {
        up_to: Sequence,
        again: bool,
    },
    /// To be passed on to a member whom the sender has no link with.
    Forward {
        to: [u8; 16],
        sealed: Vec<u8>,
    },
    /// Passed on for a member. `sealed` is a [`LinkMessage::Group`] that holds a [`RoomMessage::Over`].
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
    Want(Lines),
    /// Kilobits per second of others' pictures that the sender could pass on to each of the room.
    Spare(Kbps),
    /// The sender asks the reader to pass their pictures on to these; to nobody else any more.
    Carry(Vec<[u8; 16]>),
    /// The answer, and again whenever it changes: to whom, and how much at most.
    Carries {
        to: Vec<[u8; 16]>,
        kbps: Kbps,
    },
    /// By way of whom the sender sees the reader's pictures, if not straight.
    Through(Option<[u8; 16]>),
    /// With whom the sender has links.
    Sees(Vec<[u8; 16]>),
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
pub(crate) struct Lines {
    pub camera: u16,
    pub screen: u16,
}

impl Lines {
    /// The same, with cameras in this layer at most.
    pub fn within(self, most: Layer) -> Self {
        let lines = if most == Layer::High { u16::MAX } else { most.lines() };
        Self { camera: self.camera.min(lines), ..self }
    }
}

impl Default for Lines {
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

/// See [`LinkMessage::Hello`]. The signature is the member's, over [`Hello::content`].
#[derive(Serialize, Deserialize)]
pub(crate) struct Hello {
    pub member: [u8; 16],
    /// The member for whom it is meant. A newcomer doesn't know yet who let it in, and says none.
    pub whom: Option<[u8; 16]>,
    /// Names the sender's media keys of this run.
    pub run: [u8; 16],
    pub fingerprint: [u8; 32],
    pub relays: Vec<String>,
    pub addresses: Vec<SocketAddr>,
    /// The number and the signature of the [`Statement`] of this place, for the reader to pass on.
    pub stated: u64,
    pub statement: Vec<u8>,
    /// The last line of the reader's that the sender has; none for one who is new.
    pub received: Option<Sequence>,
    /// The last line of the sender's that the reader has, as far as the sender knows.
    pub acknowledged: Sequence,
    /// The first bytes of the SHA-256 of their common secret, or zeros.
    pub pair: [u8; 8],
    pub streams: Streams,
    pub signature: Vec<u8>,
}

impl Hello {
    /// What the member signs: both ends of the link, and what others will believe for longer than the link lasts.
    pub fn content(&self, from: &[u8; 32], to: &[u8; 32]) -> Vec<u8> {
        let (member, whom) = (&self.member, &self.whom);
        encode(&(from, to, member, whom, &self.run, &self.fingerprint, &self.relays, &self.addresses))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    Invalid,
    Full,
    Expired,
    /// The keys of this room are post-quantum, and the bearer has only classical ones.
    Suite,
    /// The room had too much to do to let anybody in, and the invitation is as good as before.
    Busy,
}

/// Inside the group: encrypted and signed by MLS.
#[derive(Serialize, Deserialize)]
pub(crate) enum RoomMessage {
    /// A line of the chat. The sender counts its lines from 1 without gaps.
    Line {
        sequence: Sequence,
        at_ms: UnixMs,
        body: Said,
    },
    /// Where members are now: their cards say where they were when they joined.
    Whereabouts(Vec<Statement>),
    /// A link message for a member whom the sender has no link with.
    Over {
        to: [u8; 16],
        bytes: Vec<u8>,
    },
    /// The sender's name has changed.
    Name(String),
    Ring {
        video: bool,
    },
    Decline,
    /// The sender's lines that the reader lacks are gone, up to this one.
    Missing {
        up_to: Sequence,
    },
}

/// Where a member is, in their own words: whoever passes it on can't change it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub member: [u8; 16],
    pub at: Place,
    /// A higher one replaces a lower one.
    pub number: u64,
    /// The member's, over [`Statement::content`].
    pub signature: Vec<u8>,
}

impl Statement {
    pub fn content(&self) -> Vec<u8> {
        encode(&(&self.member, &self.at, self.number))
    }
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Said {
    Text(String),
    Invitation { title: String, link: String },
}

#[expect(clippy::expect_used, reason = "a type of ours that cannot be written is a fault of the program")]
pub(crate) fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("these types hold nothing that cannot be written")
}

/// `None` for anything but exactly one message.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    if bytes.len() > MAX_MESSAGE {
        return None;
    }
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Some(message),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_anything_behind_it_is_refused() {
        let mut bytes = encode(&LinkMessage::Pair([9; 32]));
        assert!(decode::<LinkMessage>(&bytes).is_some());
        bytes.push(0);
        assert!(decode::<LinkMessage>(&bytes).is_none());
    }

    #[test]
    fn absurd_confirmation_is_refused() {
        let up_to = Sequence::ZERO;
        let received = encode(&LinkMessage::Received { up_to, again: false });
        let [kind, 0, 0] = received[..] else { panic!("a kind, a number, and a yes or no") };
        let with = |number: u64| decode::<LinkMessage>(&[vec![kind], encode(&number), vec![0]].concat());
        assert!(with(1 << 48).is_some());
        assert!(with(1 << 49).is_none() && with(u64::MAX).is_none());
    }

    #[test]
    fn garbage_is_refused_without_harm() {
        let mut seed = 7u64;
        for length in 0..2000 {
            let bytes: Vec<u8> = (0..length % 200)
                .map(|_| {
                    seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (seed >> 56) as u8
                })
                .collect();
            let _ = decode::<LinkMessage>(&bytes);
            let _ = decode::<RoomMessage>(&bytes);
        }
    }
}
