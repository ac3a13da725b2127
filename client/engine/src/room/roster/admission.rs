//! Who is let in: those at our door, and a room that begins anew for one of them.

use group_crypto::{AdmitError, Agreement, Group, InvitationSecret, Member, Suite, Ticket};

use super::{Around, Output, Roster};
use crate::{
    api::RoomEvent,
    room::{link::LinkId, size::most_members, wire::Refusal},
};

/// Somebody at our door, whose admission is under way.
pub(super) struct Asked {
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

impl Roster {
    /// Asks for the admission of one who stands at our door, at this endpoint.
    pub fn admit(
        &mut self,
        around: Around<'_>,
        link: LinkId,
        endpoint: Option<[u8; 32]>,
        key_package: Vec<u8>,
        secret: InvitationSecret,
    ) {
        match self.agreement.admit(around.now, key_package, &secret) {
            Ok(ticket) => self.asked.push(Asked { ticket, link, endpoint, secret, is_admitted: false }),
            Err(why) => self.out.push_back(Output::Admitted { link, welcome: Err(refusal(why)) }),
        }
    }

    /// The one on this link is gone.
    pub fn on_stranger_gone(&mut self, link: LinkId) {
        self.asked.retain(|asked| asked.link != link);
    }

    /// Whether somebody's admission is under way.
    pub fn is_busy(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Nobody else is a member or is about to be one.
    pub fn is_alone(&self) -> bool {
        self.asked.is_empty() && self.members.is_empty()
    }

    /// Nobody else was ever a member, and nobody is about to be: another group is as good as this one.
    pub fn may_begin_anew(&self) -> bool {
        self.group().epoch() == 0 && self.group().members().len() == 1 && self.asked.is_empty()
    }

    /// The same room with classical keys, for one whose program has no others. False where it is too late for that.
    pub fn begin_anew(&mut self, around: Around<'_>) -> bool {
        if !self.may_begin_anew() {
            return false;
        }
        let Ok(group) = Group::create(around.own.card(), Suite::Classical) else {
            return false;
        };
        self.agreement = Agreement::new(group, around.own.card(), most_members(around.kind));
        self.renew = false;
        self.out.push_back(Output::Renewed);
        let (me, epoch) = (self.me(), self.group().epoch());
        self.out.push_back(Output::Event(RoomEvent::Suite { me, epoch, post_quantum: false }));
        true
    }

    /// What we and the newcomer at our door find each other by at first; none where another let them in.
    pub(super) fn first_pair_with(&self, newcomer: &Member) -> Option<[u8; 32]> {
        let asked = self.asked.iter().find(|asked| asked.endpoint == Some(newcomer.card.endpoint))?;
        Some(asked.secret.first_pair(newcomer.id))
    }

    pub(super) fn on_admitted(&mut self, ticket: Ticket, welcome: Result<Vec<u8>, AdmitError>) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.ticket == ticket) {
            asked.is_admitted = true;
            let (link, welcome) = (asked.link, welcome.map_err(refusal));
            self.out.push_back(Output::Admitted { link, welcome });
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
