use std::sync::LazyLock;

use group_crypto::{Compared, Comparison, Group, MemberIndex, Safety, Suite};

use super::genuine::Room;

static SAFETY: LazyLock<Safety> = LazyLock::new(|| {
    let room = Room::new(Suite::Classical).expect("a room can be made");
    let bob = Group::load(&room.bob).expect("what was just saved loads");
    *bob.safety(MemberIndex(0)).expect("two are in the room").get()
});

/// What a picture shows, or a person pastes. The code of the pair is another in each run, so no input meets it.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    assert_ne!(SAFETY.compare(text), Ok(Compared::Same), "a made-up code is accepted");
    if let Ok(code) = text.parse::<Comparison>() {
        assert!(code.to_string().parse() == Ok(code), "a code is another when it is read back");
    }
}
