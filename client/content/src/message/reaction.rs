//! Reactions: a sign or several, each on its own.

use super::media_type::essence;
use crate::part::{Body, Disposition, NestedPart, Semantics, Single};

/// Reactions of one message.
pub const MAX_REACTIONS: usize = 16;
/// One reaction, in bytes: an emoji of several people with their skin tones has 41.
const MAX_REACTION: usize = 64;
/// As the examples of the draft have it.
const CONTENT_TYPE: &str = "text/plain;charset=utf-8";

/// One sign at least. They are never joined into one text, which could say something else (section 5.3 of the draft).
#[derive(Clone, PartialEq, Eq)]
pub struct Reactions(Vec<String>);

impl Reactions {
    /// `None` when there is none or too many, or when one is empty, too long or has white space.
    pub fn new(signs: Vec<String>) -> Option<Self> {
        let is_sign = |sign: &String| {
            !sign.is_empty()
                && sign.len() <= MAX_REACTION
                && !sign.chars().any(|letter| letter.is_whitespace() || letter.is_control())
        };
        ((1..=MAX_REACTIONS).contains(&signs.len()) && signs.iter().all(is_sign)).then_some(Self(signs))
    }

    pub fn signs(&self) -> &[String] {
        &self.0
    }

    pub(super) fn of(body: &NestedPart) -> Option<Self> {
        match &body.body {
            Body::Multi { semantics: Semantics::ProcessAll, parts } if parts.len() <= MAX_REACTIONS => {
                Self::new(parts.iter().map(sign).collect::<Option<_>>()?)
            }
            _ => Self::new(vec![sign(body)?]),
        }
    }

    pub(super) fn into_part(self) -> NestedPart {
        let mut parts: Vec<_> = self.0.into_iter().map(part).collect();
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                reaction(Body::Multi { semantics: Semantics::ProcessAll, parts })
            }
        }
    }
}

fn sign(part: &NestedPart) -> Option<String> {
    match &part.body {
        Body::Single(single)
            if part.disposition == Disposition::Reaction && essence(&single.content_type) == "text/plain" =>
        {
            str::from_utf8(&single.content).ok().map(str::to_owned)
        }
        _ => None,
    }
}

fn part(sign: String) -> NestedPart {
    reaction(Body::Single(Single { content_type: CONTENT_TYPE.to_owned(), content: sign.into_bytes() }))
}

fn reaction(body: Body) -> NestedPart {
    NestedPart { disposition: Disposition::Reaction, language: String::new(), body }
}
