//! Limits the keyboard to the controls that are in sight and not under a sheet.

use bevy::{
    input_focus::{FocusCause, InputFocus, tab_navigation::TabIndex},
    prelude::*,
    ui_widgets::ScrollArea,
};

use super::{
    Close,
    frame::{OverSheets, Veil},
    secret::Secretive,
};
use crate::ui::action::Does;

pub(super) fn plugin(app: &mut App) {
    // After the focus has followed what was drawn anew.
    app.add_systems(Last, (reach, hold_focus).chain().after(super::keep::keep))
        .add_systems(PostUpdate, show_focused.after(bevy::ui::UiSystems::Layout));
}

/// The sheet or question that lies over all others.
fn topmost(veils: &Query<'_, '_, (Entity, &GlobalZIndex), With<Veil>>) -> Option<Entity> {
    veils.iter().max_by_key(|(_, at)| at.0).map(|(veil, _)| veil)
}

/// Takes everything out of the way of Tab that cannot be seen or lies under a sheet, and lets it back in afterwards.
fn reach(
    mut controls: Query<(Entity, &mut TabIndex)>,
    parents: Query<&ChildOf>,
    nodes: Query<(&Node, Option<&Visibility>)>,
    over: Query<(), With<OverSheets>>,
    veils: Query<(Entity, &GlobalZIndex), With<Veil>>,
) {
    let top = topmost(&veils);
    for (control, mut index) in &mut controls {
        let above = || parents.iter_ancestors(control);
        let hidden = std::iter::once(control)
            .chain(above())
            .filter_map(|entity| nodes.get(entity).ok())
            .any(|(node, visibility)| node.display == Display::None || visibility == Some(&Visibility::Hidden));
        let covered = top.is_some_and(|top| !above().any(|entity| entity == top || over.contains(entity)));
        let wanted = if hidden || covered { -1 } else { 0 };
        if index.0 != wanted {
            index.0 = wanted;
        }
    }
}

/// The focus is never on something that cannot be reached. A sheet that opens takes it, and keeps it.
fn hold_focus(
    controls: Query<&TabIndex>,
    veils: Query<(Entity, &GlobalZIndex), With<Veil>>,
    children: Query<&Children>,
    fields: Query<(), Or<(With<bevy::text::EditableText>, With<Secretive>)>>,
    buttons: Query<&Does>,
    mut focus: ResMut<InputFocus>,
) {
    let reached = |entity: Entity| controls.get(entity).is_ok_and(|index| index.0 >= 0);
    if focus.get().is_some_and(|focused| controls.contains(focused) && !reached(focused)) {
        focus.clear();
    }
    let Some(veil) = topmost(&veils).filter(|_| !focus.get().is_some_and(reached)) else {
        return;
    };
    let inside = || children.iter_descendants_depth_first(veil).filter(|entity| reached(*entity));
    // Enter in a sheet that has just opened must not choose what sends more of a person: a field that comes first has
    // the focus, or else the button that closes it.
    let field = inside().next().filter(|first| fields.contains(*first));
    let closes = || inside().find(|entity| buttons.get(*entity).is_ok_and(|does| does.0.is(Close)));
    let harmless = || inside().find(|entity| buttons.get(*entity).is_ok_and(|does| !does.0.sends_more_of_a_person()));
    if let Some(entity) = field.or_else(closes).or_else(harmless) {
        focus.set(entity, FocusCause::Navigated);
    }
}

/// Scrolls the control that gets the focus into sight.
fn show_focused(
    focus: Res<InputFocus>,
    parents: Query<&ChildOf>,
    nodes: Query<(&ComputedNode, &UiGlobalTransform)>,
    mut areas: Query<&mut ScrollPosition, With<ScrollArea>>,
    mut shown: Local<Option<Entity>>,
) {
    if *shown == focus.get() {
        return;
    }
    let Some(focused) = focus.get() else {
        *shown = None;
        return;
    };
    let Some((node, at)) = nodes.get(focused).ok().filter(|(node, _)| node.size() != Vec2::ZERO) else {
        return;
    };
    *shown = Some(focused);
    let Some(area) = parents.iter_ancestors(focused).find(|entity| areas.contains(*entity)) else {
        return;
    };
    if let (Ok((frame, middle)), Ok(mut scroll)) = (nodes.get(area), areas.get_mut(area)) {
        let half = (frame.size().y - node.size().y) / 2.0;
        let off = at.translation.y - middle.translation.y;
        let beyond = (off.abs() - half).max(0.0) * off.signum() * frame.inverse_scale_factor();
        if beyond != 0.0 {
            scroll.y += beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::{
        ecs::system::RunSystemOnce,
        input_focus::tab_navigation::{NavAction, TabNavigation},
    };
    use engine::api::{CallState, KnockId, RoomEvent, RoomKind};

    use super::*;
    use crate::{
        engine::mirror::{Compare, ShowInvitations},
        features::{
            about::AboutAction, accept::AcceptAction, chat::ChatAction, devices::DevicesAction, invite::InviteAction,
            network::NetworkAction, profile::ProfileAction, share::ShareAction,
        },
        pages::home::HomeAction,
        testing::bench::{Bench, member, room, safety},
        ui::{action::AnyAction, kit::Sheet, page::Page, power::Quit},
    };

    /// The controls that Tab stops at, all around, from where the focus is.
    fn walk(bench: &mut Bench) -> Vec<Entity> {
        let mut stops = Vec::new();
        loop {
            let step = |nav: TabNavigation, focus: Res<InputFocus>| nav.navigate(&focus, NavAction::Next).ok();
            let next = bench.app.world_mut().run_system_once(step).expect("it runs");
            let Some(next) = next.filter(|next| !stops.contains(next)) else {
                return stops;
            };
            bench.app.world_mut().resource_mut::<InputFocus>().set(next, FocusCause::Navigated);
            bench.run();
            stops.push(next);
        }
    }

    fn is_in_sight(world: &World, entity: Entity) -> bool {
        let shown = |entity| {
            let displayed = world.get::<Node>(entity).is_none_or(|node| node.display != Display::None);
            displayed && world.get::<Visibility>(entity) != Some(&Visibility::Hidden)
        };
        let mut at = Some(entity);
        while let Some(entity) = at {
            if !shown(entity) {
                return false;
            }
            at = world.get::<ChildOf>(entity).map(ChildOf::parent);
        }
        true
    }

    fn is_within<C: Component>(world: &World, entity: Entity) -> bool {
        let mut at = Some(entity);
        while let Some(entity) = at {
            if world.get::<C>(entity).is_some() {
                return true;
            }
            at = world.get::<ChildOf>(entity).map(ChildOf::parent);
        }
        false
    }

    fn all_in_sight(bench: &mut Bench, place: &str) -> usize {
        let stops = walk(bench);
        let covered = bench.count::<With<Veil>>() > 0;
        let world = bench.app.world();
        for stop in &stops {
            let what = world.get::<Does>(*stop).map(|does| does.0.clone());
            assert!(is_in_sight(world, *stop), "{what:?} is hidden in {place}");
            let reachable = is_within::<Veil>(world, *stop) || is_within::<OverSheets>(world, *stop);
            assert!(!covered || reachable, "{what:?} is under a sheet in {place}");
        }
        stops.len()
    }

    #[test]
    fn tab_stops_only_at_what_is_in_sight() {
        let mut bench = Bench::in_room();
        let closed = all_in_sight(&mut bench, "the room");
        bench.act(ChatAction::Toggle);
        let open = all_in_sight(&mut bench, "the room with its chat");
        assert_eq!(open, closed + 2, "the field and its button");
        bench.act(ChatAction::Toggle);
        assert_eq!(all_in_sight(&mut bench, "the room, the chat closed again"), closed);
        let opens: [AnyAction; 5] = [
            ShareAction::Toggle.into(),
            DevicesAction::Open.into(),
            ShowInvitations.into(),
            AboutAction::Open.into(),
            Quit::Asked.into(),
        ];
        for open in opens {
            bench.act(open.clone());
            bench.settle_screens();
            assert!(all_in_sight(&mut bench, &format!("{open:?}")) > 0);
            bench.act(Close);
        }
        for page in [Page::Profiles, Page::Start, Page::Lobby, Page::Ended] {
            let mut bench = Bench::new();
            bench.go(page);
            bench.rest();
            assert!(all_in_sight(&mut bench, &format!("{page:?}")) > 0);
        }
    }

    #[test]
    fn tab_stays_in_the_sheet_at_home_and_reaches_a_ring() {
        let mut bench = Bench::with_contact();
        bench.enter(room(2), "Club", RoomKind::Kept);
        bench.tell(room(2), RoomEvent::Knock { knock: KnockId(1), name: "Dora".into() });
        bench.tell(room(1), RoomEvent::Safety { member: member(1), safety: safety() });
        assert!(all_in_sight(&mut bench, "home") > 5);
        let opens: [AnyAction; 7] = [
            InviteAction::Someone.into(),
            AcceptAction::Open.into(),
            HomeAction::NewRoom.into(),
            AboutAction::Open.into(),
            Compare(room(1), member(1)).into(),
            ProfileAction::Open.into(),
            NetworkAction::Open.into(),
        ];
        for open in opens {
            bench.act(open.clone());
            assert_ne!(bench.sheet(), Sheet::default());
            assert!(all_in_sight(&mut bench, &format!("{open:?}")) > 1);
            bench.act(Close);
        }
        bench.act(AcceptAction::Open);
        bench.tell(room(1), RoomEvent::Call(CallState::Ringing { by: member(1), video: false }));
        // The ring and the sheet under it are one way round, from either.
        let stops = walk(&mut bench);
        let world = bench.app.world();
        let rings = |stop: &Entity| is_within::<OverSheets>(world, *stop);
        assert_eq!(stops.iter().filter(|stop| rings(stop)).count(), 2, "to answer and to decline");
        assert!(stops.iter().filter(|stop| is_within::<Veil>(world, **stop)).count() > 2);
        assert!(stops.iter().all(|stop| rings(stop) || is_within::<Veil>(world, *stop)));
        // Once it rings no more, the focus that was on it is in the sheet.
        let answer = stops.iter().copied().find(rings).expect("a button of the ring");
        bench.app.world_mut().resource_mut::<InputFocus>().set(answer, FocusCause::Navigated);
        bench.tell(room(1), RoomEvent::Call(CallState::None));
        let focus = bench.app.world().resource::<InputFocus>().get().expect("the sheet has the focus");
        assert!(is_within::<Veil>(bench.app.world(), focus));
    }

    #[test]
    fn no_sheet_opens_with_the_focus_on_what_sends_more() {
        let focused = |bench: &Bench| {
            let world = bench.app.world();
            let focus = world.resource::<InputFocus>().get().expect("a sheet has the focus");
            world.get::<Does>(focus).map(|does| does.0.clone())
        };
        let mut room_bench = Bench::in_room();
        let opens: [AnyAction; 4] =
            [ShareAction::Toggle.into(), DevicesAction::Open.into(), ShowInvitations.into(), AboutAction::Open.into()];
        for open in opens {
            room_bench.act(open.clone());
            room_bench.settle_screens();
            let on = focused(&room_bench);
            assert!(!on.as_ref().is_some_and(|on| on.sends_more_of_a_person()), "{open:?}: {on:?}");
            room_bench.act(Close);
        }
        let mut home = Bench::with_contact();
        let quiet: [AnyAction; 6] = [
            AboutAction::Open.into(),
            AcceptAction::Open.into(),
            InviteAction::Someone.into(),
            HomeAction::NewRoom.into(),
            ProfileAction::Open.into(),
            NetworkAction::Open.into(),
        ];
        for open in quiet {
            home.act(open.clone());
            let on = focused(&home);
            assert!(!on.as_ref().is_some_and(|on| on.sends_more_of_a_person()), "{open:?}: {on:?}");
            home.act(Close);
        }
    }
}
