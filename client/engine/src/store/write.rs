//! What can be written, and what each write keeps true.

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::{InvitationKey, MemberKey, RoomKey, StoreError};

pub(super) const OWN: i64 = 0;
pub(super) const MEMBER: i64 = 1;
pub(super) const NOTE: i64 = 2;

/// One change. Those handed to [`super::Store::apply`] together happen together or not at all.
///
/// Times are milliseconds of Unix time. Sequences count from 1, without gaps: one count for the own lines of a room,
/// and one for those of each member of it.
pub enum Write<'a> {
    /// A named blob of the profile: a setting, its face. None removes it.
    Value {
        name: &'a str,
        bytes: Option<&'a [u8]>,
    },
    /// A named blob of a room. None removes it.
    RoomValue {
        room: RoomKey,
        name: &'a str,
        bytes: Option<&'a [u8]>,
    },
    /// A new room, or new details of one.
    Room {
        room: RoomKey,
        details: &'a [u8],
    },
    /// The state of the room's MLS group. The former one is overwritten.
    Group {
        room: RoomKey,
        bytes: Option<&'a [u8]>,
    },
    /// Removes a room and all that belongs to it: group, values, members, lines, invitations.
    ForgetRoom {
        room: RoomKey,
    },
    /// A new member, or new details of one. Own lines from here on wait for a new member; earlier ones are not for
    /// them.
    Member {
        room: RoomKey,
        member: MemberKey,
        details: &'a [u8],
    },
    /// Removes a member. The lines that they wrote stay.
    ForgetMember {
        room: RoomKey,
        member: MemberKey,
    },
    /// An own line. It waits for the members that the room has now.
    Queue {
        room: RoomKey,
        sequence: u64,
        at_ms: i64,
        body: &'a [u8],
    },
    /// A member's line, under the name they had. One that was received before is ignored: each line arrives once.
    Received {
        room: RoomKey,
        from: MemberKey,
        name: &'a str,
        sequence: u64,
        at_ms: i64,
        body: &'a [u8],
    },
    /// The member's lines up to this one will never come: they were written before we were there, or expired waiting.
    Skip {
        room: RoomKey,
        from: MemberKey,
        up_to: u64,
    },
    /// The member has received our lines up to this one.
    Acknowledged {
        room: RoomKey,
        member: MemberKey,
        up_to: u64,
    },
    /// Something that happened, in the history of a room: a call, a person who came.
    Note {
        room: RoomKey,
        at_ms: i64,
        body: &'a [u8],
    },
    /// Removes all lines from before a time, but for those that somebody waits for.
    Expire {
        room: RoomKey,
        before_ms: i64,
    },
    /// A new invitation, or a new state of one. Without a room it is for a contact that is yet to be.
    Invitation {
        invitation: InvitationKey,
        room: Option<RoomKey>,
        bytes: &'a [u8],
    },
    ForgetInvitation {
        invitation: InvitationKey,
    },
}

/// Changes that belong together, of several that are handed to [`super::Store::apply_parts`].
pub struct Part<'a> {
    pub writes: Vec<Write<'a>>,
    /// They follow from what somebody else said, and may make no sense.
    pub may_be_left_out: bool,
}

/// Applies one write within the caller's transaction.
pub(super) fn apply(connection: &Connection, write: &Write) -> Result<(), StoreError> {
    let run = |sql: &str, params: &[&dyn ToSql]| -> Result<usize, StoreError> { Ok(connection.execute(sql, params)?) };
    match *write {
        Write::Value { name, bytes: Some(bytes) } => {
            run("INSERT OR REPLACE INTO value (name, bytes) VALUES (?1, ?2)", params![name, bytes])?;
        }
        Write::Value { name, bytes: None } => {
            run("DELETE FROM value WHERE name = ?1", params![name])?;
        }
        Write::RoomValue { room, name, bytes: Some(bytes) } => {
            let room = room_id(connection, room)?;
            run(
                "INSERT OR REPLACE INTO room_value (room, name, bytes) VALUES (?1, ?2, ?3)",
                params![room, name, bytes],
            )?;
        }
        Write::RoomValue { room, name, bytes: None } => {
            let room = room_id(connection, room)?;
            run("DELETE FROM room_value WHERE room = ?1 AND name = ?2", params![room, name])?;
        }
        Write::Room { room, details } => {
            run(
                "INSERT INTO room (key, details) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET details = excluded.details",
                params![room.0, details],
            )?;
        }
        Write::Group { room, bytes: Some(bytes) } => {
            let room = room_id(connection, room)?;
            run("INSERT OR REPLACE INTO room_group (room, bytes) VALUES (?1, ?2)", params![room, bytes])?;
        }
        Write::Group { room, bytes: None } => {
            let room = room_id(connection, room)?;
            run("DELETE FROM room_group WHERE room = ?1", params![room])?;
        }
        Write::ForgetRoom { room } => {
            run("DELETE FROM room WHERE key = ?1", params![room.0])?;
        }
        Write::Member { room, member, details } => {
            let room = room_id(connection, room)?;
            run(
                "INSERT INTO member (room, key, details, since, acknowledged, received)
                 SELECT id, ?2, ?3, outgoing, outgoing, 0 FROM room WHERE id = ?1
                 ON CONFLICT (room, key) DO UPDATE SET details = excluded.details",
                params![room, member.0, details],
            )?;
        }
        Write::ForgetMember { room, member } => {
            let room = room_id(connection, room)?;
            run("DELETE FROM member WHERE room = ?1 AND key = ?2", params![room, member.0])?;
        }
        Write::Queue { room, sequence, at_ms, body } => {
            let room = room_id(connection, room)?;
            let sequence = number(sequence)?;
            let next =
                run("UPDATE room SET outgoing = ?2 WHERE id = ?1 AND outgoing = ?2 - 1", params![room, sequence])?;
            if next == 0 {
                return Err(StoreError::OutOfOrder);
            }
            insert_line(connection, room, OWN, None, "", sequence, at_ms, body)?;
        }
        Write::Received { room, from, name, sequence, at_ms, body } => {
            let room = room_id(connection, room)?;
            let Received { member, received } = received(connection, room, from)?;
            let sequence = number(sequence)?;
            if sequence <= received {
                return Ok(());
            }
            if sequence - 1 != received {
                return Err(StoreError::OutOfOrder);
            }
            run("UPDATE member SET received = ?2 WHERE id = ?1", params![member, sequence])?;
            insert_line(connection, room, MEMBER, Some(from), name, sequence, at_ms, body)?;
        }
        Write::Skip { room, from, up_to } => {
            let room = room_id(connection, room)?;
            let Received { member, received } = received(connection, room, from)?;
            let up_to = number(up_to)?;
            run("UPDATE member SET received = ?2 WHERE id = ?1", params![member, up_to.max(received)])?;
        }
        Write::Acknowledged { room, member, up_to } => {
            let room = room_id(connection, room)?;
            let up_to = number(up_to)?;
            let known = run(
                "UPDATE member SET acknowledged = max(acknowledged, ?3) WHERE room = ?1 AND key = ?2",
                params![room, member.0, up_to],
            )?;
            if known == 0 {
                return Err(StoreError::Unknown("member"));
            }
            let last: i64 =
                connection.query_row("SELECT outgoing FROM room WHERE id = ?1", [room], |row| row.get(0))?;
            if up_to > last {
                return Err(StoreError::OutOfOrder);
            }
        }
        Write::Note { room, at_ms, body } => {
            let room = room_id(connection, room)?;
            insert_line(connection, room, NOTE, None, "", 0, at_ms, body)?;
        }
        Write::Expire { room, before_ms } => {
            let room = room_id(connection, room)?;
            run(
                "DELETE FROM line WHERE room = ?1 AND at_ms < ?2 AND NOT (kind = 0 AND EXISTS
                     (SELECT 1 FROM member WHERE room = ?1 AND acknowledged < line.sequence))",
                params![room, before_ms],
            )?;
        }
        Write::Invitation { invitation, room, bytes } => {
            let room = room.map(|room| room_id(connection, room)).transpose()?;
            run(
                "INSERT OR REPLACE INTO invitation (key, room, bytes) VALUES (?1, ?2, ?3)",
                params![invitation.0, room, bytes],
            )?;
        }
        Write::ForgetInvitation { invitation } => {
            run("DELETE FROM invitation WHERE key = ?1", params![invitation.0])?;
        }
    }
    Ok(())
}

/// Row of a room.
pub(super) fn room_id(connection: &Connection, room: RoomKey) -> Result<i64, StoreError> {
    let id = connection.query_row("SELECT id FROM room WHERE key = ?1", [room.0], |row| row.get(0)).optional()?;
    id.ok_or(StoreError::Unknown("room"))
}

/// A sequence as SQLite holds it.
pub(super) fn number(sequence: u64) -> Result<i64, StoreError> {
    i64::try_from(sequence).map_err(|_| StoreError::OutOfOrder)
}

struct Received {
    member: i64,
    received: i64,
}

fn received(connection: &Connection, room: i64, member: MemberKey) -> Result<Received, StoreError> {
    let sql = "SELECT id, received FROM member WHERE room = ?1 AND key = ?2";
    let found = connection
        .query_row(sql, params![room, member.0], |row| Ok(Received { member: row.get(0)?, received: row.get(1)? }))
        .optional()?;
    found.ok_or(StoreError::Unknown("member"))
}

#[expect(clippy::too_many_arguments, reason = "they are the columns of a line")]
pub(super) fn insert_line(
    connection: &Connection,
    room: i64,
    kind: i64,
    sender: Option<MemberKey>,
    name: &str,
    sequence: i64,
    at_ms: i64,
    body: &[u8],
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO line (room, kind, sender, name, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![room, kind, sender.map(|sender| sender.0), name, sequence, at_ms, body],
    )?;
    Ok(())
}
