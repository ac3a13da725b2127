//! Outside the door: dialling the invitation's maker, showing the key package, waiting for the Welcome.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Joiner, Suite};

use super::{
    Input, LinkId, Output, Own,
    inside::Inside,
    send,
    wire::{self, LinkMessage, Refusal},
};
use crate::{api::JoinFailed, invitation::Invitation};

/// How long a join may take in all.
const PATIENCE: Duration = Duration::from_secs(15);
/// A dial that failed is tried again after this: the maker may just be starting.
const REDIAL: Duration = Duration::from_millis(500);

pub(super) struct Joining {
    own: Own,
    invitation: Invitation,
    joiner: Joiner,
    started: Instant,
    redial_at: Option<Instant>,
    link: Option<LinkId>,
    reached: bool,
    /// Links that other members opened before our Welcome came, and what they said: at most 16 links, 16 messages each.
    early: Vec<EarlyLink>,
}

struct EarlyLink {
    link: LinkId,
    endpoint: [u8; 32],
    said: Vec<Vec<u8>>,
}

pub(super) enum Step {
    Wait,
    Failed(JoinFailed),
    Left,
    Admitted { link: LinkId, welcome: Vec<u8>, title: String },
}

impl Joining {
    pub fn new(
        now: Instant,
        own: Own,
        invitation: Invitation,
        out: &mut VecDeque<Output>,
    ) -> Result<Self, group_crypto::JoinerError> {
        let joiner = Joiner::new(own.card.clone(), Suite::PostQuantum)?;
        let mut joining = Self {
            own,
            invitation,
            joiner,
            started: now,
            redial_at: None,
            link: None,
            reached: false,
            early: Vec::new(),
        };
        joining.dial(out);
        Ok(joining)
    }

    fn dial(&mut self, out: &mut VecDeque<Output>) {
        let wall = &self.own.wall;
        let addresses: Vec<_> = self.invitation.addresses.iter().copied().filter(|a| wall.permits(*a)).collect();
        if !addresses.is_empty() {
            out.push_back(Output::Dial { endpoint: self.invitation.endpoint, addresses });
        }
    }

    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Step {
        if !self.invitation.addresses.iter().any(|a| self.own.wall.permits(*a)) {
            return Step::Failed(JoinFailed::OutsideNetwork);
        }
        match input {
            Input::LinkOpened { link, endpoint, dialled: true } if endpoint == self.invitation.endpoint => {
                self.link = Some(link);
                self.reached = true;
                let key_package = self.joiner.key_package().to_vec();
                let tag = self.invitation.secret.tag(&key_package);
                let invitation = self.invitation.secret.id().0;
                send(out, link, &LinkMessage::Join { invitation, tag, post_quantum: true, key_package });
            }
            Input::LinkOpened { link, endpoint, dialled: false } if self.early.len() < super::MAX_MEMBERS => {
                self.early.push(EarlyLink { link, endpoint, said: Vec::new() });
            }
            Input::LinkOpened { link, .. } => out.push_back(Output::Close { link }),
            Input::LinkMessage { link, bytes } if self.link == Some(link) => return read(link, &bytes),
            Input::LinkMessage { link, bytes } => {
                if let Some(early) = self.early.iter_mut().find(|e| e.link == link)
                    && early.said.len() < 16
                {
                    early.said.push(bytes);
                }
            }
            Input::LinkClosed { link } if self.link == Some(link) => {
                self.link = None;
                self.redial_at = Some(now + REDIAL);
            }
            Input::LinkClosed { link } => self.early.retain(|e| e.link != link),
            Input::DialFailed { .. } => self.redial_at = Some(now + REDIAL),
            Input::Streams { camera_on, microphone_on } => {
                self.own.camera_on = camera_on;
                self.own.microphone_on = microphone_on;
            }
            Input::Leave => return Step::Left,
            _ => {}
        }
        if self.redial_at.is_some_and(|at| at <= now) {
            self.redial_at = None;
            self.dial(out);
        }
        if now >= self.started + PATIENCE {
            return Step::Failed(if self.reached { JoinFailed::TimedOut } else { JoinFailed::Unreachable });
        }
        Step::Wait
    }

    /// Takes the Welcome and goes in.
    pub fn enter(
        self,
        now: Instant,
        link: LinkId,
        welcome: &[u8],
        title: String,
        out: &mut VecDeque<Output>,
    ) -> Result<Inside, JoinFailed> {
        let group = self.joiner.join(welcome, &self.invitation.secret).map_err(|_| JoinFailed::Malformed)?;
        let mut inside = Inside::new(now, self.own, group, title, out);
        inside.link_opened(now, link, self.invitation.endpoint, true, out);
        for early in self.early {
            inside.link_opened(now, early.link, early.endpoint, false, out);
            for bytes in early.said {
                inside.link_message(now, early.link, bytes, out);
            }
        }
        Ok(inside)
    }
}

fn read(link: LinkId, bytes: &[u8]) -> Step {
    match wire::decode(bytes) {
        Some(LinkMessage::Admitted { welcome, title }) => Step::Admitted { link, welcome, title },
        Some(LinkMessage::Refused(Refusal::Invalid)) => Step::Failed(JoinFailed::Refused),
        Some(LinkMessage::Refused(Refusal::Full)) => Step::Failed(JoinFailed::Full),
        _ => Step::Failed(JoinFailed::Malformed),
    }
}
