//! The start: a name, a new room, an invitation, the demo.

mod draw;

use bevy::{
    prelude::*,
    text::{EditableText, EditableTextSystems},
};
use engine::{api::RoomKind, invitation::Invitation};

use crate::{
    engine::{
        choices::Choices,
        journey::{Destination, Journey, Refusal, refusal_key},
    },
    ui::{
        action::{Action, Actions},
        binding::Binding,
        kit::value,
        page::Page,
        words::Words,
    },
};

/// What the start offers.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartAction {
    /// To the lobby of a new room.
    StartRoom,
    /// To the lobby of the pasted invitation's room.
    UseInvitation,
    OpenDemo,
}

impl Action for StartAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding::ctrl('n', &[Page::Start], Self::StartRoom),
        Binding::ctrl('j', &[Page::Start], Self::UseInvitation),
        Binding::shift('d', &[Page::Start], Self::OpenDemo),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

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
    app.add_action::<StartAction>()
        .add_systems(OnEnter(Page::Start), draw::draw)
        .add_systems(Update, show_refusal.run_if(in_state(Page::Start)))
        // With the letters that were typed in the same frame as the Enter after them.
        .add_systems(PostUpdate, go.after(EditableTextSystems).run_if(in_state(Page::Start)));
}

fn show_refusal(journey: Res<Journey>, words: Res<Words>, mut lines: Query<(Ref<RefusalLine>, &mut Text)>) {
    for (line, mut text) in &mut lines {
        if journey.is_changed() || line.is_added() {
            let said = journey.refused.map(|refusal| words.say(refusal_key(refusal))).unwrap_or_default();
            text.set_if_neq(Text(said));
        }
    }
}

type Only<'w, 's, M> = Option<Single<'w, 's, &'static EditableText, With<M>>>;

fn go(
    mut acts: MessageReader<StartAction>,
    (name, title, invitation): (Only<NameField>, Only<TitleField>, Only<InvitationField>),
    words: Res<Words>,
    (mut choices, mut journey): (ResMut<Choices>, ResMut<Journey>),
    mut next: ResMut<NextState<Page>>,
) {
    for act in acts.read() {
        let destination = match *act {
            StartAction::StartRoom => Ok(Destination::NewRoom),
            StartAction::OpenDemo => Ok(Destination::Demo),
            StartAction::UseInvitation => invitation
                .as_ref()
                .map(|field| value(field))
                .unwrap_or_default()
                .trim()
                .parse::<Invitation>()
                .map(Destination::Invited),
        };
        choices.name = name.as_ref().map(|field| value(field).trim().to_owned()).unwrap_or_default();
        journey.title = title.as_ref().map(|field| value(field).trim().to_owned()).unwrap_or_default();
        journey.refused = None;
        match destination {
            Err(error) => journey.refused = Some(Refusal::Invitation(error)),
            Ok(Destination::Invited(invitation)) if invitation.kind() != RoomKind::Ephemeral => {
                journey.refused = Some(Refusal::NeedsProfile);
            }
            Ok(Destination::Demo) => {
                if choices.name.is_empty() {
                    choices.name = words.say("tile-you");
                }
                journey.title = words.say("demo-title");
                journey.destination = Some(Destination::Demo);
                journey.at_once = true;
                next.set(Page::Lobby);
            }
            Ok(_) if choices.name.is_empty() => journey.refused = Some(Refusal::Name),
            Ok(destination) => {
                journey.destination = Some(destination);
                next.set(Page::Lobby);
            }
        }
    }
}
