//! What a line may say.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use crate::{
    api::{Body, Trouble},
    invitation::MAX_TEXT,
    room::wire::{MAX_CHAT, MAX_TITLE, MAX_UNKNOWN, Said},
};

impl Said {
    /// Checks what is about to be said, and makes it plain.
    ///
    /// # Errors
    /// [`Trouble::MessageTooLong`] or [`Trouble::MessageBlank`], for the person who wrote it.
    pub(super) fn checked(self) -> Result<Self, Trouble> {
        let Said::Text(text) = self else {
            return Ok(self);
        };
        let text = text.trim_end();
        if text.len() > MAX_CHAT {
            return Err(Trouble::MessageTooLong);
        }
        let text = group_crypto::plain_text(text);
        if group_crypto::is_blank(&text) { Err(Trouble::MessageBlank) } else { Ok(Said::Text(text)) }
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
            Said::Unknown { ref bytes, .. } if bytes.len() <= MAX_UNKNOWN => Some(self),
            _ => None,
        }
    }

    /// In bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Said::Text(text) => text.len(),
            Said::Invitation { title, link } => title.len().saturating_add(link.len()),
            Said::Unknown { bytes, .. } => bytes.len(),
        }
    }
}

/// A text to say, as the window gives it.
impl From<String> for Said {
    fn from(text: String) -> Self {
        Said::Text(text)
    }
}

impl From<Said> for Body {
    fn from(said: Said) -> Self {
        match said {
            Said::Text(text) => Body::Text(text),
            Said::Invitation { title, link } => Body::Invitation { title, link },
            Said::Unknown { .. } => Body::NeedsNewerVersion,
        }
    }
}
