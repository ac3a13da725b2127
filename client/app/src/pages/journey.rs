//! From page to page: opens the engine for the lobby, asks to found or redeem, follows what it answers.

use bevy::{ecs::system::SystemParam, prelude::*, window::WindowCloseRequested};
use engine::{
    StartError,
    api::{CallState, Ended, Event, JoinFailed, OverBecause, RoomEvent, RoomId, RoomKind, RoomWish, Wish},
};

use crate::{
    engine::{
        choices::Choices,
        door::{Door, Happened, Wished},
        journey::{Destination, Journey, JourneyAction, Refusal, Stay, refusal_key},
        mirror::{ForgetRooms, Rooms},
        parting::Parting,
        profile::{Errands, Opened},
    },
    ui::{
        kit::Question,
        notice::Notice,
        page::Page,
        power::{Quit, Waker},
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Page::Lobby), open)
        .add_systems(OnExit(Page::Lobby), close_devices)
        .add_systems(OnEnter(Page::Start), close)
        .add_systems(OnEnter(Page::Ended), close.run_if(|opened: Res<Opened>| opened.0.is_none()))
        .add_message::<WindowCloseRequested>()
        .add_systems(Update, (enter, (forget_call, follow).chain(), go_back, leave, quit));
}

/// Where a person is who is in no call: at home where a profile is open.
fn base(opened: &Opened) -> Page {
    if opened.0.is_some() { Page::Home } else { Page::Start }
}

fn close(mut door: ResMut<Door>, mut forget: MessageWriter<ForgetRooms>) {
    door.close();
    forget.write(ForgetRooms);
}

pub(super) fn open(
    choices: Res<Choices>,
    mut journey: ResMut<Journey>,
    mut door: ResMut<Door>,
    opened: Res<Opened>,
    waker: Res<Waker>,
    words: Res<Words>,
    mut acts: MessageWriter<JourneyAction>,
    mut wishes: MessageWriter<Wished>,
    mut next: ResMut<NextState<Page>>,
) {
    journey.entering = false;
    if journey.title.is_empty() {
        journey.title = words.say("room-untitled");
    }
    let started = match opened.0 {
        Some(_) => Ok(()),
        None => door.open(choices.settings(&waker), None),
    };
    if let Err(error) = started {
        journey.refused = Some(match error {
            StartError::Name(_) => Refusal::Name,
            StartError::System => Refusal::System,
        });
        next.set(Page::Start);
        return;
    }
    if journey.at_once {
        acts.write(JourneyAction::Enter);
    } else {
        wishes.write(Wished(Wish::Preview(true)));
    }
}

fn close_devices(mut wishes: MessageWriter<Wished>) {
    wishes.write(Wished(Wish::Preview(false)));
}

fn enter(
    mut acts: MessageReader<JourneyAction>,
    page: Res<State<Page>>,
    mut journey: ResMut<Journey>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        if *act != JourneyAction::Enter || *page.get() != Page::Lobby || journey.entering {
            continue;
        }
        let wish = match &journey.destination {
            Some(Destination::Invited(invitation)) => Wish::Redeem { invitation: invitation.clone() },
            Some(Destination::NewRoom | Destination::Demo) => {
                Wish::Found { title: journey.title.clone(), kind: RoomKind::Ephemeral }
            }
            None => continue,
        };
        wishes.write(Wished(wish));
        journey.entering = true;
    }
}

/// The way that the person takes, and what is said of it.
#[derive(SystemParam)]
struct Way<'w> {
    journey: ResMut<'w, Journey>,
    stay: ResMut<'w, Stay>,
    page: Res<'w, State<Page>>,
    opened: Res<'w, Opened>,
    next: ResMut<'w, NextState<Page>>,
    words: Res<'w, Words>,
    notices: MessageWriter<'w, Notice>,
}

impl Way<'_> {
    fn enter(&mut self, room: RoomId) {
        self.stay.room = Some(room);
        self.next.set(Page::Room);
    }

    fn end(&mut self, why: OverBecause) {
        self.stay.ended = Some(why);
        self.next.set(Page::Ended);
    }

    /// The room did not let us in.
    fn refused(&mut self, why: JoinFailed) {
        self.journey.entering = false;
        let refusal = Refusal::Join(why);
        if self.opened.0.is_some() {
            self.notices.write(Notice::trouble(self.words.say(refusal_key(refusal))));
        } else {
            self.journey.refused = Some(refusal);
        }
        if *self.page.get() == Page::Lobby {
            self.next.set(base(&self.opened));
        }
    }

    /// A room that we were in is over.
    fn over(&mut self, room: RoomId, why: OverBecause) {
        let here = self.stay.room == Some(room);
        if here {
            self.stay.room = None;
        }
        match (why, here && *self.page.get() == Page::Room) {
            (OverBecause::Left, true) => self.next.set(base(&self.opened)),
            (_, true) => self.end(why),
            (OverBecause::Removed, false) => {
                self.notices.write(Notice::news(self.words.say("notice-room-removed-you")));
            }
            (OverBecause::Failed, false) => {
                self.notices.write(Notice::trouble(self.words.say("notice-room-failed")));
            }
            _ => {}
        }
    }
}

fn follow(mut happened: MessageReader<Happened>, rooms: Rooms, mut way: Way) {
    for event in happened.read() {
        let (room, what) = match &event.0 {
            Event::Room { room, what } => (*room, what),
            Event::Ended(Ended::Failed) => {
                way.end(OverBecause::Failed);
                continue;
            }
            Event::Ended(Ended::Stopped) => {
                way.next.set(Page::Start);
                continue;
            }
            _ => continue,
        };
        match what {
            RoomEvent::Entered { kind: RoomKind::Ephemeral, .. } => {
                way.journey.entering = false;
                way.enter(room);
            }
            RoomEvent::Call(CallState::In | CallState::Calling) => way.enter(room),
            // A room that is begun with anew has no call yet.
            RoomEvent::Call(_) | RoomEvent::Entered { .. } if way.stay.room == Some(room) => {
                let ephemeral = rooms.all.iter().any(|(_, r)| r.id == room && r.kind == Some(RoomKind::Ephemeral));
                if !ephemeral {
                    way.stay.room = None;
                    if *way.page.get() == Page::Room {
                        way.next.set(base(&way.opened));
                    }
                }
            }
            RoomEvent::Over(OverBecause::JoinFailed(why)) => way.refused(*why),
            RoomEvent::Over(why) => way.over(room, *why),
            _ => {}
        }
    }
}

fn go_back(
    mut acts: MessageReader<JourneyAction>,
    page: Res<State<Page>>,
    opened: Res<Opened>,
    stay: Res<Stay>,
    mut next: ResMut<NextState<Page>>,
) {
    for act in acts.read() {
        match (*act, page.get()) {
            (JourneyAction::GoBack, Page::Lobby | Page::Ended) => next.set(base(&opened)),
            (JourneyAction::GoBack, Page::Start) => next.set(Page::Profiles),
            // The call goes on; where no profile is open there is nothing but the call.
            (JourneyAction::GoBack, Page::Room) if opened.0.is_some() => next.set(Page::Home),
            (JourneyAction::ReturnToCall, Page::Home) if stay.room.is_some() => next.set(Page::Room),
            _ => {}
        }
    }
}

fn leave(
    mut acts: MessageReader<JourneyAction>,
    page: Res<State<Page>>,
    rooms: Rooms,
    stay: Res<Stay>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        if *act != JourneyAction::Leave || !matches!(page.get(), Page::Room | Page::Home) {
            continue;
        }
        let Some((_, room)) = rooms.all.iter().find(|(_, room)| stay.room == Some(room.id)) else {
            continue;
        };
        let wish = match room.kind {
            Some(RoomKind::Ephemeral) => RoomWish::Leave,
            _ => RoomWish::HangUp,
        };
        wishes.write(Wished(Wish::InRoom { room: room.id, wish }));
    }
}

/// Closing the door says goodbye before the window is gone. During a call the person is asked, once. What is being
/// written for a profile is written to its end first, unless the person asks again.
fn quit(
    mut acts: MessageReader<Quit>,
    mut closed: MessageReader<WindowCloseRequested>,
    errands: Res<Errands>,
    words: Res<Words>,
    mut parting: Parting,
    mut waits: Local<bool>,
    mut notices: MessageWriter<Notice>,
    mut exit: MessageWriter<AppExit>,
) {
    let question = || Question {
        title: "confirm-quit",
        why: "confirm-quit-why",
        label: "confirm-quit-surely",
        name: String::new(),
    };
    let asked_already = parting.asks_about(Quit::Asked);
    let closes = closed.read().count() > 0;
    let mut unasked = closes && asked_already;
    let mut quits = closes && (asked_already || parting.may_after(Quit::Asked, question()));
    let mut at_once = false;
    for act in acts.read() {
        match *act {
            Quit::Asked => quits |= parting.may_after(Quit::Asked, question()),
            Quit::Surely => (quits, unasked, at_once) = (true, true, true),
        }
    }
    if quits && errands.writes() && !at_once && !*waits {
        *waits = true;
        notices.write(Notice::news(words.say("quit-waits")));
        return;
    }
    if quits || (*waits && !errands.writes()) {
        if unasked {
            parting.hang_up();
        }
        parting.door.close();
        exit.write(AppExit::Success);
    }
}

/// With the engine that told of them, the rooms are gone, and so is the call.
fn forget_call(mut forgotten: MessageReader<ForgetRooms>, mut stay: ResMut<Stay>) {
    if forgotten.read().count() > 0 && stay.room.is_some() {
        stay.room = None;
    }
}
