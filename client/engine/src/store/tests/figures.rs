//! How long things take. Prints, asserts nothing of it: `cargo test -p engine store::tests::figures -- --ignored
//! --nocapture`.

use std::time::Instant;

use super::*;

#[test]
#[ignore = "prints figures"]
fn ten_thousand_lines_in_batches_and_a_long_history() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let body = [7; 100];
    let mut group = vec![0; 20_000];
    let mut receive = |store: &mut Store, from: u64, count: u64, batch: u64| {
        let begin = Instant::now();
        for first in (from..from + count).step_by(batch as usize) {
            folder::random(&mut group).unwrap();
            let mut writes: Vec<Write> =
                (first..(first + batch).min(from + count)).map(|sequence| received(sequence, &body)).collect();
            writes.push(Write::Group { room: ROOM, bytes: Some(&group) });
            store.apply(&writes).unwrap();
        }
        begin.elapsed()
    };
    println!(
        "10,000 received in batches of 32, each with a group of 20 kB: {:.2?}",
        receive(&mut store, 1, 10_000, 32)
    );
    println!("90,000 more in batches of 1000: {:.2?}", receive(&mut store, 10_001, 90_000, 1000));
    println!("1,000 more in batches of 32, at 100,000 lines: {:.2?}", receive(&mut store, 100_001, 1_000, 32));
    println!("100 more, one by one: {:.2?}", receive(&mut store, 101_001, 100, 1));
    let begin = Instant::now();
    let end = store.lines(ROOM, None, 100).unwrap();
    println!("the last 100 lines of 101,100: {:.2?}", begin.elapsed());
    let begin = Instant::now();
    store.lines(ROOM, Some(end[0].id / 2), 100).unwrap();
    println!("100 lines from the middle: {:.2?}", begin.elapsed());
    let begin = Instant::now();
    store.outgoing(ROOM, 0, 100).unwrap();
    store.last_outgoing(ROOM).unwrap();
    println!("nothing in the outbox: {:.2?}", begin.elapsed());
    let path = home.path().join("export");
    let begin = Instant::now();
    store.export(&path, &passphrase("export")).unwrap();
    println!("export: {:.2?}, {} bytes", begin.elapsed(), fs::metadata(&path).unwrap().len());
    let begin = Instant::now();
    drop(import(home.path(), &lock("correct"), &path, &passphrase("export"), &|| true).unwrap());
    println!("import: {:.2?}", begin.elapsed());
    let begin = Instant::now();
    store.change_lock(&lock("changed")).unwrap();
    println!("change of the lock: {:.2?}", begin.elapsed());
    let begin = Instant::now();
    store.apply(&[Write::Expire { room: ROOM, before_ms: i64::MAX }]).unwrap();
    println!("expiry of all: {:.2?}", begin.elapsed());
}
