//! Reads what was asked for, and hands on what it said.

use std::path::PathBuf;

use bevy::prelude::*;
use engine::{api::Wish, qr::QrError};

use super::{ReadOut, may_scan};
use crate::{
    engine::{
        door::{Wished, WishesOut},
        mirror::{Own, Rooms},
    },
    stage::{
        reading::ReadingAction,
        scan::{Reading, Scanner},
    },
    ui::{
        action::Actions,
        kit::{Filled, Form, Sheet},
        notice::Notice,
        power::Waker,
        words::Words,
    },
};

/// Hands on what was read, before anything asks for it.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Read;

/// Reads what is dropped, for the sheet that is open by then.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Drops;

pub fn plugin(app: &mut App) {
    app.add_action::<ReadingAction>()
        .init_resource::<Reading>()
        .init_resource::<Scanner>()
        .add_message::<ReadOut>()
        .add_message::<FileDragAndDrop>()
        .add_systems(Update, (scan, drop_file.in_set(Drops)).chain())
        .add_systems(PostUpdate, (read_named, arrive).chain().in_set(Read).after(Filled).before(WishesOut));
}

/// The camera is open while it is looked at for a code.
fn scan(
    mut acts: MessageReader<ReadingAction>,
    sheet: Res<Sheet>,
    rooms: Rooms,
    own: Res<Own>,
    mut scanner: ResMut<Scanner>,
    reading: Res<Reading>,
    waker: Res<Waker>,
    mut wishes: MessageWriter<Wished>,
) {
    let pressed = acts.read().any(|act| *act == ReadingAction::Scan) && sheet.reads_codes();
    if scanner.is_on() && (pressed || !sheet.reads_codes()) {
        scanner.stop();
        wishes.write(Wished(Wish::Preview(false)));
    } else if pressed && may_scan(&rooms, &own) {
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
    mut acts: MessageReader<ReadingAction>,
    sheet: Res<Sheet>,
    form: Res<Form>,
    reading: Res<Reading>,
    waker: Res<Waker>,
) {
    if acts.read().any(|act| *act == ReadingAction::ReadFile) && sheet.reads_codes() {
        read(PathBuf::from(form.text("picture")), &reading, &waker);
    }
}

/// A picture that is dropped on the window is read for the sheet that is open.
fn drop_file(mut dropped: MessageReader<FileDragAndDrop>, sheet: Res<Sheet>, reading: Res<Reading>, waker: Res<Waker>) {
    for event in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event
            && sheet.reads_codes()
        {
            read(path_buf.clone(), &reading, &waker);
        }
    }
}

fn arrive(
    reading: Res<Reading>,
    words: Res<Words>,
    mut said: MessageWriter<ReadOut>,
    mut notices: MessageWriter<Notice>,
) {
    match reading.take() {
        Some(Ok(text)) => drop(said.write(ReadOut(text))),
        Some(Err(key)) => drop(notices.write(Notice::trouble(words.say(key)))),
        None => {}
    }
}
