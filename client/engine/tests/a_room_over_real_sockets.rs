//! Three people over real UDP and QUIC on loopback: they see, hear and write to each other, one joins late, one is removed.

#[path = "support/rooms.rs"]
mod rooms;
mod support;

use std::time::Duration;

use engine::api::{
    CameraChoice, Event, KeyState, MicrophoneChoice, Network, NetworkSettings, OverBecause, RoomWish, Wish,
};
use rooms::{Guest, member, over, said};
use support::{Someone, until};

#[test]
fn people_see_hear_and_write_to_each_other_until_one_is_removed() {
    let (mut ann, invitation) = Guest::create("Ann", "Tuesday");
    let mut bob = Guest::join("Bob", &invitation);
    until(&mut [&mut ann.someone, &mut bob.someone], |p| p[0].frames_of("Bob") > 25 && p[1].frames_of("Ann") > 25);

    let mut late = Guest::join("Late", &invitation);
    until(&mut [&mut ann.someone, &mut bob.someone, &mut late.someone], |p| {
        p[2].frames_of("Ann") > 25 && p[2].frames_of("Bob") > 25 && p[1].frames_of("Late") > 25
    });
    let heard = |s: &Someone| s.stats.participants.iter().all(|p| p.audio.played_ms > 0 && p.keys == KeyState::Current);
    until(&mut [&mut ann.someone, &mut bob.someone, &mut late.someone], |p| {
        p.iter().all(|s| heard(s) && s.stats.participants.len() == 2)
    });

    for n in 0..10 {
        ann.wish(RoomWish::Say(format!("from Ann {n}")));
        bob.wish(RoomWish::Say(format!("von Bob, äöü 🦊 {n}")));
    }
    until(&mut [&mut ann.someone, &mut bob.someone, &mut late.someone], |p| {
        said(p[0]).len() == 10 && said(p[1]).len() == 10 && said(p[2]).len() == 20
    });
    let from_bob: Vec<_> = (0..10).map(|n| ("Bob".to_owned(), format!("von Bob, äöü 🦊 {n}"))).collect();
    assert_eq!(said(&ann.someone), from_bob);

    let victim = member(&bob.someone, "Late").expect("Late is in");
    bob.wish(RoomWish::Remove(victim));
    until(&mut [&mut ann.someone, &mut bob.someone, &mut late.someone], |p| over(p[2]).is_some());
    assert_eq!(over(&late.someone), Some(OverBecause::Removed));
    let frames = ann.someone.frames_of("Bob");
    until(&mut [&mut ann.someone, &mut bob.someone], |p| {
        p[0].stats.members.len() == 2 && p[0].frames_of("Bob") > frames + 50
    });
    assert_eq!(ann.someone.stats.members, ["Ann", "Bob"]);
    let freezes: u64 =
        [&ann, &bob].iter().flat_map(|guest| &guest.someone.stats.participants).map(|p| p.video.freezes).sum();
    println!("freezes while one joined and one was removed: {freezes}");
}

#[test]
fn camera_and_microphone_stay_off_when_others_are_chosen() {
    let mut ann = Someone::open("Ann", (320, 180), NetworkSettings::of(Network::Local), None);
    let mut told = |wish: Option<Wish>| {
        if let Some(wish) = wish {
            ann.engine.wish(wish);
        }
        loop {
            let event = ann.engine.wait_event(Duration::from_secs(20)).expect("it is told");
            if let Event::OwnMedia { camera_on, microphone_on, .. } = event {
                return (camera_on, microphone_on);
            }
        }
    };
    assert_eq!(told(None), (true, true));
    assert_eq!(told(Some(Wish::CameraOn(false))), (false, true));
    assert_eq!(told(Some(Wish::MicrophoneOn(false))), (false, false));
    assert_eq!(told(Some(Wish::UseMicrophone(MicrophoneChoice::Test))), (false, false));
    assert_eq!(told(Some(Wish::UseCamera(CameraChoice::Test))), (false, false));
    // One who had no device at all wants the first that there is.
    assert_eq!(told(Some(Wish::UseMicrophone(MicrophoneChoice::None))), (false, false));
    assert_eq!(told(Some(Wish::UseMicrophone(MicrophoneChoice::Test))), (false, true));
}
