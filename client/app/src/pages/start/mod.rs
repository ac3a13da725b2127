//! The start: a name, a new room, an invitation, the demo.

mod draw;

use bevy::{
    prelude::*,
    text::{EditableText, EditableTextSystems},
};
use engine::{
    api::{JoinFailed, RoomKind},
    invitation::{Invitation, InvitationError},
};

use super::{Destination, Journey, Refusal, Screen};
use crate::ui::{
    action::{Act, Action},
    kit::value,
    words::Words,
};

#[derive(Component)]
struct NameField;

#[derive(Component)]
struct TitleField;

#[derive(Component)]
struct InvitationField;

/// The line that says what went wrong.
#[derive(Component)]
struct RefusalLine;

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Start), draw::draw)
        .add_systems(Update, show_refusal.run_if(in_state(Screen::Start)))
        // With the letters that were typed in the same frame as the Enter after them.
        .add_systems(PostUpdate, go.after(EditableTextSystems).run_if(in_state(Screen::Start)));
}

fn show_refusal(journey: Res<Journey>, words: Res<Words>, mut lines: Query<(Ref<RefusalLine>, &mut Text)>) {
    for (line, mut text) in &mut lines {
        if journey.is_changed() || line.is_added() {
            let said = journey.refused.map(|refusal| words.say(key(refusal))).unwrap_or_default();
            text.set_if_neq(Text(said));
        }
    }
}

pub fn key(refusal: Refusal) -> &'static str {
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
        Refusal::Join(JoinFailed::TakenUpBefore) => "refused-taken-up-before",
        Refusal::Name => "refused-name",
        Refusal::System => "refused-system",
    }
}

type Only<'w, 's, M> = Option<Single<'w, 's, &'static EditableText, With<M>>>;

fn go(
    mut acts: MessageReader<Act>,
    (name, title, invitation): (Only<NameField>, Only<TitleField>, Only<InvitationField>),
    words: Res<Words>,
    mut journey: ResMut<Journey>,
    mut next: ResMut<NextState<Screen>>,
) {
    for act in acts.read() {
        let destination = match act.0 {
            Action::StartRoom => Ok(Destination::NewRoom),
            Action::OpenDemo => Ok(Destination::Demo),
            Action::UseInvitation => invitation
                .as_ref()
                .map(|field| value(field))
                .unwrap_or_default()
                .trim()
                .parse::<Invitation>()
                .map(Destination::Invited),
            _ => continue,
        };
        journey.name = name.as_ref().map(|field| value(field).trim().to_owned()).unwrap_or_default();
        journey.title = title.as_ref().map(|field| value(field).trim().to_owned()).unwrap_or_default();
        journey.refused = None;
        match destination {
            Err(error) => journey.refused = Some(Refusal::Invitation(error)),
            Ok(Destination::Invited(invitation)) if invitation.kind() != RoomKind::Ephemeral => {
                journey.refused = Some(Refusal::NeedsProfile);
            }
            Ok(Destination::Demo) => {
                if journey.name.is_empty() {
                    journey.name = words.say("tile-you");
                }
                journey.title = words.say("demo-title");
                journey.destination = Some(Destination::Demo);
                journey.at_once = true;
                next.set(Screen::Lobby);
            }
            Ok(_) if journey.name.is_empty() => journey.refused = Some(Refusal::Name),
            Ok(destination) => {
                journey.destination = Some(destination);
                next.set(Screen::Lobby);
            }
        }
    }
}
