//! What a line may say.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use crate::{
    api::Trouble,
    invitation::MAX_TEXT,
    room::wire::{MAX_CHAT, MAX_TITLE, MAX_UNKNOWN, Said},
};

impl Said {
    /// Checks what is about to be said, and makes it plain.
    ///
    /// # Errors
    /// [`Trouble::MessageTooLong`] or [`Trouble::MessageBlank`], for the person who wrote it.
    pub(super) fn checked(self) -> Result<Self, Trouble> {
        match self {
            Said::Text(text) => checked_text(&text).map(Said::Text),
            said => Ok(said),
        }
    }

    /// As it may be kept and shown; `None` for content that is too long, and for a link with white space, which could pass for
    /// several lines.
    pub(crate) fn plain(self) -> Option<Self> {
        match self {
            Said::Text(text) if text.len() <= MAX_CHAT => Some(Said::Text(group_crypto::plain_text(&text))),
            Said::Invitation { link, .. } if link.contains(char::is_whitespace) => None,
            Said::Invitation { title, link } if title.len() <= MAX_TITLE && link.len() <= MAX_TEXT => {
                Some(Said::Invitation {
                    title: group_crypto::plain_name(&title),
                    link: group_crypto::plain_text(&link),
                })
            }
            Said::Content(ref bytes) | Said::Unknown { ref bytes, .. } if bytes.len() <= MAX_UNKNOWN => Some(self),
            _ => None,
        }
    }

    /// In bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Said::Text(text) => text.len(),
            Said::Invitation { title, link } => title.len().saturating_add(link.len()),
            Said::Content(bytes) | Said::Unknown { bytes, .. } => bytes.len(),
        }
    }
}

/// A text to say, as the window gives it.
impl From<String> for Said {
    fn from(text: String) -> Self {
        Said::Text(text)
    }
}

/// A text of ours, as it is said.
///
/// # Errors
/// [`Trouble::MessageTooLong`] or [`Trouble::MessageBlank`], for the person who wrote it.
pub(crate) fn checked_text(text: &str) -> Result<String, Trouble> {
    let text = text.trim_end();
    if text.len() > MAX_CHAT {
        return Err(Trouble::MessageTooLong);
    }
    let text = group_crypto::plain_text(text);
    if group_crypto::is_blank(&text) { Err(Trouble::MessageBlank) } else { Ok(text) }
}
