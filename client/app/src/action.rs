//! Everything a person can do in the window, whichever way they ask: key, click or screen reader.

use bevy::{
    a11y::ActionRequest,
    input::keyboard::{Key, KeyboardInput},
    input_focus::FocusedInput,
    prelude::*,
};

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

/// What a button does: this makes a node one.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Does(pub Action);

pub fn plugin(app: &mut App) {
    app.add_message::<Act>()
        .add_message::<ActionRequest>()
        .add_observer(click)
        .add_observer(key)
        .add_systems(PreUpdate, request);
}

fn click(mut click: On<Pointer<Click>>, does: Query<&Does>, mut acts: MessageWriter<Act>) {
    if let Ok(does) = does.get(click.entity)
        && click.button == PointerButton::Primary
    {
        click.propagate(false);
        acts.write(Act(does.0));
    }
}

/// Enter and Space press the button that has the focus.
fn key(mut typed: On<FocusedInput<KeyboardInput>>, does: Query<&Does>, mut acts: MessageWriter<Act>) {
    let input = &typed.input;
    let presses = matches!(input.logical_key, Key::Enter | Key::Space) && input.state.is_pressed() && !input.repeat;
    if let Ok(does) = does.get(typed.focused_entity)
        && presses
    {
        typed.propagate(false);
        acts.write(Act(does.0));
    }
}

/// What a screen reader asks for.
fn request(mut requests: MessageReader<ActionRequest>, does: Query<&Does>, mut acts: MessageWriter<Act>) {
    for request in requests.read() {
        let entity = Entity::try_from_bits(request.target_node.0);
        if let Some(does) = entity.and_then(|entity| does.get(entity).ok())
            && request.action == accesskit::Action::Click
        {
            acts.write(Act(does.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn a_screen_reader_presses_buttons_too() {
        let mut bench = Bench::in_room();
        let world = bench.app.world_mut();
        let mut buttons = world.query::<(Entity, &Does)>();
        let invite = buttons.iter(world).find(|(_, does)| does.0 == Action::Invite).map(|(entity, _)| entity);
        world.write_message(ActionRequest(accesskit::ActionRequest {
            action: accesskit::Action::Click,
            target_tree: accesskit::TreeId::ROOT,
            target_node: accesskit::NodeId(invite.expect("a button to invite").to_bits()),
            data: None,
        }));
        bench.run();
        assert_eq!(bench.script.wished("Invite"), 1);
    }

    #[test]
    fn every_control_has_a_role_and_a_name() {
        let mut bench = Bench::in_room();
        let world = bench.app.world_mut();
        let mut buttons = world.query::<(&Does, Option<&bevy::a11y::AccessibilityNode>)>();
        for (does, node) in buttons.iter(world) {
            let node = node.expect("a node for screen readers");
            assert_eq!(node.role(), accesskit::Role::Button, "{does:?}");
            assert!(node.label().is_some_and(|label| !label.is_empty()), "{does:?}");
        }
    }
}
