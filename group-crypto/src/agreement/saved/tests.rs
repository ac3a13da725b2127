//! What an agreement saves, when it saves it, and what it is after a restart.

use std::time::{Duration, Instant};

use super::super::{Action, SAVE_HISTORY_WITHIN, SAVE_WITHIN};
use super::*;
use crate::{Change, InvitationSecret, Joiner, Suite};

fn card() -> Card {
    Card::new("member", [0; 32], [0; 32], Vec::new()).unwrap()
}

/// One of three, of whom one has said goodbye and one was removed. Neither is taken out by a commit yet.
fn with_two_out() -> (Agreement, MemberId, MemberId) {
    let secret = InvitationSecret::generate();
    let mut group = Group::create(card(), Suite::Classical).unwrap();
    let joiners: Vec<_> = (0..2).map(|_| Joiner::new(card(), Suite::Classical).unwrap()).collect();
    let admit = |joiner| Change::Admit { key_package: Joiner::key_package(joiner), secret: &secret };
    let welcome = group.commit(&joiners.iter().map(admit).collect::<Vec<_>>()).unwrap().welcome.unwrap();
    let others: Vec<_> = joiners.into_iter().map(|joiner| joiner.join(&welcome, &secret).unwrap()).collect();
    let (parted, removed) = (others[0].my_id(), others[1].my_id());
    let mut agreement = Agreement::new(group, card(), 8);
    agreement.mark_out(parted, Some(others[0].sign_goodbye().unwrap()));
    agreement.mark_out(removed, None);
    (agreement, parted, removed)
}

fn restored(saved: &[u8]) -> Result<Agreement, RestoreError> {
    Agreement::restore(saved, Vec::new(), card(), 8)
}

#[test]
fn goodbye_is_no_removal_after_a_restart() {
    let (agreement, parted, removed) = with_two_out();
    let mut restored = restored(&agreement.save().unwrap()).unwrap();
    assert!(restored.parted.keys().eq([&parted]));
    restored.insist_on_removals(Instant::now());
    restored.handle_timeout(Instant::now());
    let change = std::iter::from_fn(|| restored.poll()).find_map(|action| match action {
        Action::Epoch(next) => Some(next.change),
        _ => None,
    });
    let change = change.expect("both are taken out");
    assert_eq!(change.removed.len(), 2);
    assert!(change.parted.keys().eq([&parted]));
    assert!(restored.is_out(removed));
}

#[test]
fn removal_of_one_who_said_goodbye_is_kept() {
    let (mut agreement, parted, _) = with_two_out();
    agreement.take_save().unwrap().unwrap();
    agreement.mark_out(parted, None);
    let saved = agreement.take_save().expect("it is to be written down").unwrap();
    assert!(restored(&saved).unwrap().parted.is_empty());
}

#[test]
fn removed_member_is_known_by_its_key_after_a_restart() {
    let now = Instant::now();
    let [mut first, second] = two(now);
    let removed = second.group().my_id();
    let signature = second.group().sign("hello", b"content").unwrap();
    assert!(first.verify(removed, "hello", b"content", &signature));
    first.remove(now, removed);
    first.handle_timeout(now + Duration::from_secs(1));
    assert!(first.is_out(removed) && !first.is_member(removed));
    for agreement in [restored(&first.save().unwrap()).unwrap(), first] {
        assert!(agreement.verify_removed(removed, "hello", b"content", &signature));
        assert!(!agreement.verify_removed(removed, "hello", b"another", &signature));
        assert!(!agreement.verify(removed, "hello", b"content", &signature) && !agreement.knows(removed));
    }
}

#[test]
fn save_without_goodbyes_stays_readable() {
    let (agreement, parted, _) = with_two_out();
    let mut saved = agreement.save().unwrap().to_vec();
    // Two lengths of two bytes, one id and one signature.
    saved.truncate(saved.len() - 84);
    saved[0] = WITHOUT_PARTED;
    let old = restored(&saved).unwrap();
    assert!(old.is_out(parted) && old.parted.is_empty());
    saved.push(0);
    assert_eq!(restored(&saved).err(), Some(RestoreError::Damaged));
    saved.pop();
    saved[0] = UNSIGNED;
    assert_eq!(restored(&saved).err(), Some(RestoreError::Damaged));
    saved.extend([16].into_iter().chain(parted.0));
    let old = restored(&saved).unwrap();
    assert!(old.is_out(parted) && old.parted.is_empty());
    saved[0] = VERSION + 1;
    assert_eq!(restored(&saved).err(), Some(RestoreError::Newer(VERSION + 1)));
}

/// Two who have links, and have said all that they have to say.
fn two(now: Instant) -> [Agreement; 2] {
    let secret = InvitationSecret::generate();
    let mut first = Group::create(card(), Suite::Classical).unwrap();
    let joiner = Joiner::new(card(), Suite::Classical).unwrap();
    let admit = Change::Admit { key_package: joiner.key_package(), secret: &secret };
    let welcome = first.commit(&[admit]).unwrap().welcome.unwrap();
    let second = joiner.join(&welcome, &secret).unwrap();
    let mut two = [first, second].map(|group| Agreement::new(group, card(), 8));
    for at in 0..2 {
        let (me, other) = (two[at].group().my_id(), two[1 - at].group().my_id());
        two[at].linked(now, other);
        two[1 - at].linked(now, me);
    }
    deliver(now, &mut two);
    two.iter_mut().for_each(|one| {
        one.take_save().unwrap().unwrap();
        one.take_history();
    });
    two
}

fn deliver(now: Instant, two: &mut [Agreement; 2]) {
    for at in [0, 1, 0, 1] {
        let from = two[at].group().my_id();
        while let Some(action) = two[at].poll() {
            if let Action::Send { bytes, .. } | Action::Missed { bytes, .. } = action {
                two[1 - at].handle(now, from, &bytes);
            }
        }
    }
}

#[test]
fn message_that_was_read_is_saved_soon_and_once() {
    let now = Instant::now();
    let mut two = two(now);
    let from = two[0].group().my_id();
    for _ in 0..5 {
        let bytes = two[0].protect(b"text").unwrap();
        assert!(two[0].take_save().is_some(), "what was sealed goes out before it is kept");
        two[1].handle(now, from, &bytes);
        assert!(two[1].take_save().is_none());
    }
    let due = two[1].deadline().unwrap();
    assert!(due <= now + SAVE_WITHIN);
    two[1].handle_timeout(now + SAVE_WITHIN);
    assert!(two[1].take_save().is_some() && two[1].take_save().is_none());
    two[1].handle_timeout(now + 2 * SAVE_WITHIN);
    assert!(two[1].take_save().is_none());
}

#[test]
fn message_read_before_a_crash_is_read_once_more() {
    let now = Instant::now();
    let mut two = two(now);
    let (from, bytes) = (two[0].group().my_id(), two[0].protect(b"text").unwrap());
    let before = two[1].save().unwrap();
    two[1].handle(now, from, &bytes);
    let mut again = restored(&before).unwrap();
    again.linked(now, from);
    assert!(again.handle(now, from, &bytes));
    assert!(std::iter::from_fn(|| again.poll()).any(|action| matches!(action, Action::Message { .. })));
}

#[test]
fn epoch_is_saved_before_anything_else() {
    let now = Instant::now();
    let mut two = two(now);
    two[0].renew(now + SAVE_WITHIN);
    let later = now + SAVE_WITHIN + Duration::from_secs(2);
    two[0].handle_timeout(later);
    assert!(two[0].take_save().is_some());
    deliver(later, &mut two);
    assert_eq!(two[1].group().epoch(), 2);
    assert!(two[1].take_save().is_some());
}

#[test]
fn commits_are_saved_later_and_kept_only_if_they_lead_here() {
    let now = Instant::now();
    let [mut first, _] = two(now);
    first.renew(now);
    first.handle_timeout(now + Duration::from_secs(2));
    let old = first.save().unwrap();
    assert!(first.take_history().is_none());
    first.handle_timeout(now + Duration::from_secs(2) + SAVE_HISTORY_WITHIN);
    let history = first.take_history().unwrap();
    let restored = |saved: &[u8]| Agreement::restore(saved, history.clone(), card(), 8).unwrap();
    assert_eq!(restored(&old).history.len(), history.len());
    let change = first.group.commit(&[]).unwrap().change;
    first.enter_epoch(now + Duration::from_secs(60), change, false);
    assert!(restored(&first.save().unwrap()).history.is_empty());
}

#[test]
fn commit_that_removes_somebody_is_saved_at_once() {
    let now = Instant::now();
    let [mut first, second] = two(now);
    first.remove(now, second.group().my_id());
    assert!(first.take_history().is_some());
}

#[test]
fn saved_goodbye_of_one_who_is_not_out_is_ignored() {
    let (mut agreement, parted, _) = with_two_out();
    agreement.parted.insert(MemberId([7; 16]), vec![7; 64]);
    assert!(restored(&agreement.save().unwrap()).unwrap().parted.keys().eq([&parted]));
}
