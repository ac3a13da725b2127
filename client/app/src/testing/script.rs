//! A scripted engine for tests: says what it is told to say, remembers what it is asked.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use engine::{
    StartError, Tile,
    api::{Event, MediaSettings, Picture, ScreenInfo, ScreenSource, Settings, Wish},
    invitation::Invitation,
    profiles::{Face, Lock, LockKind, Passphrase, ProfileError, ProfileId, StoreError},
};

use crate::engine::door::{Company, Devices, Machine, OpenProfile, Safe, Session};

/// What a test and the window's scripted engine share.
#[derive(Default)]
pub struct Stage {
    pub events: VecDeque<Event>,
    pub wishes: Vec<Wish>,
    pub pictures: HashMap<Tile, Picture>,
    /// The settings of every start, without their waker.
    pub started: Vec<(String, MediaSettings)>,
    /// Whether the newest start was one of a profile.
    pub of_profile: bool,
    pub refuses: Option<StartError>,
    pub running: bool,
    pub profiles: Vec<Scripted>,
    pub keyring: bool,
    /// Every call of the safe, in order.
    pub kept: Vec<&'static str>,
    /// Exporting and importing take until this is over or they are stopped.
    pub slow: bool,
}

/// A profile of the script's safe.
#[derive(Clone)]
pub struct Scripted {
    pub id: ProfileId,
    pub kind: LockKind,
    pub name: String,
    pub notify: bool,
    pub values: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Stage>>);

impl Script {
    pub fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn say(&self, event: Event) {
        self.stage().events.push_back(event);
    }

    /// How often a wish of this name was made.
    #[cfg(test)]
    pub fn wished(&self, name: &str) -> usize {
        self.stage().wishes.iter().filter(|wish| format!("{wish:?}") == name).count()
    }
}

impl Machine for Script {
    fn start(
        &mut self,
        settings: Settings,
        profile: Option<Box<dyn OpenProfile>>,
    ) -> Result<Box<dyn Session>, StartError> {
        let mut stage = self.stage();
        stage.of_profile = profile.is_some();
        if let Some(refusal) = stage.refuses {
            return Err(refusal);
        }
        stage.started.push((settings.name, settings.media));
        stage.running = true;
        drop(stage);
        Ok(Box::new(Running(self.clone())))
    }

    fn safe(&self) -> Arc<dyn Safe> {
        Arc::new(self.clone())
    }

    fn devices(&self) -> fn() -> Devices {
        Devices::default
    }

    fn screens(&self) -> fn() -> Vec<ScreenInfo> {
        || {
            let info = |source, name: &str| ScreenInfo { source, name: name.into() };
            vec![info(ScreenSource::Whole, ""), info(ScreenSource::Window(7), "Letter to Bea")]
        }
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

/// The id of a scripted profile.
#[expect(clippy::expect_used, reason = "sixteen hexadecimal digits are an id")]
pub fn profile(number: u8) -> ProfileId {
    format!("{number:016x}").parse().expect("hexadecimal")
}

fn kind(lock: &Lock) -> LockKind {
    match lock {
        Lock::Keyring => LockKind::Keyring,
        Lock::Passphrase(_) => LockKind::Passphrase,
    }
}

impl Script {
    fn keep(&self, what: &'static str) -> MutexGuard<'_, Stage> {
        let mut stage = self.stage();
        stage.kept.push(what);
        stage
    }

    /// As long as the stage says, and until `go_on` says no.
    fn take_time(&self, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        while self.stage().slow {
            if !go_on() {
                return Err(StoreError::Stopped);
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        Ok(())
    }

    fn unlocked(&self, id: ProfileId) -> Box<dyn OpenProfile> {
        Box::new(Unlocked(self.clone(), id))
    }
}

struct Unlocked(Script, ProfileId);

impl Unlocked {
    fn with<T>(&self, look: impl FnOnce(&mut Scripted) -> T) -> Result<T, StoreError> {
        let mut stage = self.0.stage();
        stage.profiles.iter_mut().find(|profile| profile.id == self.1).map(look).ok_or(StoreError::NoProfile)
    }
}

impl OpenProfile for Unlocked {
    fn id(&self) -> ProfileId {
        self.1
    }

    #[expect(clippy::expect_used, reason = "the scripted profile is open")]
    fn face(&self) -> Face {
        self.with(|profile| Face { name: profile.name.clone(), notify: profile.notify }).expect("it is open")
    }

    fn set_face(&mut self, face: Face) -> Result<(), ProfileError> {
        drop(self.0.keep("face"));
        Ok(self.with(|profile| (profile.name, profile.notify) = (face.name, face.notify))?)
    }

    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|profile| profile.values.get(name).cloned())
    }

    fn set_value(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        drop(self.0.keep("value"));
        self.with(|profile| drop(profile.values.insert(name.into(), value.to_vec())))
    }

    fn export(&self, _: &Path, _: &Passphrase, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        self.0.take_time(go_on)?;
        drop(self.0.keep("export"));
        Ok(())
    }

    fn start(self: Box<Self>, _: Settings) -> Result<Box<dyn Session>, StartError> {
        Ok(Box::new(Running(self.0)))
    }
}

impl Safe for Script {
    fn list(&self) -> Result<Vec<(ProfileId, LockKind)>, StoreError> {
        Ok(self.stage().profiles.iter().map(|profile| (profile.id, profile.kind)).collect())
    }

    fn keyring_works(&self) -> bool {
        self.stage().keyring
    }

    fn create(&self, lock: &Lock, face: &Face) -> Result<Box<dyn OpenProfile>, ProfileError> {
        let id = profile(self.stage().profiles.len() as u8 + 1);
        let made =
            Scripted { id, kind: kind(lock), name: face.name.clone(), notify: face.notify, values: BTreeMap::new() };
        self.keep("create").profiles.push(made);
        Ok(self.unlocked(id))
    }

    fn open(&self, id: ProfileId, lock: &Lock) -> Result<Box<dyn OpenProfile>, StoreError> {
        let known = self.keep("open").profiles.iter().find(|profile| profile.id == id).map(|profile| profile.kind);
        match known {
            None => Err(StoreError::NoProfile),
            Some(known) if known == kind(lock) => Ok(self.unlocked(id)),
            Some(_) => Err(StoreError::WrongLock),
        }
    }

    fn import(
        &self,
        _: &Path,
        _: &Passphrase,
        _: &Lock,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Box<dyn OpenProfile>, StoreError> {
        drop(self.keep("import"));
        self.take_time(go_on)?;
        Err(StoreError::Damaged)
    }

    fn delete(&self, id: ProfileId) -> Result<(), StoreError> {
        self.keep("delete").profiles.retain(|profile| profile.id != id);
        Ok(())
    }

    fn delete_everything(&self) -> Result<(), StoreError> {
        self.keep("delete everything").profiles.clear();
        Ok(())
    }
}
