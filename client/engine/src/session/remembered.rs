//! The lines of a room that is not kept, for those that are changed later.

use std::collections::VecDeque;

use group_crypto::MemberId;

use super::changes;
use crate::{
    api::{Body, Line, MessageId, Reaction},
    room::content::Changed,
};

/// Lines, and the bytes that they take with all that became of them; beyond either the oldest can be changed no more.
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
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
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
        let changed = line.clone();
        self.forget_oldest();
        Some(changed)
    }
}

fn length(line: &Line) -> usize {
    let bodies = line.former.iter().chain([&line.body]).map(|body| match body {
        Body::Text(text) => text.len(),
        Body::Invitation { title, link } => title.len().saturating_add(link.len()),
        _ => 0,
    });
    let reactions = line.reactions.iter().map(|reaction| size_of::<Reaction>().saturating_add(reaction.sign.len()));
    let former = line.former.len().saturating_mul(size_of::<Body>());
    bodies.chain(reactions).sum::<usize>().saturating_add(former).saturating_add(size_of::<Line>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::content::Change;

    const ANN: MemberId = MemberId([1; 16]);

    fn name(number: usize) -> MessageId {
        let mut bytes = [0; MessageId::LENGTH];
        bytes[0] = 1;
        bytes[1..9].copy_from_slice(&(number as u64).to_be_bytes());
        MessageId::from_bytes(&bytes).unwrap()
    }

    fn fill(all: &mut Remembered, number: usize) {
        let line = Line::new(ANN, "Ann".into(), 0, Body::Text("hello".into()));
        all.push(Line { message: Some(name(number)), ..line });
    }

    #[test]
    fn flood_of_reactions_is_bounded_in_bytes() {
        let mut all = Remembered::default();
        for number in 0..LINES {
            fill(&mut all, number);
            for member in 0..16 {
                let signs = (b'a'..=b'p').map(|sign| char::from(sign).to_string()).collect();
                let change = Change::React { signs, replaced: None };
                let by = MemberId([member; 16]);
                all.change(ANN, Changed { by, message: name(LINES), target: name(number), change });
            }
        }
        let bytes: usize = all.lines.iter().map(length).sum();
        assert_eq!(all.bytes, bytes, "what is counted is what is there");
        assert!(bytes <= LINE_BYTES && all.lines.len() < LINES);
        assert!(all.get(name(LINES - 1)).is_some_and(|line| line.reactions.len() == Line::MOST_REACTIONS));
        assert!(all.get(name(0)).is_none(), "the oldest goes");
    }

    #[test]
    fn lines_are_bounded_in_number() {
        let mut all = Remembered::default();
        (0..LINES + 1).for_each(|number| fill(&mut all, number));
        assert_eq!(all.lines.len(), LINES);
        assert!(all.get(name(0)).is_none() && all.get(name(LINES)).is_some());
    }
}
