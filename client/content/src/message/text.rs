//! Texts: plain ones, and those in Markdown.

use super::{
    markdown::{Mention, mentions, without_html},
    media_type::{essence, parameter},
    paragraphs::{Paragraph, as_typed, paragraphs},
};
use crate::part::{Body, Disposition, NestedPart, Single};

/// Media types that every reader has to know (section 7.1 of the draft).
const PLAIN: &str = "text/plain;charset=utf-8";
const MARKDOWN: &str = "text/markdown;variant=GFM-MIMI";

/// A text as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    pub format: Format,
    pub text: String,
    /// Language tags with commas between them; empty when it is not said.
    pub language: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Plain,
    /// GitHub's, without HTML (section 7.1.1 of the draft). Showing it as it was typed is fine, too.
    Markdown,
}

impl Text {
    pub fn plain(text: &str) -> Self {
        Self { format: Format::Plain, text: text.to_owned(), language: String::new() }
    }

    /// What looks like HTML becomes text, as the draft asks of senders.
    pub fn markdown(text: &str) -> Self {
        Self { format: Format::Markdown, text: without_html(text), language: String::new() }
    }

    /// The text as it is shown.
    pub fn paragraphs(&self) -> Vec<Paragraph> {
        match self.format {
            Format::Plain => as_typed(&self.text),
            Format::Markdown => paragraphs(&self.text),
        }
    }

    /// The members that the text names, at most [`super::MAX_MENTIONS`]. `is_member` says whether a URI is one's.
    pub fn mentions(&self, is_member: impl Fn(&str) -> bool) -> Vec<Mention> {
        match self.format {
            Format::Plain => Vec::new(),
            Format::Markdown => mentions(&self.text, is_member),
        }
    }

    pub(super) fn of(part: &NestedPart) -> Option<Self> {
        let is_shown = matches!(
            part.disposition,
            Disposition::Unspecified | Disposition::Render | Disposition::Inline | Disposition::Unknown(_)
        );
        let Body::Single(single) = &part.body else {
            return None;
        };
        let format = format(&single.content_type).filter(|_| is_shown)?;
        let text = str::from_utf8(&single.content).ok()?.to_owned();
        Some(Self { format, text, language: part.language.clone() })
    }

    pub(super) fn into_part(self) -> NestedPart {
        let content_type = match self.format {
            Format::Plain => PLAIN,
            Format::Markdown => MARKDOWN,
        };
        NestedPart {
            disposition: Disposition::Render,
            language: self.language,
            body: Body::Single(Single { content_type: content_type.to_owned(), content: self.text.into_bytes() }),
        }
    }
}

/// The format of a media type. A text in a charset other than UTF-8 is none.
fn format(content_type: &str) -> Option<Format> {
    let is_utf8 = parameter(content_type, "charset")
        .is_none_or(|charset| ["utf-8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known)));
    match essence(content_type).as_str() {
        "text/plain" if is_utf8 => Some(Format::Plain),
        "text/markdown" if is_utf8 => Some(Format::Markdown),
        _ => None,
    }
}
