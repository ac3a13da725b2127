//! Opens the sheets, and passes on what is decided in them.

use bevy::prelude::*;
use engine::api::{MemberId, Presence, RoomId, RoomKind, RoomWish, Rules, Wish};

use super::{Asked, Listed, View, clock, contact, minutes, room};
use crate::{
    engine::{
        door::{Wished, WishesOut},
        mirror::{Knocks, Known, Me, Open, Person, Room, Rooms},
    },
    features::about::AboutAction,
    stage::header::HeaderButtons,
    ui::{
        action::Actions,
        kit::{Confirmation, Filled, Form, Icon, Question, Sheet, SheetKind, redraw, sheet},
        notice::Notice,
        words::{Words, shortened},
    },
};

pub fn plugin(app: &mut App) {
    let mut header = app.world_mut().get_resource_or_init::<HeaderButtons>();
    header.add(AboutAction::Open, Icon::More, "about-more");
    app.add_action::<AboutAction>()
        .init_resource::<Asked>()
        .add_systems(Update, (open, decide, draw).chain())
        .add_systems(PostUpdate, save.after(Filled).before(WishesOut));
}

fn open(
    mut acts: MessageReader<AboutAction>,
    rooms: Rooms,
    mut sheet: ResMut<Sheet>,
    mut asked: ResMut<Asked>,
    mut form: ResMut<Form>,
) {
    for act in acts.read() {
        match (*act, rooms.shown()) {
            (AboutAction::Open, Some((_, room))) => {
                sheet.open(AboutSheet(room.id));
                *asked = Asked::default();
                form.set("label", room.title.clone());
                let (from, until) = room.rules.quiet.map(|(a, b)| (clock(a), clock(b))).unwrap_or_default();
                form.set("quiet-from", from);
                form.set("quiet-until", until);
            }
            (AboutAction::Bring, _) => asked.bring = !asked.bring,
            _ => {}
        }
    }
}

fn decide(
    mut acts: MessageReader<AboutAction>,
    rooms: Rooms,
    people: Query<&Person>,
    mut sheet: ResMut<Sheet>,
    mut confirmation: ResMut<Confirmation>,
    mut wishes: MessageWriter<Wished>,
) {
    let name_of = |room: Entity, member: MemberId| {
        let found = people.iter().find(|person| person.room == room && person.member == member);
        found.map(|person| person.name.clone()).unwrap_or_default()
    };
    for act in acts.read() {
        let Some(AboutSheet(id)) = sheet.get() else {
            continue;
        };
        let Some((entity, room)) = rooms.all.iter().find(|(_, room)| room.id == id) else {
            continue;
        };
        let rules = room.rules;
        let wish = match *act {
            AboutAction::MayRing => RoomWish::SetRules(Rules { ring: !rules.ring, ..rules }),
            AboutAction::MayRingWithVideo => RoomWish::SetRules(Rules { video: !rules.video, ..rules }),
            // An action that cannot be undone is asked about first, with the name of the person or room.
            AboutAction::Remove(of, member)
                if of == id && confirmation.given_for(*act, removing(name_of(entity, member))) =>
            {
                RoomWish::Remove(member)
            }
            AboutAction::Forget(of) if of == id && confirmation.given_for(*act, forgetting(room)) => RoomWish::Leave,
            AboutAction::BringInto(into) => RoomWish::Bring { into },
            _ => continue,
        };
        if matches!(*act, AboutAction::Forget(_) | AboutAction::BringInto(_)) {
            sheet.close();
        }
        wishes.write(Wished(Wish::InRoom { room: id, wish }));
    }
}

fn removing(name: String) -> Question {
    Question { title: "confirm-remove", why: "confirm-remove-why", label: "about-remove", name }
}

fn forgetting(room: &Room) -> Question {
    let name = room.title.clone();
    if room.kind == Some(RoomKind::Contact) {
        Question { title: "confirm-forget", why: "about-forget-why", label: "about-forget-surely", name }
    } else {
        Question { title: "confirm-leave", why: "about-leave-why", label: "about-leave-surely", name }
    }
}

/// The label and the quiet hours, as they stand in the fields.
fn save(
    mut acts: MessageReader<AboutAction>,
    rooms: Rooms,
    form: Res<Form>,
    words: Res<Words>,
    mut sheet: ResMut<Sheet>,
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let (AboutAction::Save, Some(AboutSheet(id))) = (*act, sheet.get()) else {
            continue;
        };
        let Some((_, room)) = rooms.all.iter().find(|(_, room)| room.id == id) else {
            continue;
        };
        let quiet = match (form.text("quiet-from"), form.text("quiet-until")) {
            ("", "") => None,
            (from, until) => match minutes(from).zip(minutes(until)) {
                Some(quiet) => Some(quiet),
                None => {
                    notices.write(Notice::trouble(words.say("about-quiet-unreadable")));
                    continue;
                }
            },
        };
        let label = form.text("label");
        if !label.is_empty() && label != room.title {
            wishes.write(Wished(Wish::InRoom { room: id, wish: RoomWish::Label(label.to_owned()) }));
        }
        if quiet != room.rules.quiet {
            let rules = Rules { quiet, ..room.rules };
            wishes.write(Wished(Wish::InRoom { room: id, wish: RoomWish::SetRules(rules) }));
        }
        sheet.close();
    }
}

/// The sheet of the contact or room.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub struct AboutSheet(pub RoomId);

impl SheetKind for AboutSheet {}

fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Here(_) => "presence-here",
        Presence::Reconnecting => "presence-reconnecting",
        Presence::Away => "presence-away",
    }
}

fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    asked: Res<Asked>,
    rooms: Query<(Entity, &Room, &Open, &Knocks)>,
    people: Query<(&Person, &Known), Without<Me>>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<AboutSheet>>,
    mut last: Local<Option<View>>,
) {
    let of = open.get().and_then(|AboutSheet(id)| rooms.iter().find(|(_, room, ..)| room.id == id));
    let view = of.map(|(entity, room, open, knocks)| {
        let mut members: Vec<_> = people.iter().filter(|(person, _)| person.room == entity).collect();
        members.sort_by_key(|(person, _)| person.rank);
        let others = rooms.iter().filter(|(_, room, ..)| room.kind == Some(RoomKind::Kept));
        let mut others: Vec<_> = others.map(|(_, room, ..)| (room.id, room.title.clone())).collect();
        others.sort();
        View {
            id: room.id,
            title: room.title.clone(),
            kind: room.kind,
            rules: room.rules,
            code: room.code.clone(),
            asked: *asked,
            members: members
                .into_iter()
                .map(|(person, known)| Listed {
                    member: person.member,
                    name: person.name.clone(),
                    presence: presence(known.0.presence),
                    verification: known.0.verification,
                })
                .collect(),
            knocks: knocks.0.clone(),
            invitations: open.0.len(),
            rooms: others,
        }
    });
    redraw(&mut commands, &mut last, view, &old, |commands, view| {
        sheet(commands, AboutSheet(view.id), shortened(&view.title, 40), 520.0, |inside| match view.kind {
            Some(RoomKind::Contact) => contact::fill(inside, view, &form, &words),
            _ => room::fill(inside, view, &words),
        });
    });
}
