//! What people are told whose programs speak different versions, each a sentence.

use std::time::Duration;

use super::world::{OPEN, Weather, World};
use crate::api::{JoinFailed, OverBecause, RoomKind, Terms, Trouble};

const CLEAR: Weather = Weather { loss_percent: 0, delay_ms: 10, jitter_ms: 2 };
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn bearer_of_another_versions_invitation_is_told_so_soon() {
    let mut world = World::new(1, CLEAR);
    let alice = world.found("Alice", RoomKind::Kept);
    world.other_version.push(alice);
    let invitation = world.invite(alice);
    let bob = world.join("Bob", &invitation);
    world.run(5 * SECOND);
    assert_eq!(world.beings[bob].ended, Some(OverBecause::JoinFailed(JoinFailed::Version)));
    let cyril = world.join("Cyril", &invitation);
    world.run(SECOND);
    // It was something else that answered, and Alice is there again.
    world.other_version.clear();
    world.run(2 * SECOND);
    assert_eq!(world.beings[cyril].ended, None);
    assert!(world.beings[cyril].room.my_id().is_some());
}

#[test]
fn other_version_of_a_member_is_told_once_and_passes() {
    let mut world = World::new(2, CLEAR);
    let alice = world.found("Alice", RoomKind::Contact);
    let invitation = world.invite_with(alice, Terms { many: false, ..OPEN });
    let bob = world.join("Bob", &invitation);
    world.run(SECOND);
    world.other_version.push(bob);
    world.restart(bob);
    for _ in 0..10 {
        world.rendezvous();
        world.run(10 * SECOND);
    }
    for who in [alice, bob] {
        let told = world.beings[who].troubles.iter().filter(|trouble| **trouble == Trouble::OtherVersion);
        assert_eq!(told.count(), 1, "{}", world.beings[who].name);
        assert_eq!(world.beings[who].ended, None);
    }
    world.other_version.clear();
    world.rendezvous();
    world.run(5 * SECOND);
    assert!(world.beings[alice].room.pairs().iter().all(|pair| pair.present));
}
