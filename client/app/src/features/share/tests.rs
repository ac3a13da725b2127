use engine::{
    Tile,
    api::{Event, ParticipantState, Picture, RoomEvent, ScreenSource, Wish},
};

use crate::{
    features::share::{ShareAction, ShareSheet},
    stage::tile::ScreenOf,
    testing::bench::{Bench, ROOM, member},
    ui::kit::Sheet,
};

fn own(screen_on: bool) -> Event {
    Event::OwnMedia { camera_on: true, camera_lost: false, microphone_on: true, screen_on }
}

fn listed(bench: &mut Bench) {
    for _ in 0..500 {
        bench.run();
        if bench.says("The whole screen") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    panic!("the screens are not listed");
}

#[test]
fn what_is_chosen_is_shared_and_the_button_stops_it() {
    let mut bench = Bench::in_room();
    bench.act(ShareAction::Toggle);
    assert_eq!(bench.sheet(), Sheet::of(ShareSheet));
    listed(&mut bench);
    assert!(bench.says("Letter to Bea"));
    bench.act(ShareAction::This(1));
    assert_eq!(bench.sheet(), Sheet::default());
    let window = |wish: &Wish| matches!(wish, Wish::ShareScreen(ScreenSource::Window(7)));
    assert!(bench.script.stage().wishes.iter().any(window));
    bench.happen(own(true));
    assert!(bench.says("You are sharing your screen with everyone in the call"));
    bench.act(ShareAction::Toggle);
    assert_eq!(bench.sheet(), Sheet::default());
    assert_eq!(bench.script.wished("StopSharing"), 1);
}

#[test]
fn a_shared_screen_has_a_tile_while_it_is_shared() {
    let mut bench = Bench::in_room();
    bench.tell(ROOM, RoomEvent::Joined { member: member(1), name: "Bea".into() });
    let shares = |screen_on| {
        let state = ParticipantState { in_call: true, connected: true, screen_on, ..Default::default() };
        RoomEvent::Changed { member: member(1), state }
    };
    bench.tell(ROOM, shares(true));
    bench.script.stage().pictures.insert(Tile::Screen(member(1)), Picture::black(1280, 720));
    bench.run();
    let tiles = |bench: &mut Bench| {
        let world = bench.app.world_mut();
        world.query::<&ScreenOf>().iter(world).count()
    };
    assert_eq!(tiles(&mut bench), 1);
    assert!(bench.says("Bea is sharing their screen"));
    bench.tell(ROOM, shares(false));
    bench.run();
    assert_eq!(tiles(&mut bench), 0);
}
