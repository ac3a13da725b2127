//! What is kept, and what an older or a newer version kept.

use super::{entry::Content, *};
use crate::{
    api::CallOutcome,
    store::tests::{reopen, with_a_room},
};

#[test]
fn whether_noise_is_suppressed_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    assert_eq!(shelf.suppress_noise(), None);
    for on in [false, true] {
        shelf.keep_suppress_noise(on).unwrap();
        shelf = Shelf::new(reopen(shelf.store, folder.path()));
        assert_eq!(shelf.suppress_noise(), Some(on));
    }
}

#[test]
fn word_that_makes_no_sense_is_left_out_and_the_rest_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (room, alice, nobody) = (RoomId([1; 16]), MemberId([2; 16]), MemberId([9; 16]));
    let said = || Said::Text("hello".into());
    let theirs = |sequence| Keep::Theirs { from: alice, name: "Alice".into(), sequence, at_ms: 0, said: said() };
    let own = |sequence| Keep::Own { sequence, at_ms: 0, said: said() };
    let begin = |received| Keep::Begin { member: alice, received, acknowledged: 0 };
    let acknowledged = |member, up_to| Keep::Acknowledged { member, up_to };
    let left_out = shelf.keep(room, &[theirs(1), theirs(7), own(1), acknowledged(nobody, 1), own(2)]).unwrap();
    assert_eq!(left_out, [alice, nobody]);
    assert_eq!(shelf.keep(room, &[begin(u64::MAX), acknowledged(alice, 3), theirs(2)]).unwrap(), [alice, alice]);
    assert_eq!(shelf.progress(room, alice).unwrap(), Some((2, 0)));
    assert_eq!(shelf.progress(room, nobody).unwrap(), None);
    assert_eq!(shelf.outgoing(room, 0).unwrap().len(), 2);
    // What is our own is all or nothing.
    assert!(shelf.keep(room, &[own(3), own(9)]).unwrap_err().is_of_meaning());
    assert_eq!(shelf.outgoing(room, 0).unwrap().len(), 2);
}

/// A row of each kind as version 1 of the store was first written, each with what it is shown as.
#[test]
fn recorded_rows_are_read_as_they_were_written() {
    let recorded: [(&[u8], &str); 5] = [
        (b"\x00\x00\x05hello", "hello"),
        (b"\x00\x01\x05Choir\x04link", "Choir: link"),
        (b"\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x00\x01\x00\x41", "called 65 s"),
        (b"\x02\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x05", "5 missing"),
        (b"\x03\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x03Bea", "now Bea"),
    ];
    for (row, shown) in recorded {
        let entry: Entry = decoded(row).unwrap();
        assert_eq!(encode(&entry), row, "{shown} is written as before");
        let is = match entry {
            Entry::Said(Content::Text(text)) => text,
            Entry::Said(Content::Invitation { title, link }) => format!("{title}: {link}"),
            Entry::Said(Content::Unknown { .. }) => "unknown".into(),
            Entry::Call { outcome: CallOutcome::Held(seconds), .. } => format!("called {seconds} s"),
            Entry::Call { .. } => "called".into(),
            Entry::Missing { count, .. } => format!("{count} missing"),
            Entry::Renamed { to, .. } => format!("now {to}"),
        };
        assert_eq!(is, shown);
    }
}

#[test]
fn line_of_a_later_version_is_kept_until_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (room, alice) = (RoomId([1; 16]), MemberId([2; 16]));
    let unknown = |kind, bytes: &[u8]| Said::Unknown { kind, bytes: bytes.to_vec() };
    let theirs = |sequence, said| Keep::Theirs { from: alice, name: "Alice".into(), sequence, at_ms: 1, said };
    // Kind 0 stands for one that has become known since: to the version that kept the line it was not.
    let kept = [theirs(1, unknown(9, b"poll")), theirs(2, unknown(0, b"\x05hello"))];
    assert_eq!(shelf.keep(room, &kept).unwrap(), []);
    assert_eq!(shelf.keep(room, &[Keep::Own { sequence: 1, at_ms: 1, said: unknown(9, b"poll") }]).unwrap(), []);
    let (lines, _) = shelf.history(room, None, MemberId([8; 16]), "Me", 1000).unwrap();
    let shown: Vec<_> = lines.iter().map(|line| &line.body).collect();
    assert!(
        matches!(shown[..], [Body::NeedsNewerVersion, Body::Text(text), Body::NeedsNewerVersion] if text == "hello")
    );
    assert!(matches!(&shelf.outgoing(room, 0).unwrap()[..], [(1, 1, said)] if *said == unknown(9, b"poll")));
}

#[test]
fn missing_lines_are_counted_in_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (room, alice) = (RoomId([1; 16]), MemberId([2; 16]));
    let name = || "Alice".to_owned();
    let missing = Keep::Missing { from: alice, name: name(), up_to: 5, at_ms: 1, count: 5 };
    let said = Said::Text("six".into());
    let next = Keep::Theirs { from: alice, name: name(), sequence: 6, at_ms: i64::MAX, said };
    assert_eq!(shelf.keep(room, &[missing, next]).unwrap(), []);
    let (lines, _) = shelf.history(room, None, MemberId([8; 16]), "Me", 1000).unwrap();
    assert!(matches!(lines[0].body, Body::Missing { count: 5 }) && lines[0].name == "Alice");
    assert_eq!(lines[1].at_ms, 301_000, "a time from the future is not believed");
}

#[test]
fn history_is_plain_when_it_was_kept_by_an_older_rule() {
    const STEERING: &str = "Al\u{202e}ice\u{9b}31m";
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (room, alice, text) = (RoomId([1; 16]), MemberId([2; 16]), || STEERING.to_owned());
    let said = || Said::Text(text());
    let invitation = Said::Invitation { title: text(), link: text() };
    let theirs = |sequence, said| Keep::Theirs { from: alice, name: text(), sequence, at_ms: 1, said };
    let outcome = CallOutcome::Missed;
    let kept = [
        Keep::Own { sequence: 1, at_ms: 1, said: said() },
        theirs(1, said()),
        theirs(2, invitation),
        Keep::Missing { from: alice, name: text(), up_to: 3, at_ms: 1, count: 1 },
        Keep::Call { by: alice, name: text(), mine: false, at_ms: 1, video: true, outcome },
        Keep::Renamed { member: alice, from: text(), to: text(), at_ms: 1 },
        theirs(4, Said::Text("x".repeat(1 << 20))),
    ];
    assert_eq!(shelf.keep(room, &kept).unwrap(), []);
    let (lines, _) = shelf.history(room, None, MemberId([8; 16]), "Me", 1000).unwrap();
    assert_eq!(lines.len(), 6, "all but the one that is longer than a line may be");
    for line in lines {
        let (shown, link) = match line.body {
            Body::Text(text) | Body::Renamed { to: text } => (text, String::new()),
            Body::Invitation { title, link } => (title, link),
            Body::Call { .. } | Body::Missing { .. } | Body::NeedsNewerVersion => Default::default(),
        };
        for text in [line.name, shown, link] {
            assert!(!text.contains(['\u{202e}', '\u{9b}']), "{}", text.escape_unicode());
        }
    }
}
