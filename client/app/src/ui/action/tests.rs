use accesskit::Role;
use bevy::{a11y::AccessibilityNode, text::EditableText};
use engine::api::{CallState, KnockId, RoomEvent, RoomKind, Terms};

use super::*;
use crate::{
    engine::{
        journey::JourneyAction,
        mirror::{Compare, OwnAction, ShowInvitations, ShowRoom},
    },
    features::{
        about::AboutAction,
        accept::{AcceptAction, AcceptSheet},
        chat::ChatAction,
        invite::{InviteAction, InviteSheet},
        network::NetworkAction,
        profile::ProfileAction,
    },
    pages::home::HomeAction,
    testing::bench::{Bench, ROOM, member, room, safety},
    ui::{
        binding::{Modifiers, Press},
        kit::{Close, Icon, Sheet, Submits, Tip},
        page::Page,
        words::Tongue,
    },
};

#[test]
fn a_screen_reader_presses_buttons_too() {
    let mut bench = Bench::in_room();
    let world = bench.app.world_mut();
    let mut buttons = world.query::<(Entity, &Does)>();
    let mute = buttons.iter(world).find(|(_, does)| does.0.is(OwnAction::Microphone)).map(|(entity, _)| entity);
    world.write_message(ActionRequest(accesskit::ActionRequest {
        action: accesskit::Action::Click,
        target_tree: accesskit::TreeId::ROOT,
        target_node: accesskit::NodeId(mute.expect("a button to mute").to_bits()),
        data: None,
    }));
    bench.run();
    assert_eq!(bench.script.wished("MicrophoneOn"), 1);
}

#[test]
fn every_control_has_a_role_and_a_name() {
    for tongue in [Tongue::En, Tongue::Fr] {
        every_control_has_them_in(tongue);
    }
}

fn every_control_has_them_in(tongue: Tongue) {
    let mut bench = Bench::speaking(tongue);
    bench.go(Page::Lobby);
    all_named(&mut bench, "the lobby");
    let mut bench = Bench::speaking(tongue);
    bench.go(Page::Start);
    all_named(&mut bench, "the start");
    let mut bench = Bench::speaking(tongue).and_in_room();
    all_named(&mut bench, "the room");
    bench.act(ChatAction::Toggle);
    bench.act(ShowInvitations);
    bench.invitation(ROOM, 1, Terms::default());
    bench.invitation(ROOM, 2, Terms::default());
    all_named(&mut bench, "the invitations");
    let mut bench = Bench::speaking(tongue).and_with_contact();
    bench.tell(room(1), RoomEvent::Safety { member: member(1), safety: safety() });
    bench.tell(room(1), RoomEvent::Call(CallState::Ringing { by: member(1), video: true }));
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Joined { member: member(3), name: "Cyril".into() });
    bench.tell(room(2), RoomEvent::Knock { knock: KnockId(1), name: "Dora".into() });
    all_named(&mut bench, "home");
    let sheets: [(AnyAction, _); 8] = [
        (InviteAction::Someone.into(), room(1)),
        (AcceptAction::Open.into(), room(1)),
        (HomeAction::NewRoom.into(), room(1)),
        (AboutAction::Open.into(), room(1)),
        (AboutAction::Open.into(), room(2)),
        (Compare(room(1), member(1)).into(), room(1)),
        (ProfileAction::Open.into(), room(1)),
        (NetworkAction::Open.into(), room(1)),
    ];
    for (open, shown) in sheets {
        bench.act(ShowRoom::This(shown));
        bench.act(open.clone());
        assert_ne!(bench.sheet(), Sheet::default(), "{open:?}");
        all_named(&mut bench, "a sheet");
        bench.act(Close);
    }
    bench.go(Page::Profiles);
    bench.rest();
    all_named(&mut bench, "the profiles");
}

/// What shows an icon alone says in a hint what it does.
fn icons_have_tips(bench: &mut Bench, place: &str) {
    let world = bench.app.world_mut();
    let mut buttons = world.query_filtered::<(Entity, &Does, &AccessibilityNode, Option<&Tip>), Without<Submits>>();
    let mut children = world.query::<&Children>();
    let mut texts = world.query_filtered::<&Text, Without<Icon>>();
    for (button, does, node, tip) in buttons.iter(world) {
        let inside = children.query(world);
        let has_words = inside
            .iter_descendants(button)
            .any(|part| texts.query(world).get(part).is_ok_and(|text| text.0.chars().any(char::is_alphabetic)));
        let label = node.label().unwrap_or_default();
        let has_tip = tip.is_some_and(|tip| tip.words().starts_with(label));
        assert!(has_words || has_tip, "{:?} in {place}", does.0);
    }
}

fn all_named(bench: &mut Bench, place: &str) {
    let world = bench.app.world_mut();
    let mut controls = world.query_filtered::<Option<&AccessibilityNode>, Or<(With<Does>, With<EditableText>)>>();
    let mut count = 0;
    for node in controls.iter(world) {
        let node = node.expect("a node for screen readers");
        let role = node.role();
        assert!(matches!(role, Role::Button | Role::TextInput | Role::PasswordInput), "{role:?} in {place}");
        assert!(node.label().is_some_and(|label| !label.is_empty()), "{role:?} in {place}");
        count += 1;
    }
    icons_have_tips(bench, place);
    assert!(count > 2, "{place}");
}

#[test]
fn actions_of_two_kinds_are_never_the_same() {
    let leave = AnyAction::from(JourneyAction::Leave);
    assert!(leave == JourneyAction::Leave.into() && leave.is(JourneyAction::Leave));
    assert!(leave != JourneyAction::GoBack.into() && !leave.is(JourneyAction::GoBack));
    assert!(leave != Close.into() && !leave.is(Close));
}

#[test]
fn hint_names_the_first_key_of_an_action() {
    assert_eq!(AnyAction::from(JourneyAction::GoBack).key().as_deref(), Some("Ctrl+B"));
    assert_eq!(AnyAction::from(ShowInvitations).key().as_deref(), Some("Ctrl+Shift+I"));
    assert_eq!(AnyAction::from(Close).key().as_deref(), Some("Esc"));
    assert!(AnyAction::from(Compare(room(1), member(1))).key().is_none());
}

#[test]
fn action_that_is_not_added_has_no_key_in_the_window() {
    let mut bindings = Bindings::default();
    assert!(bindings.find(Press::Escape, Modifiers::Nothing, Page::Home).is_none());
    bindings.add::<Close>();
    let found = bindings.find(Press::Escape, Modifiers::Nothing, Page::Home);
    assert!(found.is_some_and(|binding| binding.over_sheets && binding.action.is(Close)));
}

#[test]
fn sheets_of_two_kinds_are_never_the_same() {
    let mut sheet = Sheet::of(InviteSheet(None));
    assert!(sheet.shows(InviteSheet(None)) && !sheet.shows(InviteSheet(Some(room(1)))));
    assert!(sheet.get::<AcceptSheet>().is_none() && sheet != Sheet::of(AcceptSheet));
    assert!(!sheet.reads_codes() && Sheet::of(AcceptSheet).reads_codes());
    sheet.close();
    assert!(!sheet.is_open() && sheet == Sheet::default());
}
