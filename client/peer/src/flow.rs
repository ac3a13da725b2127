//! How much is asked before it is answered.

use engine::api::{Event, RoomEvent, Trouble};

use crate::said::is_said;

/// Messages on their way into the engine, which holds 256 wishes: far less than it can take.
const UNANSWERED: u64 = 64;

/// Counts what was asked and not yet answered, so that no message is ever dropped as one too many.
#[derive(Default)]
pub struct Flow {
    unanswered: u64,
}

impl Flow {
    pub fn may_ask(&self) -> bool {
        self.unanswered < UNANSWERED
    }

    pub fn is_idle(&self) -> bool {
        self.unanswered == 0
    }

    pub fn asked(&mut self) {
        self.unanswered += 1;
    }

    /// An answer to something that others asked counts for nothing.
    pub fn answered(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Nothing more will be answered.
    pub fn forget(&mut self) {
        self.unanswered = 0;
    }
}

/// Whether a message of ours is answered by this: by its line, or by why it is not said.
pub fn is_answer(event: &Event) -> bool {
    match event {
        Event::Room { what: RoomEvent::Said(line), .. } => line.mine && is_said(&line.body),
        Event::Trouble(trouble) => {
            matches!(trouble, Trouble::MessageTooLong | Trouble::MessageBlank | Trouble::ReadOnly | Trouble::Busy)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use engine::api::{Body, CallOutcome, Line, MemberId, RoomId};

    use super::*;

    #[test]
    fn message_is_answered_by_its_line_or_by_why_there_is_none() {
        let said = |mine, body| {
            let (member, name) = (MemberId([1; 16]), "Ann".to_owned());
            let line = Line { mine, sequence: 1, delivered: false, ..Line::new(member, name, 0, body) };
            Event::Room { room: RoomId([1; 16]), what: RoomEvent::Said(line) }
        };
        let text = || Body::Text("hello".into());
        let call = Body::Call { video: false, outcome: CallOutcome::Missed };
        assert!(is_answer(&said(true, text())));
        assert!(!is_answer(&said(false, text())) && !is_answer(&said(true, call)));
        for trouble in [Trouble::MessageTooLong, Trouble::MessageBlank, Trouble::ReadOnly, Trouble::Busy] {
            assert!(is_answer(&Event::Trouble(trouble)), "{trouble}");
        }
        assert!(!is_answer(&Event::Trouble(Trouble::StoreRefused)), "it is tried again, and answered then");
    }

    #[test]
    fn asking_goes_on_when_answers_come() {
        let mut flow = Flow::default();
        let mut asked = 0;
        while flow.may_ask() {
            flow.asked();
            asked += 1;
        }
        assert_eq!(asked, UNANSWERED);
        flow.answered();
        assert!(flow.may_ask() && !flow.is_idle());
        (0..100).for_each(|_| flow.answered());
        assert!(flow.is_idle());
    }
}
