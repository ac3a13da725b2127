//! Who is in the room (MLS, RFC 9420), and the media keys that follow (SFrame, RFC 9605).
//!
//! Synchronous and self-contained: no IO, no clock, no threads. Bytes come in as arguments and go
//! out as values; the caller carries them and decides, per epoch, whose commit counts.
//!
//! A member's way through it: a [`Joiner`] makes a key package, somebody in the [`Group`] commits a
//! [`Change::Admit`] of it, and the Welcome turns the joiner into a [`Group`] too. Every epoch yields
//! [`EpochKeys`], from which a [`Sealer`] seals this member's media and an [`Opener`] opens the
//! others'. [`Group::save`] and [`Group::load`] carry a room over a restart.

// A test may be blunt. Elsewhere what cannot fail says why, and what can fail is an error.
#![deny(clippy::unwrap_used, clippy::expect_used)]
// Nearly all of it meets numbers and lengths that others chose.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

mod address;
mod agreement;
mod card;
mod client;
mod derive;
mod group;
mod identity;
#[cfg(test)]
mod impostor;
mod invitation;
mod joiner;
mod key_package;
mod media_keys;
mod member;
mod name;
mod redact;
mod rules;
mod storage;
mod suite;
#[cfg(test)]
mod vectors;

pub use address::{read_address, write_address};
pub use agreement::{
    Action, AdmitError, Agreement, GATHER, HISTORY, History, KeyState, MAX_HISTORY_BYTES, MAX_PARKED, MAX_PROPOSALS,
    MAX_REMOVED, NextEpoch, OVERLAP, PassedOn, RENEWAL, RETRY, RestoreError, SPACING, TAKEOVER, Ticket,
};
pub use card::{Card, CardError, MAX_ADDRESSES};
pub use group::{
    Change, CodeError, CommitError, Committed, Compared, Comparison, CreateError, EpochChange, ExportError, Group,
    LazySafety, LoadError, MAX_MESSAGE_BYTES, MAX_PLAINTEXT_BYTES, MAX_SHOWN, MAX_SKIPPED_GENERATIONS, ProcessError,
    ProtectError, Received, Rejoiner, Safety, SafetyCode, SaveError, SignError, SpokenWords, Standing,
};
pub use invitation::{InvitationId, InvitationSecret};
pub use joiner::{JoinError, Joiner, JoinerError};
pub use key_package::{KeyPackageError, MAX_KEY_PACKAGE_BYTES, check_key_package};
pub use media_keys::{
    EpochId, EpochKeys, KeyId, OpenError, Opened, Opener, RETAINED_EPOCHS, RotateError, RunId, SealError, Sealer,
};
pub use member::{MAX_MEMBERS, Member, MemberId, MemberIndex};
pub use name::{
    Look, MAX_NAME_BYTES, MAX_NAME_LETTERS, check_name, is_blank, is_one_letter, is_same_name, is_steering, plain_name,
    plain_text,
};
pub use suite::Suite;
