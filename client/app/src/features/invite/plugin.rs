//! Asks for invitations, copies their links, revokes them.

use bevy::prelude::*;
use engine::api::{Event, RoomEvent, RoomKind, RoomWish, Wish};

use super::{
    Inviting,
    draw::{self, InviteSheet},
};
use crate::{
    engine::{
        door::{Happened, Wished, WishesOut},
        journey::{Awaited, JourneyAction},
        mirror::{Open, Room, Rooms, ShowInvitations},
    },
    features::invite::InviteAction,
    ui::{
        action::Actions,
        clip::Clip,
        kit::{Filled, Form, Sheet},
        notice::Notice,
        power::Waker,
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_action::<InviteAction>()
        .init_resource::<Inviting>()
        .add_systems(Update, (turn, ask, receive, copy, draw::draw).chain())
        .add_systems(PostUpdate, make.after(Filled).before(WishesOut));
}

fn turn(mut acts: MessageReader<InviteAction>, sheet: Res<Sheet>, mut inviting: ResMut<Inviting>) {
    for act in acts.read() {
        match *act {
            InviteAction::Many(many) => inviting.many = many,
            InviteAction::Lasting(lasting) => inviting.lasting = lasting,
            InviteAction::WaitingRoom => inviting.waiting_room = !inviting.waiting_room,
            InviteAction::Show(_, id) => (inviting.selected, inviting.copied) = (Some(id), false),
            _ => {}
        }
    }
    if !sheet.is_open() && *inviting != Inviting::default() {
        *inviting = Inviting::default();
    }
}

fn ask(
    (mut acts, mut steps): (MessageReader<InviteAction>, MessageReader<JourneyAction>),
    mut shown: MessageReader<ShowInvitations>,
    rooms: Rooms,
    open: Query<&Open>,
    mut sheet: ResMut<Sheet>,
    mut inviting: ResMut<Inviting>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        match *act {
            InviteAction::Someone => sheet.open(InviteSheet(None)),
            InviteAction::Revoke(room, id) => {
                wishes.write(Wished(Wish::InRoom { room, wish: RoomWish::Revoke(id) }));
            }
            _ => {}
        }
    }
    for ShowInvitations in shown.read() {
        if sheet.get::<InviteSheet>().is_some() {
            sheet.close();
            continue;
        }
        let Some((entity, room)) = rooms.shown() else {
            continue;
        };
        sheet.open(InviteSheet(Some(room.id)));
        let ephemeral = room.kind == Some(RoomKind::Ephemeral);
        inviting.many = ephemeral;
        // Into a room that leaves nothing behind people are asked at once, and no question is.
        if ephemeral && open.get(entity).is_ok_and(|open| open.0.is_empty()) {
            let wish = RoomWish::Invite(inviting.terms());
            wishes.write(Wished(Wish::InRoom { room: room.id, wish }));
        }
    }
    if steps.read().any(|step| *step == JourneyAction::Leave) && sheet.get::<InviteSheet>().is_some() {
        sheet.close();
    }
}

fn make(
    mut acts: MessageReader<InviteAction>,
    sheet: Res<Sheet>,
    form: Res<Form>,
    words: Res<Words>,
    mut inviting: ResMut<Inviting>,
    mut awaited: ResMut<Awaited>,
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        if *act != InviteAction::Make {
            continue;
        }
        match sheet.get() {
            Some(InviteSheet(Some(room))) => {
                inviting.selected = None;
                let wish = RoomWish::Invite(inviting.terms());
                wishes.write(Wished(Wish::InRoom { room, wish }));
            }
            Some(InviteSheet(None)) => {
                let label = form.text("label").to_owned();
                if label.is_empty() {
                    notices.write(Notice::trouble(words.say("invite-whom")));
                    continue;
                }
                awaited.0 = true;
                // A contact is a relationship of two: nobody waits at its door, and it is used up by the first.
                let mut terms = inviting.terms();
                (terms.many, terms.waiting_room) = (false, false);
                wishes.write(Wished(Wish::InviteContact { label, terms }));
            }
            None => {}
        }
    }
}

/// The sheet of a contact to be goes on with the room that came of it.
fn receive(mut happened: MessageReader<Happened>, rooms: Query<&Room>, mut sheet: ResMut<Sheet>) {
    for event in happened.read() {
        if let Event::Room { room, what: RoomEvent::InvitationReady { .. } } = &event.0
            && sheet.shows(InviteSheet(None))
            && rooms.iter().any(|known| known.id == *room && known.kind == Some(RoomKind::Contact))
        {
            sheet.open(InviteSheet(Some(*room)));
        }
    }
}

fn copy(
    mut acts: MessageReader<InviteAction>,
    mut inviting: ResMut<Inviting>,
    sheet: Res<Sheet>,
    rooms: Query<(&Room, &Open)>,
    mut clip: ResMut<Clip>,
    (time, waker): (Res<Time<Real>>, Res<Waker>),
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let (InviteAction::Copy, Some(InviteSheet(Some(id)))) = (*act, sheet.get()) else {
            continue;
        };
        let open = rooms.iter().find(|(room, _)| room.id == id).map(|(_, open)| open);
        let shown = open.and_then(|open| draw::shown(open, inviting.selected));
        let Some((_, invitation, _)) = shown else {
            continue;
        };
        if clip.lend(invitation.to_string(), time.elapsed(), &waker) {
            inviting.copied = true;
        } else {
            notices.write(Notice::trouble(words.say("notice-clipboard")));
        }
    }
}
