//! A knock is answered, wherever it is shown.

use bevy::prelude::*;
use engine::api::{KnockId, RoomId, RoomWish, Wish};

use crate::{engine::door::Wished, ui::action::Action};

/// Answers a knock at a room's door.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum KnockAction {
    Admit(RoomId, KnockId),
    Refuse(RoomId, KnockId),
}

impl Action for KnockAction {
    fn sends_more_of_a_person(&self) -> bool {
        match self {
            Self::Admit(..) => true,
            Self::Refuse(..) => false,
        }
    }
}

pub fn answer(mut acts: MessageReader<KnockAction>, mut wishes: MessageWriter<Wished>) {
    for act in acts.read() {
        let (room, wish) = match *act {
            KnockAction::Admit(room, knock) => (room, RoomWish::Admit(knock)),
            KnockAction::Refuse(room, knock) => (room, RoomWish::Refuse(knock)),
        };
        wishes.write(Wished(Wish::InRoom { room, wish }));
    }
}
