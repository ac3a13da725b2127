//! People for the tests: real engines with real sockets on loopback.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine,
    api::{
        CameraChoice, Ended, Event, MediaSettings, MicrophoneChoice, NetworkSettings, RoomEvent, RoomId, RoomWish,
        Settings, Wish,
    },
    profiles::Profile,
    stats::Stats,
};

/// After this long something does not happen any more. A search in the DHT begins again after as much as a minute.
const NEVER: Duration = Duration::from_secs(180);

/// Somebody whose engine runs, and all that it told.
pub struct Someone {
    pub engine: Engine,
    pub heard: Vec<(RoomId, RoomEvent)>,
    pub stats: Stats,
}

impl Someone {
    pub fn open(name: &str, size: (u32, u32), network: NetworkSettings, profile: Option<Profile>) -> Self {
        let media = MediaSettings {
            camera: CameraChoice::Test,
            microphone: MicrophoneChoice::Test,
            width: size.0,
            height: size.1,
            fps: 25,
            video_kbps: 300,
            ..MediaSettings::default()
        };
        let settings = Settings { name: name.into(), network, media, post_quantum: true, wake: Arc::new(|| {}) };
        let engine = Engine::start(settings, profile).expect("the engine starts");
        Self { engine, heard: Vec::new(), stats: Stats::default() }
    }

    pub fn wish(&self, room: RoomId, wish: RoomWish) {
        self.engine.wish(Wish::InRoom { room, wish });
    }

    pub fn frames_of(&self, name: &str) -> u64 {
        self.stats.participants.iter().find(|p| p.name == name).map_or(0, |p| p.video.frames)
    }

    fn listen(&mut self) {
        while let Some(event) = self.engine.next_event() {
            match event {
                Event::Room { room, what } => self.heard.push((room, what)),
                Event::Figures(stats) => self.stats = stats,
                Event::Ended(Ended::Failed) => panic!("an engine ended by itself"),
                _ => {}
            }
        }
    }
}

/// Lets everybody live until `done`; a generous limit of time says that it will never be.
#[track_caller]
pub fn until(people: &mut [&mut Someone], mut done: impl FnMut(&[&mut Someone]) -> bool) {
    let limit = Instant::now() + NEVER;
    loop {
        for someone in people.iter_mut() {
            someone.listen();
        }
        if done(people) {
            return;
        }
        assert!(Instant::now() < limit, "it did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}
