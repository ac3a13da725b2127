//! N complete peers in one process, each with its own engine, keys, sockets and codecs.

use std::time::{Duration, Instant};

use engine::{
    Engine,
    api::{Ended, Event, Network, OverBecause, RoomEvent, RoomKind, RoomWish, Wish},
    invitation::Invitation,
    stats::Stats,
};
use serde::Serialize;

use crate::{
    arguments::{Global, Media},
    console::Quit,
    error::PeerError,
    output, session,
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
    over: Option<OverBecause>,
    ended: bool,
}

impl Person {
    /// Takes in what happened; gives back an invitation if one came. The first of all invites the others.
    fn take_events(&mut self, invites: bool) -> Option<Invitation> {
        let mut ready = None;
        while let Some(event) = self.engine.next_event() {
            match event {
                Event::Room { room, what: RoomEvent::Entered { .. } } if invites => {
                    self.engine.wish(Wish::InRoom { room, wish: RoomWish::Invite(session::OPEN) });
                }
                Event::Room { what: RoomEvent::InvitationReady { invitation, .. }, .. } => ready = Some(invitation),
                Event::Room { what: RoomEvent::Over(why), .. } => self.over = Some(why),
                Event::Trouble(trouble) => output::complain(&trouble),
                Event::Figures(stats) => self.stats = stats,
                Event::Ended(how) => {
                    self.ended = true;
                    if how == Ended::Failed {
                        self.over = Some(OverBecause::Failed);
                    }
                }
                _ => {}
            }
        }
        ready
    }
}

pub fn run(count: u32, global: &Global, media: &Media) -> Result<(), PeerError> {
    let quit = Quit::on_signals().map_err(PeerError::Signals)?;
    session::make_folder(media)?;
    let network = global.network_or(Network::Local)?;
    let media = media.clone().with_test_sources();
    let mut people = Vec::new();
    let mut invitation = None;
    for n in 1..=count {
        let engine = session::start(format!("Person {n}"), network.clone(), true, &media)?;
        let mut person = Person { engine, stats: Stats::default(), over: None, ended: false };
        match &invitation {
            None => {
                person.engine.wish(Wish::Found { title: "Mesh".into(), kind: RoomKind::Ephemeral });
                while invitation.is_none() && person.over.is_none() && !quit.asked() {
                    invitation = person.take_events(true);
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            Some(invitation) => person.engine.wish(Wish::Redeem { invitation: invitation.clone() }),
        }
        people.push(person);
    }
    let deadline = Instant::now().checked_add(media.seconds().unwrap_or(SECONDS));
    while !quit.asked() && deadline.is_none_or(|d| Instant::now() < d) {
        std::thread::sleep(Duration::from_millis(20));
        for person in &mut people {
            person.take_events(false);
        }
        match people.iter().find_map(|p| p.over) {
            Some(OverBecause::JoinFailed(why)) => return Err(why.into()),
            Some(_) => return Err(PeerError::Engine),
            None => {}
        }
    }
    finish(&mut people);
    let mut figures = Figures { people: people.into_iter().map(|p| p.stats).collect() };
    for stats in &mut figures.people {
        stats.cpu_seconds /= f64::from(count);
    }
    match &media.stats {
        Some(path) => output::write_figures(path, &figures),
        None => output::say_json(&figures),
    }
}

/// Everybody leaves with a goodbye.
fn finish(people: &mut [Person]) {
    for person in people.iter_mut() {
        person.take_events(false);
        person.engine.wish(Wish::Stop);
    }
    let deadline = Instant::now() + Duration::from_secs(4);
    while people.iter().any(|p| !p.ended) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
        for person in people.iter_mut() {
            person.take_events(false);
        }
    }
}
