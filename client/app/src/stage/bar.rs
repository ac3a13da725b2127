//! The bar under the tiles. Each part of the window adds its buttons to it, and says how they look.

use bevy::{a11y::AccessibilityNode, prelude::*};

use crate::{
    engine::{
        journey::JourneyAction,
        mirror::{Own, OwnAction, ShowInvitations},
    },
    stage::tile::SwitchLayout,
    ui::{
        action::{Action, AnyAction, Does},
        kit::{Icon, IconButton, Kind, Size, Tip, badge_node, radius, text},
        page::Page,
        theme::{Ground, Ink, Token, Weight},
        words::Words,
    },
};

/// How a button of the bar looks, and the key of the words for what pressing it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    icon: Icon,
    ground: Token,
    ink: Token,
    label: &'static str,
}

impl Look {
    pub const fn plain(icon: Icon, label: &'static str) -> Self {
        Self { icon, ground: Token::Surface3, ink: Token::Text, label }
    }

    /// Something that is switched on for a while.
    pub const fn on(icon: Icon, label: &'static str) -> Self {
        Self { icon, ground: Token::AccentGround, ink: Token::Accent, label }
    }

    /// Something that the others cannot see or hear now.
    pub const fn off(icon: Icon, label: &'static str) -> Self {
        Self { icon, ground: Token::StopGround, ink: Token::Stop, label }
    }
}

/// A button of the bar.
pub struct BarButton {
    /// From left to right.
    rank: u8,
    action: AnyAction,
    look: Look,
    width: f32,
    /// The number on it, where it has one.
    count: Option<u32>,
}

impl BarButton {
    pub fn new(rank: u8, action: impl Into<AnyAction>, look: Look) -> Self {
        Self { rank, action: action.into(), look, width: 52.0, count: None }
    }

    /// With a number on it.
    pub fn counting(self) -> Self {
        Self { count: Some(0), ..self }
    }
}

/// The buttons of the bar.
#[derive(Resource, Default)]
pub struct Bar(Vec<BarButton>);

impl Bar {
    pub fn add(&mut self, button: BarButton) {
        self.0.push(button);
        self.0.sort_by_key(|button| button.rank);
    }

    fn find<A: Action>(&self, action: A) -> Option<usize> {
        self.0.iter().position(|button| button.action.is(action))
    }

    /// Changes how a button looks.
    pub fn look<A: Action>(bar: &mut ResMut<'_, Self>, action: A, look: Look) {
        if let Some(at) = bar.find(action).filter(|at| bar.0[*at].look != look) {
            bar.0[at].look = look;
        }
    }

    /// Changes the number on a button.
    pub fn count<A: Action>(bar: &mut ResMut<'_, Self>, action: A, count: u32) {
        if let Some(at) = bar.find(action).filter(|at| bar.0[*at].count != Some(count)) {
            bar.0[at].count = Some(count);
        }
    }

    /// Spawns the button of an action, which has one.
    pub fn spawn<A: Action>(&self, parent: &mut ChildSpawnerCommands<'_>, action: A, words: &Words) {
        if let Some(at) = self.find(action) {
            spawn_button(parent, &self.0[at], words);
        }
    }

    /// Fills the bottom of the room's page.
    pub fn spawn_all(&self, parent: &mut ChildSpawnerCommands<'_>, words: &Words) {
        let node = Node {
            height: px(76),
            flex_shrink: 0.0,
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            column_gap: px(12),
            ..default()
        };
        parent.spawn(node).with_children(|bar| {
            for button in &self.0 {
                spawn_button(bar, button, words);
            }
        });
    }
}

/// A button whose look follows the bar.
#[derive(Component)]
struct Switch;

/// The number on a button.
#[derive(Component)]
struct Badge;

#[derive(Component)]
struct BadgeNumber;

pub fn plugin(app: &mut App) {
    let mut bar = Bar::default();
    bar.add(BarButton::new(0, OwnAction::Microphone, Look::plain(Icon::Microphone, "bar-microphone")));
    bar.add(BarButton::new(1, OwnAction::Camera, Look::plain(Icon::Camera, "bar-camera")));
    bar.add(BarButton::new(5, ShowInvitations, Look::plain(Icon::Invite, "bar-invite")));
    bar.add(BarButton::new(6, SwitchLayout, Look::plain(Icon::Grid, "bar-layout")));
    let look = Look { icon: Icon::Leave, ground: Token::Stop, ink: Token::OnStop, label: "bar-leave" };
    bar.add(BarButton { width: 76.0, ..BarButton::new(7, JourneyAction::Leave, look) });
    app.insert_resource(bar).add_systems(Update, (follow_own, turn, count).chain());
}

fn spawn_button(parent: &mut ChildSpawnerCommands<'_>, button: &BarButton, words: &Words) {
    let Look { icon, ground, ink, label } = button.look;
    let width = button.width;
    let shown = IconButton::new(Kind::Plain, button.action.clone(), words.say(label), icon).ground(ground).ink(ink);
    let shown = shown.with(|node| {
        (node.width, node.height) = (px(width), px(52));
        node.border_radius = BorderRadius::all(px(radius::BAR));
    });
    let mut spawned = parent.spawn((Switch, shown.bundle()));
    if button.count.is_some() {
        spawned.with_children(badge);
    }
}

fn badge(button: &mut ChildSpawnerCommands<'_>) {
    let node = Node {
        display: Display::None,
        position_type: PositionType::Absolute,
        top: px(-4),
        right: px(-4),
        ..badge_node()
    };
    button
        .spawn((Badge, node, Ground(Token::Accent), Pickable::IGNORE))
        .with_child((BadgeNumber, text("", Size::Small, Weight::Semibold, Token::OnAccent)));
}

/// The own camera and microphone look like what they are.
fn follow_own(page: Res<State<Page>>, own: Res<Own>, mut bar: ResMut<Bar>) {
    let microphone = match (own.microphone_on, page.get()) {
        (true, _) => Look::plain(Icon::Microphone, "bar-microphone-mute"),
        (false, Page::Room) => Look::off(Icon::MicrophoneOff, "bar-microphone-talk"),
        (false, _) => Look::off(Icon::MicrophoneOff, "bar-microphone"),
    };
    let camera = match (own.camera_lost, own.camera_on) {
        (true, _) => Look::off(Icon::Trouble, "bar-camera-lost"),
        (false, true) => Look::plain(Icon::Camera, "bar-camera-off"),
        (false, false) => Look::off(Icon::CameraOff, "bar-camera"),
    };
    Bar::look(&mut bar, OwnAction::Microphone, microphone);
    Bar::look(&mut bar, OwnAction::Camera, camera);
}

fn turn(
    bar: Res<Bar>,
    words: Res<Words>,
    mut switches: Query<(Ref<Switch>, &Does, &Children, &mut Ground, &mut AccessibilityNode, &mut Tip)>,
    mut icons: Query<(&mut Text, &mut Ink), With<Icon>>,
) {
    for (switch, does, children, mut ground, mut access, mut tip) in &mut switches {
        if !(bar.is_changed() || switch.is_added()) {
            continue;
        }
        let Some(button) = bar.0.iter().find(|button| button.action == does.0) else {
            continue;
        };
        ground.set_if_neq(Ground(button.look.ground));
        let label = words.say(button.look.label);
        if access.label() != Some(label.as_str()) {
            access.set_label(label.clone());
        }
        tip.set_if_neq(Tip::of(&does.0, &label));
        for child in children {
            if let Ok((mut text, mut color)) = icons.get_mut(*child) {
                text.set_if_neq(Text(button.look.icon.letter().into()));
                color.set_if_neq(Ink(button.look.ink));
            }
        }
    }
}

fn count(
    bar: Res<Bar>,
    switches: Query<&Does, With<Switch>>,
    mut badges: Query<(&ChildOf, &Children, &mut Node), With<Badge>>,
    mut numbers: Query<&mut Text, With<BadgeNumber>>,
) {
    for (on, children, mut node) in &mut badges {
        let does = switches.get(on.parent()).ok();
        let button = does.and_then(|does| bar.0.iter().find(|button| button.action == does.0));
        let count = button.and_then(|button| button.count).unwrap_or_default();
        let display = if count > 0 { Display::Flex } else { Display::None };
        if node.display != display {
            node.display = display;
        }
        for child in children {
            if let Ok(mut number) = numbers.get_mut(*child) {
                let said = if count > 99 { "99+".into() } else { count.to_string() };
                number.set_if_neq(Text(said));
            }
        }
    }
}
