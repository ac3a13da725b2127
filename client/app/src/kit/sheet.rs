//! Sheets: panels over the screen, one at a time. Each is drawn from a value that says all it shows, and anew only when
//! that value changes.

use accesskit::Role;
use bevy::{
    a11y::AccessibilityNode,
    input_focus::{
        FocusCause, InputFocus,
        tab_navigation::{TabGroup, TabIndex},
    },
    prelude::*,
    ui_widgets::ScrollArea,
};
use engine::api::{MemberId, RoomId};

use super::{Form, Size, Weight, column, panel, text, wrapping};
use crate::{
    action::{Act, Action},
    screen::Screen,
    theme::{Ground, Token},
};

/// Which sheet is open.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sheet {
    #[default]
    None,
    /// To found a room.
    NewRoom,
    /// The invitation to a room, or to a contact to be where there is no room yet.
    Invite(Option<RoomId>),
    Accept,
    /// Of the contact or room that is shown.
    About(RoomId),
    /// What to compare with a member.
    Verify(RoomId, MemberId),
    Profile,
    Network,
    /// What to share of the screen.
    Share,
    /// Camera, microphone and speaker.
    Devices,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Sheet>()
        .add_systems(Update, (close, enter))
        .add_systems(PostUpdate, forget.before(super::Filled))
        .add_systems(OnExit(Screen::Home), shut)
        .add_systems(OnExit(Screen::Room), shut)
        .add_systems(OnExit(Screen::Profiles), shut);
}

/// What is behind a sheet, and holds it.
#[derive(Component)]
struct Veil;

/// A sheet that opens takes the focus: to the first thing in it.
fn enter(
    veils: Query<Entity, Added<Veil>>,
    children: Query<&Children>,
    controls: Query<(), With<TabIndex>>,
    mut focus: ResMut<InputFocus>,
) {
    for veil in &veils {
        let inside: Vec<Entity> = children.iter_descendants_depth_first(veil).collect();
        if focus.get().is_some_and(|focused| inside.contains(&focused)) {
            continue;
        }
        if let Some(first) = inside.into_iter().find(|entity| controls.contains(*entity)) {
            focus.set(first, FocusCause::Navigated);
        }
    }
}

fn close(mut acts: MessageReader<Act>, mut open: ResMut<Sheet>) {
    if acts.read().any(|act| act.0 == Action::Close) && *open != Sheet::None {
        *open = Sheet::None;
    }
}

fn shut(mut open: ResMut<Sheet>) {
    open.set_if_neq(Sheet::None);
}

fn forget(open: Res<Sheet>, mut form: ResMut<Form>, mut last: Local<Sheet>) {
    if *open == Sheet::None && *last != Sheet::None {
        form.clear();
    }
    *last = *open;
}

/// Draws what `new` says in place of what `last` said, where the two differ.
pub fn redraw<M: Component, V: PartialEq>(
    commands: &mut Commands<'_, '_>,
    last: &mut Option<V>,
    new: Option<V>,
    old: &Query<Entity, With<M>>,
    draw: impl FnOnce(&mut Commands<'_, '_>, &V),
) {
    if *last == new {
        return;
    }
    for entity in old {
        commands.entity(entity).despawn();
    }
    if let Some(new) = &new {
        draw(commands, new);
    }
    *last = new;
}

/// Spawns a sheet of a width in logical pixels; it scrolls where the window is lower than it.
pub fn sheet<M: Component>(
    commands: &mut Commands<'_, '_>,
    marker: M,
    title: String,
    width: f32,
    fill: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) {
    let mut heard = accesskit::Node::new(Role::Dialog);
    heard.set_label(title.clone());
    let veil = (
        marker,
        Veil,
        TabGroup::modal(),
        AccessibilityNode(heard),
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            height: percent(100),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            padding: UiRect::all(px(16)),
            ..default()
        },
        Ground(Token::Veil),
        GlobalZIndex(100),
    );
    commands.spawn(veil).with_children(|veil| {
        let node = Node {
            width: px(width),
            max_width: percent(100),
            max_height: percent(100),
            padding: UiRect::all(px(24)),
            overflow: Overflow::scroll_y(),
            ..column(12.0)
        };
        veil.spawn((panel(node), ScrollArea)).with_children(|inside| {
            inside.spawn(wrapping(title, Size::Title, Weight::Semibold, Token::Text));
            fill(inside);
        });
    });
}

/// The heading of a part of a sheet.
pub fn heading(words: String) -> impl Bundle {
    (
        Node { margin: UiRect::top(px(4)), flex_shrink: 0.0, ..default() },
        children![text(words, Size::Body, Weight::Semibold, Token::Text)],
    )
}

/// A sentence that explains.
pub fn hint(words: String) -> impl Bundle {
    (
        Node { width: percent(100), flex_shrink: 0.0, ..default() },
        children![wrapping(words, Size::Body, Weight::Regular, Token::Muted)],
    )
}

/// A button at the foot of a sheet.
pub struct Foot {
    pub action: Action,
    pub label: String,
    pub ground: Token,
    pub ink: Token,
}

impl Foot {
    /// The one main action.
    pub fn main(action: Action, label: String) -> Self {
        Self { action, label, ground: Token::Accent, ink: Token::OnAccent }
    }

    pub fn plain(action: Action, label: String) -> Self {
        Self { action, label, ground: Token::Surface3, ink: Token::Text }
    }

    /// What cannot be taken back.
    pub fn stop(action: Action, label: String) -> Self {
        Self { action, label, ground: Token::StopGround, ink: Token::Text }
    }
}

/// Buttons side by side, at the right end of a sheet.
pub fn foot(parent: &mut ChildSpawnerCommands<'_>, buttons: impl IntoIterator<Item = Foot>) {
    let row = Node {
        width: percent(100),
        justify_content: JustifyContent::FlexEnd,
        flex_wrap: FlexWrap::Wrap,
        column_gap: px(12),
        row_gap: px(8),
        margin: UiRect::top(px(6)),
        flex_shrink: 0.0,
        ..default()
    };
    parent.spawn(row).with_children(|foot| {
        for button in buttons {
            let node = Node { height: px(40), padding: UiRect::horizontal(px(16)), ..default() };
            foot.spawn(super::button(button.action, button.label, None, node, button.ground, button.ink));
        }
    });
}
