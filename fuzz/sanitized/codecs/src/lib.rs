//! The parts of `media` that read what others send, by links to their sources: without devices and transport it is built in
//! a minute where the whole crate takes ten.

#![allow(dead_code, reason = "the rest of `media` uses more of it")]

pub mod carried;
pub mod frame;
pub mod gather;
pub mod jitter;
pub mod picture;
pub mod repair;
pub mod seal;
pub mod split;

pub mod decode {
    mod h264;
    mod opus;
    pub use h264::*;
    pub use opus::*;
}

// As they are in `media`, where they stand beside devices and encoders.
pub mod encode {
    pub const VOICE_KBPS: u32 = 32;
}

pub mod microphone {
    pub const BLOCK: usize = 480;
}

pub use frame::{EncodedFrame, Lane, Stream};
pub use picture::Picture;
pub use seal::{ReceivedFrame, Seal, SealedFrame};
