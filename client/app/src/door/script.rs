//! A scripted engine for tests: says what it is told to say, remembers what it is asked.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use engine::{
    StartError, Tile,
    api::{Event, MediaSettings, Picture, Settings, Wish},
    invitation::Invitation,
};

use super::{Company, Devices, Machine, Session};

/// What a test and the window's scripted engine share.
#[derive(Default)]
pub struct Stage {
    pub events: VecDeque<Event>,
    pub wishes: Vec<Wish>,
    pub pictures: HashMap<Tile, Picture>,
    /// The settings of every start, without their waker.
    pub started: Vec<(String, MediaSettings)>,
    pub refuses: Option<StartError>,
    pub running: bool,
}

#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Stage>>);

impl Script {
    pub fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().expect("no test panics while it holds the stage")
    }

    pub fn say(&self, event: Event) {
        self.stage().events.push_back(event);
    }

    /// How often a wish of this name was made.
    pub fn wished(&self, name: &str) -> usize {
        self.stage().wishes.iter().filter(|wish| format!("{wish:?}") == name).count()
    }
}

impl Machine for Script {
    fn start(&mut self, settings: Settings) -> Result<Box<dyn Session>, StartError> {
        let mut stage = self.stage();
        if let Some(refusal) = stage.refuses {
            return Err(refusal);
        }
        stage.started.push((settings.name, settings.media));
        stage.running = true;
        drop(stage);
        Ok(Box::new(Running(self.clone())))
    }

    fn devices(&self) -> fn() -> Devices {
        Devices::default
    }

    fn guests(&self) -> fn(&Invitation) -> Result<Box<dyn Company>, StartError> {
        |_| Ok(Box::new(Nobody))
    }
}

struct Nobody;

impl Company for Nobody {}

struct Running(Script);

impl Session for Running {
    fn wish(&mut self, wish: Wish) {
        self.0.stage().wishes.push(wish);
    }

    fn next_event(&mut self) -> Option<Event> {
        self.0.stage().events.pop_front()
    }

    fn take(&mut self, tile: Tile) -> Option<Picture> {
        self.0.stage().pictures.remove(&tile)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stage().running = false;
    }
}
