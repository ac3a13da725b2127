//! A member of a room who keeps no rule: joins by an invitation like everybody, with the engine that everybody has, and then
//! sends what no program of ours would.

mod pictures;
mod words;

use std::{
    io::Read,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use engine::{
    Engine, StartError,
    api::{
        CameraChoice, Ended, Event, MediaSettings, MemberId, MicrophoneChoice, Network, NetworkSettings, OverBecause,
        RoomEvent, Settings, Wish,
    },
    hostile::{Act, Acts},
    invitation::{Invitation, InvitationError, MAX_PASTED},
};
use serde::Serialize;

use crate::ready::say;
use pictures::Numbers;
use words::Words;

/// Between two pictures.
const TURN: Duration = Duration::from_micros(16_667);

#[derive(clap::Args)]
pub struct Arguments {
    /// A file with the invitation to the room
    #[arg(value_name = "FILE")]
    invitation: PathBuf,
    /// The name that the others see
    #[arg(long, default_value = "Mallory")]
    name: String,
    /// How long to stay after having entered
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}: {why}", path.display())]
    Read { path: PathBuf, why: std::io::Error },
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the room cannot be entered, or does not go on")]
    Over,
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// From which part of the stay on other pictures than that of the first attack are sent, and the rest is done.
const OTHER_PICTURES: f64 = 0.2;
const LIES: f64 = 0.2;
const FORWARDS: f64 = 0.45;
const FLOOD: f64 = 0.7;
/// How often each of a flood is said in a turn.
const AT_ONCE: u64 = 4;

/// What is said at the end: how much was sent.
#[derive(Default, Serialize)]
struct Sent {
    pictures: u64,
    lies: u64,
    forwards: u64,
    flood: u64,
}

/// Joins, does harm, and leaves.
///
/// # Errors
/// When there is no such invitation, or it leads nowhere.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let invitation = read(&arguments.invitation)?;
    // Only the networks that this machine is on: nobody else is to suffer from it.
    let network = NetworkSettings { lan: false, ..NetworkSettings::of(Network::Lan) };
    let media = MediaSettings {
        camera: CameraChoice::Test,
        microphone: MicrophoneChoice::Test,
        width: 320,
        height: 180,
        fps: 15,
        video_kbps: 200,
        ..MediaSettings::default()
    };
    let settings = Settings { name: arguments.name.clone(), network, media, post_quantum: true, wake: Arc::new(|| {}) };
    let (engine, acts) = Engine::start_hostile(settings)?;
    engine.wish(Wish::Redeem { invitation });
    let mut member =
        Member { engine, acts, others: Vec::new(), numbers: Numbers::new(1), lines: 0, sent: Sent::default() };
    let outcome = member.misbehave(Duration::from_secs(arguments.seconds));
    say(&member.sent)?;
    outcome
}

fn read(path: &PathBuf) -> Result<Invitation, Error> {
    let why = |why| Error::Read { path: path.clone(), why };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(why)?;
    file.take(MAX_PASTED as u64).read_to_string(&mut text).map_err(why)?;
    Ok(text.trim().parse()?)
}

struct Member {
    engine: Engine,
    acts: Acts,
    others: Vec<MemberId>,
    numbers: Numbers,
    /// Of our own, in the chat.
    lines: u64,
    sent: Sent,
}

impl Member {
    fn misbehave(&mut self, stay: Duration) -> Result<(), Error> {
        let mut began = None;
        loop {
            while let Some(event) = self.engine.next_event() {
                match event {
                    Event::Room { what: RoomEvent::Entered { .. }, .. } => began = Some(Instant::now()),
                    Event::Room { what: RoomEvent::Joined { member, .. }, .. } => self.others.push(member),
                    Event::Room { what: RoomEvent::Over(OverBecause::Left), .. } => return Ok(()),
                    Event::Room { what: RoomEvent::Over(_), .. } | Event::Ended(Ended::Failed) => {
                        return Err(Error::Over);
                    }
                    _ => {}
                }
            }
            if let Some(began) = began {
                let part = began.elapsed().as_secs_f64() / stay.as_secs_f64();
                if part >= 1.0 {
                    return Ok(());
                }
                self.turn(part);
            }
            thread::sleep(TURN);
        }
    }

    /// `part`: how much of the stay is over, from 0 to 1.
    fn turn(&mut self, part: f64) {
        let number = self.sent.pictures;
        let unit = match number % 4 {
            1 if part > OTHER_PICTURES => pictures::oversize(1024),
            2 if part > OTHER_PICTURES => pictures::oversize(121),
            3 if part > OTHER_PICTURES => pictures::garbage(number),
            _ => pictures::cropped_out_of_memory(),
        };
        self.sent.pictures += self.act([Act::Picture(unit)]);
        let others = self.others.clone();
        for (to, third) in others.iter().zip(others.iter().cycle().skip(1)) {
            let words = Words { to: *to, third: *third };
            if part > LIES {
                let lies = words.lies(&mut self.numbers);
                self.sent.lies += self.act(lies);
            }
            if (FORWARDS..FLOOD).contains(&part) {
                let forward = words.forward(&mut self.numbers);
                self.sent.forwards += self.act([forward]);
            }
            for _ in 0..if part > FLOOD { AT_ONCE } else { 0 } {
                self.lines += 1;
                let flood = words.flood(&mut self.numbers, self.lines);
                self.sent.flood += self.act(flood);
            }
        }
    }

    /// How many were taken.
    fn act(&self, acts: impl IntoIterator<Item = Act>) -> u64 {
        acts.into_iter().map(|act| u64::from(self.acts.act(act))).sum()
    }
}
