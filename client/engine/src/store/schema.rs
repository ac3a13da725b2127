//! The tables, and how a database of an older version gets them.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Statements that lead from one version to the next. What has been released never changes; a change is a new entry.
pub(super) const MIGRATIONS: &[&str] = &[VERSION_1, VERSION_2];

/// Sequences count from 1; 0 is "none yet". A line's `sender` is NULL for own lines (`kind` 0) and notes (`kind` 2).
const VERSION_1: &str = "
    CREATE TABLE value (
        name TEXT NOT NULL PRIMARY KEY,
        bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE room (
        id INTEGER PRIMARY KEY,
        key BLOB NOT NULL UNIQUE CHECK (length(key) = 16),
        details BLOB NOT NULL,
        -- The sequence of the last own line, also when that line has expired.
        outgoing INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE room_value (
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        name TEXT NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (room, name)
    ) STRICT, WITHOUT ROWID;

    -- Large and rewritten with each message: apart from the room, so that nothing else is rewritten with it.
    CREATE TABLE room_group (
        room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
        bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE member (
        id INTEGER PRIMARY KEY,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        key BLOB NOT NULL CHECK (length(key) = 16),
        details BLOB NOT NULL,
        -- Own lines after this one are for them.
        since INTEGER NOT NULL,
        acknowledged INTEGER NOT NULL,
        received INTEGER NOT NULL,
        UNIQUE (room, key)
    ) STRICT;

    CREATE TABLE line (
        -- Never used twice, so that a window can hold on to one.
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        kind INTEGER NOT NULL,
        sender BLOB,
        name TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX line_of_room ON line (room);
    CREATE INDEX line_by_time ON line (room, at_ms);
    CREATE UNIQUE INDEX line_outgoing ON line (room, sequence) WHERE kind = 0;

    CREATE TABLE invitation (
        key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 16),
        room INTEGER REFERENCES room ON DELETE CASCADE,
        bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX invitation_of_room ON invitation (room);
";

/// Lines of a conversation by what all members call them, and by the line that they change. A line without a row here has
/// not been named yet: it was written by version 1, or came from an export.
const VERSION_2: &str = "
    CREATE TABLE name (
        line INTEGER PRIMARY KEY REFERENCES line ON DELETE CASCADE,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        message BLOB,
        target BLOB
    ) STRICT;
    CREATE INDEX name_of_message ON name (room, message) WHERE message IS NOT NULL;
    CREATE INDEX name_of_target ON name (room, target) WHERE target IS NOT NULL;
";

/// Version of the schema in a database; 0 when it has none.
pub(super) fn version(connection: &Connection) -> Result<u32, StoreError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    u32::try_from(version).map_err(|_| StoreError::Damaged)
}

/// Brings a database up to the last of `migrations`, each in a transaction of its own.
///
/// # Errors
/// [`StoreError::Newer`] for a version past the last; nothing is written then.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let found = version(connection)?;
    if usize::try_from(found).is_ok_and(|found| found > migrations.len()) {
        return Err(StoreError::Newer(found));
    }
    for (next, statements) in (1..).zip(migrations).filter(|&(next, _)| next > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(statements)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_database_keeps_its_rows_through_all_migrations() {
        let mut connection = Connection::open_in_memory().unwrap();
        let migrations = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y DEFAULT 7", "UPDATE a SET x = x + y"];
        migrate(&mut connection, &migrations[..1]).unwrap();
        connection.execute("INSERT INTO a VALUES (1)", []).unwrap();
        migrate(&mut connection, &migrations).unwrap();
        let x: i64 = connection.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!((x, version(&connection).unwrap()), (8, 3));
        migrate(&mut connection, &migrations).unwrap();
        let x: i64 = connection.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(x, 8, "a migration ran twice");
    }

    #[test]
    fn a_migration_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let migrations = ["CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"];
        assert!(migrate(&mut connection, &migrations).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1, "half of the second migration stayed");
    }

    #[test]
    fn a_newer_database_is_refused_and_left_as_it_is() {
        let mut connection = Connection::open_in_memory().unwrap();
        let newer = u32::try_from(MIGRATIONS.len()).unwrap() + 1;
        connection.pragma_update(None, "user_version", newer).unwrap();
        assert_eq!(migrate(&mut connection, MIGRATIONS), Err(StoreError::Newer(newer)));
        assert_eq!(connection.total_changes(), 0);
    }

    #[test]
    fn lines_of_version_1_stay_and_have_no_names() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &MIGRATIONS[..1]).unwrap();
        let rows = "INSERT INTO room (key, details) VALUES (zeroblob(16), zeroblob(1));
            INSERT INTO line (room, kind, name, sequence, at_ms, body) VALUES (1, 0, '', 1, 5, zeroblob(3));";
        connection.execute_batch(rows).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let unnamed = "SELECT count(*) FROM line LEFT JOIN name ON name.line = line.id WHERE name.line IS NULL";
        let unnamed: i64 = connection.query_row(unnamed, [], |row| row.get(0)).unwrap();
        assert_eq!(unnamed, 1);
    }
}
