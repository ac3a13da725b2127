//! A process that is killed while it writes.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
    time::Duration,
};

use super::*;

const FOLDER: &str = "STORE_TEST_FOLDER";

/// Starts `test` as a child in `folder`, kills it after it has said `lines` lines, and gives back all that it said.
fn kill_after(lines: usize, test: &str, folder: &Path) -> Vec<u64> {
    let mut command = child(&[], test);
    let mut process = command.env(FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        // The test program says things of its own.
        said.extend(line.unwrap().split_once("done ").map(|(_, number)| number.parse::<u64>().unwrap()));
        if said.len() == lines {
            // At any moment of what comes next, not always right after a commit.
            let mut delay = [0];
            folder::random(&mut delay).unwrap();
            thread::sleep(Duration::from_micros(u64::from(delay[0]) * 200));
            // SIGKILL where there are signals. What was said before it is still read.
            process.kill().unwrap();
        }
    }
    process.wait().unwrap();
    assert!(said.len() >= lines, "the child ended by itself after {} lines", said.len());
    said
}

#[test]
fn reported_writes_outlive_twenty_kills_untorn() {
    let home = tempdir().unwrap();
    let profile = with_a_room(home.path()).profile();
    let mut reported = 0;
    for round in 0..20 {
        reported = kill_after(1 + round * 7 % 13, "crash::write_without_end", home.path()).pop().unwrap().max(reported);
        let store = Store::open(home.path(), profile, &lock("correct")).unwrap();
        let last = store.last_outgoing(ROOM).unwrap();
        // At most one was written and not reported any more.
        assert!(reported <= last && last <= reported + 1, "reported {reported}, found {last}");
        reported = last;

        let room = &store.rooms().unwrap()[0];
        assert_eq!(room.group.as_ref().unwrap()[..], vec![last as u8; 20_000], "the group is of another moment");
        assert_eq!(room.members[0].received, last);
        let lines = store.lines(ROOM, None, u32::MAX).unwrap();
        let of =
            |author| lines.iter().filter(|line| line.author == author).map(|line| line.sequence).collect::<Vec<_>>();
        let all: Vec<u64> = (1..=last).collect();
        assert_eq!((of(Author::Own), of(Author::Member(ALICE))), (all.clone(), all));
        let sound: String = store.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }
    println!("20 kills, {reported} transactions");
}

#[test]
#[ignore = "a part of reported_writes_outlive_twenty_kills_untorn"]
fn write_without_end() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let mut store = Store::open(folder, profiles(folder).unwrap()[0], &lock("correct")).unwrap();
    let next = store.last_outgoing(ROOM).unwrap() + 1;
    for sequence in next.. {
        let group = vec![sequence as u8; 20_000];
        let body = sequence.to_string().into_bytes();
        let group = Write::Group { room: ROOM, bytes: Some(&group) };
        store.apply(&[queue(sequence, &body), group, received(sequence, &body)]).unwrap();
        println!("done {sequence}");
    }
}

#[test]
fn lock_opens_with_either_passphrase_after_a_kill_amid_change() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    store.apply(&[queue(1, &[1; 100_000])]).unwrap();
    let profile = store.profile();
    drop(store);
    for round in 0..20 {
        let done = kill_after(1 + round % 4, "crash::change_locks_without_end", home.path()).pop().unwrap();
        let open = |number: u64| Store::open(home.path(), profile, &lock(&number.to_string()));
        let mut opened = Vec::new();
        for number in [done, done + 1] {
            match open(number) {
                Ok(_) => opened.push(number),
                Err(error) => assert_eq!(error, StoreError::WrongPassphrase),
            }
        }
        let [number] = opened[..] else { panic!("{opened:?} of {done} open it") };
        let mut store = open(number).unwrap();
        assert_eq!(store.lines(ROOM, None, 10).unwrap()[0].body, [1; 100_000]);
        let after = store.room_value(ROOM, "after").unwrap().unwrap();
        assert!([done, number].iter().any(|number| after == number.to_be_bytes()));
        store.change_lock(&lock("correct")).unwrap();
    }
}

#[test]
#[ignore = "a part of lock_opens_with_either_passphrase_after_a_kill_amid_change"]
fn change_locks_without_end() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let mut store = Store::open(folder, profiles(folder).unwrap()[0], &lock("correct")).unwrap();
    for number in 0_u64.. {
        store.change_lock(&lock(&number.to_string())).unwrap();
        let after = number.to_be_bytes();
        store.apply(&[Write::RoomValue { room: ROOM, name: "after", bytes: Some(&after) }]).unwrap();
        println!("done {number}");
    }
}
