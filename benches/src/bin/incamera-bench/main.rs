//! What the media pipeline costs and gives: stages, whole rooms, quality, endurance, and Chromium beside it; as table, JSON
//! and plot. What each figure means is in docs/performance.md.

mod children;
mod chromium;
mod clips;
mod failed;
mod machine;
mod narrow;
mod pair;
mod pictures;
mod plot;
mod processing;
mod report;
mod room;
mod rooms;
mod scorer;
mod soak;
mod speech;
mod stages;
mod table;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use chromium::Chromium;
use clap::{Parser, ValueEnum};
use clips::{FORMAT, SMALL, SMALL_KBPS};
use failed::Failed;
use media::private_file;
use report::{Held, Report};
use tempfile::TempDir;

/// The demo's own.
const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo/guest-1.h264");
const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo/guest-1.wav");
/// The test card and the melody begin again after this.
const CARD: Duration = Duration::from_secs(6);

/// Measures the media pipeline, whole rooms and the keys. Nothing leaves this machine.
#[derive(Parser)]
struct Arguments {
    /// What to measure.
    #[arg(value_enum, default_value = "all")]
    part: Part,
    /// Write all figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Plot them to this file, as SVG.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the tables to this file, as Markdown.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// How long to measure each room, and how long the soak in real time runs [default: 10, 3600].
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// The sizes of the rooms, in people.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "2,4,6,8,12,16")]
    people: Vec<u32>,
    /// The clip for measuring pictures: .h264 or .y4m.
    #[arg(long, value_name = "FILE", default_value = CLIP, hide_default_value = true)]
    video: PathBuf,
    /// The clip for measuring speech, of which the first eight seconds are used: .wav.
    #[arg(long, value_name = "FILE", default_value = VOICE, hide_default_value = true)]
    voice: PathBuf,
    /// The Chromium program, if it is not found automatically.
    #[arg(long, value_name = "FILE")]
    chromium: Option<PathBuf>,
    /// Leave Chromium out.
    #[arg(long)]
    no_chromium: bool,
    /// Run a room in a process of its own; used by this program itself.
    #[arg(long, hide = true)]
    alone: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Stages, rooms, little upload, quality and the soak in simulated time.
    All,
    /// What each step of a frame's way costs.
    Stages,
    /// Whole rooms, against the stages and Chromium.
    Rooms,
    /// Rooms of people with little upload, in simulated time.
    Narrow,
    /// Pictures by rate, speech by loss, what is left of echo and noise, and many voices at once.
    Quality,
    /// Two hours in simulated time.
    Endurance,
    /// A room in real time, for --seconds.
    Soak,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = match &arguments.alone {
        Some(order) => alone(order).map(|()| true),
        None => measure(&arguments),
    };
    match measured {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Lives in one room and prints a line of JSON now and then.
fn alone(order: &str) -> Result<(), Failed> {
    let order = children::Order::read(order).ok_or_else(|| Failed::Child("it was told something odd".into()))?;
    let children::Order { people, format, kbps, seconds, times } = order;
    room::live(people, format, kbps, Duration::from_secs(seconds), times, |room| {
        println!("{}", serde_json::to_string(&room).expect("numbers are JSON"));
    })
}

/// Measures, prints and writes; `false` where something that is to be flat is not.
fn measure(arguments: &Arguments) -> Result<bool, Failed> {
    let part = arguments.part;
    let among = |parts: &[Part]| part == Part::All || parts.contains(&part);
    let mut report = Report { machine: machine::this(), ..Report::default() };
    report.machine.command = command();
    let melody = clips::melody(CARD)?;
    let card = clips::card(FORMAT, CARD)?;
    if among(&[Part::Stages, Part::Rooms]) {
        eprintln!("the stages ...");
        report.stages = stages::measure(&card, &melody);
        report.small_stages = stages::way(&clips::card(SMALL, CARD)?, &melody, SMALL, SMALL_KBPS);
    }
    if among(&[Part::Rooms]) {
        let folder = folder()?;
        let found = Chromium::find(arguments.chromium.as_deref()).filter(|_| !arguments.no_chromium);
        if found.is_some() {
            clips::write(&card, &melody, &chromium::video(folder.path()), &chromium::sound(folder.path()))?;
        } else {
            eprintln!("!! {}", chromium::LACKING);
        }
        rooms::measure(&mut report, &arguments.people, arguments.seconds.unwrap_or(10), found.as_ref(), folder.path());
    }
    if among(&[Part::Narrow]) {
        eprintln!("rooms with little upload ...");
        report.narrow = narrow::measure();
    }
    if among(&[Part::Quality]) {
        measure_quality(arguments, &mut report)?;
    }
    if among(&[Part::Endurance]) {
        eprintln!("two hours in simulated time ...");
        report.soak.push(soak::simulated(&melody)?);
    }
    if part == Part::Soak {
        eprintln!("a room in real time ...");
        report.soak.push(soak::real(arguments.seconds.unwrap_or(3600))?);
    }
    print!("{}", table::text(&report));
    write(arguments.json.as_deref(), || serde_json::to_string_pretty(&report).expect("numbers are JSON") + "\n")?;
    write(arguments.svg.as_deref(), || plot::svg(&report))?;
    write(arguments.markdown.as_deref(), || table::markdown(&report))?;
    Ok(report.soak.iter().flat_map(|soak| &soak.held).all(Held::is_flat))
}

/// Pictures by rate, speech by loss, and what is left of echo and noise.
fn measure_quality(arguments: &Arguments, report: &mut Report) -> Result<(), Failed> {
    eprintln!("pictures by rate ...");
    report.pictures = pictures::measure(&arguments.video)?;
    report.clip = match arguments.video.as_os_str() == CLIP {
        true => "Of the demo's clip, which has 640x360: scaled up to 1280x720 it is easier than what a camera gives.",
        false => "Of a clip of one's own.",
    };
    eprintln!("speech by loss ...");
    let folder = folder()?;
    report.speech = speech::measure(&arguments.voice, folder.path())?;
    eprintln!("echo and noise ...");
    report.cleaned = processing::measure(folder.path())?;
    report.mixed = processing::mix();
    if report.speech.iter().any(|quality| quality.pesq.is_none()) {
        report.lacking.push(scorer::LACKING.to_owned());
    }
    Ok(())
}

fn write(path: Option<&Path>, make: impl FnOnce() -> String) -> Result<(), Failed> {
    let Some(path) = path else {
        return Ok(());
    };
    std::fs::write(path, make()).map_err(|why| Failed::Write(path.to_owned(), why))
}

/// What was asked, so that it can be asked again: without files, which are everybody's own.
fn command() -> String {
    let mut words = vec!["incamera-bench".to_owned()];
    let mut arguments = std::env::args().skip(1);
    while let Some(word) = arguments.next() {
        if ["--json", "--svg", "--markdown", "--video", "--voice", "--chromium"].contains(&word.as_str()) {
            arguments.next();
        } else {
            words.push(word);
        }
    }
    words.join(" ")
}

/// A folder for this run, gone after it.
fn folder() -> Result<TempDir, Failed> {
    private_file::temporary_folder().map_err(|why| Failed::Write(std::env::temp_dir(), why))
}
