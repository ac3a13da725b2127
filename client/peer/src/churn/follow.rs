//! What somebody's stage turns into.

use std::time::{Duration, Instant};

use engine::api::OverBecause;

use super::{
    World,
    person::{Person, Stage, name},
    report::ms,
};
use crate::error::PeerError;

/// Whoever was asked for an invitation and has not given one by then has gone.
const ASKED: Duration = Duration::from_secs(3);
/// Somebody who is not in by then never will be.
const ENTERING: Duration = Duration::from_secs(40);
/// Somebody who was removed should know by then.
const UNAWARE: Duration = Duration::from_secs(10);

impl World {
    /// What somebody's stage turns into.
    pub(super) fn follow(&mut self, now: Instant, number: u32) -> Result<(), PeerError> {
        let Some(p) = self.people.iter_mut().find(|p| p.number == number) else {
            return Ok(());
        };
        if p.ended.is_some() && p.stage != Stage::Gone {
            p.stage = Stage::Gone;
            self.report.trouble(format!("the engine of {} ended by itself", name(number)));
            return Ok(());
        }
        match p.stage {
            Stage::Founds if p.has_entered() => p.stage = Stage::In,
            Stage::Founds | Stage::Gone => {}
            Stage::Asks { whom, since } => self.follow_asking(now, number, whom, since),
            Stage::Joins { whom, since } => self.follow_join(now, number, whom, since),
            Stage::In => {
                if let Some(why) = p.over {
                    p.stop();
                    p.stage = Stage::Gone;
                    self.report.trouble(format!("{} is out, which nobody wished: {why:?}", name(number)));
                } else if p.see_to_call(now) {
                    self.report.trouble(format!("{} was thrown out of the call", name(number)));
                }
            }
            Stage::Crashed { back_at } if now >= back_at => {
                p.come_back(&self.means)?;
                p.stage = Stage::Returns { since: Instant::now() };
                self.report.happened("comes back", number, None);
            }
            Stage::Crashed { .. } => {}
            Stage::Returns { since } => self.follow_return(now, number, since),
            Stage::Leaves { removed, since } => self.follow_leaving(now, number, removed, since),
        }
        Ok(())
    }

    fn follow_asking(&mut self, now: Instant, number: u32, whom: u32, since: Instant) {
        let asked = self.people.iter_mut().find(|p| p.number == whom);
        let invitation = asked.and_then(Person::take_invitation);
        match (invitation, self.person(number)) {
            (Some(invitation), Some(p)) => {
                p.redeem(invitation);
                p.stage = Stage::Joins { whom, since: now };
            }
            _ if now > since + ASKED => {
                let stage = self.ask(number);
                self.stage(number, stage);
            }
            _ => {}
        }
    }

    fn follow_join(&mut self, now: Instant, number: u32, whom: u32, since: Instant) {
        let Some(p) = self.person(number) else {
            return;
        };
        if p.has_entered() {
            p.stage = Stage::In;
            p.see_to_call(now);
            self.report.churn.counts.joins += 1;
            self.report.churn.entering.max_join_ms = self.report.churn.entering.max_join_ms.max(ms(now - since));
            self.report.happened("is in", number, Some(whom));
        } else if let Some(why) = p.over {
            let host_is_in = self.inside().contains(&whom);
            self.report.churn.counts.failed_joins += 1;
            self.report.happened("fails to join", number, Some(whom));
            if host_is_in {
                let host = name(whom);
                self.report.trouble(format!("{} was not let in by {host}, who is in: {why:?}", name(number)));
            }
            let stage = self.ask(number);
            self.stage(number, stage);
        } else if now > since + ENTERING {
            p.stop();
            p.stage = Stage::Gone;
            self.report.churn.counts.failed_joins += 1;
            self.report.trouble(format!("{} waits at the door of {} for good", name(number), name(whom)));
        }
    }

    fn follow_return(&mut self, now: Instant, number: u32, since: Instant) {
        let Some(p) = self.person(number) else {
            return;
        };
        if p.has_entered() {
            p.stage = Stage::In;
            p.see_to_call(now);
            self.report.churn.counts.restarts += 1;
            self.report.churn.entering.max_return_ms = self.report.churn.entering.max_return_ms.max(ms(now - since));
            self.report.happened("is back", number, None);
        } else if p.over.is_some() || now > since + ENTERING {
            p.stop();
            p.stage = Stage::Gone;
            self.report.trouble(format!("{} never came back", name(number)));
        }
    }

    fn follow_leaving(&mut self, now: Instant, number: u32, removed: bool, since: Instant) {
        let Some(p) = self.person(number) else {
            return;
        };
        let wanted = if removed { OverBecause::Removed } else { OverBecause::Left };
        if p.over.is_some() || now > since + UNAWARE {
            let over = p.over;
            p.stop();
            p.stage = Stage::Gone;
            if over != Some(wanted) {
                self.report.trouble(format!("{} should be out ({wanted:?}) and is {over:?}", name(number)));
            }
        }
    }

    fn stage(&mut self, number: u32, stage: Stage) {
        if let Some(p) = self.person(number) {
            p.stage = stage;
        }
    }
}
