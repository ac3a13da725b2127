//! One plan, tried on the packets that came and did not come.

use std::collections::VecDeque;

use super::plan::Plan;
use super::solve::Solver;

/// What is further back than so many packets counts little: 6 s.
const MEMORY: f32 = 300.0;

/// How often something is so, of late.
#[derive(Clone, Copy)]
pub(super) struct Share {
    share: f32,
    counted: f32,
}

impl Share {
    pub fn count(&mut self, is_so: bool) {
        self.counted = (self.counted + 1.0).min(MEMORY);
        self.share += (f32::from(u8::from(is_so)) - self.share) / self.counted;
    }

    pub fn get(self) -> f32 {
        self.share
    }

    /// How many packets it is the share of.
    pub fn counted(self) -> f32 {
        self.counted
    }
}

impl Default for Share {
    fn default() -> Self {
        // As if half a second without had been before: one of the first few says nothing yet.
        Self { share: 0.0, counted: 25.0 }
    }
}

pub(super) struct Trial {
    pub plan: Plan,
    solver: Solver,
    missing: VecDeque<u64>,
    missed: Share,
}

impl Trial {
    pub fn new(plan: Plan) -> Self {
        Self { plan, solver: Solver::default(), missing: VecDeque::new(), missed: Share::default() }
    }

    /// The share of frames that would have stayed missing, 0 to 1, of late.
    pub fn missed(&self) -> f32 {
        self.missed.get()
    }

    /// The next packet has come or has not.
    pub fn packet(&mut self, number: u64, came: bool) {
        if !came {
            self.missing.push_back(number);
        } else if self.plan.blocks > 0 {
            let Plan { blocks, lag, span } = self.plan;
            self.solver.learn(number, Vec::new());
            for block in 0..blocks {
                let terms = Plan::terms(lag, span, Plan::row(number, block), number);
                self.solver.equation(terms, Vec::new());
            }
            if !self.missing.is_empty() {
                let solved = self.solver.solved();
                self.missing.retain(|missing| solved.iter().all(|(frame, _)| frame != missing));
            }
        }
        let given_up = self.missing.front().is_some_and(|missing| missing + u64::from(self.plan.wait()) <= number);
        if given_up {
            self.missing.pop_front();
        }
        self.missed.count(given_up);
    }

    /// Nobody knows what became of the packets up to now.
    pub fn forget(&mut self) {
        *self = Self { missed: self.missed, ..Self::new(self.plan) };
    }
}
