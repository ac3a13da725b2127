//! How each write is applied, and what it keeps true.

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::{InvitationKey, MemberKey, RoomKey, StoreError, Write};

pub(super) const OWN: i64 = 0;
pub(super) const MEMBER: i64 = 1;
pub(super) const NOTE: i64 = 2;

/// Applies one write within the caller's transaction.
pub(super) fn apply(connection: &Connection, write: &Write) -> Result<(), StoreError> {
    let room_id = |room| room_id(connection, room);
    match *write {
        Write::Value { name, bytes } => set_value(connection, name, bytes),
        Write::RoomValue { room, name, bytes } => set_room_value(connection, room_id(room)?, name, bytes),
        Write::Room { room, details } => set_room(connection, room, details),
        Write::Group { room, bytes } => set_group(connection, room_id(room)?, bytes),
        Write::ForgetRoom { room } => {
            run(connection, "DELETE FROM room WHERE key = ?1", params![room.0])?;
            Ok(())
        }
        Write::Member { room, member, details } => set_member(connection, room_id(room)?, member, details),
        Write::ForgetMember { room, member } => {
            let room = room_id(room)?;
            run(connection, "DELETE FROM member WHERE room = ?1 AND key = ?2", params![room, member.0])?;
            Ok(())
        }
        Write::Queue { room, sequence, at_ms, body } => queue(connection, room_id(room)?, sequence, at_ms, body),
        Write::Received { room, from, name, sequence, at_ms, body } => {
            receive(connection, room_id(room)?, from, name, sequence, at_ms, body)
        }
        Write::Name { room, from, sequence, message, target } => {
            name(connection, room_id(room)?, from, number(sequence)?, message, target)
        }
        Write::Erase { room, from, message, body } => erase(connection, room_id(room)?, from, message, body),
        Write::Skip { room, from, up_to } => skip(connection, room_id(room)?, from, up_to),
        Write::Acknowledged { room, member, up_to } => acknowledge(connection, room_id(room)?, member, up_to),
        Write::CountOn { room, behind, up_to, lines } => count_on(connection, room_id(room)?, behind, up_to, lines),
        Write::Note { room, at_ms, body } => insert_line(connection, room_id(room)?, NOTE, None, "", 0, at_ms, body),
        Write::Expire { room, before_ms } => expire(connection, room_id(room)?, before_ms),
        Write::Invitation { invitation, room, bytes } => {
            set_invitation(connection, invitation, room.map(room_id).transpose()?, bytes)
        }
        Write::ForgetInvitation { invitation } => {
            run(connection, "DELETE FROM invitation WHERE key = ?1", params![invitation.0])?;
            Ok(())
        }
    }
}

/// How many rows it changed.
fn run(connection: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<usize, StoreError> {
    Ok(connection.execute(sql, params)?)
}

fn set_value(connection: &Connection, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
    match bytes {
        Some(bytes) => {
            run(connection, "INSERT OR REPLACE INTO value (name, bytes) VALUES (?1, ?2)", params![name, bytes])?
        }
        None => run(connection, "DELETE FROM value WHERE name = ?1", params![name])?,
    };
    Ok(())
}

fn set_room_value(connection: &Connection, room: i64, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
    match bytes {
        Some(bytes) => run(
            connection,
            "INSERT OR REPLACE INTO room_value (room, name, bytes) VALUES (?1, ?2, ?3)",
            params![room, name, bytes],
        )?,
        None => run(connection, "DELETE FROM room_value WHERE room = ?1 AND name = ?2", params![room, name])?,
    };
    Ok(())
}

fn set_room(connection: &Connection, room: RoomKey, details: &[u8]) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO room (key, details) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET details = excluded.details",
        params![room.0, details],
    )?;
    Ok(())
}

fn set_group(connection: &Connection, room: i64, bytes: Option<&[u8]>) -> Result<(), StoreError> {
    match bytes {
        Some(bytes) => {
            run(connection, "INSERT OR REPLACE INTO room_group (room, bytes) VALUES (?1, ?2)", params![room, bytes])?
        }
        None => run(connection, "DELETE FROM room_group WHERE room = ?1", params![room])?,
    };
    Ok(())
}

fn set_member(connection: &Connection, room: i64, member: MemberKey, details: &[u8]) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO member (room, key, details, since, acknowledged, received)
         SELECT id, ?2, ?3, outgoing, outgoing, 0 FROM room WHERE id = ?1
         ON CONFLICT (room, key) DO UPDATE SET details = excluded.details",
        params![room, member.0, details],
    )?;
    Ok(())
}

fn queue(connection: &Connection, room: i64, sequence: u64, at_ms: i64, body: &[u8]) -> Result<(), StoreError> {
    let sequence = number(sequence)?;
    let next =
        run(connection, "UPDATE room SET outgoing = ?2 WHERE id = ?1 AND outgoing = ?2 - 1", params![room, sequence])?;
    if next == 0 {
        return Err(StoreError::OutOfOrder);
    }
    insert_line(connection, room, OWN, None, "", sequence, at_ms, body)
}

fn receive(
    connection: &Connection,
    room: i64,
    from: MemberKey,
    name: &str,
    sequence: u64,
    at_ms: i64,
    body: &[u8],
) -> Result<(), StoreError> {
    let Received { member, received } = received(connection, room, from)?;
    let sequence = number(sequence)?;
    if sequence <= received {
        return Ok(());
    }
    if sequence - 1 != received {
        return Err(StoreError::OutOfOrder);
    }
    run(connection, "UPDATE member SET received = ?2 WHERE id = ?1", params![member, sequence])?;
    insert_line(connection, room, MEMBER, Some(from), name, sequence, at_ms, body)
}

fn name(
    connection: &Connection,
    room: i64,
    from: Option<MemberKey>,
    sequence: i64,
    message: Option<&[u8]>,
    target: Option<&[u8]>,
) -> Result<(), StoreError> {
    // It is the newest line or nearly, so that the search ends at once.
    run(
        connection,
        "INSERT OR IGNORE INTO name (line, room, message, target)
         SELECT id, room, ?5, ?6 FROM line
         WHERE room = ?1 AND kind = ?2 AND sender IS ?3 AND sequence = ?4 ORDER BY id DESC LIMIT 1",
        params![room, kind(from), from.map(|from| from.0), sequence, message, target],
    )?;
    Ok(())
}

fn erase(
    connection: &Connection,
    room: i64,
    from: Option<MemberKey>,
    message: &[u8],
    body: &[u8],
) -> Result<(), StoreError> {
    run(
        connection,
        "UPDATE line SET body = ?5
         WHERE id IN (SELECT line FROM name WHERE room = ?1 AND (message = ?4 OR target = ?4))
             AND kind = ?2 AND sender IS ?3 AND NOT (kind = 0 AND EXISTS
             (SELECT 1 FROM member WHERE room = ?1 AND acknowledged < line.sequence))",
        params![room, kind(from), from.map(|from| from.0), message, body],
    )?;
    Ok(())
}

fn kind(from: Option<MemberKey>) -> i64 {
    if from.is_some() { MEMBER } else { OWN }
}

fn skip(connection: &Connection, room: i64, from: MemberKey, up_to: u64) -> Result<(), StoreError> {
    let Received { member, received } = received(connection, room, from)?;
    let up_to = number(up_to)?;
    run(connection, "UPDATE member SET received = ?2 WHERE id = ?1", params![member, up_to.max(received)])?;
    Ok(())
}

fn acknowledge(connection: &Connection, room: i64, member: MemberKey, up_to: u64) -> Result<(), StoreError> {
    let up_to = number(up_to)?;
    let known = run(
        connection,
        "UPDATE member SET acknowledged = max(acknowledged, ?3) WHERE room = ?1 AND key = ?2",
        params![room, member.0, up_to],
    )?;
    if known == 0 {
        return Err(StoreError::Unknown("member"));
    }
    let last: i64 = connection.query_row("SELECT outgoing FROM room WHERE id = ?1", [room], |row| row.get(0))?;
    if up_to > last { Err(StoreError::OutOfOrder) } else { Ok(()) }
}

fn count_on(connection: &Connection, room: i64, behind: u64, up_to: u64, lines: u64) -> Result<(), StoreError> {
    let (behind, up_to, lines) = (number(behind)?, number(up_to)?, number(lines)?);
    let is_on = run(connection, "UPDATE room SET outgoing = ?2 WHERE id = ?1 AND outgoing < ?2", params![room, lines])?;
    if is_on == 0 || up_to < behind {
        return Err(StoreError::OutOfOrder);
    }
    // By way of numbers that no line has: each must be the only one of its number all the time.
    run(
        connection,
        "UPDATE line SET sequence = -sequence - ?3 WHERE room = ?1 AND kind = 0 AND sequence > ?2",
        params![room, behind, up_to - behind],
    )?;
    run(
        connection,
        "UPDATE line SET sequence = -sequence WHERE room = ?1 AND kind = 0 AND sequence < 0",
        params![room],
    )?;
    Ok(())
}

/// Lines that somebody waits for stay.
fn expire(connection: &Connection, room: i64, before_ms: i64) -> Result<(), StoreError> {
    run(
        connection,
        "DELETE FROM line WHERE room = ?1 AND at_ms < ?2 AND NOT (kind = 0 AND EXISTS
             (SELECT 1 FROM member WHERE room = ?1 AND acknowledged < line.sequence))",
        params![room, before_ms],
    )?;
    Ok(())
}

fn set_invitation(
    connection: &Connection,
    invitation: InvitationKey,
    room: Option<i64>,
    bytes: &[u8],
) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT OR REPLACE INTO invitation (key, room, bytes) VALUES (?1, ?2, ?3)",
        params![invitation.0, room, bytes],
    )?;
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
