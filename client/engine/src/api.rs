//! The two doors of the engine: what a person wishes, and what happened.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

pub use group_crypto::MemberId;
pub use media::Picture;
use serde::{Deserialize, Serialize};

use crate::invitation::Invitation;

/// Where packets may ever go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Network {
    /// Loopback only.
    Local,
    /// The networks that this machine's own interfaces are on.
    Lan,
    /// Anywhere.
    #[default]
    Internet,
}

#[derive(Clone, PartialEq, Eq)]
pub enum CameraChoice {
    None,
    /// A moving test card.
    Test,
    /// A YUV4MPEG2 file, looped in real time.
    Clip(PathBuf),
    /// A device by the id that [`crate::devices`] lists.
    Device(String),
}

#[derive(Clone, PartialEq, Eq)]
pub enum MicrophoneChoice {
    None,
    /// A quiet melody.
    Test,
    /// A WAV file, looped in real time.
    Clip(PathBuf),
    Device(String),
}

#[derive(Clone, PartialEq, Eq)]
pub enum SpeakerChoice {
    None,
    Device(String),
}

/// A device as lists show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    pub id: String,
    pub name: String,
}

/// How the own picture and voice are made.
#[derive(Clone)]
pub struct MediaSettings {
    pub camera: CameraChoice,
    pub microphone: MicrophoneChoice,
    pub speaker: SpeakerChoice,
    /// Echo cancellation, noise suppression and gain; `None`: on for devices, off for files.
    pub process: Option<bool>,
    pub width: u32,
    pub height: u32,
    pub fps: u32,
    pub video_kbps: u32,
    /// Where NAME.y4m and NAME.wav of every other participant go.
    pub record: Option<PathBuf>,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self {
            camera: CameraChoice::None,
            microphone: MicrophoneChoice::None,
            speaker: SpeakerChoice::None,
            process: None,
            width: 1280,
            height: 720,
            fps: 30,
            video_kbps: 1500,
            record: None,
        }
    }
}

/// Where packets may go, and by whose help people find and reach each other.
#[derive(Clone)]
pub struct NetworkSettings {
    pub network: Network,
    /// URLs of iroh relays, tried in order of nearness; a relay sees sealed bytes and addresses only.
    pub relays: Vec<String>,
    /// A root certificate (PEM) for own relays.
    pub relay_ca: Option<Vec<u8>>,
    /// `host:port` of nodes through which the DHT is entered; none: the DHT is off.
    pub dht_bootstrap: Vec<String>,
    /// Announce and look on the local network (mDNS).
    pub lan: bool,
    /// Only relayed links, no direct media: nobody we talk to learns our address.
    pub hide_address: bool,
}

impl Default for NetworkSettings {
    /// People's: the Internet, the public relays and DHT.
    fn default() -> Self {
        Self::of(Network::Internet)
    }
}

impl NetworkSettings {
    /// What `network` allows: relays and DHT only for the Internet, mDNS for it and the LAN.
    pub fn of(network: Network) -> Self {
        let internet = network == Network::Internet;
        Self {
            network,
            relays: if internet { crate::public::relays() } else { Vec::new() },
            relay_ca: None,
            dht_bootstrap: if internet { crate::public::bootstrap() } else { Vec::new() },
            lan: network != Network::Local,
            hide_address: false,
        }
    }
}

/// Everything one running profile needs.
#[derive(Clone)]
pub struct Settings {
    pub name: String,
    pub network: NetworkSettings,
    pub media: MediaSettings,
    /// Called from any thread when an event or a picture is waiting; must not block.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

/// One of our rooms, as this device counts them. Means nothing to anybody else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub [u8; 16]);

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomId({:02x}{:02x})", self.0[0], self.0[1])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomKind {
    /// Lives while people are in it and leaves nothing on the disk. Its call begins when one enters.
    Ephemeral,
    /// Kept with its keys and its chat; people come and go.
    Kept,
    /// A relationship of two: a kept room that never has a third.
    Contact,
}

/// What an invitation allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Good for many people; otherwise it is used up by the first.
    pub many: bool,
    /// For so long from now; `None`: until it is revoked.
    pub valid: Option<Duration>,
    /// Who comes waits until somebody lets them in. Rooms only.
    pub waiting_room: bool,
}

impl Default for Terms {
    /// Once, within a week.
    fn default() -> Self {
        Self { many: false, valid: Some(Duration::from_secs(7 * 24 * 3600)), waiting_room: false }
    }
}

/// Which of a room's invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvitationId(pub [u8; 16]);

/// Somebody in the waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KnockId(pub u64);

/// What a contact or a room may do to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Their calls ring; otherwise they are only noted as missed.
    pub ring: bool,
    /// Their calls may ask for video; otherwise they ring as calls without.
    pub video: bool,
    /// From and until, in minutes of the local day: nothing rings in between.
    pub quiet: Option<(u16, u16)>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { ring: true, video: true, quiet: None }
    }
}

/// What a person asks of the engine.
#[derive(Clone)]
pub enum Wish {
    /// A new room with ourselves in it; answered by [`RoomEvent::Entered`].
    Found {
        title: String,
        kind: RoomKind,
    },
    /// A contact to be: answered by [`RoomEvent::Entered`] and [`RoomEvent::InvitationReady`]. `label` is our own note of
    /// whom it is for.
    InviteContact {
        label: String,
        terms: Terms,
    },
    /// Takes up an invitation, to a room or from a contact to be.
    Redeem {
        invitation: Invitation,
    },
    InRoom {
        room: RoomId,
        wish: RoomWish,
    },
    /// Opens or closes the devices outside of a call, to see and hear oneself.
    Preview(bool),
    UseCamera(CameraChoice),
    UseMicrophone(MicrophoneChoice),
    UseSpeaker(SpeakerChoice),
    CameraOn(bool),
    MicrophoneOn(bool),
    /// Where a participant's tile is, from -1.0 (left edge) to 1.0 (right edge): their voice comes from there.
    Place {
        member: MemberId,
        x: f32,
    },
    /// The name others see from now on, in new contacts and rooms and in those we are in.
    Rename(String),
    /// Replaces the network settings; links begin anew.
    UseNetwork(NetworkSettings),
    /// Says goodbye to ephemeral rooms, hangs up, and stops; answered by [`Event::Ended`].
    Stop,
}

/// What a person asks of one room.
#[derive(Clone)]
pub enum RoomWish {
    /// A fresh invitation; answered by [`RoomEvent::InvitationReady`]. Not for contacts.
    Invite(Terms),
    Revoke(InvitationId),
    Admit(KnockId),
    Refuse(KnockId),
    Remove(MemberId),
    Say(String),
    /// Sends a contact a one-time invitation to the other room.
    Bring {
        into: RoomId,
    },
    /// Begins a call, or takes up the one that rings or goes on. In a contact or kept room it rings at the others.
    Call {
        video: bool,
    },
    /// Declines the call that rings.
    Decline,
    HangUp,
    SetRules(Rules),
    /// Our own name for a contact.
    Label(String),
    /// Says that the safety code was compared and matched, or takes it back.
    Verified(bool),
    /// Lines of the history before this one (all: the newest); answered by [`RoomEvent::History`].
    Older {
        before: Option<i64>,
    },
    /// Removes the chat from the disk, but for lines that somebody still waits for; answered by [`RoomEvent::History`].
    Clear,
    /// Leaves with a goodbye. A kept room or contact is forgotten with its keys, its chat and its invitations.
    Leave,
}

/// How well another participant's media can be opened, computed from the epochs both told and the frames that did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KeyState {
    Current,
    Behind,
    #[default]
    Missing,
}

/// The way another participant's media takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Between the two sockets.
    Direct,
    /// As datagrams of the link.
    Link,
    /// Through another member.
    Forwarded,
}

/// The way a link takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub microphone_on: bool,
    pub speaking: bool,
}

/// A line of a room's chat.
#[derive(Clone)]
pub struct Line {
    /// Its place in the history; `None` in an ephemeral room.
    pub id: Option<i64>,
    pub member: MemberId,
    pub name: String,
    pub mine: bool,
    /// Counts the sender's lines in this room, from 1.
    pub sequence: u64,
    /// Unix time in milliseconds, by the sender's clock.
    pub at_ms: i64,
    pub body: Body,
    /// Everybody it is for has it; otherwise it waits in the outbox.
    pub delivered: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Text(String),
    /// Somebody brings us into a room of theirs: its title, and the link.
    Invitation {
        title: String,
        link: String,
    },
    /// Only in the own history: a call, from whoever the line is of.
    Call {
        video: bool,
        outcome: CallOutcome,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallOutcome {
    /// It lasted so many seconds.
    Held(u32),
    Missed,
    Declined,
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

/// What happened in the engine.
#[derive(Clone)]
pub enum Event {
    /// In one room.
    Room { room: RoomId, what: RoomEvent },
    /// How we stand on the network.
    Reach(Reach),
    /// The own microphone's level 0.0..=1.0, about ten times a second, and whether it counts as speech.
    MicrophoneLevel { level: f32, speaking: bool },
    /// The own camera or microphone as they really are now.
    OwnMedia { camera_on: bool, microphone_on: bool },
    /// Something failed, and the rest goes on.
    Trouble(Trouble),
    /// Live figures of the call, once a second.
    Figures(crate::stats::Stats),
    /// The engine has stopped; nothing follows.
    Ended(Ended),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As wished.
    Stopped,
    /// It could not start or go on.
    Failed,
}

/// What happened in one room.
#[derive(Clone)]
pub enum RoomEvent {
    /// We set out to enter by an invitation.
    Entering,
    /// At the door: somebody inside has to let us in.
    Waiting,
    /// We are in: founded, admitted, or back after a restart. For a contact the title is their name or our label.
    Entered {
        title: String,
        kind: RoomKind,
        me: MemberId,
        epoch: u64,
        post_quantum: bool,
    },
    Titled {
        title: String,
    },
    Settled {
        rules: Rules,
        verified: bool,
    },
    /// Of a contact: what both read to each other to know that nobody is between them: 12 groups of 5 digits.
    SafetyCode(String),
    InvitationReady {
        id: InvitationId,
        invitation: Invitation,
        terms: Terms,
    },
    /// Used up, expired or revoked.
    InvitationOver {
        id: InvitationId,
    },
    Knock {
        knock: KnockId,
        name: String,
    },
    /// Let in, refused, or gone.
    KnockOver {
        knock: KnockId,
    },
    Joined {
        member: MemberId,
        name: String,
    },
    Renamed {
        member: MemberId,
        name: String,
    },
    Left {
        member: MemberId,
        why: LeftBecause,
    },
    Changed {
        member: MemberId,
        state: ParticipantState,
    },
    /// A new epoch is in use.
    NewEpoch {
        epoch: u64,
    },
    Said(Line),
    /// Own lines up to this sequence have reached everybody.
    Delivered {
        up_to: u64,
    },
    /// Answers [`RoomWish::Older`]; oldest first. `more`: there are older ones still.
    History {
        lines: Vec<Line>,
        more: bool,
    },
    Call(CallState),
    /// It rang here and is over; it stands in the history too.
    Missed {
        by: MemberId,
        video: bool,
    },
    /// Over for us, and forgotten.
    Over(OverBecause),
}

/// How we stand on the network, for people to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// No network but loopback.
    pub offline: bool,
    pub dht: Help,
    pub relay: Help,
    /// Looking on the local network.
    pub lan: bool,
}

/// Whether something that helps to find and reach others does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Help {
    #[default]
    Off,
    Trying,
    Works,
    Unreachable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftBecause {
    Goodbye,
    Removed,
    Lost,
}

/// Troubles that a person should know of and that end nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the camera cannot be used")]
    CameraUnusable,
    #[error("the camera has vanished")]
    CameraLost,
    #[error("the microphone cannot be used")]
    MicrophoneUnusable,
    #[error("the microphone has vanished")]
    MicrophoneLost,
    #[error("the speaker cannot be used")]
    SpeakerUnusable,
    #[error("the speaker has vanished")]
    SpeakerLost,
    #[error("the clip cannot be read")]
    CameraClipUnreadable,
    #[error("the sound clip cannot be read")]
    MicrophoneClipUnreadable,
    #[error("recording has stopped: the disk refused a write")]
    RecordingStopped,
    #[error("the message is too long")]
    MessageTooLong,
    #[error("nobody of that name is in the room")]
    NoSuchMember,
    #[error("there are too many wishes at once; the last one was dropped")]
    Busy,
    #[error("the disk refused a write: what was to be kept is tried again")]
    StoreRefused,
    #[error("the profile cannot keep this: it runs without a store")]
    NoStore,
    #[error("there is another call; hang up first")]
    InAnotherCall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverBecause {
    /// We left.
    Left,
    /// The room removed us, or the contact ended the relationship.
    Removed,
    /// The join did not succeed.
    JoinFailed(JoinFailed),
    /// The room could not go on.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinFailed {
    #[error("nobody answers at the address in the invitation")]
    Unreachable,
    #[error("the invitation leads outside the allowed network")]
    OutsideNetwork,
    #[error("the invitation has expired")]
    Expired,
    #[error("the invitation is not, or no longer, valid")]
    Refused,
    #[error("the room is full")]
    Full,
    #[error("the room did not answer in time")]
    TimedOut,
    #[error("the room answered with something that cannot be read")]
    Malformed,
}

/// Names only: what a wish carries is nobody's business but the engine's.
impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wish::Found { .. } => "Found",
            Wish::InviteContact { .. } => "InviteContact",
            Wish::Redeem { .. } => "Redeem",
            Wish::InRoom { wish, .. } => return write!(f, "{wish:?}"),
            Wish::Preview(_) => "Preview",
            Wish::UseCamera(_) => "UseCamera",
            Wish::UseMicrophone(_) => "UseMicrophone",
            Wish::UseSpeaker(_) => "UseSpeaker",
            Wish::CameraOn(_) => "CameraOn",
            Wish::MicrophoneOn(_) => "MicrophoneOn",
            Wish::Place { .. } => "Place",
            Wish::Rename(_) => "Rename",
            Wish::UseNetwork(_) => "UseNetwork",
            Wish::Stop => "Stop",
        })
    }
}

impl fmt::Debug for RoomWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RoomWish::Invite(_) => "Invite",
            RoomWish::Revoke(_) => "Revoke",
            RoomWish::Admit(_) => "Admit",
            RoomWish::Refuse(_) => "Refuse",
            RoomWish::Remove(_) => "Remove",
            RoomWish::Say(_) => "Say",
            RoomWish::Bring { .. } => "Bring",
            RoomWish::Call { .. } => "Call",
            RoomWish::Decline => "Decline",
            RoomWish::HangUp => "HangUp",
            RoomWish::SetRules(_) => "SetRules",
            RoomWish::Label(_) => "Label",
            RoomWish::Verified(_) => "Verified",
            RoomWish::Older { .. } => "Older",
            RoomWish::Clear => "Clear",
            RoomWish::Leave => "Leave",
        })
    }
}
