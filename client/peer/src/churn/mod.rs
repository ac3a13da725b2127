//! N people in one kept room with a call, who join, leave, are removed, crash and come back all the time.

mod dice;
mod events;
mod figures;
mod follow;
mod person;
mod report;

use std::time::{Duration, Instant};

use engine::api::Network;
use serde::Serialize;

use crate::{
    arguments::{Churning, Global, Media},
    console::Quit,
    error::PeerError,
    output, session,
};
use dice::Dice;
use figures::Churn;
use person::{Means, Person, Stage, name};
use report::{Report, ms};

/// A room that was not told how long to churn churns for this long.
const SECONDS: Duration = Duration::from_secs(60);
const TURN: Duration = Duration::from_millis(20);
/// The first people get so long to come in.
const BEGINNING: Duration = Duration::from_secs(120);
/// What is under way when the time is over may still happen.
const UNDER_WAY: Duration = Duration::from_secs(30);
/// Then everybody gets so long to agree.
const SETTLE: Duration = Duration::from_secs(10);

#[derive(Serialize)]
struct Figures<'a> {
    people: Vec<&'a engine::stats::Stats>,
    churn: &'a Churn,
}

struct World {
    means: Means,
    people: Vec<Person>,
    count: usize,
    /// Not fewer are ever in, as far as it is ours to choose.
    least: usize,
    last_number: u32,
    dice: Dice,
    report: Report,
}

pub fn run(count: u32, rate: u32, churning: &Churning, global: &Global, media: &Media) -> Result<(), PeerError> {
    if count < 3 {
        return Err(PeerError::TooFewToChurn);
    }
    let quit = Quit::on_signals().map_err(PeerError::Signals)?;
    session::make_folder(media)?;
    let folder = media::private_file::temporary_folder().map_err(PeerError::TemporaryFolder)?;
    let media = media.clone().with_test_sources();
    let seed = churning.seed()?;
    output::complain(&format_args!("the seed is {seed}"));
    let network = global.network_or(Network::Local)?;
    let mut world = World {
        means: Means { folder: folder.path().to_owned(), network, media: media.settings() },
        people: Vec::new(),
        count: count as usize,
        least: (count as usize - 2).max(2),
        last_number: 0,
        dice: Dice::new(seed),
        report: Report::new(Instant::now(), seed, rate, churning.churn_events),
    };
    world.begin(&quit)?;
    world.churn(&quit, Duration::from_secs(60) / rate, media.seconds().unwrap_or(SECONDS))?;
    world.settle(&quit)?;
    world.finish();
    let inside = world.people.iter_mut().filter(|p| p.stage == Stage::In);
    let mut stats: Vec<_> = inside.map(|p| &mut p.stats).collect();
    for stats in &mut stats {
        stats.cpu_seconds /= f64::from(count);
    }
    let figures = Figures { people: stats.into_iter().map(|stats| &*stats).collect(), churn: &world.report.churn };
    match &media.stats {
        Some(path) => output::write_figures(path, &figures),
        None => output::say_json(&figures),
    }
}

impl World {
    /// Everybody comes in.
    fn begin(&mut self, quit: &Quit) -> Result<(), PeerError> {
        let founder = self.next_person(Stage::Founds)?;
        founder.found();
        self.people.push(founder);
        let deadline = Instant::now() + BEGINNING;
        while !quit.asked() {
            self.turn()?;
            let inside = self.inside().len();
            if inside == self.count {
                break;
            }
            if Instant::now() > deadline {
                return Err(PeerError::NotInTime);
            }
            // One after the other: this is not measured.
            if inside > 0 && inside == self.people.len() {
                self.join()?;
            }
        }
        let now = Instant::now();
        let Churn { seed, events_per_minute, ref events, .. } = self.report.churn;
        self.report = Report::new(now, seed, events_per_minute, events.is_some());
        Ok(())
    }

    fn churn(&mut self, quit: &Quit, average: Duration, length: Duration) -> Result<(), PeerError> {
        let end = Instant::now().checked_add(length);
        let mut next = Instant::now() + self.dice.pause(average);
        while !quit.asked() && end.is_none_or(|end| Instant::now() < end) {
            self.turn()?;
            while Instant::now() >= next {
                next += self.dice.pause(average);
                self.happen()?;
            }
        }
        self.report.churn.seconds = self.report.began.elapsed().as_secs_f64();
        Ok(())
    }

    /// Lets what is under way happen, and then everybody agree.
    fn settle(&mut self, quit: &Quit) -> Result<(), PeerError> {
        let limit = Instant::now() + UNDER_WAY;
        while !quit.asked() && Instant::now() < limit && self.is_under_way() {
            self.turn()?;
        }
        let last = Instant::now();
        while !quit.asked() && last.elapsed() < SETTLE {
            self.turn()?;
            // What was told before the last event says nothing.
            let fresh = self.people.iter().all(|p| p.told_at.is_some_and(|at| at > last));
            if fresh && self.report.compare(&self.people) && self.report.are_apart(Instant::now()).is_empty() {
                self.report.churn.at_end.settled_after_ms = Some(ms(last.elapsed()));
                break;
            }
        }
        self.report.compare(&self.people);
        let apart = self.report.are_apart(Instant::now());
        self.report.churn.apart.apart_at_end = apart.len() as u32;
        for (who, of, since) in apart {
            let state = self.state(who, of);
            self.report.trouble(format!("{} and {} end apart after {} ms: {state}", name(who), name(of), ms(since)));
        }
        self.report.tell_of_rosters(&self.people);
        for (who, of, since) in self.report.ghosts(Instant::now()) {
            let (who, of, since) = (name(who), name(of), ms(since));
            self.report.churn.rekeys.slow_rekeys += 1;
            self.report.trouble(format!("{who} ends in an epoch with {of}, who went {since} ms ago"));
        }
        for p in &self.people {
            if p.stage != Stage::In {
                let what = format!("{} is not in at the end", name(p.number));
                self.report.trouble(what);
            }
        }
        Ok(())
    }

    fn is_under_way(&self) -> bool {
        self.people.iter().any(|p| p.stage != Stage::In)
    }

    /// Everybody stops; whose figures were not taken yet are taken now.
    fn finish(&mut self) {
        for p in &mut self.people {
            p.stop();
        }
        while self.people.iter().any(|p| !p.has_stopped()) {
            std::thread::sleep(TURN);
            for p in &mut self.people {
                p.take_events();
            }
        }
        for p in &self.people {
            self.report.take(&p.stats);
        }
    }

    /// What `who` shows of `of`, for whoever looks for the cause.
    fn state(&self, who: u32, of: u32) -> String {
        let find = |number| self.people.iter().find(|p| p.number == number);
        let seen = find(who).zip(find(of).and_then(|of| of.me)).and_then(|(who, of)| who.sees.get(&of));
        match seen {
            Some(seen) => {
                let (presence, keys) = (seen.presence, seen.keys);
                format!("{presence:?}, in call {}, connected {}, keys {keys:?}", seen.in_call, seen.connected)
            }
            None => "not known as a member".to_owned(),
        }
    }

    fn next_person(&mut self, stage: Stage) -> Result<Person, PeerError> {
        self.last_number += 1;
        Person::new(self.last_number, &self.means, stage)
    }

    fn inside(&self) -> Vec<u32> {
        self.people.iter().filter(|p| p.stage == Stage::In).map(|p| p.number).collect()
    }

    fn person(&mut self, number: u32) -> Option<&mut Person> {
        self.people.iter_mut().find(|p| p.number == number)
    }

    /// A moment: what people tell, what follows from it, and how they stand.
    fn turn(&mut self) -> Result<(), PeerError> {
        std::thread::sleep(TURN);
        for p in &mut self.people {
            p.take_events();
        }
        let now = Instant::now();
        for number in self.people.iter().map(|p| p.number).collect::<Vec<_>>() {
            self.follow(now, number)?;
        }
        let (gone, people) =
            std::mem::take(&mut self.people).into_iter().partition(|p| p.stage == Stage::Gone && p.has_stopped());
        self.people = people;
        for p in Vec::from_iter(gone) {
            let stats = Person::clear_away(p);
            self.report.take(&stats);
        }
        self.report.look(now, &self.people);
        self.report.look_for_ghosts(now, &self.people);
        Ok(())
    }
}
