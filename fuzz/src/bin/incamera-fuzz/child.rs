//! One target in a process of its own: replays what is kept, then changes it.

use std::{
    fs::{self, File},
    io::{self, Seek, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fuzz::Target;

use crate::mutate::Mutator;

/// As long as an input may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// More memory than the target had after its kept inputs, in bytes.
const GROWTH: usize = 512 << 20;
/// Half of what the workers of the engine have: a sender that leaves the padding out can nest twice as deep.
const STACK: usize = 1 << 20;
const WATCH: Duration = Duration::from_millis(100);
/// How the process ends when the input takes too long, or too much memory.
const TOO_SLOW: i32 = 70;
const TOO_LARGE: i32 = 71;

#[derive(clap::Args)]
pub struct Orders {
    #[arg(long)]
    target: String,
    #[arg(long)]
    seconds: u64,
    #[arg(long)]
    seed: u64,
    /// Holds the input that is being tried, for whoever finds this process dead.
    #[arg(long)]
    current: PathBuf,
}

/// What the watching thread sees of the working one.
#[derive(Default)]
struct Progress {
    /// Milliseconds since the beginning at which the input began, and one more; 0: none.
    began: AtomicU64,
    /// Resident bytes after the kept inputs; 0: not there yet.
    ordinary: AtomicU64,
}

pub fn run(orders: &Orders) -> Result<(), String> {
    let target = named(&orders.target)?;
    let current = File::create(&orders.current).map_err(|why| format!("{}: {why}", orders.current.display()))?;
    let seeds = target.seeds().map_err(|why| format!("{}: {why}", target.folder().display()))?;
    let seeds: Vec<_> = seeds.into_iter().map(|(_, bytes)| bytes).collect();
    let progress = Arc::new(Progress::default());
    let (seconds, seed, start) = (orders.seconds, orders.seed, Instant::now());
    let watched = Arc::clone(&progress);
    thread::spawn(move || watch(target, start, &watched));
    on_small_stack(move || {
        let mut work = Work { target, current, progress, start, executions: 0 };
        for seed in &seeds {
            work.attempt(seed);
        }
        let memory = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
        work.progress.ordinary.store(memory.max(1), Ordering::Relaxed);
        let kept = work.executions;
        let mut mutator = Mutator::new(seed, target, seeds);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds) {
            let input = mutator.make();
            work.attempt(&input);
        }
        let tried = work.executions - kept;
        println!("{}: {kept} kept inputs, {tried} others in {seconds} s", target.name);
    })
}

pub fn replay(name: &str, input: &Path) -> Result<(), String> {
    let target = named(name)?;
    let bytes = fs::read(input).map_err(|why| format!("{}: {why}", input.display()))?;
    on_small_stack(move || (target.run)(&bytes))
}

fn named(name: &str) -> Result<&'static Target, String> {
    fuzz::find(name).ok_or_else(|| format!("there is no target {name}"))
}

/// A panic has said itself what it is.
fn on_small_stack(work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().name("input".into()).stack_size(STACK).spawn(work);
    thread.map_err(|why| why.to_string())?.join().map_err(|_| "the target broke a promise".into())
}

struct Work {
    target: &'static Target,
    current: File,
    progress: Arc<Progress>,
    start: Instant,
    executions: u64,
}

impl Work {
    fn attempt(&mut self, input: &[u8]) {
        self.note(input).expect("the current input can be written");
        self.progress.began.store(self.start.elapsed().as_millis() as u64 + 1, Ordering::Relaxed);
        (self.target.run)(input);
        self.progress.began.store(0, Ordering::Relaxed);
        self.executions += 1;
    }

    fn note(&mut self, input: &[u8]) -> io::Result<()> {
        self.current.rewind()?;
        self.current.write_all(input)?;
        self.current.set_len(input.len() as u64)
    }
}

fn watch(target: &Target, start: Instant, progress: &Progress) {
    loop {
        thread::sleep(WATCH);
        let began = progress.began.load(Ordering::Relaxed);
        if began > 0 && start.elapsed() > Duration::from_millis(began) + PATIENCE {
            eprintln!("{}: an input takes more than {} s", target.name, PATIENCE.as_secs());
            std::process::exit(TOO_SLOW);
        }
        let ordinary = progress.ordinary.load(Ordering::Relaxed) as usize;
        let memory = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem);
        if ordinary > 0 && memory > ordinary + GROWTH {
            eprintln!("{}: {} MB more than after the kept inputs", target.name, (memory - ordinary) >> 20);
            std::process::exit(TOO_LARGE);
        }
    }
}
