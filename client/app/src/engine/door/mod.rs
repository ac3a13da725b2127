//! The two doors to the engine: what happened comes in, what the person wishes goes out. Nothing else in the
//! window touches the engine.

mod machine;
mod plugin;
mod safe;

use std::{sync::Arc, thread::JoinHandle};

use bevy::{platform::cell::SyncCell, prelude::*};
use engine::{
    StartError, Tile,
    api::{Device, Event, Picture, ScreenInfo, Settings, Wish},
    invitation::Invitation,
};
pub use machine::ThisMachine;
pub use plugin::{EventsIn, WishesOut, plugin};
pub use safe::{OpenProfile, Safe};

/// A running engine.
pub trait Session: Send + 'static {
    /// Never blocks.
    fn wish(&mut self, wish: Wish);
    fn next_event(&mut self) -> Option<Event>;
    /// The newest picture of a tile that was not taken yet.
    fn take(&mut self, tile: Tile) -> Option<Picture>;
}

/// Keeps the demo's guests in their room until it is dropped.
pub trait Company: Send + 'static {}

/// Starts engines.
pub trait Machine: Send + 'static {
    /// Without a profile nothing is kept.
    fn start(
        &mut self,
        settings: Settings,
        profile: Option<Box<dyn OpenProfile>>,
    ) -> Result<Box<dyn Session>, StartError>;
    /// Where profiles are kept.
    fn safe(&self) -> Arc<dyn Safe>;
    /// May take a while; called away from the window's thread.
    fn devices(&self) -> fn() -> Devices;

    /// The screens and windows that can be shared; asking for them may take a moment.
    fn screens(&self) -> fn() -> Vec<ScreenInfo>;
    /// May take a while; called away from the window's thread.
    fn guests(&self) -> fn(&Invitation) -> Result<Box<dyn Company>, StartError>;
}

/// The devices to choose from.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Devices {
    pub cameras: Vec<Device>,
    pub microphones: Vec<Device>,
    pub speakers: Vec<Device>,
}

/// The only way to the engine.
#[derive(Resource)]
pub struct Door {
    machine: SyncCell<Box<dyn Machine>>,
    session: SyncCell<Option<Box<dyn Session>>>,
    goodbyes: Vec<JoinHandle<()>>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.close();
        for goodbye in self.goodbyes.drain(..) {
            // A panic in there has been reported, and nothing is left to be done about it.
            let _ = goodbye.join();
        }
    }
}

impl Door {
    pub fn new(machine: impl Machine) -> Self {
        Self { machine: SyncCell::new(Box::new(machine)), session: SyncCell::new(None), goodbyes: Vec::new() }
    }

    /// Starts an engine; one that runs already says goodbye first.
    pub fn open(&mut self, settings: Settings, profile: Option<Box<dyn OpenProfile>>) -> Result<(), StartError> {
        self.close();
        *self.session.get() = Some(self.machine.get().start(settings, profile)?);
        Ok(())
    }

    /// Says at once what may not wait for the end of the frame: the engine is about to be closed.
    pub fn wish(&mut self, wish: Wish) {
        if let Some(session) = self.session.get() {
            session.wish(wish);
        }
    }

    #[cfg(test)]
    pub fn is_open(&mut self) -> bool {
        self.session.get().is_some()
    }

    /// Says goodbye and stops the engine.
    ///
    /// The goodbye takes a moment, so it is said away from the window's thread; dropping the door waits for it.
    pub fn close(&mut self) {
        let Some(session) = self.session.get().take() else {
            return;
        };
        self.goodbyes.retain(|goodbye| !goodbye.is_finished());
        let goodbye = std::thread::Builder::new().name("goodbye".into()).spawn(move || drop(session));
        self.goodbyes.extend(goodbye);
    }

    /// Closes, and hands out the goodbyes that are still being said: a profile is free only after them.
    pub fn close_for_good(&mut self) -> Vec<JoinHandle<()>> {
        self.close();
        std::mem::take(&mut self.goodbyes)
    }

    pub fn machine(&mut self) -> &mut dyn Machine {
        self.machine.get().as_mut()
    }

    pub fn take(&mut self, tile: Tile) -> Option<Picture> {
        self.session.get().as_mut()?.take(tile)
    }
}

/// Something that the engine says has happened.
#[derive(Message, Clone)]
pub struct Happened(pub Event);

/// Something that the person wishes of the engine.
#[derive(Message, Clone)]
pub struct Wished(pub Wish);
