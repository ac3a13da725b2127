//! The two doors of the engine: what a person wishes, and what happened.

use std::{fmt, path::PathBuf, sync::Arc};

pub use group_crypto::MemberId;
pub use media::Picture;

use crate::invitation::Invitation;

/// Where packets may ever go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Network {
    /// Loopback only.
    Local,
    /// The networks that this machine's own interfaces are on.
    #[default]
    Lan,
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

/// Everything one running person needs.
#[derive(Clone)]
pub struct Settings {
    pub name: String,
    pub network: Network,
    pub media: MediaSettings,
    /// Called from any thread when an event or a picture is waiting; must not block.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

/// What a person asks of the engine.
#[derive(Clone)]
pub enum Wish {
    Create {
        title: String,
    },
    Join {
        invitation: Invitation,
    },
    /// A fresh invitation to the current room; answered by [`Event::InvitationReady`].
    Invite,
    UseCamera(CameraChoice),
    UseMicrophone(MicrophoneChoice),
    UseSpeaker(SpeakerChoice),
    CameraOn(bool),
    MicrophoneOn(bool),
    Say(String),
    Remove(MemberId),
    /// Where a participant's tile is, from -1.0 (left edge) to 1.0 (right edge): their voice comes from there.
    Place {
        member: MemberId,
        x: f32,
    },
    /// Leaves the room with a goodbye and stops; answered by [`Event::Ended`].
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
    Direct,
    Link,
    Forwarded,
}

/// What is known of another participant right now.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ParticipantState {
    pub connected: bool,
    pub path: Option<Path>,
    pub keys: KeyState,
    pub camera_on: bool,
    pub microphone_on: bool,
    pub speaking: bool,
}

/// What happened.
#[derive(Clone)]
pub enum Event {
    /// We are in: created, or admitted.
    Entered {
        title: String,
        me: MemberId,
        epoch: u64,
        post_quantum: bool,
    },
    InvitationReady(Invitation),
    Joined {
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
    /// A chat message, our own included.
    Said {
        member: MemberId,
        name: String,
        text: String,
        mine: bool,
    },
    /// The own microphone's level 0.0..=1.0, about ten times a second, and whether it counts as speech.
    MicrophoneLevel {
        level: f32,
        speaking: bool,
    },
    /// The own camera or microphone as they really are now.
    OwnMedia {
        camera_on: bool,
        microphone_on: bool,
    },
    /// Something failed, and the rest goes on.
    Trouble(Trouble),
    /// Live figures, once a second.
    Figures(crate::stats::Stats),
    /// The engine has stopped; nothing follows.
    Ended(EndedBecause),
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBecause {
    /// The person left.
    Left,
    /// The room removed them.
    Removed,
    /// The join did not succeed.
    JoinFailed(JoinFailed),
    /// The engine could not start or go on.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinFailed {
    #[error("nobody answers at the address in the invitation")]
    Unreachable,
    #[error("the invitation leads outside the allowed network")]
    OutsideNetwork,
    #[error("the invitation is not, or no longer, valid")]
    Refused,
    #[error("the room is full")]
    Full,
    #[error("the room did not answer in time")]
    TimedOut,
    #[error("the room answered with something that cannot be read")]
    Malformed,
}

impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wish::Create { .. } => "Create",
            Wish::Join { .. } => "Join",
            Wish::Invite => "Invite",
            Wish::UseCamera(_) => "UseCamera",
            Wish::UseMicrophone(_) => "UseMicrophone",
            Wish::UseSpeaker(_) => "UseSpeaker",
            Wish::CameraOn(_) => "CameraOn",
            Wish::MicrophoneOn(_) => "MicrophoneOn",
            Wish::Say(_) => "Say",
            Wish::Remove(_) => "Remove",
            Wish::Place { .. } => "Place",
            Wish::Leave => "Leave",
        })
    }
}
