//! What members say to each other: over a link, and inside the group.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Longest link message in bytes: a post-quantum Welcome for the largest room, four times over.
pub const MAX_MESSAGE: usize = 128 * 1024;
/// Longest chat text in bytes.
pub const MAX_CHAT: usize = 8 * 1024;
/// Longest room title in bytes.
pub const MAX_TITLE: usize = 128;

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
    Admitted {
        welcome: Vec<u8>,
        title: String,
    },
    Refused(Refusal),
    /// An MLS message: a commit or an application message holding a [`RoomMessage`].
    Group(Vec<u8>),
    /// The sequencer's answer to [`RoomMessage::AskAdmit`].
    Welcome {
        ticket: u64,
        welcome: Result<Vec<u8>, Refusal>,
    },
    /// The epoch the sender is in, told at the start of a link and after every change.
    Epoch(u64),
    /// How to reach the sender's media (ICE); a higher generation replaces a lower one.
    Handshake {
        generation: u32,
        ufrag: String,
        pass: String,
        candidates: Vec<SocketAddr>,
    },
    /// Which of the sender's streams are on.
    Streams {
        camera: bool,
        microphone: bool,
    },
    Goodbye,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    Invalid,
    Full,
}

/// Inside the group: encrypted and signed by MLS.
#[derive(Serialize, Deserialize)]
pub(crate) enum RoomMessage {
    Say(String),
    /// Sent just ahead of a commit that uses it as pre-shared key, on the same ordered links.
    Invitation([u8; 32]),
    /// To the sequencer: let this one in.
    AskAdmit {
        ticket: u64,
        secret: [u8; 32],
        key_package: Vec<u8>,
    },
    /// To everybody: this member is to be removed. All stop sending to them; the sequencer commits.
    AskRemove([u8; 16]),
}

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
        let mut bytes = encode(&LinkMessage::Epoch(9));
        assert!(decode::<LinkMessage>(&bytes).is_some());
        bytes.push(0);
        assert!(decode::<LinkMessage>(&bytes).is_none());
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
