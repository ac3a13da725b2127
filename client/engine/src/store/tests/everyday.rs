use super::*;

#[test]
fn what_was_written_is_there_after_a_restart() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let invitation = InvitationKey([9; 16]);
    store
        .apply(&[
            Write::Value { name: "face", bytes: Some(b"a face") },
            Write::RoomValue { room: ROOM, name: "rules", bytes: Some(b"quiet at night") },
            Write::Group { room: ROOM, bytes: Some(b"epoch 7") },
            queue(1, b"hello"),
            received(1, b"good evening"),
            Write::Note { room: ROOM, at_ms: 1003, body: b"missed call" },
            Write::Invitation { invitation, room: Some(ROOM), bytes: b"secret" },
            Write::Invitation { invitation: InvitationKey([8; 16]), room: None, bytes: b"another" },
        ])
        .unwrap();
    let store = reopen(store, home.path());

    assert_eq!(store.value("face").unwrap().as_deref(), Some(&b"a face"[..]));
    assert_eq!(store.value("other").unwrap(), None);
    assert_eq!(store.room_value(ROOM, "rules").unwrap().as_deref(), Some(&b"quiet at night"[..]));
    let rooms = store.rooms().unwrap();
    let [room] = &rooms[..] else { panic!("{} rooms", rooms.len()) };
    assert_eq!((room.key, &room.details[..]), (ROOM, &b"kitchen table"[..]));
    assert_eq!(room.group.as_ref().unwrap()[..], b"epoch 7"[..]);
    let [member] = &room.members[..] else { panic!("{} members", room.members.len()) };
    assert_eq!((member.key, member.received, member.acknowledged), (ALICE, 1, 0));
    let lines = store.lines(ROOM, None, 10).unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.author, line.name.as_str(), &line.body[..])).collect();
    assert_eq!(
        told,
        [
            (Author::Own, "", &b"hello"[..]),
            (Author::Member(ALICE), "Alice", b"good evening"),
            (Author::Note, "", b"missed call")
        ]
    );
    let invitations = store.invitations().unwrap();
    assert_eq!(
        invitations.iter().map(|one| (one.key.0[0], one.room)).collect::<Vec<_>>(),
        [(8, None), (9, Some(ROOM))]
    );
    assert_eq!(profiles(home.path()).unwrap(), [store.profile()]);
}

#[test]
fn a_line_waits_for_each_member_until_they_acknowledge_it() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    store.apply(&[queue(1, b"one"), queue(2, b"two")]).unwrap();
    // Bob comes later: the first two are not for him.
    store.apply(&[Write::Member { room: ROOM, member: BOB, details: b"" }, queue(3, b"three")]).unwrap();
    let state = |store: &Store| -> Vec<u32> {
        let lines = store.lines(ROOM, None, 10).unwrap();
        lines.iter().map(|line| line.waiting_for).collect()
    };
    assert_eq!(state(&store), [1, 1, 2]);
    store.apply(&[Write::Acknowledged { room: ROOM, member: ALICE, up_to: 2 }]).unwrap();
    assert_eq!(state(&store), [0, 0, 2]);
    store.apply(&[Write::Acknowledged { room: ROOM, member: BOB, up_to: 3 }]).unwrap();
    assert_eq!(state(&store), [0, 0, 1]);
    // A late acknowledgement takes nothing back.
    store.apply(&[Write::Acknowledged { room: ROOM, member: BOB, up_to: 1 }]).unwrap();
    assert_eq!(state(&store), [0, 0, 1]);

    let waiting = store.outgoing(ROOM, 2, 10).unwrap();
    assert_eq!(waiting.iter().map(|line| (line.sequence, &line.body[..])).collect::<Vec<_>>(), [(3, &b"three"[..])]);
    let beyond = Write::Acknowledged { room: ROOM, member: ALICE, up_to: 4 };
    assert_eq!(store.apply(&[beyond]), Err(StoreError::OutOfOrder));
    assert_eq!(store.rooms().unwrap()[0].members[0].acknowledged, 2);
}

#[test]
fn own_lines_move_behind_those_of_another_copy() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    store.apply(&[queue(1, b"one"), queue(2, b"two"), queue(3, b"three"), queue(4, b"four")]).unwrap();
    // Some of the new numbers are old ones of others.
    store.apply(&[Write::CountOn { room: ROOM, behind: 1, up_to: 2, lines: 5 }, queue(6, b"five")]).unwrap();
    let lines = store.outgoing(ROOM, 0, 10).unwrap();
    assert_eq!(lines.iter().map(|line| line.sequence).collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
    assert_eq!(lines[1].body, b"two");
    let back = Write::CountOn { room: ROOM, behind: 1, up_to: 2, lines: 5 };
    assert_eq!(store.apply(&[back]), Err(StoreError::OutOfOrder));
}

#[test]
fn a_members_line_goes_in_once_and_in_order() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    store.apply(&[received(1, b"one"), received(1, b"one again"), received(2, b"two")]).unwrap();
    store.apply(&[received(2, b"two again")]).unwrap();
    assert_eq!(store.apply(&[received(4, b"four")]), Err(StoreError::OutOfOrder));
    let lines = store.lines(ROOM, None, 10).unwrap();
    assert_eq!(lines.iter().map(|line| &line.body[..]).collect::<Vec<_>>(), [&b"one"[..], b"two"]);
    store.apply(&[Write::Skip { room: ROOM, from: ALICE, up_to: 3 }, received(4, b"four")]).unwrap();
    store.apply(&[Write::Skip { room: ROOM, from: ALICE, up_to: 1 }]).unwrap();
    assert_eq!(store.rooms().unwrap()[0].members[0].received, 4);
}

#[test]
fn all_of_a_batch_is_written_or_none() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let batch = [Write::Value { name: "a", bytes: Some(b"1") }, queue(1, b"one"), queue(3, b"three")];
    assert_eq!(store.apply(&batch), Err(StoreError::OutOfOrder));
    assert_eq!((store.value("a").unwrap(), store.last_outgoing(ROOM).unwrap()), (None, 0));
    let unknown = Write::Member { room: RoomKey([7; 16]), member: ALICE, details: b"" };
    assert_eq!(store.apply(&[queue(1, b"one"), unknown]), Err(StoreError::Unknown("room")));
    let unknown = Write::Acknowledged { room: ROOM, member: BOB, up_to: 0 };
    assert_eq!(store.apply(&[queue(1, b"one"), unknown]), Err(StoreError::Unknown("member")));
    assert_eq!(store.apply(&[queue(u64::MAX, b"")]), Err(StoreError::OutOfOrder));
    assert_eq!(store.last_outgoing(ROOM).unwrap(), 0);
    store.apply(&[queue(1, b"one")]).unwrap();
}

#[test]
fn the_history_is_read_from_its_end_in_pieces() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let bodies: Vec<Vec<u8>> = (1..=25).map(|i: u32| i.to_string().into_bytes()).collect();
    let writes: Vec<Write> = (1..).zip(&bodies).map(|(sequence, body)| queue(sequence, body)).collect();
    store.apply(&writes).unwrap();
    let mut read = Vec::new();
    let mut before = None;
    loop {
        let lines = store.lines(ROOM, before, 10).unwrap();
        let Some(first) = lines.first() else { break };
        before = Some(first.id);
        read.splice(0..0, lines.iter().map(|line| line.sequence));
    }
    assert_eq!(read, (1..=25).collect::<Vec<u64>>());
}

#[test]
fn expired_lines_are_gone_and_the_count_goes_on() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    store.apply(&[queue(1, b"one"), queue(2, b"two"), received(1, b"first")]).unwrap();
    store.apply(&[Write::Expire { room: ROOM, before_ms: 1002 }]).unwrap();
    let waiting = store.lines(ROOM, None, 10).unwrap();
    assert_eq!(waiting.len(), 2, "a line that somebody waits for is gone");
    let acknowledged = |up_to| Write::Acknowledged { room: ROOM, member: ALICE, up_to };
    store.apply(&[acknowledged(2), Write::Expire { room: ROOM, before_ms: 1002 }]).unwrap();
    let lines = store.lines(ROOM, None, 10).unwrap();
    assert_eq!(lines.iter().map(|line| &line.body[..]).collect::<Vec<_>>(), [b"two"]);
    let last = lines[0].id;
    store.apply(&[Write::Expire { room: ROOM, before_ms: i64::MAX }]).unwrap();
    let mut store = reopen(store, home.path());
    assert_eq!(store.last_outgoing(ROOM).unwrap(), 2);
    store.apply(&[queue(3, b"three"), received(1, b"first again"), received(2, b"second")]).unwrap();
    let lines = store.lines(ROOM, None, 10).unwrap();
    assert_eq!(lines.iter().map(|line| line.sequence).collect::<Vec<_>>(), [3, 2]);
    assert!(lines[0].id > last, "an id was used twice");
}

#[test]
fn a_forgotten_room_takes_everything_of_it_along_and_no_other() {
    let home = tempdir().unwrap();
    let mut store = with_a_room(home.path());
    let other = RoomKey([5; 16]);
    let invitation = |byte| InvitationKey([byte; 16]);
    store
        .apply(&[
            Write::Room { room: other, details: b"other" },
            Write::Invitation { invitation: invitation(1), room: Some(ROOM), bytes: b"" },
            Write::Invitation { invitation: invitation(2), room: Some(other), bytes: b"" },
            Write::Group { room: ROOM, bytes: Some(b"group") },
            Write::RoomValue { room: ROOM, name: "rules", bytes: Some(b"") },
            queue(1, b"one"),
        ])
        .unwrap();
    store.apply(&[Write::ForgetRoom { room: ROOM }, Write::ForgetInvitation { invitation: invitation(7) }]).unwrap();
    assert_eq!(store.rooms().unwrap().iter().map(|room| room.key).collect::<Vec<_>>(), [other]);
    assert_eq!(store.invitations().unwrap().iter().map(|one| one.key).collect::<Vec<_>>(), [invitation(2)]);
    assert_eq!(store.lines(ROOM, None, 1).err(), Some(StoreError::Unknown("room")));
    for table in ["line", "member", "room_group", "room_value"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = store.connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}
