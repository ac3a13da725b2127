//! The door: invitations of ours, who comes with one, and the waiting room.
//!
//! [`Door`] checks what a stranger shows and decides; links and the group are others' business, and what it wants of them
//! comes out of [`Door::poll`].

mod hall;
mod knocks;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, time::Duration};

use group_crypto::{Card, InvitationSecret, Suite, check_key_package};

use self::knocks::{Knock, Knocks};
use super::{
    guest::{Guest, Shown},
    keep::{Keep, OpenInvitation},
    link::LinkId,
    wire::Refusal,
};
use crate::{
    api::{InvitationId, KnockId, RoomEvent, RoomKind, Terms},
    invitation::Invitation,
};

pub(super) use self::hall::Hall;

/// Invitations that can be taken up at once; beyond it the oldest is withdrawn.
const OUTSTANDING: usize = 64;
/// Nobody waits for longer.
pub(super) const KNOCKING: Duration = Duration::from_secs(600);

/// What the door wants of the rest of the room.
pub(super) enum Output {
    /// They get nothing but this answer, and their link is closed.
    Refuse {
        link: LinkId,
        why: Refusal,
    },
    /// The keys of this room are classical: they are asked to come with such.
    AskForClassical {
        link: LinkId,
    },
    /// They wait for somebody to let them in, for longer than strangers do.
    LetWait {
        link: LinkId,
    },
    /// They bring an invitation for many contacts, and need one of their own.
    Dispense {
        link: LinkId,
    },
    /// They are to be admitted, and [`Door::use_up`] to be called. `anew`: only a room that began anew with classical keys can.
    Admit {
        link: LinkId,
        key_package: Vec<u8>,
        open: OpenInvitation,
        anew: bool,
    },
    Keep(Keep),
    Event(RoomEvent),
}

#[derive(Default)]
pub(super) struct Door {
    /// That can still be taken up: at most [`OUTSTANDING`], the oldest is withdrawn first.
    invitations: VecDeque<OpenInvitation>,
    knocks: Knocks,
    out: VecDeque<Output>,
}

impl Door {
    /// With the invitations that the disk has.
    pub fn restored(invitations: Vec<OpenInvitation>) -> Self {
        Self { invitations: invitations.into(), ..Self::default() }
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// The secrets of invitations that can be taken up.
    pub fn secrets(&self) -> impl Iterator<Item = InvitationSecret> {
        self.invitations.iter().map(OpenInvitation::secret)
    }

    /// Whether somebody can still come through it. The last invitation may be used up before its bearer is a member.
    pub fn may_let_in(&self) -> bool {
        !self.invitations.is_empty() || !self.knocks.is_empty()
    }

    /// Whether the other end of a link is in the waiting room.
    pub fn has_knocked(&self, link: LinkId) -> bool {
        self.knocks.has(link)
    }

    /// Makes an invitation.
    pub fn invite(&mut self, hall: Hall<'_>, terms: Terms) {
        if hall.view.kind == RoomKind::Contact && hall.members > 1 {
            return;
        }
        if self.invitations.len() >= OUTSTANDING
            && let Some(oldest) = self.invitations.front()
        {
            self.revoke(id_of(oldest));
        }
        let open = OpenInvitation::new(terms, hall.view.unix_ms());
        self.out.push_back(Output::Keep(Keep::Invitation(open.clone())));
        self.show(hall, &open);
        self.invitations.push_back(open);
    }

    /// Shows all invitations anew, as after our links have moved.
    pub fn show_all(&mut self, hall: Hall<'_>) {
        for open in self.invitations.clone() {
            self.show(hall, &open);
        }
    }

    fn show(&mut self, hall: Hall<'_>, open: &OpenInvitation) {
        let invitation = Invitation::new(hall.view.kind, open.expires, open.secret(), hall.at.clone());
        let event = RoomEvent::InvitationReady { id: id_of(open), invitation, terms: open.terms };
        self.out.push_back(Output::Event(event));
    }

    pub fn revoke(&mut self, id: InvitationId) {
        let before = self.invitations.len();
        self.invitations.retain(|open| id_of(open) != id);
        if self.invitations.len() < before {
            self.out.push_back(Output::Keep(Keep::ForgetInvitation(id.0)));
            self.out.push_back(Output::Event(RoomEvent::InvitationOver { id }));
        }
    }

    /// A member who was removed may still hold an invitation for many: none of ours lets them in again.
    pub fn revoke_for_many(&mut self) {
        let many: Vec<_> = self.invitations.iter().filter(|open| open.terms.many).map(id_of).collect();
        for id in many {
            self.revoke(id);
        }
    }

    /// An invitation for one is used up with the very first who asks, so that two at once do not both get in.
    pub fn use_up(&mut self, open: &OpenInvitation) {
        if !open.terms.many {
            self.revoke(id_of(open));
        }
    }

    /// A stranger shows an invitation of ours.
    pub fn on_join(&mut self, hall: Hall<'_>, guest: Guest, shown: Shown) {
        match self.look_at(hall, guest, &shown) {
            Err(why) => self.refuse(guest.link, why),
            Ok((open, card)) => self.receive(hall, guest, shown, open, card),
        }
    }

    /// Whether somebody may stand here with what they show. The key package is looked at last: it takes a thousand times as
    /// long as all the rest.
    fn look_at(&mut self, hall: Hall<'_>, guest: Guest, shown: &Shown) -> Result<(OpenInvitation, Card), Refusal> {
        let is_shown = |open: &&OpenInvitation| {
            let secret = open.secret();
            secret.id().0 == shown.invitation && secret.verify_tag(&shown.key_package, &shown.tag)
        };
        let open = self.invitations.iter().find(is_shown).cloned().ok_or(Refusal::Invalid)?;
        if open.is_over(hall.view.unix_ms()) {
            self.revoke(id_of(&open));
            return Err(Refusal::Expired);
        }
        if guest.is_asked || guest.is_served || guest.is_taken || self.has_knocked(guest.link) {
            return Err(Refusal::Invalid);
        }
        // Nobody is let in for another.
        let card = check_key_package(&shown.key_package, shown.suite).ok();
        let card = card.filter(|card| Some(card.endpoint) == guest.endpoint).ok_or(Refusal::Invalid)?;
        Ok((open, card))
    }

    fn receive(&mut self, hall: Hall<'_>, guest: Guest, shown: Shown, open: OpenInvitation, card: Card) {
        let link = guest.link;
        if hall.view.kind == RoomKind::Contact {
            if open.terms.many {
                // One for each who comes: they need no second.
                return self.out.push_back(Output::Dispense { link });
            }
            // A bearer who came first and never said a word had no luck with the network, or is not whom it is for.
            if hall.members > 1 {
                return self.refuse(link, Refusal::Full);
            }
        }
        match (hall.suite, shown.suite) {
            (Suite::Classical, Suite::PostQuantum) if guest.told_suite => return self.refuse(link, Refusal::Invalid),
            (Suite::Classical, Suite::PostQuantum) => return self.out.push_back(Output::AskForClassical { link }),
            (Suite::PostQuantum, Suite::Classical) if !hall.may_begin_anew => {
                return self.refuse(link, Refusal::Suite);
            }
            _ => {}
        }
        if open.terms.waiting_room && hall.view.kind != RoomKind::Contact {
            return self.on_knock(hall, link, card.name, shown);
        }
        self.let_in(hall, link, open, shown.suite, shown.key_package);
    }

    fn on_knock(&mut self, hall: Hall<'_>, link: LinkId, name: String, shown: Shown) {
        match self.knocks.make_way(hall.view.now, shown.invitation) {
            Err(knocks::Full) => return self.refuse(link, Refusal::Full),
            Ok(Some(leaves)) => {
                self.forget_knock(leaves);
                self.refuse(leaves, Refusal::Full);
            }
            Ok(None) => {}
        }
        let knock = self.knocks.add(hall.view.now, link, shown);
        self.out.push_back(Output::LetWait { link });
        self.out.push_back(Output::Event(RoomEvent::Knock { knock, name }));
    }

    /// The person answers somebody in the waiting room.
    pub fn answer(&mut self, hall: Hall<'_>, id: KnockId, admit: bool) {
        let Some(Knock { link, shown, .. }) = self.knocks.take(id) else {
            return;
        };
        self.out.push_back(Output::Event(RoomEvent::KnockOver { knock: id }));
        let open = self.invitations.iter().find(|open| id_of(open).0 == shown.invitation).cloned();
        match open.filter(|_| admit) {
            Some(open) => self.let_in(hall, link, open, shown.suite, shown.key_package),
            None => self.refuse(link, Refusal::Invalid),
        }
    }

    fn let_in(&mut self, hall: Hall<'_>, link: LinkId, open: OpenInvitation, suite: Suite, key_package: Vec<u8>) {
        let anew = suite == Suite::Classical && hall.suite == Suite::PostQuantum;
        if anew && !hall.may_begin_anew {
            return self.refuse(link, Refusal::Suite);
        }
        self.out.push_back(Output::Admit { link, key_package, open, anew });
    }

    /// The room has begun anew with classical keys. What others brought fits no more, and they stay at the door.
    pub fn on_begun_anew(&mut self) {
        for Knock { id, link, .. } in self.knocks.take_others_than(Suite::Classical) {
            self.out.push_back(Output::Event(RoomEvent::KnockOver { knock: id }));
            self.out.push_back(Output::AskForClassical { link });
        }
    }

    /// A stranger's link is gone.
    pub fn on_link_closed(&mut self, link: LinkId) {
        self.forget_knock(link);
    }

    fn forget_knock(&mut self, link: LinkId) {
        let over = self.knocks.forget(link).into_iter();
        self.out.extend(over.map(|knock| Output::Event(RoomEvent::KnockOver { knock })));
    }

    /// Withdraws invitations that are over, and sends away who has waited for long.
    pub fn on_timeout(&mut self, hall: Hall<'_>) {
        let unix_ms = hall.view.unix_ms();
        let over: Vec<_> = self.invitations.iter().filter(|open| open.is_over(unix_ms)).map(id_of).collect();
        for id in over {
            self.revoke(id);
        }
        for id in self.knocks.since_before(hall.view.now, KNOCKING) {
            self.answer(hall, id, false);
        }
    }

    fn refuse(&mut self, link: LinkId, why: Refusal) {
        self.out.push_back(Output::Refuse { link, why });
    }
}

fn id_of(open: &OpenInvitation) -> InvitationId {
    InvitationId(open.secret().id().0)
}
