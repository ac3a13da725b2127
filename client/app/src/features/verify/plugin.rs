//! Opens the sheet, and passes on what was compared.

use bevy::prelude::*;
use engine::api::{Compared, Event, MemberId, RoomEvent, RoomId, RoomWish, Wish};

use super::{
    draw::{self, View},
    outcome_key,
};
use crate::{
    engine::{
        door::{Happened, Wished, WishesOut},
        mirror::{Comparable, Compare, Known, Me, Own, Person, Rooms},
    },
    features::verify::Verify,
    stage::{
        reading::{Read, ReadOut, may_scan},
        scan::Scanner,
    },
    ui::{
        action::Actions,
        kit::{Form, Sheet, SheetKind, redraw},
        notice::Notice,
        words::Words,
    },
};

/// The last comparison did not match, and the sheet says so for as long as it is open.
#[derive(Resource, Default, PartialEq, Eq)]
pub(super) struct Differs(bool);

pub fn plugin(app: &mut App) {
    app.add_action::<Verify>()
        .init_resource::<Differs>()
        .add_systems(Update, (open, decide, hear, draw).chain())
        .add_systems(PostUpdate, compare.after(Read).before(WishesOut));
}

fn open(mut acts: MessageReader<Compare>, mut sheet: ResMut<Sheet>, mut differs: ResMut<Differs>) {
    for &Compare(room, member) in acts.read() {
        sheet.open(VerifySheet(room, member));
        differs.set_if_neq(Differs(false));
    }
}

fn in_room(room: RoomId, wish: RoomWish) -> Wished {
    Wished(Wish::InRoom { room, wish })
}

/// People have compared by themselves.
fn decide(
    mut acts: MessageReader<Verify>,
    sheet: Res<Sheet>,
    mut differs: ResMut<Differs>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        if let (Verify(verified), Some(VerifySheet(room, member))) = (*act, sheet.get()) {
            differs.set_if_neq(Differs(!verified));
            wishes.write(in_room(room, RoomWish::Verify { member, verified }));
        }
    }
}

/// A picture is compared by the engine.
fn compare(mut read: MessageReader<ReadOut>, sheet: Res<Sheet>, mut wishes: MessageWriter<Wished>) {
    for ReadOut(shown) in read.read() {
        if let Some(VerifySheet(room, member)) = sheet.get() {
            wishes.write(in_room(room, RoomWish::Compare { member, shown: shown.clone() }));
        }
    }
}

fn hear(
    mut happened: MessageReader<Happened>,
    mut sheet: ResMut<Sheet>,
    mut differs: ResMut<Differs>,
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
) {
    for event in happened.read() {
        match (&event.0, sheet.get()) {
            (Event::Room { room, what: RoomEvent::Compared { member, outcome } }, open) => {
                let said = words.say(outcome_key(*outcome));
                notices.write(match outcome {
                    Ok(Compared::Same) => Notice::news(said),
                    _ => Notice::trouble(said),
                });
                if let (Ok(outcome), Some(VerifySheet(of, with))) = (outcome, open)
                    && (of, with) == (*room, *member)
                {
                    differs.set_if_neq(Differs(*outcome == Compared::Different));
                }
            }
            (Event::Room { room, what: RoomEvent::Left { member, .. } }, open)
                if open == Some(VerifySheet(*room, *member)) =>
            {
                sheet.close();
            }
            (Event::Room { room, what: RoomEvent::Over(_) }, Some(VerifySheet(of, _))) if of == *room => {
                sheet.close();
            }
            _ => {}
        }
    }
}

/// The sheet of what to compare with a member.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifySheet(pub RoomId, pub MemberId);

impl SheetKind for VerifySheet {
    const READS_CODES: bool = true;
}

type People<'w, 's> = Query<'w, 's, (&'static Person, &'static Known, Option<&'static Comparable>), Without<Me>>;

fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    rooms: Rooms,
    people: People,
    differs: Res<Differs>,
    scanner: Res<Scanner>,
    own: Res<Own>,
    form: Res<Form>,
    words: Res<Words>,
    mut images: ResMut<Assets<Image>>,
    old: Query<Entity, With<VerifySheet>>,
    mut last: Local<Option<View>>,
) {
    let shown = open.get().and_then(|VerifySheet(room, member)| {
        let found = find(&rooms, &people, room, member)?;
        Some((VerifySheet(room, member), found))
    });
    let view = shown.map(|(sheet, (person, known, comparable))| View {
        sheet,
        name: person.name.clone(),
        verification: known.0.verification,
        safety: comparable.map(|comparable| comparable.0.clone()),
        differs: differs.0,
        scanning: scanner.is_on(),
        may_scan: may_scan(&rooms, &own),
    });
    redraw(&mut commands, &mut last, view, &old, |commands, view| {
        draw::sheet(commands, view, &form, &words, &mut images);
    });
}

fn find<'a>(
    rooms: &Rooms<'_, '_>,
    people: &'a People<'_, '_>,
    room: RoomId,
    member: MemberId,
) -> Option<(&'a Person, &'a Known, Option<&'a Comparable>)> {
    let (entity, _) = rooms.all.iter().find(|(_, known)| known.id == room)?;
    people.iter().find(|(person, ..)| person.room == entity && person.member == member)
}
