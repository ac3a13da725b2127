//! Shows on each tile what is true of its person.

use bevy::{a11y::AccessibilityNode, ecs::query::QueryData, prelude::*, text::LineHeight};
use engine::api::{KeyState, ParticipantState, Presence, Reach, Verification};

use super::{Part, TileOf};
use crate::{
    engine::mirror::{Known, Me, Person, Standing, reason},
    ui::{
        initials::DIAMETER,
        kit::Icon,
        theme::{Edge, Ink, Token},
        words::{Words, isolated, shortened},
    },
};

/// The components of a part that may change.
#[derive(QueryData)]
#[query_data(mutable)]
pub struct Dressed {
    part: &'static Part,
    node: &'static mut Node,
    edge: Option<&'static mut Edge>,
    ink: Option<&'static mut Ink>,
    text: Option<&'static mut Text>,
    font: Option<(&'static mut TextFont, &'static mut LineHeight)>,
}

/// The key of the words for the first thing that is wrong with a member, the most basic first.
fn trouble(state: &ParticipantState, reach: Option<Reach>) -> Option<&'static str> {
    if state.presence == Presence::Reconnecting {
        return Some(reason(reach));
    }
    if !state.connected {
        return Some("tile-connecting");
    }
    match state.keys {
        KeyState::Current => state.camera_paused.then_some("tile-camera-paused"),
        KeyState::Behind => Some("tile-keys-behind"),
        KeyState::Missing => Some("tile-keys-missing"),
        KeyState::Forked => Some("tile-keys-forked"),
    }
}

pub fn dress(
    words: Res<Words>,
    standing: Res<Standing>,
    people: Query<(&Person, Ref<Known>, Has<Me>)>,
    mut tiles: Query<(Entity, Ref<TileOf>, Ref<ComputedNode>, &mut AccessibilityNode)>,
    children: Query<&Children>,
    mut parts: Query<Dressed>,
) {
    for (entity, tile, computed, mut access) in &mut tiles {
        let Ok((person, known, me)) = people.get(tile.0) else {
            continue;
        };
        if !(tile.is_added() || known.is_changed() || computed.is_changed() || standing.is_changed()) {
            continue;
        }
        let size = computed.size() * computed.inverse_scale_factor();
        let look = Look {
            name: if me { words.say("tile-you") } else { person.name.clone() },
            trouble: trouble(&known.0, standing.0).filter(|_| !me).map(|key| words.say(key)),
            broken: doubt(&known.0, &words),
            state: &known.0,
            size,
        };
        access.set_label(look.spoken(&words));
        for part in children.iter_descendants(entity) {
            if let Ok(part) = parts.get_mut(part) {
                look.put_on(part);
            }
        }
    }
}

struct Look<'a> {
    name: String,
    trouble: Option<String>,
    /// The words for a member who has the name of a verified one.
    broken: Option<String>,
    state: &'a ParticipantState,
    /// Of the tile, in logical pixels.
    size: Vec2,
}

/// The words for why a member may not be the person of that name.
fn doubt(state: &ParticipantState, words: &Words) -> Option<String> {
    match (state.verification, &state.verified_as) {
        (Verification::Not | Verification::Verified, _) => None,
        (Verification::Renamed | Verification::Broken, Some(before)) => {
            Some(words.say_with("verify-as", "name", shortened(before, 24)))
        }
        (Verification::Renamed, None) => Some(words.say("verify-renamed-short")),
        (Verification::Ambiguous, _) => Some(words.say("verify-ambiguous-short")),
        (Verification::Broken, None) => Some(words.say("verify-broken-short")),
    }
}

impl Look<'_> {
    fn put_on(&self, mut part: DressedItem<'_, '_>) {
        match part.part {
            Part::Ring => {
                let token = if self.state.speaking { Token::Accent } else { Token::Clear };
                if let Some(edge) = &mut part.edge {
                    edge.set_if_neq(Edge(token));
                }
            }
            Part::Initials => {
                let diameter = px(self.diameter());
                if part.node.width != diameter {
                    (part.node.width, part.node.height) = (diameter, diameter);
                }
            }
            Part::Letters => {
                let height = (self.diameter() * 0.375).round();
                if let Some((font, line)) = &mut part.font {
                    let size = FontSize::Px(height);
                    if font.font_size != size {
                        font.font_size = size;
                        line.set_if_neq(LineHeight::Px(height));
                    }
                }
            }
            Part::Mark => put_icon(&mut part, self.voice()),
            Part::Name => {
                let fits = ((self.size.x - 70.0) / 8.0).clamp(3.0, 40.0);
                write(&mut part, shortened(&self.name, fits as usize));
            }
            Part::Trust => put_icon(&mut part, self.trust()),
            Part::TrustWords => {
                show(&mut part.node, self.broken.is_some());
                if let Some(broken) = &self.broken {
                    write(&mut part, broken.clone());
                }
            }
            Part::State => show(&mut part.node, self.trouble.is_some()),
            Part::StateWords => {
                if let Some(trouble) = &self.trouble {
                    write(&mut part, trouble.clone());
                }
            }
        }
    }

    /// The icon of a muted microphone, or the mark of a speaker.
    fn voice(&self) -> Option<(Icon, Token)> {
        match (self.state.microphone_on, self.state.speaking) {
            (false, _) => Some((Icon::MicrophoneOff, Token::StopOnPlate)),
            (true, true) => Some((Icon::Speaks, Token::AccentOnPlate)),
            (true, false) => None,
        }
    }

    fn trust(&self) -> Option<(Icon, Token)> {
        match self.state.verification {
            Verification::Not => None,
            Verification::Verified => Some((Icon::Verified, Token::GoodOnPlate)),
            Verification::Renamed | Verification::Ambiguous | Verification::Broken => {
                Some((Icon::Trouble, Token::StopOnPlate))
            }
        }
    }

    fn diameter(&self) -> f32 {
        (self.size.y * 0.45).clamp(24.0, DIAMETER).round()
    }

    /// The tile in words, for those who hear it.
    fn spoken(&self, words: &Words) -> String {
        let microphone = (!self.state.microphone_on).then(|| words.say("tile-muted"));
        let camera = (!self.state.camera_on).then(|| words.say("tile-camera-off"));
        let speaking = self.state.speaking.then(|| words.say("tile-speaking"));
        let verified = self.state.verification == Verification::Verified;
        let verified = verified.then(|| words.say("about-verified"));
        let shares = self.state.screen_on.then(|| words.say("tile-sharing"));
        let facts = [self.broken.clone(), verified, self.trouble.clone(), speaking, microphone, camera, shares];
        let mut all = vec![isolated(&self.name)];
        all.extend(facts.into_iter().flatten());
        all.join(", ")
    }
}

fn put_icon(part: &mut DressedItem<'_, '_>, shown: Option<(Icon, Token)>) {
    show(&mut part.node, shown.is_some());
    if let Some((icon, token)) = shown {
        write(part, icon.letter().into());
        if let Some(ink) = &mut part.ink {
            ink.set_if_neq(Ink(token));
        }
    }
}

fn show(node: &mut Mut<'_, Node>, shown: bool) {
    let display = if shown { Display::Flex } else { Display::None };
    if node.display != display {
        node.display = display;
    }
}

fn write(part: &mut DressedItem<'_, '_>, words: String) {
    if let Some(text) = &mut part.text {
        text.set_if_neq(Text(words));
    }
}

#[cfg(test)]
mod tests {
    use engine::api::Help;

    use super::*;

    #[test]
    fn a_tile_says_what_is_not_well_and_nothing_else() {
        let well = ParticipantState { connected: true, keys: KeyState::Current, ..default() };
        assert_eq!(trouble(&well, None), None);
        let paused = ParticipantState { camera_on: true, camera_paused: true, ..well.clone() };
        assert_eq!(trouble(&paused, None), Some("tile-camera-paused"));
        let behind = ParticipantState { keys: KeyState::Behind, ..well.clone() };
        assert_eq!(trouble(&behind, None), Some("tile-keys-behind"));
        let missing = ParticipantState { keys: KeyState::Missing, ..well.clone() };
        assert_eq!(trouble(&missing, None), Some("tile-keys-missing"));
        let forked = ParticipantState { keys: KeyState::Forked, ..well };
        assert_eq!(trouble(&forked, None), Some("tile-keys-forked"));
        assert_eq!(trouble(&ParticipantState::default(), None), Some("tile-connecting"));
        let reconnecting = ParticipantState { presence: Presence::Reconnecting, ..default() };
        assert_eq!(trouble(&reconnecting, None), Some("link-reconnecting"));
        let offline = Reach { offline: true, dht: Help::Off, relay: Help::Off, lan: false, clock_in_doubt: false };
        assert_eq!(trouble(&reconnecting, Some(offline)), Some("link-offline"));
    }
}
