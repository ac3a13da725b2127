//! Letters and icons.

use bevy::{
    prelude::*,
    text::{FontFeatureTag, FontFeatures, FontSource, LineHeight},
};

use crate::ui::{
    embedded::{ICONS, TEXT},
    theme::{Ink, Token, Weight},
};

/// Size and line height, in logical pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Size {
    Small,
    Body,
    Title,
    Large,
    /// Of a given letter height, on a line as high.
    Of(f32),
}

impl Size {
    pub fn letter(self) -> f32 {
        match self {
            Size::Small => 12.0,
            Size::Body => 14.0,
            Size::Title => 20.0,
            Size::Large => 28.0,
            Size::Of(height) => height,
        }
    }

    pub fn line(self) -> f32 {
        match self {
            Size::Small => 16.0,
            Size::Body => 20.0,
            Size::Title => 28.0,
            Size::Large => 36.0,
            Size::Of(height) => height,
        }
    }
}

pub(super) fn font(size: Size, weight: Weight) -> (TextFont, LineHeight, Weight) {
    let font = TextFont {
        font: FontSource::Family(TEXT.into()),
        font_size: FontSize::Px(size.letter()),
        weight: weight.on(false),
        ..default()
    };
    (font, LineHeight::Px(size.line()), weight)
}

/// Text on one line.
pub fn text(words: impl Into<String>, size: Size, weight: Weight, ink: Token) -> impl Bundle {
    (Text::new(words), font(size, weight), TextLayout::no_wrap(), Ink(ink), Pickable::IGNORE)
}

/// Around a text on one line: it gives way by so much more than its neighbours in a row, and what does not fit is cut off.
pub fn giving_way(by: f32) -> Node {
    Node { min_width: px(0), flex_shrink: by, overflow: Overflow::clip(), ..default() }
}

/// Text on as many lines as it needs; words longer than a line are broken.
pub fn wrapping(words: impl Into<String>, size: Size, weight: Weight, ink: Token) -> impl Bundle {
    (
        Text::new(words),
        font(size, weight),
        TextLayout::linebreak(LineBreak::WordOrCharacter),
        Ink(ink),
        Pickable::IGNORE,
    )
}

/// Numbers that change, all as wide as each other.
pub fn figures(words: impl Into<String>, size: Size, weight: Weight, ink: Token) -> impl Bundle {
    let (font, line, weight) = font(size, weight);
    let font = TextFont { font_features: FontFeatures::from([FontFeatureTag::TABULAR_FIGURES]), ..font };
    (Text::new(words), (font, line, weight), TextLayout::no_wrap(), Ink(ink), Pickable::IGNORE)
}

/// A drawing of the icon font.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    Back,
    Bring,
    Call,
    CallMissed,
    Camera,
    CameraOff,
    Chat,
    Check,
    Copy,
    Door,
    Down,
    Grid,
    Invite,
    Key,
    Leave,
    Link,
    Lock,
    Microphone,
    MicrophoneOff,
    Monitor,
    More,
    Network,
    New,
    Offline,
    Picture,
    Profile,
    Remove,
    Revoke,
    Scan,
    Send,
    Shade,
    Share,
    ShareStop,
    Speaker,
    Speaks,
    Spotlight,
    Trouble,
    Verified,
    Waits,
    Window,
}

impl Icon {
    pub fn letter(self) -> char {
        match self {
            Icon::Back => '\u{e048}',
            Icon::Bring => '\u{e1a4}',
            Icon::Call => '\u{e133}',
            Icon::CallMissed => '\u{e137}',
            Icon::Camera => '\u{e1a5}',
            Icon::CameraOff => '\u{e1a6}',
            Icon::Chat => '\u{e117}',
            Icon::Check => '\u{e06c}',
            Icon::Copy => '\u{e09e}',
            Icon::Door => '\u{e3d5}',
            Icon::Down => '\u{e06d}',
            Icon::Grid => '\u{e0ff}',
            Icon::Invite => '\u{e1a2}',
            Icon::Key => '\u{e4a3}',
            Icon::Leave => '\u{e138}',
            Icon::Link => '\u{e102}',
            Icon::Lock => '\u{e10b}',
            Icon::Microphone => '\u{e118}',
            Icon::MicrophoneOff => '\u{e119}',
            Icon::Monitor => '\u{e11d}',
            Icon::More => '\u{e0b6}',
            Icon::Network => '\u{e0e8}',
            Icon::New => '\u{e13d}',
            Icon::Offline => '\u{e1af}',
            Icon::Picture => '\u{e0f6}',
            Icon::Profile => '\u{e461}',
            Icon::Remove => '\u{e1a1}',
            Icon::Revoke => '\u{e051}',
            Icon::Scan => '\u{e5f6}',
            Icon::Send => '\u{e4f2}',
            Icon::Shade => '\u{e2b2}',
            Icon::Share => '\u{e14f}',
            Icon::ShareStop => '\u{e150}',
            Icon::Speaker => '\u{e1ab}',
            Icon::Speaks => '\u{e55a}',
            Icon::Spotlight => '\u{e4d0}',
            Icon::Trouble => '\u{e193}',
            Icon::Verified => '\u{e1ff}',
            Icon::Waits => '\u{e296}',
            Icon::Window => '\u{e426}',
        }
    }
}

/// An icon of a size in logical pixels.
pub fn icon(icon: Icon, size: f32, ink: Token) -> impl Bundle {
    (
        icon,
        Text::new(icon.letter()),
        TextFont { font: FontSource::Family(ICONS.into()), font_size: FontSize::Px(size), ..default() },
        LineHeight::Px(size),
        TextLayout::no_wrap(),
        Ink(ink),
        Pickable::IGNORE,
    )
}
