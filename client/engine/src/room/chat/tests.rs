//! The chat of a whole room, without keys, links and a disk.

use content::{Act, Pieces, Text};

use super::{Chat, Output, Progress, post::WINDOW};
use crate::{
    api::{Body, RoomEvent, RoomKind, Trouble},
    room::{
        content::RoomUri,
        keep::Keep,
        numbers::{Sequence, UnixMs},
        rows::Rows,
        view::testing::{Cast, UNIX_MS, id},
        wire::{Abilities, RoomMessage, Said},
    },
};

/// Messages that were sealed in an epoch which has just begun.
const FRESH: u32 = 0;

fn room() -> RoomUri {
    RoomUri::new(b"group")
}

fn number(number: u64) -> Sequence {
    Sequence::clamped(number)
}

/// A chat in which everybody has told how far they are, and which has said what there was to say.
fn begun(cast: &Cast) -> Chat {
    let mut chat = Chat::new(room(), cast.kind);
    for member in cast.view().members.iter() {
        chat.begin(member.id);
        chat.on_met(cast.view(), member.id, Some(Sequence::ZERO), Sequence::ZERO, &mut Rows::default());
    }
    outputs(&mut chat, cast, FRESH);
    chat
}

fn outputs(chat: &mut Chat, cast: &Cast, sealed: u32) -> Vec<Output> {
    std::iter::from_fn(|| chat.poll(cast.view(), sealed)).collect()
}

/// Who is told which lines; a gap counts as the negative of its end.
fn told(outputs: &[Output]) -> Vec<(Vec<u8>, i64)> {
    let number = |message: &RoomMessage| match message {
        RoomMessage::Line { sequence, .. } => sequence.get() as i64,
        RoomMessage::Missing { up_to } => -(up_to.get() as i64),
        _ => panic!("nothing else is told"),
    };
    let told = |output: &Output| match output {
        Output::Tell { to, message, .. } => Some((to.iter().map(|id| id.0[0]).collect(), number(message))),
        _ => None,
    };
    outputs.iter().filter_map(told).collect()
}

fn lines(outputs: &[Output]) -> Vec<String> {
    let text = |output: &Output| match output {
        Output::Event(RoomEvent::Said(line)) => match &line.body {
            Body::Text(text) => Some(format!("{}: {text}", line.name)),
            Body::Missing { count } => Some(format!("{}: {count} missing", line.name)),
            _ => None,
        },
        _ => None,
    };
    outputs.iter().filter_map(text).collect()
}

fn received(outputs: &[Output]) -> Vec<(u8, u64, bool)> {
    let received = |output: &Output| match output {
        Output::Received { to, up_to, again } => Some((to.0[0], up_to.get(), *again)),
        _ => None,
    };
    outputs.iter().filter_map(received).collect()
}

fn say(chat: &mut Chat, cast: &Cast, text: &str) -> Vec<Output> {
    chat.say(cast.view(), text.to_owned().into());
    outputs(chat, cast, FRESH)
}

fn hear(chat: &mut Chat, cast: &Cast, nth: u8, sequence: u64, text: &str) -> Vec<Output> {
    let line = (UnixMs::clamped(UNIX_MS), Said::from(text.to_owned()));
    chat.on_line(cast.view(), id(nth), number(sequence), line, &mut Rows::default());
    outputs(chat, cast, FRESH)
}

#[test]
fn line_is_kept_before_it_is_shown_and_told() {
    let cast = Cast::of(3, RoomKind::Kept);
    let mut chat = begun(&cast);
    let outputs = say(&mut chat, &cast, "hello");
    assert!(matches!(outputs[0], Output::Keep(Keep::Own { sequence: 1, .. })));
    assert_eq!(lines(&outputs), ["Me: hello"]);
    assert_eq!(told(&outputs), [(vec![1, 2, 3], 1)], "sealed once for all");
}

#[test]
fn line_waits_for_a_member_without_a_link() {
    let mut cast = Cast::of(2, RoomKind::Kept);
    let mut chat = begun(&cast);
    cast.member(2).has_link = false;
    assert_eq!(told(&say(&mut chat, &cast, "hello")), [(vec![1], 1)]);
    cast.member(2).has_link = true;
    chat.on_met(cast.view(), id(2), Some(Sequence::ZERO), Sequence::ZERO, &mut Rows::default());
    assert_eq!(told(&outputs(&mut chat, &cast, FRESH)), [(vec![2], 1)]);
}

#[test]
fn blank_and_long_lines_are_refused() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    for (text, why) in [(" \n ".to_owned(), Trouble::MessageBlank), ("x".repeat(9000), Trouble::MessageTooLong)] {
        let outputs = say(&mut chat, &cast, &text);
        assert!(matches!(&outputs[..], [Output::Trouble(trouble)] if *trouble == why));
    }
}

#[test]
fn member_to_be_removed_is_told_nothing() {
    let mut cast = Cast::of(2, RoomKind::Kept);
    let mut chat = begun(&cast);
    cast.member(1).to_be_removed = true;
    assert_eq!(told(&say(&mut chat, &cast, "hello")), [(vec![2], 1)]);
}

#[test]
fn window_opens_when_lines_are_confirmed() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    let told_at_once: usize = (0..WINDOW + 10).map(|_| told(&say(&mut chat, &cast, "x")).len()).sum();
    assert_eq!(told_at_once as u64, WINDOW);
    chat.on_received(cast.now, id(1), number(4), false);
    let outputs = outputs(&mut chat, &cast, FRESH);
    assert!(matches!(outputs[0], Output::Keep(Keep::Acknowledged { up_to: 4, .. })));
    assert_eq!(told(&outputs).len(), 4);
}

#[test]
fn confirmation_of_unsaid_lines_changes_nothing() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    chat.on_received(cast.now, id(1), number(5), true);
    assert!(outputs(&mut chat, &cast, FRESH).is_empty());
    assert_eq!(told(&say(&mut chat, &cast, "hello")), [(vec![1], 1)]);
}

#[test]
fn line_is_delivered_when_all_who_stay_have_it() {
    let mut cast = Cast::of(3, RoomKind::Kept);
    let mut chat = begun(&cast);
    say(&mut chat, &cast, "hello");
    let delivered = |outputs: &[Output]| {
        outputs.iter().any(|output| matches!(output, Output::Event(RoomEvent::Delivered { up_to: 1 })))
    };
    for (nth, is_last) in [(1, false), (2, true)] {
        cast.member(3).said_goodbye = is_last;
        chat.on_received(cast.now, id(nth), number(1), false);
        assert_eq!(delivered(&outputs(&mut chat, &cast, FRESH)), is_last);
    }
}

#[test]
fn received_line_is_kept_shown_and_confirmed_once() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    let first = hear(&mut chat, &cast, 1, 1, "hello");
    assert!(matches!(first[0], Output::Keep(Keep::Theirs { sequence: 1, .. })));
    assert_eq!((lines(&first), received(&first)), (vec!["Member 1: hello".to_owned()], vec![(1, 1, false)]));
    let again = hear(&mut chat, &cast, 1, 1, "hello");
    assert_eq!((lines(&again).len(), received(&again)), (0, vec![(1, 1, false)]));
}

#[test]
fn line_behind_a_lost_one_asks_for_it() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    assert_eq!(received(&hear(&mut chat, &cast, 1, 2, "two")), [(1, 0, true)]);
}

#[test]
fn line_of_a_stranger_is_dropped() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    assert!(hear(&mut chat, &cast, 7, 1, "hello").is_empty());
}

#[test]
fn missing_lines_are_shown_with_their_number() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    chat.on_missing(cast.view(), id(1), number(5), &mut Rows::default());
    let outputs = outputs(&mut chat, &cast, FRESH);
    assert!(matches!(outputs[0], Output::Keep(Keep::Missing { up_to: 5, count: 5, .. })));
    assert_eq!(lines(&outputs), ["Member 1: 5 missing"]);
}

#[test]
fn old_lines_are_read_from_the_disk_when_wanted() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = Chat::restored(room(), RoomKind::Kept, number(2), Sequence::ZERO);
    chat.resume(id(1), Progress { received: Some(Sequence::ZERO), acknowledged: Sequence::ZERO });
    chat.on_met(cast.view(), id(1), Some(Sequence::ZERO), Sequence::ZERO, &mut Rows::default());
    assert!(told(&outputs(&mut chat, &cast, FRESH)).is_empty());
    assert_eq!((chat.take_wanted(), chat.take_wanted()), (Some(0), None));
    chat.on_lines_read(cast.view(), Vec::new());
    assert!(told(&outputs(&mut chat, &cast, FRESH)).is_empty(), "nobody waits for the disk any more");
    chat.on_timeout(cast.view(), &mut Rows::default());
    outputs(&mut chat, &cast, FRESH);
    assert_eq!(chat.take_wanted(), Some(0));
    let line = |sequence| (sequence, UNIX_MS, Said::from("old".to_owned()));
    chat.on_lines_read(cast.view(), vec![line(1), line(2)]);
    assert_eq!(told(&outputs(&mut chat, &cast, FRESH)), [(vec![1], 1), (vec![1], 2)]);
}

#[test]
fn lines_gone_from_the_disk_are_said_to_be_missing() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = Chat::restored(room(), RoomKind::Kept, number(2), Sequence::ZERO);
    chat.resume(id(1), Progress { received: Some(Sequence::ZERO), acknowledged: Sequence::ZERO });
    chat.on_met(cast.view(), id(1), Some(Sequence::ZERO), Sequence::ZERO, &mut Rows::default());
    outputs(&mut chat, &cast, FRESH);
    assert_eq!(chat.take_wanted(), Some(0));
    chat.on_lines_read(cast.view(), vec![(2, UNIX_MS, Said::from("two".to_owned()))]);
    assert_eq!(told(&outputs(&mut chat, &cast, FRESH)), [(vec![1], -1), (vec![1], 2)]);
}

#[test]
fn room_without_a_disk_says_which_lines_are_gone() {
    let cast = Cast::of(1, RoomKind::Ephemeral);
    let mut chat = Chat::restored(room(), RoomKind::Ephemeral, number(7), Sequence::ZERO);
    chat.resume(id(1), Progress { received: Some(Sequence::ZERO), acknowledged: Sequence::ZERO });
    chat.on_met(cast.view(), id(1), Some(Sequence::ZERO), Sequence::ZERO, &mut Rows::default());
    assert_eq!(told(&outputs(&mut chat, &cast, FRESH)), [(vec![1], -7)]);
}

#[test]
fn line_that_was_not_sealed_goes_with_the_next_input() {
    let cast = Cast::of(2, RoomKind::Kept);
    let mut chat = begun(&cast);
    chat.say(cast.view(), "hello".to_owned().into());
    let refused = std::iter::from_fn(|| chat.poll(cast.view(), FRESH));
    let Some(Output::Tell { to, after, .. }) = refused.last() else { panic!("it is to be told") };
    chat.on_unsealed(&to, after);
    assert!(outputs(&mut chat, &cast, FRESH).is_empty(), "it is not tried on and on");
    chat.on_timeout(cast.view(), &mut Rows::default());
    assert_eq!(told(&outputs(&mut chat, &cast, FRESH)), [(vec![1, 2], 1)]);
}

#[test]
fn lines_wait_for_the_next_epoch_when_keys_are_used_up() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    for (sealed, goes) in [(900, 1), (901, 0), (902, 0), (0, 3)] {
        chat.say(cast.view(), "x".to_owned().into());
        assert_eq!(told(&outputs(&mut chat, &cast, sealed)).len(), goes);
    }
}

#[test]
fn chat_stands_where_the_disk_has_it_when_nothing_was_kept() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = begun(&cast);
    for sequence in 1..=3 {
        hear(&mut chat, &cast, 1, sequence, "x");
    }
    chat.on_not_kept(id(1), Some((2, 0)));
    assert_eq!(chat.progress(id(1)).received, Some(number(2)));
    assert_eq!(lines(&hear(&mut chat, &cast, 1, 3, "once more")), ["Member 1: once more"]);
}

#[test]
fn beginning_of_a_chat_is_kept_once() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = Chat::new(room(), RoomKind::Kept);
    chat.begin(id(1));
    let mut kept = || {
        chat.on_met(cast.view(), id(1), None, number(40), &mut Rows::default());
        let outputs = outputs(&mut chat, &cast, FRESH);
        let begins = outputs.iter().any(|output| matches!(output, Output::Keep(Keep::Begin { received: 40, .. })));
        (begins, outputs.iter().any(|output| matches!(output, Output::Met(_))))
    };
    assert_eq!((kept(), kept()), ((true, true), (false, false)));
}

#[test]
fn crowded_room_is_said_and_lines_wait() {
    let cast = Cast::of(1, RoomKind::Kept);
    let (mut chat, mut rows) = (begun(&cast), Rows::default());
    while rows.charge(cast.now, id(1), 1000).is_ok() {}
    while rows.charge(cast.now, id(1), 1).is_ok() {}
    let line = (UnixMs::clamped(UNIX_MS), Said::from("hello".to_owned()));
    chat.on_line(cast.view(), id(1), number(1), line, &mut rows);
    chat.on_timeout(cast.view(), &mut rows);
    let waiting = outputs(&mut chat, &cast, FRESH);
    assert!(lines(&waiting).is_empty() && chat.is_busy());
    assert!(waiting.iter().any(|output| matches!(output, Output::Trouble(Trouble::RoomIsCrowded))));
}

#[test]
fn forgotten_member_is_told_nothing_and_begins_anew() {
    let cast = Cast::of(2, RoomKind::Kept);
    let mut chat = begun(&cast);
    chat.forget(id(1));
    assert_eq!(told(&say(&mut chat, &cast, "hello")), [(vec![2], 1)]);
    chat.begin(id(1));
    assert_eq!(chat.progress(id(1)).acknowledged, number(1), "they get what is said from now on");
}

fn content(act: Act) -> Said {
    Said::content(act, [7; 16]).expect("it fits")
}

fn words(text: &str) -> Pieces {
    Pieces::text(Text::plain(text))
}

fn shown(outputs: &[Output]) -> Vec<(String, bool)> {
    let shown = |output: &Output| match output {
        Output::Event(RoomEvent::Said(line)) => match &line.body {
            Body::Text(text) => Some((text.clone(), line.reply_to.is_some())),
            _ => Some(("?".to_owned(), false)),
        },
        _ => None,
    };
    outputs.iter().filter_map(shown).collect()
}

fn polled(chat: &mut Chat, cast: &Cast) -> Vec<Output> {
    std::iter::from_fn(|| chat.poll(cast.view(), FRESH)).collect()
}

#[test]
fn content_is_sent_only_where_everybody_can_read_it() {
    for abilities in [Abilities::ours(), Abilities::default()] {
        let mut cast = Cast::of(2, RoomKind::Kept);
        let is_old = abilities == Abilities::default();
        cast.member(2).abilities = abilities;
        let mut chat = Chat::new(room(), RoomKind::Kept);
        chat.say(cast.view(), content(Act::Say { pieces: words("hello"), reply_to: None }));
        let outputs = polled(&mut chat, &cast);
        let kept = outputs.iter().find_map(|output| match output {
            Output::Keep(Keep::Own { said, .. }) => Some(matches!(said, Said::Text(_))),
            _ => None,
        });
        assert_eq!(kept, Some(is_old));
        assert_eq!(shown(&outputs), [("hello".to_owned(), false)]);
    }
}

#[test]
fn reply_edit_and_deletion_name_the_line_that_they_are_about() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = Chat::new(room(), RoomKind::Kept);
    chat.say(cast.view(), content(Act::Say { pieces: words("hello"), reply_to: None }));
    let first = polled(&mut chat, &cast).into_iter().find_map(|output| match output {
        Output::Event(RoomEvent::Said(line)) => line.message,
        _ => None,
    });
    let first = first.expect("it has a name");
    chat.say(cast.view(), content(Act::Say { pieces: words("again"), reply_to: Some(first) }));
    assert_eq!(shown(&polled(&mut chat, &cast)), [("again".to_owned(), true)]);
    chat.say(cast.view(), content(Act::Edit { edited: first, pieces: words("hi"), reply_to: None }));
    chat.say(cast.view(), content(Act::Delete { deleted: first, reply_to: None }));
    let outputs = polled(&mut chat, &cast);
    assert!(shown(&outputs).is_empty(), "they stand for nothing by themselves");
    let changes = outputs.iter().filter(|output| matches!(output, Output::Changed(changed) if changed.target == first));
    assert_eq!(changes.count(), 2);
    let erased = outputs.iter().filter(|o| matches!(o, Output::Keep(Keep::Own { names, .. }) if names.deletes));
    assert_eq!(erased.count(), 1);
}

#[test]
fn garbage_for_content_counts_as_a_line_that_cannot_be_shown() {
    let cast = Cast::of(1, RoomKind::Kept);
    let mut chat = Chat::new(room(), RoomKind::Kept);
    chat.begin(id(1));
    chat.on_met(cast.view(), id(1), None, Sequence::ZERO, &mut Rows::default());
    polled(&mut chat, &cast);
    let garbage = Said::Content(vec![0xff; 100]);
    chat.on_line(cast.view(), id(1), number(1), (UnixMs::clamped(UNIX_MS), garbage), &mut Rows::default());
    let outputs = polled(&mut chat, &cast);
    assert_eq!(shown(&outputs), [("?".to_owned(), false)]);
    assert!(outputs.iter().any(|output| matches!(output, Output::Received { up_to, .. } if *up_to == number(1))));
}
