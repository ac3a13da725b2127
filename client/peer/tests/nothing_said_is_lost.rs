//! What is handed to `incamera-peer` arrives, or the program says that it did not.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

#[path = "../../engine/src/not_run.rs"]
mod not_run;

use tempfile::tempdir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_incamera-peer");
/// More than the engine holds wishes (256), and than a paste had without loss.
const LINES: usize = 1500;

fn start(arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .args(["--network", "local"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn line(of: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    of.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

#[test]
fn piped_lines_all_arrive_in_order() {
    let (mut ann, mut of_ann) = start(&["create", "--name", "Ann"]);
    let invitation = line(&mut of_ann);
    let (mut bob, mut of_bob) = start(&["join", &invitation, "--name", "Bob"]);
    // Once Ann hears Bob, what she says is for him.
    writeln!(bob.stdin.as_mut().unwrap(), "ready").unwrap();
    assert_eq!(line(&mut of_ann), "\"Bob\": ready");
    let mut pipe = ann.stdin.take().unwrap();
    let writer = thread::spawn(move || {
        for number in 0..LINES {
            writeln!(pipe, "line {number}").unwrap();
        }
        pipe
    });
    for number in 0..LINES {
        assert_eq!(line(&mut of_bob), format!("\"Ann\": line {number}"));
    }
    drop(writer.join().unwrap());
    for child in [&mut ann, &mut bob] {
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        child.wait().unwrap();
    }
}

/// Each is answered, so that the program does not wait for answers that never come.
#[test]
fn stdin_is_read_on_after_many_messages_without_text() {
    let mut ann = Command::new(PROGRAM)
        .args(["create", "--name", "Ann", "--network", "local"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = ann.stdin.take().unwrap();
    // More than may be unanswered at once (64).
    (0..100).for_each(|_| writeln!(pipe, "\u{200b}").unwrap());
    writeln!(pipe, "/leave").unwrap();
    let limit = Instant::now() + Duration::from_secs(30);
    while ann.try_wait().unwrap().is_none() {
        if Instant::now() > limit {
            ann.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let output = ann.wait_with_output().unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "/leave is not read: {complained}");
    assert_eq!(complained.matches("no visible text").count(), 100, "{complained}");
}

/// Makes a profile on a small disk in memory, fills the disk, and says how each command ends.
const ON_A_FULL_DISK: &str = r#"
mount -t tmpfs -o size=3m tmpfs "$DISK" && echo MOUNTED || exit 9
peer() { "$PEER" "$@" --network local --data-dir "$DISK" --passphrase-file "$PASSPHRASE"; }
peer profile create Ann && peer contact invite --label Bea && peer room create Choir && peer contact say Bea hello || exit 8
# The journal stays, and has room for a small change: without it each change needs some.
find "$DISK" -name '*-journal' -delete
cat /dev/zero > "$DISK/filler" 2> /dev/null
tell() { peer "$@" > /dev/null; echo "ENDED $? $*"; }
tell contact clear Bea
tell contact rules Bea --ring off
tell contact say Bea hello
tell room create Band
tell room leave Choir --seconds 1
tell contact revoke Bea --seconds 1
echo "LEFT $(peer contact list | wc -l) $(peer room list | wc -l)"
"#;

#[test]
fn commands_on_a_full_disk_fail_and_say_why() {
    let folder = tempdir().unwrap();
    let (disk, passphrase) = (folder.path().join("disk"), folder.path().join("passphrase"));
    fs::create_dir_all(&disk).unwrap();
    fs::write(&passphrase, "correct horse\n").unwrap();
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", ON_A_FULL_DISK])
        .env("DISK", &disk)
        .env("PASSPHRASE", &passphrase)
        .env("PEER", PROGRAM)
        .stdin(Stdio::null())
        .output();
    let Some(output) = output.ok().filter(|output| output.stdout.starts_with(b"MOUNTED")) else {
        return not_run::not_run("commands_on_a_full_disk_fail_and_say_why", "no small disk may be mounted here");
    };
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let ended: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("ENDED ")).collect();
    assert_eq!(ended.len(), 6, "{said}{complained}");
    assert!(ended.iter().all(|ended| ended.starts_with("1 ")), "{said}{complained}");
    let reasons = complained.matches("the disk could not be written to, so nothing was done").count();
    assert_eq!(reasons, ended.len(), "each says why, and none waits until it gives up: {complained}");
    assert!(said.contains("LEFT 1 1"), "what could not be done is not done: {said}{complained}");
}
