//! What cannot be taken back, and what ends a call, is asked about first: a question over everything, with its answer.

mod draw;
mod parting;
#[cfg(test)]
mod tests;

use bevy::{ecs::message::MessageCursor, prelude::*};
pub use parting::Parting;

use crate::{
    pages::Screen,
    ui::{
        action::{Act, Action},
        kit::Sheet,
    },
};

/// The action that is asked about, and the one that was just confirmed.
#[derive(Resource, Default)]
pub struct Confirmation {
    asked: Option<Action>,
    /// With the frames that it is still good for.
    sure: Option<(Action, u8)>,
}

/// An action that is confirmed is carried out in this frame or the next.
const FRAMES: u8 = 2;

impl Confirmation {
    /// Whether the person has just confirmed this action. If not, they are asked.
    pub fn given_for(&mut self, action: Action) -> bool {
        if self.sure.is_some_and(|(sure, _)| sure == action) {
            self.sure = None;
            return true;
        }
        self.asked = Some(action);
        false
    }

    pub fn asks(&self) -> bool {
        self.asked.is_some()
    }

    pub fn asks_about(&self, action: Action) -> bool {
        self.asked == Some(action)
    }

    pub fn withdraw(&mut self) {
        self.asked = None;
    }
}

pub fn plugin(app: &mut App) {
    app.init_resource::<Confirmation>()
        .add_systems(Update, (confirm, draw::draw).chain())
        .add_systems(Last, (expire, withdraw));
}

/// Reads and writes the same messages, which a reader and a writer of one system may not.
fn confirm(
    mut acts: ResMut<Messages<Act>>,
    mut read: Local<MessageCursor<Act>>,
    mut confirmation: ResMut<Confirmation>,
) {
    let pressed = read.read(&acts).any(|act| act.0 == Action::Confirm);
    if pressed && let Some(action) = confirmation.asked.take() {
        confirmation.sure = Some((action, FRAMES));
        acts.write(Act(action));
    }
}

/// Nothing stays confirmed for a later time.
fn expire(mut confirmation: ResMut<Confirmation>) {
    if let Some((action, frames)) = confirmation.sure {
        confirmation.sure = frames.checked_sub(1).map(|frames| (action, frames));
    }
}

/// A question is about what was in sight when it was asked.
fn withdraw(
    sheet: Res<Sheet>,
    screen: Res<State<Screen>>,
    mut confirmation: ResMut<Confirmation>,
    mut last: Local<Option<(Sheet, Screen)>>,
) {
    let now = Some((*sheet, *screen.get()));
    if *last != now && confirmation.asks() {
        confirmation.withdraw();
    }
    *last = now;
}
