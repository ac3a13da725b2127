//! Who holds the invitation joins, and finds the same room as everyone else.

use crate::common::{card, joiner, names, text};
use group_crypto::{Change, Group, InvitationSecret, MemberIndex, Suite, check_key_package};

fn a_joiner_becomes_a_member(suite: Suite) {
    let secret = InvitationSecret::generate();
    let mut anna = Group::create(card("Anna"), suite).unwrap();
    let bert = joiner("Bert", suite);
    let seen = check_key_package(bert.key_package(), suite).unwrap();
    assert_eq!(seen.name, "Bert");

    let committed = anna.commit(&[Change::Admit { key_package: bert.key_package(), secret: &secret }]).unwrap();
    assert_eq!(committed.change.epoch, 1);
    assert_eq!(names(&committed.change.added), ["Bert"]);
    assert_eq!(committed.change.by, anna.me());

    let mut bert = bert.join(&committed.welcome.unwrap(), &secret).unwrap();
    assert_eq!((bert.epoch(), bert.me()), (1, MemberIndex(1)));
    assert_eq!(bert.suite(), suite);
    assert_eq!(bert.epoch_authenticator(), anna.epoch_authenticator());
    assert_eq!(bert.members(), anna.members());
    assert_eq!(names(bert.members()), ["Anna", "Bert"]);
    assert_eq!(bert.member(bert.me()).unwrap().id, bert.my_id());
    assert_eq!(bert.member(anna.me()).unwrap().card.fingerprint, [4; 32]);
    assert_eq!(bert.member(MemberIndex(2)), None);

    let sealed = bert.protect(b"hello").unwrap();
    assert_eq!(text(anna.process(&sealed)), (bert.me(), b"hello".to_vec()));
}

#[test]
fn a_joiner_becomes_a_member_of_a_post_quantum_room() {
    a_joiner_becomes_a_member(Suite::PostQuantum);
}

#[test]
fn a_joiner_becomes_a_member_of_a_classical_room() {
    a_joiner_becomes_a_member(Suite::Classical);
}

#[test]
fn a_person_is_somebody_else_in_every_room() {
    let here = Group::create(card("Anna"), Suite::Classical).unwrap();
    let there = Group::create(card("Anna"), Suite::Classical).unwrap();
    assert_ne!(here.my_id(), there.my_id());
}

#[test]
fn rooms_can_be_handed_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Group>();
    is_send::<group_crypto::Joiner>();
    is_send::<group_crypto::Sealer>();
    is_send::<group_crypto::Opener>();
}
