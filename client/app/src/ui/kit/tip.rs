//! Hints: the name and the key of a button that shows an icon alone, while the pointer or the focus is on it.

use bevy::{
    input_focus::{InputFocus, InputFocusVisible},
    picking::hover::Hovered,
    prelude::*,
    ui::UiSystems,
    window::PrimaryWindow,
};

use super::{Size, measure, radius, wrapping};
use crate::ui::{
    action::AnyAction,
    power::Stirred,
    theme::{Edge, Ground, Token, Weight},
};

/// What the hint of a button says. Every button without words has one.
#[derive(Component, Clone, PartialEq, Eq, Debug)]
pub struct Tip(String);

impl Tip {
    pub fn of(action: &AnyAction, label: &str) -> Self {
        Self(match action.key() {
            Some(key) => format!("{label} ({key})"),
            None => label.to_owned(),
        })
    }

    #[cfg(test)]
    pub fn words(&self) -> &str {
        &self.0
    }
}

/// The one hint that is shown. It hangs on no button, so that no list or sheet clips it.
#[derive(Component)]
struct Shown;

#[derive(Component)]
struct ShownWords;

/// Between a button and its hint, in logical pixels.
const GAP: f32 = 8.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, prepare).add_systems(PostUpdate, show.after(UiSystems::Layout));
}

fn prepare(mut commands: Commands) {
    let node = Node {
        display: Display::None,
        position_type: PositionType::Absolute,
        max_width: px(320),
        padding: UiRect::axes(px(10), px(6)),
        border: UiRect::all(px(measure::LINE)),
        border_radius: BorderRadius::all(px(radius::CHIP)),
        ..default()
    };
    commands
        .spawn((Shown, node, Ground(Token::Surface1), Edge(Token::Line), GlobalZIndex(200), Pickable::IGNORE))
        .with_child((ShownWords, wrapping(String::new(), Size::Small, Weight::Medium, Token::Text)));
}

/// Beside the button, on the side of it where the window has more room.
fn place(node: &mut Node, middle: Vec2, half: Vec2, window: Vec2) {
    (node.left, node.right, node.top, node.bottom) = (Val::Auto, Val::Auto, Val::Auto, Val::Auto);
    if middle.x > window.x / 2.0 {
        node.right = px((window.x - middle.x - half.x).max(0.0));
    } else {
        node.left = px((middle.x - half.x).max(0.0));
    }
    if middle.y > window.y / 2.0 {
        node.bottom = px(window.y - middle.y + half.y + GAP);
    } else {
        node.top = px(middle.y + half.y + GAP);
    }
}

fn show(
    focus: Res<InputFocus>,
    visible: Res<InputFocusVisible>,
    window: Option<Single<&Window, With<PrimaryWindow>>>,
    buttons: Query<(Entity, &Tip, &Hovered, &ComputedNode, &UiGlobalTransform)>,
    shown: Single<&mut Node, With<Shown>>,
    mut words: Single<&mut Text, With<ShownWords>>,
    mut stirred: MessageWriter<Stirred>,
) {
    let focused = |entity| visible.0 && focus.get() == Some(entity);
    let found = buttons
        .iter()
        .find(|(.., hovered, _, _)| hovered.get())
        .or_else(|| buttons.iter().find(|(entity, ..)| focused(*entity)));
    let mut shown = shown.into_inner();
    let mut wanted = shown.clone();
    match (found, window) {
        (Some((_, tip, _, node, at)), Some(window)) => {
            let scale = node.inverse_scale_factor();
            place(&mut wanted, at.translation * scale, node.size() * scale / 2.0, window.resolution.size());
            wanted.display = Display::Flex;
            if words.0 != tip.0 {
                words.0.clone_from(&tip.0);
            }
        }
        _ => wanted.display = Display::None,
    }
    if *shown != wanted {
        *shown = wanted;
        stirred.write(Stirred);
    }
}

#[cfg(test)]
mod tests {
    use bevy::input_focus::FocusCause;

    use super::*;
    use crate::{features::network::NetworkAction, testing::bench::Bench, ui::action::Does};

    #[test]
    fn tip_shows_while_the_focus_is_on_an_icon() {
        let mut bench = Bench::at_home();
        let world = bench.app.world_mut();
        let mut buttons = world.query::<(Entity, &Does)>();
        let network = buttons.iter(world).find(|(_, does)| does.0.is(NetworkAction::Open)).map(|(entity, _)| entity);
        world.resource_mut::<InputFocus>().set(network.expect("a button"), FocusCause::Navigated);
        world.resource_mut::<InputFocusVisible>().0 = true;
        bench.run();
        let is_shown = |bench: &mut Bench| {
            let world = bench.app.world_mut();
            world.query_filtered::<&Node, With<Shown>>().single(world).is_ok_and(|node| node.display == Display::Flex)
        };
        assert!(is_shown(&mut bench) && bench.says("Network (Ctrl+Shift+N)"));
        bench.app.world_mut().resource_mut::<InputFocus>().clear();
        bench.run();
        assert!(!is_shown(&mut bench));
    }

    #[test]
    fn tip_stays_in_the_window_beside_its_button() {
        let (window, half) = (Vec2::new(720.0, 480.0), Vec2::splat(18.0));
        let mut node = Node::default();
        place(&mut node, Vec2::new(20.0, 20.0), half, window);
        assert_eq!((node.left, node.right, node.top, node.bottom), (px(2), Val::Auto, px(46), Val::Auto));
        place(&mut node, Vec2::new(700.0, 460.0), half, window);
        assert_eq!((node.left, node.right, node.top, node.bottom), (Val::Auto, px(2), Val::Auto, px(46)));
    }
}
