//! The lines of a room that is not kept, for those that are changed later.

use std::collections::VecDeque;

use group_crypto::MemberId;

use super::changes;
use crate::{
    api::{Body, Line, MessageId},
    room::content::Changed,
};

/// Lines, and bytes of their texts; beyond either the oldest can be changed no more.
const LINES: usize = 4096;
const LINE_BYTES: usize = 4 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Remembered {
    lines: VecDeque<Line>,
    bytes: usize,
}

impl Remembered {
    pub fn push(&mut self, line: Line) {
        self.bytes = self.bytes.saturating_add(length(&line));
        self.lines.push_back(line);
        while self.lines.len() > LINES || self.bytes > LINE_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(length(&oldest));
        }
    }

    pub fn get(&self, message: MessageId) -> Option<&Line> {
        self.lines.iter().rev().find(|line| line.message == Some(message))
    }

    /// The changed line, if it is remembered.
    pub fn change(&mut self, me: MemberId, changed: Changed) -> Option<Line> {
        let target = changed.target;
        let line = self.lines.iter_mut().rev().find(|line| line.message == Some(target))?;
        let before = length(line);
        changes::apply(line, me, changed);
        self.bytes = self.bytes.saturating_sub(before).saturating_add(length(line));
        Some(line.clone())
    }
}

fn length(line: &Line) -> usize {
    let text = |body: &Body| if let Body::Text(text) = body { text.len() } else { 0 };
    line.former.iter().map(text).sum::<usize>().saturating_add(text(&line.body))
}
