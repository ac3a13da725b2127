//! Links whose streams do not keep pace: control messages overtake the chat.

use std::time::Duration;

use super::{
    tests::said,
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::RoomKind,
    room::{Input, wire::Said},
};

const LAG: Duration = Duration::from_millis(400);
const PAUSE: Duration = Duration::from_millis(50);

#[test]
fn lines_arrive_once_when_control_overtakes_them() {
    for seed in 0..3 {
        let mut world = World::new(seed, CLEAR);
        world.chat_lag = LAG;
        let anna = world.found("Anna", RoomKind::Kept);
        let invitation = world.invite(anna);
        let mut counts = vec![0];
        for name in ["Berta", "Carl", "Dora"] {
            world.join(name, &invitation);
            counts.push(0);
            // All talk on while the keys of the room change for the newcomer.
            for _ in 0..60 {
                for (who, count) in counts.iter_mut().enumerate() {
                    if world.beings[who].room.my_id().is_some() {
                        *count += 1;
                        world.input(who, Input::Say(Said::Text(count.to_string())));
                    }
                }
                world.run(PAUSE);
            }
        }
        world.run(20 * SECOND);
        for at in 0..counts.len() {
            for of in (0..counts.len()).filter(|of| *of != at) {
                let id = world.id(of);
                let lines = world.beings[at].disk.theirs.iter().filter(|(from, ..)| *from == id);
                let lines: Vec<_> = lines.map(|(.., said)| said.clone()).collect();
                // From when both were in, without a gap, up to the last.
                let first = counts[of] + 1 - lines.len();
                let expected: Vec<_> = (first..=counts[of]).map(|number| Said::Text(number.to_string())).collect();
                assert!(lines == expected && lines.len() >= 50, "{at} has {} lines of {of}, seed {seed}", lines.len());
            }
        }
    }
}

#[test]
fn line_before_a_goodbye_arrives_when_control_overtakes_lines() {
    let mut world = World::new(7, CLEAR);
    world.chat_lag = LAG;
    let anna = world.create("Anna");
    let invitation = world.invite(anna);
    let berta = world.join("Berta", &invitation);
    world.run(2 * SECOND);
    world.input(anna, Input::Say(Said::Text("I have to go".into())));
    world.input(anna, Input::Leave);
    world.run(2 * SECOND);
    assert_eq!(said(&world, berta), ["I have to go"]);
}
