//! What happens to people by chance: they join, leave, are removed and crash.

use std::time::{Duration, Instant};

use super::{
    World,
    person::{Person, Stage},
};
use crate::error::PeerError;

/// A crash lasts from the one to the other.
const AWAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(4));

#[derive(Clone, Copy)]
enum What {
    Join,
    Leave,
    Remove,
    Crash,
}

impl World {
    /// One thing by chance, of those that keep the room between its bounds.
    pub(super) fn happen(&mut self) -> Result<(), PeerError> {
        let going = |p: &&Person| matches!(p.stage, Stage::Leaves { .. } | Stage::Gone);
        let members = self.people.len() - self.people.iter().filter(going).count();
        let mut possible = Vec::new();
        if members < self.count {
            possible.push(What::Join);
        }
        if self.inside().len() > self.least {
            possible.extend([What::Leave, What::Remove, What::Crash]);
        }
        match self.dice.one_of(&possible) {
            Some(What::Join) => self.join()?,
            Some(What::Leave) => self.leave(),
            Some(What::Remove) => self.remove(),
            Some(What::Crash) => self.crash(),
            None => {}
        }
        Ok(())
    }

    pub(super) fn join(&mut self) -> Result<(), PeerError> {
        let stage = Stage::Asks { whom: 0, since: Instant::now() };
        let mut newcomer = self.next_person(stage)?;
        newcomer.stage = self.ask(newcomer.number);
        self.people.push(newcomer);
        Ok(())
    }

    /// Asks somebody who is in for an invitation.
    pub(super) fn ask(&mut self, asker: u32) -> Stage {
        let inside = self.inside();
        let whom = self.dice.one_of(&inside).unwrap_or(0);
        if let Some(host) = self.person(whom) {
            host.invite();
        }
        self.report.happened("asks to join", asker, Some(whom));
        Stage::Asks { whom, since: Instant::now() }
    }

    fn leave(&mut self) {
        let inside = self.inside();
        let Some(number) = self.dice.one_of(&inside) else {
            return;
        };
        if let Some(p) = self.person(number) {
            p.leave();
            p.stage = Stage::Leaves { removed: false, since: Instant::now() };
            self.report.churn.counts.leaves += 1;
            self.report.happened("leaves", number, None);
        }
        self.goes(number);
    }

    fn remove(&mut self) {
        let inside = self.inside();
        let Some(number) = self.dice.one_of(&inside) else {
            return;
        };
        let Some(member) = self.person(number).and_then(|p| p.me) else {
            return;
        };
        let know = |p: &&Person| p.stage == Stage::In && p.sees.contains_key(&member);
        let knowing: Vec<_> = self.people.iter().filter(know).map(|p| p.number).collect();
        let Some(by) = self.dice.one_of(&knowing) else {
            return;
        };
        if let Some(by) = self.person(by) {
            by.remove(member);
        }
        if let Some(p) = self.person(number) {
            p.stage = Stage::Leaves { removed: true, since: Instant::now() };
        }
        self.report.churn.counts.removals += 1;
        self.report.happened("is removed", number, Some(by));
        self.goes(number);
    }

    fn goes(&mut self, number: u32) {
        if let Some(p) = self.people.iter().find(|p| p.number == number) {
            self.report.goes(Instant::now(), p, &self.people);
        }
    }

    fn crash(&mut self) {
        let inside = self.inside();
        let Some(number) = self.dice.one_of(&inside) else {
            return;
        };
        let away = self.dice.between(AWAY.0, AWAY.1);
        self.report.happened("crashes", number, None);
        let Some(p) = self.person(number) else {
            return;
        };
        let stats = p.stats.clone();
        p.crash();
        p.stage = Stage::Crashed { back_at: Instant::now() + away };
        self.report.take(&stats);
        self.report.churn.counts.crashes += 1;
    }
}
