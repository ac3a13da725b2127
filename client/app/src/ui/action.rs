//! Everything that a person can ask for, by key, click or screen reader.
//!
//! Each part of the window has messages of its own, and adds them with [`Actions::add_action`]. A button carries one of
//! them without knowing its type.

use std::{any::Any, fmt, sync::Arc};

use bevy::{
    a11y::ActionRequest,
    input::keyboard::{Key, KeyboardInput},
    input_focus::{FocusedInput, InputFocusVisible},
    prelude::*,
};

use super::{
    binding::{Binding, Bindings},
    power,
};

/// Things to do, as messages to the part of the window that does them.
pub trait Action: Message + Copy + PartialEq + fmt::Debug {
    /// The keys that ask for them.
    const KEYS: &'static [Binding<Self>] = &[];

    /// Whether it lets others see, hear or notice more of the person than before, or lets more people do so. No key
    /// does such a thing by itself: it takes Ctrl, or a button that the person went to.
    fn sends_more_of_a_person(&self) -> bool;
}

/// Lets a part of the window add its actions.
pub trait Actions {
    fn add_action<A: Action>(&mut self) -> &mut Self;
}

impl Actions for App {
    fn add_action<A: Action>(&mut self) -> &mut Self {
        self.world_mut().get_resource_or_init::<Bindings>().add::<A>();
        self.add_message::<A>().add_plugins(power::stirs::<A>)
    }
}

/// An action whose type is not known.
trait Erased: Any + fmt::Debug + Send + Sync {
    fn is(&self, other: &dyn Any) -> bool;
    fn sends_more_of_a_person(&self) -> bool;
    fn key(&self) -> Option<String>;
    fn write(&self, world: &mut World);
}

impl<A: Action> Erased for A {
    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn sends_more_of_a_person(&self) -> bool {
        Action::sends_more_of_a_person(self)
    }

    fn key(&self) -> Option<String> {
        A::KEYS.iter().find(|binding| binding.action == *self).map(Binding::shown)
    }

    fn write(&self, world: &mut World) {
        world.write_message(*self);
    }
}

/// An action of any part of the window.
#[derive(Clone, Debug)]
pub struct AnyAction(Arc<dyn Erased>);

impl<A: Action> From<A> for AnyAction {
    fn from(action: A) -> Self {
        Self(Arc::new(action))
    }
}

impl PartialEq for AnyAction {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(other.0.as_ref())
    }
}

impl AnyAction {
    pub fn is<A: Action>(&self, action: A) -> bool {
        Erased::is(&action, self.0.as_ref())
    }

    pub fn sends_more_of_a_person(&self) -> bool {
        self.0.sends_more_of_a_person()
    }

    /// How its key is written in hints, or nothing where it has none.
    pub fn key(&self) -> Option<String> {
        self.0.key()
    }

    /// Asks for it.
    pub fn write(&self, world: &mut World) {
        self.0.write(world);
    }

    /// Asks for it once the commands are carried out, which is in the same frame.
    pub fn ask(&self, commands: &mut Commands<'_, '_>) {
        let action = self.clone();
        commands.queue(move |world: &mut World| action.write(world));
    }
}

/// The action of a button; a node with this component is a button.
#[derive(Component, Clone, PartialEq, Debug)]
pub struct Does(pub AnyAction);

pub fn plugin(app: &mut App) {
    app.init_resource::<Bindings>()
        .add_message::<ActionRequest>()
        .add_observer(click)
        .add_observer(key)
        .add_systems(PreUpdate, request);
}

fn click(mut click: On<Pointer<Click>>, does: Query<&Does>, mut commands: Commands) {
    if let Ok(does) = does.get(click.entity)
        && click.button == PointerButton::Primary
    {
        click.propagate(false);
        does.0.ask(&mut commands);
    }
}

/// Enter and Space press the button that has the focus. A button that was clicked keeps the focus unseen: there Enter
/// does nothing that sends more of the person, and Space nothing at all.
fn key(
    mut typed: On<FocusedInput<KeyboardInput>>,
    does: Query<&Does>,
    visible: Res<InputFocusVisible>,
    held: Res<ButtonInput<Key>>,
    mut commands: Commands,
) {
    let input = &typed.input;
    // A chord is not for buttons: Ctrl+Space is push-to-talk.
    let is_chord = [Key::Control, Key::Alt, Key::Super].into_iter().any(|key| held.pressed(key));
    let pressed = input.state.is_pressed() && !input.repeat && !is_chord;
    let Ok(does) = does.get(typed.focused_entity) else {
        return;
    };
    let is_key = match input.logical_key {
        Key::Enter => visible.0 || !does.0.sends_more_of_a_person(),
        Key::Space => visible.0,
        _ => false,
    };
    if pressed && is_key {
        typed.propagate(false);
        does.0.ask(&mut commands);
    }
}

/// A screen reader presses a button.
fn request(mut requests: MessageReader<ActionRequest>, does: Query<&Does>, mut commands: Commands) {
    for request in requests.read() {
        let entity = Entity::try_from_bits(request.target_node.0);
        if let Some(does) = entity.and_then(|entity| does.get(entity).ok())
            && request.action == accesskit::Action::Click
        {
            does.0.ask(&mut commands);
        }
    }
}

#[cfg(test)]
mod tests;
