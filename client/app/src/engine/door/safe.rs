//! Where profiles are kept, seen from the window. Every call may take long (the keyring asks, Argon2id computes): they
//! are made away from the window's thread.

use std::path::Path;

use engine::{
    StartError,
    api::Settings,
    profiles::{Face, Lock, LockKind, Passphrase, ProfileError, ProfileId, StoreError},
};

use super::Session;

/// An open profile that no engine runs yet.
pub trait OpenProfile: Send + 'static {
    fn id(&self) -> ProfileId;
    fn face(&self) -> Face;
    fn set_face(&mut self, face: Face) -> Result<(), ProfileError>;
    /// A small named value that the window keeps.
    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    fn set_value(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError>;
    /// Until `go_on` says no; then nothing is written.
    fn export(&self, to: &Path, passphrase: &Passphrase, go_on: &dyn Fn() -> bool) -> Result<(), StoreError>;
    fn start(self: Box<Self>, settings: Settings) -> Result<Box<dyn Session>, StartError>;
}

/// The folder of all profiles.
pub trait Safe: Send + Sync + 'static {
    fn list(&self) -> Result<Vec<(ProfileId, LockKind)>, StoreError>;
    fn keyring_works(&self) -> bool;
    fn create(&self, lock: &Lock, face: &Face) -> Result<Box<dyn OpenProfile>, ProfileError>;
    fn open(&self, id: ProfileId, lock: &Lock) -> Result<Box<dyn OpenProfile>, StoreError>;
    /// Until `go_on` says no; then there is no new profile.
    fn import(
        &self,
        from: &Path,
        passphrase: &Passphrase,
        lock: &Lock,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Box<dyn OpenProfile>, StoreError>;
    fn delete(&self, id: ProfileId) -> Result<(), StoreError>;
    fn delete_everything(&self) -> Result<(), StoreError>;
}
