//! The overlay with live figures.

use bevy::prelude::*;
use engine::{
    api::{Event, KeyState, Path},
    stats::{Decoder, Participant, Stats},
};

use crate::{
    engine::door::Happened,
    ui::{
        action::{Action, Actions},
        binding::{ALL, Binding, Press},
        kit::{Close, Size, column, figures, radius, text},
        power::Redraws,
        theme::{Ground, Token, Weight},
        words::{Words, shortened},
    },
};

/// Whether the overlay is open, and the newest figures.
#[derive(Resource, Default)]
struct Figures {
    open: bool,
    newest: Option<Stats>,
    /// Redraws and seconds when the newest figures came, and the rate between the last two.
    counted: (u64, f64),
    redraws_per_second: f64,
}

/// Shows the overlay or hides it.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToggleFigures;

impl Action for ToggleFigures {
    const KEYS: &'static [Binding<Self>] = &[Binding::plain(Press::F3, ALL, Self).over_sheets()];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

#[derive(Component)]
struct Overlay;

pub fn plugin(app: &mut App) {
    app.add_action::<ToggleFigures>().init_resource::<Figures>().add_systems(Update, (toggle, take, draw).chain());
}

fn toggle(mut toggled: MessageReader<ToggleFigures>, mut closed: MessageReader<Close>, mut state: ResMut<Figures>) {
    for ToggleFigures in toggled.read() {
        state.open = !state.open;
    }
    if closed.read().count() > 0 && state.open {
        state.open = false;
    }
}

fn take(
    mut happened: MessageReader<Happened>,
    mut state: ResMut<Figures>,
    redraws: Res<Redraws>,
    time: Res<Time<Real>>,
) {
    for event in happened.read() {
        match &event.0 {
            Event::Figures(stats) => {
                let (count, now) = (redraws.0, time.elapsed_secs_f64());
                let (before, then) = state.counted;
                state.redraws_per_second = (count - before) as f64 / (now - then).max(0.001);
                state.counted = (count, now);
                state.newest = Some(stats.clone());
            }
            Event::Ended(_) => state.newest = None,
            _ => {}
        }
    }
}

fn draw(
    mut commands: Commands,
    state: Res<Figures>,
    words: Res<Words>,
    redraws: Res<Redraws>,
    overlays: Query<Entity, With<Overlay>>,
) {
    if !state.is_changed() {
        return;
    }
    for overlay in &overlays {
        commands.entity(overlay).despawn();
    }
    if !state.open {
        return;
    }
    let node = Node {
        position_type: PositionType::Absolute,
        top: px(62),
        left: px(26),
        padding: UiRect::all(px(12)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        ..column(4.0)
    };
    commands.spawn((Overlay, node, Ground(Token::Plate), GlobalZIndex(40), Pickable::IGNORE)).with_children(
        |overlay| {
            for line in summary(&state, redraws.0, &words) {
                overlay.spawn(figures(line, Size::Small, Weight::Medium, Token::OnPlate));
            }
            if let Some(stats) = &state.newest {
                table(overlay, stats, &words);
            }
        },
    );
}

fn summary(state: &Figures, redraws: u64, words: &Words) -> Vec<String> {
    let mut lines = vec![format!("{} {:.1}/s ({redraws})", words.say("figures-redraws"), state.redraws_per_second)];
    if let Some(stats) = &state.newest {
        lines.push(format!("{} {}  ·  {}", words.say("figures-epoch"), stats.epoch, stats.cipher_suite));
        lines.push(format!(
            "{} {:.1} s  ·  {:.0} MB",
            words.say("figures-processor"),
            stats.cpu_seconds,
            stats.peak_rss_mb
        ));
        lines.push(words.say(match stats.decoder {
            Decoder::Sandboxed => "figures-decoder-sandboxed",
            Decoder::Partly => "figures-decoder-partly",
            Decoder::NotStarted => "figures-decoder-not-started",
            Decoder::NotSandboxed => "figures-decoder-not-sandboxed",
        }));
    }
    lines
}

/// How media comes, and who passes the picture on.
fn path(of: &Participant, words: &Words) -> String {
    let path = words.say(match of.path {
        Path::Direct => "figures-path-direct",
        Path::Link => "figures-path-link",
        Path::Forwarded => "figures-path-forwarded",
    });
    match &of.carried_by {
        None => path,
        Some(by) => format!("{path}  ·  {}", words.say_with("figures-by-way", "name", shortened(by, 16))),
    }
}

fn keys(of: &Participant, words: &Words) -> String {
    words.say(match of.keys {
        KeyState::Current => "figures-keys-current",
        KeyState::Behind => "figures-keys-behind",
        KeyState::Missing => "figures-keys-missing",
        KeyState::Forked => "figures-keys-forked",
    })
}

fn table(overlay: &mut ChildSpawnerCommands<'_>, stats: &Stats, words: &Words) {
    let heads = [
        "figures-who",
        "figures-path",
        "figures-keys",
        "figures-picture",
        "figures-picture-late",
        "figures-sound-late",
        "figures-concealed",
        "figures-received",
    ];
    let mut rows = vec![heads.map(|key| words.say(key))];
    rows.extend(stats.participants.iter().map(|one| {
        let (video, audio) = (&one.video, &one.audio);
        [
            shortened(&one.name, 16),
            path(one, words),
            keys(one, words),
            format!("{}×{} {:.0}/s", video.width, video.height, video.fps),
            format!("{:.0} / {:.0} ms", video.latency_ms.p50, video.latency_ms.p95),
            format!("{:.0} / {:.0} ms", audio.latency_ms.p50, audio.latency_ms.p95),
            format!("{:.1} %", audio.concealed_ratio * 100.0),
            format!("{:.1} MB", one.received_bytes as f64 / 1e6),
        ]
    }));
    overlay
        .spawn(Node {
            display: Display::Grid,
            grid_template_columns: RepeatedGridTrack::auto(heads.len() as u16),
            column_gap: px(16),
            row_gap: px(4),
            margin: UiRect::top(px(6)),
            ..default()
        })
        .with_children(|grid| {
            for (index, cells) in rows.into_iter().enumerate() {
                for cell in cells {
                    if index == 0 {
                        grid.spawn(text(cell, Size::Small, Weight::Medium, Token::AccentOnPlate));
                    } else {
                        grid.spawn(figures(cell, Size::Small, Weight::Regular, Token::OnPlate));
                    }
                }
            }
        });
}
