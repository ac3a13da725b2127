//! Where packets may go and by whose help, and how we stand.

mod banner;
mod keep;
mod sheet;
mod status;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use clap::ValueEnum;
use engine::api::{Event, Network, Reach as Reached};
pub use keep::{KEPT, read};
pub use status::reason;

use crate::engine::{door::Happened, mirror::Mirrored};

/// How we stand on the network, since the engine has told.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq)]
pub struct Standing(pub Option<Reached>);

/// How far packets may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Reach {
    /// Loopback only.
    Local,
    /// The networks that this machine's own interfaces are on.
    Lan,
    /// Anywhere.
    Internet,
}

impl From<Reach> for Network {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Local => Network::Local,
            Reach::Lan => Network::Lan,
            Reach::Internet => Network::Internet,
        }
    }
}

pub fn plugin(app: &mut App) {
    app.init_resource::<Standing>()
        .add_plugins((sheet::plugin, banner::plugin))
        .add_systems(PreUpdate, follow.in_set(Mirrored).after(crate::engine::door::EventsIn));
}

fn follow(mut happened: MessageReader<Happened>, mut standing: ResMut<Standing>) {
    for event in happened.read() {
        match event.0 {
            Event::Reach(reach) => standing.0 = Some(reach),
            Event::Ended(_) => standing.0 = None,
            _ => {}
        }
    }
}
