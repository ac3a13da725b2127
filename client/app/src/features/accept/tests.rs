use engine::api::{JoinFailed, OverBecause, RoomEvent, RoomKind, Wish};

use crate::{
    features::{
        about::{AboutAction, AboutSheet},
        accept::{AcceptAction, AcceptSheet},
    },
    pages::start::StartAction,
    stage::{reading::ReadingAction, scan::Reading},
    testing::bench::{Bench, LINKS, room},
    ui::{
        kit::{Close, Sheet},
        page::Page,
    },
};

#[test]
fn a_pasted_link_is_taken_up_and_what_comes_of_it_is_shown() {
    let mut bench = Bench::with_contact();
    bench.act(AcceptAction::Open);
    bench.write("invitation", &format!("  {} ", LINKS[2]));
    bench.act(AcceptAction::Take);
    assert_eq!(bench.script.wished("Redeem"), 1);
    assert_eq!(bench.sheet(), Sheet::default());
    bench.tell(room(6), RoomEvent::Entering);
    bench.enter(room(6), "Cyril", RoomKind::Contact);
    bench.act(AboutAction::Open);
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(room(6))));
}

#[test]
fn room_that_an_invitation_leads_to_is_shown_when_it_is_ours() {
    let mut bench = Bench::with_contact();
    bench.enter(room(6), "Choir", RoomKind::Kept);
    bench.act(AcceptAction::Open);
    bench.write("invitation", LINKS[2]);
    bench.act(AcceptAction::Take);
    let why = JoinFailed::TakenUpBefore { room: room(6) };
    bench.tell(room(7), RoomEvent::Over(OverBecause::JoinFailed(why)));
    assert!(bench.says("You are there already. The contact or room of this invitation is in your list."));
    bench.act(AboutAction::Open);
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(room(6))));
}

#[test]
fn what_is_no_invitation_stays_on_the_sheet() {
    let mut bench = Bench::at_home();
    bench.act(AcceptAction::Open);
    bench.write("invitation", "https://example.org");
    bench.act(AcceptAction::Take);
    assert!(bench.says("This is not an invitation. Invitations begin with incamera://join#"));
    assert_eq!((bench.sheet(), bench.script.wished("Redeem")), (Sheet::of(AcceptSheet), 0));
}

#[test]
fn invitation_to_an_ephemeral_room_leads_to_the_lobby() {
    let mut bench = Bench::at_home();
    bench.act(AcceptAction::Open);
    bench.write("invitation", LINKS[0]);
    bench.act(AcceptAction::Take);
    assert_eq!((bench.page(), bench.script.wished("Redeem")), (Page::Lobby, 0));
}

#[test]
fn without_a_profile_what_is_kept_cannot_be_taken_up() {
    let mut bench = Bench::new();
    let world = bench.app.world_mut();
    let mut fields = world.query::<(&mut bevy::text::EditableText, &bevy::a11y::AccessibilityNode)>();
    let mut all = fields.iter_mut(world);
    let (mut paste, _) = all.find(|(_, node)| node.label() == Some("Paste an invitation")).expect("a field");
    paste.editor.set_text(LINKS[2]);
    bench.act(StartAction::UseInvitation);
    assert!(bench.says("This invitation leads to a contact or a kept room. Open a profile to accept it."));
}

#[test]
fn the_camera_is_open_only_while_it_is_looked_at_for_a_code() {
    let mut bench = Bench::at_home();
    bench.act(AcceptAction::Open);
    bench.act(ReadingAction::Scan);
    bench.act(Close);
    let stage = bench.script.stage();
    let previews: Vec<bool> =
        stage.wishes.iter().filter_map(|wish| if let Wish::Preview(on) = wish { Some(*on) } else { None }).collect();
    assert_eq!(previews, [true, false]);
}

#[test]
fn what_a_picture_says_is_taken_up_at_once() {
    let mut bench = Bench::at_home();
    bench.act(AcceptAction::Open);
    bench.app.world().resource::<Reading>().put(Ok(LINKS[1].into()));
    bench.run();
    assert_eq!(bench.script.wished("Redeem"), 1);
    bench.act(AcceptAction::Open);
    bench.app.world().resource::<Reading>().put(Err("accept-no-code"));
    bench.run();
    assert!(bench.says("There is no readable code in the picture."));
}
