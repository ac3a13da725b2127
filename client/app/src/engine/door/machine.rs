//! The real engine behind the door.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{
    Engine, StartError, Tile,
    api::{Event, Picture, ScreenInfo, Settings, Wish},
    devices,
    invitation::Invitation,
    profiles::{self, Face, Lock, LockKind, Passphrase, Profile, ProfileError, ProfileId, StoreError},
};

use super::{Company, Devices, Machine, OpenProfile, Safe, Session};

/// This machine's own devices, sockets, threads and profiles.
pub struct ThisMachine {
    /// Where profiles are kept; without one, none are.
    pub profiles: Option<PathBuf>,
    /// Brings the guests of the demo.
    pub guests: fn(&Invitation) -> Result<Box<dyn Company>, StartError>,
}

impl Machine for ThisMachine {
    fn start(
        &mut self,
        settings: Settings,
        profile: Option<Box<dyn OpenProfile>>,
    ) -> Result<Box<dyn Session>, StartError> {
        match profile {
            Some(profile) => profile.start(settings),
            None => Ok(Box::new(Engine::start(settings, None)?)),
        }
    }

    fn safe(&self) -> Arc<dyn Safe> {
        Arc::new(Folder(self.profiles.clone()))
    }

    fn devices(&self) -> fn() -> Devices {
        || Devices { cameras: devices::cameras(), microphones: devices::microphones(), speakers: devices::speakers() }
    }

    fn screens(&self) -> fn() -> Vec<ScreenInfo> {
        devices::screens
    }

    fn guests(&self) -> fn(&Invitation) -> Result<Box<dyn Company>, StartError> {
        self.guests
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

impl OpenProfile for Profile {
    fn id(&self) -> ProfileId {
        Profile::id(self)
    }

    fn face(&self) -> Face {
        Profile::face(self).clone()
    }

    fn set_face(&mut self, face: Face) -> Result<(), ProfileError> {
        Profile::set_face(self, face)
    }

    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Profile::value(self, name)
    }

    fn set_value(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        Profile::set_value(self, name, Some(value))
    }

    fn export(&self, to: &Path, passphrase: &Passphrase, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        self.export_while(to, passphrase, go_on)
    }

    fn start(self: Box<Self>, settings: Settings) -> Result<Box<dyn Session>, StartError> {
        Ok(Box::new(Engine::start(settings, Some(*self))?))
    }
}

struct Folder(Option<PathBuf>);

impl Folder {
    fn path(&self) -> Result<&Path, StoreError> {
        self.0.as_deref().ok_or(StoreError::NoProfile)
    }
}

impl Safe for Folder {
    fn list(&self) -> Result<Vec<(ProfileId, LockKind)>, StoreError> {
        profiles::list(self.path()?)
    }

    fn keyring_works(&self) -> bool {
        profiles::keyring_works()
    }

    fn create(&self, lock: &Lock, face: &Face) -> Result<Box<dyn OpenProfile>, ProfileError> {
        Ok(Box::new(profiles::create(self.path()?, lock, face)?))
    }

    fn open(&self, id: ProfileId, lock: &Lock) -> Result<Box<dyn OpenProfile>, StoreError> {
        Ok(Box::new(profiles::open(self.path()?, id, lock)?))
    }

    fn import(
        &self,
        from: &Path,
        passphrase: &Passphrase,
        lock: &Lock,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Box<dyn OpenProfile>, StoreError> {
        Ok(Box::new(profiles::import_while(self.path()?, from, passphrase, lock, go_on)?))
    }

    fn delete(&self, id: ProfileId) -> Result<(), StoreError> {
        profiles::delete(self.path()?, id)
    }

    fn delete_everything(&self) -> Result<(), StoreError> {
        profiles::delete_everything(self.path()?)
    }
}
