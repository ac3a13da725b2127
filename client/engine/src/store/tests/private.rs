//! What somebody finds who has the disk and not the key.

use super::*;

const TEXT: &[u8] = b"meet me at the old mill at seven";

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn filled(home: &Path) -> Store {
    let mut store = with_a_room(home);
    store
        .apply(&[
            Write::Value { name: "name-of-value-in-clear", bytes: Some(TEXT) },
            Write::Room { room: ROOM, details: TEXT },
            Write::Group { room: ROOM, bytes: Some(TEXT) },
            queue(1, TEXT),
            received(1, TEXT),
        ])
        .unwrap();
    store
}

#[test]
fn nothing_that_is_stored_is_readable_in_the_folder() {
    let home = tempdir().unwrap();
    let mut store = filled(home.path());
    store.export(&home.path().join("export"), &passphrase("export")).unwrap();
    // In the middle of a transaction, with a journal that is not empty.
    let transaction = store.connection.transaction().unwrap();
    transaction.execute("UPDATE line SET body = ?1", [b"another text".repeat(1000)]).unwrap();
    transaction.cache_flush().unwrap();
    let found = files(home.path());
    let length = |name: &str| found.iter().find(|(path, _)| path.ends_with(name)).unwrap().1.len();
    assert!(length("profile.db-journal") > 0 && length("profile.db") > 0 && length("export") > 0);
    for text in
        [TEXT, b"name-of-value", b"kitchen table", b"Alice", b"alice of", b"another text", b"SQLite", b"correct"]
    {
        for (path, bytes) in &found {
            assert!(!contains(bytes, text), "{path:?} has {:?}", String::from_utf8_lossy(text));
        }
    }
}

#[test]
fn only_the_owner_may_read_a_profile() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let home = tempdir().unwrap();
        let data = home.path().join("data");
        let store = filled(&data);
        store.export(&data.join("export"), &passphrase("export")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for (path, _) in files(&data) {
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700), "{path:?}");
        }
    }
}

/// Nothing of a former page is in the journal, and it was written to.
fn is_wiped(journal: &Path) {
    let bytes = fs::read(journal).unwrap();
    assert!(!bytes.is_empty() && bytes.len() <= 256 * 1024, "{}", bytes.len());
    assert_eq!(bytes.iter().position(|byte| *byte != 0), None, "a former page is left in the journal");
}

#[test]
fn journal_keeps_no_former_page_after_a_transaction() {
    let home = tempdir().unwrap();
    let mut store = filled(home.path());
    let journal = store.folder.path().join("profile.db-journal");
    for round in 0..5 {
        // Large enough that many former pages go through the journal.
        store.apply(&[Write::Group { room: ROOM, bytes: Some(&vec![round; 900_000]) }]).unwrap();
        is_wiped(&journal);
    }
    // One that fails is rolled back from it.
    let fails = [Write::Group { room: ROOM, bytes: Some(&[7; 300_000]) }, queue(99, TEXT)];
    assert_eq!(store.apply(&fails), Err(StoreError::OutOfOrder));
    is_wiped(&journal);
    let store = reopen(store, home.path());
    is_wiped(&journal);
    assert_eq!(store.rooms().unwrap()[0].group.as_ref().unwrap()[..], vec![4; 900_000]);
}

#[test]
fn journal_of_a_killed_process_is_overwritten_once_rolled_back() {
    let home = tempdir().unwrap();
    let mut store = filled(home.path());
    let profile = store.profile();
    let path = store.folder.database();
    let journal = store.folder.path().join("profile.db-journal");
    store.apply(&[Write::Group { room: ROOM, bytes: Some(&[1; 100_000]) }]).unwrap();
    // What the files are in the middle of a transaction is what a kill leaves.
    let transaction = store.connection.transaction().unwrap();
    transaction.execute("UPDATE room_group SET bytes = ?1", [[2; 100_000]]).unwrap();
    transaction.cache_flush().unwrap();
    let torn = (fs::read(&path).unwrap(), fs::read(&journal).unwrap());
    transaction.rollback().unwrap();
    drop(store);
    fs::write(&path, &torn.0).unwrap();
    fs::write(&journal, &torn.1).unwrap();
    let mut kept_open = fs::File::open(&journal).unwrap();
    let store = Store::open(home.path(), profile, &lock("correct")).unwrap();
    assert_eq!(store.rooms().unwrap()[0].group.as_ref().unwrap()[..], [1; 100_000]);
    let mut left = Vec::new();
    std::io::Read::read_to_end(&mut kept_open, &mut left).unwrap();
    assert!(torn.1.iter().any(|byte| *byte != 0) && left.iter().all(|byte| *byte == 0));
}

#[test]
fn freed_pages_are_overwritten_and_kept_by_no_journal() {
    let home = tempdir().unwrap();
    let mut store = filled(home.path());
    let journal = store.folder.path().join("profile.db-journal");
    let delivered = Write::Acknowledged { room: ROOM, member: ALICE, up_to: 2 };
    for writes in [queue(2, &[1; 100_000]), delivered, Write::Expire { room: ROOM, before_ms: i64::MAX }] {
        store.apply(&[writes]).unwrap();
        is_wiped(&journal);
    }
    let pragma = |name: &str| -> i64 { store.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert!(pragma("freelist_count") > 20);
    // In SQLite's words: 1 is on, 2 is FULL, 2 is MEMORY.
    assert_eq!([pragma("secure_delete"), pragma("synchronous"), pragma("temp_store")], [1, 2, 2]);
}

#[test]
fn deleting_everything_leaves_no_file_and_no_text() {
    let home = tempdir().unwrap();
    let store = filled(home.path());
    let kept_open = fs::File::open(store.folder.database()).unwrap();
    let second = with_a_room(home.path()).profile();
    drop(store);
    // Left behind by processes that ended at a bad moment.
    let folder = home.path().join("profiles");
    for file in
        ["0123456789abcdef/profile.db", &format!("{second}/profile.db-journal"), &format!("{second}/header.new")]
    {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, TEXT).unwrap();
    }
    assert_eq!(profiles(home.path()).unwrap().len(), 2);
    delete_everything(home.path()).unwrap();
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    // Overwritten before it was removed.
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut &kept_open, &mut rest).unwrap();
    assert!(!rest.is_empty() && rest.iter().all(|&byte| byte == 0));
    delete_everything(home.path()).unwrap();
    delete_everything(&home.path().join("nowhere")).unwrap();
}

#[test]
fn one_profile_is_deleted_without_the_others() {
    let home = tempdir().unwrap();
    let (first, second) = (filled(home.path()).profile(), filled(home.path()).profile());
    delete_profile(home.path(), first).unwrap();
    assert_eq!(profiles(home.path()).unwrap(), [second]);
    assert_eq!(delete_profile(home.path(), first), Err(StoreError::NoProfile));
    assert_eq!(Store::open(home.path(), second, &lock("correct")).unwrap().last_outgoing(ROOM).unwrap(), 1);
}

#[test]
fn profile_is_deleted_when_a_stray_folder_lies_in_its_folder() {
    let home = tempdir().unwrap();
    let (store, second) = (filled(home.path()), filled(home.path()).profile());
    let (first, folder) = (store.profile(), store.folder.path().to_owned());
    drop(store);
    let document = home.path().join("a document");
    fs::write(&document, TEXT).unwrap();
    fs::create_dir(folder.join("@eaDir")).unwrap();
    fs::write(folder.join("@eaDir/thumbnail"), "theirs").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&document, folder.join("a link")).unwrap();

    assert_eq!(delete_profile(home.path(), first), Err(StoreError::NotOurs));
    assert_eq!(profiles(home.path()).unwrap(), [second], "it is on the list");
    assert_eq!(
        files(&folder).iter().filter(|(path, _)| !path.ends_with("a link")).count(),
        1,
        "a file of ours is left"
    );
    assert_eq!(fs::read(folder.join("@eaDir/thumbnail")).unwrap(), b"theirs");
    assert_eq!(fs::read(&document).unwrap(), TEXT, "a link was followed");

    assert_eq!(delete_everything(home.path()), Err(StoreError::NotOurs));
    assert_eq!(profiles(home.path()).unwrap(), []);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(delete_everything(home.path()), Ok(()));
    assert_eq!(files(home.path()), [(document, TEXT.to_vec())]);
}

#[test]
fn header_goes_when_a_folder_stands_in_place_of_a_file() {
    let home = tempdir().unwrap();
    let store = filled(home.path());
    let (profile, folder) = (store.profile(), store.folder.path().to_owned());
    drop(store);
    fs::remove_file(folder.join("name")).unwrap_or_default();
    fs::create_dir(folder.join("name")).unwrap();
    assert_eq!(delete_profile(home.path(), profile), Err(StoreError::NotOurs));
    assert_eq!(profiles(home.path()).unwrap(), []);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn errors_and_debug_output_hold_nothing_of_the_content() {
    let home = tempdir().unwrap();
    let store = filled(home.path());
    let error = StoreError::from(store.connection.execute_batch("SELECT 'meet me' FROM nowhere").unwrap_err());
    for text in [format!("{store:?}"), format!("{error:?} {error}"), format!("{:?}", passphrase("meet me"))] {
        assert!(!text.contains("meet") && !text.contains("correct"), "{text}");
    }
}
