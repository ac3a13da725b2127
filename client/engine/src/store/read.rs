//! What is read back.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use zeroize::Zeroizing;

use super::{
    InvitationKey, MemberKey, RoomKey, Store, StoreError,
    apply::{MEMBER, NOTE, OWN, number, room_id},
};

/// A room as it was stored. What is opaque here is the engine's own encoding.
pub struct StoredRoom {
    pub key: RoomKey,
    pub details: Vec<u8>,
    /// State of the MLS group.
    pub group: Option<Zeroizing<Vec<u8>>>,
    /// In the order in which they were first stored.
    pub members: Vec<StoredMember>,
}

/// Another member of a room.
pub struct StoredMember {
    pub key: MemberKey,
    pub details: Vec<u8>,
    /// The last of their lines that we have.
    pub received: u64,
    /// The last of our lines that they have, or that is not for them.
    pub acknowledged: u64,
}

/// Who a line of the history comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    Own,
    Member(MemberKey),
    /// Nobody: something that happened.
    Note,
}

/// One entry in the history of a room.
pub struct Line {
    /// Grows from line to line, and names no other line ever.
    pub id: i64,
    pub author: Author,
    /// The member's name when they wrote it; empty for own lines and notes.
    pub name: String,
    /// Among the lines of its author; 0 for notes.
    pub sequence: u64,
    /// Milliseconds of Unix time.
    pub at_ms: i64,
    pub body: Vec<u8>,
    /// How many of today's members it still waits for; 0 for all but own lines.
    pub waiting_for: u32,
    /// What all members call it.
    pub message: Option<Vec<u8>>,
}

/// Columns of a [`Line`], from `line` and `name`. `?1` is the room.
const LINE: &str = "line.id, line.kind, line.sender, line.name, line.sequence, line.at_ms, line.body,
    (SELECT count(*) FROM member WHERE room = ?1 AND line.kind = 0 AND acknowledged < line.sequence), name.message";

/// An own line on its way to the members.
pub struct Outgoing {
    pub sequence: u64,
    /// Milliseconds of Unix time.
    pub at_ms: i64,
    pub body: Vec<u8>,
}

/// An invitation as it was stored.
pub struct StoredInvitation {
    pub key: InvitationKey,
    pub room: Option<RoomKey>,
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Store {
    /// A named blob of the profile.
    pub fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM value WHERE name = ?1";
        Ok(self.connection.query_row(sql, [name], |row| row.get(0)).optional()?)
    }

    /// A named blob of a room; none either when the room is unknown.
    pub fn room_value(&self, room: RoomKey, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM room_value WHERE name = ?2 AND room = (SELECT id FROM room WHERE key = ?1)";
        Ok(self.connection.query_row(sql, params![room.0, name], |row| row.get(0)).optional()?)
    }

    /// All rooms, in the order in which they were first stored.
    pub fn rooms(&self) -> Result<Vec<StoredRoom>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT room.id, room.key, room.details, room_group.bytes
             FROM room LEFT JOIN room_group ON room_group.room = room.id ORDER BY room.id",
        )?;
        let mut rows = statement.query([])?;
        let mut rooms = Vec::new();
        while let Some(row) = rows.next()? {
            rooms.push(StoredRoom {
                members: members(&self.connection, row.get(0)?)?,
                key: RoomKey(row.get(1)?),
                details: row.get(2)?,
                group: row.get::<_, Option<Vec<u8>>>(3)?.map(Zeroizing::new),
            });
        }
        Ok(rooms)
    }

    /// The last `limit` lines of a room that change no other one, the newest last; with `before`, of those before the line of
    /// that id.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such room.
    pub fn lines(&self, room: RoomKey, before: Option<i64>, limit: u32) -> Result<Vec<Line>, StoreError> {
        let sql = format!(
            "SELECT {LINE} FROM line LEFT JOIN name ON name.line = line.id
             WHERE line.room = ?1 AND line.id < ?2 AND name.target IS NULL ORDER BY line.id DESC LIMIT ?3"
        );
        let room = room_id(&self.connection, room)?;
        let mut lines = self.read_lines(&sql, params![room, before.unwrap_or(i64::MAX), limit])?;
        lines.reverse();
        Ok(lines)
    }

    /// The line that all members call this.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such room.
    pub fn line(&self, room: RoomKey, message: &[u8]) -> Result<Option<Line>, StoreError> {
        let sql = format!(
            "SELECT {LINE} FROM name JOIN line ON line.id = name.line
             WHERE name.room = ?1 AND name.message = ?2 AND name.target IS NULL ORDER BY line.id LIMIT 1"
        );
        let room = room_id(&self.connection, room)?;
        Ok(self.read_lines(&sql, params![room, message])?.pop())
    }

    /// The first `limit` lines that change the one which all members call this, in the order in which they came; but those of
    /// its own author first, so that nobody else's crowd them out.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such room.
    pub fn changes(&self, room: RoomKey, target: &[u8], author: Author, limit: u32) -> Result<Vec<Line>, StoreError> {
        let sql = format!(
            "SELECT {LINE} FROM name JOIN line ON line.id = name.line
             WHERE name.room = ?1 AND name.target = ?2
             ORDER BY line.kind IS NOT ?3 OR line.sender IS NOT ?4, line.id LIMIT ?5"
        );
        let (kind, sender) = match author {
            Author::Own => (OWN, None),
            Author::Member(member) => (MEMBER, Some(member.0)),
            Author::Note => (NOTE, None),
        };
        let room = room_id(&self.connection, room)?;
        self.read_lines(&sql, params![room, target, kind, sender, limit])
    }

    /// The first `limit` lines of a room behind one that nothing is known of to call them.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such room.
    pub fn unnamed(&self, room: RoomKey, after: i64, limit: u32) -> Result<Vec<Line>, StoreError> {
        let sql = format!(
            "SELECT {LINE} FROM line LEFT JOIN name ON name.line = line.id
             WHERE line.room = ?1 AND line.id > ?2 AND line.kind <> 2 AND name.line IS NULL ORDER BY line.id LIMIT ?3"
        );
        let room = room_id(&self.connection, room)?;
        self.read_lines(&sql, params![room, after, limit])
    }

    fn read_lines(&self, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<Line>, StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(values)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(Line {
                id: row.get(0)?,
                author: author(row.get(1)?, row.get(2)?)?,
                name: row.get(3)?,
                sequence: count(row, 4)?,
                at_ms: row.get(5)?,
                body: row.get(6)?,
                waiting_for: row.get(7)?,
                message: row.get(8)?,
            });
        }
        Ok(lines)
    }

    /// The first `limit` own lines of a room after a sequence, in order.
    ///
    /// Lines that expired are missing. A member who lacks such a line can be told to skip it ([`super::Write::Skip`]).
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such room.
    pub fn outgoing(&self, room: RoomKey, after: u64, limit: u32) -> Result<Vec<Outgoing>, StoreError> {
        let room = room_id(&self.connection, room)?;
        let mut statement = self.connection.prepare(
            "SELECT sequence, at_ms, body FROM line
             WHERE room = ?1 AND kind = 0 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
        )?;
        let mut rows = statement.query(params![room, number(after)?, limit])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(Outgoing { sequence: count(row, 0)?, at_ms: row.get(1)?, body: row.get(2)? });
        }
        Ok(lines)
    }

    /// The sequence of the last own line of a room, also when it has expired; 0 when there was none.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such room.
    pub fn last_outgoing(&self, room: RoomKey) -> Result<u64, StoreError> {
        let sql = "SELECT outgoing FROM room WHERE key = ?1";
        let last: Option<i64> = self.connection.query_row(sql, [room.0], |row| row.get(0)).optional()?;
        u64::try_from(last.ok_or(StoreError::Unknown("room"))?).map_err(|_| StoreError::Damaged)
    }

    /// The last of a member's lines that we have, and the last of ours that they have; none of an unknown member.
    pub fn progress(&self, room: RoomKey, member: MemberKey) -> Result<Option<(u64, u64)>, StoreError> {
        let sql = "SELECT received, acknowledged FROM member
                   WHERE key = ?2 AND room = (SELECT id FROM room WHERE key = ?1)";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(params![room.0, member.0])?;
        rows.next()?.map(|row| Ok((count(row, 0)?, count(row, 1)?))).transpose()
    }

    /// All invitations, of all rooms and of none.
    pub fn invitations(&self) -> Result<Vec<StoredInvitation>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT invitation.key, room.key, invitation.bytes
             FROM invitation LEFT JOIN room ON room.id = invitation.room ORDER BY invitation.key",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(StoredInvitation {
                key: InvitationKey(row.get(0)?),
                room: row.get::<_, Option<[u8; 16]>>(1)?.map(RoomKey),
                bytes: Zeroizing::new(row.get(2)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What a line's columns `kind` and `sender` say.
pub(super) fn author(kind: i64, sender: Option<[u8; 16]>) -> Result<Author, StoreError> {
    match (kind, sender) {
        (OWN, None) => Ok(Author::Own),
        (MEMBER, Some(sender)) => Ok(Author::Member(MemberKey(sender))),
        (NOTE, None) => Ok(Author::Note),
        _ => Err(StoreError::Damaged),
    }
}

/// A sequence from a row.
pub(super) fn count(row: &Row, column: usize) -> Result<u64, StoreError> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| StoreError::Damaged)
}

fn members(connection: &Connection, room: i64) -> Result<Vec<StoredMember>, StoreError> {
    let mut statement =
        connection.prepare("SELECT key, details, received, acknowledged FROM member WHERE room = ?1 ORDER BY id")?;
    let mut rows = statement.query([room])?;
    let mut members = Vec::new();
    while let Some(row) = rows.next()? {
        members.push(StoredMember {
            key: MemberKey(row.get(0)?),
            details: row.get(1)?,
            received: count(row, 2)?,
            acknowledged: count(row, 3)?,
        });
    }
    Ok(members)
}
