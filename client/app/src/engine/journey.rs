//! The person's way through the pages.

use bevy::{ecs::system::SystemParam, prelude::*};
use engine::{
    api::{JoinFailed, OverBecause, RoomId, Wish},
    invitation::{Invitation, InvitationError},
};

use super::door::Wished;
use crate::ui::{
    action::Action,
    binding::{Binding, HOME, Modifiers, Press},
    page::Page,
};

/// Where the person is going.
#[derive(Clone)]
pub enum Destination {
    /// With the title of the journey.
    NewRoom,
    Invited(Invitation),
    /// A new room with simulated guests; the lobby is passed by.
    Demo,
}

/// The way into an ephemeral room.
#[derive(Resource, Default)]
pub struct Journey {
    pub destination: Option<Destination>,
    /// Of a new room.
    pub title: String,
    /// Passes the lobby by.
    pub at_once: bool,
    /// Asked to create or join, not yet answered.
    pub entering: bool,
    /// Why the last try did not lead on.
    pub refused: Option<Refusal>,
}

/// The stay in a room.
#[derive(Resource, Default)]
pub struct Stay {
    /// The room whose call is shown on the call's page.
    pub room: Option<RoomId>,
    /// Why the last one is over.
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

/// Leads from page to page.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum JourneyAction {
    /// From the lobby into the room.
    Enter,
    GoBack,
    /// Back to the room of the call.
    ReturnToCall,
    /// Out of the call, or out of the ephemeral room.
    Leave,
}

impl Action for JourneyAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding {
            key: Press::Enter,
            with: Modifiers::Ctrl,
            on: &[Page::Lobby],
            over_sheets: false,
            action: Self::Enter,
        },
        Binding::ctrl('b', &[Page::Profiles, Page::Start, Page::Lobby, Page::Room, Page::Ended], Self::GoBack),
        Binding::plain(Press::Enter, &[Page::Ended], Self::GoBack),
        Binding::ctrl('r', HOME, Self::ReturnToCall),
        Binding::ctrl('w', &[Page::Home, Page::Room], Self::Leave).over_sheets(),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        match self {
            Self::Enter => true,
            Self::GoBack | Self::ReturnToCall | Self::Leave => false,
        }
    }
}

impl Journey {
    pub fn is_demo(&self) -> bool {
        matches!(self.destination, Some(Destination::Demo))
    }
}

/// We asked for a room: the next one that comes is shown.
#[derive(Resource, Default)]
pub struct Awaited(pub bool);

/// The two ways into a room.
#[derive(SystemParam)]
pub struct Entrance<'w> {
    pub journey: ResMut<'w, Journey>,
    awaited: ResMut<'w, Awaited>,
    wishes: MessageWriter<'w, Wished>,
    next: ResMut<'w, NextState<Page>>,
}

impl Entrance<'_> {
    /// Into an ephemeral room, by way of the lobby: before it, nobody sees or hears us.
    pub fn go_to_lobby(&mut self, destination: Destination) {
        self.journey.destination = Some(destination);
        self.next.set(Page::Lobby);
    }

    /// Asks the engine for a room that is kept, and shows it as soon as it comes.
    pub fn ask(&mut self, wish: Wish) {
        self.awaited.0 = true;
        self.wishes.write(Wished(wish));
    }
}

/// The key of the words for a refusal.
pub fn refusal_key(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Invitation(InvitationError::NotAnInvitation) => "refused-not-an-invitation",
        Refusal::Invitation(InvitationError::Damaged) => "refused-damaged",
        Refusal::Invitation(InvitationError::Newer) => "refused-newer",
        Refusal::Join(JoinFailed::Unreachable) => "refused-unreachable",
        Refusal::Join(JoinFailed::OutsideNetwork) => "refused-outside-network",
        Refusal::NeedsProfile => "refused-needs-profile",
        Refusal::Join(JoinFailed::Expired) => "refused-expired",
        Refusal::Join(JoinFailed::Refused) => "refused-refused",
        Refusal::Join(JoinFailed::Full) => "refused-full",
        Refusal::Join(JoinFailed::TimedOut) => "refused-timed-out",
        Refusal::Join(JoinFailed::Version) => "refused-version",
        Refusal::Join(JoinFailed::Suite) => "refused-suite",
        Refusal::Join(JoinFailed::Malformed) => "refused-malformed",
        Refusal::Join(JoinFailed::OwnInvitation) => "refused-own-invitation",
        Refusal::Join(JoinFailed::TakenUpBefore { .. }) => "refused-taken-up-before",
        Refusal::Name => "refused-name",
        Refusal::System => "refused-system",
    }
}
