//! The two doors of the engine: what a person wishes, and what happened.

mod chat;
mod events;
mod participants;
mod rooms;
mod settings;
mod troubles;
mod wishes;

pub use group_crypto::{CodeError, Compared, LazySafety, MemberId, Safety, SafetyCode, SpokenWords};
pub use media::{
    Picture,
    capture::{Region, ScreenInfo, ScreenSource},
};

pub use self::{
    chat::{Body, CallOutcome, Line, MessageId, Reaction},
    events::{Ended, Event, Help, LeftBecause, OverBecause, Reach, RoomEvent},
    participants::{CallState, KeyState, ParticipantState, Path, Presence, Route, Verification},
    rooms::{InvitationId, KnockId, ReadOnly, RoomId, RoomKind, Rules, Terms},
    settings::{
        CameraChoice, Device, MediaSettings, MicrophoneChoice, Network, NetworkSettings, Settings, SpeakerChoice,
    },
    troubles::{JoinFailed, Trouble, clock_says},
    wishes::{RoomWish, Wish},
};
pub use crate::room::wire::MAX_CHAT as MAX_TEXT;
