use super::*;
use crate::not_run::not_run;

fn header(home: &TempDir, store: &Store) -> PathBuf {
    home.path().join("profiles").join(store.profile().to_string()).join("header")
}

#[test]
fn only_the_right_passphrase_opens_a_profile() {
    let home = tempdir().unwrap();
    let profile = with_a_room(home.path()).profile();
    let open = |lock: &Lock| Store::open(home.path(), profile, lock).map(|_| ());
    assert_eq!(open(&lock("wrong")), Err(StoreError::WrongPassphrase));
    assert_eq!(open(&Lock::Keyring), Err(StoreError::WrongLock));
    assert_eq!(open(&lock("correct")), Ok(()));
    assert_eq!(locked_by(home.path(), profile), Ok(LockKind::Passphrase));
    let nobody = "0123456789abcdef".parse().unwrap();
    assert_eq!(Store::open(home.path(), nobody, &lock("correct")).err(), Some(StoreError::NoProfile));
}

#[test]
fn a_profile_is_open_once_at_a_time() {
    let home = tempdir().unwrap();
    let store = with_a_room(home.path());
    let profile = store.profile();
    assert_eq!(Store::open(home.path(), profile, &lock("correct")).err(), Some(StoreError::InUse));
    assert_eq!(delete_profile(home.path(), profile), Err(StoreError::InUse));
    assert_eq!(delete_everything(home.path()), Err(StoreError::InUse));
    drop(store);
    Store::open(home.path(), profile, &lock("correct")).unwrap();
}

#[test]
fn a_changed_lock_is_the_only_one_and_the_content_stays() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let profile = store.profile();
    store.apply(&[queue(1, b"before")]).unwrap();
    let former_header = fs::read(header(&home, &store)).unwrap();
    store.change_lock(&lock("changed")).unwrap();
    store.apply(&[queue(2, b"after")]).unwrap();
    let header = header(&home, &store);
    drop(store);

    assert_eq!(Store::open(home.path(), profile, &lock("correct")).err(), Some(StoreError::WrongPassphrase));
    let store = Store::open(home.path(), profile, &lock("changed")).unwrap();
    let lines = store.lines(ROOM, None, 10).unwrap();
    assert_eq!(lines.iter().map(|line| &line.body[..]).collect::<Vec<_>>(), [&b"before"[..], b"after"]);
    drop(store);
    // A copy of the former header opens a key that opens nothing.
    fs::write(header, former_header).unwrap();
    assert_eq!(Store::open(home.path(), profile, &lock("correct")).err(), Some(StoreError::Damaged));
}

#[test]
fn damage_is_told_from_a_wrong_passphrase() {
    let home = tempdir().unwrap();
    let store = with_a_room(home.path());
    let (profile, header, database) = (store.profile(), header(&home, &store), store.folder.database());
    drop(store);
    let open = || Store::open(home.path(), profile, &lock("correct")).map(|_| ());
    let whole = fs::read(&header).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x80;
        fs::write(&header, damaged).unwrap();
        let expected = match at {
            8 => StoreError::Newer(0x8001),
            9 => StoreError::Newer(0x0081),
            _ => StoreError::Damaged,
        };
        assert_eq!(open(), Err(expected), "byte {at}");
        fs::write(&header, &whole[..at]).unwrap();
        assert_eq!(open(), Err(StoreError::Damaged), "cut at {at}");
    }
    fs::write(&header, [&whole[..], &[0]].concat()).unwrap();
    assert_eq!(open(), Err(StoreError::Damaged));
    fs::write(&header, &whole).unwrap();
    assert_eq!(open(), Ok(()));

    let pages = fs::read(&database).unwrap();
    let mut damaged = pages.clone();
    damaged[100] ^= 1;
    for wrong in [&damaged[..], &pages[..100], &[]] {
        fs::write(&database, wrong).unwrap();
        assert_eq!(open(), Err(StoreError::Damaged), "{} bytes", wrong.len());
    }
    fs::remove_file(&database).unwrap();
    assert_eq!(open(), Err(StoreError::Damaged));
}

#[test]
fn a_damaged_page_is_an_error_when_it_is_read() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let body = vec![7; 50_000];
    store.apply(&[queue(1, &body)]).unwrap();
    let (profile, database) = (store.profile(), store.folder.database());
    drop(store);
    let mut pages = fs::read(&database).unwrap();
    let last = pages.len() - 2000;
    pages[last] ^= 1;
    fs::write(&database, pages).unwrap();
    let store = Store::open(home.path(), profile, &lock("correct")).unwrap();
    assert_eq!(store.lines(ROOM, None, 10).err(), Some(StoreError::Damaged));
}

#[test]
fn a_newer_profile_is_refused_and_left_as_it_is() {
    let home = tempdir().unwrap();
    let store = with_a_room(home.path());
    let profile = store.profile();
    store.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let before = files(home.path());
    assert_eq!(Store::open(home.path(), profile, &lock("correct")).err(), Some(StoreError::Newer(99)));
    let changed: Vec<_> = files(home.path()).into_iter().filter(|file| !before.contains(file)).collect();
    assert!(
        changed.iter().all(|(path, bytes)| path.ends_with("profile.db-journal") && bytes.iter().all(|byte| *byte == 0))
    );
}

#[test]
fn an_older_profile_is_brought_up_to_date_when_it_opens() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    store.apply(&[queue(1, b"old")]).unwrap();
    let profile = store.profile();
    drop(store);
    let newer = [schema::MIGRATIONS, &["ALTER TABLE line ADD COLUMN starred INTEGER NOT NULL DEFAULT 5"]].concat();
    let store = Store::open_with(home.path(), profile, &lock("correct"), &newer).unwrap();
    let (body, starred): (Vec<u8>, i64) =
        store.connection.query_row("SELECT body, starred FROM line", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((&body[..], starred), (&b"old"[..], 5));
    drop(store);
    assert_eq!(Store::open(home.path(), profile, &lock("correct")).err(), Some(StoreError::Newer(3)));
}

/// The same letters to the eye: as one character each, and as letter and accent.
const ACCENTED: [&str; 2] = ["Gr\u{fc}\u{df}e\u{a0}\u{c5}", "Gru\u{308}\u{df}e A\u{30a}"];

#[test]
fn passphrase_opens_when_its_accents_are_typed_apart() {
    for (one, other) in [(0, 1), (1, 0)].map(|(one, other)| (ACCENTED[one], ACCENTED[other])) {
        let (home, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
        let store = Store::create(home.path(), &lock(one)).unwrap();
        let (profile, path) = (store.profile(), elsewhere.path().join("export"));
        store.export(&path, &passphrase(one)).unwrap();
        drop(store);
        assert!(Store::open(home.path(), profile, &lock(other)).is_ok());
        assert_eq!(label(home.path(), profile, &lock(other)), Ok(None));
        assert!(import(elsewhere.path(), &lock(other), &path, &passphrase(other), &|| true).is_ok());
        for wrong in ["Grusse A", "gr\u{fc}\u{df}e \u{e5}", &format!("{one} ")] {
            assert_eq!(Store::open(home.path(), profile, &lock(wrong)).err(), Some(StoreError::WrongPassphrase));
        }
    }
}

#[test]
fn profile_of_older_version_opens_with_what_was_typed_then() {
    let [composed, typed] = ACCENTED;
    let (home, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let older = Passphrase::of_older_version(typed);
    let path = elsewhere.path().join("export");
    let store = Store::create(home.path(), &Lock::Passphrase(Passphrase::of_older_version(typed))).unwrap();
    store.export(&path, &older).unwrap();
    let profile = store.profile();
    drop(store);
    assert_eq!(Store::open(home.path(), profile, &lock(composed)).err(), Some(StoreError::WrongPassphrase));
    assert!(import(elsewhere.path(), &lock("new"), &path, &passphrase(typed), &|| true).is_ok());
    assert_eq!(label(home.path(), profile, &lock(typed)), Ok(None));
    let mut store = Store::open(home.path(), profile, &lock(typed)).unwrap();
    // From the next change on it is the same on every keyboard.
    store.change_lock(&lock(typed)).unwrap();
    drop(store);
    assert!(Store::open(home.path(), profile, &lock(composed)).is_ok());
}

#[test]
fn a_profile_without_a_keyring_says_so_and_leaves_nothing() {
    if is_keyring_available() {
        return not_run("a_profile_without_a_keyring_says_so_and_leaves_nothing", "this computer has a keyring");
    }
    let home = tempdir().unwrap();
    assert_eq!(Store::create(home.path(), &Lock::Keyring).err(), Some(StoreError::KeyringUnavailable));
    assert_eq!(profiles(home.path()).unwrap(), []);
    assert_eq!(files(home.path()), []);
}

#[test]
fn the_keyring_keeps_a_profiles_key() {
    let home = tempdir().unwrap();
    // A keyring of its own: nobody's real one is touched.
    let script = r#"echo -n secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" "$@""#;
    let before = ["dbus-run-session", "--", "sh", "-c", script];
    let mut command = child(&before, "locks::with_a_keyring");
    for folder in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
        command.env(folder, home.path());
    }
    let Ok(output) = command.env("STORE_TEST_FOLDER", home.path()).output() else {
        return not_run("the_keyring_keeps_a_profiles_key", "there is no dbus-run-session here");
    };
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() && !said.contains("running 1 test") {
        return not_run("the_keyring_keeps_a_profiles_key", "there is no gnome-keyring-daemon here");
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "a part of the_keyring_keeps_a_profiles_key"]
fn with_a_keyring() {
    let Some(folder) = std::env::var_os("STORE_TEST_FOLDER") else { return };
    let home = PathBuf::from(folder).join("data");
    assert!(is_keyring_available());
    let mut store = Store::create(&home, &Lock::Keyring).unwrap();
    let profile = store.profile();
    store.apply(&[Write::Value { name: "a", bytes: Some(b"1") }]).unwrap();
    drop(store);
    assert_eq!(Store::open(&home, profile, &lock("any")).err(), Some(StoreError::WrongLock));
    let mut store = Store::open(&home, profile, &Lock::Keyring).unwrap();
    store.change_lock(&Lock::Keyring).unwrap();
    drop(store);
    let mut store = Store::open(&home, profile, &Lock::Keyring).unwrap();
    store.change_lock(&lock("correct")).unwrap();
    assert_eq!(keyring::key(profile).err(), Some(StoreError::KeyMissing));
    store.change_lock(&Lock::Keyring).unwrap();
    assert_eq!(locked_by(&home, profile), Ok(LockKind::Keyring));
    drop(store);
    assert_eq!(Store::open(&home, profile, &Lock::Keyring).unwrap().value("a").unwrap().as_deref(), Some(&b"1"[..]));

    keyring::remove_key(profile).unwrap();
    assert_eq!(Store::open(&home, profile, &Lock::Keyring).err(), Some(StoreError::KeyMissing));
    let second = Store::create(&home, &Lock::Keyring).unwrap().profile();
    delete_everything(&home).unwrap();
    assert_eq!(keyring::key(second).err(), Some(StoreError::KeyMissing));
}
