//! Asks for an invitation, shows it, copies it.

use bevy::{clipboard::Clipboard, prelude::*};
use engine::api::{Event, Wish};

use super::{Dialog, Invitations, dialog};
use crate::{
    action::{Act, Action},
    door::{Happened, Wished},
    notice::Notice,
    room::Room,
    screen::Screen,
    words::Words,
};

pub fn plugin(app: &mut App) {
    app.init_resource::<Invitations>()
        .add_systems(Update, (receive, ask, copy, draw).chain().run_if(in_state(Screen::Room)))
        .add_systems(OnExit(Screen::Room), forget);
}

fn receive(mut happened: MessageReader<Happened>, mut invitations: ResMut<Invitations>) {
    for event in happened.read() {
        if let Event::InvitationReady(invitation) = &event.0 {
            invitations.newest = Some(invitation.clone());
        }
    }
}

fn ask(mut acts: MessageReader<Act>, mut invitations: ResMut<Invitations>, mut wishes: MessageWriter<Wished>) {
    for act in acts.read() {
        match act.0 {
            Action::Invite if invitations.open => invitations.open = false,
            Action::Invite => {
                invitations.open = true;
                invitations.copied = false;
                wishes.write(Wished(Wish::Invite));
            }
            Action::Close | Action::Leave if invitations.open => invitations.open = false,
            _ => {}
        }
    }
}

fn copy(
    mut acts: MessageReader<Act>,
    mut invitations: ResMut<Invitations>,
    mut clipboard: Option<ResMut<Clipboard>>,
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        if act.0 != Action::CopyInvitation {
            continue;
        }
        let (Some(link), Some(clipboard)) = (invitations.newest.as_ref().map(ToString::to_string), &mut clipboard)
        else {
            continue;
        };
        match clipboard.set_text(link) {
            Ok(()) => invitations.copied = true,
            Err(_) => {
                notices.write(Notice::trouble(words.say("notice-clipboard")));
            }
        }
    }
}

fn draw(
    mut commands: Commands,
    invitations: Res<Invitations>,
    words: Res<Words>,
    room: Option<Single<&Room>>,
    dialogs: Query<Entity, With<Dialog>>,
    mut images: ResMut<Assets<Image>>,
) {
    if !invitations.is_changed() {
        return;
    }
    for dialog in &dialogs {
        commands.entity(dialog).despawn();
    }
    if let (true, Some(room)) = (invitations.open, room) {
        dialog::spawn(&mut commands, &words, &room.title, &invitations, &mut images);
    }
}

fn forget(mut invitations: ResMut<Invitations>) {
    *invitations = Invitations::default();
}
