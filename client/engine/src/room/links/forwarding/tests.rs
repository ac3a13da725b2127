//! Ways through others, without links and a group.

use std::time::Duration;

use super::{AGAIN, Forwarding, Output, PATIENCE, PATIENCE_IN_CALL, Way, WayBack, datagram::Datagram};
use crate::{
    api::RoomKind,
    room::{
        link::LinkId,
        view::testing::{Cast, id},
    },
};

/// Three others, of whom the third has lost their link with us just now.
fn cast() -> Cast {
    let mut cast = Cast::of(3, RoomKind::Kept);
    let now = cast.now;
    cast.member(3).has_link = false;
    cast.member(3).linkless_since = Some(now);
    cast
}

fn outputs(forwarding: &mut Forwarding) -> Vec<Output> {
    std::iter::from_fn(|| forwarding.poll()).collect()
}

fn wait(forwarding: &mut Forwarding, cast: &mut Cast, time: Duration, is_in_call: bool) -> Vec<Output> {
    cast.wait(time);
    forwarding.on_timeout(cast.view(), is_in_call);
    outputs(forwarding)
}

fn opened(outputs: &[Output]) -> Option<LinkId> {
    outputs.iter().find_map(|output| match output {
        Output::Open { link, .. } => Some(*link),
        _ => None,
    })
}

#[test]
fn links_are_told_once_until_they_change() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    let told = wait(&mut forwarding, &mut cast, Duration::ZERO, false);
    assert_eq!(told, [Output::TellSees(vec![id(1), id(2)])]);
    assert!(wait(&mut forwarding, &mut cast, Duration::from_secs(2), false).is_empty());
    cast.member(3).has_link = true;
    let told = wait(&mut forwarding, &mut cast, Duration::ZERO, false);
    assert_eq!(told, [Output::TellSees(vec![id(1), id(2), id(3)])]);
}

#[test]
fn links_that_come_one_after_the_other_are_told_together() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    wait(&mut forwarding, &mut cast, Duration::ZERO, false);
    cast.member(3).has_link = true;
    assert!(wait(&mut forwarding, &mut cast, Duration::from_millis(500), false).is_empty());
    assert_eq!(wait(&mut forwarding, &mut cast, Duration::from_millis(500), false).len(), 1);
}

#[test]
fn contact_of_two_has_nobody_to_go_through() {
    let (mut forwarding, mut cast) = (Forwarding::default(), Cast::of(1, RoomKind::Contact));
    assert!(wait(&mut forwarding, &mut cast, Duration::ZERO, false).is_empty());
}

#[test]
fn lost_member_is_reached_through_one_who_sees_them() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    forwarding.on_sees(id(2), vec![id(3)]);
    assert_eq!(opened(&wait(&mut forwarding, &mut cast, PATIENCE / 2, false)), None);
    let link = opened(&wait(&mut forwarding, &mut cast, PATIENCE / 2, false)).expect("there is a way");
    assert_eq!(forwarding.way(link), Some(Way { to: id(3), by: id(2) }));
}

#[test]
fn nobody_waits_for_long_in_a_call() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    forwarding.on_sees(id(1), vec![id(3)]);
    assert!(opened(&wait(&mut forwarding, &mut cast, PATIENCE_IN_CALL, true)).is_some());
}

#[test]
fn higher_member_leaves_the_way_to_the_lower_one() {
    let mut cast = Cast::between(id(9), id(3), RoomKind::Kept);
    let now = cast.now;
    (cast.only().has_link, cast.only().linkless_since) = (false, Some(now));
    let mut forwarding = Forwarding::default();
    forwarding.on_sees(id(1), vec![id(3)]);
    assert!(wait(&mut forwarding, &mut cast, PATIENCE, false).is_empty());
}

#[test]
fn way_that_leads_nowhere_is_tried_anew_later() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    forwarding.on_sees(id(1), vec![id(3)]);
    let first = opened(&wait(&mut forwarding, &mut cast, PATIENCE, false)).unwrap();
    assert_eq!(opened(&wait(&mut forwarding, &mut cast, AGAIN / 2, false)), None);
    let again = wait(&mut forwarding, &mut cast, AGAIN / 2, false);
    assert!(again.contains(&Output::Close(first)) && opened(&again).is_some_and(|link| link != first));
    assert_eq!(forwarding.way(first), None, "nothing goes back by the one that was given up");
}

#[test]
fn way_is_closed_when_the_one_between_lost_the_other() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    forwarding.on_sees(id(1), vec![id(3)]);
    let link = opened(&wait(&mut forwarding, &mut cast, PATIENCE, false)).unwrap();
    forwarding.on_sees(id(2), Vec::new());
    assert!(outputs(&mut forwarding).is_empty(), "another's links say nothing of it");
    forwarding.on_sees(id(1), vec![id(2)]);
    assert_eq!(outputs(&mut forwarding), [Output::Close(link)]);
}

#[test]
fn ways_through_a_member_end_with_their_link() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    forwarding.on_sees(id(1), vec![id(3)]);
    let link = opened(&wait(&mut forwarding, &mut cast, PATIENCE, false)).unwrap();
    forwarding.on_unlinked(id(1));
    assert_eq!(outputs(&mut forwarding), [Output::Close(link)]);
    forwarding.close(link);
    assert!(!forwarding.is_used());
}

#[test]
fn more_links_than_a_room_has_members_are_not_believed() {
    let mut forwarding = Forwarding::default();
    forwarding.on_sees(id(1), vec![id(3); 129]);
    assert!(forwarding.seen_by(id(1)).is_empty());
}

#[test]
fn answer_goes_back_by_the_one_who_brought_the_question() {
    let mut forwarding = Forwarding::default();
    assert_eq!(forwarding.way_back(id(3)), None, "nobody knows who brought it");
    forwarding.read_by(Some(id(3)));
    assert_eq!(forwarding.way_back(id(3)), None, "nobody is on the way to themselves");
    forwarding.read_by(Some(id(1)));
    let Some(WayBack::New(link)) = forwarding.way_back(id(3)) else { panic!("there is a way") };
    assert_eq!(forwarding.way_back(id(3)), Some(WayBack::Known(link)));
}

#[test]
fn garbage_by_one_member_leaves_the_words_of_others() {
    let (mut forwarding, now) = (Forwarding::default(), Cast::of(0, RoomKind::Kept).now);
    for _ in 0..40 {
        forwarding.limits.note_failure(now, id(1), id(2));
    }
    assert!(!forwarding.limits.may_try(now, id(1), id(2)));
    assert!(forwarding.limits.may_try(now, id(1), id(3)) && forwarding.limits.may_try(now, id(4), id(2)));
}

#[test]
fn flood_for_one_member_leaves_room_for_another() {
    let (mut forwarding, now) = (Forwarding::default(), Cast::of(0, RoomKind::Kept).now);
    while forwarding.limits.leaves_room(now, id(1), id(2), 64 * 1024) {}
    assert!(forwarding.limits.leaves_room(now, id(1), id(3), 64 * 1024));
}

#[test]
fn datagram_says_for_whom_it_is_passed_on() {
    for datagram in [
        Datagram::Own(&[253, 1, 2]),
        Datagram::PassOn { to: 7, bytes: &[1, 2, 3] },
        Datagram::PassedOn { from: 0, bytes: &[] },
    ] {
        assert_eq!(Datagram::read(&datagram.to_bytes()), datagram);
    }
    for short in [&[][..], &[255], &[254]] {
        assert_eq!(Datagram::read(short), Datagram::Own(short));
    }
}

#[test]
fn forgotten_member_is_on_no_way() {
    let (mut forwarding, mut cast) = (Forwarding::default(), cast());
    forwarding.on_sees(id(1), vec![id(3)]);
    wait(&mut forwarding, &mut cast, PATIENCE, false);
    forwarding.forget(id(1));
    assert!(!forwarding.is_used());
}
