//! What a peer gives and tells, in words of our own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::guard::Gone;
use super::handshake::HandshakeError;
use crate::frame::{Lane, Stream};

/// Which side decides on the pair of addresses (RFC 8445, section 6.1.1). The two sides must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Controlling,
    Controlled,
}

impl Role {
    pub const fn other(self) -> Self {
        match self {
            Role::Controlling => Role::Controlled,
            Role::Controlled => Role::Controlling,
        }
    }
}

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// [`crate::congestion::Report`].
    Congestion,
    /// Which packets of a voice were lost.
    Loss,
}

impl Topic {
    pub(super) const fn to_byte(self) -> u8 {
        match self {
            Topic::Congestion => 1,
            Topic::Loss => 2,
        }
    }

    pub(super) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Topic::Congestion),
            2 => Some(Topic::Loss),
            _ => None,
        }
    }
}

/// Why a peer could not be made or connected. Only `Gone` can go away with a new peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    #[error("none of the local addresses can be used, and the link is not to be used")]
    Address,
    #[error("the peer's handshake is not usable")]
    Handshake(#[from] HandshakeError),
    #[error("a handshake was accepted already")]
    AcceptedAlready,
    #[error("the transport has failed")]
    Gone,
}

impl From<Gone> for PeerError {
    fn from(_: Gone) -> Self {
        PeerError::Gone
    }
}

/// What [`super::Peer::poll`] gives.
pub enum PeerOutput {
    /// A datagram to send from our own socket.
    Transmit {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    /// A datagram to send over the link to this peer, for its [`super::Peer::receive_link`]. At most 1150 bytes.
    TransmitLink {
        bytes: Vec<u8>,
    },
    Event(PeerEvent),
    /// Nothing more for now: call [`super::Peer::timeout`] at this time, unless something else happens first.
    Timeout(Instant),
}

impl std::fmt::Debug for PeerOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PeerOutput::Transmit { bytes, .. } => write!(f, "Transmit({} bytes)", bytes.len()),
            PeerOutput::TransmitLink { bytes } => write!(f, "TransmitLink({} bytes)", bytes.len()),
            PeerOutput::Event(event) => event.fmt(f),
            PeerOutput::Timeout(at) => write!(f, "Timeout({at:?})"),
        }
    }
}

#[derive(Debug)]
pub enum PeerEvent {
    /// Packets go both ways, for the first time or again after `Lost`.
    Connected,
    /// No packet gets through any more (ICE notices after 15 s of silence; [`super::PeerFigures::heard`] tells sooner), the other side has
    /// closed, or the handshake failed. If not [`super::Peer::is_alive`], only a new peer can help; a new one is quicker in any case.
    Lost,
    Packet(ReceivedPacket),
    /// The peer can't decode our pictures of this stream.
    KeyframeWanted(Stream),
    /// What the peer measured, see [`super::Peer::report`].
    Report(Topic, Vec<u8>),
}

/// An authenticated RTP packet, retransmissions unwrapped. No packet comes twice; order is as received.
pub struct ReceivedPacket {
    pub lane: Lane,
    /// Extended sequence number.
    pub sequence: u64,
    /// Extended timestamp.
    pub timestamp: u64,
    pub marker: bool,
    pub payload: Arc<[u8]>,
}

impl std::fmt::Debug for ReceivedPacket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReceivedPacket({:?}, {}, {} bytes)", self.lane, self.sequence, self.payload.len())
    }
}
