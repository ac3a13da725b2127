//! Contacts over a real DHT on loopback: a picture is all that they share, addresses change with every run, and nothing but
//! the DHT tells them where the other is.

#[path = "../support/code.rs"]
mod code;
#[path = "../support/contacts.rs"]
mod contacts;
mod one_member;
#[path = "../support/restart.rs"]
mod restart;
#[path = "../support/mod.rs"]
mod support;

use contacts::{Person, call, call_state, chat, redeem, told};
use engine::{
    api::{
        CallState, JoinFailed, KeyState, Network, NetworkSettings, OverBecause, Path, ReadOnly, RoomEvent, RoomWish,
        Wish,
    },
    invitation::Invitation,
    qr,
};
use mainline::Testnet;
use restart::{come_back, leave};
use support::until;
use tempfile::tempdir;

const NODES: usize = 12;

fn network(dht: &Testnet) -> NetworkSettings {
    NetworkSettings { dht_bootstrap: dht.bootstrap.clone(), ..NetworkSettings::of(Network::Local) }
}

#[test]
fn contacts_by_a_picture_find_each_other_wherever_they_are() {
    let dht = Testnet::builder(NODES).build().expect("the nodes start");
    let folder = tempdir().unwrap();
    let picture = folder.path().join("invitation.png");

    let mut ann = Person::new(&folder, "Ann", network(&dht));
    let (with_bob, invitation) = ann.invite("Bob");
    qr::save_png(&invitation.to_string(), &picture).expect("the picture is written");
    leave(ann);
    let mut ann = come_back(&folder, "Ann", network(&dht));

    // The second invitation says where the new run is: nowhere that the picture knows.
    let (with_carol, second) = ann.invite("Carol");
    let (former, now) = (code::read(&invitation), code::read(&second));
    assert_ne!(former.endpoint, now.endpoint);
    assert!(!former.addresses.is_empty() && former.addresses.iter().all(|address| !now.addresses.contains(address)));

    let seen: Invitation = qr::read_file(&picture).expect("the picture is read").parse().expect("an invitation");
    let mut bob = Person::new(&folder, "Bob", network(&dht));
    let with_ann = redeem((&mut ann, with_bob), &mut bob, &seen);
    chat((&mut ann, with_bob), (&mut bob, with_ann), "from the picture");
    let mut carol = Person::new(&folder, "Carol", network(&dht));
    let carols_ann = redeem((&mut ann, with_carol), &mut carol, &second);
    chat((&mut ann, with_carol), (&mut carol, carols_ann), "from the link");

    // Both are away at once: what each last knew of the other leads nowhere.
    leave(ann);
    leave(bob);
    let (mut ann, mut bob) = (come_back(&folder, "Ann", network(&dht)), come_back(&folder, "Bob", network(&dht)));
    chat((&mut ann, with_bob), (&mut bob, with_ann), "after both restarted");
    call((&mut ann, with_bob), (&mut bob, with_ann));
    for (someone, other) in [(&ann.someone, "Bob"), (&bob.someone, "Ann")] {
        let figures = someone.stats.participants.iter().find(|p| p.name == other).expect("the other is in the call");
        assert_eq!((figures.keys, figures.path), (KeyState::Current, Path::Direct));
        assert!(figures.audio.played_ms > 0);
    }
    ann.someone.wish(with_bob, RoomWish::HangUp);
    until(&mut [&mut ann.someone, &mut bob.someone], |p| {
        call_state(p[0], with_bob) == CallState::None && call_state(p[1], with_ann) == CallState::None
    });

    // Ann is done with Bob. That says nothing about Carol.
    ann.someone.wish(with_bob, RoomWish::Leave);
    let over = |what: &RoomEvent| if let RoomEvent::Over(why) = what { Some(*why) } else { None };
    let closed = |what: &RoomEvent| if let RoomEvent::ReadOnly(why) = what { *why } else { None };
    until(&mut [&mut ann.someone, &mut bob.someone], |p| {
        !told(p[0], with_bob, over).is_empty() && !told(p[1], with_ann, closed).is_empty()
    });
    assert_eq!(told(&ann.someone, with_bob, over), [OverBecause::Left]);
    // What was said stays with Bob, to be read.
    assert_eq!(told(&bob.someone, with_ann, closed), [ReadOnly::ContactEnded]);
    chat((&mut ann, with_carol), (&mut carol, carols_ann), "after Bob was revoked");

    leave(ann);
    leave(carol);
    let (mut ann, mut carol) = (come_back(&folder, "Ann", network(&dht)), come_back(&folder, "Carol", network(&dht)));
    chat((&mut ann, with_carol), (&mut carol, carols_ann), "in another run");
    assert!(told(&ann.someone, with_bob, |_| Some(())).is_empty(), "nothing of a revoked contact comes back");
}

#[test]
fn invitation_makes_one_contact_of_one_person() {
    let folder = tempdir().unwrap();
    let local = || NetworkSettings::of(Network::Local);
    let (mut ann, mut bea) = (Person::new(&folder, "Ann", local()), Person::new(&folder, "Bea", local()));
    let (with_bea, invitation) = ann.invite("Bea");
    redeem((&mut ann, with_bea), &mut bea, &invitation);
    bea.someone.engine.wish(Wish::Redeem { invitation });
    let is_refused =
        |what: &RoomEvent| matches!(what, RoomEvent::Over(OverBecause::JoinFailed(JoinFailed::TakenUpBefore { .. })));
    until(&mut [&mut bea.someone], |p| p[0].heard.iter().any(|(_, what)| is_refused(what)));
}

/// The links are made anew, so the call is over: for both, and neither is left with a call that nobody hangs up.
#[test]
fn applying_the_network_during_a_call_ends_it_for_both() {
    let dht = Testnet::builder(NODES).build().expect("the nodes start");
    let folder = tempdir().unwrap();
    let mut ann = Person::new(&folder, "Ann", network(&dht));
    let (with_bob, invitation) = ann.invite("Bob");
    let mut bob = Person::new(&folder, "Bob", network(&dht));
    let with_ann = redeem((&mut ann, with_bob), &mut bob, &invitation);
    call((&mut ann, with_bob), (&mut bob, with_ann));
    ann.someone.engine.wish(Wish::UseNetwork(network(&dht)));
    until(&mut [&mut ann.someone, &mut bob.someone], |p| {
        call_state(p[0], with_bob) == CallState::None && call_state(p[1], with_ann) == CallState::None
    });
    chat((&mut ann, with_bob), (&mut bob, with_ann), "over the new links");
    leave(ann);
    leave(bob);
}
