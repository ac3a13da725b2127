//! Paints what carries a token, and repaints when the shade changes.

use bevy::{picking::hover::Hovered, prelude::*, text::TextCursorStyle, ui::UiSystems};

use super::{Edge, Ground, Ink, Shade, SwitchTheme, Theme, Token, Weight};
use crate::ui::action::Actions;

pub fn plugin(app: &mut App) {
    app.add_action::<SwitchTheme>().add_systems(Update, switch);
    app.add_systems(
        PostUpdate,
        (paint_grounds, paint_inks, paint_edges, paint_cursors, paint_window).before(UiSystems::Prepare),
    );
}

fn switch(mut acts: MessageReader<SwitchTheme>, mut theme: ResMut<Theme>) {
    for SwitchTheme in acts.read() {
        theme.0 = match theme.0 {
            Shade::Dark => Shade::Light,
            Shade::Light => Shade::Dark,
        };
    }
}

fn paint_window(theme: Res<Theme>, mut clear: ResMut<ClearColor>) {
    if theme.is_changed() {
        clear.0 = theme.color(Token::Background);
    }
}

/// The ground under the pointer is a little nearer to the text colour.
const HOVER: f32 = 0.08;

fn paint_grounds(theme: Res<Theme>, mut grounds: Query<(Ref<Ground>, Option<Ref<Hovered>>, &mut BackgroundColor)>) {
    for (ground, hovered, mut color) in &mut grounds {
        if !(theme.is_changed() || ground.is_changed() || hovered.as_ref().is_some_and(|h| h.is_changed())) {
            continue;
        }
        let plain = theme.color(ground.0);
        let hovered = hovered.is_some_and(|hovered| hovered.get());
        color.0 = match (hovered, ground.0) {
            (false, _) => plain,
            (true, Token::Clear) => theme.color(Token::Surface2),
            (true, _) => plain.mix(&theme.color(Token::Text), HOVER),
        };
    }
}

/// Inks darker than this are written on something lighter.
const DARK: f32 = 0.2;

fn paint_inks(theme: Res<Theme>, mut inks: Query<(Ref<Ink>, &mut TextColor, Option<(&Weight, &mut TextFont)>)>) {
    for (ink, mut color, font) in &mut inks {
        if !(theme.is_changed() || ink.is_changed()) {
            continue;
        }
        color.0 = theme.color(ink.0);
        if let Some((weight, mut font)) = font {
            let weight = weight.on(color.0.luminance() < DARK);
            if font.weight != weight {
                font.weight = weight;
            }
        }
    }
}

fn paint_edges(theme: Res<Theme>, mut edges: Query<(Ref<Edge>, &mut BorderColor)>) {
    for (edge, mut color) in &mut edges {
        if theme.is_changed() || edge.is_changed() {
            *color = BorderColor::all(theme.color(edge.0));
        }
    }
}

fn paint_cursors(theme: Res<Theme>, mut cursors: Query<&mut TextCursorStyle>) {
    for mut cursor in &mut cursors {
        if theme.is_changed() || cursor.is_added() {
            *cursor = TextCursorStyle {
                color: theme.color(Token::Accent),
                selection_color: theme.color(Token::AccentGround),
                unfocused_selection_color: Color::NONE,
                selected_text_color: None,
            };
        }
    }
}
