use bevy::{prelude::*, text::EditableText};
use engine::api::{Event, Wish};

use super::{Draft, MOST, Message, Unread};
use crate::{
    action::Action,
    bench::{Bench, ME, member},
    kit::value,
};

fn said(text: &str) -> Event {
    Event::Said { member: member(1), name: "Bea".into(), text: text.into(), mine: false }
}

#[test]
fn messages_count_as_unread_while_the_chat_is_closed() {
    let mut bench = Bench::in_room();
    bench.happen(said("one"));
    bench.happen(said("two"));
    bench.happen(Event::Said { member: ME, name: "Ada".into(), text: "mine".into(), mine: true });
    assert_eq!(bench.app.world().resource::<Unread>().0, 2);
    assert!(bench.says("2"));
    bench.act(Action::Chat);
    assert_eq!(bench.app.world().resource::<Unread>().0, 0);
    bench.happen(said("three"));
    assert_eq!(bench.app.world().resource::<Unread>().0, 0);
    assert!(bench.says("three"));
}

#[test]
fn blank_messages_are_not_sent_and_the_field_is_empty_afterwards() {
    let mut bench = Bench::in_room();
    for (written, sent) in [("   ", 0), ("  Élan vital 👍 ", 1)] {
        let world = bench.app.world_mut();
        let mut drafts = world.query_filtered::<&mut EditableText, With<Draft>>();
        drafts.single_mut(world).expect("one draft").editor.set_text(written);
        bench.act(Action::SendMessage);
        assert_eq!(bench.script.wished("Say"), sent);
        let world = bench.app.world_mut();
        assert_eq!(value(drafts.single(world).expect("one draft")), "");
    }
    let stage = bench.script.stage();
    assert!(stage.wishes.iter().any(|wish| matches!(wish, Wish::Say(text) if text == "Élan vital 👍")));
}

#[test]
fn the_list_forgets_the_oldest_of_very_many() {
    let mut bench = Bench::in_room();
    for number in 0..MOST + 20 {
        bench.script.say(said(&format!("message {number}")));
    }
    bench.run();
    assert_eq!(bench.count::<With<Message>>(), MOST);
    assert!(!bench.says("message 19"));
    assert!(bench.says("message 20"));
}
