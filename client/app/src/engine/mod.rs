//! The way to the engine, the mirror of what it tells, and what is kept of the way that the person takes.

pub mod choices;
pub mod door;
pub mod journey;
pub mod mirror;
pub mod parting;
pub mod profile;
mod trouble;

use crate::ui::action::Actions;

pub fn plugin(app: &mut bevy::prelude::App) {
    app.add_action::<journey::JourneyAction>()
        .add_action::<profile::CancelErrand>()
        .init_resource::<journey::Awaited>()
        .init_resource::<journey::Stay>()
        .init_resource::<profile::Opened>()
        .init_resource::<profile::Shelf>()
        .init_resource::<profile::Errands>()
        .add_plugins((door::plugin, mirror::plugin, trouble::plugin));
}
