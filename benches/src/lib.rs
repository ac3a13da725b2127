//! What the benchmarks share: a group, short runs, and the figures they print.

pub mod allocated;
pub mod keys;
pub mod mixer;
pub mod people;
pub mod speech;
pub mod voice;

use std::time::{Duration, Instant};

use criterion::Criterion;

/// Short runs: what these benchmarks are for are ratios, and those are steady long before Criterion's own defaults.
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args()
}

/// Whether this is a measurement, and not a mere trial run (`cargo test --benches`).
pub fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// The middle value; 0 of none.
pub fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}

/// Does it, and notes how long it took.
pub fn timed<T>(times: &mut Vec<Duration>, act: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = act();
    times.push(began.elapsed());
    done
}

/// Microseconds, for printing.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
