//! Calls of people with little upload: whole rooms of the engine, in simulated time.

use std::time::Duration;

use engine::simulation::{Call, Outcome, simulate};

use crate::report::Narrow;

const SETTLES: Duration = Duration::from_secs(8);
const LASTS: Duration = Duration::from_secs(40);
/// What is too long for a picture to stand still, in milliseconds.
const STILL_MS: u64 = 1000;

/// Simulates each of them with several seeds.
pub fn measure() -> Vec<Narrow> {
    let bad = Call {
        people: 4,
        kbps: (1000, 1000),
        loss_percent: 5,
        delay_ms: 20,
        jitter_ms: 40,
        settles: SETTLES,
        lasts: LASTS,
    };
    let clear = Call { loss_percent: 0, delay_ms: 10, jitter_ms: 2, ..bad };
    // Its beginning: most of it before somebody carries.
    let alone =
        Call { people: 6, kbps: (900, 30_000), settles: Duration::ZERO, lasts: Duration::from_secs(5), ..clear };
    let carried = Call { settles: Duration::from_secs(30), lasts: LASTS, ..alone };
    let many = Call { people: 16, kbps: (3000, 3000), lasts: Duration::from_secs(10), ..clear };
    vec![
        measured("4 with 1 Mbit/s, 5 % loss, 40 ms jitter", &bad, 12),
        measured("one of 6 with 900 kbit/s, at first", &alone, 3),
        measured("one of 6 with 900 kbit/s, carried", &carried, 3),
        measured("16 with 3 Mbit/s", &many, 1),
    ]
}

fn measured(what: &'static str, call: &Call, seeds: u64) -> Narrow {
    let outcomes: Vec<Outcome> = (1..=seeds).map(|seed| simulate(call, seed)).collect();
    let mut stills: Vec<_> = outcomes.iter().flat_map(|outcome| outcome.stills_ms.iter().copied()).collect();
    stills.sort_unstable();
    let (most, least) = (|of: fn(&Outcome) -> f64| outcomes.iter().map(of).fold(0.0, f64::max), f64::min);
    Narrow {
        what,
        streams: stills.len(),
        over_a_second: stills.iter().filter(|still| **still > STILL_MS).count(),
        middle_still_ms: stills.get(stills.len() / 2).copied().unwrap_or(0),
        longest_still_ms: stills.last().copied().unwrap_or(0),
        slowest_fps: outcomes.iter().map(|outcome| outcome.slowest_fps).fold(f64::INFINITY, least),
        unheard: most(|outcome| outcome.unheard),
        kbps: outcomes.iter().map(|outcome| outcome.kbps).sum::<u32>() / seeds as u32,
        carried: outcomes.iter().filter(|outcome| outcome.carried).count(),
        seeds,
    }
}
