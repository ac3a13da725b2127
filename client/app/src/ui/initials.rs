//! Initials on a colour that stays with a name.

use bevy::prelude::*;

use crate::ui::{
    kit::{Size, text},
    theme::{Token, Weight, hex},
};

/// The circle in place of a picture.
#[derive(Component)]
pub struct Initials;

/// Soft enough for dark letters on all of them.
const COLORS: [u32; 7] = [0xf0b35a, 0xc8a6f0, 0x7fd1ae, 0x8fb8ea, 0xf0a6b4, 0xb8d48a, 0x8fd3e0];

/// Diameter in logical pixels where there is room for it.
pub const DIAMETER: f32 = 96.0;

impl Initials {
    pub fn of(name: &str) -> impl Bundle + use<> {
        (
            Initials,
            Node {
                position_type: PositionType::Absolute,
                width: px(DIAMETER),
                height: px(DIAMETER),
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                border_radius: BorderRadius::all(percent(50)),
                ..default()
            },
            BackgroundColor(hex(color(name))),
            Pickable::IGNORE,
        )
    }

    /// A circle of a diameter in logical pixels that stands in its row.
    pub fn small(name: &str, diameter: f32) -> impl Bundle + use<> {
        (
            Node {
                width: px(diameter),
                height: px(diameter),
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                border_radius: BorderRadius::all(percent(50)),
                flex_shrink: 0.0,
                ..default()
            },
            BackgroundColor(hex(color(name))),
            Pickable::IGNORE,
        )
    }

    /// The letters in a small circle.
    pub fn letters(name: &str, diameter: f32) -> impl Bundle + use<> {
        text(letters(name), Size::Of((diameter * 0.375).round()), Weight::Semibold, Token::OnPaper)
    }

    pub fn text(name: &str) -> impl Bundle + use<> {
        text(letters(name), Size::Of(DIAMETER * 0.375), Weight::Semibold, Token::OnPaper)
    }
}

/// The first letters of the first and the last word.
fn letters(name: &str) -> String {
    let first = |word: &str| word.chars().find(|c| c.is_alphanumeric());
    let mut words = name.split_whitespace().filter_map(first);
    let (one, other) = (words.next(), words.next_back());
    one.into_iter().chain(other).flat_map(char::to_uppercase).collect()
}

/// FNV-1a: the same on every machine and in every version.
fn color(name: &str) -> u32 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    COLORS[hash as usize % COLORS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(letters("Bea"), "B");
        assert_eq!(letters("Dr. Mbaye"), "DM");
        assert_eq!(letters("élodie de la tour"), "ÉT");
        assert_eq!(letters("山田"), "山");
        assert_eq!(letters("🙂"), "");
    }
}
