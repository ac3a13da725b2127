//! `Debug` and errors show no secret, name, address or text.

use std::fmt::Debug;

use crate::common::{Room, card, joiner};
use group_crypto::{Change, InvitationSecret, Suite};

const TEXT: &[u8] = b"nobody else reads this";

#[test]
fn debug_of_everything_that_holds_secrets_is_redacted() {
    let mut room = Room::of(2, Suite::Classical);
    let guest = joiner("Guest", Suite::Classical);
    let secret = InvitationSecret::from_bytes([0xab; 32]);
    let admit = Change::Admit { key_package: guest.key_package(), secret: &secret };
    let said = room.members[0].protect(TEXT).unwrap();
    let received = room.members[1].process(&said).unwrap();
    let (sealer, opener) = (room.sealer(0), room.opener(1));
    let keys = room.members[0].epoch_keys();
    let safety = room.members[0].safety(room.members[1].me()).unwrap();

    let full: [(&str, &dyn Debug); 14] = [
        ("Card(..)", &card("Anna")),
        ("InvitationSecret(..)", &secret),
        ("Change(..)", &admit),
        ("Joiner(..)", &guest),
        ("Group(..)", &room.members[0]),
        ("Sealer(..)", &sealer),
        ("Opener(..)", &opener),
        ("LazySafety(..)", &safety),
        ("Safety(..)", safety.get()),
        ("SafetyCode(..)", &safety.get().code),
        ("SpokenWords(..)", &safety.get().mine),
        ("Comparison(..)", &safety.get().comparison),
        ("EpochKeys { epoch: 1, .. }", &keys),
        ("Message { sender: MemberIndex(0), .. }", &received),
    ];
    for (expected, value) in full {
        assert_eq!(format!("{value:?}"), expected);
    }
}

#[test]
fn a_change_of_the_room_shows_who_by_number_only() {
    let mut room = Room::new(Suite::Classical);
    let committed = room.admit(&["Secret Name"]);
    let shown = format!("{:?}", committed.change);
    assert!(!shown.contains("Secret Name") && !shown.contains("192.0.2.1"));
    let id = format!("{:?}", room.members[1].my_id());
    assert_eq!(id.len(), 8);
    assert!(shown.contains(&id));
}
