//! On real sockets, in network namespaces of their own: each test starts itself again in one, and is skipped where the
//! system does not permit that. Nothing is sent on this machine's networks.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use super::*;

const MARK: &str = "RENDEZVOUS_TEST_ROLE";

fn secret(byte: u8) -> Secret {
    Secret::from_bytes([byte; 32])
}

fn at(port: u16) -> Whereabouts {
    Whereabouts { endpoint: [7; 32], relays: Vec::new(), addresses: vec![([192, 0, 2, 1], port).into()] }
}

fn start(interface: &str) -> (Lan, mpsc::Receiver<Found>) {
    Lan::start(LanSettings { interfaces: vec![interface.parse().unwrap()] }).unwrap()
}

/// The next find, or `None` after `time`.
fn next(found: &mut mpsc::Receiver<Found>, time: Duration) -> Option<Found> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if let Ok(found) = found.try_recv() {
            return Some(found);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

const LONG: Duration = Duration::from_secs(20);

/// Runs `script` in a new network namespace, with `$TEST` as the command that runs this test again. Skipped, loudly,
/// where `needs` is not permitted there; fails if the script does.
fn in_namespace(test: &str, needs: &str, script: &str) {
    let exe = std::env::current_exe().unwrap();
    let module = module_path!().split_once("::").unwrap().1;
    let again = format!("{} --exact {module}::{test} --nocapture", exe.display());
    let permitted = ["-n", "-rn"]
        .into_iter()
        .find(|how| Command::new("unshare").args([how, "sh", "-c", needs]).output().is_ok_and(|o| o.status.success()));
    let Some(how) = permitted else {
        return crate::not_run::not_run(test, "this system does not permit the network namespaces it needs");
    };
    let script = format!("set -e; ip link set lo up; {script}");
    let output = Command::new("unshare").args([how, "sh", "-c", &script]).env("TEST", again).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    for line in said.lines().filter(|line| line.starts_with("| ")) {
        eprintln!("{line}");
    }
}

fn role() -> Option<String> {
    std::env::var(MARK).ok()
}

#[test]
fn on_loopback_only_who_shares_the_secret_finds_the_other() {
    if role().is_none() {
        let test = "on_loopback_only_who_shares_the_secret_finds_the_other";
        in_namespace(test, "ip link set lo up", "RENDEZVOUS_TEST_ROLE=both $TEST");
        return;
    }
    let (maker, _nobody) = start("127.0.0.1");
    let (bearer, mut found) = start("127.0.0.1");
    let (stranger, mut strangers) = start("127.0.0.1");
    stranger.look_for(PairId(1), &secret(2), Side::Higher).unwrap();
    bearer.look_for(PairId(5), &secret(1), Side::Higher).unwrap();
    thread::sleep(Duration::from_millis(500));
    let begin = Instant::now();
    maker.announce(PairId(9), &secret(1), Side::Lower, at(1)).unwrap();
    let first = next(&mut found, LONG).expect("the announcement is heard");
    eprintln!("| found after {:?}", begin.elapsed());
    assert_eq!((first.pair, first.whereabouts), (PairId(5), at(1)));
    // A change is heard, too; published within the same second it is a change all the same.
    maker.announce(PairId(9), &secret(1), Side::Lower, at(2)).unwrap();
    assert_eq!(next(&mut found, LONG).expect("the change is heard").whereabouts, at(2));
    // Who looks later finds what was heard before.
    let (late, mut lately) = start("127.0.0.1");
    assert_eq!(next(&mut lately, Duration::from_secs(3)), None, "nobody is looked for");
    late.look_for(PairId(6), &secret(1), Side::Higher).unwrap();
    assert_eq!(next(&mut lately, LONG).expect("it was remembered").whereabouts, at(2));
    assert_eq!(next(&mut strangers, Duration::from_millis(100)), None);
    // What is withdrawn is forgotten by those who heard it.
    maker.withdraw(PairId(9));
    let gone = |lan: &Lan| {
        let mut state = lan.shared.lock();
        state.recogniser.look_for(PairId(5), secret(1), Side::Higher);
        state.recogniser.among_remembered(PairId(5), unix_now()).is_none()
    };
    let end = Instant::now() + LONG;
    while !gone(&bearer) {
        assert!(Instant::now() < end, "the goodbye is heard");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn machines_on_one_lan_meet_and_other_interfaces_stay_silent() {
    let test = "machines_on_one_lan_meet_and_other_interfaces_stay_silent";
    match role().as_deref() {
        None => {
            let script = "
                unshare -n sleep 60 & other=$!
                trap 'kill $other' EXIT
                sleep 0.3
                ip link add name veth-a type veth peer name veth-b netns $other
                ip addr add 10.9.0.1/24 dev veth-a; ip link set veth-a up
                ip link add name forbidden type veth peer name nobody
                ip link set forbidden addrgenmode none; ip link set nobody addrgenmode none; ip link set nobody up
                ip addr add 10.8.0.1/24 dev forbidden; ip link set forbidden up
                nsenter -t $other -n sh -c 'ip link set lo up; ip addr add 10.9.0.2/24 dev veth-b; ip link set veth-b up'
                RENDEZVOUS_TEST_ROLE=bearer nsenter -t $other -n $TEST & bearer=$!
                RENDEZVOUS_TEST_ROLE=maker $TEST
                wait $bearer
                sent=$(ip -s link show forbidden | awk '/TX:/ { getline; print $1 }')
                echo \"| bytes sent on the interface that is not allowed: $sent\"
                test $sent -lt 600
            ";
            in_namespace(test, "ip link add name probe type veth peer name eborp", script);
        }
        // Each announces and looks; each stays until the other had time to find it.
        Some(side) => {
            let (own, side) = if side == "maker" { ("10.9.0.1", Side::Lower) } else { ("10.9.0.2", Side::Higher) };
            let (lan, mut found) = start(own);
            lan.look_for(PairId(1), &secret(1), side).unwrap();
            let port = if side == Side::Lower { 1 } else { 2 };
            lan.announce(PairId(1), &secret(1), side, at(port)).unwrap();
            let other = next(&mut found, LONG).expect("the other is on the LAN");
            assert_eq!(other.whereabouts, at(3 - port));
            thread::sleep(Duration::from_secs(3));
        }
    }
}

#[test]
fn without_an_interface_there_is_no_presence_on_the_lan() {
    let none = Lan::start(LanSettings { interfaces: Vec::new() });
    assert_eq!(none.err(), Some(LanError::NoInterface));
}
