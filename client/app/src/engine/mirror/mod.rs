//! The rooms as the engine tells of them: each room, its people, and how sealed it is.

mod knock;
mod lines;
mod own;
mod people;
mod plugin;
mod rooms;
mod seal;
mod standing;
mod talk;
#[cfg(test)]
mod tests;
mod trust;

use bevy::{ecs::system::SystemParam, prelude::*};
use engine::{
    api::{
        CallState, InvitationId, KnockId, LazySafety, MemberId, ParticipantState, ReadOnly, RoomId, RoomKind, Rules,
        Terms,
    },
    invitation::Invitation,
};
pub use knock::KnockAction;
#[cfg(test)]
pub use lines::GOING;
pub use lines::{Lines, MOST, Moved, Unread, Written};
pub use own::OwnAction;
pub use plugin::{Mirrored, plugin};
pub use seal::{Seal, seal};
pub use standing::{Standing, reason};
pub use trust::{Compare, verification};

use crate::ui::{
    action::Action,
    binding::{Binding, HOME, Press},
    page::Page,
};

/// One of our rooms.
#[derive(Component)]
pub struct Room {
    pub id: RoomId,
    pub title: String,
    /// Not known before we are in.
    pub kind: Option<RoomKind>,
    pub way_in: WayIn,
    /// Whether the suite of the room's keys is a post-quantum one.
    pub post_quantum: bool,
    pub rules: Rules,
    /// Why nothing more can be said here.
    pub read_only: Option<ReadOnly>,
    /// The words that everybody in the room's present epoch has.
    pub code: Option<String>,
    pub call: CallState,
    /// Since when we are in the call, in seconds of the window's clock.
    pub since: f64,
    /// Order of arrival, the newest last.
    pub rank: u32,
}

/// The key of the words for why a room can only be read.
pub fn read_only_words(why: ReadOnly) -> &'static str {
    match why {
        ReadOnly::SaidRemoved => "read-only-said",
        ReadOnly::Removed => "read-only-removed",
        ReadOnly::ContactEnded => "read-only-contact",
    }
}

/// How far we are inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WayIn {
    Entering,
    /// A member has to let us in.
    Waiting,
    In,
}

/// The invitations of a room that are still good.
#[derive(Component, Default)]
pub struct Open(pub Vec<(InvitationId, Invitation, Terms)>);

/// Opens the sheet with the invitations of the shown room, or closes it.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShowInvitations;

impl Action for ShowInvitations {
    const KEYS: &'static [Binding<Self>] = &[Binding::shift('i', &[Page::Room], Self)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// The people who wait at a room's door.
#[derive(Component, Default)]
pub struct Knocks(pub Vec<(KnockId, String)>);

/// Marks the room whose call we are in, or which we call.
#[derive(Component)]
pub struct InCall;

/// A member of a room, ourselves included.
#[derive(Component)]
pub struct Person {
    pub room: Entity,
    pub member: MemberId,
    pub name: String,
    /// Order of arrival; we are last.
    pub rank: u32,
}

/// Marks ourselves.
#[derive(Component)]
pub struct Me;

/// Marks everybody who has a tile: the participants of the call that we are in.
#[derive(Component)]
pub struct OnStage;

/// The present state of a member.
#[derive(Component, Clone, PartialEq, Eq, Default)]
pub struct Known(pub ParticipantState);

/// The words and digits that we and a member compare.
#[derive(Component, Clone, PartialEq, Eq)]
pub struct Comparable(pub LazySafety);

/// Since when a participant last spoke, in seconds of the window's clock.
#[derive(Component, Default, Clone, Copy, PartialEq, PartialOrd)]
pub struct Spoke(pub f64);

/// The own camera and microphone as they really are.
#[derive(Resource, Default, Clone, Copy, PartialEq, Debug)]
pub struct Own {
    pub camera_on: bool,
    /// It is on, has vanished, and is looked for.
    pub camera_lost: bool,
    pub microphone_on: bool,
    pub screen_on: bool,
    /// Noise stays in our voice.
    pub noisy: bool,
    pub level: f32,
    pub speaking: bool,
}

/// The room that is shown, on the call's page and at home.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown(pub Option<Entity>);

/// Which room home shows.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShowRoom {
    This(RoomId),
    /// The one below in the list.
    Next,
    Previous,
}

impl Action for ShowRoom {
    const KEYS: &'static [Binding<Self>] =
        &[Binding::plain(Press::Up, HOME, Self::Previous), Binding::plain(Press::Down, HOME, Self::Next)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// Forgets all rooms: the engine that told of them is gone.
#[derive(Message)]
pub struct ForgetRooms;

/// All rooms, and the two that most is about.
#[derive(SystemParam)]
pub struct Rooms<'w, 's> {
    pub all: Query<'w, 's, (Entity, &'static Room)>,
    shown: Res<'w, Shown>,
}

impl Rooms<'_, '_> {
    pub fn shown(&self) -> Option<(Entity, &Room)> {
        self.shown.0.and_then(|entity| self.all.get(entity).ok())
    }

    /// The room that rings; of several the first that came.
    pub fn ringing(&self) -> Option<(Entity, &Room)> {
        let rings = |(_, room): &(Entity, &Room)| matches!(room.call, CallState::Ringing { .. });
        self.all.iter().filter(rings).min_by_key(|(_, room)| room.rank)
    }

    /// The room whose call we are in, or which we call.
    pub fn in_call(&self) -> Option<(Entity, &Room)> {
        self.all.iter().find(|(_, room)| matches!(room.call, CallState::In | CallState::Calling))
    }
}
