//! Signed statements and exported secrets: whose, and in which room.

use crate::common::{Room, joiner};
use group_crypto::{Change, Group, MAX_PLAINTEXT_BYTES, MemberIndex, SignError, Suite};

#[test]
fn everyone_can_check_whose_statement_it_is() {
    let mut room = Room::of(3, Suite::Classical);
    let (me, id) = (room.members[0].me(), room.members[0].my_id());
    let signed = room.members[0].sign("hello", b"I am here").unwrap();
    // The key of a member outlives epochs and restarts.
    room.commit(&[]);
    room.members[1] = Group::load(&room.members[1].save().unwrap()).unwrap();
    for reader in &room.members {
        assert!(reader.verify(me, "hello", b"I am here", &signed));
        assert!(reader.verify_by_id(id, "hello", b"I am here", &signed));
    }
    let loaded = Group::load(&room.members[0].save().unwrap()).unwrap();
    assert_eq!(loaded.sign("hello", b"I am here").unwrap(), signed);
}

#[test]
fn a_statement_holds_for_its_signer_label_content_and_room_only() {
    let room = Room::of(3, Suite::Classical);
    let [signer, reader, third] = &room.members[..] else { panic!("a room of three") };
    let (label, content) = ("hello", b"I am here");
    let mut signed = signer.sign(label, content).unwrap();
    assert!(!reader.verify(third.me(), label, content, &signed));
    assert!(!reader.verify_by_id(third.my_id(), label, content, &signed));
    assert!(!reader.verify(signer.me(), "bye", content, &signed));
    assert!(!reader.verify(signer.me(), label, b"I am gone", &signed));
    // Where the label ends and the content begins counts too.
    assert!(!reader.verify(signer.me(), "helloI", b" am here", &signed));
    for nobody in [3, 1000, u32::MAX] {
        assert!(!reader.verify(MemberIndex(nobody), label, content, &signed));
    }
    assert!(!reader.verify(signer.me(), label, content, &signed[1..]));
    assert!(!reader.verify(signer.me(), label, content, b""));
    signed[20] ^= 1;
    assert!(!reader.verify(signer.me(), label, content, &signed));
}

#[test]
fn a_removed_member_signs_nothing_and_is_no_longer_believed() {
    let mut room = Room::of(2, Suite::Classical);
    let (second, id) = (room.members[1].me(), room.members[1].my_id());
    let signed = room.members[1].sign("hello", b"").unwrap();
    room.commit(&[Change::Remove(second)]);
    assert_eq!(room.members[1].sign("hello", b"").err(), Some(SignError::Removed));
    assert!(!room.members[0].verify(second, "hello", b"", &signed));

    // Nor is the one who got its place taken for it.
    let guest = joiner("guest", Suite::Classical);
    let secret = room.secret.clone();
    room.members[0].commit(&[Change::Admit { key_package: guest.key_package(), secret: &secret }]).unwrap();
    assert!(room.members[0].member(second).is_some());
    assert!(!room.members[0].verify(second, "hello", b"", &signed));
    assert!(!room.members[0].verify_by_id(id, "hello", b"", &signed));
}

#[test]
fn a_statement_has_a_longest_length() {
    let room = Room::new(Suite::Classical);
    let content = vec![0; MAX_PLAINTEXT_BYTES];
    assert_eq!(room.members[0].sign("", &content).map(|signature| signature.len()), Ok(64));
    assert_eq!(room.members[0].sign("x", &content), Err(SignError::TooLong));
}

#[test]
fn exported_secret_differs_by_label_context_and_epoch() {
    let mut room = Room::of(3, Suite::Classical);
    let before = room.members[0].export("test", b"context").unwrap();
    for member in &room.members {
        assert_eq!(member.export("test", b"context").unwrap(), before);
        assert_ne!(member.export("other", b"context").unwrap(), before);
        assert_ne!(member.export("test", b"").unwrap(), before);
    }
    room.commit(&[]);
    assert_ne!(room.members[1].export("test", b"context").unwrap(), before);
}
