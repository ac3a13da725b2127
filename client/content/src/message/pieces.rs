//! What a message says: texts, and what comes with them.

use super::{
    attachment::{Attachment, Conference},
    text::Text,
};
use crate::part::{Body, Disposition, NestedPart, Semantics};

/// One piece or several, in their order.
#[derive(Clone, PartialEq, Eq)]
pub struct Pieces(Vec<Piece>);

#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    Text(Text),
    Attachment(Attachment),
    Conference(Conference),
    /// What only a later version can show.
    Unknown(NestedPart),
}

impl Pieces {
    pub fn text(text: Text) -> Self {
        Self(vec![Piece::Text(text)])
    }

    /// `None` when it says nothing.
    pub fn new(pieces: Vec<Piece>) -> Option<Self> {
        (!pieces.is_empty()).then_some(Self(pieces))
    }

    pub fn as_slice(&self) -> &[Piece] {
        &self.0
    }

    pub(super) fn of(body: &NestedPart, languages: &[&str]) -> Option<Self> {
        Self::new(pieces(body, languages))
    }

    pub(super) fn into_part(self) -> NestedPart {
        let mut parts: Vec<_> = self.0.into_iter().map(Piece::into_part).collect();
        match parts.pop() {
            Some(only) if parts.is_empty() && only.disposition != Disposition::Reaction => only,
            last => {
                // A reaction without a message that it is for is a piece like others, and must not be taken for one.
                let needs_company = parts.is_empty();
                parts.extend(last);
                parts.extend(needs_company.then(NestedPart::nothing));
                let body = Body::Multi { semantics: Semantics::ProcessAll, parts };
                NestedPart { disposition: Disposition::Render, language: String::new(), body }
            }
        }
    }
}

impl Piece {
    fn of(part: &NestedPart) -> Self {
        let text = || Text::of(part).map(Self::Text);
        let conference = || Conference::of(part).map(Self::Conference);
        let attachment = || Attachment::of(part).map(Self::Attachment);
        text().or_else(conference).or_else(attachment).unwrap_or_else(|| Self::Unknown(part.clone()))
    }

    fn into_part(self) -> NestedPart {
        match self {
            Self::Text(text) => text.into_part(),
            Self::Attachment(attachment) => attachment.into_part(),
            Self::Conference(conference) => conference.into_part(),
            Self::Unknown(part) => part,
        }
    }
}

/// What a part and those in it say to this reader. It goes as deep as the parts do, which decoding bounds.
fn pieces(part: &NestedPart, languages: &[&str]) -> Vec<Piece> {
    match &part.body {
        Body::Null => Vec::new(),
        Body::Multi { semantics: Semantics::ProcessAll, parts } => {
            parts.iter().flat_map(|part| pieces(part, languages)).collect()
        }
        Body::Multi { semantics: Semantics::SingleUnit, parts } => {
            let all: Vec<_> = parts.iter().flat_map(|part| pieces(part, languages)).collect();
            if all.iter().any(|piece| matches!(piece, Piece::Unknown(_))) {
                vec![Piece::Unknown(part.clone())]
            } else {
                all
            }
        }
        Body::Multi { semantics: Semantics::ChooseOne, parts } => {
            chosen(parts, languages).unwrap_or_else(|| vec![Piece::Unknown(part.clone())])
        }
        Body::Single(_) | Body::External(_) | Body::Unknown { .. } => vec![Piece::of(part)],
    }
}

/// Of alternatives that can be shown as a whole, the one in the best language, else the first.
fn chosen(parts: &[NestedPart], languages: &[&str]) -> Option<Vec<Piece>> {
    let is_shown =
        |pieces: &Vec<Piece>| !pieces.is_empty() && !pieces.iter().any(|piece| matches!(piece, Piece::Unknown(_)));
    let mut shown: Vec<_> =
        parts.iter().map(|part| (part, pieces(part, languages))).filter(|(_, pieces)| is_shown(pieces)).collect();
    let best = languages.iter().find_map(|wanted| shown.iter().position(|(part, _)| is_in(&part.language, wanted)));
    let best = best.unwrap_or_default();
    (best < shown.len()).then(|| shown.swap_remove(best).1)
}

/// Whether one of the tags is of a language, whatever its region.
fn is_in(tags: &str, language: &str) -> bool {
    let primary = |tag: &str| tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
    let wanted = primary(language);
    !wanted.is_empty() && tags.split(',').any(|tag| primary(tag) == wanted)
}
