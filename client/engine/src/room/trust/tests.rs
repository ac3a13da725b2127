//! Marks and names, against people who share names or change them.

use super::*;
use crate::room::{
    keep::Verified,
    view::testing::{Cast, id},
};

const ANN: MemberId = MemberId([1; 16]);
const BEA: MemberId = MemberId([2; 16]);
const OTHER: MemberId = MemberId([3; 16]);

fn stands(trust: &Trust, member: MemberId, name: &str, here: &[MemberId]) -> Verification {
    trust.of(member, name, here).0
}

#[test]
fn mark_is_of_keys_and_breaks_for_anyone_else_of_the_name() {
    let mut trust = Trust::default();
    assert_eq!(stands(&trust, ANN, "Ann", &[ANN]), Verification::Not);
    trust.mark(ANN, "Ann".into(), &[ANN]);
    assert_eq!(stands(&trust, ANN, "Ann", &[ANN, BEA]), Verification::Verified);
    assert_eq!(stands(&trust, BEA, "Bea", &[ANN, BEA]), Verification::Not);
    // While she is here the other is just somebody of the same name.
    assert_eq!(stands(&trust, OTHER, "Ann", &[ANN, OTHER]), Verification::Ambiguous);
    for name in ["Ann", " ann ", "ANN", "Аnn", "Ann\u{3164}"] {
        assert_eq!(stands(&trust, OTHER, name, &[OTHER]), Verification::Broken, "{name}");
    }
    assert_eq!(stands(&trust, OTHER, "Anna", &[OTHER]), Verification::Not);
}

#[test]
fn mark_says_for_which_name_it_was_made_after_a_renaming() {
    let mut trust = Trust::default();
    trust.mark(OTHER, "Mallory".into(), &[OTHER, BEA]);
    assert_eq!(trust.of(OTHER, "Zed", &[OTHER, BEA]), (Verification::Renamed, Some("Mallory".into())));
    assert_eq!(trust.of(OTHER, "MALLORY", &[OTHER]), (Verification::Verified, None));
    // By the name of another who is verified, here or gone, nothing is left of it.
    trust.mark(BEA, "Bea".into(), &[OTHER, BEA]);
    for here in [&[OTHER, BEA][..], &[OTHER]] {
        assert_eq!(trust.of(OTHER, "Веа", here), (Verification::Broken, Some("Mallory".into())));
        assert_eq!(stands(&trust, BEA, "Bea", here), Verification::Verified);
    }
}

#[test]
fn name_that_another_member_had_first_is_ambiguous() {
    let mut trust = Trust::default();
    assert!(trust.note_name(ANN, "Ann", &[]));
    assert!(!trust.note_name(ANN, "Ann", &[]));
    assert!(trust.note_name(ANN, "Bea", &[]));
    assert!(trust.note_name(OTHER, "ann", &[]));
    for here in [&[ANN, OTHER][..], &[OTHER]] {
        assert_eq!(stands(&trust, OTHER, "ann", here), Verification::Ambiguous);
        assert_eq!(stands(&trust, OTHER, "Bea", here), Verification::Ambiguous);
    }
    assert_eq!(stands(&trust, ANN, "Ann", &[ANN, OTHER]), Verification::Not);
    trust.forget_names(ANN);
    assert_eq!(stands(&trust, OTHER, "ann", &[OTHER]), Verification::Not);
}

#[test]
fn member_who_renames_often_makes_no_other_name_forgotten() {
    let mut trust = Trust::default();
    trust.note_name(ANN, "Ann", &[]);
    for number in 0..2 * MAX_NAMES {
        trust.note_name(OTHER, &format!("{number} it is"), &[ANN, OTHER]);
    }
    assert_eq!(trust.names.len(), 1 + MAX_OWN_NAMES);
    assert_eq!(stands(&trust, BEA, "Ann", &[BEA]), Verification::Ambiguous);
}

#[test]
fn names_of_members_outlast_those_of_many_who_came_and_went() {
    let mut trust = Trust::default();
    trust.note_name(ANN, "Ann", &[ANN]);
    for number in 0..2 * MAX_NAMES as u128 {
        let puppet = MemberId((1_000 + number).to_be_bytes());
        trust.note_name(puppet, "Puppet", &[ANN, puppet]);
    }
    assert_eq!(trust.names.len(), MAX_NAMES);
    assert_eq!(stands(&trust, BEA, "Ann", &[ANN, BEA]), Verification::Ambiguous);
}

#[test]
fn member_verified_by_the_same_name_takes_the_others_place() {
    let mut trust = Trust::default();
    trust.mark(ANN, "Zoë".into(), &[ANN]);
    assert_eq!(stands(&trust, OTHER, "zoË", &[OTHER]), Verification::Broken);
    trust.mark(OTHER, "zoË".into(), &[OTHER]);
    assert_eq!(stands(&trust, OTHER, "zoË", &[OTHER]), Verification::Verified);
    assert_eq!(trust.verified.len(), 1);
    trust.unmark(OTHER);
    assert_eq!(stands(&trust, OTHER, "Zoë", &[OTHER]), Verification::Not);
}

#[test]
fn marks_are_bounded_and_those_who_left_are_forgotten_first() {
    let mut trust = Trust::default();
    let id = |number: usize| MemberId([(number >> 8) as u8, number as u8, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    trust.mark(ANN, "Ann".into(), &[ANN]);
    for number in 0..MAX_VERIFIED + 10 {
        // Letters that look like no others, unlike 0 and 1.
        let name = number.to_string().replace('0', "x").replace('1', "y");
        trust.mark(id(number), name, &[ANN, id(number)]);
    }
    assert_eq!(trust.verified.len(), MAX_VERIFIED);
    assert_eq!(stands(&trust, ANN, "Ann", &[ANN]), Verification::Verified);
    let twice = [Named::kept(&trust.verified), Named::kept(&trust.verified)].concat();
    let again = Trust::restored(Some(twice), Vec::new(), Vec::new());
    assert_eq!(again.verified.len(), MAX_VERIFIED);
}

fn outputs(trust: &mut Trust) -> Vec<Output> {
    std::iter::from_fn(|| trust.poll()).collect()
}

#[test]
fn mark_is_kept_when_a_person_sets_or_takes_it_back() {
    let (cast, mut trust) = (Cast::of(1, RoomKind::Kept), Trust::default());
    for (verified, stands) in [(true, Verification::Verified), (false, Verification::Not)] {
        trust.verify(cast.view(), id(1), verified);
        assert!(matches!(&outputs(&mut trust)[..], [Output::Keep(Keep::Verified(all))] if all.is_empty() != verified));
        assert_eq!(trust.verifications(cast.view())[0].0, stands);
    }
}

#[test]
fn stranger_is_neither_verified_nor_compared() {
    let (cast, mut trust) = (Cast::of(1, RoomKind::Kept), Trust::default());
    trust.verify(cast.view(), id(9), true);
    trust.compare(cast.view(), id(9), None, "words");
    assert!(outputs(&mut trust).iter().all(|output| matches!(output, Output::Trouble(Trouble::NoSuchMember))));
}

#[test]
fn member_by_our_own_name_is_ambiguous() {
    let (mut cast, mut trust) = (Cast::of(1, RoomKind::Kept), Trust::default());
    cast.member(1).name = "me".into();
    assert_eq!(trust.verifications(cast.view())[0].0, Verification::Ambiguous);
}

#[test]
fn new_name_is_kept_once() {
    let (cast, mut trust) = (Cast::of(1, RoomKind::Kept), Trust::default());
    for kept in [1, 0] {
        trust.on_name(cast.view(), id(1), "Ann");
        assert_eq!(outputs(&mut trust).len(), kept);
    }
}

#[test]
fn mark_of_an_older_version_is_written_anew() {
    let known = Verified { member: [1; 16], name: "Ann".into() };
    let mut trust = Trust::restored(None, Vec::new(), vec![known]);
    assert!(matches!(&outputs(&mut trust)[..], [Output::Keep(Keep::Verified(all))] if all.len() == 1));
    assert!(outputs(&mut Trust::restored(Some(Vec::new()), Vec::new(), Vec::new())).is_empty());
}
