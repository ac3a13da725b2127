//! Somebody whose engine ends without a word is back with what the disk has, as the member that they were.

#[path = "support/contacts.rs"]
mod contacts;
#[path = "support/restart.rs"]
mod restart;
mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use contacts::{Person, call, chat, lock, redeem, told};
use engine::{
    Engine,
    api::{CameraChoice, MediaSettings, Network, NetworkSettings, Presence, RoomEvent, Settings},
    profiles::{self, Face},
    stats::Stats,
};
use restart::{come_back, leave};
use support::{Someone, until};
use tempfile::{TempDir, tempdir};

/// Longer than it takes to say something on loopback.
const SILENT: Duration = Duration::from_millis(700);
/// By then a machine that hangs may have taken the link for dead.
const DUMB: Duration = Duration::from_secs(4);

/// Bob, whose engine can crash.
fn mortal(folder: &TempDir) -> Person {
    let face = Face { name: "Bob".to_owned(), notify: false };
    let profile = profiles::create(&folder.path().join("Bob"), &lock(), &face).expect("a profile is made");
    let settings = Settings {
        name: face.name.clone(),
        network: NetworkSettings::of(Network::Local),
        media: MediaSettings { camera: CameraChoice::Test, width: 320, height: 180, ..MediaSettings::default() },
        post_quantum: true,
        wake: Arc::new(|| {}),
    };
    let engine = Engine::start_apart(settings, Some(profile)).expect("the engine starts");
    Person { someone: Someone { engine, heard: Vec::new(), stats: Stats::default() }, name: face.name }
}

#[test]
fn crashed_member_is_back_in_the_call_with_all_that_was_kept() {
    let network = || NetworkSettings::of(Network::Local);
    let folder = tempdir().unwrap();
    let mut ann = Person::new(&folder, "Ann", network());
    let (with_bob, invitation) = ann.invite("Bob");
    let mut bob = mortal(&folder);
    let with_ann = redeem((&mut ann, with_bob), &mut bob, &invitation);
    chat((&mut ann, with_bob), (&mut bob, with_ann), "before");
    call((&mut ann, with_bob), (&mut bob, with_ann));
    let me = |person: &Person| {
        let entered = |what: &RoomEvent| if let RoomEvent::Entered { me, .. } = what { Some(*me) } else { None };
        told(&person.someone, with_ann, entered)
    };
    let before = me(&bob);

    let gone = |what: &RoomEvent| match what {
        RoomEvent::Changed { state, .. } => (!matches!(state.presence, Presence::Here(_))).then_some(()),
        _ => None,
    };
    let crashed = Instant::now();
    bob.someone.engine.crash();
    until(&mut [&mut ann.someone], |_| crashed.elapsed() > SILENT);
    // A link that ends with a word ends at once, and one that goes dumb does not.
    assert!(told(&ann.someone, with_bob, gone).is_empty() || crashed.elapsed() > DUMB, "the link said that it ended");
    let mut bob = come_back(&folder, "Bob", network());
    chat((&mut ann, with_bob), (&mut bob, with_ann), "after");
    assert_eq!(me(&bob), before);
    // Whoever stops says so, and is away at once; whoever leaves is gone.
    let farewell = |what: &RoomEvent| match what {
        RoomEvent::Changed { state, .. } => (state.presence == Presence::Away).then_some(()),
        RoomEvent::Left { .. } => Some(()),
        _ => None,
    };
    assert!(told(&ann.someone, with_bob, farewell).is_empty(), "nobody said goodbye");
    leave(ann);
}
