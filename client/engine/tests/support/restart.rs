//! Runs that end, and others that go on with what the disk has.

use std::time::{Duration, Instant};

use engine::{
    api::{Event, NetworkSettings, Wish},
    profiles,
};

use tempfile::TempDir;

use crate::contacts::{Person, lock};

/// Ends somebody's run, with all that it has to write.
pub fn leave(person: Person) {
    let mut engine = person.someone.engine;
    engine.wish(Wish::Stop);
    let limit = Instant::now() + Duration::from_secs(60);
    while !matches!(engine.wait_event(Duration::from_secs(1)), Some(Event::Ended(_))) {
        assert!(Instant::now() < limit, "the engine does not end");
    }
}

/// A new run of somebody who left: with new endpoints, on ports that the system chooses.
pub fn come_back(folder: &TempDir, name: &str, network: NetworkSettings) -> Person {
    let folder = folder.path().join(name);
    let profiles = profiles::list(&folder).expect("the folder can be read");
    let [(profile, _)] = profiles[..] else { panic!("each has a folder with one profile") };
    Person::open(name, network, profiles::open(&folder, profile, &lock()).expect("the profile opens"))
}
