//! The door, without links and a group of its own.

use std::time::Duration;

use group_crypto::{InvitationSecret, Joiner, Suite};

use super::{Door, Guest, Hall, KNOCKING, OUTSTANDING, Output, Shown, knocks::MAX_KNOCKS};
use crate::{
    api::{InvitationId, KnockId, RoomEvent, RoomKind, Terms},
    rendezvous::Whereabouts,
    room::{keep::Keep, link::LinkId, view::testing::Cast, wire::Refusal},
};

const FOR_ONE: Terms = Terms { many: false, waiting_room: false, valid: None };
const FOR_MANY: Terms = Terms { many: true, ..FOR_ONE };
const TO_WAIT: Terms = Terms { many: true, waiting_room: true, ..FOR_ONE };

/// A room at whose door nobody stands yet.
struct House {
    cast: Cast,
    door: Door,
    at: Whereabouts,
    suite: Suite,
    members: usize,
    may_begin_anew: bool,
    next_link: u64,
}

impl House {
    fn of(kind: RoomKind) -> Self {
        let at = Whereabouts { endpoint: [200; 32], relays: Vec::new(), addresses: Vec::new() };
        let (cast, door) = (Cast::of(0, kind), Door::default());
        Self { cast, door, at, suite: Suite::Classical, members: 1, may_begin_anew: false, next_link: 0 }
    }

    fn act(&mut self, act: impl FnOnce(&mut Door, Hall<'_>)) -> Vec<Output> {
        let hall = Hall {
            view: self.cast.view(),
            at: &self.at,
            suite: self.suite,
            members: self.members,
            may_begin_anew: self.may_begin_anew,
        };
        act(&mut self.door, hall);
        std::iter::from_fn(|| self.door.poll()).collect()
    }

    /// The secret of a new invitation.
    fn invite(&mut self, terms: Terms) -> InvitationSecret {
        self.act(|door, hall| door.invite(hall, terms));
        self.door.secrets().last().unwrap()
    }

    /// Somebody new on a new link.
    fn guest(&mut self) -> Guest {
        self.next_link += 1;
        Guest {
            link: LinkId::Own(self.next_link),
            endpoint: Some([9; 32]),
            is_asked: false,
            is_served: false,
            told_suite: false,
            is_taken: false,
        }
    }

    fn join(&mut self, guest: Guest, secret: &InvitationSecret, suite: Suite) -> Vec<Output> {
        let key_package = key_package(suite);
        let tag = secret.tag(&key_package);
        let shown = Shown { invitation: secret.id().0, tag, suite, key_package };
        self.act(|door, hall| door.on_join(hall, guest, shown))
    }

    fn knock(&mut self, secret: &InvitationSecret) -> Vec<Output> {
        let guest = self.guest();
        self.join(guest, secret, Suite::Classical)
    }
}

fn key_package(suite: Suite) -> Vec<u8> {
    let card = group_crypto::Card::new("Guest", [9; 32], [8; 32], Vec::new()).unwrap();
    Joiner::new(card, suite).unwrap().key_package().to_vec()
}

fn refused(outputs: &[Output]) -> Option<Refusal> {
    outputs.iter().find_map(|output| match output {
        Output::Refuse { why, .. } => Some(*why),
        _ => None,
    })
}

fn admitted(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Admit { .. }))
}

fn knocked(outputs: &[Output]) -> Option<KnockId> {
    outputs.iter().find_map(|output| match output {
        Output::Event(RoomEvent::Knock { knock, .. }) => Some(*knock),
        _ => None,
    })
}

#[test]
fn bearer_of_an_invitation_is_admitted_and_it_is_used_up() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(FOR_ONE);
    let outputs = house.knock(&secret);
    let Some(Output::Admit { open, anew: false, .. }) = outputs.into_iter().next() else { panic!("not admitted") };
    let used = house.act(|door, _| door.use_up(&open));
    assert!(matches!(used[0], Output::Keep(Keep::ForgetInvitation(_))));
    assert_eq!(refused(&house.knock(&secret)), Some(Refusal::Invalid));
}

#[test]
fn invitation_for_many_admits_one_after_the_other() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(FOR_MANY);
    for _ in 0..3 {
        let outputs = house.knock(&secret);
        let Some(Output::Admit { open, .. }) = outputs.into_iter().next() else { panic!("not admitted") };
        assert!(house.act(|door, _| door.use_up(&open)).is_empty());
    }
}

#[test]
fn wrong_tag_and_unknown_invitation_are_refused() {
    let mut house = House::of(RoomKind::Kept);
    let (secret, guest) = (house.invite(FOR_ONE), house.guest());
    let shown = Shown {
        invitation: secret.id().0,
        tag: [0; 32],
        suite: Suite::Classical,
        key_package: key_package(Suite::Classical),
    };
    let outputs = house.act(|door, hall| door.on_join(hall, guest, shown));
    assert_eq!(refused(&outputs), Some(Refusal::Invalid));
    assert_eq!(refused(&house.knock(&InvitationSecret::generate())), Some(Refusal::Invalid));
}

#[test]
fn invitation_is_over_when_its_time_is() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(Terms { valid: Some(Duration::from_secs(60)), ..FOR_ONE });
    house.cast.wait(Duration::from_secs(61));
    assert_eq!(refused(&house.knock(&secret)), Some(Refusal::Expired));
    assert!(!house.door.may_let_in());
}

#[test]
fn timeout_withdraws_what_is_over() {
    let mut house = House::of(RoomKind::Kept);
    house.invite(Terms { valid: Some(Duration::from_secs(60)), ..FOR_ONE });
    house.cast.wait(Duration::from_secs(61));
    let outputs = house.act(|door, hall| door.on_timeout(hall));
    assert!(outputs.iter().any(|output| matches!(output, Output::Event(RoomEvent::InvitationOver { .. }))));
}

#[test]
fn key_package_of_another_endpoint_is_refused() {
    let mut house = House::of(RoomKind::Kept);
    let (secret, guest) = (house.invite(FOR_ONE), house.guest());
    let outputs = house.join(Guest { endpoint: Some([7; 32]), ..guest }, &secret, Suite::Classical);
    assert_eq!(refused(&outputs), Some(Refusal::Invalid));
}

#[test]
fn guest_who_asks_twice_is_refused() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(FOR_MANY);
    let guest = house.guest();
    for guest in
        [Guest { is_asked: true, ..guest }, Guest { is_served: true, ..guest }, Guest { is_taken: true, ..guest }]
    {
        assert_eq!(refused(&house.join(guest, &secret, Suite::Classical)), Some(Refusal::Invalid));
    }
}

#[test]
fn oldest_invitation_gives_way_to_a_new_one() {
    let mut house = House::of(RoomKind::Kept);
    let first = house.invite(FOR_ONE);
    (1..=OUTSTANDING).for_each(|_| drop(house.invite(FOR_ONE)));
    assert_eq!(house.door.secrets().count(), OUTSTANDING);
    assert_eq!(refused(&house.knock(&first)), Some(Refusal::Invalid));
}

#[test]
fn removal_withdraws_invitations_for_many_alone() {
    let mut house = House::of(RoomKind::Kept);
    let (many, one) = (house.invite(FOR_MANY), house.invite(FOR_ONE));
    house.act(|door, _| door.revoke_for_many());
    assert_eq!(refused(&house.knock(&many)), Some(Refusal::Invalid));
    assert!(admitted(&house.knock(&one)));
}

#[test]
fn contact_of_two_makes_no_invitation_and_takes_nobody() {
    let mut house = House::of(RoomKind::Contact);
    let secret = house.invite(FOR_ONE);
    house.members = 2;
    assert_eq!(refused(&house.knock(&secret)), Some(Refusal::Full));
    assert!(house.act(|door, hall| door.invite(hall, FOR_ONE)).is_empty());
}

#[test]
fn invitation_for_many_contacts_dispenses_one_of_its_own() {
    let mut house = House::of(RoomKind::Contact);
    let secret = house.invite(FOR_MANY);
    assert!(matches!(house.knock(&secret)[..], [Output::Dispense { .. }]));
}

#[test]
fn guest_waits_until_the_person_answers() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(TO_WAIT);
    let (first, second) = (knocked(&house.knock(&secret)).unwrap(), knocked(&house.knock(&secret)).unwrap());
    assert!(admitted(&house.act(|door, hall| door.answer(hall, first, true))));
    assert_eq!(refused(&house.act(|door, hall| door.answer(hall, second, false))), Some(Refusal::Invalid));
    assert!(house.act(|door, hall| door.answer(hall, first, true)).is_empty(), "answered already");
}

#[test]
fn guest_is_sent_away_who_waited_for_long() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(TO_WAIT);
    house.knock(&secret);
    house.cast.wait(KNOCKING);
    assert_eq!(refused(&house.act(|door, hall| door.on_timeout(hall))), Some(Refusal::Invalid));
}

#[test]
fn knock_is_over_when_its_link_closes() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(TO_WAIT);
    let knock = knocked(&house.knock(&secret)).unwrap();
    let link = LinkId::Own(house.next_link);
    assert!(house.door.has_knocked(link));
    let closed = house.act(|door, _| door.on_link_closed(link));
    assert!(matches!(closed[..], [Output::Event(RoomEvent::KnockOver { knock: over })] if over == knock));
}

#[test]
fn full_waiting_room_makes_way_for_another_invitation() {
    let mut house = House::of(RoomKind::Kept);
    let (leaked, other) = (house.invite(TO_WAIT), house.invite(TO_WAIT));
    for _ in 0..MAX_KNOCKS {
        house.knock(&leaked);
    }
    let last = LinkId::Own(house.next_link);
    assert_eq!(refused(&house.knock(&leaked)), Some(Refusal::Full));
    let outputs = house.knock(&other);
    assert!(matches!(outputs[1], Output::Refuse { link, why: Refusal::Full } if link == last));
    assert!(knocked(&outputs).is_some());
}

#[test]
fn classical_guest_is_let_in_only_where_a_room_may_begin_anew() {
    let mut house = House { suite: Suite::PostQuantum, ..House::of(RoomKind::Kept) };
    let secret = house.invite(FOR_MANY);
    assert_eq!(refused(&house.knock(&secret)), Some(Refusal::Suite));
    house.may_begin_anew = true;
    assert!(matches!(house.knock(&secret)[..], [Output::Admit { anew: true, .. }]));
}

#[test]
fn post_quantum_guest_is_asked_once_for_classical_keys() {
    let mut house = House::of(RoomKind::Kept);
    let (secret, guest) = (house.invite(FOR_MANY), house.guest());
    let outputs = house.join(guest, &secret, Suite::PostQuantum);
    assert!(matches!(outputs[..], [Output::AskForClassical { .. }]));
    let again = house.join(Guest { told_suite: true, ..guest }, &secret, Suite::PostQuantum);
    assert_eq!(refused(&again), Some(Refusal::Invalid));
}

#[test]
fn room_that_began_anew_asks_those_who_wait_for_other_keys() {
    let mut house = House { suite: Suite::PostQuantum, ..House::of(RoomKind::Kept) };
    let (secret, guest) = (house.invite(TO_WAIT), house.guest());
    house.join(guest, &secret, Suite::PostQuantum);
    let outputs = house.act(|door, _| door.on_begun_anew());
    assert!(matches!(outputs[1], Output::AskForClassical { link } if link == guest.link));
    assert!(!house.door.has_knocked(guest.link));
}

#[test]
fn moved_room_shows_its_invitations_anew() {
    let mut house = House::of(RoomKind::Kept);
    let secret = house.invite(FOR_ONE);
    let outputs = house.act(|door, hall| door.show_all(hall));
    let is_shown = |output: &Output| matches!(output, Output::Event(RoomEvent::InvitationReady { id, .. }) if *id == InvitationId(secret.id().0));
    assert!(outputs.len() == 1 && is_shown(&outputs[0]));
}
