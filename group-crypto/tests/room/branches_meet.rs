//! Two halves of a room that were apart have epochs of the same number: their frames are told apart, and no key counts
//! twice.

use std::collections::BTreeSet;

use crate::common::{Room, joiner, run, text};
use group_crypto::{Change, Group, MemberIndex, OpenError, Opener, RETAINED_EPOCHS, RotateError, Sealer, Suite};

/// One member as each of two branches has them.
struct Twice {
    x: Group,
    y: Group,
}

/// A room of four, of whom the first two and the last two lost sight of each other: in each half one has committed.
struct Parted {
    /// In branch X.
    anna: Group,
    /// In both, one after the other.
    bert: Twice,
    cleo: Twice,
    /// In branch Y.
    dora: Group,
}

fn follow(group: &mut Group, commit: &[u8]) {
    group.process(commit).unwrap();
}

fn parted() -> Parted {
    let mut room = Room::of(4, Suite::Classical);
    let copy = |of: usize| Group::load(&room.members[of].save().unwrap()).unwrap();
    let (mut bert_y, mut cleo_y) = (copy(1), copy(2));
    let [anna, bert_x, cleo_x, dora] = &mut room.members[..] else { panic!("four") };
    let x = anna.commit(&[]).unwrap().commit;
    let y = dora.commit(&[]).unwrap().commit;
    [bert_x, cleo_x].into_iter().for_each(|group| follow(group, &x));
    [&mut bert_y, &mut cleo_y].into_iter().for_each(|group| follow(group, &y));
    let mut members = room.members.into_iter();
    let mut next = || members.next().unwrap();
    let (anna, bert_x, cleo_x, dora) = (next(), next(), next(), next());
    Parted { anna, bert: Twice { x: bert_x, y: bert_y }, cleo: Twice { x: cleo_x, y: cleo_y }, dora }
}

fn sealer(of: &Group) -> Sealer {
    Sealer::new(&of.epoch_keys(), of.me(), run(of.me()))
}

fn seal(sealer: &mut Sealer, frame: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    sealer.seal(0, frame, &mut sealed).unwrap();
    sealed
}

/// Of one who was in X and is in Y now.
fn opener(of: &Twice) -> Opener {
    let mut opener = Opener::new();
    for group in [&of.x, &of.y] {
        opener.add_epoch(&group.epoch_keys(), group.members());
        group.members().iter().for_each(|member| opener.set_run(member.id, run(member.index)));
    }
    opener
}

#[test]
fn branches_have_one_number_and_two_identities() {
    let Parted { anna, bert, dora, .. } = parted();
    assert_eq!(anna.epoch(), dora.epoch());
    assert_ne!(anna.epoch_keys().id(), dora.epoch_keys().id());
    assert_eq!(bert.x.epoch_keys().id(), anna.epoch_keys().id());
    assert_eq!(bert.y.epoch_keys().id(), dora.epoch_keys().id());
}

#[test]
fn frames_of_overlapping_branches_open_once_each() {
    let Parted { anna, bert, cleo, dora } = parted();
    let mut opener = opener(&bert);
    let mut out = Vec::new();
    // Cleo goes from X to Y and speaks all the while; Anna still speaks in X, Dora in Y. All of the same numbers.
    let (mut in_x, mut in_y) = (sealer(&anna), sealer(&dora));
    let mut wanders = sealer(&cleo.x);
    let mut sent = Vec::new();
    for n in 0..2000u32 {
        if n == 1500 {
            wanders.rotate(&cleo.y.epoch_keys(), cleo.y.me()).unwrap();
        }
        let said = n.to_be_bytes();
        sent.push((anna.my_id(), seal(&mut in_x, &said), said));
        sent.push((dora.my_id(), seal(&mut in_y, &said), said));
        sent.push((cleo.x.my_id(), seal(&mut wanders, &said), said));
    }
    // Of the last thousand, in the wrong order: X's counters are far ahead of Y's for Cleo.
    for (from, sealed, said) in sent.iter().skip(3 * 1000).rev() {
        opener.open(*from, sealed, &mut out).unwrap();
        assert_eq!(out, said);
    }
    for (from, sealed, _) in &sent[3 * 1000..] {
        assert_eq!(opener.open(*from, sealed, &mut out), Err(OpenError::Replayed));
        assert!(out.is_empty());
    }
}

#[test]
fn a_branchs_frames_stay_closed_once_it_is_forgotten() {
    let Parted { anna, bert, dora, .. } = parted();
    let mut opener = opener(&bert);
    opener.forget(anna.epoch_keys().id());
    let mut out = Vec::new();
    // Its bits are those of Y's epoch, whose key does not open it.
    let refused = opener.open(anna.my_id(), &seal(&mut sealer(&anna), b"late"), &mut out);
    assert_eq!(refused, Err(OpenError::Rejected));
    opener.open(dora.my_id(), &seal(&mut sealer(&dora), b"in time"), &mut out).unwrap();
}

#[test]
fn a_frame_of_a_branch_unknown_yet_opens_once_its_keys_come() {
    let Parted { bert, cleo, .. } = parted();
    let mut opener = Opener::new();
    opener.add_epoch(&bert.x.epoch_keys(), bert.x.members());
    bert.x.members().iter().for_each(|member| opener.set_run(member.id, run(member.index)));
    let mut out = Vec::new();
    let mut speaks = sealer(&cleo.x);
    for _ in 0..3000 {
        opener.open(cleo.x.my_id(), &seal(&mut speaks, b"x"), &mut out).unwrap();
    }
    // The counter begins anew, far behind X's window: it is no replay of X's.
    speaks.rotate(&cleo.y.epoch_keys(), cleo.y.me()).unwrap();
    let early = seal(&mut speaks, b"y");
    assert_eq!(opener.open(cleo.y.my_id(), &early, &mut out), Err(OpenError::Rejected));
    opener.add_epoch(&bert.y.epoch_keys(), bert.y.members());
    opener.open(cleo.y.my_id(), &early, &mut out).unwrap();
    assert_eq!(out, b"y");
}

#[test]
fn key_meets_no_counter_twice_however_a_sealer_is_turned() {
    let Parted { cleo, .. } = parted();
    let (x, y) = (cleo.x.epoch_keys(), cleo.y.epoch_keys());
    let mut wanders = sealer(&cleo.x);
    // All frames are equal, so equal bytes would be one key with one counter.
    let mut seen = BTreeSet::new();
    for turn in 0..40 {
        for _ in 0..10 {
            assert!(seen.insert(seal(&mut wanders, &[0; 64])));
        }
        let (to, me) = if turn % 2 == 0 { (&y, cleo.y.me()) } else { (&x, cleo.x.me()) };
        let expected = if turn == 0 { Ok(()) } else { Err(RotateError) };
        assert_eq!(wanders.rotate(to, me), expected);
    }
    assert_eq!(wanders.epoch_id(), y.id());
}

#[test]
fn opener_keeps_a_bound_of_epochs_over_all_branches() {
    let Parted { mut anna, bert, mut dora, .. } = parted();
    let mut opener = opener(&bert);
    let mut added = vec![bert.x.epoch_keys().id(), bert.y.epoch_keys().id()];
    let (mut bert_x, mut bert_y) = (bert.x, bert.y);
    for _ in 0..5 {
        follow(&mut bert_x, &anna.commit(&[]).unwrap().commit);
        follow(&mut bert_y, &dora.commit(&[]).unwrap().commit);
        for group in [&bert_x, &bert_y] {
            opener.add_epoch(&group.epoch_keys(), group.members());
            added.push(group.epoch_keys().id());
        }
    }
    let retained: Vec<_> = opener.epochs().collect();
    assert_eq!(retained, added[added.len() - RETAINED_EPOCHS..]);
    let mut out = Vec::new();
    for (of, other) in [(&anna, &dora), (&dora, &anna)] {
        opener.open(of.my_id(), &seal(&mut sealer(of), b"newest"), &mut out).unwrap();
        // In the other's branch the same member has the same index, and says nothing there.
        assert_eq!(
            opener.open(other.my_id(), &seal(&mut sealer(of), b"newest"), &mut out),
            Err(OpenError::WrongMember)
        );
    }
}

#[test]
fn who_has_another_index_in_the_other_branch_is_heard_in_both() {
    let Parted { mut anna, mut bert, mut dora, .. } = parted();
    // Both halves give the same leaf away, each to somebody else.
    let admit = |by: &mut Group, name| {
        let newcomer = joiner(name, Suite::Classical);
        let secret = group_crypto::InvitationSecret::generate();
        let change = Change::Admit { key_package: newcomer.key_package(), secret: &secret };
        let committed = by.commit(&[change]).unwrap();
        let group = newcomer.join(committed.welcome.as_deref().unwrap(), &secret).unwrap();
        (group, committed.commit, secret)
    };
    let (emil, commit, secret) = admit(&mut anna, "Emil");
    bert.x.learn_invitation(&secret);
    follow(&mut bert.x, &commit);
    let (fred, commit, secret) = admit(&mut dora, "Fred");
    bert.y.learn_invitation(&secret);
    follow(&mut bert.y, &commit);
    assert_eq!((emil.me(), fred.me(), emil.epoch()), (MemberIndex(4), MemberIndex(4), fred.epoch()));

    let mut opener = opener(&bert);
    let mut out = Vec::new();
    let (of_emil, of_fred) = (seal(&mut sealer(&emil), b"Emil"), seal(&mut sealer(&fred), b"Fred"));
    // Neither passes for the other, though number, bits and index are the same.
    assert_eq!(opener.open(emil.my_id(), &of_fred, &mut out), Err(OpenError::Rejected));
    assert_eq!(opener.open(fred.my_id(), &of_emil, &mut out), Err(OpenError::Rejected));
    opener.open(emil.my_id(), &of_emil, &mut out).unwrap();
    assert_eq!(out, b"Emil");
    opener.open(fred.my_id(), &of_fred, &mut out).unwrap();
    assert_eq!(out, b"Fred");
}

#[test]
fn who_was_removed_in_one_branch_is_not_heard_in_it() {
    let Parted { mut anna, mut bert, mut dora, .. } = parted();
    let gone = dora.me();
    follow(&mut bert.x, &anna.commit(&[Change::Remove(gone)]).unwrap().commit);
    follow(&mut bert.y, &dora.commit(&[]).unwrap().commit);
    let mut opener = opener(&bert);
    let mut out = Vec::new();
    // Dora has no key of X. Had she one, X has no such member.
    let mut stolen = Sealer::new(&bert.x.epoch_keys(), gone, run(gone));
    let refused = opener.open(dora.my_id(), &seal(&mut stolen, b"still here"), &mut out);
    assert_eq!(refused, Err(OpenError::Rejected));
    opener.forget(bert.y.epoch_keys().id());
    for mut hers in [sealer(&dora), stolen] {
        let refused = opener.open(dora.my_id(), &seal(&mut hers, b"still here"), &mut out);
        assert_eq!(refused, Err(OpenError::WrongMember));
    }
    // Nor does she read what X says.
    let said = anna.protect(b"is she gone?").unwrap();
    assert!(dora.process(&said).is_err());
    assert_eq!(text(bert.x.process(&said)).1, b"is she gone?");
}
