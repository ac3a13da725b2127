//! A room of three that begins again, where the disk of one holds other rows than were written: an import may hold any.

use std::sync::{LazyLock, Mutex, PoisonError};

use arbitrary::Unstructured;

use super::{
    disk::Disk,
    shown::assert_event_is_plain,
    world::{CLEAR, OPEN, SECOND, World},
};
use crate::{
    api::RoomKind,
    room::{Input, wire::Said},
};

const NAMES: [&str; 3] = ["Anna", "Bea", "Carl"];
const ANNA: usize = 0;
/// The two whose disks are whole.
const OTHERS: [usize; 2] = [1, 2];

/// The room as the three disks have it. Made anew in each run of the program, since keys are random.
static DISKS: LazyLock<Mutex<[Disk; 3]>> = LazyLock::new(|| {
    let mut world = World::new(1, CLEAR);
    world.classical = true;
    world.found(NAMES[ANNA], RoomKind::Kept);
    let invitation = world.invite_with(ANNA, OPEN);
    for who in OTHERS {
        world.join(NAMES[who], &invitation);
        world.run(SECOND);
    }
    for who in [ANNA, 1, 2] {
        world.input(who, Input::Say(Said::Text("begun".into())));
        world.run(SECOND);
    }
    Mutex::new([ANNA, 1, 2].map(|who| world.beings[who].disk.clone()))
});

/// A copy of the three disks.
pub(super) fn disks() -> [Disk; 3] {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Each change is of the next row: where it begins, how many bytes go, how many come in their place, and these.
///
/// # Panics
/// When the room is lost for anybody, says what is not plain, or does not go on for the others.
pub fn run(changes: &[u8]) {
    let mut changes = Unstructured::new(changes);
    let [anna, bea, carl] = disks();
    let anna = anna.rewritten(|mut row| {
        if changes.is_empty() {
            return row;
        }
        let [from, gone, come] = changes.arbitrary::<[u8; 3]>().unwrap_or_default().map(usize::from);
        let come = changes.bytes(come.min(changes.len())).unwrap_or_default().to_vec();
        let from = from.min(row.len());
        row.splice(from..(from + gone).min(row.len()), come);
        row
    });
    let Some(anna) = anna else { return };
    let mut world = World::new(3, CLEAR);
    world.classical = true;
    // What cannot be gone on with is an error, and stays on the disk.
    if world.try_to_come_back(NAMES[ANNA], anna).is_err() {
        return;
    }
    for (who, disk) in OTHERS.into_iter().zip([bea, carl]) {
        world.come_back(NAMES[who], disk);
    }
    world.run(SECOND);
    world.rendezvous();
    world.run(3 * SECOND);
    for who in OTHERS {
        world.input(who, Input::Say(Said::Text("restored".into())));
    }
    world.input(ANNA, Input::Say(Said::Text("restored".into())));
    world.run(2 * SECOND);
    for (who, name) in NAMES.into_iter().enumerate() {
        assert_eq!(world.beings[who].ended, None, "the room is lost for {name}");
    }
    for (who, other) in [(1, 2), (2, 1)] {
        let other = world.id(other);
        let hears = world.beings[who].disk.theirs.iter().filter(|(from, ..)| *from == other).count();
        assert_eq!(hears, 2, "{} does not hear the other whose disk is whole", NAMES[who]);
    }
    for event in &world.beings[ANNA].events {
        assert_event_is_plain(event);
    }
}
