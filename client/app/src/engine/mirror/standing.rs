//! How we stand on the network.

use bevy::prelude::*;
use engine::api::{Event, Help, Reach};

use crate::engine::door::Happened;

/// How we stand on the network, since the engine has told.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq)]
pub struct Standing(pub Option<Reach>);

/// Why a link that broke is not back yet, as far as our own side knows; nothing where our side is well.
pub fn reason(reach: Option<Reach>) -> &'static str {
    match reach {
        Some(reach) if reach.offline => "link-offline",
        Some(reach) if reach.relay == Help::Unreachable => "link-no-relay",
        _ => "link-reconnecting",
    }
}

pub fn follow(mut happened: MessageReader<Happened>, mut standing: ResMut<Standing>) {
    for event in happened.read() {
        match event.0 {
            Event::Reach(reach) => standing.0 = Some(reach),
            Event::Ended(_) => standing.0 = None,
            _ => {}
        }
    }
}
