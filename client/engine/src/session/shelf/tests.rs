//! What is kept, and what an older or a newer version kept.

use content::{Act, Pieces, Reactions, Text};

use super::{entry::Content, *};
use crate::{
    api::{Body, CallOutcome},
    room::content::Names,
    store::tests::{reopen, with_a_room},
};

const READER: Reader<'static> = Reader { me: MemberId([8; 16]), name: "Me", now_ms: 1000 };

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
    let theirs = |sequence| Keep::Theirs {
        from: alice,
        name: "Alice".into(),
        sequence,
        at_ms: 0,
        said: said(),
        names: Names::default(),
    };
    let own = |sequence| Keep::Own { sequence, at_ms: 0, said: said(), names: Names::default() };
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
    let recorded: [(&[u8], &str); 6] = [
        (b"\x00\x00\x05hello", "hello"),
        (b"\x00\x01\x05Choir\x04link", "Choir: link"),
        (b"\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x00\x01\x00\x41", "called 65 s"),
        (b"\x02\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x05", "5 missing"),
        (&DELETED, "deleted"),
        (b"\x03\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x03Bea", "now Bea"),
    ];
    for (row, shown) in recorded {
        let entry: Entry = decoded(row).unwrap();
        assert_eq!(encode(&entry), row, "{shown} is written as before");
        let is = match entry {
            Entry::Said(Content::Text(text)) => text,
            Entry::Said(Content::Invitation { title, link }) => format!("{title}: {link}"),
            Entry::Said(Content::Unknown { .. } | Content::Mimi(_)) => "unknown".into(),
            Entry::Deleted => "deleted".into(),
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
    let theirs = |sequence, said| Keep::Theirs {
        from: alice,
        name: "Alice".into(),
        sequence,
        at_ms: 1,
        said,
        names: Names::default(),
    };
    // Kind 0 stands for one that has become known since: to the version that kept the line it was not.
    let kept = [theirs(1, unknown(9, b"poll")), theirs(2, unknown(0, b"\x05hello"))];
    assert_eq!(shelf.keep(room, &kept).unwrap(), []);
    assert_eq!(
        shelf
            .keep(room, &[Keep::Own { sequence: 1, at_ms: 1, said: unknown(9, b"poll"), names: Names::default() }])
            .unwrap(),
        []
    );
    let (lines, _) = shelf.history(room, None, &READER).unwrap();
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
    let next = Keep::Theirs { from: alice, name: name(), sequence: 6, at_ms: i64::MAX, said, names: Names::default() };
    assert_eq!(shelf.keep(room, &[missing, next]).unwrap(), []);
    let (lines, _) = shelf.history(room, None, &READER).unwrap();
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
    let theirs =
        |sequence, said| Keep::Theirs { from: alice, name: text(), sequence, at_ms: 1, said, names: Names::default() };
    let outcome = CallOutcome::Missed;
    let kept = [
        Keep::Own { sequence: 1, at_ms: 1, said: said(), names: Names::default() },
        theirs(1, said()),
        theirs(2, invitation),
        Keep::Missing { from: alice, name: text(), up_to: 3, at_ms: 1, count: 1 },
        Keep::Call { by: alice, name: text(), mine: false, at_ms: 1, video: true, outcome },
        Keep::Renamed { member: alice, from: text(), to: text(), at_ms: 1 },
        theirs(4, Said::Text("x".repeat(1 << 20))),
    ];
    assert_eq!(shelf.keep(room, &kept).unwrap(), []);
    let (lines, _) = shelf.history(room, None, &READER).unwrap();
    assert_eq!(lines.len(), 6, "all but the one that is longer than a line may be");
    for line in lines {
        let (shown, link) = match line.body {
            Body::Text(text) | Body::Renamed { to: text } => (text, String::new()),
            Body::Invitation { title, link } => (title, link),
            Body::Call { .. } | Body::Missing { .. } | Body::NeedsNewerVersion | Body::Deleted => Default::default(),
        };
        for text in [line.name, shown, link] {
            assert!(!text.contains(['\u{202e}', '\u{9b}']), "{}", text.escape_unicode());
        }
    }
}

/// What `author` does, as the line of this number, for the disk.
fn does(author: MemberId, sequence: u64, act: Act) -> (Keep, MessageId) {
    let salt = [u8::try_from(sequence).unwrap(); 16];
    let said = Said::content(act, salt).unwrap();
    let names = RoomUri::new(b"group").read(author, Sequence::clamped(sequence), &said).0;
    let name = "Alice".to_owned();
    let kept = match author == READER.me {
        true => Keep::Own { sequence, at_ms: 1, said, names },
        false => Keep::Theirs { from: author, name, sequence, at_ms: 1, said, names },
    };
    (kept, names.message.unwrap())
}

fn text(text: &str) -> Pieces {
    Pieces::text(Text::plain(text))
}

fn says(said: &str, reply_to: Option<MessageId>) -> Act {
    Act::Say { pieces: text(said), reply_to }
}

const ROOM: RoomId = RoomId([1; 16]);
const ALICE: MemberId = MemberId([2; 16]);

fn only_line(shelf: &Shelf) -> Line {
    let (mut lines, _) = shelf.history(ROOM, None, &READER).unwrap();
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

#[test]
fn edit_of_a_line_shows_both_versions_in_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (first, message) = does(ALICE, 1, says("at noon", None));
    let (edit, _) = does(ALICE, 2, Act::Edit { edited: message, pieces: text("at one"), reply_to: None });
    assert_eq!(shelf.keep(ROOM, &[first, edit]).unwrap(), []);
    let line = only_line(&shelf);
    assert!(matches!(&line.body, Body::Text(text) if text == "at one"));
    assert!(matches!(&line.former[..], [Body::Text(text)] if text == "at noon"));
    assert!(shelf.line(ROOM, message, &READER).unwrap().is_some_and(|line| line.former.len() == 1));
}

#[test]
fn nobody_edits_or_deletes_what_another_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (ours, message) = does(READER.me, 1, says("mine", None));
    let (edit, _) = does(ALICE, 1, Act::Edit { edited: message, pieces: text("not mine"), reply_to: None });
    let (delete, _) = does(ALICE, 2, Act::Delete { deleted: message, reply_to: None });
    assert_eq!(shelf.keep(ROOM, &[ours, edit, delete]).unwrap(), []);
    let line = only_line(&shelf);
    assert!(matches!(&line.body, Body::Text(text) if text == "mine") && line.former.is_empty());
}

#[test]
fn deleted_text_is_nowhere_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (said, message) = does(ALICE, 1, says("a secret", None));
    let (edit, _) = does(ALICE, 2, Act::Edit { edited: message, pieces: text("a greater secret"), reply_to: None });
    shelf.keep(ROOM, &[said, edit]).unwrap();
    let (delete, _) = does(ALICE, 3, Act::Delete { deleted: message, reply_to: None });
    shelf.keep(ROOM, &[delete]).unwrap();
    assert!(only_line(&shelf).body == Body::Deleted);
    let rows = shelf.store.changes(RoomKey(ROOM.0), message.as_bytes(), Author::Own, 10).unwrap();
    let bodies: Vec<_> = rows.iter().map(|row| &row.body).collect();
    assert!(!bodies.iter().any(|body| body.windows(6).any(|part| part == b"secret")), "a version is left");
}

#[test]
fn reactions_are_each_members_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let react = |to, signs: &[&str], replaced| {
        let signs = signs.iter().map(|sign| (*sign).to_owned()).collect();
        Act::React { to, reactions: Reactions::new(signs).unwrap(), replaced }
    };
    let (said, message) = does(ALICE, 1, says("cake?", None));
    let (ours, our_reaction) = does(READER.me, 1, react(message, &["\u{1f44d}"], None));
    let (theirs, _) = does(ALICE, 2, react(message, &["\u{1f389}"], Some(our_reaction)));
    shelf.keep(ROOM, &[said, ours, theirs]).unwrap();
    let signs = |shelf: &Shelf| only_line(shelf).reactions.into_iter().map(|r| (r.member, r.sign)).collect::<Vec<_>>();
    let both = [(READER.me, "\u{1f44d}".to_owned()), (ALICE, "\u{1f389}".to_owned())];
    assert_eq!(signs(&shelf), both, "a reaction takes the place of no other member's");
    let (gone, _) = does(READER.me, 2, Act::Unreact { reaction: our_reaction, to: Some(message) });
    shelf.keep(ROOM, &[gone]).unwrap();
    assert_eq!(signs(&shelf), both[1..]);
}

#[test]
fn change_that_comes_before_its_line_counts_when_the_line_comes() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (late, message) = does(READER.me, 1, says("hello", None));
    let reactions = Reactions::new(vec!["!".to_owned()]).unwrap();
    let (early, _) = does(ALICE, 1, Act::React { to: message, reactions, replaced: None });
    shelf.keep(ROOM, &[early]).unwrap();
    assert!(shelf.is_changed(ROOM, message));
    assert!(shelf.history(ROOM, None, &READER).unwrap().0.is_empty(), "it stands for nothing by itself");
    shelf.keep(ROOM, &[late]).unwrap();
    assert_eq!(only_line(&shelf).reactions.len(), 1);
}

#[test]
fn lines_of_an_older_version_get_the_name_that_all_give_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let said = Said::Text("from before".into());
    let uri = RoomUri::new(b"group");
    let named = uri.read(ALICE, Sequence::clamped(1), &said).0.message.unwrap();
    let body = encode(&Entry::Said((&said).into()));
    let old =
        Write::Received { room: RoomKey(ROOM.0), from: key(ALICE), name: "Alice", sequence: 1, at_ms: 1, body: &body };
    shelf.store.apply(&[old]).unwrap();
    assert!(only_line(&shelf).message.is_none());
    shelf.name_lines(ROOM, &uri, READER.me).unwrap();
    assert!(only_line(&shelf).message == Some(named));
    let (reply, _) = does(ALICE, 2, says("an answer", Some(named)));
    shelf.keep(ROOM, &[reply]).unwrap();
    assert!(shelf.history(ROOM, None, &READER).unwrap().0[1].reply_to == Some(named));
}

#[test]
fn flood_of_reactions_hides_no_edit_of_the_author() {
    let folder = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::new(with_a_room(folder.path()));
    let (ours, message) = does(READER.me, 1, says("at noon", None));
    shelf.keep(ROOM, &[ours]).unwrap();
    let flood: Vec<_> = (1..=u64::from(CHANGES) + 1)
        .map(|sequence| {
            let reactions = Reactions::new(vec![char::from(b'a' + (sequence % 26) as u8).to_string()]).unwrap();
            let act = Act::React { to: message, reactions, replaced: None };
            let said = Said::content(act, [(sequence % 251) as u8; 16]).unwrap();
            let names = RoomUri::new(b"group").read(ALICE, Sequence::clamped(sequence), &said).0;
            Keep::Theirs { from: ALICE, name: "Alice".into(), sequence, at_ms: 1, said, names }
        })
        .collect();
    assert_eq!(shelf.keep(ROOM, &flood).unwrap(), []);
    let (edit, _) = does(READER.me, 2, Act::Edit { edited: message, pieces: text("at one"), reply_to: None });
    shelf.keep(ROOM, &[edit]).unwrap();
    let line = only_line(&shelf);
    assert!(matches!(&line.body, Body::Text(text) if text == "at one"));
    assert_eq!(line.reactions.len(), Line::MOST_OF_ONE, "a member reacts with so many signs");
}
