use bevy::{a11y::AccessibilityNode, input_focus::InputFocus, prelude::*, text::EditableText, window::PrimaryWindow};
use engine::api::{Body, CallOutcome, CallState, Event, Line, Reaction, RoomEvent, RoomKind, RoomWish, Trouble, Wish};

use super::{Draft, Message};
use crate::{
    engine::mirror::{GOING, MOST, ShowRoom, Unread},
    features::chat::ChatAction,
    testing::bench::{Bench, LINKS, ME, ROOM, line, message, own_line, room},
    ui::kit::value,
};

fn said(sequence: u64, text: &str) -> RoomEvent {
    RoomEvent::Said(Line { id: None, ..line(1, sequence, text) })
}

fn unread(bench: &mut Bench) -> u32 {
    let world = bench.app.world_mut();
    world.query::<&Unread>().iter(world).map(|unread| unread.0).sum()
}

#[test]
fn messages_count_as_unread_while_the_chat_is_closed() {
    let mut bench = Bench::in_room();
    bench.tell(ROOM, said(1, "one"));
    bench.tell(ROOM, said(2, "two"));
    bench.tell(ROOM, RoomEvent::Said(own_line(1, "mine")));
    assert_eq!(unread(&mut bench), 2);
    assert!(bench.says("2"));
    bench.act(ChatAction::Toggle);
    assert_eq!(unread(&mut bench), 0);
    bench.tell(ROOM, said(3, "three"));
    assert_eq!(unread(&mut bench), 0);
    assert!(bench.says("three"));
}

#[test]
fn messages_count_as_unread_while_another_window_has_the_focus() {
    let mut bench = Bench::with_contact();
    let look = |bench: &mut Bench, focused| {
        let world = bench.app.world_mut();
        world.query_filtered::<&mut Window, With<PrimaryWindow>>().single_mut(world).expect("a window").focused =
            focused;
        bench.run();
    };
    look(&mut bench, false);
    bench.tell(room(1), said(1, "one"));
    assert_eq!(unread(&mut bench), 1);
    look(&mut bench, true);
    assert_eq!(unread(&mut bench), 0);
}

#[test]
fn blank_message_is_not_sent_and_the_field_is_emptied() {
    let mut bench = Bench::in_room();
    for (written, sent) in [("   ", 0), ("  Élan vital 👍 ", 1)] {
        let world = bench.app.world_mut();
        let mut drafts = world.query_filtered::<&mut EditableText, With<Draft>>();
        drafts.single_mut(world).expect("one draft").editor.set_text(written);
        bench.act(ChatAction::Send);
        assert_eq!(bench.script.wished("Say"), sent);
        let world = bench.app.world_mut();
        assert_eq!(value(drafts.single(world).expect("one draft")), "");
    }
    let stage = bench.script.stage();
    let says = |wish: &Wish| matches!(wish, Wish::InRoom { wish: RoomWish::Say(text), .. } if text == "Élan vital 👍");
    assert!(stage.wishes.iter().any(says));
}

fn write(bench: &mut Bench, text: &str) {
    let world = bench.app.world_mut();
    let mut drafts = world.query_filtered::<&mut EditableText, With<Draft>>();
    drafts.single_mut(world).expect("one draft").editor.set_text(text);
    bench.run();
}

fn written(bench: &mut Bench) -> String {
    let world = bench.app.world_mut();
    value(world.query_filtered::<&EditableText, With<Draft>>().single(world).expect("one draft"))
}

#[test]
fn draft_stays_with_its_conversation_when_another_is_shown() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Club", RoomKind::Kept);
    write(&mut bench, "for Bea");
    bench.act(ShowRoom::This(room(2)));
    assert_eq!(written(&mut bench), "");
    write(&mut bench, "for the club");
    bench.act(ShowRoom::This(room(1)));
    assert_eq!(written(&mut bench), "for Bea");
    bench.act(ShowRoom::This(room(2)));
    assert_eq!(written(&mut bench), "for the club");
}

#[test]
fn draft_stays_when_a_call_begins_and_when_it_ends() {
    let mut bench = Bench::with_contact();
    write(&mut bench, "wait for me");
    for call in [CallState::In, CallState::None] {
        bench.tell(room(1), RoomEvent::Call(call));
        assert_eq!(written(&mut bench), "wait for me", "{call:?}");
    }
    bench.act(ChatAction::Send);
    assert_eq!(written(&mut bench), "");
}

#[test]
fn refused_message_is_in_the_field_again() {
    let mut bench = Bench::with_contact();
    for refusal in [Trouble::Busy, Trouble::MessageTooLong, Trouble::ReadOnly] {
        write(&mut bench, "a word");
        bench.act(ChatAction::Send);
        assert_eq!(written(&mut bench), "");
        bench.happen(Event::Trouble(refusal));
        assert_eq!(written(&mut bench), "a word", "{refusal}");
    }
    bench.act(ChatAction::Send);
    bench.tell(room(1), RoomEvent::Said(own_line(1, "a word")));
    bench.happen(Event::Trouble(Trouble::Busy));
    assert_eq!(written(&mut bench), "", "something else was refused");
}

#[test]
fn field_has_the_focus_after_a_message_is_sent() {
    let mut bench = Bench::with_contact();
    write(&mut bench, "a word");
    bench.app.world_mut().resource_mut::<InputFocus>().clear();
    bench.act(ChatAction::Send);
    let world = bench.app.world_mut();
    let draft = world.query_filtered::<Entity, With<Draft>>().single(world).expect("one draft");
    assert_eq!(world.resource::<InputFocus>().get(), Some(draft));
}

#[test]
fn the_list_forgets_the_oldest_of_very_many() {
    let mut bench = Bench::in_room();
    let all = (MOST + GOING) as u64;
    for number in 0..all {
        bench.script.say(engine::api::Event::Room { room: ROOM, what: said(number, &format!("message {number}")) });
    }
    bench.run();
    assert_eq!(bench.count::<With<Message>>(), MOST);
    assert!(!bench.says(&format!("message {}", GOING - 1)));
    assert!(bench.says(&format!("message {GOING}")));
}

#[test]
fn lines_of_another_room_are_counted_and_not_drawn() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Said(line(2, 1, "over here")));
    assert_eq!(bench.count::<With<Message>>(), 0);
    assert_eq!(unread(&mut bench), 1);
    bench.act(ShowRoom::This(room(2)));
    assert_eq!((bench.count::<With<Message>>(), unread(&mut bench)), (1, 0));
}

#[test]
fn own_lines_wait_until_they_are_delivered() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Said(own_line(7, "Are you there?")));
    let marks = |bench: &mut Bench, word: &str| bench.texts().iter().filter(|text| text.ends_with(word)).count();
    assert_eq!((marks(&mut bench, "· waiting"), marks(&mut bench, "· delivered")), (1, 0));
    assert!(bench.says("Waiting to be delivered"));
    bench.tell(room(1), RoomEvent::Delivered { up_to: 7 });
    assert_eq!((marks(&mut bench, "· waiting"), marks(&mut bench, "· delivered")), (0, 1));
}

#[test]
fn history_comes_before_newer_lines_and_nothing_twice() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Said(line(1, 9, "now")));
    let lines = vec![line(1, 7, "first"), line(1, 8, "second"), line(1, 9, "now")];
    bench.tell(room(1), RoomEvent::History { lines, more: true });
    let world = bench.app.world_mut();
    let mut lists = world.query::<(&super::list::List, &Children)>();
    let children: Vec<Entity> = lists.single(world).expect("one list").1.iter().collect();
    let heard =
        |child: &Entity| world.get::<AccessibilityNode>(*child).and_then(|node| node.value().map(str::to_owned));
    let heard: Vec<String> = children.iter().filter_map(heard).collect();
    let ends: Vec<_> = heard.iter().filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(ends, ["first", "second", "now"]);
}

#[test]
fn calls_stand_in_the_history() {
    let mut bench = Bench::with_contact();
    let call = |sequence, outcome| Line { body: Body::Call { video: true, outcome }, ..line(1, sequence, "") };
    let lines = vec![call(1, CallOutcome::Held(130)), call(2, CallOutcome::Missed)];
    bench.tell(room(1), RoomEvent::History { lines, more: false });
    assert!(bench.says("Call, 3 min") && bench.says("Missed call"));
}

#[test]
fn whoever_is_brought_into_a_room_enters_with_a_button() {
    let mut bench = Bench::with_contact();
    let body = Body::Invitation { title: "Club".into(), link: LINKS[1].into() };
    bench.tell(room(1), RoomEvent::Said(Line { body, ..line(1, 1, "") }));
    assert!(bench.says("Invites you to Club"));
    bench.act(ChatAction::TakeBrought(0));
    assert_eq!(bench.script.wished("Redeem"), 1);
}

/// The wishes that are about a message.
fn deeds(bench: &Bench) -> Vec<String> {
    let deed = |wish: &Wish| match wish {
        Wish::InRoom { wish: RoomWish::Reply { to, text }, .. } => Some(format!("reply {} {text}", to.as_bytes()[1])),
        Wish::InRoom { wish: RoomWish::Edit { message, text }, .. } => {
            Some(format!("edit {} {text}", message.as_bytes()[1]))
        }
        Wish::InRoom { wish: RoomWish::Delete { message }, .. } => Some(format!("delete {}", message.as_bytes()[1])),
        Wish::InRoom { wish: RoomWish::React { message, signs }, .. } => {
            Some(format!("react {} {}", message.as_bytes()[1], signs.join(" ")))
        }
        _ => None,
    };
    bench.script.stage().wishes.iter().filter_map(deed).collect()
}

#[test]
fn chosen_message_is_answered_and_the_next_text_stands_alone() {
    let mut bench = Bench::in_room();
    bench.tell(ROOM, said(1, "At ten?"));
    bench.act(ChatAction::Choose(0));
    assert!(bench.says("Reply to Bea"));
    for text in ["Yes", "and cake"] {
        write(&mut bench, text);
        bench.act(ChatAction::Send);
    }
    assert_eq!(deeds(&bench), ["reply 1 Yes"]);
    assert_eq!(bench.script.wished("Say"), 1);
}

#[test]
fn own_message_is_edited_and_deleted() {
    let mut bench = Bench::in_room();
    bench.tell(ROOM, RoomEvent::Said(own_line(4, "At ten.")));
    bench.act(ChatAction::Choose(0));
    bench.act(ChatAction::EditChosen);
    let world = bench.app.world_mut();
    let mut drafts = world.query_filtered::<&EditableText, With<Draft>>();
    assert_eq!(value(drafts.single(world).expect("one draft")), "At ten.");
    write(&mut bench, "At eleven.");
    bench.act(ChatAction::Send);
    bench.act(ChatAction::Choose(0));
    bench.act(ChatAction::DeleteChosen);
    assert_eq!(deeds(&bench), ["edit 4 At eleven.", "delete 4"]);
}

#[test]
fn reaction_is_taken_back_when_it_is_chosen_again() {
    let mut bench = Bench::in_room();
    bench.tell(ROOM, said(1, "Cake?"));
    for mine in [false, true] {
        let reactions = [Reaction { member: ME, mine: true, sign: "👍".into(), message: message(0, 9) }];
        let reactions = reactions.into_iter().filter(|_| mine).collect();
        bench.tell(ROOM, RoomEvent::LineChanged(Line { reactions, ..line(1, 1, "Cake?") }));
        bench.act(ChatAction::Choose(0));
        bench.act(ChatAction::React(0));
    }
    assert_eq!(deeds(&bench), ["react 1 👍", "react 1 "]);
}

#[test]
fn changed_line_is_drawn_anew() {
    let mut bench = Bench::in_room();
    bench.act(ChatAction::Toggle);
    bench.tell(ROOM, said(1, "At ten?"));
    let former = vec![Body::Text("At ten?".into())];
    bench.tell(ROOM, RoomEvent::LineChanged(Line { former, ..line(1, 1, "At eleven?") }));
    assert!(bench.says("At eleven?") && !bench.says("At ten?"));
    let reply_to = Some(message(1, 1));
    bench.tell(ROOM, RoomEvent::Said(Line { reply_to, ..line(1, 2, "Well?") }));
    assert!(bench.says("At eleven?") && bench.says("Well?"));
    bench.tell(ROOM, RoomEvent::LineChanged(Line { body: Body::Deleted, ..line(1, 1, "") }));
    assert!(!bench.says("At eleven?"), "a quote goes with what it quotes");
}
