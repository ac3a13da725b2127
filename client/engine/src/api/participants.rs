//! What is known of the others in a room, and our own part in its call.

pub use group_crypto::KeyState;
use serde::Serialize;
use strum::IntoStaticStr;

use super::MemberId;

/// Whether we know that nobody stands between a member and us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Verification {
    /// Nobody has compared yet.
    #[default]
    Not,
    /// Compared in this room, and their keys are still the same.
    Verified,
    /// Compared in this room under another name than they go by now; see [`ParticipantState::verified_as`].
    Renamed,
    /// Another member has or had a name that looks like theirs, and had it first.
    Ambiguous,
    /// They go by the name of another member who was verified here: new keys, or somebody else.
    Broken,
}

/// The way another participant's media takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Path {
    /// Between the two sockets.
    Direct,
    /// As datagrams of the link.
    Link,
    /// Through another member.
    Forwarded,
}

/// The way a link takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Route {
    Direct,
    /// Through a relay, which sees sealed bytes only.
    Relayed,
    /// Through another member, who hears and sees nothing of the two's media.
    Forwarded,
}

/// Whether a member can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Presence {
    /// Not found so far; messages to them wait.
    #[default]
    Away,
    /// The link broke a moment ago and is being made anew.
    Reconnecting,
    Here(Route),
}

/// What is known of another member right now.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ParticipantState {
    pub presence: Presence,
    pub in_call: bool,
    /// Media arrives or can arrive.
    pub connected: bool,
    pub path: Option<Path>,
    pub keys: KeyState,
    pub camera_on: bool,
    /// It is on and not seen: this machine has too much to do, and shows who speaks.
    pub camera_paused: bool,
    pub microphone_on: bool,
    /// They share a screen: its pictures are [`crate::pictures::Tile::Screen`].
    pub screen_on: bool,
    pub speaking: bool,
    pub verification: Verification,
    /// The name for which they were verified, if they go by another one now.
    pub verified_as: Option<String>,
}

/// Our own part in a room's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CallState {
    #[default]
    None,
    /// It rings here.
    Ringing {
        by: MemberId,
        video: bool,
    },
    /// We call, and nobody has answered yet.
    Calling,
    In,
}
