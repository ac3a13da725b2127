//! Which systems mirror what.

use bevy::prelude::*;

use super::{
    Compare, ForgetRooms, KnockAction, Own, OwnAction, ShowInvitations, ShowRoom, Shown, Standing, knock, lines, own,
    people, rooms, standing, talk,
};
use crate::ui::{action::Actions, page::Page};

/// Mirrors events, before anything looks at the entities.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mirrored;

pub fn plugin(app: &mut App) {
    app.add_action::<OwnAction>()
        .add_action::<ShowRoom>()
        .add_action::<ShowInvitations>()
        .add_action::<Compare>()
        .add_action::<KnockAction>()
        .init_resource::<Own>()
        .init_resource::<Shown>()
        .init_resource::<Standing>()
        .add_message::<ForgetRooms>()
        .add_systems(
            PreUpdate,
            (
                rooms::forget,
                rooms::come_and_go,
                rooms::follow,
                rooms::follow_doors,
                people::come_and_go,
                own::follow,
                people::step_on_stage,
                lines::follow,
                standing::follow,
            )
                .chain()
                .in_set(Mirrored)
                .after(crate::engine::door::EventsIn),
        )
        .add_systems(Update, (own::switch, knock::answer, talk::hold))
        .add_systems(OnEnter(Page::Start), own::forget)
        .add_systems(PostUpdate, own::forget.run_if(on_message::<ForgetRooms>));
}
