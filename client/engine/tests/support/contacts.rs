//! People with profiles on the disk, who are each other's contacts.

use engine::{
    api::{Body, CallState, Line, NetworkSettings, RoomEvent, RoomId, RoomWish, Terms, Wish},
    invitation::Invitation,
    profiles::{self, Face, Lock, Passphrase, Profile},
};
use tempfile::TempDir;

use crate::support::{Someone, until};

const SIZE: (u32, u32) = (320, 180);

/// Somebody with a profile. `someone` is who they are in this run.
pub struct Person {
    pub someone: Someone,
    pub name: String,
}

impl Person {
    pub fn new(folder: &TempDir, name: &str, network: NetworkSettings) -> Self {
        let face = Face { name: name.to_owned(), notify: true };
        let profile = profiles::create(&folder.path().join(name), &lock(), &face).expect("a profile is made");
        Self::open(name, network, profile)
    }

    pub fn open(name: &str, network: NetworkSettings, profile: Profile) -> Self {
        Self { someone: Someone::open(name, SIZE, network, Some(profile)), name: name.to_owned() }
    }

    /// An invitation for a contact to be, and the room that it will be. No other has this label.
    pub fn invite(&mut self, label: &str) -> (RoomId, Invitation) {
        self.someone.engine.wish(Wish::InviteContact { label: label.to_owned(), terms: Terms::default() });
        let mut made = None;
        until(&mut [&mut self.someone], |p| {
            let entered = p[0].heard.iter().find_map(|(room, what)| match what {
                RoomEvent::Entered { title, .. } if title == label => Some(*room),
                _ => None,
            });
            made = entered.and_then(|room| Some((room, invitation(p[0], room)?)));
            made.is_some()
        });
        made.expect("it was awaited")
    }

    pub fn say(&self, room: RoomId, text: &str) {
        self.someone.wish(room, RoomWish::Say(text.to_owned()));
    }
}

pub fn lock() -> Lock {
    Lock::Passphrase(Passphrase::new("a quiet place".to_owned()).expect("it is no empty one"))
}

/// What happened to somebody in a room in this run, as far as `pick` picks it.
pub fn told<T>(someone: &Someone, room: RoomId, pick: impl Fn(&RoomEvent) -> Option<T>) -> Vec<T> {
    someone.heard.iter().filter(|(of, _)| *of == room).filter_map(|(_, what)| pick(what)).collect()
}

/// The invitation to a room that was told of last.
pub fn invitation(someone: &Someone, room: RoomId) -> Option<Invitation> {
    let ready = |what: &RoomEvent| match what {
        RoomEvent::InvitationReady { invitation, .. } => Some(invitation.clone()),
        _ => None,
    };
    told(someone, room, ready).pop()
}

/// What the other said in this run.
pub fn said(someone: &Someone, room: RoomId) -> Vec<String> {
    told(someone, room, |what| match what {
        RoomEvent::Said(Line { body: Body::Text(text), mine: false, .. }) => Some(text.clone()),
        _ => None,
    })
}

/// `guest` redeems `maker`'s invitation; the room is that of the contact at the guest's.
pub fn redeem((maker, at_maker): (&mut Person, RoomId), guest: &mut Person, invitation: &Invitation) -> RoomId {
    guest.someone.engine.wish(Wish::Redeem { invitation: invitation.clone() });
    let before = guest.someone.heard.len();
    let mut room = None;
    until(&mut [&mut guest.someone, &mut maker.someone], |p| {
        room = p[0].heard[before..].iter().find_map(|(room, what)| match what {
            RoomEvent::Over(why) => panic!("the invitation was not taken up: {why:?}"),
            RoomEvent::Entered { .. } => Some(*room),
            _ => None,
        });
        let met = told(p[1], at_maker, |what| matches!(what, RoomEvent::Joined { .. }).then_some(()));
        room.is_some() && !met.is_empty()
    });
    room.expect("it was awaited")
}

/// Two who say something to each other until both have heard it, once.
pub fn chat((one, at_one): (&mut Person, RoomId), (other, at_other): (&mut Person, RoomId), about: &str) {
    let (here, there) = (format!("{about}, from here"), format!("{about}, from there"));
    let before = (said(&one.someone, at_one), said(&other.someone, at_other));
    one.say(at_one, &here);
    other.say(at_other, &there);
    until(&mut [&mut one.someone, &mut other.someone], |p| {
        said(p[0], at_one).contains(&there) && said(p[1], at_other).contains(&here)
    });
    let with = |before: Vec<String>, text| [before, vec![text]].concat();
    assert_eq!(said(&one.someone, at_one), with(before.0, there));
    assert_eq!(said(&other.someone, at_other), with(before.1, here));
}

/// One calls, the other answers, and both see the other's moving picture. The call goes on.
pub fn call((one, at_one): (&mut Person, RoomId), (other, at_other): (&mut Person, RoomId)) {
    one.someone.wish(at_one, RoomWish::Call { video: true });
    until(&mut [&mut one.someone, &mut other.someone], |p| {
        matches!(call_state(p[1], at_other), CallState::Ringing { video: true, .. })
    });
    other.someone.wish(at_other, RoomWish::Call { video: true });
    let names = (one.name.clone(), other.name.clone());
    until(&mut [&mut one.someone, &mut other.someone], |p| {
        p[0].frames_of(&names.1) > 50 && p[1].frames_of(&names.0) > 50
    });
    for (someone, room) in [(&one.someone, at_one), (&other.someone, at_other)] {
        assert_eq!(call_state(someone, room), CallState::In);
    }
}

pub fn call_state(someone: &Someone, room: RoomId) -> CallState {
    let states = told(someone, room, |what| if let RoomEvent::Call(state) = what { Some(*state) } else { None });
    states.last().copied().unwrap_or_default()
}
