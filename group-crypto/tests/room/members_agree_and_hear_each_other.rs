//! Eight members share one epoch, read each other's messages and open each other's frames.

use crate::common::{Room, text};
use group_crypto::{Opened, Suite};

fn eight_members_share_everything(suite: Suite) {
    let mut room = Room::of(8, suite);
    for member in &room.members {
        assert_eq!(member.epoch_authenticator(), room.members[0].epoch_authenticator());
        assert_eq!(member.members(), room.members[0].members());
    }
    let (mut sealed, mut opened) = (Vec::new(), Vec::new());
    for from in 0..8 {
        let sender = room.members[from].me();
        let said = format!("from {from}").into_bytes();
        let message = room.members[from].protect(&said).unwrap();
        let mut sealer = room.sealer(from);
        for to in (0..8).filter(|&to| to != from) {
            let heard = text(room.members[to].process(&message));
            assert_eq!(heard, (sender, said.clone()));

            sealer.seal(3, &said, &mut sealed).unwrap();
            let mut opener = room.opener(to);
            let from = opener.open(room.id(from), &sealed, &mut opened).unwrap();
            assert_eq!(opened, said);
            let expected = Opened { context: 3, member: sender, epoch: room.members[to].epoch() };
            assert_eq!(from, expected);
        }
    }
}

#[test]
fn eight_members_of_a_post_quantum_room_share_everything() {
    eight_members_share_everything(Suite::PostQuantum);
}

#[test]
fn eight_members_of_a_classical_room_share_everything() {
    eight_members_share_everything(Suite::Classical);
}
