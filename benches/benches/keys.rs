//! Keys by size of the group: changing them, following a change, admitting; and a voice's frames under them.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use benches::{
    allocated::{Counted, held_by},
    criterion, measuring, median, micros, people, timed,
};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use group_crypto::{Change, Group, MemberIndex, Opener, RunId, Sealer, Suite};

#[global_allocator]
static ALLOCATOR: Counted = Counted;

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
        bounds();
        proof_of_a_voice();
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
    opener.add_epoch(&keys, company.founder.members());
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

/// Bytes and times of rooms up to the largest, in which the founder alone has committed, as a sequencer does.
fn bounds() {
    println!("\nrooms in which one has made all commits; KB are 1000 bytes, times are the shortest of a few, in ms:");
    println!(
        "            people | KB: package Welcome  commit  /person   saved  memory  /person | \
         admit   join commit follow remove   read   save   load"
    );
    for suite in [Suite::PostQuantum, Suite::Classical] {
        for size in [2, 8, 32, 128] {
            bounds_of(suite, size);
        }
    }
    println!();
}

fn bounds_of(suite: Suite, size: u8) {
    // The shortest, because the longer ones of a busy machine wait for their turn in the midst.
    let times = if size > 32 { 12 } else { 20 };
    let mut room = people::company(size, suite);
    let (mut admit, mut join, mut commit, mut follow, mut remove, mut read, mut save, mut load) =
        <[Vec<Duration>; 8]>::default().into();
    let (mut package, mut welcome, mut renewal) = (0, 0, 0);
    for _ in 0..times {
        let (guest, secret) = people::guest(size, suite);
        package = guest.key_package().len();
        room.second.learn_invitation(&secret);
        let change = Change::Admit { key_package: guest.key_package(), secret: &secret };
        let admitted = timed(&mut admit, || room.founder.commit(&[change]).expect("an admission"));
        let letter = admitted.welcome.expect("a Welcome for who is admitted");
        welcome = letter.len();
        timed(&mut join, || guest.join(&letter, &secret).expect("the founder's Welcome"));
        room.second.process(&admitted.commit).expect("the admission");

        let last = Change::Remove(MemberIndex(size.into()));
        let removed = timed(&mut remove, || room.founder.commit(&[last]).expect("a removal"));
        room.second.process(&removed.commit).expect("the removal");

        let renewed = timed(&mut commit, || room.founder.commit(&[]).expect("a renewal of the keys"));
        renewal = renewed.commit.len();
        timed(&mut follow, || room.second.process(&renewed.commit).expect("the renewal"));

        let text = room.founder.protect(b"a line of the chat").expect("a text");
        timed(&mut read, || room.second.process(&text).expect("a text"));
    }
    let mut saved = Vec::new();
    for _ in 0..times {
        saved = timed(&mut save, || room.second.save().expect("a group that can be kept")).to_vec();
        timed(&mut load, || Group::load(&saved).expect("what was saved"));
    }
    let (_group, memory) = held_by(|| Group::load(&saved).expect("what was saved"));
    let kb = |bytes: usize| bytes as f64 / 1e3;
    let each = |bytes: usize| kb(bytes) / f64::from(size);
    let ms = |times: Vec<Duration>| micros(times.into_iter().min().unwrap_or_default()) / 1e3;
    println!(
        "{suite:>13?} {size:>4} | {:>11.1} {:>7.1} {:>7.1} {:>8.2} {:>7.1} {:>7.1} {:>8.2} | \
         {:>5.2} {:>6.2} {:>6.2} {:>6.2} {:>6.2} {:>6.2} {:>6.2} {:>6.2}",
        kb(package),
        kb(welcome),
        kb(renewal),
        each(renewal),
        kb(saved.len()),
        kb(memory),
        each(memory),
        ms(admit),
        ms(join),
        ms(commit),
        ms(follow),
        ms(remove),
        ms(read),
        ms(save),
        ms(load),
    );
}

/// What it would cost to sign each packet of a voice, beside what sealing and opening it costs.
fn proof_of_a_voice() {
    const PACKETS: usize = 2000;
    const PER_SECOND: f64 = 50.0;
    let company = people::company(2, Suite::PostQuantum);
    let (founder, second) = (&company.founder, &company.second);
    let mut sealer = Sealer::new(&founder.epoch_keys(), founder.me(), RunId::generate());
    let mut opener = Opener::new();
    opener.set_run(founder.my_id(), sealer.run());
    opener.add_epoch(&second.epoch_keys(), second.members());
    let (mut seal, mut open, mut sign, mut verify) = <[Vec<Duration>; 4]>::default().into();
    let (mut sealed, mut opened, mut signature) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..PACKETS {
        let voice = [n as u8; VOICE];
        timed(&mut seal, || sealer.seal(0, &voice, &mut sealed).expect("keys that last"));
        timed(&mut open, || opener.open(founder.my_id(), &sealed, &mut opened).expect("a new frame"));
        signature = timed(&mut sign, || founder.sign("voice", &sealed).expect("a member's signature"));
        assert!(timed(&mut verify, || second.verify(founder.me(), "voice", &sealed, &signature)));
    }
    let kbps = |bytes: usize| bytes as f64 * 8.0 * PER_SECOND / 1e3;
    println!(
        "a voice of {VOICE} bytes, {PER_SECOND} packets a second: seal {:.1} us, open {:.1} us, {} bytes ({:.1} kbps)",
        micros(median(seal)),
        micros(median(open)),
        sealed.len() - VOICE,
        kbps(sealed.len() - VOICE),
    );
    println!(
        "signed each by itself it would be: sign {:.1} us, verify {:.1} us, {} bytes more ({:.1} kbps)\n",
        micros(median(sign)),
        micros(median(verify)),
        signature.len(),
        kbps(signature.len()),
    );
}
