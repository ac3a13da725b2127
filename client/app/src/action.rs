//! Everything a person can do in the window, whichever way they ask: key, click or screen reader.

use bevy::{prelude::*, ui_widgets::Activate};

/// A thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// From the start to the lobby of a new room.
    StartRoom,
    /// From the start to the lobby of the pasted invitation's room.
    UseInvitation,
    OpenDemo,
    /// From the lobby into the room.
    EnterRoom,
    GoBack,
    Microphone,
    Camera,
    Chat,
    Invite,
    CopyInvitation,
    Layout,
    Leave,
    Figures,
    Fullscreen,
    SwitchTheme,
    /// Closes whatever is open: a dialog, a list, the chat.
    Close,
    SendMessage,
    OpenList(Equipment),
    /// The entry of a list, counted from the top.
    Choose(Equipment, usize),
    Quit,
}

/// What is chosen in the lobby.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Equipment {
    Camera,
    Microphone,
    Speaker,
}

/// A wish of the person at the window, not yet carried out.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act(pub Action);

/// What a button does.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Does(pub Action);

pub fn plugin(app: &mut App) {
    app.add_message::<Act>().add_observer(press);
}

fn press(activate: On<Activate>, does: Query<&Does>, mut acts: MessageWriter<Act>) {
    if let Ok(does) = does.get(activate.entity) {
        acts.write(Act(does.0));
    }
}
