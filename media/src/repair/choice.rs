//! Which plan fits a path: tried on what the peer reports, taken up at once, given up slowly.

use super::plan::Plan;
use super::report::LossReport;
use super::trial::{Share, Trial};

/// From the least protection to the most. The two with a span of 1 are copies, best against bursts of 60 and 120 ms.
const PLANS: [Plan; 10] = [
    Plan::NONE,
    Plan::new(1, 1, 2),
    Plan::new(1, 1, 4),
    Plan::new(1, 3, 1),
    Plan::new(1, 6, 1),
    Plan::new(1, 1, 6),
    Plan::new(1, 1, 8),
    Plan::new(2, 1, 4),
    Plan::new(2, 1, 6),
    Plan::new(2, 1, 8),
];

/// What things cost, in PESQ-WB: all frames missing (a few of them cost far more than their share), blocks in each packet, and
/// 20 ms of waiting. For rates and waits it is what they are worth to people, as PESQ does not hear delays and uplinks.
const MISSED: f32 = 100.0;
const RATE: [f32; 3] = [0.0, 0.2, 0.45];
const WAIT: f32 = 0.015;

/// A plan that misses less is taken up at once if it is this much cheaper ...
const BETTER: f32 = 0.15;
/// ... and any that is a little cheaper after so many packets in which some other one always was: 8 s.
const CHEAPER: f32 = 0.02;
const CALM: u32 = 400;
/// A packet is not given up before so many later ones have come: it may be overtaken.
const OVERTAKEN: u64 = 3;

pub(super) struct Choice {
    trials: Vec<Trial>,
    current: usize,
    /// What became of the packets up to this one is known.
    known: u64,
    lost: Share,
    cheaper_for: u32,
}

impl Choice {
    pub fn new() -> Self {
        Self { trials: PLANS.map(Trial::new).into(), current: 0, known: 0, lost: Share::default(), cheaper_for: 0 }
    }

    pub fn plan(&self) -> Plan {
        self.trials[self.current].plan
    }

    /// The share of frames that the plan leaves missing, 0 to 1.
    pub fn missed(&self) -> f32 {
        self.trials[self.current].missed()
    }

    /// Takes a report in. `sent` is the number of the newest packet: of later ones nobody can know anything.
    pub fn reported(&mut self, report: &LossReport, sent: u64) {
        let newest = u64::from(report.newest).min(sent);
        let until = newest.saturating_sub(OVERTAKEN);
        if until <= self.known {
            return;
        }
        if self.known + 1 < report.oldest() {
            // The first one, or too many reports were lost.
            self.trials.iter_mut().for_each(Trial::forget);
            self.known = report.oldest() - 1;
        }
        for number in self.known + 1..=until {
            let came = report.came(number);
            self.trials.iter_mut().for_each(|trial| trial.packet(number, came));
            self.lost.count(!came);
            self.choose();
        }
        self.known = until;
    }

    fn choose(&mut self) {
        let missed = |trial: &Trial| missed(trial, self.lost);
        let cost = |trial: &Trial| {
            let plan = trial.plan;
            MISSED * missed(trial) + RATE[usize::from(plan.blocks)] + WAIT * f32::from(plan.wait())
        };
        let current = &self.trials[self.current];
        let now = cost(current);
        let costs = self.trials.iter().map(cost).enumerate();
        let Some((best, least)) = costs.min_by(|(_, a), (_, b)| a.total_cmp(b)) else {
            return;
        };
        self.cheaper_for = if least + CHEAPER < now { self.cheaper_for + 1 } else { 0 };
        let saves_speech = missed(&self.trials[best]) < missed(current);
        if saves_speech && least + BETTER < now || self.cheaper_for >= CALM {
            self.current = best;
            self.cheaper_for = 0;
        }
    }
}

/// The share of frames that a plan misses: as seen in the trial, and as chance has it, because what was seen for a few seconds
/// says little about what is rare.
fn missed(trial: &Trial, lost: Share) -> f32 {
    /// Losses that say as much about copies as chance does.
    const DOUBT: f32 = 4.0;
    let share = lost.get();
    match trial.plan {
        Plan::NONE => share,
        // Losses that come in bursts are what copies are for, and then chance is a bad guess.
        Plan { span: 1, .. } => {
            let (missed, lost) = (trial.missed() * lost.counted(), share * lost.counted());
            share * (missed + DOUBT * share) / (lost + DOUBT)
        }
        plan => (trial.missed() + 2.0 * expected(plan, share)) / 3.0,
    }
}

/// The share of frames that sums would miss if `lost` of all packets were lost, each by chance.
///
/// Each lost packet adds one unknown, each other one takes as many away as it has blocks: a frame is missed if that walk has
/// not come back within the wait, whose probability falls by a factor per step (Chernoff's bound).
fn expected(plan: Plan, lost: f32) -> f32 {
    /// What is between the bound and the truth at 10 to 30 % of loss.
    const LOOSE: f32 = 0.12;
    let taken = f32::from(plan.blocks);
    if lost * (1.0 + taken) >= taken {
        return lost;
    }
    let step = (taken * (1.0 - lost) / lost.max(1e-6)).powf(1.0 / (1.0 + taken));
    let factor = lost * step + (1.0 - lost) * step.powf(-taken);
    lost * factor.powi(i32::from(plan.wait())) * LOOSE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells a choice about packets of which `lost` says whether they are, and gives its plan after each 25.
    fn told(choice: &mut Choice, packets: std::ops::Range<u64>, lost: impl Fn(u64) -> bool) -> Vec<Plan> {
        let mut plans = Vec::new();
        let mut came = u128::MAX;
        for number in packets {
            came = came << 1 | u128::from(!lost(number));
            if number % 25 == 0 && !lost(number) {
                choice.reported(&LossReport { newest: number as u32, came }, number);
                plans.push(choice.plan());
            }
        }
        plans
    }

    fn by_chance(percent: u64) -> impl Fn(u64) -> bool {
        let mut random = fastrand::Rng::with_seed(percent);
        let lost: Vec<bool> = std::iter::repeat_with(|| random.u64(..100) < percent).take(5000).collect();
        move |number| lost[number as usize]
    }

    #[test]
    fn nothing_is_added_where_nothing_is_lost() {
        let plans = told(&mut Choice::new(), 1..5000, |_| false);
        assert!(plans.iter().all(|plan| *plan == Plan::NONE));
    }

    #[test]
    fn protection_comes_in_a_second_and_goes_in_half_a_minute() {
        let mut choice = Choice::new();
        told(&mut choice, 1..500, |_| false);
        let lossy = told(&mut choice, 500..1500, by_chance(10));
        assert!(lossy[2..].iter().all(|plan| plan.blocks > 0), "{lossy:?}");
        let clean = told(&mut choice, 1500..3500, |_| false);
        assert!(clean[12].blocks > 0);
        assert_eq!(clean[60..], vec![Plan::NONE; clean.len() - 60]);
    }

    #[test]
    fn the_more_is_lost_the_more_is_added() {
        for (percent, blocks) in [(3, 1), (10, 1), (20, 2), (30, 2)] {
            let plans = told(&mut Choice::new(), 1..3000, by_chance(percent));
            let late = &plans[40..];
            let right = late.iter().filter(|plan| plan.blocks == blocks).count();
            assert!(right * 10 >= late.len() * 8, "{percent} %: {late:?}");
        }
    }

    #[test]
    fn bursts_are_met_with_copies_from_behind_them() {
        for (frames, lag) in [(3, 3), (6, 6)] {
            let plans = told(&mut Choice::new(), 1..3000, |number| number % 100 < frames && number > 100);
            assert_eq!(plans.last().map(|plan| (plan.lag, plan.span)), Some((lag, 1)));
        }
    }

    #[test]
    fn reports_that_make_no_sense_do_no_harm() {
        let mut choice = Choice::new();
        for (newest, sent) in [(u32::MAX, 10), (0, 10), (3, 10), (1, u64::MAX), (u32::MAX, u64::MAX), (7, 9)] {
            choice.reported(&LossReport { newest, came: 0 }, sent);
        }
    }
}
