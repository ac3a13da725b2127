//! Links over relays.

use super::{
    relay::{Certificate, Relay},
    *,
};

/// Two people at `relays`, both connected to one.
async fn two(relays: &[&str], change: impl Fn(&mut LinkSettings)) -> (Person, Person) {
    let make = async |key| {
        let mut settings = settings(relays);
        change(&mut settings);
        let mut person = Person::new(settings, key).await;
        person.relay(RelayState::Connected).await;
        person
    };
    (make(1).await, make(2).await)
}

fn paths(person: &Person, link: LinkId) -> Vec<bool> {
    person.links.writers[&link].connection().paths().iter().map(|path| path.is_relay()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_member_tells_no_address_and_has_relayed_paths() {
    let relay = Relay::http().await;
    let (mut one, mut other) = two(&[&relay.http], |settings| settings.hide_address = true).await;
    let to = other.links.whereabouts();
    assert_eq!((to.addresses.len(), &to.relays), (0, &vec![relay.http.clone()]));
    assert!(other.endpoint().bound_sockets().is_empty(), "there is not even a socket");
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    assert_eq!((one.routed(Route::Relayed).await, other.routed(Route::Relayed).await), (at_one, at_other));
    converse((&mut one, at_one), (&mut other, at_other)).await;
    assert_eq!((paths(&one, at_one), paths(&other, at_other)), (vec![true], vec![true]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_member_learns_no_path_but_the_relays() {
    let relay = Relay::http().await;
    let mut open = Person::new(settings(&[&relay.http]), 1).await;
    let mut hidden = Person::new(LinkSettings { hide_address: true, ..settings(&[&relay.http]) }, 2).await;
    open.relay(RelayState::Connected).await;
    hidden.relay(RelayState::Connected).await;
    // Even when told addresses, who hides does not use them.
    let to = open.links.whereabouts();
    assert!(!to.addresses.is_empty());
    let (at_hidden, at_open) = link(&mut hidden, &mut open, to).await;
    converse((&mut hidden, at_hidden), (&mut open, at_open)).await;
    assert_eq!((paths(&hidden, at_hidden), paths(&open, at_open)), (vec![true], vec![true]));
    let info = open.endpoint().remote_info(hidden.endpoint().id()).await.unwrap();
    assert!(info.addrs().all(|known| known.addr().is_relay()), "no address of the hidden one is known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_began_over_the_relay_becomes_direct() {
    let relay = Relay::http().await;
    let (mut one, mut other) = two(&[&relay.http], |_| {}).await;
    let to = other.relayed_whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    assert_eq!((one.routed(Route::Direct).await, other.routed(Route::Direct).await), (at_one, at_other));
    converse((&mut one, at_one), (&mut other, at_other)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relay_behind_tls_is_trusted_by_the_set_root_only() {
    let certificate = Certificate::new();
    let relay = Relay::https(&certificate).await;
    let https = relay.https.as_deref().unwrap();
    for root in [certificate.der(), certificate.pem()] {
        let (mut one, mut other) = two(&[https], |settings| {
            settings.relay_ca = Some(root.clone());
            settings.hide_address = true;
        })
        .await;
        let to = other.links.whereabouts();
        let (at_one, at_other) = link(&mut one, &mut other, to).await;
        converse((&mut one, at_one), (&mut other, at_other)).await;
    }
    for root in [None, Some(Certificate::new().der())] {
        let mut distrustful = Person::new(LinkSettings { relay_ca: root, ..settings(&[https]) }, 3).await;
        distrustful.relay(RelayState::Unreachable).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_dies_does_not_end_a_direct_link() {
    let relay = Relay::http().await;
    let (mut one, mut other) = two(&[&relay.http], |_| {}).await;
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    one.routed(Route::Direct).await;
    relay.stop().await;
    one.relay(RelayState::Unreachable).await;
    other.relay(RelayState::Unreachable).await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(800)).await;
        converse((&mut one, at_one), (&mut other, at_other)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_comes_back_is_used_again() {
    let relay = Relay::http().await;
    let (mut one, mut other) = two(&[&relay.http], |settings| settings.hide_address = true).await;
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to.clone()).await;
    converse((&mut one, at_one), (&mut other, at_other)).await;
    let stopped = relay.stop().await;
    one.relay(RelayState::Unreachable).await;
    tokio::join!(one.closed(at_one), other.closed(at_other));
    let _relay = stopped.start().await;
    tokio::join!(one.relay(RelayState::Connected), other.relay(RelayState::Connected));
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    converse((&mut one, at_one), (&mut other, at_other)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_relay_takes_over_when_one_dies() {
    let (first, second) = (Relay::http().await, Relay::http().await);
    let (mut one, mut other) = two(&[&first.http, &second.http], |settings| settings.hide_address = true).await;
    let known = other.links.whereabouts();
    assert_eq!(known.relays.len(), 2, "the one in use and the one in reserve");
    let (_, at_other) = link(&mut one, &mut other, known.clone()).await;
    let (dies, lives) = if known.relays[0] == first.http { (first, second) } else { (second, first) };
    dies.stop().await;
    other.relay(RelayState::Unreachable).await;
    other.closed(at_other).await;
    other.relay(RelayState::Connected).await;
    assert_eq!(other.links.whereabouts().relays[0], lives.http);
    other.until(|seen| (*seen == Seen::Whereabouts).then_some(())).await;
    // Whether the other end has noticed does not matter.
    let to = one.links.whereabouts();
    let (at_other, at_one) = link(&mut other, &mut one, to).await;
    converse((&mut one, at_one), (&mut other, at_other)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_relay_does_not_hold_up_another() {
    let (first, second) = (Relay::http().await, Relay::http().await);
    let both = LinkSettings { hide_address: true, ..settings(&[&first.http, &second.http]) };
    let mut other = Person::new(both, 1).await;
    other.relay(RelayState::Connected).await;
    let known = other.links.whereabouts();
    let (dies, lives) = if known.relays[0] == first.http { (first, second) } else { (second, first) };
    let mut one = Person::new(settings(&[&lives.http]), 2).await;
    one.relay(RelayState::Connected).await;
    let (at_one, at_other) = link(&mut one, &mut other, known).await;

    dies.stop().await;
    // As a call does, which knows nothing of relays.
    for _ in 0..200 {
        one.links.send_datagram(at_one, vec![0; 1000]);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    one.closed(at_one).await;
    other.closed(at_other).await;
    other.relay(RelayState::Connected).await;
    let to = other.links.whereabouts();
    assert_eq!(to.relays[0], lives.http);
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    converse((&mut one, at_one), (&mut other, at_other)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn link_over_a_living_relay_outlasts_doubt_about_a_dead_one() {
    let (dies, lives) = (Relay::http().await, Relay::http().await);
    let hidden = |relays: &[&str]| LinkSettings { hide_address: true, ..settings(relays) };
    let mut one = Person::new(hidden(&[&dies.http, &lives.http]), 1).await;
    let mut lost = Person::new(hidden(&[&dies.http]), 2).await;
    let mut other = Person::new(hidden(&[&lives.http]), 3).await;
    for person in [&mut one, &mut lost, &mut other] {
        person.relay(RelayState::Connected).await;
    }
    let (to_lost, to_other) = (lost.links.whereabouts(), other.links.whereabouts());
    let (doubted, _) = link(&mut one, &mut lost, to_lost).await;
    let (at_one, at_other) = link(&mut one, &mut other, to_other).await;
    // Busy links are doubted first.
    for _ in 0..400 {
        one.links.send_datagram(doubted, vec![0; 100]);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dies.stop().await;
    one.closed(doubted).await;
    for _ in 0..6 {
        converse((&mut one, at_one), (&mut other, at_other)).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
}
