//! The watchdog against every kind of silence, in simulated time, with no peer behind it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use media::transport::{PeerFigures, Probe, Route, Verdict, Watch, WatchOutput};

use crate::net::{Random, milliseconds};

enum Arrival {
    Media,
    Probe(Probe),
    Verdict(Verdict),
}

struct Side {
    watch: Watch,
    figures: PeerFigures,
    left: Vec<Instant>,
    tried: usize,
    probes: usize,
}

struct Simulation {
    start: Instant,
    now: Instant,
    random: Random,
    sides: [Side; 2],
    under_way: BTreeMap<(Instant, u64), (usize, Arrival)>,
    carried: u64,
    direct_delay: Duration,
    direct_loss: f64,
    /// The direct way to this side is dead.
    dead: [bool; 2],
    link_delay: Duration,
    link_loss: f64,
}

impl Simulation {
    fn new(seed: u64, direct_delay: Duration, link_delay: Duration) -> Self {
        let start = Instant::now() + Duration::from_secs(10);
        let side = || Side {
            watch: Watch::new(start),
            figures: PeerFigures { route: Some(Route::Direct), rtt: Some(2 * direct_delay), ..PeerFigures::default() },
            left: Vec::new(),
            tried: 0,
            probes: 0,
        };
        Self {
            start,
            now: start,
            random: Random::new(seed),
            sides: [side(), side()],
            under_way: BTreeMap::new(),
            carried: 0,
            direct_delay,
            direct_loss: 0.0,
            dead: [false; 2],
            link_delay,
            link_loss: 0.0,
        }
    }

    fn carry(&mut self, to: usize, delay: Duration, arrival: Arrival) {
        self.carried += 1;
        self.under_way.insert((self.now + delay, self.carried), (to, arrival));
    }

    fn media(&mut self, from: usize) {
        if self.sides[from].figures.route != Some(Route::Direct) {
            return;
        }
        self.sides[from].figures.direct.sent += 1;
        let lost = self.random.chance(self.direct_loss) || self.dead[1 - from];
        if !lost {
            self.carry(1 - from, self.direct_delay, Arrival::Media);
        }
    }

    fn over_link(&mut self, to: usize, arrival: Arrival) {
        if !self.random.chance(self.link_loss) {
            self.carry(to, self.link_delay, arrival);
        }
    }

    fn arrive(&mut self) {
        while let Some(entry) = self.under_way.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let (to, arrival) = entry.remove();
            let (now, side) = (self.now, &mut self.sides[to]);
            match arrival {
                Arrival::Media => {
                    side.figures.direct.received += 1;
                    side.figures.heard_direct = Some(now);
                }
                Arrival::Probe(probe) => {
                    let verdict = side.watch.probe(now, probe);
                    self.over_link(1 - to, Arrival::Verdict(verdict));
                }
                Arrival::Verdict(verdict) => side.watch.verdict(now, verdict),
            }
        }
    }

    /// Time passes by milliseconds; `sends` says whether a side sends in this one.
    fn pass(&mut self, time: Duration, mut sends: impl FnMut(usize, u64) -> bool) {
        let until = self.now + time;
        while self.now < until {
            self.now += milliseconds(1);
            self.arrive();
            let tick = (self.now - self.start).as_millis() as u64;
            for side in 0..2 {
                if sends(side, tick) {
                    self.media(side);
                }
                let (now, this) = (self.now, &mut self.sides[side]);
                this.watch.observe(now, &this.figures);
                while let Some(output) = self.sides[side].watch.poll(self.now) {
                    self.obey(side, output);
                }
            }
        }
    }

    fn obey(&mut self, side: usize, output: WatchOutput) {
        let this = &mut self.sides[side];
        match output {
            WatchOutput::Probe(probe) => {
                this.probes += 1;
                self.over_link(1 - side, Arrival::Probe(probe));
            }
            WatchOutput::LeaveDirect => {
                this.figures.route = Some(Route::Link);
                this.left.push(self.now);
            }
            WatchOutput::TryDirect => this.tried += 1,
        }
    }

    fn nobody_left(&self) -> bool {
        self.sides.iter().all(|side| side.left.is_empty())
    }
}

fn voice(_: usize, tick: u64) -> bool {
    tick.is_multiple_of(20)
}

#[test]
fn a_dead_way_is_left_by_both_sides_in_half_a_second() {
    let mut worst = Duration::ZERO;
    for (delay, dead) in [(1, [true; 2]), (20, [true; 2]), (50, [true; 2]), (20, [true, false]), (50, [false, true])] {
        for phase in 0..20 {
            let mut simulation = Simulation::new(1, milliseconds(delay), milliseconds(delay));
            simulation.pass(milliseconds(3_000 + phase), voice);
            assert!(simulation.nobody_left());
            simulation.dead = dead;
            let died = simulation.now;
            simulation.pass(milliseconds(2_000), voice);
            for side in &simulation.sides {
                assert_eq!(side.left.len(), 1);
                worst = worst.max(side.left[0] - died);
            }
        }
    }
    println!("both have left {worst:?} after the death at the latest");
    assert!(worst < milliseconds(500));
}

#[test]
fn one_speaker_is_enough_to_notice() {
    for speaker in 0..2 {
        let mut simulation = Simulation::new(2, milliseconds(20), milliseconds(30));
        let speaks = |side: usize, tick| side == speaker && voice(side, tick);
        simulation.pass(milliseconds(3_000), speaks);
        simulation.dead = [true; 2];
        let died = simulation.now;
        simulation.pass(milliseconds(1_000), speaks);
        assert!(simulation.sides.iter().all(|side| side.left.len() == 1));
        assert!(simulation.sides.iter().all(|side| side.left[0] - died < milliseconds(500)));
    }
}

#[test]
fn random_loss_is_no_death() {
    for seed in 0..100 {
        let mut simulation = Simulation::new(seed, milliseconds(20), milliseconds(30));
        (simulation.direct_loss, simulation.link_loss) = (0.3, 0.3);
        simulation.pass(milliseconds(30_000), voice);
        assert!(simulation.nobody_left(), "seed {seed}");
    }
}

#[test]
fn speech_that_comes_and_goes_is_no_death_even_with_loss() {
    for seed in 0..100 {
        let mut simulation = Simulation::new(seed, milliseconds(40), milliseconds(60));
        (simulation.direct_loss, simulation.link_loss) = (0.3, 0.3);
        let mut random = Random::new(seed);
        let mut speaks = [false; 2];
        simulation.pass(milliseconds(30_000), |side, tick| {
            if random.below(400) == 0 {
                speaks[side] = !speaks[side];
            }
            // Comfort noise between the words.
            tick.is_multiple_of(if speaks[side] { 20 } else { 400 })
        });
        assert!(simulation.nobody_left(), "seed {seed}");
    }
}

#[test]
fn speech_after_a_pause_is_no_death_while_under_way() {
    for (direct, link) in [(20, 20), (100, 100), (150, 20), (20, 150), (200, 200)] {
        let mut simulation = Simulation::new(3, milliseconds(direct), milliseconds(link));
        simulation.pass(milliseconds(60_000), |_, tick| tick % 5_000 < 1_500 && tick.is_multiple_of(20));
        assert!(simulation.nobody_left(), "{direct} ms direct, {link} ms link");
    }
}

#[test]
fn call_with_all_streams_off_is_asked_once_a_second() {
    let mut simulation = Simulation::new(4, milliseconds(20), milliseconds(30));
    simulation.pass(milliseconds(60_000), |_, _| false);
    assert!(simulation.nobody_left());
    for side in &simulation.sides {
        assert!((50..80).contains(&side.probes), "{} probes", side.probes);
    }
}

#[test]
fn while_media_arrive_nothing_is_asked() {
    let mut simulation = Simulation::new(5, milliseconds(20), milliseconds(30));
    simulation.pass(milliseconds(60_000), voice);
    assert!(simulation.sides.iter().all(|side| side.probes == 0));
}

#[test]
fn without_an_answer_nothing_is_left() {
    let mut simulation = Simulation::new(6, milliseconds(20), milliseconds(30));
    simulation.link_loss = 1.0;
    simulation.pass(milliseconds(2_000), voice);
    simulation.dead = [true; 2];
    simulation.pass(milliseconds(20_000), voice);
    assert!(simulation.nobody_left());
}

#[test]
fn a_lost_verdict_is_asked_for_again() {
    for seed in 0..50 {
        let mut simulation = Simulation::new(seed, milliseconds(20), milliseconds(30));
        simulation.link_loss = 0.3;
        simulation.pass(milliseconds(2_000), voice);
        simulation.dead = [true, false];
        simulation.pass(milliseconds(3_000), voice);
        assert!(simulation.sides.iter().all(|side| side.left.len() == 1), "seed {seed}");
    }
}

#[test]
fn a_verdict_that_nobody_asked_for_is_ignored() {
    let mut simulation = Simulation::new(7, milliseconds(20), milliseconds(30));
    simulation.pass(milliseconds(1_000), voice);
    let now = simulation.now;
    simulation.sides[0].watch.verdict(now, Verdict::Dead);
    simulation.pass(milliseconds(1_000), voice);
    assert!(simulation.nobody_left());
}

#[test]
fn the_watch_sleeps_until_it_has_something_to_say() {
    let start = Instant::now();
    let mut watch = Watch::new(start);
    assert_eq!(watch.next_timeout(), None);
    let figures = PeerFigures { route: Some(Route::Direct), ..PeerFigures::default() };
    watch.observe(start, &figures);
    let at = watch.next_timeout().unwrap();
    assert_eq!(watch.poll(at - milliseconds(1)), None);
    assert_eq!(watch.poll(at), Some(WatchOutput::Probe(Probe { received: 0 })));
    assert!(watch.next_timeout().unwrap() > at);
    watch.network_changed(at);
    assert_eq!(watch.next_timeout(), Some(at));
    assert_eq!(watch.poll(at), Some(WatchOutput::TryDirect));
}
