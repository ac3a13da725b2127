//! Where packets may go and by whose help, and how we stand.

mod banner;
mod sheet;
mod status;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use clap::ValueEnum;
use engine::api::Network;

use crate::ui::{
    action::{Action, Actions},
    binding::{Binding, HOME},
};

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

/// Changes how far packets may go, and by whose help.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NetworkAction {
    /// Opens the sheet of the network.
    Open,
    Reach(Reach),
    UseDht,
    HideAddress,
    Apply,
}

impl Action for NetworkAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::shift('n', HOME, Self::Open)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

pub fn plugin(app: &mut App) {
    app.add_action::<NetworkAction>().add_plugins((sheet::plugin, banner::plugin));
}
