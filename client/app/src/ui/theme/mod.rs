//! Colours and sizes: one theme, dark and light.

mod plugin;

use bevy::prelude::*;
use clap::ValueEnum;
pub use plugin::plugin;

use crate::ui::{
    action::Action,
    binding::{ALL, Binding},
};

/// The purpose of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// The window.
    Background,
    /// Panels.
    Surface1,
    /// Fields and tiles.
    Surface2,
    /// Buttons.
    Surface3,
    /// One-pixel lines.
    Line,
    Text,
    Muted,
    /// The one main action, who speaks.
    Accent,
    /// The ground of own messages and of what is switched on.
    AccentGround,
    /// Text on the accent.
    OnAccent,
    /// Sealed, verified.
    Good,
    /// Leave, muted.
    Stop,
    StopGround,
    /// Text on the stop colour.
    OnStop,
    /// Under names on pictures: the same in both shades, because pictures are.
    Plate,
    OnPlate,
    /// Muted, on a plate.
    StopOnPlate,
    /// Who speaks, on a plate.
    AccentOnPlate,
    /// Verified, on a plate.
    GoodOnPlate,
    /// Over everything behind a dialog.
    Veil,
    Paper,
    /// Ink on paper and on the coloured grounds of initials.
    OnPaper,
    /// Nothing.
    Clear,
}

/// Dark or light.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Shade {
    Dark,
    Light,
}

/// The shade in use.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Theme(pub Shade);

impl Theme {
    pub fn color(self, token: Token) -> Color {
        // Grounds are blended as light, where 93 % of dark looks like 72 % would in a drawing program.
        let (dark, light) = match token {
            Token::Background => (0x0e1116, 0xf6f5f2),
            Token::Surface1 => (0x161a21, 0xffffff),
            Token::Surface2 => (0x1e232c, 0xefede8),
            Token::Surface3 => (0x2a303b, 0xe2dfd8),
            Token::Line => (0x2b313c, 0xdedad2),
            Token::Text => (0xe9ecf1, 0x1d2026),
            Token::Muted => (0x97a1b0, 0x5d6779),
            Token::Accent => (0xf0b35a, 0x9a5a0a),
            Token::AccentGround => (0x3a2e1a, 0xf8ead3),
            Token::OnAccent => (0x1a1408, 0xffffff),
            Token::Good => (0x53c48a, 0x167046),
            Token::Stop => (0xe5604f, 0xc4412f),
            Token::StopGround => (0x4a2320, 0xf6d9d4),
            Token::OnStop => (0x1c0b08, 0xffffff),
            Token::OnPlate => (0xe9ecf1, 0xe9ecf1),
            Token::StopOnPlate => (0xf08a7c, 0xf08a7c),
            Token::AccentOnPlate => (0xf0b35a, 0xf0b35a),
            Token::GoodOnPlate => (0x53c48a, 0x53c48a),
            Token::Paper => (0xffffff, 0xffffff),
            Token::OnPaper => (0x16130c, 0x16130c),
            Token::Plate => return Color::srgb_u8(14, 17, 22).with_alpha(0.93),
            Token::Veil => return Color::BLACK.with_alpha(0.8),
            Token::Clear => return Color::NONE,
        };
        hex(match self.0 {
            Shade::Dark => dark,
            Shade::Light => light,
        })
    }
}

/// How heavy letters look, on any ground.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    Regular,
    Medium,
    Semibold,
}

impl Weight {
    /// The weight to set. Edges are blended as light, which thins dark letters; one step heavier evens that out.
    pub fn on(self, dark_letters: bool) -> FontWeight {
        match (self, dark_letters) {
            (Weight::Regular, false) => FontWeight::NORMAL,
            (Weight::Regular, true) | (Weight::Medium, false) => FontWeight::MEDIUM,
            (Weight::Medium, true) | (Weight::Semibold, false) => FontWeight::SEMIBOLD,
            (Weight::Semibold, true) => FontWeight::BOLD,
        }
    }
}

/// A colour from its three bytes.
pub fn hex(rgb: u32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color::srgb_u8(r, g, b)
}

/// From dark to light, or back.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwitchTheme;

impl Action for SwitchTheme {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('t', ALL, SwitchTheme).over_sheets()];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// The token that a node's ground is painted with.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
#[require(BackgroundColor)]
pub struct Ground(pub Token);

/// The token that a text is written with.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
#[require(TextColor)]
pub struct Ink(pub Token);

/// The token that a node's border is drawn with.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
#[require(BorderColor)]
pub struct Edge(pub Token);

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(a: Color, b: Color) -> f32 {
        let (a, b) = (a.to_linear(), b.to_linear());
        let light = |c: LinearRgba| 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue;
        let (high, low) = (light(a).max(light(b)), light(a).min(light(b)));
        (high + 0.05) / (low + 0.05)
    }

    #[test]
    fn every_text_has_enough_contrast_on_its_grounds() {
        let pairs = [
            (Token::Text, Token::Background),
            (Token::Text, Token::Surface1),
            (Token::Text, Token::Surface2),
            (Token::Text, Token::Surface3),
            (Token::Text, Token::AccentGround),
            (Token::Muted, Token::Background),
            (Token::Muted, Token::Surface1),
            (Token::Muted, Token::Surface2),
            (Token::Muted, Token::AccentGround),
            (Token::Accent, Token::AccentGround),
            (Token::Text, Token::StopGround),
            (Token::Good, Token::Surface1),
            (Token::Stop, Token::Surface1),
            (Token::Stop, Token::Background),
            (Token::Good, Token::Surface2),
            (Token::OnAccent, Token::Accent),
            (Token::OnStop, Token::Stop),
            (Token::OnPaper, Token::Paper),
        ];
        for shade in [Shade::Dark, Shade::Light] {
            for (ink, ground) in pairs {
                let theme = Theme(shade);
                let ratio = contrast(theme.color(ink), theme.color(ground));
                assert!(ratio >= 4.5, "{ink:?} on {ground:?} in {shade:?}: {ratio}");
            }
        }
    }
}
