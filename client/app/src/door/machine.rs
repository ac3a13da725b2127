//! The real engine behind the door.

use std::path::{Path, PathBuf};

use engine::{
    Engine, StartError, Tile,
    api::{Event, Picture, Settings, Wish},
    devices,
    guests::Guests,
    invitation::Invitation,
};

use super::{Company, Devices, Machine, Session};

/// This machine's own devices, sockets and threads.
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn start(&mut self, settings: Settings) -> Result<Box<dyn Session>, StartError> {
        Ok(Box::new(Engine::start(settings)?))
    }

    fn devices(&self) -> fn() -> Devices {
        || Devices { cameras: devices::cameras(), microphones: devices::microphones(), speakers: devices::speakers() }
    }

    fn guests(&self) -> fn(&Invitation) -> Result<Box<dyn Company>, StartError> {
        |invitation| Ok(Box::new(Guests::join(invitation, &assets().join("demo"))?))
    }
}

impl Session for Engine {
    fn wish(&mut self, wish: Wish) {
        Engine::wish(self, wish);
    }

    fn next_event(&mut self) -> Option<Event> {
        Engine::next_event(self)
    }

    fn take(&mut self, tile: Tile) -> Option<Picture> {
        self.pictures().take(tile)
    }
}

impl Company for Guests {}

/// The folder with the demo's clips: beside the binary, where packages put it, or in the source tree.
fn assets() -> PathBuf {
    let beside = std::env::current_exe().ok();
    let ancestors = beside.iter().flat_map(|binary| binary.ancestors().skip(1));
    ancestors
        .flat_map(|folder| [folder.join("assets"), folder.join("share/incamera")])
        .find(|folder| folder.join("demo").is_dir())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets"))
}
