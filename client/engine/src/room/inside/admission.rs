//! Who is let in: those at our door, and a room that begins anew for one of them.

use std::{collections::VecDeque, time::Instant};

use group_crypto::{AdmitError, Agreement, Group, InvitationSecret, Member, Suite, Ticket};

use super::Inside;
use crate::{
    api::RoomEvent,
    room::{
        link::LinkId,
        output::{Output, send},
        size::most_members,
        wire::{LinkMessage, Refusal},
    },
};

/// Somebody at our door, whose admission is under way.
pub(in crate::room) struct Asked {
    ticket: Ticket,
    pub link: LinkId,
    /// Which their card says too, and the invitation that they brought.
    endpoint: Option<[u8; 32]>,
    secret: InvitationSecret,
    /// Their Welcome is out; the epoch in which they are a member comes before or just after it.
    is_admitted: bool,
}

impl Asked {
    /// Their Welcome is out.
    pub fn is_admitted(&self) -> bool {
        self.is_admitted
    }
}

impl Inside {
    /// Asks for the admission of one who stands at our door.
    pub fn ask_admission(
        &mut self,
        now: Instant,
        link: LinkId,
        key_package: Vec<u8>,
        secret: &InvitationSecret,
        out: &mut VecDeque<Output>,
    ) {
        match self.membership.agreement.admit(now, key_package, secret) {
            Ok(ticket) => {
                let endpoint = self.links.strangers.get(&link).map(|stranger| stranger.endpoint);
                self.membership.asked.push(Asked {
                    ticket,
                    link,
                    endpoint,
                    secret: secret.clone(),
                    is_admitted: false,
                });
            }
            Err(why) => self.refuse(link, refusal(why), out),
        }
        self.carry_out(now, out);
    }

    /// A stranger gets nothing but this answer.
    pub fn refuse(&mut self, link: LinkId, why: Refusal, out: &mut VecDeque<Output>) {
        send(out, link, &LinkMessage::Refused(why));
        self.links.strangers.remove(&link);
        out.push_back(Output::Close { link });
    }

    /// Nobody else is a member, is about to be one, or can become one.
    pub fn is_alone(&self) -> bool {
        self.membership.asked.is_empty() && !self.door.may_let_in() && self.participants.is_empty()
    }

    /// Nobody else was ever a member, and nobody is about to be: another group is as good as this one.
    pub fn may_begin_anew(&self) -> bool {
        let group = self.membership.agreement.group();
        group.epoch() == 0 && group.members().len() == 1 && self.membership.asked.is_empty()
    }

    /// The same room with classical keys, for one whose program has no others. False where it is too late for that.
    pub fn begin_anew(&mut self, out: &mut VecDeque<Output>) -> bool {
        if !self.may_begin_anew() {
            return false;
        }
        let Ok(group) = Group::create(self.about.own.card(), Suite::Classical) else {
            return false;
        };
        self.media.begin_anew(&group, self.about.own.run);
        self.membership.agreement = Agreement::new(group, self.about.own.card(), most_members(self.about.kind));
        self.trust.forget_code();
        self.membership.renew = false;
        self.keep_details();
        let group = self.membership.agreement.group();
        let (me, epoch) = (group.my_id(), group.epoch());
        out.push_back(Output::Event(RoomEvent::Suite { me, epoch, post_quantum: false }));
        self.door.on_begun_anew();
        true
    }

    /// What we and the newcomer at our door find each other by at first; none where another let them in.
    pub fn first_pair_with(&self, newcomer: &Member) -> Option<[u8; 32]> {
        let asked = self.membership.asked.iter().find(|asked| asked.endpoint == Some(newcomer.card.endpoint))?;
        Some(asked.secret.first_pair(newcomer.id))
    }

    pub fn admitted(&mut self, ticket: Ticket, welcome: Result<Vec<u8>, AdmitError>, out: &mut VecDeque<Output>) {
        let Some(asked) = self.membership.asked.iter_mut().find(|asked| asked.ticket == ticket) else {
            return;
        };
        let link = asked.link;
        asked.is_admitted = true;
        match welcome {
            Ok(welcome) => {
                let by = self.membership.agreement.group().my_id().0;
                send(out, link, &LinkMessage::Admitted { welcome, title: self.title_for_others(), by });
            }
            Err(why) => self.refuse(link, refusal(why), out),
        }
    }
}

fn refusal(why: AdmitError) -> Refusal {
    match why {
        AdmitError::Full => Refusal::Full,
        AdmitError::Busy | AdmitError::TimedOut => Refusal::Busy,
        AdmitError::Invalid => Refusal::Invalid,
    }
}
