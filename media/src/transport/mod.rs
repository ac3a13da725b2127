//! Datagrams to and from one peer: ICE, DTLS-SRTP and retransmission, by str0m without SDP. There are two ways to
//! a peer: the direct one, and the link.

mod certificate;
mod event;
mod figures;
mod guard;
mod handshake;
mod pace;
mod peer;
mod sent;
mod watch;
mod ways;
mod wire;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use event::{PeerError, PeerEvent, PeerOutput, ReceivedPacket, Role, Topic};
pub use figures::{PeerFigures, Route, RouteFigures};
pub use handshake::{Handshake, HandshakeError, MAX_CANDIDATES};
pub use peer::Peer;
pub use watch::{Probe, Verdict, Watch, WatchOutput};
