//! A disk without space: a small file system in memory, which only a child process sees.

use super::*;
use crate::not_run::not_run;

const DISK: &str = "STORE_TEST_DISK";

#[test]
fn a_full_disk_refuses_the_write_and_harms_nothing() {
    let home = tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=2m tmpfs "$STORE_TEST_DISK" && echo MOUNTED && exec "$0" "$@""#;
    let mut command =
        child(&["unshare", "--map-root-user", "--mount", "sh", "-c", script], "full_disk::on_a_small_disk");
    let output = command.env(DISK, home.path()).output();
    let mounted = output.as_ref().is_ok_and(|output| output.stdout.starts_with(b"MOUNTED"));
    match output {
        Ok(output) if mounted => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            assert!(said.contains("1 passed"), "{said}");
        }
        _ => not_run("a_full_disk_refuses_the_write_and_harms_nothing", "no small disk may be mounted here"),
    }
}

/// Takes all space that is left.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(path).unwrap();
    for size in [4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
#[ignore = "a part of a_full_disk_refuses_the_write_and_harms_nothing"]
fn on_a_small_disk() {
    let Some(disk) = std::env::var_os(DISK) else { return };
    let disk = Path::new(&disk);
    fs::write(disk.join("reserve"), vec![0; 600_000]).unwrap();
    let mut store = with_a_room(disk);
    let profile = store.profile();
    let body = [7; 1000];
    let mut written = 0;
    let first = loop {
        match store.apply(&[queue(written + 1, &body), received(written + 1, &body)]) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(first, StoreError::DiskFull);
    assert!(written > 100, "{written}");
    let sequences = |store: &Store| -> Vec<u64> {
        store.outgoing(ROOM, 0, u32::MAX).unwrap().iter().map(|line| line.sequence).collect()
    };
    let expected: Vec<u64> = (1..=written).collect();
    assert_eq!(sequences(&store), expected);

    // No byte is left, and still it opens and reads.
    fill(&disk.join("filler"));
    let large = vec![7; 100_000];
    assert_eq!(store.apply(&[queue(written + 1, &large)]), Err(StoreError::DiskFull));
    assert_eq!(store.change_lock(&lock("changed")), Err(StoreError::DiskFull));
    assert_eq!(store.export(&disk.join("export"), &passphrase("export")), Err(StoreError::DiskFull));
    assert_eq!(Store::create(disk, &lock("second")).err(), Some(StoreError::DiskFull));
    assert_eq!(profiles(disk).unwrap(), [profile]);
    drop(store);
    let mut store = Store::open(disk, profile, &lock("correct")).unwrap();
    assert_eq!(sequences(&store), expected);
    assert_eq!(store.apply(&[queue(written + 1, &large)]), Err(StoreError::DiskFull));

    // With some space again it goes on.
    fs::remove_file(disk.join("filler")).unwrap();
    fs::remove_file(disk.join("reserve")).unwrap();
    let delivered = Write::Acknowledged { room: ROOM, member: ALICE, up_to: 100 };
    store.apply(&[delivered, Write::Expire { room: ROOM, before_ms: 1101 }]).unwrap();
    store.apply(&[queue(written + 1, &large)]).unwrap();
    let mut store = reopen(store, disk);
    assert_eq!(sequences(&store), (101..=written + 1).collect::<Vec<_>>());
    store.apply(&[received(written + 1, b"on it goes")]).unwrap();

    fill(&disk.join("filler"));
    drop(store);
    delete_everything(disk).unwrap();
    assert!(!disk.join("profiles").exists());
}
