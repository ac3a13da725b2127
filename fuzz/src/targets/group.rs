use std::{cell::RefCell, sync::LazyLock};

use group_crypto::{Group, Joiner, Suite, check_key_package};

use super::genuine::{Room, changed};

static ROOM: LazyLock<Room> = LazyLock::new(|| Room::new(Suite::Classical).expect("a room can be made"));

thread_local! {
    // Loading takes longer than refusing.
    static BOB: RefCell<Option<Group>> = const { RefCell::new(None) };
}

/// The first byte says what is changed, the rest how. The property: nothing but the genuine is taken, and what is not
/// taken leaves the group as it was.
pub fn run(input: &[u8]) {
    let Some((&which, input)) = input.split_first() else { return };
    let which = usize::from(which);
    if let Some(genuine) = ROOM.messages.get(which) {
        process(genuine, &changed(genuine, input));
    } else if which % 2 == 0 {
        let bytes = changed(&ROOM.key_package, input);
        let taken = check_key_package(&bytes, Suite::Classical).is_ok();
        assert_eq!(taken, bytes == ROOM.key_package, "a key package is taken if it is the genuine one");
    } else {
        let card = group_crypto::Card::new("Dave", [5; 32], [6; 32], Vec::new()).expect("the card is valid");
        let dave = Joiner::new(card, Suite::Classical).expect("keys can be made");
        let secret = group_crypto::InvitationSecret::from_bytes([1; 32]);
        assert!(dave.join(&changed(&ROOM.welcome, input), &secret).is_err(), "somebody else's welcome leads nowhere");
    }
}

fn process(genuine: &[u8], bytes: &[u8]) {
    BOB.with_borrow_mut(|kept| {
        let bob = kept.get_or_insert_with(|| Group::load(&ROOM.bob).expect("what was saved is loaded"));
        let before = (bob.epoch(), bob.epoch_authenticator(), bob.members().to_vec());
        if bob.process(bytes).is_ok() {
            assert!(bytes == genuine, "a changed message is taken");
            *kept = None;
        } else {
            assert!(
                before == (bob.epoch(), bob.epoch_authenticator(), bob.members().to_vec()),
                "a refused message left a trace"
            );
            assert!(bob.save().is_ok_and(|saved| *saved == ROOM.bob), "a refused message left a trace in what is kept");
        }
    });
}
