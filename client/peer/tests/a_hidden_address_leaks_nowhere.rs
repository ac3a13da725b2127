//! Who hides their address has no socket by which it could leak: not for links, not for media, not for a search. All that
//! others are told is a relay. Alone in its file, because it looks at all sockets of its process.
#![cfg(target_os = "linux")]

#[path = "../../engine/tests/support/code.rs"]
mod code;
#[path = "../../engine/tests/support/contacts.rs"]
mod contacts;
#[path = "../../engine/tests/support/sockets.rs"]
mod sockets;
#[path = "../../engine/tests/support/mod.rs"]
mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use contacts::{Person, call, call_state, chat, redeem, told};
use engine::api::{CallState, Network, NetworkSettings, Presence, RoomEvent, RoomId, RoomWish, Route};
use iroh_relay::server::{RelayConfig, Server, ServerConfig};
use mainline::Testnet;
use sockets::Socket;
use support::{Someone, until};
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_incamera-peer");
const NEVER: Duration = Duration::from_secs(120);

/// A relay on loopback, on a runtime of its own.
struct Relay {
    address: SocketAddr,
    _server: Server,
    _runtime: tokio::runtime::Runtime,
}

impl Relay {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("the system has a thread");
        let mut config = ServerConfig::default();
        config.relay = Some(RelayConfig::new((Ipv4Addr::LOCALHOST, 0)));
        let server = runtime.block_on(Server::spawn(config)).expect("the relay starts");
        let address = server.http_addr().expect("it listens");
        Self { address, _server: server, _runtime: runtime }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// No UDP, and no TCP but to this relay.
    fn assert_only_way_of(&self, process: u32) {
        let found: Vec<Socket> = ["udp", "udp6"].iter().flat_map(|table| sockets::of_process(process, table)).collect();
        assert_eq!(found, [], "who hides needs no UDP");
        let found: Vec<Socket> = ["tcp", "tcp6"].iter().flat_map(|table| sockets::of_process(process, table)).collect();
        assert!(found.iter().any(|socket| socket.remote == self.address), "the relay is in use");
        let elsewhere = found.iter().find(|socket| socket.remote != self.address && socket.local != self.address);
        assert_eq!(elsewhere, None, "a connection to somebody who is no relay");
    }
}

/// All that somebody ever saw of the other's links and media went through the relay.
fn assert_all_relayed(someone: &Someone, room: RoomId) {
    let routes = told(someone, room, |what| match what {
        RoomEvent::Changed { state, .. } => match state.presence {
            Presence::Here(route) => Some(route),
            Presence::Away | Presence::Reconnecting => None,
        },
        _ => None,
    });
    assert!(!routes.is_empty() && routes.iter().all(|route| *route == Route::Relayed), "{routes:?}");
    let paths = told(someone, room, |what| if let RoomEvent::Changed { state, .. } = what { state.path } else { None });
    assert!(paths.iter().all(|path| *path == engine::api::Path::Link), "{paths:?}");
    let [figures] = &someone.stats.participants[..] else { panic!("one other is in the call") };
    assert_eq!((figures.path, figures.link_route), (engine::api::Path::Link, Some(Route::Relayed)));
}

#[test]
fn hidden_program_has_sockets_to_the_relay_only() {
    let relay = Relay::start();
    let hidden =
        NetworkSettings { relays: vec![relay.url()], hide_address: true, ..NetworkSettings::of(Network::Local) };
    let folder = tempdir().unwrap();

    let mut ann = Person::new(&folder, "Ann", hidden.clone());
    let (with_bob, invitation) = ann.invite("Bob");
    assert_eq!(code::read(&invitation).addresses, []);
    let mut bob = Person::new(&folder, "Bob", hidden);
    let with_ann = redeem((&mut ann, with_bob), &mut bob, &invitation);
    chat((&mut ann, with_bob), (&mut bob, with_ann), "behind the relay");
    call((&mut ann, with_bob), (&mut bob, with_ann));
    relay.assert_only_way_of(std::process::id());
    assert_all_relayed(&ann.someone, with_bob);
    assert_all_relayed(&bob.someone, with_ann);
    let (_, second) = ann.invite("Carol");
    assert_eq!(code::read(&second).addresses, [], "in a call neither");
    assert_ne!(
        code::read(&second).endpoint,
        code::read(&invitation).endpoint,
        "and each contact sees another endpoint"
    );
    drop((ann, bob));

    open_meets_hidden(&relay, &folder);
}

/// The other one does not hide, and offers every way there is.
fn open_meets_hidden(relay: &Relay, folder: &TempDir) {
    let dht = Testnet::builder(12).build().expect("the nodes start");
    let open = NetworkSettings {
        relays: vec![relay.url()],
        dht_bootstrap: dht.bootstrap.clone(),
        ..NetworkSettings::of(Network::Local)
    };
    let mut ann = Person::new(folder, "Open", open);
    let (with_dora, invitation) = ann.invite("Dora");
    assert!(!code::read(&invitation).addresses.is_empty(), "the open one says where they are");
    let mut dora = Hidden::start(folder.path(), relay, &dht.bootstrap);
    dora.tell(&format!("/accept {invitation}"));
    dora.until("entered");
    ann.someone.wish(with_dora, RoomWish::Call { video: true });
    until(&mut [&mut ann.someone], |p| p[0].frames_of("Dora") > 50);
    assert_eq!(call_state(&ann.someone, with_dora), CallState::In);
    relay.assert_only_way_of(dora.process.id());
    assert_all_relayed(&ann.someone, with_dora);
}

/// Somebody who hides, as a process.
struct Hidden {
    process: Child,
    lines: mpsc::Receiver<String>,
}

impl Hidden {
    fn start(folder: &Path, relay: &Relay, bootstrap: &[String]) -> Self {
        let passphrase = folder.join("passphrase");
        fs::write(&passphrase, "a quiet place\n").expect("the disk has room");
        let command = |more: &[&str]| {
            let mut command = Command::new(PROGRAM);
            command.args(["--network", "local", "--relay-only", "--relay", &relay.url()]);
            command.args(bootstrap.iter().flat_map(|node| ["--dht-bootstrap", node]).take(4));
            command.arg("--data-dir").arg(folder.join("Dora")).arg("--passphrase-file").arg(&passphrase).args(more);
            command
        };
        let created = command(&["profile", "create", "Dora"]).status().expect("the program starts");
        assert!(created.success());
        let media = ["--camera", "test", "--microphone", "test", "--size", "320x180", "--fps", "25"];
        let mut process = command(&[&["listen", "--answer", "--json"], &media[..]].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = BufReader::new(process.stdout.take().expect("it is piped"));
        let (sender, lines) = mpsc::sync_channel(1024);
        thread::spawn(move || out.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Self { process, lines }
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().expect("it is piped"), "{line}").expect("it reads");
    }

    /// Waits until it tells of this event.
    fn until(&self, name: &str) {
        let wanted = format!(r#""event":"{name}""#);
        while !self.lines.recv_timeout(NEVER).expect("it tells more").contains(&wanted) {}
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
