//! What a person has chosen so far: the settings that an engine is started with.

use std::sync::Arc;

use bevy::prelude::*;
use engine::api::{MediaSettings, NetworkSettings, Settings};

use crate::ui::power::Waker;

/// The settings of the engine, as a person, the command line or the profile set them.
#[derive(Resource)]
pub struct Choices {
    pub name: String,
    pub network: NetworkSettings,
    /// The command line decides how far packets may go, and a profile does not change it.
    pub network_fixed: bool,
    pub media: MediaSettings,
}

impl Choices {
    /// The settings to start an engine with.
    pub fn settings(&self, waker: &Waker) -> Settings {
        let waker = waker.clone();
        Settings {
            name: self.name.clone(),
            network: self.network.clone(),
            media: self.media.clone(),
            post_quantum: true,
            wake: Arc::new(move || waker.wake()),
        }
    }
}
