//! Keys by size of the group: changing them, following a change, admitting; and a voice's frames under them.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use benches::{criterion, measuring, median, micros, people};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use group_crypto::{Opener, RunId, Sealer, Suite};

const SIZES: [u8; 4] = [2, 4, 8, 16];
/// A usual Opus packet of 20 ms at 32 kbps, with the header that is sealed with it.
const VOICE: usize = 85;

fn main() {
    let mut criterion = criterion();
    epochs(&mut criterion);
    frames(&mut criterion);
    criterion.final_summary();
    if measuring() {
        hybrid_against_classical();
    }
}

fn epochs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("epoch");
    for size in SIZES {
        let mut company = people::company(size, Suite::PostQuantum);
        group.bench_function(BenchmarkId::new("commit", size), |b| {
            b.iter(|| company.founder.commit(&[]).expect("a renewal of the keys"));
        });
        let mut company = people::company(size, Suite::PostQuantum);
        group.bench_function(BenchmarkId::new("follow", size), |b| {
            b.iter_batched(
                || company.founder.commit(&[]).expect("a renewal of the keys").commit,
                |commit| company.second.process(&commit).expect("the next commit"),
                BatchSize::SmallInput,
            );
        });
        let mut company = people::company(size, Suite::PostQuantum);
        group.bench_function(BenchmarkId::new("admit, join and remove", size), |b| {
            b.iter(|| {
                let joined = people::admit(&mut company.founder, size, Suite::PostQuantum);
                people::remove_last(&mut company.founder, size + 1);
                joined
            });
        });
    }
    group.finish();
}

fn frames(criterion: &mut Criterion) {
    let company = people::company(2, Suite::PostQuantum);
    let keys = company.founder.epoch_keys();
    let mut sealer = Sealer::new(&keys, company.founder.me(), RunId::generate());
    let mut opener = Opener::new();
    opener.set_run(company.founder.my_id(), sealer.run());
    opener.add_epoch(&keys, &company.founder.members());
    let from = company.founder.my_id();
    let mut group = criterion.benchmark_group("voice");
    group.throughput(Throughput::Bytes(VOICE as u64));
    let voice = [7; VOICE];
    let mut sealed = Vec::new();
    group.bench_function("seal", |b| {
        b.iter(|| sealer.seal(0, black_box(&voice), &mut sealed).expect("keys that last"));
    });
    let mut opened = Vec::new();
    group.bench_function("open", |b| {
        b.iter_batched(
            || {
                let mut sealed = Vec::new();
                sealer.seal(0, &voice, &mut sealed).expect("keys that last");
                sealed
            },
            |sealed| opener.open(from, &sealed, &mut opened).expect("a frame of ours, for the first time"),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// What the post-quantum half costs: both suites in turns, so that a busy machine slows down both.
fn hybrid_against_classical() {
    println!("\nkeys renewed by one and followed by another, median of 50, hybrid against classical:");
    for size in SIZES {
        let mut hybrid = people::company(size, Suite::PostQuantum);
        let mut classical = people::company(size, Suite::Classical);
        let (mut times, mut base, mut bytes) = (Vec::new(), Vec::new(), (0, 0));
        for _ in 0..50 {
            let (time, length) = renew(&mut hybrid);
            times.push(time);
            bytes.0 = length;
            let (time, length) = renew(&mut classical);
            base.push(time);
            bytes.1 = length;
        }
        let (time, base) = (median(times), median(base));
        println!(
            "  {size:>2} people: {:>7.0} us, {:>6} bytes; {:.2} times the time, {:.1} times the bytes",
            micros(time),
            bytes.0,
            time.as_secs_f64() / base.as_secs_f64(),
            bytes.0 as f64 / bytes.1 as f64,
        );
    }
    println!();
}

fn renew(company: &mut people::Company) -> (Duration, usize) {
    let began = Instant::now();
    let commit = company.founder.commit(&[]).expect("a renewal of the keys").commit;
    company.second.process(&commit).expect("the next commit");
    (began.elapsed(), commit.len())
}
