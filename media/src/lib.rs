//! A frame's way out and a frame's way in.
//!
//! Out: `capture -> process -> encode -> seal -> split -> send`.
//! In: `receive -> gather -> open -> (jitter) -> decode -> present`.
//!
//! The crate knows neither MLS nor the window: whoever drives it brings the keys behind [`Seal`] and [`Open`].

// A test may be blunt. Elsewhere what cannot fail says why, and what can fail is an error.
#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod picture;
// What a camera or a clip gives, and what a tile shows.
pub use picture::{Picture, RawFrame};

pub mod frame;
pub use frame::{EncodedFrame, FrameClock, Lane, Stream};

pub mod seal;
pub use seal::{Open, OpenError, ReceivedFrame, Seal, SealedFrame};

mod lookout;
pub mod private_file;

// Out.
pub mod capture;
pub mod microphone;

pub mod process;

pub mod encode;

pub mod congestion;
pub mod layer;
pub mod uplink;
pub use layer::{Ladder, Layer};

pub mod split;

// Pictures that a third member passes on.
pub mod carried;

// Both ways: what a packet carries for those that are lost, and what is done with it.
pub mod repair;

// The wire.
pub mod transport;

// In.
pub mod gather;

pub mod jitter;

pub mod decode;

pub mod present;
pub mod sync;

pub mod playout;
pub mod speaker;

pub mod record;
