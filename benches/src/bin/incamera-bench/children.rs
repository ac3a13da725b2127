//! Rooms in processes of their own, so that none inherits memory or trouble of the one before.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use media::capture::VideoFormat;

use crate::{Failed, report::Room};

/// What a child is told, in one argument: `people:WIDTHxHEIGHT:fps:kbps:seconds:times`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub people: u32,
    pub format: VideoFormat,
    pub kbps: u32,
    /// Between two figures.
    pub seconds: u64,
    pub times: u32,
}

impl Order {
    fn written(self) -> String {
        let Self { people, format: VideoFormat { width, height, fps }, kbps, seconds, times } = self;
        format!("{people}:{width}x{height}:{fps}:{kbps}:{seconds}:{times}")
    }

    pub fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split([':', 'x']).map(str::parse);
        let mut next = || numbers.next()?.ok();
        let (people, width, height, fps, kbps, seconds, times) =
            (next()?, next()?, next()?, next()?, next()?, next()?, next()?);
        Some(Self { people, format: VideoFormat { width, height, fps }, kbps, seconds: seconds.into(), times })
    }
}

/// Runs a room, and takes its figures as they come.
pub fn run(order: Order, mut take: impl FnMut(Room)) -> Result<(), Failed> {
    let failed = |why: std::io::Error| Failed::Child(why.to_string());
    let program = std::env::current_exe().map_err(failed)?;
    let mut child =
        Command::new(program).args(["--alone", &order.written()]).stdout(Stdio::piped()).spawn().map_err(failed)?;
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let room = line.ok().and_then(|line| serde_json::from_str(&line).ok());
        take(room.ok_or_else(|| Failed::Child("it says something odd".into()))?);
    }
    let ended = child.wait().map_err(failed)?;
    if ended.success() { Ok(()) } else { Err(Failed::Child(format!("a room of {} ended badly", order.people))) }
}
