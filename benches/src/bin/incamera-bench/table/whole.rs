//! Whole rooms: alone, beside Chromium, and against their codecs.

use super::Table;
use crate::report::{Browser, Class, Report, Room, Stage, cores};

pub(super) fn rooms(report: &Report) -> Table {
    let row = |room: &Room| {
        let ratio = |of: f64| if of > 0.0 { format!("{:.2}", room.cores / of) } else { "-".to_owned() };
        vec![
            format!("{}, {}x{}", room.people, room.width, room.height),
            format!("{} of {}", room.streams, room.people * (room.people - 1)),
            room.whole.to_string(),
            format!("{:.1}", room.quality.slowest_fps),
            room.quality.freezes.to_string(),
            format!("{:.2} %", 100.0 * room.quality.concealed),
            format!("{:.1} / {:.1}", room.quality.p50_ms, room.quality.p95_ms),
            format!("{:.0}", room.quality.jitter_buffer_ms),
            format!("{:.2}", room.cores),
            ratio(room.floor),
            ratio(room.paced),
            ratio(room.pipeline),
            format!("{:.0}", room.rss_mb),
        ]
    };
    Table {
        title: "Whole rooms on one machine, pictures at 30 fps, over loopback",
        columns: vec![
            "people",
            "streams",
            "full size",
            "slowest fps",
            "freezes",
            "concealed",
            "p50 / p95 ms",
            "buffer ms",
            "cores",
            "x codecs",
            "x paced",
            "x stages",
            "MB",
        ],
        rows: report.rooms.iter().map(row).collect(),
        note: String::new(),
    }
}

pub(super) fn beside(report: &Report) -> Table {
    let row = |browser: &Browser| {
        let ours = report.rooms.iter().find(|room| room.people == browser.people)?;
        let ratio = |theirs: f64, ours: f64| if ours > 0.0 { format!("{:.1}", theirs / ours) } else { "-".to_owned() };
        Some(vec![
            browser.people.to_string(),
            format!("{:.2} / {:.2}", browser.cores, ours.cores),
            ratio(browser.cores, ours.cores),
            format!("{:.0} / {:.0}", browser.rss_mb, ours.rss_mb),
            format!("{:.1} / {:.1}", browser.slowest_fps, ours.quality.slowest_fps),
            format!("{} / {}", browser.freezes, ours.quality.freezes),
            format!("{:.1} / {:.1}", browser.processing_ms, ours.quality.p50_ms),
            format!("{:.0} / {:.0}", browser.jitter_buffer_ms, ours.quality.jitter_buffer_ms),
            format!("{:.2} / {:.2} %", 100.0 * browser.concealed, 100.0 * ours.quality.concealed),
        ])
    };
    let version = report.chromium.first().map_or("", |browser| &browser.version);
    Table {
        title: "Chromium beside ours, in the same minutes: theirs / ours",
        columns: vec![
            "people",
            "cores",
            "x ours",
            "MB",
            "slowest fps",
            "freezes",
            "picture ms",
            "sound buffer ms",
            "concealed",
        ],
        rows: report.chromium.iter().filter_map(row).collect(),
        note: format!("{version}. Its picture ms go from the first packet to the decoder's end, ours from the camera."),
    }
}

pub(super) fn totals(report: &Report) -> Table {
    let row = |(people, stages, size): (u32, &Vec<Stage>, &str)| {
        let of = |classes: &[Class]| cores(stages, people, classes);
        let (floor, pipeline) = (of(&[Class::Codec]), of(&[Class::Codec, Class::Pipeline]));
        // Microphone and speaker do not care about the size of pictures.
        let devices = pipeline + cores(&report.stages, people, &[Class::Sound]);
        vec![
            format!("{people}, {size}"),
            format!("{floor:.2}"),
            format!("{:.2}", of(&[Class::Paced])),
            format!("{pipeline:.2}"),
            format!("{:.2}", pipeline / floor),
            format!("{devices:.2}"),
            format!("{:.2}", devices / f64::from(people)),
        ]
    };
    let (large, small) = (&report.stages, &report.small_stages);
    let rooms = [(4, large, "640x360"), (8, large, "640x360"), (16, large, "640x360"), (16, small, "320x180")];
    Table {
        title: "What the stages come to in a whole room, in cores",
        columns: vec![
            "people",
            "codecs alone",
            "paced",
            "all stages",
            "x codecs",
            "with microphone and speaker",
            "a person",
        ],
        rows: rooms.into_iter().filter(|(_, stages, _)| !stages.is_empty()).map(row).collect(),
        note: String::new(),
    }
}
