//! Keeps the focus where it was when what had it is drawn anew.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
};

use super::form::Named;
use crate::ui::action::{AnyAction, Does};

/// The control that has the focus, named by what stays the same when it is drawn again.
#[derive(Clone, PartialEq)]
pub(super) enum What {
    Button(AnyAction),
    Field(&'static str),
}

#[derive(Resource, Default)]
pub(super) struct Held(Option<What>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Held>().add_systems(Last, keep);
}

fn what(does: Option<&Does>, named: Option<&Named>) -> Option<What> {
    does.map(|does| What::Button(does.0.clone())).or(named.map(|named| What::Field(named.0)))
}

pub(super) fn keep(
    mut held: ResMut<Held>,
    mut focus: ResMut<InputFocus>,
    controls: Query<(Entity, Option<&Does>, Option<&Named>), Or<(With<Does>, With<Named>)>>,
    alive: Query<()>,
) {
    let Some(entity) = focus.get() else {
        held.0 = None;
        return;
    };
    if let Ok((_, does, named)) = controls.get(entity) {
        held.0 = what(does, named);
    } else if alive.contains(entity) {
        held.0 = None;
    } else {
        let again = controls.iter().find(|(_, does, named)| held.0.is_some() && what(*does, *named) == held.0);
        match again {
            Some((control, ..)) => focus.set(control, FocusCause::Navigated),
            None => focus.clear(),
        }
    }
}
