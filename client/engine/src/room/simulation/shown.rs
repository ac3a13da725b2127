//! What others write, all the way to what is shown: no control, nothing that turns a text around, nothing without a bound.

use group_crypto::Look;

use super::{
    restored::disks,
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::{Body, RoomEvent},
    names::{check_name, is_same_name, is_steering, plain_name},
    room::{
        Output, Phase,
        content::{Change, Meaning},
        numbers::{Sequence, UnixMs},
        wire::{MAX_CHAT, Purpose, RoomMessage, Said},
    },
};

const NAMES: [&str; 3] = ["Anna", "Bea", "Mallory"];
const ANNA: usize = 0;
const MALLORY: usize = 2;

/// The first byte says who reads the text: the rules alone, or a room in which Mallory says it. A text for a room may be of
/// two parts with a NUL between them, a title and a link.
///
/// # Panics
/// When something that is shown or kept is not plain.
pub fn run(input: &[u8]) {
    let Some((kind, text)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    if kind.is_multiple_of(8) { in_a_room(&text) } else { by_the_rules(&text) }
}

fn by_the_rules(text: &str) {
    let name = plain_name(text);
    assert_eq!(check_name(&name), Ok(()));
    assert_eq!(plain_name(&name), name, "a plain name is made another");
    assert!(!name.contains(is_steering), "a name steers");
    if check_name(text).is_ok() {
        assert!(name == text && is_same_name(text, &name), "a name is another");
        assert!(Look::of(text).is_like(&Look::of(&name)), "a name does not look like itself");
    }
    if let Some(Said::Text(shown)) = Said::Text(text.into()).plain() {
        assert_plain(&shown, MAX_CHAT);
    }
}

fn in_a_room(text: &str) {
    let mut world = World::new(5, CLEAR);
    world.classical = true;
    for (name, disk) in NAMES.into_iter().zip(disks()) {
        world.come_back(name, disk);
    }
    world.run(SECOND);
    world.rendezvous();
    world.run(SECOND);
    let (title, link) = text.split_once('\0').unwrap_or((text, text));
    let bodies = [Said::Text(text.into()), Said::Invitation { title: title.into(), link: link.into() }];
    // Each has said one line where the disks were made.
    let lines = bodies.into_iter().zip(2..).map(|(body, number)| RoomMessage::Line {
        sequence: Sequence::clamped(number),
        at_ms: UnixMs::clamped(i64::MAX),
        body,
    });
    for message in lines.chain([RoomMessage::Name(title.into())]) {
        let Phase::Inside(mallory) = &mut world.beings[MALLORY].room.phase else { return };
        let Some(bytes) = mallory.roster.seal(&message) else { return };
        let Some(link) = world.link_with(MALLORY, ANNA) else { return };
        world.carry(MALLORY, Output::Send { link, purpose: Purpose::Control, bytes });
    }
    world.run(SECOND);
    for event in &world.beings[ANNA].events {
        assert_event_is_plain(event);
    }
    let anna = &world.beings[ANNA];
    assert_eq!(anna.ended, None, "a text ends the room");
    for (.., said) in &anna.disk.theirs {
        assert_meaning_is_plain(&said.meaning());
    }
    for (from, to) in &anna.disk.renamings {
        assert_eq!((check_name(from), check_name(to)), (Ok(()), Ok(())));
    }
}

/// Of what a room says to be shown.
pub(super) fn assert_event_is_plain(event: &RoomEvent) {
    match event {
        RoomEvent::Entered { title: name, .. }
        | RoomEvent::Titled { title: name }
        | RoomEvent::Joined { name, .. }
        | RoomEvent::Renamed { name, .. }
        | RoomEvent::Knock { name, .. } => assert_eq!(check_name(name), Ok(())),
        RoomEvent::Changed { state, .. } => {
            assert_eq!(state.verified_as.as_deref().map_or(Ok(()), check_name), Ok(()));
        }
        RoomEvent::Said(line) => {
            assert_eq!(check_name(&line.name), Ok(()));
            assert_body_is_plain(&line.body);
        }
        _ => {}
    }
}

fn assert_body_is_plain(body: &Body) {
    match body {
        Body::Text(text) => assert_plain(text, MAX_CHAT),
        Body::Invitation { title, link } => {
            assert_eq!(check_name(title), Ok(()));
            assert_plain(link, 1 << 16);
            assert!(!link.contains(char::is_whitespace), "a link is of several lines");
        }
        Body::Renamed { to } => assert_eq!(check_name(to), Ok(())),
        Body::Call { .. } | Body::Missing { .. } | Body::NeedsNewerVersion | Body::Deleted => {}
    }
}

fn assert_meaning_is_plain(meaning: &Meaning) {
    match meaning {
        Meaning::Says { body, .. } => assert_body_is_plain(body),
        Meaning::Changes { change, .. } => assert_change_is_plain(change),
    }
}

pub(super) fn assert_change_is_plain(change: &Change) {
    match change {
        Change::Edit(body) => assert_body_is_plain(body),
        Change::React { signs, .. } => signs.iter().for_each(|sign| assert_plain(sign, 64)),
        Change::Delete | Change::Unreact { .. } => {}
    }
}

fn assert_plain(text: &str, most: usize) {
    assert!(text.len() <= most, "{} bytes are shown", text.len());
    let steers = |c| is_steering(c) && !matches!(c, '\n' | '\t');
    assert!(!text.contains(steers), "a text steers");
}
