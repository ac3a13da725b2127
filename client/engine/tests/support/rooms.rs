//! Rooms that leave nothing behind, for as many as come.

use engine::{
    api::{
        Body, Line, MemberId, Network, NetworkSettings, OverBecause, RoomEvent, RoomId, RoomKind, RoomWish, Terms, Wish,
    },
    invitation::Invitation,
};

use crate::support::{Someone, until};

/// Somebody in such a room.
pub struct Guest {
    pub someone: Someone,
    pub room: RoomId,
}

impl Guest {
    /// A room's founder, and an open invitation to it.
    pub fn create(name: &str, title: &str) -> (Self, Invitation) {
        let mut someone = Someone::open(name, (320, 180), NetworkSettings::of(Network::Local), None);
        someone.engine.wish(Wish::Found { title: title.into(), kind: RoomKind::Ephemeral });
        until(&mut [&mut someone], |p| !p[0].heard.is_empty());
        let guest = Self { room: someone.heard[0].0, someone };
        guest.wish(RoomWish::Invite(Terms { many: true, valid: None, waiting_room: false }));
        guest.invited()
    }

    fn invited(mut self) -> (Self, Invitation) {
        let mut made = None;
        until(&mut [&mut self.someone], |p| {
            made = p[0].heard.iter().find_map(|(_, what)| match what {
                RoomEvent::InvitationReady { invitation, .. } => Some(invitation.clone()),
                _ => None,
            });
            made.is_some()
        });
        (self, made.expect("it was awaited"))
    }

    pub fn join(name: &str, invitation: &Invitation) -> Self {
        let mut someone = Someone::open(name, (320, 180), NetworkSettings::of(Network::Local), None);
        someone.engine.wish(Wish::Redeem { invitation: invitation.clone() });
        until(&mut [&mut someone], |p| !p[0].heard.is_empty());
        Self { room: someone.heard[0].0, someone }
    }

    pub fn wish(&self, wish: RoomWish) {
        self.someone.wish(self.room, wish);
    }
}

/// What others said, as this person heard it.
pub fn said(someone: &Someone) -> Vec<(String, String)> {
    let text = |(_, what): &(RoomId, RoomEvent)| match what {
        RoomEvent::Said(Line { name, body: Body::Text(text), mine: false, .. }) => Some((name.clone(), text.clone())),
        _ => None,
    };
    someone.heard.iter().filter_map(text).collect()
}

/// Why a room is over for somebody, once it is.
pub fn over(someone: &Someone) -> Option<OverBecause> {
    someone.heard.iter().find_map(|(_, what)| if let RoomEvent::Over(why) = what { Some(*why) } else { None })
}

pub fn member(someone: &Someone, name: &str) -> Option<MemberId> {
    someone.heard.iter().find_map(|(_, what)| match what {
        RoomEvent::Joined { member, name: known } if known == name => Some(*member),
        _ => None,
    })
}
