//! Three people over real UDP and QUIC on loopback: they see, hear and write to each other, one joins late, one is removed.

mod support;

use engine::api::{EndedBecause, Wish};
use support::{Someone, until};

#[test]
fn people_see_hear_and_write_to_each_other_until_one_is_removed() {
    let mut ann = Someone::create("Ann", "Tuesday");
    let invitation = ann.invitation.clone().expect("it was awaited");
    let mut bob = Someone::join("Bob", &invitation);
    until(&mut [&mut ann, &mut bob], |p| p[0].frames_of("Bob") > 25 && p[1].frames_of("Ann") > 25);

    let mut late = Someone::join("Late", &invitation);
    until(&mut [&mut ann, &mut bob, &mut late], |p| {
        p[2].frames_of("Ann") > 25 && p[2].frames_of("Bob") > 25 && p[1].frames_of("Late") > 25
    });
    let heard = |s: &Someone| s.stats.participants.iter().all(|p| p.audio.played_ms > 0 && p.keys == "current");
    until(&mut [&mut ann, &mut bob, &mut late], |p| p.iter().all(|s| heard(s) && s.stats.participants.len() == 2));

    for n in 0..10 {
        ann.engine.wish(Wish::Say(format!("from Ann {n}")));
        bob.engine.wish(Wish::Say(format!("von Bob, äöü 🦊 {n}")));
    }
    until(&mut [&mut ann, &mut bob, &mut late], |p| {
        p[0].said.len() == 10 && p[1].said.len() == 10 && p[2].said.len() == 20
    });
    let from_bob: Vec<_> = (0..10).map(|n| ("Bob".to_owned(), format!("von Bob, äöü 🦊 {n}"))).collect();
    assert_eq!(ann.said, from_bob);

    let victim = bob.member("Late").expect("Late is in");
    bob.engine.wish(Wish::Remove(victim));
    until(&mut [&mut ann, &mut bob, &mut late], |p| p[2].ended.is_some());
    assert_eq!(late.ended, Some(EndedBecause::Removed));
    let frames = ann.frames_of("Bob");
    until(&mut [&mut ann, &mut bob], |p| p[0].names.len() == 1 && p[0].frames_of("Bob") > frames + 50);
    assert_eq!(ann.stats.members, ["Ann", "Bob"]);
    let freezes: u64 = [&ann, &bob].iter().flat_map(|s| &s.stats.participants).map(|p| p.video.freezes).sum();
    println!("freezes while one joined and one was removed: {freezes}");
}
