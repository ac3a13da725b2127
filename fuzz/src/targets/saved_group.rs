use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::{Change, Group, InvitationSecret, MemberIndex, Suite};

use super::genuine::{Room, changed};

/// Version and hash, in front of what is changed.
const HEAD: usize = 1 + 32;

static ROOM: LazyLock<Room> = LazyLock::new(|| Room::new(Suite::Classical).expect("a room can be made"));

/// An import can hold any group. What is loaded of it may be of no use, but using it must do no harm.
pub fn run(input: &[u8]) {
    let (head, body) = ROOM.bob.split_at(HEAD);
    let body = changed(body, input);
    let saved = [&head[..1], digest(&SHA256, &body).as_ref(), &body].concat();
    if let Ok(bob) = Group::load(&saved) {
        assert!(bob.member(bob.me()).is_some_and(|member| member.id == bob.my_id()), "a group without its member");
        live(bob);
    }
}

fn live(mut bob: Group) {
    for message in &ROOM.messages {
        let _ = bob.process(message);
    }
    let _ = (
        bob.protect(b"text"),
        bob.export("label", b""),
        bob.safety(MemberIndex(0)).map(|safety| *safety.get()),
        bob.room_code(),
        bob.save(),
    );
    let secret = InvitationSecret::from_bytes([1; 32]);
    let _ = bob.commit(&[Change::Admit { key_package: &ROOM.key_package, secret: &secret }]);
    let _ = bob.commit(&[Change::Remove(MemberIndex(0))]);
}
