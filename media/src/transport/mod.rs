//! Datagrams to and from one peer: ICE, DTLS-SRTP, retransmission and bandwidth estimates, by str0m without SDP.

mod certificate;
mod event;
mod figures;
mod guard;
mod handshake;
mod peer;
mod wire;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use event::{PeerError, PeerEvent, PeerOutput, ReceivedPacket, Role};
pub use figures::PeerFigures;
pub use handshake::{Handshake, HandshakeError, MAX_CANDIDATES};
pub use peer::Peer;
