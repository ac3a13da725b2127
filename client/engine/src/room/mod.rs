//! A room as a synchronous state machine: links, group and media of one person in one room.
//!
//! Time and bytes come in through [`Room::handle`], actions come out of [`Room::poll`]. The contract is str0m's: after
//! every `handle`, poll until `None`, then call again no later than [`Room::deadline`].

mod asking;
mod error;
mod figures;
mod input;
mod link;
mod output;
mod own;
mod pairs;

mod joining;

mod call;
mod chat;
mod door;
mod links;
mod media;
mod roster;
mod trust;

mod about;
mod budget;
mod company;
pub(crate) mod content;
mod guest;
pub(crate) mod keep;
pub(crate) mod meter;
pub(crate) mod numbers;
mod rows;
mod size;
mod status;
mod view;
pub(crate) mod wire;

mod inside;

#[cfg(feature = "hostile")]
mod hostile;

#[cfg(any(test, feature = "simulation"))]
pub(crate) mod simulation;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use group_crypto::{Agreement, Group, MemberId};

use crate::{
    api::{JoinFailed, OverBecause, RoomKind},
    invitation::Invitation,
};
use about::is_fine_title;
use inside::{IDLE_HOUSEKEEPING, Inside};
use joining::Joining;
use keep::{Keep, Stored};
use size::most_members;
use wire::MAX_TITLE;

pub(crate) use chat::checked_text;
pub(crate) use error::RoomError;
pub(crate) use figures::{RoomFigures, Summary};
pub(crate) use input::{DialError, Input};
pub(crate) use link::LinkId;
pub(crate) use links::Whose;
pub(crate) use media::KeepsUpWith;
pub(crate) use output::Output;
pub(crate) use own::Own;
pub(crate) use pairs::{Pair, Whom};

/// How often the room looks at its slow timers while something goes on in it; else it is [`IDLE_HOUSEKEEPING`].
const HOUSEKEEPING: Duration = Duration::from_millis(50);

pub(crate) struct Room {
    phase: Phase,
    out: VecDeque<Output>,
    next_look: Instant,
}

#[expect(clippy::large_enum_variant, reason = "there is one room per person")]
enum Phase {
    Joining(Joining),
    Inside(Inside),
    Over(Option<Summary>, Vec<RoomFigures>),
}

impl Room {
    /// Founds a room with ourselves in it.
    pub fn found(now: Instant, own: Own, kind: RoomKind, title: String) -> Result<Self, RoomError> {
        let title = title.trim().to_owned();
        if !is_fine_title(&title) {
            return Err(RoomError::BadTitle);
        }
        let group = Group::create(own.card(), own.suite()).map_err(|_| RoomError::Keys)?;
        let mut out = VecDeque::new();
        let inside = Inside::new(now, own, group, kind, title, &mut out);
        Ok(Self { phase: Phase::Inside(inside), out, next_look: now })
    }

    /// Sets out to join the invitation's room.
    pub fn join(now: Instant, own: Own, invitation: Invitation) -> Result<Self, RoomError> {
        let mut out = VecDeque::new();
        let joining = Joining::new(now, own, invitation, &mut out).map_err(|_| RoomError::Keys)?;
        Ok(Self { phase: Phase::Joining(joining), out, next_look: now })
    }

    /// Goes on with a room that was kept.
    pub fn restore(now: Instant, own: Own, mut stored: Stored) -> Result<Self, RoomError> {
        let most = most_members(stored.details.kind);
        let history = std::mem::take(&mut stored.history);
        let agreement = Agreement::restore(&stored.group, history, own.card(), most).map_err(|_| RoomError::Kept)?;
        let mut out = VecDeque::new();
        let inside = Inside::restore(now, own, agreement, stored, &mut out);
        Ok(Self { phase: Phase::Inside(inside), out, next_look: now })
    }

    /// What must be durable, all or nothing, before the outputs of [`Self::poll`] are carried out.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        let mut kept = Vec::new();
        self.fence(|room| {
            if let Phase::Inside(inside) = &mut room.phase {
                kept = inside.take_kept();
            }
        });
        kept
    }

    /// Own lines behind this one are to be read from the disk and handed in as [`Input::Lines`].
    pub fn wanted_lines(&mut self) -> Option<u64> {
        if let Phase::Inside(inside) = &mut self.phase { inside.chat.take_wanted() } else { None }
    }

    /// Whether this output only follows from what the member said: it shows or confirms it.
    pub fn follows_from(&self, member: MemberId, output: &Output) -> bool {
        matches!(&self.phase, Phase::Inside(inside) if inside.follows_from(member, output))
    }

    fn inside(&self) -> Option<&Inside> {
        if let Phase::Inside(inside) = &self.phase { Some(inside) } else { None }
    }

    /// Takes in what has happened. A panic, which is a bug of ours, ends this room and nothing else.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.fence(|room| room.take_in(now, input));
    }

    /// Where `act` panics the room is over: nothing of what was half done is kept, or leaves.
    fn fence(&mut self, act: impl FnOnce(&mut Self)) {
        // Nothing of the phase is looked at again after a panic, so it does not matter how it was left.
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            tracing::error!("a room failed; it is over, and what is kept of it stays");
            self.out.clear();
            self.phase = Phase::Over(None, Vec::new());
            self.out.push_back(Output::Over(OverBecause::Failed));
        }
    }

    fn take_in(&mut self, now: Instant, input: Input<'_>) {
        // While joining, every input looks at the timers; inside, only a timeout does.
        let looks = matches!(input, Input::Timeout) || matches!(self.phase, Phase::Joining(_));
        match &mut self.phase {
            Phase::Joining(joining) => match joining.handle(now, input, &mut self.out) {
                joining::Step::Wait => {}
                joining::Step::Failed(why) => self.end(OverBecause::JoinFailed(why)),
                joining::Step::Left => self.end(OverBecause::Left),
                joining::Step::Admitted(link, admitted) => self.enter(now, link, admitted),
            },
            Phase::Inside(inside) => {
                let over = inside.handle(now, input, &mut self.out);
                // Here and not when they are polled: what they do to the group is to be kept before they leave.
                if inside.links.are_passed_on() {
                    let outputs = std::mem::take(&mut self.out);
                    self.out = outputs.into_iter().filter_map(|output| inside.reroute(now, output)).collect();
                }
                if let Some(why) = over {
                    inside.show_what_changed(&mut self.out);
                    self.end(why);
                }
            }
            Phase::Over(..) => {}
        }
        if looks && self.next_look <= now {
            let idle = matches!(&self.phase, Phase::Inside(inside) if !inside.is_busy(now));
            self.next_look = now + if idle { IDLE_HOUSEKEEPING } else { HOUSEKEEPING };
        } else if !looks && self.next_look > now + HOUSEKEEPING {
            // Something happened: what follows from it is looked after soon.
            self.next_look = now + HOUSEKEEPING;
        }
    }

    /// The next thing to do. What has changed about members is shown last, once for all inputs before.
    pub fn poll(&mut self) -> Option<Output> {
        if self.out.is_empty() {
            self.fence(|room| {
                if let Phase::Inside(inside) = &mut room.phase {
                    inside.show_what_changed(&mut room.out);
                }
            });
        }
        self.out.pop_front()
    }

    /// When to hand in [`Input::Timeout`] at the latest.
    pub fn deadline(&self) -> Instant {
        let inside = self.inside().and_then(Inside::deadline);
        inside.map_or(self.next_look, |deadline| deadline.min(self.next_look))
    }

    fn enter(&mut self, now: Instant, link: LinkId, mut admitted: joining::Admitted) {
        let Phase::Joining(joining) = std::mem::replace(&mut self.phase, Phase::Over(None, Vec::new())) else {
            return;
        };
        let title = &mut admitted.title;
        if title.len() > MAX_TITLE {
            return self.end(OverBecause::JoinFailed(JoinFailed::Malformed));
        }
        // Of a room that was founded by an older rule.
        if !is_fine_title(title) {
            *title = group_crypto::plain_name(title);
        }
        match joining.enter(now, link, admitted, &mut self.out) {
            Ok(inside) => self.phase = Phase::Inside(inside),
            Err(why) => self.end(OverBecause::JoinFailed(why)),
        }
    }

    fn end(&mut self, why: OverBecause) {
        self.phase = Phase::Over(self.summary(), self.figures());
        self.out.push_back(Output::Over(why));
    }
}
