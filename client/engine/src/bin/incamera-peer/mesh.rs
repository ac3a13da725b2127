//! N complete peers in one process, each with its own engine, keys, sockets and codecs.

use std::time::{Duration, Instant};

use engine::{
    Engine,
    api::{EndedBecause, Event, Wish},
    stats::Stats,
};
use serde::Serialize;

use crate::{
    arguments::Media,
    console::Quit,
    session::{self, SessionError},
};

/// A mesh that was not told how long to run runs for this long.
const SECONDS: Duration = Duration::from_secs(20);

#[derive(Serialize)]
struct Figures {
    people: Vec<Stats>,
}

struct Person {
    engine: Engine,
    stats: Stats,
    ended: Option<EndedBecause>,
}

impl Person {
    /// Takes in what happened; gives back an invitation if one came.
    fn take_events(&mut self) -> Option<engine::invitation::Invitation> {
        let mut ready = None;
        while let Some(event) = self.engine.next_event() {
            match event {
                Event::Entered { .. } => self.engine.wish(Wish::Invite),
                Event::InvitationReady(invitation) => ready = Some(invitation),
                Event::Trouble(trouble) => eprintln!("incamera-peer: {trouble}"),
                Event::Figures(stats) => self.stats = stats,
                Event::Ended(why) => self.ended = Some(why),
                _ => {}
            }
        }
        ready
    }
}

pub fn run(count: u32, media: &Media) -> Result<(), SessionError> {
    let quit = Quit::on_signals().map_err(SessionError::Signals)?;
    session::make_folder(media)?;
    let media = media.clone().with_test_sources();
    let mut people = Vec::new();
    let mut invitation = None;
    for n in 1..=count {
        let engine = session::start(format!("Person {n}"), &media)?;
        let mut person = Person { engine, stats: Stats::default(), ended: None };
        match &invitation {
            None => {
                person.engine.wish(Wish::Create { title: "Mesh".into() });
                while invitation.is_none() && person.ended.is_none() && !quit.asked() {
                    invitation = person.take_events();
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            Some(invitation) => person.engine.wish(Wish::Join { invitation: invitation.clone() }),
        }
        people.push(person);
    }
    let deadline = Instant::now().checked_add(media.seconds().unwrap_or(SECONDS));
    while !quit.asked() && deadline.is_none_or(|d| Instant::now() < d) {
        std::thread::sleep(Duration::from_millis(20));
        for person in &mut people {
            person.take_events();
        }
        match people.iter().filter_map(|p| p.ended).find(|why| *why != EndedBecause::Left) {
            Some(EndedBecause::JoinFailed(why)) => return Err(why.into()),
            Some(_) => return Err(SessionError::Engine),
            None => {}
        }
    }
    finish(&mut people);
    let mut figures = Figures { people: people.into_iter().map(|p| p.stats).collect() };
    for stats in &mut figures.people {
        stats.cpu_seconds /= f64::from(count);
    }
    match &media.stats {
        Some(path) => session::write_figures(path, &figures),
        None => {
            println!("{}", serde_json::to_string(&figures).map_err(|why| SessionError::Figures(why.into()))?);
            Ok(())
        }
    }
}

/// Everybody leaves with a goodbye.
fn finish(people: &mut [Person]) {
    for person in people.iter_mut() {
        person.take_events();
        person.engine.wish(Wish::Leave);
    }
    let deadline = Instant::now() + Duration::from_secs(4);
    while people.iter().any(|p| p.ended.is_none()) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
        for person in people.iter_mut() {
            person.take_events();
        }
    }
}
