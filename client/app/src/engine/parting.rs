//! The one way by which the window closes a running engine: a call is asked about first, and hung up.

use std::thread::JoinHandle;

use bevy::{ecs::system::SystemParam, prelude::*};
use engine::api::{RoomKind, RoomWish, Wish};

use crate::{
    engine::{door::Door, mirror::Rooms},
    ui::{
        action::{Action, AnyAction},
        kit::{Confirmation, Question},
    },
};

#[derive(SystemParam)]
pub struct Parting<'w, 's> {
    pub rooms: Rooms<'w, 's>,
    confirmation: ResMut<'w, Confirmation>,
    pub door: ResMut<'w, Door>,
}

impl Parting<'_, '_> {
    /// Whether no call stands in the way of an action that ends it: there is none, or the person has confirmed, and it
    /// is hung up now. Otherwise they are asked.
    pub fn may(&mut self, action: impl Into<AnyAction>) -> bool {
        let question = Question {
            title: "confirm-ends-call",
            why: "confirm-ends-call-why",
            label: "confirm-ends-call-surely",
            name: String::new(),
        };
        self.may_after(action, question)
    }

    /// The same, with a question of its own.
    pub fn may_after(&mut self, action: impl Into<AnyAction>, question: Question) -> bool {
        if self.rooms.in_call().is_none() {
            return true;
        }
        if !self.confirmation.given_for(action, question) {
            return false;
        }
        self.hang_up();
        true
    }

    /// Tells the others of the call that we go, before the engine stops.
    pub fn hang_up(&mut self) {
        if let Some((_, room)) = self.rooms.in_call() {
            let ephemeral = room.kind == Some(RoomKind::Ephemeral);
            let wish = if ephemeral { RoomWish::Leave } else { RoomWish::HangUp };
            self.door.wish(Wish::InRoom { room: room.id, wish });
        }
    }

    /// Closes the engine for an action, and hands out the goodbyes that are still being said; nothing where the person
    /// has to be asked first.
    pub fn close_for(&mut self, action: impl Into<AnyAction>) -> Option<Vec<JoinHandle<()>>> {
        self.may(action).then(|| self.door.close_for_good())
    }

    /// Whether this is asked about already.
    pub fn asks_about(&self, action: impl Action) -> bool {
        self.confirmation.asks_about(action)
    }

    /// Asks about something, whether or not there is a call.
    pub fn is_confirmed(&mut self, action: impl Into<AnyAction>, question: Question) -> bool {
        self.confirmation.given_for(action, question)
    }
}
