//! The mark that shows how sure we are of a member.

use bevy::prelude::*;
use engine::api::Verification;

use crate::ui::{
    kit::{Icon, Size, icon, text},
    theme::{Token, Weight},
    words::Words,
};

/// Shows whether a member is verified, with an icon and in words.
pub fn mark(parent: &mut ChildSpawnerCommands<'_>, verification: Verification, words: &Words) {
    let (shown, key, ink) = match verification {
        Verification::Verified => (Some(Icon::Verified), "about-verified", Token::Good),
        Verification::Renamed => (Some(Icon::Trouble), "verify-renamed-short", Token::Stop),
        Verification::Ambiguous => (Some(Icon::Trouble), "verify-ambiguous-short", Token::Stop),
        Verification::Broken => (Some(Icon::Trouble), "verify-broken-short", Token::Stop),
        Verification::Not => (None, "verify-not", Token::Muted),
    };
    if let Some(shown) = shown {
        parent.spawn(icon(shown, 14.0, ink));
    }
    parent.spawn(text(words.say(key), Size::Small, Weight::Medium, ink));
}
