//! Between rooms and the store: what rooms ask to be kept as writes of one transaction, and what is read back.

mod coding;
mod entry;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

use std::collections::BTreeMap;

use group_crypto::MemberId;

use super::changes;
use crate::{
    api::{Line, MessageId, RoomId},
    profiles,
    room::{
        content::RoomUri,
        keep::{Details, Keep, MemberDetails, OpenInvitation, Stored, StoredMember},
        numbers::Sequence,
        wire::Said,
    },
    store::{self, Author, RoomKey, Store, StoreError, Write},
};
use coding::{decoded, encode};
use entry::Entry;
use writing::{encoded, key, name, part, said_by};

pub(super) use reading::Reader;

/// Own lines read at once for those who come back.
const PAGE: u32 = 64;
/// Lines of history shown at once.
const SCREENFUL: u32 = 50;
/// Changes of one line that are looked at.
const CHANGES: u32 = 1024;
const NAMED_AT_ONCE: u32 = 256;
/// [`Entry::Deleted`] as it is stored.
const DELETED: [u8; 1] = [4];
const HISTORY: &str = "history";
const VERIFIED: &str = "verified";
const NAMES: &str = "names";
const READ_ONLY: &str = "read only";
const STATED: &str = "stated";
const DHT_NODES: &str = "dht nodes";
const TAKEN_UP: &str = "taken up";
const NOISE: &str = "suppress noise";

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

    /// The invitations by which we came into contacts and rooms, each with the room.
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
                Entry::Call { .. } | Entry::Missing { .. } | Entry::Renamed { .. } | Entry::Deleted => None,
            })
            .collect())
    }

    /// A screenful of the history before a line, and whether there is more.
    pub fn history(
        &self,
        room: RoomId,
        before: Option<i64>,
        reader: &Reader<'_>,
    ) -> Result<(Vec<Line>, bool), StoreError> {
        let rows = self.store.lines(RoomKey(room.0), before, SCREENFUL)?;
        let more = rows.len() == SCREENFUL as usize;
        let mut lines = Vec::new();
        for row in rows {
            lines.extend(self.shown(room, row, reader)?);
        }
        Ok((lines, more))
    }

    /// The line that all members call this, as it is now.
    pub fn line(&self, room: RoomId, message: MessageId, reader: &Reader<'_>) -> Result<Option<Line>, StoreError> {
        let row = self.store.line(RoomKey(room.0), message.as_bytes())?;
        row.map_or(Ok(None), |row| self.shown(room, row, reader))
    }

    /// Whether there are changes of the line that all members call this.
    pub fn is_changed(&self, room: RoomId, message: MessageId) -> bool {
        self.store.changes(RoomKey(room.0), message.as_bytes(), Author::Own, 1).is_ok_and(|changes| !changes.is_empty())
    }

    fn shown(&self, room: RoomId, row: store::Line, reader: &Reader<'_>) -> Result<Option<Line>, StoreError> {
        let author = row.author;
        let Some(mut line) = reader.read(row) else {
            return Ok(None);
        };
        let mut changes = match line.message {
            Some(message) => self.store.changes(RoomKey(room.0), message.as_bytes(), author, CHANGES)?,
            None => Vec::new(),
        };
        // Reactions are shown in the order in which they came.
        changes.sort_unstable_by_key(|change| change.id);
        for change in changes {
            if let Some(changed) = reader.read_change(change) {
                changes::apply(&mut line, reader.me, changed);
            }
        }
        Ok(Some(line))
    }

    /// Gives lines their names that have none yet: of an older version, or from an export.
    pub fn name_lines(&mut self, room: RoomId, uri: &RoomUri, me: MemberId) -> Result<(), StoreError> {
        let (key, mut after) = (RoomKey(room.0), 0);
        loop {
            let rows = self.store.unnamed(key, after, NAMED_AT_ONCE)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.id;
            let named: Vec<_> = rows
                .iter()
                .filter_map(|row| {
                    let Entry::Said(content) = decoded(&row.body)? else { return None };
                    let from = if let Author::Member(member) = row.author { Some(member) } else { None };
                    let author = from.map_or(me, |from| MemberId(from.0));
                    let (names, _) = uri.read(author, Sequence::clamped(row.sequence), &content.into());
                    Some((from, row.sequence, names))
                })
                .collect();
            let writes = named.iter().map(|(from, sequence, names)| name(key, *from, *sequence, names));
            self.store.apply(&writes.collect::<Vec<_>>())?;
        }
    }
}
