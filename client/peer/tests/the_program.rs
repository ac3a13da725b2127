//! `incamera-peer` as a user runs it: processes, signals, files, and errors that say what is wrong.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
#[path = "../../engine/src/not_run.rs"]
mod not_run;

use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_incamera-peer");

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).output().expect("the program starts")
}

/// A room's creator, its invitation read from the first line.
fn create(more: &[&str]) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .args(["create", "--name", "Ann", "--network", "local"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().to_owned())
}

#[test]
fn a_broken_invitation_is_told_in_plain_words() {
    let output = run(&["join", "incamera://join#abc", "--name", "Bob", "--network", "local"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("the invitation is damaged"));
}

#[test]
fn an_unreadable_clip_is_told_and_the_room_goes_on() {
    let folder = tempdir().unwrap();
    let clip = folder.path().join("broken.y4m");
    fs::write(&clip, b"YUV4MPEG2 W0 H0 nonsense\n").unwrap();
    let clip = clip.to_str().unwrap();
    let output = run(&["create", "--name", "Ann", "--network", "local", "--camera", clip, "--seconds", "1"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("the clip cannot be read"));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("incamera://join#"));
}

#[test]
fn processes_record_each_other_and_a_signal_says_goodbye() {
    let folder = tempdir().unwrap();
    let stats = folder.path().join("ann.json");
    let record = folder.path().join("rec");
    let media = ["--camera", "test", "--microphone", "test", "--size", "320x180", "--fps", "25"];
    let own = ["--stats", stats.to_str().unwrap(), "--record", record.to_str().unwrap()];
    let (mut ann, invitation) = create(&[&media[..], &own].concat());
    let mut bob = Command::new(PROGRAM)
        .args(["join", &invitation, "--name", "Bob", "--network", "local"])
        .args(media)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_secs(4));
    ann.stdin.as_mut().unwrap().write_all("hello, \u{1f44b} Bob\n".as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(bob.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "\"Ann\": hello, \u{1f44b} Bob\n");

    let signal = |child: &Child| Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(signal(&ann).success());
    assert!(wait(&mut ann), "a signal ends the program");
    let figures = fs::read_to_string(&stats).unwrap();
    for expected in ["\"name\": \"Bob\"", "\"path\": \"direct\"", "\"keys\": \"current\"", "\"frames\""] {
        assert!(figures.contains(expected), "{expected} is missing");
    }
    let picture = fs::metadata(record.join("Bob.y4m")).unwrap().len();
    let sound = fs::metadata(record.join("Bob.wav")).unwrap().len();
    assert!(picture > 40 * 320 * 180 * 3 / 2 && sound > 2 * 48_000, "{picture} {sound}");
    assert!(signal(&bob).success());
    assert!(wait(&mut bob));
}

#[test]
fn two_in_a_room_compare_its_words_and_each_others() {
    let (mut ann, invitation) = create(&[]);
    let mut bob = Command::new(PROGRAM)
        .args(["join", &invitation, "--name", "Bob", "--network", "local"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_secs(4));
    let [mut of_ann, mut of_bob] = [&mut ann, &mut bob].map(|child| BufReader::new(child.stdout.take().unwrap()));
    let read = |reader: &mut BufReader<_>| {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim().strip_prefix("= ").expect("the result of a command").to_owned()
    };
    for (child, name) in [(&mut ann, "Bob"), (&mut bob, "Ann")] {
        child.stdin.as_mut().unwrap().write_all(format!("/code\n/verify {name}\n").as_bytes()).unwrap();
    }
    let anns: Vec<_> = (0..5).map(|_| read(&mut of_ann)).collect();
    let bobs: Vec<_> = (0..5).map(|_| read(&mut of_bob)).collect();
    assert_eq!(anns[0].split(' ').count(), 6);
    assert_eq!(anns[..2], bobs[..2], "the room's words, and the digits");
    assert_eq!(anns[2].strip_prefix("you read:  "), bobs[3].strip_prefix("they read: "));
    assert!(anns[4].starts_with("incamera://verify#") && anns[4] != bobs[4]);
    let said = format!("/verify Bob {}\n", bobs[4]);
    ann.stdin.as_mut().unwrap().write_all(said.as_bytes()).unwrap();
    assert_eq!(read(&mut of_ann), "the codes match");
    for child in [&mut ann, &mut bob] {
        child.stdin.as_mut().unwrap().write_all(b"/leave\n").unwrap();
        assert!(wait(child));
    }
}

/// With `--network local` every socket is bound to loopback, so that the system itself refuses the rest. No other program may
/// see which sockets are its own, so it gets a network of its own here, in which every socket is.
#[cfg(target_os = "linux")]
#[test]
fn behind_the_local_wall_every_socket_is_on_loopback() {
    const TEST: &str = "behind_the_local_wall_every_socket_is_on_loopback";
    const INSIDE: &str = "INCAMERA_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        let (mut ann, _) = create(&["--camera", "test", "--microphone", "test"]);
        let tables = ["udp", "udp6", "tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/self/net/{table}")));
        ann.kill().unwrap();
        ann.wait().unwrap();
        let tables = tables.map(Result::unwrap_or_default);
        let sockets: Vec<_> = tables.iter().flat_map(|table| table.lines().skip(1)).collect();
        assert!(sockets.len() >= 2, "the link's socket and the media's");
        for socket in sockets {
            assert!(socket.split_whitespace().nth(1).unwrap().starts_with("0100007F:"), "bound elsewhere: {socket}");
        }
        return;
    }
    let unshare = |flags: &[&str], then: &str| {
        let network = "ip link set lo up && ip link add outside type veth peer name far && ip link set far up";
        let script = format!("{network} && ip addr add 192.0.2.1/24 dev outside && ip link set outside up && {then}");
        let mut command = Command::new("unshare");
        command.args(flags).args(["sh", "-c", &script]).arg(std::env::current_exe().unwrap()).env(INSIDE, "1");
        command
    };
    let permitted = |flags: &&[&str]| unshare(flags, "true").output().is_ok_and(|done| done.status.success());
    let namespaces = [&["--net"][..], &["--net", "--user", "--map-root-user"]];
    let Some(flags) = namespaces.into_iter().find(permitted) else {
        return not_run::not_run(TEST, "this system permits no network namespace with interfaces in it");
    };
    // What follows a script is its $0.
    let again = unshare(flags, &format!("exec \"$0\" --exact {TEST} --nocapture")).status().unwrap();
    assert!(again.success(), "it failed inside of the namespace");
}

/// A core dump of the program would hold its keys, and so would what a debugger reads.
#[cfg(target_os = "linux")]
#[test]
fn program_leaves_no_core_dump_and_is_not_traced() {
    use std::os::unix::fs::MetadataExt;
    let (mut ann, _) = create(&[]);
    let of_process = |file: &str| format!("/proc/{}/{file}", ann.id());
    let limits = fs::read_to_string(of_process("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    // The kernel gives the files of a process that must not be dumped to root, whoever runs it (proc(5)).
    let run_by_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !run_by_root {
        assert_eq!(fs::metadata(of_process("mem")).unwrap().uid(), 0);
        assert!(fs::File::open(of_process("mem")).is_err());
    }
    ann.kill().unwrap();
    ann.wait().unwrap();
}

#[test]
fn a_mesh_writes_one_object_for_each_person() {
    let folder = tempdir().unwrap();
    let stats = folder.path().join("mesh.json");
    let output = run(&[
        "mesh",
        "--people",
        "3",
        "--seconds",
        "4",
        "--size",
        "320x180",
        "--network",
        "local",
        "--stats",
        stats.to_str().unwrap(),
    ]);
    assert!(output.status.success());
    let figures = fs::read_to_string(&stats).unwrap();
    assert_eq!(figures.matches("\"path\": \"direct\"").count(), 6);
    // Nobody shares a screen, and everybody sees every camera.
    assert_eq!(figures.matches("\"frames\": 0").count(), 6);
}

#[test]
fn a_mesh_churns_and_says_who_was_without_keys() {
    let folder = tempdir().unwrap();
    let stats = folder.path().join("churn.json");
    let line =
        "mesh --people 3 --churn 120 --seed 1 --seconds 6 --size 160x90 --fps 5 --churn-events --network local --stats";
    let output = run(&line.split(' ').chain([stats.to_str().unwrap()]).collect::<Vec<_>>());
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("the seed is 1"));
    let figures: serde_json::Value = serde_json::from_slice(&fs::read(&stats).unwrap()).unwrap();
    let churn = |name: &str| figures["churn"][name].as_u64().unwrap_or_else(|| panic!("{name} is not there"));
    assert!(churn("joins") + churn("leaves") + churn("removals") + churn("crashes") > 0, "nothing happened");
    assert_eq!(churn("restarts"), churn("crashes"), "everybody who crashed is back");
    assert!(churn("max_without_keys_ms") > 0, "keys come by the network, which takes time");
    assert!(figures["churn"]["streams_frozen_by_keys"].is_u64() && figures["churn"]["rosters_equal"].is_boolean());
    assert_eq!(figures["people"].as_array().unwrap().len() as u64, churn("people_at_end"));
    assert!(!figures["churn"]["events"].as_array().unwrap().is_empty());
    assert!(!run(&["mesh", "--people", "2", "--churn", "10"]).status.success(), "two are too few");
}

/// The program with a data folder and a passphrase of its own.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempdir().unwrap());
        fs::write(home.0.path().join("passphrase"), "a quiet place\n").unwrap();
        home
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(["--network", "local", "--data-dir"]).arg(self.0.path());
        command.arg("--passphrase-file").arg(self.0.path().join("passphrase")).args(line.split(' '));
        command
    }

    /// What it says on stdout, where it does what was asked, or else on stderr.
    fn run(&self, line: &str) -> Result<String, String> {
        self.run_with(line, "")
    }

    fn run_with(&self, line: &str, stdin: &str) -> Result<String, String> {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

#[test]
fn profile_of_a_name_is_never_guessed() {
    let home = Home::new();
    home.run("profile create Ann").unwrap();
    home.run("profile create Bea").unwrap();
    assert!(home.run("profile create Ann").unwrap_err().contains("already exists"));
    assert!(home.run("profile rename Ann --profile Bea").unwrap_err().contains("already exists"));
    let export = home.0.path().join("ann.incamera");
    let file = format!("{} --export-passphrase-file {}", export.display(), home.0.path().join("passphrase").display());
    home.run(&format!("profile export {file} --profile Ann")).unwrap();
    assert!(home.run(&format!("profile export {file} --profile Ann")).unwrap_err().contains("--force"));
    home.run(&format!("profile export {file} --profile Ann --force")).unwrap();
    assert!(home.run(&format!("profile import {file}")).unwrap_err().contains("already exists"));
    home.run(&format!("profile import {file} --name Cem")).unwrap();
    let list = home.run("profile list").unwrap();
    assert_eq!(list.lines().count(), 3, "{list}");

    // The name stays taken while another process uses the profile.
    let mut listening = home.command("listen --profile Ann").stdout(Stdio::piped()).spawn().unwrap();
    BufReader::new(listening.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    assert!(home.run("profile create Ann").unwrap_err().contains("already exists"));
    assert!(home.run("profile delete --yes --profile Ann").unwrap_err().contains("another process"));
    assert_eq!(home.run("profile list").unwrap(), list);
    listening.kill().unwrap();
    listening.wait().unwrap();

    let id = list.lines().find(|line| line.ends_with("Cem")).unwrap().split(' ').next().unwrap();
    home.run(&format!("profile delete --yes --profile {id}")).unwrap();
    assert!(!home.run("profile list").unwrap().contains("Cem"));
    let why = home.run("profile delete --yes").unwrap_err();
    assert!(why.contains("several profiles"), "{why}");
}

#[test]
fn contact_of_two_names_is_reached_by_its_id_and_renamed() {
    let home = Home::new();
    home.run("profile create Ann").unwrap();
    let link = home.run("contact invite").unwrap();
    home.run("contact invite").unwrap();
    let why = home.run_with("contact accept -", &link).unwrap_err();
    assert!(why.contains("your own invitation"), "{why}");

    let list = home.run("contact list").unwrap();
    let ids: Vec<_> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    let mut revoke = home.command("contact revoke");
    let refused = revoke.arg("New contact").output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && ids.iter().all(|id| why.contains(id)), "{why}");

    let renamed = home.command("contact rename").args([ids[0], " Doctor "]).output().unwrap();
    assert!(renamed.status.success(), "{}", String::from_utf8_lossy(&renamed.stderr));
    home.run("contact revoke Doctor").unwrap();
    assert_eq!(home.run("contact list").unwrap().lines().count(), 1);
    home.run(&format!("contact revoke {}", ids[1])).unwrap();
    assert_eq!(home.run("contact list").unwrap(), "");
}

#[cfg(unix)]
#[test]
fn signal_ends_a_program_that_waits_for_a_passphrase() {
    let home = Home::new();
    let pipe = home.0.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = Command::new(PROGRAM);
    command
        .args(["contact", "list", "--network", "local", "--data-dir"])
        .arg(home.0.path())
        .arg("--passphrase-file")
        .arg(pipe);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "incamera-peer: waiting for the passphrase\n");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let limit = Instant::now() + Duration::from_secs(10);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < limit, "the signal does not end it");
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_told() {
    let home = Home::new();
    home.run("profile create Ann").unwrap();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command("profile list --json").stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("stdout cannot be written"));
}

fn wait(child: &mut Child) -> bool {
    let limit = Instant::now() + Duration::from_secs(20);
    while Instant::now() < limit {
        if child.try_wait().unwrap().is_some_and(|status| status.success()) {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    false
}
