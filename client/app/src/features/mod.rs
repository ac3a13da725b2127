//! What a person can do, each in a folder of its own. No feature knows another.

pub mod about;
pub mod accept;
pub mod call;
pub mod chat;
pub mod devices;
pub mod figures;
pub mod invite;
pub mod network;
pub mod profile;
pub mod share;
pub mod verify;

pub fn plugin(app: &mut bevy::prelude::App) {
    app.add_plugins((chat::plugin, invite::plugin, figures::plugin, profile::plugin, network::plugin))
        .add_plugins((accept::plugin, about::plugin, share::plugin, devices::plugin))
        .add_plugins((verify::plugin, call::plugin));
}
