//! How much is asked before it is answered.

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

#[cfg(test)]
mod tests {
    use super::*;

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
