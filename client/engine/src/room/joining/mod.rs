//! Outside the door: dialling the invitation's maker, showing the key package, waiting for the Welcome.

mod answer;
mod early;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Joiner, JoinerError, Suite};

use self::{answer::Answer, early::EarlyLinks};
use super::{DialError, Input, LinkId, Output, Own, Pair, Whom, inside::Inside, output::send, wire::LinkMessage};
use crate::{
    api::{JoinFailed, RoomEvent, RoomKind, Route},
    invitation::Invitation,
    rendezvous::{Secret, Side, Whereabouts},
};

/// How long a join may take in all.
const PATIENCE: Duration = Duration::from_secs(15);
/// And where the maker may have to be searched for first.
const SEARCHING: Duration = Duration::from_secs(90);
/// And once we are told to wait for somebody to let us in.
const WAITING: Duration = Duration::from_secs(660);
/// Something of another version answers where the maker should be: they may be elsewhere, and found by then.
const ELSEWHERE: Duration = Duration::from_secs(4);
/// A dial that failed is tried again after this: the maker may just be starting.
const REDIAL: Duration = Duration::from_millis(500);

pub(super) use self::answer::Admitted;

pub(super) struct Joining {
    own: Own,
    invitation: Invitation,
    joiner: Joiner,
    /// Whose key package it is: the classical one's only where there is nothing better, here or there.
    suite: Suite,
    started: Instant,
    redial_at: Option<Instant>,
    /// Since when something answers there that speaks another version.
    other_version: Option<Instant>,
    /// Where the invitation's maker is, as far as we know.
    at: Whereabouts,
    link: Option<LinkId>,
    route: Option<Route>,
    reached: bool,
    waiting: bool,
    /// On this link they have said that we are to wait.
    told_to_wait: Option<LinkId>,
    /// They have given another invitation for the one that we took up.
    is_redirected: bool,
    /// Links that other members opened before our Welcome came.
    early: EarlyLinks,
}

/// What becomes of the room.
pub(super) enum Step {
    Wait,
    Failed(JoinFailed),
    Left,
    Admitted(LinkId, Admitted),
}

impl Joining {
    pub fn new(
        now: Instant,
        own: Own,
        invitation: Invitation,
        out: &mut VecDeque<Output>,
    ) -> Result<Self, JoinerError> {
        let suite = own.suite();
        let joiner = Joiner::new(own.card(), suite)?;
        out.push_back(Output::Event(RoomEvent::Entering));
        let mut joining = Self {
            own,
            at: invitation.whereabouts.clone(),
            invitation,
            joiner,
            suite,
            started: now,
            redial_at: None,
            other_version: None,
            link: None,
            route: None,
            reached: false,
            waiting: false,
            told_to_wait: None,
            is_redirected: false,
            early: EarlyLinks::default(),
        };
        joining.dial(out);
        Ok(joining)
    }

    fn dial(&mut self, out: &mut VecDeque<Output>) {
        out.push_back(Output::Dial { to: self.at.clone(), is_hearsay: false });
    }

    fn ask(&self, link: LinkId, out: &mut VecDeque<Output>) {
        let key_package = self.joiner.key_package().to_vec();
        let tag = self.invitation.secret.tag(&key_package);
        let invitation = self.invitation.secret.id().0;
        let post_quantum = self.suite == Suite::PostQuantum;
        send(out, link, &LinkMessage::Join { invitation, tag, post_quantum, key_package });
    }

    fn use_suite(&mut self, suite: Suite) -> Result<(), JoinerError> {
        if self.suite != suite {
            (self.joiner, self.suite) = (Joiner::new(self.own.card(), suite)?, suite);
        }
        Ok(())
    }

    pub fn kind(&self) -> RoomKind {
        self.invitation.kind()
    }

    pub fn pair(&self) -> Option<Pair> {
        let secret = Secret::from_bytes(*self.invitation.secret.as_bytes());
        let present = self.link.is_some();
        Some(Pair { whom: Whom::Inviter, secret, side: Side::Higher, present, wanted: !present })
    }

    fn may_lead_anywhere(&self) -> bool {
        let reachable = self.at.addresses.iter().any(|a| self.own.wall.permits_told(*a));
        reachable
            || self
                .at
                .relays
                .iter()
                .any(|relay| relay.parse().is_ok_and(|relay| self.own.wall.permits_told_relay(&relay)))
            || self.own.searches
    }

    /// Takes in what has happened.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Step {
        if self.invitation.is_over(self.own.clock.unix_ms(now)) && !self.waiting {
            return Step::Failed(JoinFailed::Expired);
        }
        if !self.may_lead_anywhere() {
            return Step::Failed(JoinFailed::OutsideNetwork);
        }
        match input {
            Input::LinkMessage { link, bytes } if self.link == Some(link) => match self.on_answer(link, &bytes, out) {
                Ok(Some(admitted)) => return Step::Admitted(link, admitted),
                Ok(None) => {}
                Err(why) => return Step::Failed(why),
            },
            Input::Leave => return Step::Left,
            Input::Moved { at, wall } => (self.own.at, self.own.wall) = (at, wall),
            Input::Clock(clock) => self.own.clock = clock,
            Input::Streams { camera_on, microphone_on, screen_on } => {
                self.own.camera_on = camera_on;
                self.own.microphone_on = microphone_on;
                self.own.screen_on = screen_on;
            }
            input => self.on_link_input(now, input, out),
        }
        if self.redial_at.is_some_and(|at| at <= now) {
            self.redial_at = None;
            self.dial(out);
        }
        self.out_of_patience(now).map_or(Step::Wait, Step::Failed)
    }

    /// What happens to the link with the invitation's maker, and to those that others open.
    fn on_link_input(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) {
        match input {
            Input::LinkOpened { link, endpoint, dialled: true }
                if endpoint == self.at.endpoint && self.link.is_none() =>
            {
                self.link = Some(link);
                self.other_version = None;
                self.reached = true;
                self.ask(link, out);
            }
            Input::LinkOpened { link, endpoint, dialled: false } if self.early.open(link, endpoint) => {}
            Input::LinkOpened { link, .. } => out.push_back(Output::Close { link }),
            Input::LinkMessage { link, bytes } => self.early.on_message(link, bytes),
            Input::LinkRoute { link, route } if self.link == Some(link) => self.route = Some(route),
            Input::LinkRoute { link, route } => self.early.on_route(link, route),
            Input::LinkClosed { link } if self.link == Some(link) => {
                (self.link, self.route) = (None, None);
                self.redial_at = Some(now + REDIAL);
            }
            Input::LinkClosed { link } => self.early.close(link),
            Input::DialFailed { endpoint, why } if endpoint == self.at.endpoint => {
                if why == DialError::OtherVersion {
                    self.other_version.get_or_insert(now);
                }
                self.redial_at = Some(now + REDIAL);
            }
            Input::Found { whom: Whom::Inviter, at } if self.link.is_none() => {
                self.at = at;
                self.redial_at = None;
                self.dial(out);
            }
            Input::NetworkChanged if self.link.is_none() => self.redial_at = Some(now),
            _ => {}
        }
    }

    /// What the invitation's maker answers. Gives what they say when they let us in.
    fn on_answer(
        &mut self,
        link: LinkId,
        bytes: &[u8],
        out: &mut VecDeque<Output>,
    ) -> Result<Option<Admitted>, JoinFailed> {
        match Answer::read(bytes)? {
            Answer::Admitted(admitted) => return Ok(Some(admitted)),
            Answer::Unknown => {}
            Answer::Wait => {
                // Each costs whoever looks at the room; once on a link is enough.
                if self.told_to_wait.replace(link) == Some(link) {
                    return Err(JoinFailed::Malformed);
                }
                if !std::mem::replace(&mut self.waiting, true) {
                    out.push_back(Output::Event(RoomEvent::Waiting));
                }
            }
            Answer::Instead(invitation) => {
                // An invitation that was taken up to become a contact becomes one, and nothing else does. It leads on only once,
                // so that nobody sends us from place to place.
                if !self.invitation.is_contact() || std::mem::replace(&mut self.is_redirected, true) {
                    return Err(JoinFailed::Malformed);
                }
                // Another endpoint of the same person's: the door of a room of our own.
                out.push_back(Output::Close { link });
                (self.link, self.route, self.at) = (None, None, invitation.whereabouts.clone());
                self.invitation = *invitation;
                self.use_suite(self.own.suite()).map_err(|_| JoinFailed::Malformed)?;
                self.dial(out);
            }
            Answer::Classically => {
                // Nobody is asked for less a second time.
                if self.suite == Suite::Classical || self.use_suite(Suite::Classical).is_err() {
                    return Err(JoinFailed::Malformed);
                }
                // They may have to wait with other keys, too.
                self.told_to_wait = None;
                self.ask(link, out);
            }
        }
        Ok(None)
    }

    /// Why it took too long, if it did.
    fn out_of_patience(&self, now: Instant) -> Option<JoinFailed> {
        if self.other_version.is_some_and(|since| now >= since + ELSEWHERE) {
            return Some(JoinFailed::Version);
        }
        let patience = match (self.waiting, self.own.searches) {
            (true, _) => WAITING,
            (false, true) => SEARCHING,
            (false, false) => PATIENCE,
        };
        let why = if self.reached { JoinFailed::TimedOut } else { JoinFailed::Unreachable };
        (now >= self.started + patience).then_some(why)
    }

    /// Takes the Welcome and goes in.
    pub fn enter(
        self,
        now: Instant,
        link: LinkId,
        Admitted { welcome, title, by }: Admitted,
        out: &mut VecDeque<Output>,
    ) -> Result<Inside, JoinFailed> {
        let group = self.joiner.join(&welcome, &self.invitation.secret).map_err(|_| JoinFailed::Malformed)?;
        let mut inside = Inside::new(now, self.own, group, self.invitation.kind(), title, out);
        let first_pair = self.invitation.secret.first_pair(inside.roster.me());
        let at = self.at;
        inside.in_links(now, out, |links, around| links.came_in_by(around, link, by, at, first_pair));
        if let Some(route) = self.route {
            inside.links.on_route(link, route);
        }
        for early in self.early.into_all() {
            inside.in_links(now, out, |links, around| links.on_opened(around, early.link, early.endpoint, false));
            if let Some(route) = early.route {
                inside.links.on_route(early.link, route);
            }
            for bytes in early.said {
                inside.in_links(now, out, |links, around| links.on_message(around, early.link, bytes));
            }
            inside.read(now, out);
        }
        Ok(inside)
    }
}
