//! What failed, for a person to read.

use chrono::{DateTime, Local};

use super::RoomId;

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
    #[error("the camera was disconnected; it starts again when it is back")]
    CameraLost,
    #[error("the screen cannot be shared")]
    ScreenUnusable,
    #[error("nothing was chosen, so nothing is shared")]
    ScreenDeclined,
    #[error("the shared screen or window is gone")]
    ScreenGone,
    #[error("the microphone cannot be used")]
    MicrophoneUnusable,
    #[error("the microphone was disconnected")]
    MicrophoneLost,
    #[error("the speaker cannot be used")]
    SpeakerUnusable,
    #[error("the speaker was disconnected")]
    SpeakerLost,
    #[error("the clip cannot be read")]
    CameraClipUnreadable,
    #[error("the sound clip cannot be read")]
    MicrophoneClipUnreadable,
    #[error("this machine is busy: pictures may be smaller or pause for a while")]
    Overloaded,
    #[error("a participant's video cannot be shown safely and is paused for a while")]
    PictureRests,
    #[error("the video decoder cannot be started: no video of others is shown until another try works")]
    DecoderNotStarted,
    #[error("a participant's sound or video failed and has ended for this call")]
    StreamFailed,
    #[error("the recording has stopped: the disk could not be written to")]
    RecordingStopped,
    #[error("the message is too long")]
    MessageTooLong,
    #[error("the message has no visible text")]
    MessageBlank,
    #[error("there is no such message here")]
    NoSuchMessage,
    #[error("only the author of a message can change it")]
    NotYourMessage,
    #[error("a reaction is one emoji")]
    NoReaction,
    #[error("nobody in the room has this name")]
    NoSuchMember,
    #[error("too many requests at once; the last one was ignored")]
    Busy,
    #[error("the disk could not be written to; another try follows")]
    StoreRefused,
    #[error("this needs a profile: nothing can be kept without one")]
    NoStore,
    #[error("you are in another call; hang up first")]
    InAnotherCall,
    #[error("the call is full")]
    CallFull,
    #[error("this room has more messages than can be kept at once: some arrive later")]
    RoomIsCrowded,
    #[error(
        "this profile is an older copy of itself: messages since then are missing here, and two copies must not be used"
    )]
    OlderCopy,
    #[error("this room can only be read")]
    ReadOnly,
    #[error("you are alone in the call, so camera, microphone and screen were turned off")]
    LeftAlone,
    /// `unix_s`: what it says, Unix time, s.
    #[error("this computer's clock may be wrong, and contacts cannot be found until it is right: it says {}", clock_says(.unix_s))]
    ClockInDoubt { unix_s: u64 },
    #[error("the call has ended: nobody else was in it for at least ten minutes")]
    CallLeftAlone,
    #[error("someone uses a different version of this program: one of you has to update")]
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
    #[error("the invitation is not valid, or no longer valid")]
    Refused,
    #[error("the room is full")]
    Full,
    #[error("the invitation comes from a different version of this program: one of you has to update")]
    Version,
    #[error("the room did not answer in time")]
    TimedOut,
    #[error("this room uses post-quantum keys, which this program does not have")]
    Suite,
    #[error("the room sent an answer that cannot be read")]
    Malformed,
    #[error("this is your own invitation: send it to someone else")]
    OwnInvitation,
    /// `room`: where it led, which is ours.
    #[error("you are there already: the contact or room of this invitation is in your list")]
    TakenUpBefore { room: RoomId },
}
