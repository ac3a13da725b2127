//! Where an invitation may come from, and what becomes of it.

use bevy::prelude::*;
use engine::{
    api::{RoomKind, Wish},
    invitation::{Invitation, InvitationError},
};

use super::draw::{self, AcceptSheet};
use crate::{
    engine::{
        door::WishesOut,
        journey::{Destination, Entrance, Refusal, refusal_key},
    },
    features::accept::AcceptAction,
    stage::reading::{Drops, Read, ReadOut},
    ui::{
        action::Actions,
        kit::{Filled, Form, Sheet},
        notice::Notice,
        page::Page,
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_action::<AcceptAction>()
        .add_systems(Update, (open, draw::draw).chain())
        .add_systems(Update, open_for_picture.before(Drops).run_if(in_state(Page::Home)))
        .add_systems(PostUpdate, (arrive, take).chain().after(Filled).after(Read).before(WishesOut));
}

fn open(mut acts: MessageReader<AcceptAction>, mut sheet: ResMut<Sheet>) {
    if acts.read().any(|act| *act == AcceptAction::Open) {
        sheet.open(AcceptSheet);
    }
}

/// In a picture that is dropped at home an invitation is looked for.
fn open_for_picture(mut dropped: MessageReader<FileDragAndDrop>, mut sheet: ResMut<Sheet>) {
    let files = dropped.read().filter(|event| matches!(event, FileDragAndDrop::DroppedFile { .. })).count();
    if files > 0 && !sheet.reads_codes() {
        sheet.open(AcceptSheet);
    }
}

/// An invitation that was read from a picture is taken up at once.
fn arrive(
    mut read: MessageReader<ReadOut>,
    sheet: Res<Sheet>,
    mut form: ResMut<Form>,
    mut acts: MessageWriter<AcceptAction>,
) {
    for ReadOut(text) in read.read() {
        if sheet.shows(AcceptSheet) {
            form.set("invitation", text.clone());
            acts.write(AcceptAction::Take);
        }
    }
}

fn take(
    mut acts: MessageReader<AcceptAction>,
    form: Res<Form>,
    words: Res<Words>,
    mut sheet: ResMut<Sheet>,
    mut entrance: Entrance,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        if *act != AcceptAction::Take || !sheet.shows(AcceptSheet) {
            continue;
        }
        let parsed: Result<Invitation, InvitationError> = form.text("invitation").parse();
        match parsed {
            Err(error) => {
                notices.write(Notice::trouble(words.say(refusal_key(Refusal::Invitation(error)))));
                continue;
            }
            Ok(invitation) if invitation.kind() == RoomKind::Ephemeral => {
                entrance.go_to_lobby(Destination::Invited(invitation));
            }
            Ok(invitation) => entrance.ask(Wish::Redeem { invitation }),
        }
        sheet.close();
    }
}
