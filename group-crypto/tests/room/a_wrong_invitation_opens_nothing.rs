//! Without the secret of the invitation there is no way in, for the joiner as for an impostor room.

use crate::common::{Room, card, joiner, text};
use group_crypto::{Change, CommitError, Group, InvitationSecret, JoinError, Joiner, ProcessError, Suite};

fn welcome_for(joiner: &Joiner, secret: &InvitationSecret, suite: Suite) -> Vec<u8> {
    let mut group = Group::create(card("host"), suite).unwrap();
    let admit = Change::Admit { key_package: joiner.key_package(), secret };
    group.commit(&[admit]).unwrap().welcome.unwrap()
}

#[test]
fn a_joiner_with_another_secret_stays_outside() {
    for suite in Suite::ALL {
        let joiner = joiner("guest", suite);
        let welcome = welcome_for(&joiner, &InvitationSecret::generate(), suite);
        let joined = joiner.join(&welcome, &InvitationSecret::generate());
        assert_eq!(joined.err(), Some(JoinError::WrongInvitation));
    }
}

#[test]
fn a_welcome_for_somebody_else_is_of_no_use() {
    let secret = InvitationSecret::generate();
    let welcome = welcome_for(&joiner("a", Suite::Classical), &secret, Suite::Classical);
    for suite in Suite::ALL {
        let joined = joiner("b", suite).join(&welcome, &secret);
        assert_eq!(joined.err(), Some(JoinError::NotForMe));
    }
}

#[test]
fn member_learns_an_unknown_invitation_and_follows() {
    let mut room = Room::of(2, Suite::Classical);
    let secret = InvitationSecret::generate();
    let guest = joiner("guest", Suite::Classical);
    let admit = Change::Admit { key_package: guest.key_package(), secret: &secret };
    let committed = room.members[0].commit(&[admit]).unwrap();

    let other = &mut room.members[1];
    let refused = other.process(&committed.commit).err();
    assert_eq!(refused, Some(ProcessError::MissingInvitation));
    other.learn_invitation(&secret);
    other.process(&committed.commit).unwrap();
    assert_eq!(other.epoch(), committed.change.epoch);

    let mut guest = guest.join(&committed.welcome.unwrap(), &secret).unwrap();
    let hello = guest.protect(b"hello").unwrap();
    assert_eq!(text(room.members[1].process(&hello)).1, b"hello");
}

#[test]
fn an_invitation_that_is_over_is_forgotten() {
    let mut room = Room::of(2, Suite::Classical);
    room.members[1].forget_invitation(room.secret.id());
    let guest = joiner("guest", Suite::Classical);
    let admit = Change::Admit { key_package: guest.key_package(), secret: &room.secret };
    let committed = room.members[0].commit(&[admit]).unwrap();
    let refused = room.members[1].process(&committed.commit).err();
    assert_eq!(refused, Some(ProcessError::MissingInvitation));
}

#[test]
fn two_invitations_take_two_commits() {
    let mut group = Group::create(card("host"), Suite::Classical).unwrap();
    let (a, b) = (joiner("a", Suite::Classical), joiner("b", Suite::Classical));
    let secrets = [InvitationSecret::generate(), InvitationSecret::generate()];
    let changes = [
        Change::Admit { key_package: a.key_package(), secret: &secrets[0] },
        Change::Admit { key_package: b.key_package(), secret: &secrets[1] },
    ];
    let refused = group.commit(&changes).err();
    assert_eq!(refused, Some(CommitError::MixedInvitations { at: 1 }));
    assert_eq!(group.epoch(), 0);
    for change in changes {
        group.commit(&[change]).unwrap();
    }
    assert_eq!(group.members().len(), 3);
}
