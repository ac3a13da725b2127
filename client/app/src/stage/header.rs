//! The line above the tiles: the room, its people, its seal, the time.

use bevy::prelude::*;
use engine::api::{CallState, Verification};

use crate::{
    engine::{
        journey::JourneyAction,
        mirror::{InCall, Known, Me, OnStage, Person, Room, Seal, seal, verification},
    },
    stage::tile::{Arrangement, SwitchLayout},
    ui::{
        action::AnyAction,
        kit::{Button, Icon, IconButton, Kind, Size, chip_node, figures, giving_way, icon, measure, row, text},
        page::Page,
        theme::{Ground, Ink, Token, Weight},
        words::{Words, shortened},
    },
};

#[derive(Component, Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    People,
    SealIcon,
    SealWords,
    TrustIcon,
    TrustWords,
    Clock,
}

/// The words and the icon of the layout button.
#[derive(Component)]
struct LayoutButton;

/// The buttons at the end of the header, as parts of the window add them, with the keys of their words.
#[derive(Resource, Default)]
pub struct HeaderButtons(Vec<(AnyAction, Icon, &'static str)>);

impl HeaderButtons {
    pub fn add(&mut self, action: impl Into<AnyAction>, icon: Icon, label: &'static str) {
        self.0.push((action.into(), icon, label));
    }
}

pub fn plugin(app: &mut App) {
    app.init_resource::<HeaderButtons>()
        .add_systems(Update, (tell, tell_time, tell_layout).run_if(in_state(Page::Room)));
}

/// Fills the top of the room's page. `home`: there is one to go to while the call goes on.
pub fn spawn(parent: &mut ChildSpawnerCommands<'_>, words: &Words, home: bool, buttons: &HeaderButtons) {
    parent
        .spawn(Node { height: px(measure::HEADER), padding: UiRect::horizontal(px(16)), flex_shrink: 0.0, ..row(12.0) })
        .with_children(|header| {
            if home {
                let back = words.say("header-home");
                header.spawn(
                    IconButton::new(Kind::Clear, JourneyAction::GoBack, back, Icon::Back)
                        .with(|node| (node.margin, node.flex_shrink) = (UiRect::left(px(-8)), 0.0))
                        .bundle(),
                );
            } else {
                header.spawn(icon(Icon::Door, 16.0, Token::Accent));
            }
            // In a small window words give way, a warning last; what can be pressed stays.
            let title = text("", Size::Body, Weight::Semibold, Token::Text);
            header.spawn(giving_way(8.0)).with_child((Part::Title, title));
            let people = text("", Size::Body, Weight::Regular, Token::Muted);
            header.spawn(giving_way(16.0)).with_child((Part::People, people));
            let chip = Node { min_width: px(34), flex_shrink: 4.0, overflow: Overflow::clip(), ..chip_node() };
            header.spawn((chip, Ground(Token::Surface2))).with_children(|chip| {
                chip.spawn((Part::SealIcon, icon(Icon::Lock, 14.0, Token::Muted)));
                chip.spawn((Part::SealWords, text("", Size::Small, Weight::Medium, Token::Muted)));
            });
            header.spawn((Part::TrustIcon, icon(Icon::Verified, 14.0, Token::Good)));
            let trust = text("", Size::Small, Weight::Medium, Token::Good);
            header.spawn(giving_way(1.0)).with_child((Part::TrustWords, trust));
            header.spawn(Node { flex_grow: 1.0, ..default() });
            let steady = Node { flex_shrink: 0.0, ..default() };
            header.spawn((Part::Clock, figures("", Size::Body, Weight::Regular, Token::Muted), steady));
            header.spawn((
                LayoutButton,
                Button::new(Kind::Listed, SwitchLayout, words.say("layout-grid"))
                    .icon(Icon::Grid)
                    .size(28.0, 10.0)
                    .with(|node| node.flex_shrink = 0.0)
                    .bundle(),
            ));
            for (action, icon, label) in &buttons.0 {
                let label = words.say(label);
                header.spawn(
                    IconButton::new(Kind::Listed, action.clone(), label, *icon)
                        .with(|node| node.flex_shrink = 0.0)
                        .bundle(),
                );
            }
        });
}

fn tell(
    words: Res<Words>,
    room: Option<Single<&Room, With<InCall>>>,
    people: Query<(&Known, Has<Me>), (With<Person>, With<OnStage>)>,
    mut parts: Query<(&Part, &mut Text, &mut Ink)>,
) {
    let Some(room) = room else {
        return;
    };
    let others = || people.iter().filter(|(_, me)| !me).map(|(known, _)| &known.0);
    let trust = match verification(others().map(|state| state.verification)) {
        Verification::Not => None,
        Verification::Verified => Some((Icon::Verified, "verify-everybody", Token::Good)),
        Verification::Renamed => Some((Icon::Trouble, "verify-renamed-short", Token::Stop)),
        Verification::Ambiguous => Some((Icon::Trouble, "verify-ambiguous-short", Token::Stop)),
        Verification::Broken => Some((Icon::Trouble, "verify-broken-short", Token::Stop)),
    };
    let others = others().map(|state| state.keys);
    let (icon, key, token, count) = match seal(room.post_quantum, others) {
        _ if room.call == CallState::Calling => (Icon::Call, "header-calling", Token::Accent, 0),
        Seal::Sealed { post_quantum: true } => (Icon::Lock, "seal-post-quantum", Token::Good, 0),
        Seal::Sealed { post_quantum: false } => (Icon::Lock, "seal-classic", Token::Good, 0),
        Seal::Waiting(count) => (Icon::Key, "seal-waiting", Token::Accent, count),
        Seal::Alone => (Icon::Lock, "seal-alone", Token::Muted, 0),
    };
    for (part, mut text, mut ink) in &mut parts {
        let said = match part {
            Part::Title => shortened(&room.title, 40),
            Part::People => words.say_with("header-people", "count", people.iter().count()),
            Part::SealIcon => icon.letter().into(),
            Part::SealWords => words.say_with(key, "count", count),
            Part::TrustIcon => trust.map(|(icon, ..)| icon.letter().into()).unwrap_or_default(),
            Part::TrustWords => trust.map(|(_, key, _)| words.say(key)).unwrap_or_default(),
            Part::Clock => continue,
        };
        text.set_if_neq(Text(said));
        match (part, trust) {
            (Part::SealIcon | Part::SealWords, _) => drop(ink.set_if_neq(Ink(token))),
            (Part::TrustIcon | Part::TrustWords, Some((.., token))) => drop(ink.set_if_neq(Ink(token))),
            _ => {}
        }
    }
}

fn tell_time(room: Option<Single<&Room, With<InCall>>>, time: Res<Time<Real>>, mut parts: Query<(&Part, &mut Text)>) {
    let Some(room) = room else {
        return;
    };
    for (part, mut text) in &mut parts {
        if *part == Part::Clock {
            // A call that nobody has taken yet has no duration.
            let counts = room.call != CallState::Calling;
            let said = if counts { clock(time.elapsed_secs_f64() - room.since) } else { String::new() };
            text.set_if_neq(Text(said));
        }
    }
}

/// Minutes and seconds, hours before them where there are any.
fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn tell_layout(
    arrangement: Res<Arrangement>,
    words: Res<Words>,
    buttons: Query<(Ref<LayoutButton>, &Children)>,
    mut texts: Query<(&mut Text, Has<Icon>)>,
) {
    for (button, children) in &buttons {
        if !(arrangement.is_changed() || button.is_added()) {
            continue;
        }
        let (key, icon) = match *arrangement {
            Arrangement::Grid => ("layout-grid", Icon::Grid),
            Arrangement::Speaker => ("layout-speaker", Icon::Spotlight),
        };
        for child in children {
            if let Ok((mut text, is_icon)) = texts.get_mut(*child) {
                let said = if is_icon { icon.letter().into() } else { words.say(key) };
                text.set_if_neq(Text(said));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_hours_only_when_there_are_any() {
        assert_eq!(clock(187.9), "03:07");
        assert_eq!(clock(3661.0), "1:01:01");
    }
}
