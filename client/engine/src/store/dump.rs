//! All that a profile holds, as one value: what an export seals.
//!
//! As bytes: the version (2 bytes, big endian), then postcard.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    MemberKey, StoreError,
    apply::{MEMBER, NOTE, OWN, insert_line, number},
    read::{Author, author, count},
};

const VERSION: u16 = 1;

/// The content of a profile. There is nothing to do with it but to import it.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Dump {
    values: Vec<Value>,
    rooms: Vec<Room>,
    invitations: Vec<Invitation>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Value {
    name: String,
    bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Room {
    key: [u8; 16],
    details: Vec<u8>,
    outgoing: u64,
    group: Option<Vec<u8>>,
    values: Vec<Value>,
    members: Vec<Member>,
    lines: Vec<Line>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Member {
    key: [u8; 16],
    details: Vec<u8>,
    since: u64,
    acknowledged: u64,
    received: u64,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Line {
    author: LineAuthor,
    name: String,
    sequence: u64,
    at_ms: i64,
    body: Vec<u8>,
}

#[derive(Serialize, Deserialize, Zeroize)]
enum LineAuthor {
    Own,
    Member([u8; 16]),
    Note,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Invitation {
    key: [u8; 16],
    room: Option<[u8; 16]>,
    bytes: Vec<u8>,
}

/// Reads what an export holds, once it is opened. Takes memory in proportion to `bytes`.
///
/// # Errors
/// [`StoreError::Newer`], or [`StoreError::Damaged`] for bytes that no store would have written: left-over bytes, keys
/// that stand there twice, counts that contradict each other.
pub fn read_dump(bytes: &[u8]) -> Result<Dump, StoreError> {
    let (version, rest) = bytes.split_first_chunk::<2>().ok_or(StoreError::Damaged)?;
    match u16::from_be_bytes(*version) {
        VERSION => {}
        newer if newer > VERSION => return Err(StoreError::Newer(newer.into())),
        _ => return Err(StoreError::Damaged),
    }
    let (dump, left) = postcard::take_from_bytes::<Dump>(rest).map_err(|_| StoreError::Damaged)?;
    if left.is_empty() && dump.is_consistent() { Ok(dump) } else { Err(StoreError::Damaged) }
}

impl Dump {
    /// Reads the whole database, as it is at one moment.
    pub(super) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let transaction = connection.unchecked_transaction()?;
        let dump = Self::read_within(&transaction)?;
        transaction.commit()?;
        Ok(dump)
    }

    /// As [`Dump::read`], within a transaction that has begun.
    pub(super) fn read_within(transaction: &Transaction) -> Result<Self, StoreError> {
        Ok(Self {
            values: values(transaction, "SELECT name, bytes FROM value ORDER BY name", [])?,
            rooms: rooms(transaction)?,
            invitations: invitations(transaction)?,
        })
    }

    /// Writes all of it into an empty database, in one transaction, as long as `go_on` says yes.
    pub(super) fn write(&self, connection: &mut Connection, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        let go_on = || if go_on() { Ok(()) } else { Err(StoreError::Stopped) };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for Value { name, bytes } in &self.values {
            go_on()?;
            transaction.execute("INSERT INTO value (name, bytes) VALUES (?1, ?2)", params![name, bytes])?;
        }
        for room in &self.rooms {
            room.write(&transaction, &go_on)?;
        }
        for Invitation { key, room, bytes } in &self.invitations {
            go_on()?;
            transaction.execute(
                "INSERT INTO invitation (key, room, bytes) VALUES (?1, (SELECT id FROM room WHERE key = ?2), ?3)",
                params![key, room, bytes],
            )?;
        }
        Ok(transaction.commit()?)
    }

    pub(super) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        // Measured first, so that no copy is left behind by a reallocation.
        let size = postcard::experimental::serialized_size(self).map_err(|_| StoreError::TooLarge)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(size.saturating_add(2)));
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        postcard::to_io(self, &mut *bytes).map_err(|_| StoreError::TooLarge)?;
        Ok(bytes)
    }

    fn is_consistent(&self) -> bool {
        let rooms: BTreeSet<_> = self.rooms.iter().map(|room| room.key).collect();
        are_distinct(self.values.iter().map(|value| value.name.as_str()))
            && rooms.len() == self.rooms.len()
            && are_distinct(self.invitations.iter().map(|invitation| invitation.key))
            && self.invitations.iter().all(|invitation| invitation.room.is_none_or(|room| rooms.contains(&room)))
            && self.rooms.iter().all(Room::is_consistent)
    }
}

impl Room {
    fn is_consistent(&self) -> bool {
        let own = || self.lines.iter().filter(|line| matches!(line.author, LineAuthor::Own)).map(|line| line.sequence);
        number(self.outgoing).is_ok()
            && are_distinct(self.values.iter().map(|value| value.name.as_str()))
            && are_distinct(self.members.iter().map(|member| member.key))
            && self.members.iter().all(|member| {
                member.since <= member.acknowledged
                    && member.acknowledged <= self.outgoing
                    && number(member.received).is_ok()
            })
            && own().is_sorted_by(|a, b| a < b)
            && own().all(|sequence| (1..=self.outgoing).contains(&sequence))
            && self.lines.iter().all(|line| match line.author {
                LineAuthor::Own => line.name.is_empty(),
                LineAuthor::Member(_) => line.sequence > 0 && number(line.sequence).is_ok(),
                LineAuthor::Note => line.sequence == 0 && line.name.is_empty(),
            })
    }

    fn write(&self, connection: &Connection, go_on: &impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
        go_on()?;
        connection.execute(
            "INSERT INTO room (key, details, outgoing) VALUES (?1, ?2, ?3)",
            params![self.key, self.details, number(self.outgoing)?],
        )?;
        let id = connection.last_insert_rowid();
        if let Some(group) = &self.group {
            connection.execute("INSERT INTO room_group (room, bytes) VALUES (?1, ?2)", params![id, group])?;
        }
        for Value { name, bytes } in &self.values {
            go_on()?;
            let sql = "INSERT INTO room_value (room, name, bytes) VALUES (?1, ?2, ?3)";
            connection.execute(sql, params![id, name, bytes])?;
        }
        for member in &self.members {
            go_on()?;
            connection.execute(
                "INSERT INTO member (room, key, details, since, acknowledged, received)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id,
                    member.key,
                    member.details,
                    number(member.since)?,
                    number(member.acknowledged)?,
                    number(member.received)?
                ],
            )?;
        }
        for line in &self.lines {
            go_on()?;
            let (kind, sender) = match line.author {
                LineAuthor::Own => (OWN, None),
                LineAuthor::Member(member) => (MEMBER, Some(MemberKey(member))),
                LineAuthor::Note => (NOTE, None),
            };
            insert_line(connection, id, kind, sender, &line.name, number(line.sequence)?, line.at_ms, &line.body)?;
        }
        Ok(())
    }
}

fn are_distinct<T: Ord>(keys: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    keys.into_iter().all(|key| seen.insert(key))
}

fn values(connection: &Connection, sql: &str, of: impl rusqlite::Params) -> Result<Vec<Value>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(of, |row| Ok(Value { name: row.get(0)?, bytes: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn rooms(connection: &Connection) -> Result<Vec<Room>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT room.id, room.key, room.details, room.outgoing, room_group.bytes
         FROM room LEFT JOIN room_group ON room_group.room = room.id ORDER BY room.id",
    )?;
    let mut rows = statement.query([])?;
    let mut rooms = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        rooms.push(Room {
            key: row.get(1)?,
            details: row.get(2)?,
            outgoing: count(row, 3)?,
            group: row.get(4)?,
            values: values(connection, "SELECT name, bytes FROM room_value WHERE room = ?1 ORDER BY name", [id])?,
            members: members(connection, id)?,
            lines: lines(connection, id)?,
        });
    }
    Ok(rooms)
}

fn members(connection: &Connection, room: i64) -> Result<Vec<Member>, StoreError> {
    let mut statement = connection
        .prepare("SELECT key, details, since, acknowledged, received FROM member WHERE room = ?1 ORDER BY id")?;
    let mut rows = statement.query([room])?;
    let mut members = Vec::new();
    while let Some(row) = rows.next()? {
        members.push(Member {
            key: row.get(0)?,
            details: row.get(1)?,
            since: count(row, 2)?,
            acknowledged: count(row, 3)?,
            received: count(row, 4)?,
        });
    }
    Ok(members)
}

fn lines(connection: &Connection, room: i64) -> Result<Vec<Line>, StoreError> {
    let mut statement =
        connection.prepare("SELECT kind, sender, name, sequence, at_ms, body FROM line WHERE room = ?1 ORDER BY id")?;
    let mut rows = statement.query([room])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(Line {
            author: match author(row.get(0)?, row.get(1)?)? {
                Author::Own => LineAuthor::Own,
                Author::Member(MemberKey(key)) => LineAuthor::Member(key),
                Author::Note => LineAuthor::Note,
            },
            name: row.get(2)?,
            sequence: count(row, 3)?,
            at_ms: row.get(4)?,
            body: row.get(5)?,
        });
    }
    Ok(lines)
}

fn invitations(connection: &Connection) -> Result<Vec<Invitation>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT invitation.key, room.key, invitation.bytes
         FROM invitation LEFT JOIN room ON room.id = invitation.room ORDER BY invitation.key",
    )?;
    let rows =
        statement.query_map([], |row| Ok(Invitation { key: row.get(0)?, room: row.get(1)?, bytes: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
