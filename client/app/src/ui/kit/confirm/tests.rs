use bevy::window::WindowCloseRequested;
use engine::api::{CallState, RoomEvent, RoomKind, RoomWish, Wish};

use super::*;
use crate::{
    engine::{
        journey::{JourneyAction, Stay},
        mirror::{InCall, Me, Own, Room, ShowRoom},
    },
    features::{
        about::{AboutAction, AboutSheet},
        call::CallAction,
        network::{self, NetworkAction},
        profile::ProfileAction,
    },
    testing::bench::{Bench, member, room},
    ui::{
        kit::{Close, Confirm},
        power::Quit,
    },
};

fn in_call() -> Bench {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Call(CallState::In));
    bench.act(JourneyAction::GoBack);
    assert_eq!(bench.page(), Page::Home);
    bench
}

fn hung_up(bench: &Bench) -> usize {
    let stage = bench.script.stage();
    let hangs_up = |wish: &&Wish| matches!(wish, Wish::InRoom { wish: RoomWish::HangUp, .. });
    stage.wishes.iter().filter(hangs_up).count()
}

fn is_closing(bench: &mut Bench) -> bool {
    !bench.app.world().resource::<Messages<AppExit>>().is_empty()
}

/// Whatever opens the profile again asks during a call, and hangs up before it does.
#[test]
fn closing_the_profile_asks_first_during_a_call() {
    let prepare = |bench: &mut Bench, action: &AnyAction| match action {
        action if action.is(NetworkAction::Apply) => bench.act(NetworkAction::Open),
        action if action.is(ProfileAction::Export) => {
            bench.act(ProfileAction::Open);
            bench.write("export-to", "/nowhere/profile");
            bench.write("sealed-with", "another");
        }
        action if action.is(ProfileAction::SaveFace) => {
            bench.act(ProfileAction::Open);
            bench.act(ProfileAction::ComesToFront);
        }
        _ => bench.act(ProfileAction::Open),
    };
    let endings: [AnyAction; 4] = [
        NetworkAction::Apply.into(),
        ProfileAction::Export.into(),
        ProfileAction::SaveFace.into(),
        ProfileAction::Switch.into(),
    ];
    for action in endings {
        let mut bench = in_call();
        prepare(&mut bench, &action);
        bench.act(action.clone());
        bench.rest();
        assert!(bench.says("This ends your call"), "{action:?}");
        assert_eq!((hung_up(&bench), bench.count::<With<InCall>>()), (0, 1), "{action:?}");
        assert!(bench.script.stage().running, "{action:?}");
        bench.act(Close);
        assert!(!bench.says("This ends your call"));
        bench.act(action.clone());
        bench.act(Confirm);
        bench.rest();
        assert_eq!((hung_up(&bench), bench.count::<With<InCall>>()), (1, 0), "{action:?}");
        assert!(bench.app.world().resource::<Stay>().room.is_none(), "{action:?}");
        assert_eq!(*bench.app.world().resource::<Own>(), Own::default(), "{action:?}");
        let page = if action.is(ProfileAction::Switch) { Page::Profiles } else { Page::Home };
        assert_eq!(bench.page(), page, "{action:?}");
    }
}

#[test]
fn without_a_call_the_network_is_applied_unasked() {
    let mut bench = Bench::with_contact();
    bench.act(NetworkAction::Open);
    bench.act(NetworkAction::Reach(network::Reach::Lan));
    bench.act(NetworkAction::Apply);
    bench.rest();
    assert!(!bench.says("This ends your call"));
    assert_eq!(bench.script.stage().kept.iter().filter(|call| **call == "value").count(), 1);
}

/// The engine begins with its rooms anew when the network changes: it enters them again, without a call.
#[test]
fn a_room_that_begins_anew_has_no_ghost_of_its_call() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Call(CallState::In));
    assert_eq!(bench.page(), Page::Room);
    bench.enter(room(1), "Bea", RoomKind::Contact);
    bench.tell(room(1), RoomEvent::Joined { member: member(1), name: "Bea".into() });
    assert_eq!(bench.page(), Page::Home);
    assert_eq!((bench.count::<With<InCall>>(), bench.count::<With<Me>>()), (0, 1));
    let world = bench.app.world_mut();
    assert!(world.query::<&Room>().iter(world).all(|room| room.call == CallState::None));
    assert!(!bench.says("You are in a call: Bea"));
    bench.act(CallAction::Call);
    bench.tell(room(1), RoomEvent::Call(CallState::In));
    bench.act(JourneyAction::Leave);
    assert_eq!(hung_up(&bench), 1);
}

#[test]
fn quitting_asks_during_a_call_and_only_then() {
    let mut bench = in_call();
    bench.act(Quit::Asked);
    assert!(bench.says("Quit during the call?") && !is_closing(&mut bench));
    bench.act(Close);
    bench.act(Quit::Asked);
    bench.app.world_mut().write_message(Confirm);
    bench.app.update();
    bench.app.update();
    assert!(is_closing(&mut bench));
    assert_eq!(hung_up(&bench), 1);
    let mut bench = Bench::with_contact();
    bench.app.world_mut().write_message(Quit::Asked);
    bench.app.update();
    assert!(is_closing(&mut bench));
}

#[test]
fn closing_the_window_twice_quits_a_call_too() {
    let mut bench = in_call();
    let window = Entity::PLACEHOLDER;
    bench.app.world_mut().write_message(WindowCloseRequested { window });
    bench.run();
    assert!(bench.says("Quit during the call?") && !is_closing(&mut bench));
    bench.app.world_mut().write_message(WindowCloseRequested { window });
    bench.app.update();
    assert!(is_closing(&mut bench));
    assert_eq!(hung_up(&bench), 1);
}

/// Also where the system ends the window and nobody is asked.
#[test]
fn others_are_told_however_the_window_ends() {
    let mut bench = in_call();
    bench.app.world_mut().write_message(Quit::Surely);
    bench.app.update();
    assert!(is_closing(&mut bench) && bench.engine_stops());
    assert_eq!(hung_up(&bench), 1);
}

#[test]
fn a_member_is_removed_only_after_the_question_with_their_name() {
    let mut bench = Bench::at_home();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Joined { member: member(3), name: "Cyril".into() });
    bench.act(ShowRoom::This(room(2)));
    bench.act(AboutAction::Open);
    bench.act(AboutAction::Remove(room(2), member(3)));
    assert!(bench.says("Remove Cyril?"));
    assert_eq!(bench.script.wished("Remove"), 0);
    // Enter right away is the answer no.
    bench.press(bevy::input::keyboard::Key::Enter, bevy::input::ButtonState::Pressed);
    assert!(!bench.says("Remove Cyril?"));
    assert_eq!((bench.script.wished("Remove"), bench.sheet()), (0, Sheet::of(AboutSheet(room(2)))));
    bench.act(AboutAction::Remove(room(2), member(3)));
    bench.act(Confirm);
    assert_eq!(bench.script.wished("Remove"), 1);
    // What was confirmed once is asked about again.
    bench.act(AboutAction::Remove(room(2), member(3)));
    assert_eq!(bench.script.wished("Remove"), 1);
}

#[test]
fn a_question_goes_with_what_it_was_about() {
    let mut bench = Bench::with_contact();
    bench.act(AboutAction::Open);
    bench.act(AboutAction::Forget(room(1)));
    assert!(bench.says("Forget Bea?"));
    bench.tell(room(1), RoomEvent::Call(CallState::In));
    assert!(!bench.says("Forget Bea?"));
    bench.act(Confirm);
    assert_eq!(bench.script.wished("Leave"), 0);
}
