//! Scenes that pictures are taken of: the real window over a scripted engine.

use bevy::prelude::*;
use clap::ValueEnum;
use engine::{
    api::{
        Body, CallOutcome, CallState, Event, Help, InvitationId, KnockId, LazySafety, Line, MemberId, MessageId,
        ParticipantState, Presence, Reach, Reaction, RoomEvent, RoomId, RoomKind, Route, Rules, Safety, Terms,
        Verification,
    },
    profiles::LockKind,
};

use crate::{
    engine::{
        door::Door,
        mirror::{Compare, ShowInvitations, ShowRoom},
    },
    features::{
        about::AboutAction, accept::AcceptAction, invite::InviteAction, network::NetworkAction, profile::ProfileAction,
    },
    testing::script::{self, Script, Scripted},
    ui::{action::AnyAction, page::Page, power::Waker},
};

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Scene {
    First,
    Empty,
    Home,
    Ringing,
    Invite,
    InviteRoom,
    InviteWhom,
    Accept,
    Contact,
    Verify,
    Broken,
    Room,
    Profile,
    Network,
    Long,
    Offline,
}

/// What is still to happen: one thing a frame, once home is there.
#[derive(Resource)]
struct Play {
    script: Script,
    scene: Scene,
    frame: u32,
}

pub fn set(app: &mut App, scene: Scene) {
    let script = Script::default();
    let mut stage = script.stage();
    stage.keyring = scene != Scene::First;
    if scene != Scene::First {
        let id = script::profile(1);
        let name = "Ada".into();
        stage.profiles.push(Scripted { id, kind: LockKind::Keyring, name, notify: true, values: default() });
    }
    drop(stage);
    app.insert_resource(Door::new(script.clone()))
        .insert_resource(Play { script, scene, frame: 0 })
        .add_systems(Update, play);
}

fn play(mut play: ResMut<Play>, page: Res<State<Page>>, mut commands: Commands, waker: Res<Waker>) {
    if *page.get() != Page::Home {
        return;
    }
    play.frame += 1;
    match play.frame {
        1 => {
            for event in story(play.scene) {
                play.script.say(event);
            }
        }
        3 => {
            let shown = match play.scene {
                Scene::Invite => Some(room(4)),
                Scene::InviteRoom | Scene::Room | Scene::Broken => Some(room(2)),
                Scene::Empty => None,
                _ => Some(room(1)),
            };
            if let Some(shown) = shown {
                AnyAction::from(ShowRoom::This(shown)).ask(&mut commands);
            }
        }
        5 => {
            let open: AnyAction = match play.scene {
                Scene::Invite | Scene::InviteRoom => ShowInvitations.into(),
                Scene::InviteWhom => InviteAction::Someone.into(),
                Scene::Accept => AcceptAction::Open.into(),
                Scene::Contact | Scene::Room => AboutAction::Open.into(),
                Scene::Verify => Compare(room(1), member(1)).into(),
                Scene::Broken => Compare(room(2), member(3)).into(),
                Scene::Profile => ProfileAction::Open.into(),
                Scene::Network => NetworkAction::Open.into(),
                _ => return,
            };
            open.ask(&mut commands);
        }
        6.. => return,
        _ => {}
    }
    waker.wake();
}

fn room(number: u8) -> RoomId {
    RoomId([number; 16])
}

fn member(number: u8) -> MemberId {
    MemberId([number; 16])
}

/// Minutes ago, in Unix time.
fn ago(minutes: i64) -> i64 {
    chrono::Utc::now().timestamp_millis() - minutes * 60_000
}

fn line(number: u8, name: &str, minutes: i64, body: Body) -> Line {
    let mine = number == 0;
    Line {
        id: Some(1_000_000 - minutes),
        mine,
        sequence: (10_000 - minutes) as u64,
        ..Line::new(member(number), name.into(), ago(minutes), body)
    }
}

fn said(number: u8, name: &str, minutes: i64, text: &str) -> Line {
    line(number, name, minutes, Body::Text(text.into()))
}

fn enters(all: &mut Vec<Event>, number: u8, title: &str, kind: RoomKind, others: &[(u8, &str, Presence)]) {
    let id = room(number);
    let mut tell = |what| all.push(Event::Room { room: id, what });
    tell(RoomEvent::Entered { title: title.into(), kind, me: member(0), epoch: 3, post_quantum: true });
    for (member_number, name, presence) in others {
        let member = member(*member_number);
        tell(RoomEvent::Joined { member, name: (*name).into() });
        let state = ParticipantState { presence: *presence, in_call: false, ..default() };
        tell(RoomEvent::Changed { member, state });
    }
}

fn story(scene: Scene) -> Vec<Event> {
    let relay = if scene == Scene::Network { Help::Unreachable } else { Help::Works };
    let reach = Reach { offline: scene == Scene::Offline, dht: Help::Works, relay, lan: true, clock_in_doubt: false };
    let mut all = vec![Event::Reach(reach)];
    if scene == Scene::Empty {
        return all;
    }
    let here = Presence::Here(Route::Direct);
    let bea = if scene == Scene::Offline { Presence::Reconnecting } else { here };
    enters(&mut all, 1, "Bea", RoomKind::Contact, &[(1, "Bea", bea)]);
    let people = [(2, "Cyril", here), (3, "Dr. Mbaye", Presence::Away), (5, "Élodie de la Tour", here)];
    enters(&mut all, 2, "Tuesday", RoomKind::Kept, &people);
    enters(&mut all, 3, "Dr. Mbaye", RoomKind::Contact, &[(3, "Dr. Mbaye", Presence::Away)]);
    enters(&mut all, 4, "Cyril", RoomKind::Contact, &[]);
    if scene == Scene::Long {
        foreign_names(&mut all);
    }
    let mut tell = |number, what| all.push(Event::Room { room: room(number), what });
    tell(1, RoomEvent::Settled { rules: Rules::default() });
    for (number, others) in [(1, &[1][..]), (2, &[2, 3, 5])] {
        for other in others {
            let safety = LazySafety::of(&[number], &[*other; 32], &[9; 32]);
            tell(number, RoomEvent::Safety { member: member(*other), safety });
        }
    }
    tell(2, RoomEvent::RoomCode(Safety::of(b"room", &[1; 32], &[9; 32]).mine));
    if scene != Scene::Verify {
        let state = ParticipantState { presence: bea, verification: Verification::Verified, ..default() };
        tell(1, RoomEvent::Changed { member: member(1), state });
    }
    tell(1, RoomEvent::History { lines: history(scene), more: true });
    let lines = vec![said(2, "Cyril", 40, "The room stays open, come when you like.")];
    tell(2, RoomEvent::History { lines, more: false });
    tell(2, RoomEvent::Said(said(5, "Élodie de la Tour", 3, "We have begun.")));
    tuesday(scene, &mut tell);
    let lines = vec![Line { delivered: false, ..said(0, "Ada", 300, "Could we move it to Thursday?") }];
    tell(3, RoomEvent::History { lines, more: false });
    invitations(&mut tell);
    if scene == Scene::Ringing {
        tell(1, RoomEvent::Call(CallState::Ringing { by: member(1), video: true }));
    }
    all
}

/// Names that are long, and names that run from right to left.
fn foreign_names(all: &mut Vec<Event>) {
    let here = Presence::Here(Route::Direct);
    let long = "Maximiliane Antonia von und zu Hohenlohe-Langenburg-Waldenburg";
    enters(all, 6, long, RoomKind::Contact, &[(6, long, here)]);
    enters(all, 7, "مريم عبد الله", RoomKind::Contact, &[(7, "مريم", here)]);
    enters(all, 8, "דנה לוי", RoomKind::Contact, &[(8, "דנה", Presence::Reconnecting)]);
    let mut tell = |number, lines| {
        all.push(Event::Room { room: room(number), what: RoomEvent::History { lines, more: false } });
    };
    tell(6, vec![said(6, long, 30, &"A long line without an end, ".repeat(8))]);
    tell(7, vec![said(7, "مريم", 20, "أراكم غدًا في الساعة العاشرة")]);
    tell(8, vec![said(8, "דנה", 10, "נתראה מחר בעשר")]);
}

/// A name for a message.
fn called(number: u8) -> Option<MessageId> {
    MessageId::from_bytes(&[&[1], [number; MessageId::LENGTH - 1].as_slice()].concat()).ok()
}

/// What was said with Bea.
fn history(scene: Scene) -> Vec<Line> {
    let mut history = vec![
        said(1, "Bea", 190, "Did you get the draft?"),
        said(0, "Ada", 186, "Yes, reading it now. Page 4 needs a second look, the dates don't match."),
        line(1, "Bea", 150, Body::Call { video: true, outcome: CallOutcome::Held(12 * 60) }),
        said(1, "Bea", 149, "Fixed. Thank you! 👍"),
        line(1, "Bea", 95, Body::Call { video: false, outcome: CallOutcome::Missed }),
        line(1, "Bea", 60, Body::Invitation { title: "Book club".into(), link: String::new() }),
        said(1, "Bea", 9, "See you at ten?"),
        said(0, "Ada", 8, "At ten. I bring the cake."),
    ];
    for (number, line) in (1..).zip(&mut history) {
        line.message = called(number);
    }
    let asked = history.iter().find(|line| line.sequence == 10_000 - 9).and_then(|line| line.message);
    if let Some(cake) = history.last_mut() {
        cake.reply_to = asked;
        cake.former = vec![Body::Text("At ten.".into())];
        cake.reactions.extend(called(99).map(|message| Reaction {
            member: member(1),
            mine: false,
            sign: "👍".into(),
            message,
        }));
    }
    history.push(Line { delivered: false, ..said(0, "Ada", 1, "And the second draft.") });
    if scene == Scene::Long {
        history.push(said(1, "Bea", 0, &"w".repeat(160)));
    }
    history
}

/// The room on Tuesday, where there is a call.
fn tuesday(scene: Scene, tell: &mut impl FnMut(u8, RoomEvent)) {
    let here = Presence::Here(Route::Direct);
    let calling = ParticipantState { presence: here, in_call: true, ..default() };
    if !matches!(scene, Scene::Ringing) {
        tell(2, RoomEvent::Changed { member: member(2), state: calling.clone() });
        let verification = if scene == Scene::Room { Verification::Verified } else { Verification::Not };
        tell(2, RoomEvent::Changed { member: member(5), state: ParticipantState { verification, ..calling } });
    }
    if matches!(scene, Scene::Broken | Scene::Room) {
        let state = ParticipantState { verification: Verification::Broken, ..default() };
        tell(2, RoomEvent::Changed { member: member(3), state });
    }
    if scene == Scene::Room {
        tell(2, RoomEvent::Knock { knock: KnockId(1), name: "Dora".into() });
    }
}

/// To Cyril, and into the room.
fn invitations(tell: &mut impl FnMut(u8, RoomEvent)) {
    if let Ok(invitation) = link().parse() {
        let (id, terms) = (InvitationId([1; 16]), Terms::default());
        tell(4, RoomEvent::InvitationReady { id, invitation, terms });
    }
    for number in [2, 3] {
        if let Ok(invitation) = link().parse() {
            let terms = Terms { many: number == 2, waiting_room: number == 2, ..Terms::default() };
            tell(2, RoomEvent::InvitationReady { id: InvitationId([number; 16]), invitation, terms });
        }
    }
}

/// A link of the usual length that leads nowhere.
fn link() -> String {
    "incamera://join#aiaqaaaaaaaacaqdaqcqmbyibefawdanbyhraeiscmkbkfqxdamrugy4dupb6ibbeirsijjge4ucskrlfqws4lzqgezdgnbvgy3tqoj2hm6d2pr7aaaozzypmy".into()
}
