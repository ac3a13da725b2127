//! Where packets may go and by whose help, and how we stand.

mod banner;
mod keep;
mod sheet;
mod status;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use engine::api::{Event, Reach};
pub use keep::{KEPT, read};
pub use status::reason;

use crate::{door::Happened, room::Mirrored};

/// How we stand on the network, since the engine has told.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq)]
pub struct Standing(pub Option<Reach>);

pub fn plugin(app: &mut App) {
    app.init_resource::<Standing>()
        .add_plugins((sheet::plugin, banner::plugin))
        .add_systems(PreUpdate, follow.in_set(Mirrored).after(crate::door::EventsIn));
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
