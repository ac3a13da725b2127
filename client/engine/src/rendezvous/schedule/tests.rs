use super::*;

const NOON: u64 = 20_000 * DAY + 12 * 3600;

/// A schedule in simulated time, and all it said so far.
struct World {
    schedule: Schedule,
    at: Moment,
    said: Vec<(Duration, Said)>,
    start: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Publish(u64, u64),
    Resolve(u64),
}

impl World {
    fn new(seed: u64, unix: u64) -> Self {
        let start = Instant::now();
        let at = Moment { now: start, unix };
        let mut schedule = Schedule::new(seed);
        schedule.reachable(true, at);
        Self { schedule, at, said: Vec::new(), start }
    }

    fn with_pairs(seed: u64, unix: u64, pairs: u64) -> Self {
        let mut world = Self::new(seed, unix);
        for pair in 0..pairs {
            world.schedule.add(PairId(pair), secret(pair), Side::Lower, world.at).unwrap();
        }
        world
    }

    /// Lets time pass as a session would: sleeps until `next`, polls until `None`.
    fn run(&mut self, time: Duration) {
        let end = self.at.now + time;
        loop {
            while let Some(action) = self.schedule.poll(self.at) {
                let said = match action {
                    Action::Publish { pair, day, .. } => Said::Publish(pair.0, day),
                    Action::Resolve { pair, .. } => Said::Resolve(pair.0),
                };
                self.said.push((self.at.now - self.start, said));
            }
            let next = self.schedule.next(self.at);
            // A session's timer has a granularity, so that time always passes.
            let next = next.max(self.at.now + Duration::from_millis(1)).min(end);
            if self.at.now >= end {
                return;
            }
            let before = (self.at.now - self.start).as_secs();
            self.at.now = next;
            self.at.unix += (self.at.now - self.start).as_secs() - before;
        }
    }

    fn take(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said).into_iter().map(|(_, said)| said).collect()
    }

    fn seconds_of(&self, wanted: Said) -> Vec<u64> {
        self.said.iter().filter(|(_, said)| *said == wanted).map(|(time, _)| time.as_secs()).collect()
    }
}

fn secret(n: u64) -> Secret {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Secret::from_bytes(bytes)
}

const TODAY: u64 = NOON / DAY;

#[test]
fn a_new_pair_is_published_and_looked_for_once() {
    let mut world = World::with_pairs(1, NOON, 1);
    world.run(secs(50 * 60));
    assert_eq!(world.take(), [Said::Publish(0, TODAY), Said::Resolve(0)]);
}

#[test]
fn a_record_is_published_again_after_55_to_65_minutes() {
    for seed in 0..20 {
        let mut world = World::with_pairs(seed, NOON, 1);
        world.run(secs(9 * 3600));
        let times = world.seconds_of(Said::Publish(0, TODAY));
        assert!(times.len() >= 8);
        for pair in times.windows(2) {
            assert!((55 * 60..=65 * 60 + 2).contains(&(pair[1] - pair[0])), "{pair:?}");
        }
    }
}

#[test]
fn around_midnight_both_days_records_are_published() {
    let mut world = World::with_pairs(1, NOON, 20);
    world.run(secs(24 * 3600));
    for pair in 0..20 {
        let of = |day| world.seconds_of(Said::Publish(pair, day));
        let (today, tomorrow) = (of(TODAY), of(TODAY + 1));
        // Tomorrow's first between 22:00 and 23:00, today's for the last time before 02:00.
        assert!((10 * 3600..11 * 3600 + 60).contains(tomorrow.first().unwrap()), "{tomorrow:?}");
        assert!((12 * 3600..14 * 3600).contains(today.last().unwrap()), "{today:?}");
    }
}

#[test]
fn minute_has_a_bound_of_actions_and_each_pair_its_turn() {
    let mut world = World::with_pairs(1, NOON, MAX_PAIRS as u64);
    for pair in 0..40 {
        world.schedule.want(PairId(pair), true, world.at);
    }
    world.run(secs(3600));
    let times: Vec<_> = world.said.iter().map(|(time, _)| *time).collect();
    for (n, time) in times.iter().enumerate() {
        let in_minute = times[n..].iter().take_while(|later| **later < *time + secs(60)).count();
        assert!(in_minute <= PER_MINUTE, "{in_minute} in the minute from {time:?}");
    }
    for pair in 0..MAX_PAIRS as u64 {
        assert!(!world.seconds_of(Said::Publish(pair, TODAY)).is_empty(), "{pair}");
        assert!(!world.seconds_of(Said::Resolve(pair)).is_empty(), "{pair}");
    }
}

#[test]
fn two_hundred_contacts_are_not_published_in_one_burst() {
    let mut world = World::with_pairs(1, NOON, 200);
    world.run(secs(8 * 3600));
    let publications: Vec<_> = world.said.iter().filter(|(_, said)| matches!(said, Said::Publish(..))).collect();
    assert!(publications.len() >= 200 * 7);
    assert!(publications.windows(2).all(|two| two[1].0 - two[0].0 >= IN_TURN));
}

#[test]
fn who_is_wanted_is_looked_for_at_once_and_then_ever_less_often() {
    let mut world = World::with_pairs(1, NOON, 200);
    world.run(secs(900));
    world.said.clear();
    let start = (world.at.now - world.start).as_secs();
    world.schedule.want(PairId(150), true, world.at);
    world.run(secs(1900));
    let times: Vec<_> = world.seconds_of(Said::Resolve(150)).iter().map(|time| time - start).collect();
    assert_eq!(times, [0, 2, 7, 22, 82, 682, 1282, 1882]);
}

#[test]
fn near_midnight_a_lookup_asks_for_both_days() {
    let mut world = World::with_pairs(1, (TODAY + 1) * DAY + 600, 1);
    world.run(secs(100));
    let resolves = world.take().iter().filter(|said| matches!(said, Said::Resolve(0))).count();
    assert_eq!(resolves, 2);
}

#[test]
fn who_is_linked_is_not_looked_for_but_published_to() {
    let mut world = World::new(1, NOON);
    world.schedule.add(PairId(0), secret(0), Side::Lower, world.at).unwrap();
    world.schedule.linked(PairId(0), true, world.at);
    world.schedule.want(PairId(0), true, world.at);
    world.run(secs(100));
    assert_eq!(world.take(), [Said::Publish(0, TODAY)]);
    world.schedule.linked(PairId(0), false, world.at);
    world.run(secs(1));
    assert_eq!(world.take(), [Said::Resolve(0)]);
    world.schedule.want(PairId(0), false, world.at);
    world.run(secs(1000));
    assert_eq!(world.take(), []);
}

#[test]
fn who_keeps_moving_publishes_once_a_minute() {
    let mut world = World::with_pairs(1, NOON, 1);
    for _ in 0..600 {
        world.run(secs(1));
        world.schedule.moved(world.at);
    }
    let times = world.seconds_of(Said::Publish(0, TODAY));
    assert!((9..=11).contains(&times.len()), "{times:?}");
}

#[test]
fn failed_publication_is_retried_at_once_when_the_dht_is_back() {
    let mut world = World::with_pairs(1, NOON, 1);
    let mut waits = Vec::new();
    let mut last = world.at.now;
    for _ in 0..6 {
        let known = world.said.len();
        while world.seconds_of(Said::Publish(0, TODAY)).len() <= waits.len() {
            world.run(secs(1));
        }
        assert!(world.said.len() > known);
        waits.push((world.at.now - last).as_secs());
        last = world.at.now;
        world.schedule.failed(PairId(0), TODAY, world.at);
    }
    for (wait, least) in waits[1..].iter().zip([30, 60, 120, 600, 600]) {
        assert!((least..least + 15).contains(wait), "{waits:?}");
    }
    world.said.clear();
    world.schedule.reachable(false, world.at);
    world.schedule.reachable(true, world.at);
    world.run(secs(3));
    assert_eq!(world.take(), [Said::Publish(0, TODAY)]);
}

#[test]
fn jump_of_the_clock_publishes_once_under_the_new_day() {
    let mut world = World::with_pairs(1, NOON, 3);
    world.run(secs(100));
    world.take();
    for unix in [NOON + 10 * DAY, NOON - 400 * DAY, 0, u64::MAX, NOON] {
        world.at.unix = unix;
        // Held there: no seconds are added at the end of time.
        let mut said = Vec::new();
        for _ in 0..30 {
            while let Some(action) = world.schedule.poll(world.at) {
                said.push(action);
            }
            world.at.now += secs(1);
        }
        let expected = days(unix).count() * 3;
        assert!(
            said.iter().all(|action| matches!(action, Action::Publish { day, .. } if days(unix).any(|d| d == *day)))
        );
        assert!((3..=expected).contains(&said.len()), "{unix}: {}", said.len());
    }
}

#[test]
fn records_are_published_again_after_hours_of_sleep() {
    let mut world = World::with_pairs(1, NOON, 1);
    world.run(secs(100));
    world.take();
    world.at.unix += 3 * 3600;
    world.run(secs(3));
    assert_eq!(world.take(), [Said::Publish(0, TODAY)]);
}

#[test]
fn only_wanted_pairs_are_looked_for_while_the_dht_is_away() {
    let mut world = World::with_pairs(1, NOON, 2);
    world.schedule.reachable(false, world.at);
    world.run(secs(600));
    assert_eq!(world.take(), []);
    world.schedule.want(PairId(1), true, world.at);
    world.run(secs(1));
    assert_eq!(world.take(), [Said::Resolve(1)]);
    world.schedule.reachable(true, world.at);
    world.run(secs(10));
    let mut said = world.take();
    said.retain(|said| *said != Said::Resolve(1));
    assert_eq!(said, [Said::Publish(0, TODAY), Said::Publish(1, TODAY), Said::Resolve(0)]);
}

#[test]
fn a_removed_pair_is_silent_and_one_too_many_is_refused() {
    let mut world = World::with_pairs(1, NOON, MAX_PAIRS as u64);
    let more = world.schedule.add(PairId(9999), secret(1), Side::Lower, world.at);
    assert_eq!(more, Err(TooManyPairs));
    for pair in 0..MAX_PAIRS as u64 {
        world.schedule.remove(PairId(pair));
    }
    world.run(secs(3600));
    assert_eq!(world.take(), []);
}

#[test]
fn the_same_seed_gives_the_same_schedule() {
    let said = |seed| {
        let mut world = World::with_pairs(seed, NOON, 30);
        world.run(secs(5 * 3600));
        world.said
    };
    assert_eq!(said(7), said(7));
    assert_ne!(said(7), said(8));
}

#[test]
fn repeated_wants_look_for_a_pair_no_more_often() {
    let mut world = World::with_pairs(1, NOON, 1);
    world.schedule.want(PairId(0), true, world.at);
    for _ in 0..3600 {
        world.schedule.linked(PairId(0), false, world.at);
        world.schedule.want(PairId(0), true, world.at);
        world.run(secs(1));
    }
    let lookups = world.said.iter().filter(|(_, said)| *said == Said::Resolve(0)).count();
    assert!(lookups <= 11, "{lookups} lookups in an hour");
}
