//! Rooms without a window: people, contacts, links, rendezvous, chat, calls, and the store that keeps them.

// A test may be blunt. Elsewhere what cannot fail says why, and what can fail is an error.
#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod api;
pub mod devices;
pub mod hardening;
pub mod invitation;
pub mod logging;
pub mod profiles;
pub mod qr;
pub mod stats;

mod events;
mod links;
#[cfg(test)]
mod not_run;
mod public;
mod rendezvous;
mod room;
mod session;
mod store;
mod studio;
mod wall;

/// What may stand in names, titles and texts, and which names are the same.
pub mod names {
    pub use group_crypto::{
        MAX_NAME_BYTES, MAX_NAME_LETTERS, check_name, is_blank, is_same_name, is_steering, plain_name, plain_text,
    };
}

mod handle;
pub use handle::{Engine, StartError};

mod pictures;
pub use pictures::{Pictures, Tile};

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(feature = "hostile")]
#[doc(hidden)]
pub mod hostile;

#[cfg(feature = "simulation")]
#[doc(hidden)]
pub use room::simulation::narrow as simulation;

pub use media::decode::process::serve_if_asked as serve_decoder_if_asked;
