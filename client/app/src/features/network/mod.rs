//! Where packets may go and by whose help, and how we stand.

mod banner;
mod sheet;
mod status;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use clap::ValueEnum;
use engine::api::Network;

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
    app.add_plugins((sheet::plugin, banner::plugin));
}
