//! Interfaces that come and go, in a network namespace of its own: each test runs itself again inside of one.

use std::{env, process::Command};

use super::{relay::Relay, *};
use crate::{api::Network, not_run::not_run};

const INSIDE: &str = "INCAMERA_TEST_INSIDE";

/// Runs the test of this name again in a namespace of its own, and there `body`.
fn inside(test: &str, body: impl Future<Output = ()>) {
    if env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return runtime.expect("a runtime starts").block_on(body);
    }
    let namespace = [&["--net"][..], &["--net", "--user", "--map-root-user"]];
    let permitted = |flags: &&&[&str]| {
        let trial = "ip link set lo up && ip link add wifi type veth peer name router";
        Command::new("unshare").args(**flags).args(["sh", "-c", trial]).output().is_ok_and(|done| done.status.success())
    };
    let Some(flags) = namespace.iter().find(permitted) else {
        return not_run(test, "this system permits no network namespace with interfaces in it");
    };
    let (_, here) = module_path!().split_once("::").expect("tests are in a crate");
    let program = env::current_exe().expect("a test is a program");
    let mut again = Command::new("unshare");
    again.args(*flags).arg(program).args(["--exact", &format!("{here}::{test}"), "--nocapture"]).env(INSIDE, "1");
    let done = again.output().expect("unshare starts");
    let said = String::from_utf8_lossy(&done.stdout);
    // A name that no test has would pass, too.
    assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
}

fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).status().expect("there is an ip command");
    assert!(done.success(), "ip {arguments}");
}

/// Loopback and one network, as in a house.
fn settle() {
    let only_loopback = if_addrs::get_if_addrs().unwrap().iter().all(if_addrs::Interface::is_loopback);
    assert!(only_loopback, "never in the machine's own networks");
    ip("link set lo up");
    ip("link add wifi type veth peer name router");
    ip("link set router up");
    ip("link set wifi up");
    ip("addr add 10.7.0.1/24 dev wifi");
    ip("route add default dev wifi");
}

fn leave() {
    ip("link del wifi");
}

fn arrive_elsewhere() {
    ip("link add cable type veth peer name switch");
    ip("link set switch up");
    ip("link set cable up");
    ip("addr add 10.8.0.1/24 dev cable");
    ip("route add default dev cable");
}

fn at(network: Network, relays: &[&str]) -> LinkSettings {
    LinkSettings { wall: Wall::new(network), ..settings(relays) }
}

fn has(whereabouts: &Whereabouts, address: &str) -> bool {
    whereabouts.addresses.iter().any(|known| known.ip().to_string() == address)
}

async fn moved(person: &mut Person) {
    while !has(&person.links.whereabouts(), "10.8.0.1") {
        person.until(|seen| (*seen == Seen::Whereabouts).then_some(())).await;
    }
}

/// Only the address on the network that is not loopback.
fn outward(whereabouts: Whereabouts) -> Whereabouts {
    let addresses = whereabouts.addresses.into_iter().filter(|address| !address.ip().is_loopback()).collect();
    Whereabouts { addresses, ..whereabouts }
}

#[test]
fn on_another_lan_the_same_person_is_reached_at_the_new_address() {
    inside("on_another_lan_the_same_person_is_reached_at_the_new_address", async {
        settle();
        let mut one = Person::new(at(Network::Lan, &[]), 1).await;
        let mut other = Person::new(at(Network::Lan, &[]), 2).await;
        let id = other.links.id();
        let to = outward(other.links.whereabouts());
        assert!(has(&to, "10.7.0.1"));
        let (at_one, at_other) = link(&mut one, &mut other, to).await;
        converse((&mut one, at_one), (&mut other, at_other)).await;
        leave();
        arrive_elsewhere();
        for person in [&mut one, &mut other] {
            moved(person).await;
            assert!(!has(&person.links.whereabouts(), "10.7.0.1"));
            assert!(person.links.wall() == Wall::new(Network::Lan));
        }
        let to = outward(other.links.whereabouts());
        let (at_one, at_other) = link(&mut one, &mut other, to).await;
        assert_eq!(other.links.id(), id);
        converse((&mut one, at_one), (&mut other, at_other)).await;
    });
}

/// A link that ends is made anew: QUIC may lose what it says while both of its ends move (see [`super::super::receipts`]).
async fn go_on(one: (&mut Person, LinkId), other: (&mut Person, LinkId)) {
    tokio::select! {
        () = converse((&mut *one.0, one.1), (&mut *other.0, other.1)) => return,
        () = tokio::time::sleep(NEVER / 2) => {}
    }
    one.0.closed(one.1).await;
    let to = other.0.links.whereabouts();
    let (at_one, at_other) = link(one.0, other.0, to).await;
    converse((one.0, at_one), (other.0, at_other)).await;
}

#[test]
fn with_a_relay_two_who_both_move_to_another_network_go_on() {
    inside("with_a_relay_two_who_both_move_to_another_network_go_on", async {
        settle();
        let relay = Relay::http().await;
        let here = || at(Network::Internet, &[&relay.http]);
        let (mut one, mut other) = (Person::new(here(), 1).await, Person::new(here(), 2).await);
        tokio::join!(one.relay(RelayState::Connected), other.relay(RelayState::Connected));
        let to = other.links.whereabouts();
        let (at_one, at_other) = link(&mut one, &mut other, to).await;
        one.routed(Route::Direct).await;
        converse((&mut one, at_one), (&mut other, at_other)).await;
        leave();
        arrive_elsewhere();
        one.links.network_changed();
        other.links.network_changed();
        tokio::join!(moved(&mut one), moved(&mut other));
        timeout(NEVER, async {
            while one.links.wall() != Wall::new(Network::Internet) {
                one.next().await;
            }
        })
        .await
        .expect("what others name is judged by the network that we are on");
        go_on((&mut one, at_one), (&mut other, at_other)).await;
    });
}
