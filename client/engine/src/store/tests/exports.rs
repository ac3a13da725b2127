use std::io;

use super::*;

fn filled(home: &Path) -> Store {
    let mut store = with_a_room(home);
    store
        .apply(&[
            Write::Value { name: "face", bytes: Some(b"a face") },
            Write::RoomValue { room: ROOM, name: "rules", bytes: Some(b"rules") },
            Write::Group { room: ROOM, bytes: Some(b"epoch 7") },
            queue(1, b"expired"),
            received(1, b"expired too"),
            Write::Acknowledged { room: ROOM, member: ALICE, up_to: 1 },
            Write::Expire { room: ROOM, before_ms: 1002 },
            Write::Member { room: ROOM, member: BOB, details: b"bob" },
            queue(2, &[3; 70_000]),
            received(2, b"two"),
            Write::Acknowledged { room: ROOM, member: BOB, up_to: 2 },
            Write::Note { room: ROOM, at_ms: -5, body: b"a note" },
            Write::Room { room: RoomKey([6; 16]), details: b"empty" },
            Write::Invitation { invitation: InvitationKey([1; 16]), room: Some(ROOM), bytes: b"i" },
            Write::Invitation { invitation: InvitationKey([2; 16]), room: None, bytes: b"j" },
        ])
        .unwrap();
    store
}

fn dump(store: &Store) -> Vec<u8> {
    Dump::read(&store.connection).unwrap().to_bytes().unwrap().to_vec()
}

#[test]
fn an_imported_profile_holds_what_was_exported() {
    let (home, other, file) = (tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap());
    let path = file.path().join("me.incamera");
    let store = filled(home.path());
    fs::write(&path, "an older export").unwrap();
    store.export(&path, &passphrase("export")).unwrap();
    assert_eq!(files(file.path()).len(), 1, "something beside the export is left");

    let imported = import(other.path(), &lock("correct"), &path, &passphrase("export"), &|| true).unwrap();
    assert_eq!(dump(&imported), dump(&store));
    let mut imported = reopen(imported, other.path());
    assert_ne!(imported.profile(), store.profile());
    let shown = |store: &Store| -> Vec<_> {
        let lines = store.lines(ROOM, None, 10).unwrap();
        lines.iter().map(|line| (line.sequence, line.waiting_for)).collect()
    };
    assert_eq!(shown(&imported), shown(&store));
    imported.apply(&[queue(3, b"on it goes"), received(3, b"here too")]).unwrap();
}

#[test]
fn export_that_is_stopped_leaves_the_file_as_it_was() {
    let (home, file) = (tempdir().unwrap(), tempdir().unwrap());
    let path = file.path().join("me.incamera");
    let store = filled(home.path());
    fs::write(&path, "an older export").unwrap();
    for steps in 0..3 {
        let asked = std::cell::Cell::new(0);
        let go_on = || asked.replace(asked.get() + 1) < steps;
        assert_eq!(store.export_while(&path, &passphrase("export"), &go_on), Err(StoreError::Stopped), "{steps}");
        assert_eq!((fs::read(&path).unwrap(), files(file.path()).len()), (b"an older export".to_vec(), 1));
    }
}

#[test]
fn an_export_opens_with_its_passphrase_and_whole_or_not_at_all() {
    let (home, other) = (tempdir().unwrap(), tempdir().unwrap());
    let path = home.path().join("export");
    filled(home.path()).export(&path, &passphrase("export")).unwrap();
    let whole = fs::read(&path).unwrap();
    let read = |bytes: &[u8]| read_export(bytes, &passphrase("export")).map(|_| ());
    assert_eq!(read(&whole), Ok(()));
    assert_eq!(read_export(&whole, &passphrase("correct")).err(), Some(StoreError::WrongPassphrase));
    let ends = (0..200).chain([whole.len() / 2, 65_000 + 600, whole.len() - 1]);
    for end in ends {
        assert_eq!(read(&whole[..end]), Err(StoreError::Damaged), "cut at {end}");
    }
    for at in (0..200).chain([whole.len() / 2, whole.len() - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        let expected = match at {
            8 => StoreError::Newer(0x4001),
            9 => StoreError::Newer(0x0041),
            _ => StoreError::Damaged,
        };
        assert_eq!(read(&damaged), Err(expected), "byte {at}");
    }
    assert_eq!(read(&[&whole[..], &[0]].concat()), Err(StoreError::Damaged));

    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let failed = import(other.path(), &lock("new"), &path, &passphrase("export"), &|| true);
    assert_eq!(failed.err(), Some(StoreError::Damaged));
    fs::write(&path, &whole).unwrap();
    let stopped = import(other.path(), &lock("new"), &path, &passphrase("export"), &|| false);
    assert_eq!(stopped.err(), Some(StoreError::Stopped));
    fs::write(&path, b"\x89PNG\r\n\x1a\n and more").unwrap();
    let picture = import(other.path(), &lock("new"), &path, &passphrase("export"), &|| true);
    assert_eq!(picture.err(), Some(StoreError::NoExport));
    let folder = import(other.path(), &lock("new"), other.path(), &passphrase("export"), &|| true);
    assert_eq!(folder.err(), Some(StoreError::NoFile));
    let missing = import(other.path(), &lock("new"), &other.path().join("no"), &passphrase("export"), &|| true);
    assert_eq!(missing.err(), Some(StoreError::Io(io::ErrorKind::NotFound)));
    assert_eq!(files(other.path()), []);
}

#[cfg(unix)]
#[test]
fn export_over_a_folder_or_a_link_is_refused_as_no_file() {
    let (home, other) = (tempdir().unwrap(), tempdir().unwrap());
    let store = filled(home.path());
    let (target, link) = (other.path().join("target"), other.path().join("link"));
    fs::write(&target, b"kept").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for path in [other.path(), &link, Path::new("/dev/null"), Path::new("/")] {
        assert_eq!(store.export(path, &passphrase("export")), Err(StoreError::NoFile), "{}", path.display());
    }
    assert_eq!(fs::read(&target).unwrap(), b"kept");
    let nowhere = other.path().join("no").join("me.incamera");
    let missing = store.export(&nowhere, &passphrase("export"));
    assert_eq!(missing, Err(StoreError::Io(io::ErrorKind::NotFound)));
}

#[test]
fn wrong_argument_of_a_call_is_not_told_as_no_file() {
    let told = |kind: io::ErrorKind| StoreError::from(io::Error::from(kind));
    assert_eq!(told(io::ErrorKind::InvalidInput), StoreError::Io(io::ErrorKind::InvalidInput));
    assert_eq!(told(io::ErrorKind::IsADirectory), StoreError::NoFile);
}

#[test]
fn a_header_of_a_profile_is_no_export() {
    let home = tempdir().unwrap();
    let store = filled(home.path());
    let header = folder::read_header(home.path(), store.profile()).unwrap();
    assert_eq!(read_export(&header, &passphrase("correct")).err(), Some(StoreError::Damaged));
}

#[test]
fn a_dump_is_refused_when_no_store_would_have_written_it() {
    let home = tempdir().unwrap();
    let store = filled(home.path());
    let whole = dump(&store);
    assert!(read_dump(&whole).is_ok());
    assert_eq!(read_dump(&[&[0, 2], &whole[2..]].concat()).err(), Some(StoreError::Newer(2)));
    assert_eq!(read_dump(&[&[0, 0], &whole[2..]].concat()).err(), Some(StoreError::Damaged));
    assert_eq!(read_dump(&[&whole[..], &[0]].concat()).err(), Some(StoreError::Damaged));
    for end in (0..1000).chain([whole.len() - 1]).filter(|&end| end < whole.len()) {
        assert_eq!(read_dump(&whole[..end]).err(), Some(StoreError::Damaged), "cut at {end}");
    }
    // Announces more than there is memory.
    assert_eq!(read_dump(&[0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 127]).err(), Some(StoreError::Damaged));
    // The same room twice; own lines past the last; an acknowledgement of what was never sent.
    for sql in [
        "UPDATE room SET outgoing = 1 WHERE outgoing = 2",
        "UPDATE member SET since = 2, acknowledged = 1",
        "UPDATE line SET sequence = 0 WHERE kind = 1",
        "UPDATE line SET sequence = 4 WHERE kind = 2",
    ] {
        let transaction = store.connection.unchecked_transaction().unwrap();
        transaction.execute(sql, []).unwrap();
        let bytes = {
            let dump = Dump::read_within(&transaction).unwrap();
            dump.to_bytes().unwrap()
        };
        transaction.rollback().unwrap();
        assert_eq!(read_dump(&bytes).err(), Some(StoreError::Damaged), "{sql}");
    }
}

#[test]
fn whatever_read_dump_takes_can_be_written() {
    let home = tempdir().unwrap();
    let whole = dump(&filled(home.path()));
    let mut taken = 0;
    for at in 2..whole.len().min(700) {
        for flip in [1, 0x10, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            if let Ok(dump) = read_dump(&changed) {
                let mut connection = Connection::open_in_memory().unwrap();
                schema::migrate(&mut connection, schema::MIGRATIONS).unwrap();
                dump.write(&mut connection, &|| true).unwrap_or_else(|error| panic!("byte {at} with {flip}: {error}"));
                taken += 1;
            }
        }
    }
    assert!(taken > 50, "{taken}");
}
