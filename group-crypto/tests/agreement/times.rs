//! How long changes take, in simulated time.

use std::time::{Duration, Instant};

use group_crypto::Suite;

use crate::world::{Settings, World};

/// Messages take 50 ms one way.
const ROUND_TRIP: Duration = Duration::from_millis(100);

fn room(people: usize) -> World {
    let settings = Settings { suite: Suite::PostQuantum, rough: false, delay: (50, 50), drop_after: None };
    let mut world = World::new(1, settings);
    for _ in 1..people {
        world.join(0);
    }
    world.run(Duration::from_secs(3));
    assert!(agree(&world, people));
    world
}

/// Everybody who is in stands at one epoch, of so many members.
fn agree(world: &World, members: usize) -> bool {
    let mut groups = world.people.iter().filter_map(|person| person.agreement()).map(|agreement| agreement.group());
    let Some(first) = groups.next() else { return false };
    first.members().len() == members && groups.all(|group| group.standing() == first.standing())
}

fn time_until(world: &mut World, is_so: impl Fn(&World) -> bool) -> Duration {
    let began: Instant = world.now;
    while !is_so(world) {
        assert!(world.now < began + Duration::from_secs(30), "it never comes");
        world.run(Duration::from_millis(1));
    }
    world.now - began
}

#[test]
fn eight_members_have_new_keys_a_second_after_a_removal() {
    type Act = fn(&mut World);
    let acts: [(&str, Act); 5] = [
        ("a member leaves", |world| world.leave(5)),
        ("the sequencer leaves", |world| world.leave(0)),
        ("the sequencer removes somebody", |world| world.remove(0, 5)),
        ("another member removes somebody", |world| world.remove(3, 5)),
        ("the sequencer is removed", |world| world.remove(3, 0)),
    ];
    for (what, act) in acts {
        let mut world = room(8);
        act(&mut world);
        let time = time_until(&mut world, |world| agree(world, 7));
        println!("{what}: all are under new keys after {time:?}, with {ROUND_TRIP:?} of round trip");
        assert!(time <= Duration::from_secs(1), "{what}");
    }
}

#[test]
fn idle_sequencer_delays_a_removal_by_its_turn() {
    let mut world = room(8);
    world.crash(0);
    world.remove(3, 5);
    // Of the one who crashed nobody expects anything; it stays in the room.
    let time = time_until(&mut world, |world| agree(world, 7));
    println!("the sequencer crashed a moment before: {time:?}");
    assert!(time <= Duration::from_millis(1500));
}

#[test]
fn halves_of_a_room_become_one_in_one_commit() {
    let mut world = room(8);
    for number in 4..8 {
        world.cells[number] = 1;
    }
    world.run(Duration::from_secs(2));
    for one in [1, 6] {
        world.with(one, |now, agreement| agreement.renew(now));
    }
    world.run(Duration::from_secs(5));
    for one in [1, 6] {
        world.with(one, |now, agreement| agreement.renew(now));
    }
    world.run(Duration::from_secs(5));
    let epoch = |world: &World| world.people.iter().filter_map(|p| p.agreement()).map(|a| a.group().epoch()).max();
    let before = epoch(&world).expect("somebody is in");
    world.cells.iter_mut().for_each(|cell| *cell = 0);
    let time = time_until(&mut world, |world| agree(world, 8));
    let commits = epoch(&world).expect("somebody is in") - before;
    println!("four of eight come over to the other branch after {time:?}, in {commits} commits");
    assert!(commits <= 3, "those who come together are readmitted together");
}
