//! The floor under everything: how the window looks, speaks and listens. Knows no room, no feature and no page.

pub mod action;
pub mod binding;
pub mod clip;
pub mod embedded;
pub mod initials;
pub mod keys;
pub mod kit;
pub mod notice;
pub mod page;
pub mod power;
pub mod theme;
pub mod words;

pub fn plugin(app: &mut bevy::prelude::App) {
    app.add_plugins((
        action::plugin,
        keys::plugin,
        theme::plugin,
        power::plugin,
        notice::plugin,
        page::plugin,
        clip::plugin,
        kit::plugin,
    ));
}
