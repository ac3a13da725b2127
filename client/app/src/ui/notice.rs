//! Short lines about what just happened or failed; each goes away by itself.

use bevy::{
    input::{keyboard::KeyboardInput, mouse::MouseButtonInput},
    prelude::*,
    window::CursorMoved,
};

use crate::ui::{
    kit::{Cut, Icon, Size, announced, icon, measure, radius, wrapping},
    power::{self, Alarm, Stirred},
    theme::{Edge, Ground, Token, Weight},
    words::Words,
};

/// A line to show.
#[derive(Message, Clone)]
pub struct Notice {
    words: String,
    trouble: bool,
    /// It tells of something that happened while the person was away, and stays until they are back.
    waits: bool,
}

impl Notice {
    pub fn news(words: String) -> Self {
        Self { words, trouble: false, waits: false }
    }

    pub fn trouble(words: String) -> Self {
        Self { words, trouble: true, waits: false }
    }

    /// For an event that the person may have missed: the notice stays until they are back.
    pub fn waiting(self) -> Self {
        Self { waits: true, ..self }
    }
}

#[derive(Component)]
struct Shown {
    /// Seconds of the window's clock; infinite while it waits for the person to be back.
    until: f64,
}

/// Where lines stand under each other.
#[derive(Component)]
struct Place;

const SECONDS: f64 = 6.0;
/// More than these at once push the oldest out.
const MOST: usize = 3;

pub fn plugin(app: &mut App) {
    app.add_message::<Notice>()
        .add_plugins(power::stirs::<Notice>)
        .add_systems(Startup, prepare)
        .add_systems(Update, (tell_of_cuts, show, hide).chain());
}

fn tell_of_cuts(mut cuts: MessageReader<Cut>, words: Res<Words>, mut notices: MessageWriter<Notice>) {
    for Cut(letters) in cuts.read() {
        notices.write(Notice::trouble(words.say_with("field-full", "count", letters.to_string())));
    }
}

fn prepare(mut commands: Commands) {
    commands.spawn((
        Place,
        Node {
            position_type: PositionType::Absolute,
            top: px(116),
            width: percent(100),
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            row_gap: px(8),
            ..default()
        },
        GlobalZIndex(140),
        Pickable::IGNORE,
    ));
}

fn show(
    mut commands: Commands,
    mut notices: MessageReader<Notice>,
    place: Single<Entity, With<Place>>,
    shown: Query<(Entity, &Shown)>,
    time: Res<Time<Real>>,
) {
    let new: Vec<_> = notices.read().collect();
    let mut old: Vec<_> = shown.iter().collect();
    old.sort_by(|(_, a), (_, b)| a.until.total_cmp(&b.until));
    let excess = (old.len() + new.len()).saturating_sub(MOST);
    for (entity, _) in old.into_iter().take(excess) {
        commands.entity(entity).despawn();
    }
    for notice in new.iter().rev().take(MOST).rev() {
        let until = if notice.waits { f64::INFINITY } else { time.elapsed_secs_f64() + SECONDS };
        let node = Node {
            max_width: px(480),
            padding: UiRect::axes(px(14), px(10)),
            column_gap: px(10),
            align_items: AlignItems::Center,
            border: UiRect::all(px(measure::LINE)),
            border_radius: BorderRadius::all(px(radius::FIELD)),
            ..default()
        };
        let line = (Shown { until }, announced(&notice.words), node, Ground(Token::Surface1), Edge(Token::Line));
        commands.entity(*place).with_children(|place| {
            place.spawn((line, Pickable::IGNORE)).with_children(|line| {
                if notice.trouble {
                    line.spawn(icon(Icon::Trouble, 16.0, Token::Accent));
                }
                line.spawn(wrapping(notice.words.clone(), Size::Body, Weight::Medium, Token::Text));
            });
        });
    }
}

fn hide(
    mut commands: Commands,
    mut shown: Query<(Entity, &mut Shown)>,
    time: Res<Time<Real>>,
    (mut keys, mut clicks, mut moves): (
        MessageReader<KeyboardInput>,
        MessageReader<MouseButtonInput>,
        MessageReader<CursorMoved>,
    ),
    mut alarm: ResMut<Alarm>,
    mut stirred: MessageWriter<Stirred>,
) {
    let somebody_is_there = keys.read().count() + clicks.read().count() + moves.read().count() > 0;
    let mut next: Option<f64> = None;
    for (entity, mut shown) in &mut shown {
        if somebody_is_there && shown.until.is_infinite() {
            shown.until = time.elapsed_secs_f64() + SECONDS;
        }
        if time.elapsed_secs_f64() >= shown.until {
            commands.entity(entity).despawn();
            stirred.write(Stirred);
        } else if shown.until.is_finite() {
            next = Some(next.map_or(shown.until, |next| next.min(shown.until)));
        }
    }
    alarm.set_if_neq(Alarm(next));
}
