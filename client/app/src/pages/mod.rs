//! The pages of the window, and the way from one to the next.

mod ended;
pub mod home;
mod journey;
mod lobby;
pub mod profiles;
mod room;
pub mod start;

use bevy::prelude::*;

pub fn plugin(app: &mut App) {
    app.add_plugins((
        journey::plugin,
        profiles::plugin,
        home::plugin,
        start::plugin,
        lobby::plugin,
        room::plugin,
        ended::plugin,
    ));
}
