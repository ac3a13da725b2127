//! The screens, and what is carried from one to the next.

mod ended;
mod home;
mod journey;
mod lobby;
mod profiles;
mod room;
mod start;

use bevy::{input_focus::tab_navigation::TabGroup, prelude::*};
use engine::{
    api::{JoinFailed, MediaSettings, NetworkSettings, OverBecause, RoomId},
    invitation::{Invitation, InvitationError},
};

pub use home::Awaited;
pub use journey::settings;
pub use start::key as refusal_key;

#[derive(States, Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Screen {
    /// Which profile, or a first one.
    Profiles,
    /// Rooms of which nothing is kept.
    #[default]
    Start,
    /// The contacts and rooms of a profile.
    Home,
    /// The own picture and the choice of devices, before anybody sees them.
    Lobby,
    /// The call.
    Room,
    /// Why the room is over.
    Ended,
}

/// Where the person is going.
#[derive(Clone)]
pub enum Destination {
    /// Named as the journey says.
    NewRoom,
    Invited(Invitation),
    /// A new room with simulated guests; the lobby is passed by.
    Demo,
}

/// What the person has written and chosen so far, and what went wrong last.
#[derive(Resource)]
pub struct Journey {
    pub name: String,
    pub title: String,
    pub network: NetworkSettings,
    /// The command line says how far packets may go, whatever a profile keeps.
    pub network_fixed: bool,
    pub media: MediaSettings,
    pub destination: Option<Destination>,
    /// Passes the lobby by.
    pub at_once: bool,
    /// On the way in: asked to create or join, not yet answered.
    pub entering: bool,
    pub refused: Option<Refusal>,
    /// The room whose call fills the screen.
    pub room: Option<RoomId>,
    pub ended: Option<OverBecause>,
}

/// Why the start did not lead on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    Invitation(InvitationError),
    /// It leads to something that is kept, and nothing is kept here.
    NeedsProfile,
    Join(JoinFailed),
    Name,
    System,
}

impl Journey {
    pub fn is_demo(&self) -> bool {
        matches!(self.destination, Some(Destination::Demo))
    }
}

/// The root of a screen: fills the window and is gone with its state.
pub fn root(screen: Screen) -> impl Bundle {
    (
        Node { width: percent(100), height: percent(100), flex_direction: FlexDirection::Column, ..default() },
        TabGroup::new(0),
        DespawnOnExit(screen),
    )
}

pub fn plugin(app: &mut App) {
    app.init_state::<Screen>().add_plugins((
        journey::plugin,
        profiles::plugin,
        home::plugin,
        start::plugin,
        lobby::plugin,
        room::plugin,
        ended::plugin,
    ));
}
