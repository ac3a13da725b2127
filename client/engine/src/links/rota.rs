//! Which own relay is asked to be our home. iroh measures them and picks, but looks again at a dead home only every
//! 20 to 26 s, and never drops it for another by itself. So a relay that fails rests for a while, which makes iroh pick anew.

use std::time::{Duration, Instant};

use iroh::RelayUrl;

/// A relay that refuses gets this long to come back before another takes over.
const PATIENCE: Duration = Duration::from_millis(500);
/// One that does not answer at all gets this long.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a relay that failed is not asked.
const REST: Duration = Duration::from_secs(60);
/// While no relay is found iroh is asked to look again after this long, then twice as long, up to [`LOOK_SELDOM`].
const LOOK_AGAIN: Duration = Duration::from_secs(3);
const LOOK_SELDOM: Duration = Duration::from_secs(24);

/// Whether others can reach us over a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelayState {
    Connecting,
    Connected,
    /// No relay answers. We go on trying.
    Unreachable,
}

/// What iroh says of the home relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight<'a> {
    /// None was found yet.
    Nothing,
    Connecting(&'a RelayUrl),
    Connected(&'a RelayUrl),
    /// The last attempt failed.
    Failed(&'a RelayUrl),
}

/// What iroh's list of relays is to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Remove(RelayUrl),
    /// To insert one that is in the list already makes iroh look again.
    Insert(RelayUrl),
}

#[derive(Debug)]
pub(super) struct Rota {
    relays: Vec<RelayUrl>,
    resting: Vec<(RelayUrl, Instant)>,
    home: Option<RelayUrl>,
    state: RelayState,
    /// Whether the home's last attempt failed.
    failed: bool,
    /// Since when the home is not connected.
    without_since: Option<Instant>,
    look_at: Instant,
    look_after: Duration,
}

impl Rota {
    pub fn new(now: Instant, relays: Vec<RelayUrl>) -> Self {
        Self {
            relays,
            resting: Vec::new(),
            home: None,
            state: RelayState::Connecting,
            failed: false,
            without_since: Some(now),
            look_at: now + LOOK_AGAIN,
            look_after: LOOK_AGAIN,
        }
    }

    /// None where there are no relays.
    pub fn state(&self) -> Option<RelayState> {
        (!self.relays.is_empty()).then_some(self.state)
    }

    /// How long the home is not connected.
    pub fn without_home(&self, now: Instant) -> Duration {
        self.without_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    pub fn saw(&mut self, now: Instant, sight: Sight<'_>) {
        let (home, connected) = match sight {
            Sight::Nothing => (None, false),
            Sight::Connected(home) => (Some(home), true),
            Sight::Connecting(home) | Sight::Failed(home) => (Some(home), false),
        };
        if home != self.home.as_ref() {
            self.home = home.cloned();
            self.failed = false;
            self.without_since = None;
        }
        if connected {
            self.failed = false;
            self.without_since = None;
            self.look_after = LOOK_AGAIN;
            self.state = RelayState::Connected;
            return;
        }
        self.failed |= matches!(sight, Sight::Failed(_));
        self.without_since.get_or_insert(now);
        // Attempts follow each other; what failed once stays unreachable until one succeeds.
        self.state = match self.state {
            RelayState::Unreachable => RelayState::Unreachable,
            _ if self.failed => RelayState::Unreachable,
            _ => RelayState::Connecting,
        };
    }

    /// The next change that is due; to be asked until there is none.
    pub fn step(&mut self, now: Instant) -> Option<Step> {
        let Some(since) = self.without_since else {
            return self.wake(|until| until <= now);
        };
        let waited = now.saturating_duration_since(since);
        if self.home.is_none() {
            return self.look_again(now, waited);
        }
        if waited < if self.failed { PATIENCE } else { SILENCE } {
            return None;
        }
        self.state = RelayState::Unreachable;
        let home = self.home.clone()?;
        let another = self.relays.iter().any(|relay| *relay != home && !self.rests(relay));
        if !another {
            return self.wake(|_| true);
        }
        if self.rests(&home) {
            return None;
        }
        self.resting.push((home.clone(), now + REST));
        Some(Step::Remove(home))
    }

    /// Lets a relay rest that brings nothing any more. iroh's list has it no longer.
    pub fn rest(&mut self, now: Instant, relay: &RelayUrl) {
        if self.relays.contains(relay) && !self.rests(relay) {
            self.resting.push((relay.clone(), now + REST));
        }
    }

    /// Those that are not asked now.
    pub fn resting(&self) -> Vec<RelayUrl> {
        self.resting.iter().map(|(relay, _)| relay.clone()).collect()
    }

    pub fn rests(&self, relay: &RelayUrl) -> bool {
        self.resting.iter().any(|(resting, _)| resting == relay)
    }

    fn wake(&mut self, is_due: impl Fn(Instant) -> bool) -> Option<Step> {
        let due = self.resting.iter().position(|(_, until)| is_due(*until))?;
        Some(Step::Insert(self.resting.swap_remove(due).0))
    }

    fn look_again(&mut self, now: Instant, waited: Duration) -> Option<Step> {
        if waited >= LOOK_AGAIN {
            self.state = RelayState::Unreachable;
        }
        if now < self.look_at {
            return None;
        }
        self.look_at = now + self.look_after;
        self.look_after = (self.look_after * 2).min(LOOK_SELDOM);
        self.wake(|_| true).or_else(|| self.relays.first().cloned().map(Step::Insert))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        start: Instant,
        rota: Rota,
    }

    impl Scene {
        fn new(relays: &[&str]) -> Self {
            let start = Instant::now();
            Self { start, rota: Rota::new(start, relays.iter().map(|relay| url(relay)).collect()) }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn saw(&mut self, ms: u64, sight: Sight<'_>) {
            self.rota.saw(self.at(ms), sight);
        }

        fn steps(&mut self, ms: u64) -> Vec<Step> {
            let now = self.at(ms);
            std::iter::from_fn(|| self.rota.step(now)).collect()
        }
    }

    fn url(relay: &str) -> RelayUrl {
        format!("https://{relay}.example").parse().unwrap()
    }

    #[test]
    fn a_home_that_refuses_rests_and_comes_back_after_its_rest() {
        let mut scene = Scene::new(&["a", "b"]);
        let (a, b) = (url("a"), url("b"));
        scene.saw(100, Sight::Connected(&a));
        assert_eq!(scene.rota.state(), Some(RelayState::Connected));
        scene.saw(1000, Sight::Connecting(&a));
        scene.saw(1001, Sight::Failed(&a));
        assert_eq!(scene.rota.state(), Some(RelayState::Unreachable));
        assert_eq!(scene.steps(1400), []);
        assert_eq!(scene.steps(1500), [Step::Remove(a.clone())]);
        scene.saw(1600, Sight::Connecting(&b));
        scene.saw(1700, Sight::Connected(&b));
        assert_eq!(scene.rota.state(), Some(RelayState::Connected));
        assert_eq!(scene.steps(61_000), []);
        assert_eq!(scene.steps(61_500), [Step::Insert(a)]);
    }

    #[test]
    fn a_silent_home_gets_more_time_than_one_that_refuses() {
        let mut scene = Scene::new(&["a", "b"]);
        scene.saw(0, Sight::Connecting(&url("a")));
        assert_eq!(scene.steps(2999), []);
        assert_eq!(scene.steps(3000), [Step::Remove(url("a"))]);
    }

    #[test]
    fn the_last_relay_is_never_taken_away() {
        let mut scene = Scene::new(&["a"]);
        scene.saw(0, Sight::Failed(&url("a")));
        assert_eq!(scene.steps(100_000), []);

        let mut scene = Scene::new(&["a", "b"]);
        scene.saw(0, Sight::Failed(&url("a")));
        assert_eq!(scene.steps(500), [Step::Remove(url("a"))]);
        scene.saw(600, Sight::Failed(&url("b")));
        assert_eq!(scene.steps(1100), [Step::Insert(url("a")), Step::Remove(url("b"))], "one rests at a time");
    }

    #[test]
    fn while_no_relay_is_found_iroh_looks_again_ever_more_seldom() {
        let mut scene = Scene::new(&["a"]);
        let mut looked = Vec::new();
        for second in 0..100 {
            if !scene.steps(second * 1000).is_empty() {
                looked.push(second);
            }
        }
        assert_eq!(looked, [3, 6, 12, 24, 48, 72, 96]);
        assert_eq!(scene.rota.state(), Some(RelayState::Unreachable));
    }

    #[test]
    fn without_relays_there_is_nothing_to_say_or_do() {
        let mut scene = Scene::new(&[]);
        scene.saw(0, Sight::Nothing);
        assert_eq!((scene.rota.state(), scene.steps(100_000)), (None, vec![]));
    }
}
