//! What happened in the engine.

use strum::IntoStaticStr;

use super::{
    CallState, CodeError, Compared, InvitationId, JoinFailed, KnockId, LazySafety, Line, MemberId, ParticipantState,
    ReadOnly, RoomId, RoomKind, Rules, SpokenWords, Terms, Trouble,
};
use crate::invitation::Invitation;

/// What happened in the engine.
#[derive(Clone)]
pub enum Event {
    /// In one room.
    Room { room: RoomId, what: RoomEvent },
    /// How we stand on the network.
    Reach(Reach),
    /// The own microphone's level 0.0..=1.0, about ten times a second, and whether it counts as speech.
    MicrophoneLevel { level: f32, speaking: bool },
    /// The own camera, microphone and screen as they really are now. A camera that is lost is on, and is looked for.
    OwnMedia { camera_on: bool, camera_lost: bool, microphone_on: bool, screen_on: bool },
    /// Whether steady noise is taken out of our voice. Told at the start and at each change.
    NoiseSuppressed(bool),
    /// Something failed, and the rest goes on.
    Trouble(Trouble),
    /// So many events found no place, as nobody took them: they are lost.
    Lagged { dropped: u64 },
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
    /// The room began anew under another suite, for the first who came has no better one. Nobody else was ever in it.
    Suite {
        /// Our own id in it now.
        me: MemberId,
        epoch: u64,
        post_quantum: bool,
    },
    Titled {
        title: String,
    },
    Settled {
        rules: Rules,
    },
    /// What we and a member compare to know that nobody stands between us; with [`RoomEvent::Joined`].
    Safety {
        member: MemberId,
        safety: LazySafety,
    },
    /// Answers [`RoomWish::Compare`].
    Compared {
        member: MemberId,
        outcome: Result<Compared, CodeError>,
    },
    /// Six words that are the same for all members of the room's present epoch, and for nobody else. Not of contacts.
    RoomCode(SpokenWords),
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
    /// A line was edited, deleted or reacted to, and is this now.
    LineChanged(Line),
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
    /// Whether nothing more can be said here; what was said stays until the person leaves the room. Of a room that is kept.
    ReadOnly(Option<ReadOnly>),
    /// Over for us. What was kept of it is deleted if we left, and only then.
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
    /// This computer's clock may be wrong: people are looked for in the wrong place.
    pub clock_in_doubt: bool,
}

/// Whether something that helps to find and reach others does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Help {
    #[default]
    Off,
    Trying,
    Works,
    Unreachable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum LeftBecause {
    Goodbye,
    Removed,
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverBecause {
    /// We left.
    Left,
    /// The room removed us, and was not kept.
    Removed,
    /// The join did not succeed.
    JoinFailed(JoinFailed),
    /// The room could not go on.
    Failed,
}
