//! The store as a whole, in real folders.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::{TempDir, tempdir};

use super::*;

mod crash;
mod everyday;
mod exports;
mod figures;
mod full_disk;
mod locks;
mod private;

pub(super) const ROOM: RoomKey = RoomKey([1; 16]);
pub(super) const ALICE: MemberKey = MemberKey([2; 16]);
pub(super) const BOB: MemberKey = MemberKey([3; 16]);

pub(super) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

pub(super) fn lock(text: &str) -> Lock {
    Lock::Passphrase(passphrase(text))
}

pub(crate) fn reopen(store: Store, data_dir: &Path) -> Store {
    let profile = store.profile();
    drop(store);
    Store::open(data_dir, profile, &lock("correct")).unwrap()
}

/// A store with one room and Alice in it.
pub(crate) fn with_a_room(data_dir: &Path) -> Store {
    let mut store = Store::create(data_dir, &lock("correct")).unwrap();
    store
        .apply(&[
            Write::Room { room: ROOM, details: b"kitchen table" },
            Write::Member { room: ROOM, member: ALICE, details: b"alice of details" },
        ])
        .unwrap();
    store
}

pub(super) fn queue(sequence: u64, body: &[u8]) -> Write<'_> {
    Write::Queue { room: ROOM, sequence, at_ms: 1000 + sequence as i64, body }
}

pub(super) fn received(sequence: u64, body: &[u8]) -> Write<'_> {
    Write::Received { room: ROOM, from: ALICE, name: "Alice", sequence, at_ms: 1000 + sequence as i64, body }
}

/// Every file below a folder, with its content.
pub(super) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Runs one ignored test of this program in a process of its own, behind the words of `before`.
pub(super) fn child(before: &[&str], test: &str) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut words = before.iter().map(|word| (*word).into()).chain([program.into_os_string()]);
    let mut command = Command::new(words.next().unwrap());
    // Where this module stands differs with the crate it is built in.
    let module = module_path!().split_once("::").unwrap().1;
    command.args(words).args([&format!("{module}::{test}"), "--exact", "--ignored", "--nocapture"]);
    command
}
