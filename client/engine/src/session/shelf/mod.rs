//! Between rooms and the store: what rooms ask to be kept as writes of one transaction, and what is read back.

mod coding;
mod entry;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use group_crypto::{MemberId, plain_name};

use crate::{
    api::{Body, Line, RoomId},
    profiles,
    room::{
        keep::{Details, Keep, MemberDetails, OpenInvitation, Stored, StoredMember},
        numbers::UnixMs,
        wire::Said,
    },
    store::{Author, InvitationKey, MemberKey, Part, RoomKey, Store, StoreError, Write},
};
use coding::{decoded, encode};
use entry::Entry;

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
        Keep::CountOn { behind, up_to, lines } => {
            Write::CountOn { room, behind: *behind, up_to: *up_to, lines: *lines }
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
        | Keep::CountOn { .. }
        | Keep::Begin { .. }
        | Keep::ForgetInvitation(_) => Vec::new(),
    }
}
