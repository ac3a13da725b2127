//! Whole rooms by the number of people, each beside what its codecs alone take, and beside Chromium.

use std::path::Path;

use crate::{
    children::{self, Order},
    chromium::{self, Chromium},
    clips::{FORMAT, KBPS, SMALL, SMALL_KBPS},
    report::{Class, Report, Room, Stage, cores},
};

/// Rooms of more people show smaller tiles.
const LARGE: u32 = 12;
/// Chromium's mesh is lost beyond this on any machine that this is likely to be run on.
const MOST_CHROMIUM: u32 = 6;

/// Runs a room of each size; of those that Chromium may manage, Chromium's behind it.
pub fn measure(report: &mut Report, sizes: &[u32], seconds: u64, chromium: Option<&Chromium>, clips: &Path) {
    for &people in sizes {
        let small = people > LARGE;
        let (format, kbps) = if small { (SMALL, SMALL_KBPS) } else { (FORMAT, KBPS) };
        eprintln!("a room of {people} ...");
        let ran = children::run(Order { people, format, kbps, seconds, times: 1 }, |room| {
            let stages = if small { &report.small_stages } else { &report.stages };
            report.rooms.push(with_floor(room, stages));
        });
        if let Err(why) = ran {
            report.lacking.push(format!("a room of {people}: {why}"));
        }
        if let Some(chromium) = chromium.filter(|_| people <= MOST_CHROMIUM) {
            eprintln!("the same in Chromium ...");
            match chromium.mesh(people, FORMAT, KBPS, seconds, clips) {
                Ok(browser) => report.chromium.push(browser),
                Err(why) => report.lacking.push(format!("Chromium with {people}: {why}")),
            }
        }
    }
    if chromium.is_none() {
        report.lacking.push(chromium::LACKING.to_owned());
    }
}

fn with_floor(room: Room, stages: &[Stage]) -> Room {
    let of = |classes: &[Class]| cores(stages, room.people, classes);
    let (floor, paced) = (of(&[Class::Codec]), of(&[Class::Paced]));
    Room { floor, paced, pipeline: of(&[Class::Codec, Class::Pipeline]), ..room }
}
