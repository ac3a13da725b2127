//! What failed, for a person to read.

use chrono::{DateTime, Local};

/// A time (Unix time, s) as a clock here shows it, to the minute.
pub fn clock_says(unix_s: &u64) -> String {
    let at = i64::try_from(*unix_s).ok().and_then(|unix_s| DateTime::from_timestamp(unix_s, 0));
    at.map_or_else(|| "?".to_owned(), |at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string())
}

/// Troubles that a person should know of and that end nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the camera cannot be used")]
    CameraUnusable,
    #[error("the camera has vanished; it is looked for")]
    CameraLost,
    #[error("the screen cannot be shared")]
    ScreenUnusable,
    #[error("nothing was chosen to be shared")]
    ScreenDeclined,
    #[error("what was shared of the screen is gone")]
    ScreenGone,
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
    #[error("this machine has too much to do: pictures may be smaller, or pause, for a while")]
    Overloaded,
    #[error("a participant's video cannot be shown safely and is paused for a while")]
    PictureRests,
    #[error("the video decoder cannot be started: nobody's video is shown, and it is tried again")]
    DecoderNotStarted,
    #[error("the sound or the video of a participant failed and has ended for this call")]
    StreamFailed,
    #[error("recording has stopped: the disk refused a write")]
    RecordingStopped,
    #[error("the message is too long")]
    MessageTooLong,
    #[error("the message has no text that can be seen")]
    MessageBlank,
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
    #[error("the call is full")]
    CallFull,
    #[error("more is said in this room than may be kept at once: some messages arrive later")]
    RoomIsCrowded,
    #[error("this room can only be read")]
    ReadOnly,
    #[error("you are the only one left in the call: camera, microphone and screen were turned off")]
    LeftAlone,
    /// `unix_s`: what it says, Unix time, s.
    #[error("this computer's clock may be wrong, and people are not found by it: it says {}", clock_says(.unix_s))]
    ClockInDoubt { unix_s: u64 },
    #[error("the call has ended: nobody else had been in it for at least ten minutes")]
    CallLeftAlone,
    #[error("somebody's program is of another version than this one: one of you has to update it")]
    OtherVersion,
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
    #[error("the program that made the invitation is of another version than this one")]
    Version,
    #[error("the room did not answer in time")]
    TimedOut,
    #[error("this room needs post-quantum keys, which this program does not have")]
    Suite,
    #[error("the room answered with something that cannot be read")]
    Malformed,
    #[error("this is your own invitation: it is for somebody else")]
    OwnInvitation,
    #[error("you took up this invitation before: the contact is in your list")]
    TakenUpBefore,
}
