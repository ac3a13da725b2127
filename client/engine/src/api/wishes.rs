//! What a person asks of the engine.

use std::fmt;

use strum::IntoStaticStr;

use super::{
    CameraChoice, InvitationId, KnockId, MemberId, MessageId, MicrophoneChoice, NetworkSettings, RoomId, RoomKind,
    Rules, ScreenSource, SpeakerChoice, Terms,
};
use crate::{invitation::Invitation, pictures::Tile};

/// What a person asks of the engine.
#[derive(Clone, IntoStaticStr)]
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
    /// A second of notes from left and right, to find out whether the speaker is heard. Nobody else hears it.
    PlayTone,
    CameraOn(bool),
    MicrophoneOn(bool),
    /// Takes steady noise out of our voice, or leaves it in; kept in the profile, and answered by [`Event::NoiseSuppressed`].
    SuppressNoise(bool),
    /// Shares this with everybody in the call, instead of what was shared before; answered by [`Event::OwnMedia`].
    ShareScreen(ScreenSource),
    StopSharing,
    /// Where a participant's tile is, from -1.0 (left edge) to 1.0 (right edge): their voice comes from there.
    Place {
        member: MemberId,
        x: f32,
    },
    /// With how many lines a participant's camera or screen is shown on our screen, in pixels; 0: not at all. They send no more than
    /// that takes. Until it is said, they send the best they can.
    Look {
        tile: Tile,
        lines: u16,
    },
    /// The name others see from now on, in new contacts and rooms and in those we are in.
    Rename(String),
    /// Replaces the network settings; links begin anew.
    UseNetwork(NetworkSettings),
    /// Says goodbye to ephemeral rooms, hangs up, and stops; answered by [`Event::Ended`].
    Stop,
}

/// What a person asks of one room.
#[derive(Clone, IntoStaticStr)]
pub enum RoomWish {
    /// A fresh invitation; answered by [`RoomEvent::InvitationReady`]. Not for contacts.
    Invite(Terms),
    Revoke(InvitationId),
    Admit(KnockId),
    Refuse(KnockId),
    Remove(MemberId),
    /// Answered by [`RoomEvent::Said`], or by the [`Trouble`] because of which it is not said.
    Say(String),
    /// Says something in answer to another line. Answered like [`RoomWish::Say`].
    Reply {
        to: MessageId,
        text: String,
    },
    /// Says a line of ours in other words; answered by [`RoomEvent::LineChanged`].
    Edit {
        message: MessageId,
        text: String,
    },
    /// Deletes a line of ours for everybody; answered by [`RoomEvent::LineChanged`].
    Delete {
        message: MessageId,
    },
    /// Our reactions to a line are these from now on, or none; answered by [`RoomEvent::LineChanged`].
    React {
        message: MessageId,
        signs: Vec<String>,
    },
    /// Sends a contact a one-time invitation to the other room.
    Bring {
        into: RoomId,
    },
    /// Begins a call, or takes up the one that rings or goes on. In a contact or kept room it rings at the others.
    Call {
        video: bool,
    },
    /// The same, and ends the call of another room that we are in; an ephemeral room is left for it. A microphone that was off stays off.
    Switch {
        video: bool,
    },
    /// Declines the call that rings.
    Decline,
    HangUp,
    SetRules(Rules),
    /// Our own name for a contact.
    Label(String),
    /// Says that a person compared with a member and that it matched, or takes it back.
    Verify {
        member: MemberId,
        verified: bool,
    },
    /// Compares what a member shows or reads: the text of their QR picture, the digits, or their six words; answered by
    /// [`RoomEvent::Compared`]. What matches verifies them, and what does not takes it back.
    Compare {
        member: MemberId,
        shown: String,
    },
    /// Lines of the history before this one (all: the newest); answered by [`RoomEvent::History`].
    Older {
        before: Option<i64>,
    },
    /// Removes the chat from the disk, but for lines that somebody still waits for; answered by [`RoomEvent::History`].
    Clear,
    /// Leaves with a goodbye. A kept room or contact is forgotten with its keys, its chat and its invitations.
    Leave,
}

/// Names only: what a wish carries is nobody's business but the engine's.
impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wish::InRoom { wish, .. } => wish.fmt(f),
            wish => f.write_str(wish.into()),
        }
    }
}

impl fmt::Debug for RoomWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.into())
    }
}
