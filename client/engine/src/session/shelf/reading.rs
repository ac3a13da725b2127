//! Rows of the history as lines to show.

use group_crypto::{MemberId, plain_name};

use super::{coding::decoded, entry::Entry};
use crate::{
    api::{Body, Line, MessageId},
    room::{
        content::{Changed, Meaning},
        numbers::UnixMs,
        wire::Said,
    },
    store::{self, Author},
};

/// Who reads the history, and when.
///
/// Names and texts are made plain again: an older version kept them as they came, and an import may hold any.
pub(in crate::session) struct Reader<'a> {
    pub me: MemberId,
    pub name: &'a str,
    /// Unix time.
    pub now_ms: i64,
}

impl Reader<'_> {
    /// A line that stands for itself; `None` for one that changes another, and for what cannot be read.
    pub(super) fn read(&self, row: store::Line) -> Option<Line> {
        let (member, author, mine) = self.author(&row);
        let at_ms = believable(row.at_ms, self.now_ms);
        let line = match decoded(&row.body)? {
            Entry::Said(content) if row.author != Author::Note => {
                let Meaning::Says { body, reply_to } = Said::from(content).plain()?.meaning() else {
                    return None;
                };
                Line { mine, reply_to, ..Line::new(member, author, at_ms, body) }
            }
            Entry::Deleted if row.author != Author::Note => {
                Line { mine, ..Line::new(member, author, at_ms, Body::Deleted) }
            }
            Entry::Said(_) | Entry::Deleted => return None,
            Entry::Call { by, name, mine, video, outcome } => {
                let body = Body::Call { video, outcome };
                Line { mine, ..Line::new(MemberId(by), plain_name(&name), at_ms, body) }
            }
            Entry::Missing { by, name, count } => {
                Line::new(MemberId(by), plain_name(&name), at_ms, Body::Missing { count })
            }
            Entry::Renamed { member, from, to } => {
                Line::new(MemberId(member), plain_name(&from), at_ms, Body::Renamed { to: plain_name(&to) })
            }
        };
        let message = row.message.and_then(|bytes| MessageId::from_bytes(&bytes).ok());
        Some(Line { id: Some(row.id), sequence: row.sequence, delivered: row.waiting_for == 0, message, ..line })
    }

    /// What a line changes in another one.
    pub(super) fn read_change(&self, row: store::Line) -> Option<Changed> {
        let Entry::Said(content) = decoded(&row.body)? else {
            return None;
        };
        let (by, ..) = self.author(&row);
        let message = MessageId::from_bytes(&row.message?).ok()?;
        match Said::from(content).plain()?.meaning() {
            Meaning::Changes { target, change } => Some(Changed { by, message, target, change }),
            Meaning::Says { .. } => None,
        }
    }

    fn author(&self, row: &store::Line) -> (MemberId, String, bool) {
        match row.author {
            Author::Member(member) => (MemberId(member.0), plain_name(&row.name), false),
            Author::Own | Author::Note => (self.me, self.name.to_owned(), true),
        }
    }
}

/// The time of a line that may have been written down when any time was believed.
fn believable(at_ms: i64, now_ms: i64) -> i64 {
    UnixMs::clamped(at_ms).min(UnixMs::latest(now_ms)).get()
}
