//! The chat with one member, without keys and links, against anything that they may say.

use std::time::{Duration, Instant};

use group_crypto::MemberId;

use super::{Answer, Arrived, Post, Progress, WINDOW};
use crate::room::{
    numbers::{Sequence, UnixMs},
    rows::Rows,
    wire::Said,
};

const NOW_MS: i64 = 1_700_000_000_000;
const SECOND: Duration = Duration::from_secs(1);
const ANN: MemberId = MemberId([1; 16]);

fn number(number: u64) -> Sequence {
    Sequence::clamped(number)
}

fn line(text: &str) -> Option<(UnixMs, Said)> {
    Some((UnixMs::clamped(NOW_MS), Said::Text(text.into())))
}

fn progress(received: Option<Sequence>) -> Progress {
    Progress { received, acknowledged: Sequence::ZERO }
}

fn reader() -> Post {
    Post::restored(progress(Some(Sequence::ZERO)))
}

/// A small seeded generator of lies.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Near what is true, or anywhere.
    fn sequence(&mut self, near: Sequence) -> Sequence {
        match self.below(4) {
            0 => number(self.below(u64::MAX)),
            1 => [Sequence::ZERO, Sequence::MAX][self.below(2) as usize],
            _ => number(near.get().saturating_add(self.below(70)).saturating_sub(self.below(35))),
        }
    }
}

#[test]
fn reader_goes_forward_and_holds_little_whatever_is_sent() {
    for seed in 0..200 {
        let (mut dice, mut post, mut now) = (Dice(seed), reader(), Instant::now());
        for _ in 0..400 {
            let before = post.progress().received.unwrap();
            let up_to = dice.sequence(before);
            let sent =
                (dice.below(5) > 0).then(|| (UnixMs::clamped(dice.below(1 << 50) as i64), Said::Text("x".into())));
            post.arrive(up_to, sent);
            assert!(post.waiting() as u64 <= WINDOW);
            while dice.below(2) == 0
                && let Some(arrival) = post.take_in(now, NOW_MS, ANN, &mut Rows::default())
            {
                assert!(arrival.up_to > before);
                if let Arrived::Line { at, .. } = arrival.what {
                    assert!(at <= UnixMs::latest(NOW_MS));
                }
            }
            assert!(post.progress().received.unwrap() >= before, "seed {seed}");
            now += SECOND / 100;
        }
    }
}

#[test]
fn sender_believes_no_more_than_it_said_whatever_is_confirmed() {
    for seed in 0..200 {
        let (mut dice, mut lines, mut now) = (Dice(seed), Sequence::ZERO, Instant::now());
        let mut post = Post::beginning(lines);
        for _ in 0..400 {
            lines = number(lines.get() + dice.below(3));
            let before = post.progress().acknowledged;
            let up_to = dice.sequence(before);
            post.confirm(up_to, lines);
            if dice.below(3) == 0 {
                post.ask_resend();
            }
            post.resend_if_due(now);
            while post.window_is_open() && post.sent < lines {
                post.sent = post.sent.next().unwrap();
            }
            assert!(
                before <= post.progress().acknowledged
                    && post.progress().acknowledged <= post.sent
                    && post.sent <= lines
            );
            assert!(post.sent.lines_since(post.progress().acknowledged) <= WINDOW);
            now += SECOND / 50;
        }
    }
}

#[test]
fn lines_are_sent_again_more_rarely_when_asked_for_on_and_on() {
    let (mut post, began) = (Post::beginning(Sequence::ZERO), Instant::now());
    let mut sent_again = 0;
    for tick in 0..60_000 {
        post.sent = number(WINDOW);
        post.ask_resend();
        post.resend_if_due(began + Duration::from_millis(tick));
        sent_again += usize::from(post.sent == Sequence::ZERO);
    }
    assert!((4..=8).contains(&sent_again), "{sent_again} times in a minute");
    post.sent = number(WINDOW);
    post.resend_if_due(began + Duration::from_secs(80));
    assert_eq!(post.sent, Sequence::ZERO, "what was asked for is never forgotten");
}

#[test]
fn link_with_white_space_counts_as_missing() {
    let (mut post, now, at) = (reader(), Instant::now(), UnixMs::clamped(NOW_MS));
    let links = ["incamera://join#x", "a\nb", "a\tb", "a b", "a\u{85}b", "a\u{2028}b"];
    for (sequence, link) in (1..).zip(links) {
        let said = Said::Invitation { title: "Choir".into(), link: link.into() };
        assert_eq!(post.arrive(number(sequence), Some((at, said))), Answer::TakeIn);
        let what = post.take_in(now, NOW_MS, ANN, &mut Rows::default()).unwrap().what;
        assert_eq!(matches!(what, Arrived::Gap(1)), sequence > 1, "{link:?}");
    }
}

#[test]
fn line_behind_a_missing_one_is_asked_for_once() {
    let (mut post, now) = (reader(), Instant::now());
    assert_eq!(post.arrive(number(2), line("two")), Answer::AskAgain);
    assert_eq!(post.arrive(number(3), line("three")), Answer::Nothing);
    assert_eq!(post.arrive(number(1), line("one")), Answer::TakeIn);
    assert!(post.take_in(now, NOW_MS, ANN, &mut Rows::default()).is_some());
    assert_eq!(post.arrive(number(1), line("one")), Answer::Confirm);
    assert_eq!(post.arrive(number(3), line("three")), Answer::AskAgain);
}

#[test]
fn gap_counts_what_is_missing_and_the_next_line_follows() {
    let (mut post, now) = (reader(), Instant::now());
    post.arrive(number(1), line("one"));
    assert_eq!(post.arrive(number(9), None), Answer::TakeIn);
    assert_eq!(post.arrive(number(10), line("ten")), Answer::TakeIn);
    let taken: Vec<_> = std::iter::from_fn(|| post.take_in(now, NOW_MS, ANN, &mut Rows::default())).collect();
    let count = |arrived: &Arrived| if let Arrived::Gap(count) = arrived { *count } else { 0 };
    assert_eq!(taken.iter().map(|a| (a.up_to.get(), count(&a.what))).collect::<Vec<_>>(), [(1, 0), (9, 8), (10, 0)]);
}

#[test]
fn line_that_may_not_be_shown_counts_as_missing() {
    let (mut post, now) = (reader(), Instant::now());
    assert_eq!(post.arrive(number(1), line(&"x".repeat(9000))), Answer::TakeIn);
    assert!(matches!(post.take_in(now, NOW_MS, ANN, &mut Rows::default()).unwrap().what, Arrived::Gap(1)));
}

#[test]
fn count_at_its_end_takes_no_more_lines() {
    let mut post = Post::restored(progress(Some(Sequence::MAX)));
    for up_to in [Sequence::ZERO, number(1), Sequence::MAX] {
        assert_eq!(post.arrive(up_to, line("x")), Answer::Confirm);
        assert_eq!(post.arrive(up_to, None), Answer::Confirm);
    }
}

#[test]
fn time_of_a_line_is_between_the_one_before_and_now() {
    let (mut post, now) = (reader(), Instant::now());
    let mut shown = |sequence, at_ms: i64| {
        post.arrive(number(sequence), Some((UnixMs::clamped(at_ms), Said::Text("x".into()))));
        let Arrived::Line { at, .. } = post.take_in(now, NOW_MS, ANN, &mut Rows::default()).unwrap().what else {
            panic!("it is a line")
        };
        at.get()
    };
    assert_eq!(shown(1, NOW_MS - 1000), NOW_MS - 1000);
    assert_eq!(shown(2, NOW_MS - 2000), NOW_MS - 1000);
    assert_eq!(shown(3, 8_210_266_876_799_999), NOW_MS + 300_000);
    // Its clock is right again, and then behind.
    assert_eq!(shown(4, NOW_MS + 500), NOW_MS + 500);
    assert_eq!(shown(5, i64::MIN), NOW_MS);
}

#[test]
fn flood_of_long_lines_waits_and_loses_nothing() {
    let (mut post, mut now) = (reader(), Instant::now());
    let long = "x".repeat(8 * 1024);
    let (mut sent, mut taken) = (0, Vec::new());
    let mut a_second = |now: Instant, taken: &mut Vec<u64>| loop {
        let before = sent;
        while sent < taken.len() as u64 + WINDOW {
            sent += 1;
            post.arrive(number(sent), line(&long));
        }
        taken.extend(
            std::iter::from_fn(|| post.take_in(now, NOW_MS, ANN, &mut Rows::default()))
                .map(|arrival| arrival.up_to.get()),
        );
        if sent == before {
            break;
        }
    };
    a_second(now, &mut taken);
    assert!((900..1100).contains(&taken.len()), "{} at once", taken.len());
    let at_once = taken.len();
    for _ in 0..600 {
        now += SECOND;
        a_second(now, &mut taken);
    }
    assert!((60..90).contains(&(taken.len() - at_once)), "{} in ten minutes", taken.len() - at_once);
    assert!(taken.iter().copied().eq(1..=taken.len() as u64), "in order, each once");
}

#[test]
fn budget_of_a_member_outlives_what_was_not_kept() {
    let (mut post, now) = (reader(), Instant::now());
    let long = "x".repeat(8 * 1024);
    let mut taken = 0;
    for _ in 0..3 {
        let mut sent = post.progress().received.unwrap().get();
        while post.waiting() == 0 {
            sent += 1;
            post.arrive(number(sent), line(&long));
            taken += usize::from(post.take_in(now, NOW_MS, ANN, &mut Rows::default()).is_some());
        }
        post = Post::restored(progress(post.progress().received)).with_budget_of(&post);
    }
    assert!(taken < 1100, "{taken} lines at once");
}
