//! Where an invitation may come from, and what becomes of it.

use std::path::PathBuf;

use bevy::prelude::*;
use engine::{
    api::{RoomKind, Wish},
    invitation::{Invitation, InvitationError},
    qr::QrError,
};

use super::{Reading, Scanner, draw};
use crate::{
    action::{Act, Action},
    door::{Wished, WishesOut},
    kit::{Filled, Form, Sheet},
    notice::Notice,
    power::Waker,
    screen::{Awaited, Destination, Journey, Refusal, Screen, refusal_key},
    words::Words,
};

pub fn plugin(app: &mut App) {
    app.init_resource::<Reading>()
        .init_resource::<Scanner>()
        .add_message::<FileDragAndDrop>()
        .add_systems(Update, (open, scan, drop_file, draw::draw).chain())
        .add_systems(PostUpdate, (read_named, arrive, take).chain().after(Filled).before(WishesOut));
}

fn open(mut acts: MessageReader<Act>, mut sheet: ResMut<Sheet>) {
    if acts.read().any(|act| act.0 == Action::Accept) {
        *sheet = Sheet::Accept;
    }
}

/// The camera is open while it is looked at for a code.
fn scan(
    mut acts: MessageReader<Act>,
    sheet: Res<Sheet>,
    mut scanner: ResMut<Scanner>,
    reading: Res<Reading>,
    waker: Res<Waker>,
    mut wishes: MessageWriter<Wished>,
) {
    let pressed = acts.read().any(|act| act.0 == Action::Scan) && *sheet == Sheet::Accept;
    if scanner.is_on() && (pressed || *sheet != Sheet::Accept) {
        scanner.stop();
        wishes.write(Wished(Wish::Preview(false)));
    } else if pressed {
        scanner.start(reading.clone(), waker.clone());
        wishes.write(Wished(Wish::Preview(true)));
        wishes.write(Wished(Wish::CameraOn(true)));
    }
}

fn read(path: PathBuf, reading: &Reading, waker: &Waker) {
    let (there, waker) = (reading.clone(), waker.clone());
    let thread = std::thread::Builder::new().name("picture".into()).spawn(move || {
        there.put(engine::qr::read_file(&path).map_err(|error| match error {
            QrError::Unreadable(_) => "accept-unreadable",
            QrError::NotAPicture => "accept-no-picture",
            QrError::TooLarge => "accept-too-large",
            _ => "accept-no-code",
        }));
        waker.wake();
    });
    if thread.is_err() {
        reading.put(Err("refused-system"));
    }
}

fn read_named(
    mut acts: MessageReader<Act>,
    sheet: Res<Sheet>,
    form: Res<Form>,
    reading: Res<Reading>,
    waker: Res<Waker>,
) {
    if acts.read().any(|act| act.0 == Action::ReadPicture) && *sheet == Sheet::Accept {
        read(PathBuf::from(form.text("picture")), &reading, &waker);
    }
}

/// A picture that is dropped on the window at home is read, whatever is open.
fn drop_file(
    mut dropped: MessageReader<FileDragAndDrop>,
    screen: Res<State<Screen>>,
    mut sheet: ResMut<Sheet>,
    reading: Res<Reading>,
    waker: Res<Waker>,
) {
    for event in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event
            && *screen.get() == Screen::Home
        {
            *sheet = Sheet::Accept;
            read(path_buf.clone(), &reading, &waker);
        }
    }
}

/// A picture has been read: what it says is taken up at once.
fn arrive(
    reading: Res<Reading>,
    words: Res<Words>,
    mut form: ResMut<Form>,
    mut acts: MessageWriter<Act>,
    mut notices: MessageWriter<Notice>,
) {
    match reading.take() {
        Some(Ok(text)) => {
            form.set("invitation", text);
            acts.write(Act(Action::TakeInvitation));
        }
        Some(Err(key)) => drop(notices.write(Notice::trouble(words.say(key)))),
        None => {}
    }
}

fn take(
    mut acts: MessageReader<Act>,
    form: Res<Form>,
    words: Res<Words>,
    mut sheet: ResMut<Sheet>,
    mut journey: ResMut<Journey>,
    mut awaited: ResMut<Awaited>,
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
    mut next: ResMut<NextState<Screen>>,
) {
    for act in acts.read() {
        if act.0 != Action::TakeInvitation || *sheet != Sheet::Accept {
            continue;
        }
        let parsed: Result<Invitation, InvitationError> = form.text("invitation").parse();
        match parsed {
            Err(error) => {
                notices.write(Notice::trouble(words.say(refusal_key(Refusal::Invitation(error)))));
                continue;
            }
            Ok(invitation) if invitation.kind() == RoomKind::Ephemeral => {
                journey.destination = Some(Destination::Invited(invitation));
                next.set(Screen::Lobby);
            }
            Ok(invitation) => {
                awaited.0 = true;
                wishes.write(Wished(Wish::Redeem { invitation }));
            }
        }
        *sheet = Sheet::None;
    }
}
