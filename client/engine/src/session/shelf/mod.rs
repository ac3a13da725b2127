//! Between rooms and the store: what rooms ask to be kept as writes of one transaction, and what is read back.

use std::collections::BTreeMap;

use group_crypto::{MemberId, plain_name};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    api::{Body, CallOutcome, Line, RoomId},
    profiles,
    room::{
        keep::{Details, Keep, MemberDetails, OpenInvitation, Stored, StoredMember},
        numbers::UnixMs,
        wire::Said,
    },
    store::{Author, InvitationKey, MemberKey, Part, RoomKey, Store, StoreError, Write},
};

/// Own lines read at once for those who come back.
const PAGE: u32 = 64;
/// Lines of history shown at once.
const SCREENFUL: u32 = 50;
const HISTORY: &str = "history";
const VERIFIED: &str = "verified";
const NAMES: &str = "names";
const READ_ONLY: &str = "read only";
const STATED: &str = "stated";
const DHT_NODES: &str = "dht nodes";
const TAKEN_UP: &str = "taken up";
const NOISE: &str = "suppress noise";

/// A line of the history as it is stored.
#[derive(Serialize, Deserialize)]
enum Entry {
    Said(Content),
    Call { by: [u8; 16], name: String, mine: bool, video: bool, outcome: CallOutcome },
    Missing { by: [u8; 16], name: String, count: u64 },
    Renamed { member: [u8; 16], from: String, to: String },
}

/// What a line says, as it is stored: apart from [`Said`], which is how it is sent.
#[derive(Serialize, Deserialize)]
enum Content {
    Text(String),
    Invitation {
        title: String,
        link: String,
    },
    /// Of a version newer than the one that stored it.
    Unknown {
        kind: u32,
        bytes: Vec<u8>,
    },
}

impl From<&Said> for Content {
    fn from(said: &Said) -> Self {
        match said {
            Said::Text(text) => Self::Text(text.clone()),
            Said::Invitation { title, link } => Self::Invitation { title: title.clone(), link: link.clone() },
            Said::Unknown { kind, bytes } => Self::Unknown { kind: *kind, bytes: bytes.clone() },
        }
    }
}

impl From<Content> for Said {
    /// Content that an older version could not read may be readable now.
    fn from(content: Content) -> Self {
        match content {
            Content::Text(text) => Self::Text(text),
            Content::Invitation { title, link } => Self::Invitation { title, link },
            Content::Unknown { kind, bytes } => Self::of_kind(kind, &bytes).unwrap_or(Self::Unknown { kind, bytes }),
        }
    }
}

pub(super) struct Shelf {
    store: Store,
}

impl Shelf {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Makes all of it durable, or nothing; but what a member said that makes no sense is left out, and they are returned.
    pub fn keep(&mut self, room: RoomId, what: &[Keep]) -> Result<Vec<MemberId>, StoreError> {
        let room = RoomKey(room.0);
        let bytes: Vec<_> = what.iter().map(encoded).collect();
        let parts: Vec<_> = what.iter().zip(&bytes).map(|(keep, bytes)| part(room, keep, bytes)).collect();
        let left_out = self.store.apply_parts(&parts)?;
        Ok(left_out.into_iter().filter_map(|index| said_by(what.get(index)?)).collect())
    }

    /// How far the chat with a member is: the last of their lines that we have, and of ours that they have.
    pub fn progress(&self, room: RoomId, member: MemberId) -> Result<Option<(u64, u64)>, StoreError> {
        self.store.progress(RoomKey(room.0), key(member))
    }

    pub fn forget(&mut self, room: RoomId) -> Result<(), StoreError> {
        self.store.apply(&[Write::ForgetRoom { room: RoomKey(room.0) }])
    }

    /// Every room that can be gone on with. One that cannot be read is left alone and said.
    pub fn rooms(&mut self) -> Result<Vec<(RoomId, Stored)>, StoreError> {
        let imported = profiles::take_imported(&mut self.store)?;
        let mut invitations: BTreeMap<RoomKey, Vec<OpenInvitation>> = BTreeMap::new();
        for stored in self.store.invitations()? {
            let open = decoded(&stored.bytes).filter(|open: &OpenInvitation| open.secret().id().0 == stored.key.0);
            if let (Some(room), Some(open)) = (stored.room, open) {
                invitations.entry(room).or_default().push(open);
            }
        }
        let mut rooms = Vec::new();
        for room in self.store.rooms()? {
            let (Some(mut details), Some(group)) = (decoded::<Details>(&room.details), room.group) else {
                tracing::error!("a room of the store cannot be read");
                continue;
            };
            let members = room.members.into_iter().map(|m| StoredMember {
                id: MemberId(m.key.0),
                details: MemberDetails::from_bytes(&m.details).unwrap_or_default(),
                received: m.received,
                acknowledged: m.acknowledged,
            });
            let history = self.store.room_value(room.key, HISTORY)?;
            let verified = self.store.room_value(room.key, VERIFIED)?;
            let names = self.store.room_value(room.key, NAMES)?;
            let read_only = self.store.room_value(room.key, READ_ONLY)?;
            let stated = self.store.room_value(room.key, STATED)?;
            // The keys may have gone on where they were exported.
            details.renew |= imported;
            let stored = Stored {
                details,
                group,
                members: members.collect(),
                invitations: invitations.remove(&room.key).unwrap_or_default(),
                lines: self.store.last_outgoing(room.key)?,
                history: history.and_then(|bytes| decoded(&bytes)).unwrap_or_default(),
                verified: verified.and_then(|bytes| decoded(&bytes)),
                names: names.and_then(|bytes| decoded(&bytes)).unwrap_or_default(),
                read_only: read_only.and_then(|bytes| decoded(&bytes)),
                stated: stated.and_then(|bytes| decoded(&bytes)).unwrap_or_default(),
            };
            rooms.push((RoomId(room.key.0), stored));
        }
        Ok(rooms)
    }

    /// Removes the chat, but for lines that somebody waits for.
    pub fn clear(&mut self, room: RoomId) -> Result<(), StoreError> {
        self.store.apply(&[Write::Expire { room: RoomKey(room.0), before_ms: i64::MAX }])
    }

    pub fn rename(&mut self, name: String) -> Result<(), StoreError> {
        profiles::rename(&mut self.store, name)
    }

    /// Nodes of the DHT that answered in a former run.
    pub fn dht_nodes(&self) -> Vec<String> {
        self.store.value(DHT_NODES).ok().flatten().and_then(|bytes| decoded(&bytes)).unwrap_or_default()
    }

    pub fn keep_dht_nodes(&mut self, nodes: &[String]) -> Result<(), StoreError> {
        self.store.apply(&[Write::Value { name: DHT_NODES, bytes: Some(&encode(&nodes)) }])
    }

    /// Whether noise is to be taken out of our voice, if that was ever said.
    pub fn suppress_noise(&self) -> Option<bool> {
        self.store.value(NOISE).ok().flatten().and_then(|bytes| decoded(&bytes))
    }

    pub fn keep_suppress_noise(&mut self, on: bool) -> Result<(), StoreError> {
        self.store.apply(&[Write::Value { name: NOISE, bytes: Some(&encode(&on)) }])
    }

    /// Whether we made this invitation, and it can still be redeemed.
    pub fn is_own_invitation(&self, id: [u8; 16]) -> bool {
        self.store.invitations().is_ok_and(|all| all.iter().any(|stored| stored.key.0 == id))
    }

    /// The invitations that contacts were made by, each with the contact.
    pub fn taken_up(&self) -> Vec<([u8; 16], [u8; 16])> {
        self.store.value(TAKEN_UP).ok().flatten().and_then(|bytes| decoded(&bytes)).unwrap_or_default()
    }

    pub fn keep_taken_up(&mut self, taken: &[([u8; 16], [u8; 16])]) -> Result<(), StoreError> {
        self.store.apply(&[Write::Value { name: TAKEN_UP, bytes: Some(&encode(&taken)) }])
    }

    /// The next own lines behind `after`.
    pub fn outgoing(&self, room: RoomId, after: u64) -> Result<Vec<(u64, i64, Said)>, StoreError> {
        let lines = self.store.outgoing(RoomKey(room.0), after, PAGE)?;
        Ok(lines
            .into_iter()
            .filter_map(|line| match decoded(&line.body)? {
                Entry::Said(content) => Some((line.sequence, line.at_ms, content.into())),
                Entry::Call { .. } | Entry::Missing { .. } | Entry::Renamed { .. } => None,
            })
            .collect())
    }

    /// A screenful of the history before a line, and whether there is more. `me` and `name` are our own, `now_ms` the time.
    ///
    /// Names and texts are made plain again: an older version kept them as they came, and an import may hold any.
    pub fn history(
        &self,
        room: RoomId,
        before: Option<i64>,
        me: MemberId,
        name: &str,
        now_ms: i64,
    ) -> Result<(Vec<Line>, bool), StoreError> {
        let lines = self.store.lines(RoomKey(room.0), before, SCREENFUL)?;
        let more = lines.len() == SCREENFUL as usize;
        let shown = lines.into_iter().filter_map(|line| {
            let (member, author, mine, body) = match (line.author, decoded(&line.body)?) {
                (Author::Own, Entry::Said(content)) => (me, name.to_owned(), true, Said::from(content).plain()?.into()),
                (Author::Member(member), Entry::Said(content)) => {
                    (MemberId(member.0), plain_name(&line.name), false, Said::from(content).plain()?.into())
                }
                (_, Entry::Call { by, name, mine, video, outcome }) => {
                    (MemberId(by), plain_name(&name), mine, Body::Call { video, outcome })
                }
                (_, Entry::Missing { by, name, count }) => {
                    (MemberId(by), plain_name(&name), false, Body::Missing { count })
                }
                (_, Entry::Renamed { member, from, to }) => {
                    (MemberId(member), plain_name(&from), false, Body::Renamed { to: plain_name(&to) })
                }
                (Author::Note, Entry::Said(_)) => return None,
            };
            Some(Line {
                id: Some(line.id),
                member,
                name: author,
                mine,
                sequence: line.sequence,
                at_ms: believable(line.at_ms, now_ms),
                body,
                delivered: line.waiting_for == 0,
            })
        });
        Ok((shown.collect(), more))
    }
}

/// The member whose word is kept, where it is one.
fn said_by(keep: &Keep) -> Option<MemberId> {
    match keep {
        Keep::Theirs { from, .. } | Keep::Missing { from, .. } => Some(*from),
        Keep::Acknowledged { member, .. } | Keep::Begin { member, .. } => Some(*member),
        _ => None,
    }
}

fn part<'a>(room: RoomKey, keep: &'a Keep, bytes: &'a [u8]) -> Part<'a> {
    let skip = |from: MemberId, up_to: u64| Write::Skip { room, from: key(from), up_to };
    let write = match keep {
        Keep::Details(_) => Write::Room { room, details: bytes },
        Keep::Group(group) => Write::Group { room, bytes: Some(group) },
        Keep::Member { member, .. } => Write::Member { room, member: key(*member), details: bytes },
        Keep::ForgetMember(member) => Write::ForgetMember { room, member: key(*member) },
        Keep::Own { sequence, at_ms, .. } => Write::Queue { room, sequence: *sequence, at_ms: *at_ms, body: bytes },
        Keep::Theirs { from, name, sequence, at_ms, .. } => {
            Write::Received { room, from: key(*from), name, sequence: *sequence, at_ms: *at_ms, body: bytes }
        }
        Keep::Acknowledged { member, up_to } | Keep::Begin { member, acknowledged: up_to, .. } => {
            Write::Acknowledged { room, member: key(*member), up_to: *up_to }
        }
        Keep::Call { at_ms, .. } | Keep::Missing { at_ms, .. } | Keep::Renamed { at_ms, .. } => {
            Write::Note { room, at_ms: *at_ms, body: bytes }
        }
        Keep::Invitation(open) => {
            Write::Invitation { invitation: InvitationKey(open.secret().id().0), room: Some(room), bytes }
        }
        Keep::ForgetInvitation(id) => Write::ForgetInvitation { invitation: InvitationKey(*id) },
        Keep::History(_) => Write::RoomValue { room, name: HISTORY, bytes: Some(bytes) },
        Keep::Verified(_) => Write::RoomValue { room, name: VERIFIED, bytes: Some(bytes) },
        Keep::Names(_) => Write::RoomValue { room, name: NAMES, bytes: Some(bytes) },
        Keep::ReadOnly(_) => Write::RoomValue { room, name: READ_ONLY, bytes: Some(bytes) },
        Keep::Stated(_) => Write::RoomValue { room, name: STATED, bytes: Some(bytes) },
    };
    let first = match keep {
        Keep::Begin { member, received, .. } => Some(skip(*member, *received)),
        Keep::Missing { from, up_to, .. } => Some(skip(*from, *up_to)),
        _ => None,
    };
    Part { writes: first.into_iter().chain([write]).collect(), may_be_left_out: said_by(keep).is_some() }
}

/// The time of a line that may have been written down when any time was believed.
fn believable(at_ms: i64, now_ms: i64) -> i64 {
    UnixMs::clamped(at_ms).min(UnixMs::latest(now_ms)).get()
}

fn key(member: MemberId) -> MemberKey {
    MemberKey(member.0)
}

/// The opaque part of a write.
fn encoded(keep: &Keep) -> Vec<u8> {
    match keep {
        Keep::Details(details) => encode(details),
        Keep::Member { details, .. } => encode(details),
        Keep::Own { said, .. } | Keep::Theirs { said, .. } => encode(&Entry::Said(said.into())),
        Keep::Call { by, name, mine, video, outcome, .. } => {
            encode(&Entry::Call { by: by.0, name: name.clone(), mine: *mine, video: *video, outcome: *outcome })
        }
        Keep::Missing { from, name, count, .. } => {
            encode(&Entry::Missing { by: from.0, name: name.clone(), count: *count })
        }
        Keep::Invitation(open) => encode(open),
        Keep::History(history) => encode(history),
        Keep::Verified(verified) => encode(verified),
        Keep::Names(names) => encode(names),
        Keep::Renamed { member, from, to, .. } => {
            encode(&Entry::Renamed { member: member.0, from: from.clone(), to: to.clone() })
        }
        Keep::ReadOnly(why) => encode(why),
        Keep::Stated(number) => encode(number),
        Keep::Group(_)
        | Keep::ForgetMember(_)
        | Keep::Acknowledged { .. }
        | Keep::Begin { .. }
        | Keep::ForgetInvitation(_) => Vec::new(),
    }
}

#[expect(clippy::expect_used, reason = "a type of ours that cannot be written is a fault of the program")]
fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("these types hold nothing that cannot be written")
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{reopen, with_a_room};

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
            (
                b"\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x03Ann\x00\x01\x00\x41",
                "called 65 s",
            ),
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
        let folder = Temporary::new();
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
}
