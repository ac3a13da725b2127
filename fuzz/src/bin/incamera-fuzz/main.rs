//! Throws kept and changed inputs at the targets, each in a process of its own, so that one that aborts, hangs or grows is
//! a finding like one that panics.

mod child;
mod mutate;

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::{Parser, Subcommand};
use fuzz::{TARGETS, Target};

/// Between two looks at the processes.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Parser)]
#[command(name = "incamera-fuzz", about = "Hostile bytes for everything that reads foreign bytes")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Lists the targets.
    List,
    /// Replays the kept inputs of each target, then changed ones until the time is over.
    Smoke {
        /// For each target.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        /// This one alone; may be given again.
        #[arg(long)]
        target: Vec<String>,
        /// At once.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
        /// The same inputs again, but for what depends on keys, which are random.
        #[arg(long)]
        seed: Option<u64>,
        /// Where inputs that break something are written.
        #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/artifacts"))]
        artifacts: PathBuf,
    },
    /// Gives one target one input.
    Replay { target: String, input: PathBuf },
    /// What `smoke` starts for each target.
    #[command(hide = true)]
    Child(child::Orders),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::List => {
            TARGETS.iter().for_each(|target| println!("{} {}", target.name, target.longest));
            Ok(true)
        }
        What::Smoke { seconds, target, jobs, seed, artifacts } => {
            let seed = seed.unwrap_or_else(fresh_seed);
            chosen(&target).and_then(|targets| smoke(targets, seconds, jobs, seed, &artifacts))
        }
        What::Replay { target, input } => child::replay(&target, &input).map(|()| true),
        What::Child(orders) => child::run(&orders).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("incamera-fuzz: {why}");
            ExitCode::from(2)
        }
    }
}

fn fresh_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn chosen(names: &[String]) -> Result<VecDeque<&'static Target>, String> {
    if names.is_empty() {
        return Ok(TARGETS.iter().collect());
    }
    names.iter().map(|name| fuzz::find(name).ok_or_else(|| format!("there is no target {name}"))).collect()
}

/// One target at work.
struct Job {
    target: &'static Target,
    child: Child,
    /// The input that it is at.
    current: PathBuf,
}

fn smoke(
    mut targets: VecDeque<&'static Target>,
    seconds: u64,
    jobs: usize,
    seed: u64,
    artifacts: &Path,
) -> Result<bool, String> {
    fs::create_dir_all(artifacts).map_err(|why| format!("{}: {why}", artifacts.display()))?;
    println!("seed {seed}");
    let (mut running, mut failed): (Vec<Job>, Vec<&str>) = (Vec::new(), Vec::new());
    while !targets.is_empty() || !running.is_empty() {
        while running.len() < jobs.max(1)
            && let Some(target) = targets.pop_front()
        {
            running.push(start(target, seconds, seed, artifacts)?);
        }
        thread::sleep(LOOK);
        let mut still = Vec::new();
        for mut job in running {
            match job.child.try_wait().map_err(|why| why.to_string())? {
                None => still.push(job),
                Some(status) if status.success() => drop(fs::remove_file(&job.current)),
                Some(status) => {
                    let kept = artifacts.join(format!("{}-{seed}", job.target.name));
                    fs::rename(&job.current, &kept).map_err(|why| format!("{}: {why}", kept.display()))?;
                    eprintln!("!! {}: {status}; the input is {}", job.target.name, kept.display());
                    failed.push(job.target.name);
                }
            }
        }
        running = still;
    }
    if !failed.is_empty() {
        eprintln!("!! FAILED: {} (seed {seed})", failed.join(" "));
    }
    Ok(failed.is_empty())
}

fn start(target: &'static Target, seconds: u64, seed: u64, artifacts: &Path) -> Result<Job, String> {
    let current = artifacts.join(format!(".{}.current", target.name));
    let program = std::env::current_exe().map_err(|why| why.to_string())?;
    let child = Command::new(program)
        .args(["child", "--target", target.name, "--seconds", &seconds.to_string(), "--seed", &seed.to_string()])
        .arg("--current")
        .arg(&current)
        .stdin(Stdio::null())
        .spawn()
        .map_err(|why| why.to_string())?;
    Ok(Job { target, child, current })
}
