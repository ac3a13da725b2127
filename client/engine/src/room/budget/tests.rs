//! What a member may cost, over time.

use std::time::Duration;

use super::*;
use crate::room::numbers::Kbps;

const SECOND: Duration = Duration::from_secs(1);

fn charged(budget: &mut Budget, now: Instant, cost: Cost, times: usize) -> usize {
    (0..times).filter(|_| budget.charge(now, cost).is_ok()).count()
}

#[test]
fn budget_refuses_when_burst_is_used_up() {
    let (mut budget, now) = (Budget::default(), Instant::now());
    assert_eq!(charged(&mut budget, now, Cost::Offer, 10), 4);
    assert_eq!(charged(&mut budget, now + SECOND, Cost::Offer, 10), 1);
    assert_eq!(charged(&mut budget, now + 60 * SECOND, Cost::Offer, 10), 4, "no more than the burst is saved up");
}

#[test]
fn spent_budget_says_when_it_suffices_again() {
    let (mut budget, now) = (Budget::default(), Instant::now());
    charged(&mut budget, now, Cost::Offer, 4);
    let Err(Spent::Until(at)) = budget.charge(now, Cost::Offer) else { panic!("it is used up") };
    assert_eq!(at, now + SECOND);
    assert_eq!(budget.charge(at, Cost::Offer), Ok(()));
}

#[test]
fn one_kind_of_cost_leaves_the_others_alone() {
    let (mut budget, now) = (Budget::default(), Instant::now());
    charged(&mut budget, now, Cost::Unreadable, 300);
    assert_eq!(budget.charge(now, Cost::Statement), Ok(()));
    assert_eq!(budget.charge(now, Cost::Message(500_000)), Ok(()));
}

#[test]
fn short_messages_to_pass_on_are_counted_as_well() {
    let (mut budget, now) = (Budget::default(), Instant::now());
    assert_eq!(charged(&mut budget, now, Cost::Forward(1), 600), 256);
    assert_eq!(charged(&mut budget, now + SECOND, Cost::Forward(1), 600), 64);
}

#[test]
fn persistent_overuse_is_told_apart_from_a_burst() {
    let (mut budget, now) = (Budget::default(), Instant::now());
    let answers: Vec<_> = (0..800).map(|_| budget.charge(now, Cost::Offer)).collect();
    assert!(matches!(answers[100], Err(Spent::Until(_))));
    assert_eq!(answers[799], Err(Spent::Overuse));
    assert_eq!(budget.charge(now + 100 * SECOND, Cost::Offer), Ok(()), "and is forgiven in the end");
}

#[test]
fn message_larger_than_the_burst_takes_all_of_it_once() {
    let (mut budget, now) = (Budget::default(), Instant::now());
    assert_eq!(budget.charge(now, Cost::Message(usize::MAX)), Ok(()));
    assert!(budget.charge(now, Cost::Message(1)).is_err());
}

#[test]
fn messages_wait_in_order_and_too_many_end_the_link() {
    let (mut inbox, mut now) = (Inbox::default(), Instant::now());
    let hear = |inbox: &mut Inbox, now, kbps| {
        let spare = LinkMessage::Spare(Kbps::clamped(kbps));
        let bytes = wire::encode(&spare);
        inbox.hear(now, spare, bytes)
    };
    let at_once = (0..2500).filter(|i| matches!(hear(&mut inbox, now, *i), Heard::Now(_))).count();
    assert_eq!(at_once, 2500);
    for i in 0..HELD as u32 {
        assert!(matches!(hear(&mut inbox, now, i), Heard::Later));
    }
    let mut read = 0;
    for _ in 0..4 {
        now += SECOND;
        while let Some(LinkMessage::Spare(i)) = inbox.next(now) {
            assert_eq!(i.get(), read);
            read += 1;
        }
    }
    assert_eq!(read, 1000);
    let mut more = (0..HELD as u32).map(|i| hear(&mut inbox, now, i));
    assert!(more.any(|heard| matches!(heard, Heard::TooMuch)));
}
