//! Behind the wall nothing leaves: in a network namespace of its own, whose only way out counts every packet.
//!
//! The test runs itself again inside of the namespace. The way out is a cable that nobody is at the other end of, with an
//! address and a default route of each family: whatever was sent anywhere would go there.
#![cfg(target_os = "linux")]

#[path = "support/code.rs"]
mod code;
#[path = "support/contacts.rs"]
mod contacts;
#[path = "../src/not_run.rs"]
mod not_run;
mod support;

use std::{
    env,
    net::{IpAddr, SocketAddr, UdpSocket},
    process::Command,
    thread,
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use contacts::{Person, call, chat, redeem};
use data_encoding::BASE32_NOPAD;
use engine::{
    api::{JoinFailed, Network, NetworkSettings, OverBecause, RoomEvent, RoomKind, RoomWish, Terms, Wish},
    invitation::Invitation,
};
use support::{Someone, until};
use tempfile::tempdir;

const INSIDE: &str = "INCAMERA_TEST_INSIDE";
const OWN: [&str; 2] = ["192.0.2.7", "2001:db8::7"];
const OWN_NETWORK: &str = "192.0.2.0/24";
const OUTSIDE: &str = "198.51.100.1:9";
const OUTSIDE_V6: &str = "[2001:db8:1::1]:9";
const OWN_NETWORK_V6: &str = "2001:db8::/64";
/// The two groups of multicast DNS (RFC 6762, section 3), which no router passes on.
const MDNS: &str = "224.0.0.251/32";
const MDNS_V6: &str = "ff02::fb/128";
/// IGMPv3 (RFC 3376), which the system speaks for whoever joins a group.
const IGMP: &str = "224.0.0.22/32";

#[test]
fn behind_the_local_wall_no_packet_leaves_the_machine() {
    inside("behind_the_local_wall_no_packet_leaves_the_machine", || {
        let out = WayOut::open();
        live(&NetworkSettings::of(Network::Local));
        resist(&NetworkSettings::of(Network::Local));
        // Whatever else is set, the wall stands before it.
        let bold = NetworkSettings {
            relays: vec!["https://198.51.100.2/".into(), "https://relay.example/".into()],
            dht_bootstrap: vec!["198.51.100.3:6881".into(), "dht.example:6881".into()],
            lan: true,
            ..NetworkSettings::of(Network::Local)
        };
        let mut nobody = Someone::open("Nobody", (320, 180), bold, None);
        nobody.engine.wish(Wish::Found { title: "Nowhere".into(), kind: RoomKind::Ephemeral });
        until(&mut [&mut nobody], |p| p[0].heard.iter().any(|(_, what)| matches!(what, RoomEvent::Over(_))));
        assert_eq!(out.left(), Left::default());
        out.assert_counts();
    });
}

#[test]
fn lan_wall_lets_out_subnet_and_multicast_dns_only() {
    inside("lan_wall_lets_out_subnet_and_multicast_dns_only", || {
        let out = WayOut::open();
        live(&NetworkSettings::of(Network::Lan));
        resist(&NetworkSettings::of(Network::Lan));
        let left = out.left();
        assert!(left.mdns > 0, "contacts are announced");
        assert_eq!(left, Left { mdns: left.mdns, own_network: left.own_network, ..Left::default() });
        out.assert_counts();
    });
}

/// What people do all day: contacts, rooms, invitations, messages, a call.
fn live(network: &NetworkSettings) {
    let folder = tempdir().unwrap();
    let mut ann = Person::new(&folder, "Ann", network.clone());
    let mut bob = Person::new(&folder, "Bob", network.clone());
    let (with_bob, invitation) = ann.invite("Bob");
    let told = code::read(&invitation).addresses;
    let is_own = |ip: IpAddr| network.network == Network::Lan && OWN.contains(&ip.to_string().as_str());
    assert!(!told.is_empty() && told.iter().all(|at| at.ip().is_loopback() || is_own(at.ip())));
    let with_ann = redeem((&mut ann, with_bob), &mut bob, &invitation);
    chat((&mut ann, with_bob), (&mut bob, with_ann), "behind the wall");
    call((&mut ann, with_bob), (&mut bob, with_ann));
    bob.someone.wish(with_ann, RoomWish::HangUp);
    ann.invite("Somebody else");
    ann.someone.engine.wish(Wish::Found { title: "Choir".into(), kind: RoomKind::Kept });
    let mut choir = None;
    until(&mut [&mut ann.someone], |p| {
        choir = p[0].heard.iter().find_map(|(room, what)| match what {
            RoomEvent::Entered { kind: RoomKind::Kept, .. } => Some(*room),
            _ => None,
        });
        choir.is_some()
    });
    let choir = choir.expect("it was awaited");
    ann.someone.wish(choir, RoomWish::Invite(Terms { many: true, valid: None, waiting_room: true }));
    until(&mut [&mut ann.someone], |p| contacts::invitation(p[0], choir).is_some());
    // What is done from time to time gets its time: searches, redials, announcements.
    drop(bob);
    thread::sleep(Duration::from_secs(5));
}

/// An invitation that leads outside is not followed.
fn resist(network: &NetworkSettings) {
    let folder = tempdir().unwrap();
    let mut ann = Person::new(&folder, "Ann", network.clone());
    let (_, invitation) = ann.invite("Bob");
    let lure = lead_to(&invitation, &[OUTSIDE, OUTSIDE_V6]);
    let mut bob = Person::new(&folder, "Bob", network.clone());
    bob.someone.engine.wish(Wish::Redeem { invitation: lure });
    if network.network == Network::Local {
        let over = OverBecause::JoinFailed(JoinFailed::OutsideNetwork);
        let is_over = |what: &RoomEvent| matches!(what, RoomEvent::Over(why) if *why == over);
        until(&mut [&mut bob.someone], |p| p[0].heard.iter().any(|(_, what)| is_over(what)));
    } else {
        // The LAN finds the inviter in spite of it.
        until(&mut [&mut bob.someone], |p| {
            p[0].heard.iter().any(|(_, what)| matches!(what, RoomEvent::Entered { .. }))
        });
    }
}

/// The same invitation with other addresses.
fn lead_to(invitation: &Invitation, addresses: &[&str]) -> Invitation {
    let mut bytes = code::bytes(invitation)[..code::HEAD].to_vec();
    bytes.extend(code::read(invitation).endpoint);
    bytes.push(addresses.len() as u8);
    for address in addresses {
        match address.parse().expect("an address") {
            SocketAddr::V4(v4) => bytes.extend([&[4][..], &v4.ip().octets(), &v4.port().to_be_bytes()].concat()),
            SocketAddr::V6(v6) => bytes.extend([&[6][..], &v6.ip().octets(), &v6.port().to_be_bytes()].concat()),
        }
    }
    bytes.push(1);
    let relay = "https://198.51.100.4/";
    bytes.push(relay.len() as u8);
    bytes.extend(relay.as_bytes());
    let check = digest(&SHA256, &bytes);
    bytes.extend(&check.as_ref()[..4]);
    let code = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    format!("incamera://join#{code}").parse().expect("it is well made")
}

/// Runs the test of this name again in a namespace of its own, and there `body`.
fn inside(test: &str, body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let namespace = [&["--net"][..], &["--net", "--user", "--map-root-user"]];
    let furnished = |flags: &&&[&str]| {
        let trial = "ip link add outside type veth peer name far && iptables -L -n && ip6tables -L -n";
        Command::new("unshare").args(**flags).args(["sh", "-c", trial]).output().is_ok_and(|done| done.status.success())
    };
    let Some(flags) = namespace.iter().find(furnished) else {
        return not_run::not_run(test, "this system permits no network namespace with iptables in it");
    };
    let program = env::current_exe().expect("a test is a program");
    let mut again = Command::new("unshare");
    again.args(*flags).arg(program).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let done = again.status().expect("unshare starts");
    assert!(done.success(), "it failed inside of the namespace");
}

/// Packets that went to the way out, by where they were for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    own_network: u64,
    mdns: u64,
    elsewhere: u64,
    /// Questions to a name server, wherever it is.
    names: u64,
}

/// The only interface besides loopback. Counts on the system's own way out of the machine, not on the engine's word.
struct WayOut;

impl WayOut {
    fn open() -> Self {
        run("ip link set lo up");
        run("ip link add outside type veth peer name far");
        run("ip link set far addrgenmode none up");
        run(&format!("ip addr add {}/24 dev outside", OWN[0]));
        run(&format!("ip addr add {}/64 dev outside nodad", OWN[1]));
        run("ip link set outside up");
        run("ip route add default via 192.0.2.1");
        run("ip -6 route add default via 2001:db8::1");
        for tables in ["iptables", "ip6tables"] {
            run(&format!("{tables} -A OUTPUT -p udp --dport 53 -m comment --comment names"));
            run(&format!("{tables} -A OUTPUT -p tcp --dport 53 -m comment --comment names"));
            run(&format!("{tables} -A OUTPUT -o lo -j ACCEPT"));
        }
        run(&format!("iptables -A OUTPUT -d {OWN_NETWORK} -m comment --comment own -j ACCEPT"));
        run(&format!("iptables -A OUTPUT -d {MDNS} -p udp --dport 5353 -m comment --comment mdns -j ACCEPT"));
        run(&format!("iptables -A OUTPUT -d {IGMP} -p igmp -j ACCEPT"));
        run("iptables -A OUTPUT -m comment --comment elsewhere");
        // The system itself solicits routers and tells of its groups.
        run("ip6tables -A OUTPUT -p icmpv6 -j ACCEPT");
        run(&format!("ip6tables -A OUTPUT -d {OWN_NETWORK_V6} -m comment --comment own -j ACCEPT"));
        run(&format!("ip6tables -A OUTPUT -d {MDNS_V6} -p udp --dport 5353 -m comment --comment mdns -j ACCEPT"));
        run("ip6tables -A OUTPUT -m comment --comment elsewhere");
        Self
    }

    fn left(&self) -> Left {
        let both = |comment| count("iptables", comment) + count("ip6tables", comment);
        Left { own_network: both("own"), mdns: both("mdns"), elsewhere: both("elsewhere"), names: both("names") }
    }

    /// A packet for outside would have been seen.
    fn assert_counts(&self) {
        let before = self.left();
        for (own, outside) in [("0.0.0.0:0", OUTSIDE), ("[::]:0", OUTSIDE_V6), ("0.0.0.0:0", "198.51.100.5:53")] {
            let socket = UdpSocket::bind(own).expect("a socket");
            socket.send_to(b"seen", outside).expect("the way out is open");
        }
        let left = self.left();
        assert_eq!((left.elsewhere, left.names), (before.elsewhere + 3, before.names + 1));
    }
}

/// Packets that met the rules with this comment.
fn count(tables: &str, comment: &str) -> u64 {
    let rules = run(&format!("{tables} -nvxL OUTPUT"));
    let of_comment = rules.lines().filter(|line| line.contains(&format!("/* {comment} */")));
    of_comment.filter_map(|line| line.split_whitespace().next()?.parse::<u64>().ok()).sum()
}

fn run(command: &str) -> String {
    let mut words = command.split(' ');
    let done = Command::new(words.next().expect("a program")).args(words).output().expect("the program starts");
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}
