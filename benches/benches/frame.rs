//! One frame's way, step by step, and what all of it costs on top of the bare codecs.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use benches::{criterion, measuring, median, micros, people, scene};
use criterion::{BatchSize, Criterion, Throughput};
use group_crypto::{MemberId, Opener, RunId, Sealer, Suite};
use media::{
    EncodedFrame, Picture, SealedFrame, Stream,
    decode::VideoDecoder,
    encode::VideoEncoder,
    gather::{Gather, Gathered},
    split::Splitter,
};

fn main() {
    let pictures = scene::pictures();
    let mut criterion = criterion();
    steps(&mut criterion, &pictures);
    criterion.final_summary();
    if measuring() {
        whole_way(&pictures);
    }
}

/// The sender's and the receiver's keys of one member of a group of two.
fn keys() -> (Sealer, Opener, MemberId) {
    let company = people::company(2, Suite::PostQuantum);
    let keys = company.founder.epoch_keys();
    let mut opener = Opener::new();
    opener.add_epoch(&keys, company.founder.members());
    let sealer = Sealer::new(&keys, company.founder.me(), RunId::generate());
    opener.set_run(company.founder.my_id(), sealer.run());
    (sealer, opener, company.founder.my_id())
}

fn frame(data: Vec<u8>, keyframe: bool, number: usize) -> EncodedFrame {
    let captured_us = scene::time_of(number).as_micros() as u32;
    EncodedFrame { stream: Stream::Video, keyframe, captured_us, data }
}

fn seal(sealer: &mut Sealer, frame: &EncodedFrame) -> SealedFrame {
    let mut sealed = Vec::new();
    sealer
        .seal(frame.stream.context(), &frame.to_plaintext(), &mut sealed)
        .expect("the keys last for more frames than this");
    SealedFrame::from_ciphertext(frame.stream, frame.captured_us, sealed)
}

fn open(opener: &mut Opener, from: MemberId, sealed: &SealedFrame) -> EncodedFrame {
    let mut plaintext = Vec::with_capacity(sealed.bytes().len());
    opener.open(from, sealed.bytes(), &mut plaintext).expect("a frame of ours, for the first time");
    EncodedFrame::from_plaintext(sealed.stream, plaintext).expect("what we sealed ourselves")
}

fn steps(criterion: &mut Criterion, pictures: &[Picture]) {
    let units = scene::encoded(pictures);
    let (mut sealer, mut opener, from) = keys();
    let bytes = units.iter().map(|unit| unit.data.len()).sum::<usize>() / units.len();
    let usual = frame(vec![7; bytes], false, 0);
    let mut group = criterion.benchmark_group("frame");

    let mut encoder = VideoEncoder::new(scene::FORMAT, scene::KBPS).expect("a format that can be encoded");
    let mut number = 0;
    group.bench_function("encode", |b| {
        b.iter(|| {
            number += 1;
            let picture = &pictures[number % pictures.len()];
            encoder.encode(black_box(picture), scene::time_of(number), false).expect("a picture of the right size")
        });
    });

    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("seal", |b| b.iter(|| seal(&mut sealer, black_box(&usual))));

    let sealed = seal(&mut sealer, &usual);
    let mut splitter = Splitter::new();
    group.bench_function("split", |b| b.iter(|| splitter.split(black_box(&sealed))));

    let packets = splitter.split(&sealed);
    let mut sequence = 0;
    let (mut gather, now) = (Gather::new(Stream::Video), Instant::now());
    group.bench_function("gather", |b| {
        b.iter(|| {
            for packet in &packets {
                gather.insert(now, sequence, u64::from(packet.timestamp), &packet.payload);
                sequence += 1;
            }
            gather.poll(now).expect("a whole frame")
        });
    });

    group.bench_function("open", |b| {
        b.iter_batched(|| seal(&mut sealer, &usual), |sealed| open(&mut opener, from, &sealed), BatchSize::SmallInput);
    });

    let mut decoder = VideoDecoder::new();
    let mut shown = Picture::black(scene::FORMAT.width, scene::FORMAT.height);
    let mut units = units.iter().cycle();
    group.bench_function("decode", |b| {
        b.iter(|| {
            let unit = units.next().expect("a cycle has no end");
            if let Some(view) = decoder.decode(&unit.data).expect("our own encoder's units") {
                view.copy_to(&mut shown);
            }
        });
    });
    group.finish();
}

/// Every step of ten loops of the scene in one run, so that the codecs are the baseline of the very same frames.
fn whole_way(pictures: &[Picture]) {
    const STEPS: [&str; 6] = ["encode", "seal", "split", "gather", "open", "decode"];
    let (mut sealer, mut opener, from) = keys();
    let mut encoder = VideoEncoder::new(scene::FORMAT, scene::KBPS).expect("a format that can be encoded");
    let (mut splitter, mut gather) = (Splitter::new(), Gather::new(Stream::Video));
    let (mut decoder, mut shown) = (VideoDecoder::new(), Picture::black(2, 2));
    let mut times: [Vec<Duration>; 6] = Default::default();
    let mut sequence = 0;
    for number in 0..10 * scene::LOOP {
        let mut step = Stopwatch::start();
        let picture = &pictures[number % pictures.len()];
        let unit = encoder.encode(picture, scene::time_of(number), false);
        let Some(unit) = unit.expect("a picture of the right size") else {
            continue;
        };
        step.lap(&mut times[0]);
        let sealed = seal(&mut sealer, &frame(unit.data, unit.keyframe, number));
        step.lap(&mut times[1]);
        let packets = splitter.split(&sealed);
        step.lap(&mut times[2]);
        for packet in &packets {
            gather.insert(step.0, sequence, u64::from(packet.timestamp), &packet.payload);
            sequence += 1;
        }
        let Some(Gathered::Frame { frame: sealed, .. }) = gather.poll(step.0) else {
            unreachable!("all its packets are there");
        };
        step.lap(&mut times[3]);
        let opened = open(&mut opener, from, &sealed);
        step.lap(&mut times[4]);
        if let Some(view) = decoder.decode(&opened.data).expect("our own encoder's units") {
            view.copy_to(&mut shown);
        }
        step.lap(&mut times[5]);
    }
    let frames = times[5].len();
    let times = times.map(median);
    let all: Duration = times.iter().sum();
    let codecs = times[0] + times[5];
    println!("\nthe whole way of {frames} frames, 640x360 at {} kbps, median of each step:", scene::KBPS);
    for (step, time) in STEPS.iter().zip(times) {
        let share = 100.0 * time.as_secs_f64() / all.as_secs_f64();
        println!("  {step:<7} {:>8.1} us {share:>5.1} %", micros(time));
    }
    println!("  whole way against its bare codecs: {:.3}\n", all.as_secs_f64() / codecs.as_secs_f64());
}

struct Stopwatch(Instant);

impl Stopwatch {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self, times: &mut Vec<Duration>) {
        let now = Instant::now();
        times.push(now - self.0);
        self.0 = now;
    }
}
