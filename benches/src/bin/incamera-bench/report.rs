//! Everything that was measured: what the JSON holds, and what tables and plot are made from.

use serde::{Deserialize, Serialize};

#[derive(Default, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub stages: Vec<Stage>,
    /// Those of every call, with the small pictures of large rooms.
    pub small_stages: Vec<Stage>,
    pub rooms: Vec<Room>,
    pub chromium: Vec<Browser>,
    pub narrow: Vec<Narrow>,
    pub pictures: Vec<PictureQuality>,
    /// Which clip they are of.
    pub clip: &'static str,
    pub speech: Vec<SpeechQuality>,
    pub cleaned: Vec<Cleaned>,
    pub mixed: Vec<Mixed>,
    pub soak: Vec<Soak>,
    /// What was not measured, and why.
    pub lacking: Vec<String>,
}

#[derive(Default, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub system: String,
    pub commit: String,
    pub date: String,
    pub command: String,
}

/// How often a stage's work is done by one of N people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Per {
    /// Once for all.
    Person,
    /// For each of the N - 1 others.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Class {
    /// The floor: encoders and decoders.
    Codec,
    /// What every call does besides.
    Pipeline,
    /// The codecs once more, at the pace of a room.
    Paced,
    /// What a real microphone and speaker add.
    Sound,
    /// What a real camera adds: one of these.
    Camera,
}

/// One step of the frame's way.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    pub name: &'static str,
    /// What `micros` are for.
    pub unit: &'static str,
    pub per: Per,
    pub class: Class,
    /// The middle of all that were measured.
    pub micros: f64,
    pub per_second: f64,
}

impl Stage {
    /// Share of a core, once.
    pub fn core(&self) -> f64 {
        self.micros * self.per_second / 1e6
    }

    /// Cores of a whole room of so many on one machine.
    pub fn cores(&self, people: u32) -> f64 {
        let people = f64::from(people);
        let times = match self.per {
            Per::Person => 1.0,
            Per::Other => people - 1.0,
        };
        people * times * self.core()
    }
}

/// Cores that these classes of stages take in a room of so many.
pub fn cores(stages: &[Stage], people: u32, classes: &[Class]) -> f64 {
    stages.iter().filter(|stage| classes.contains(&stage.class)).map(|stage| stage.cores(people)).sum()
}

/// A whole room in one process, after everybody has seen everybody.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Room {
    pub people: u32,
    pub width: u32,
    pub height: u32,
    pub kbps: u32,
    /// Wall time that was measured.
    pub seconds: f64,
    /// From the first wish to the last picture of all.
    pub complete_after: f64,
    /// Streams of pictures that came, of `people * (people - 1)`.
    pub streams: usize,
    /// Of these, the ones whose last picture had the size asked for; the others came as a smaller layer.
    #[serde(default)]
    pub whole: usize,
    #[serde(flatten)]
    pub quality: RoomQuality,
    pub cores: f64,
    pub rss_mb: f64,
    /// The codecs' share, from the stages of the same run.
    #[serde(default)]
    pub floor: f64,
    /// The same codecs at the pace of a room.
    #[serde(default)]
    pub paced: f64,
    /// All stages of the same run.
    #[serde(default)]
    pub pipeline: f64,
}

/// What the people of a whole room see and hear.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RoomQuality {
    pub slowest_fps: f64,
    pub mean_fps: f64,
    pub freezes: u64,
    /// Share of the sound that was made up.
    pub concealed: f64,
    /// Capture to present: the middle of the streams' medians, and the worst 95th percentile.
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub jitter_buffer_ms: f64,
}

/// The same room in Chromium.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Browser {
    pub version: String,
    pub people: u32,
    pub seconds: f64,
    pub streams: usize,
    pub slowest_fps: f64,
    pub mean_fps: f64,
    pub freezes: u64,
    pub concealed: f64,
    pub jitter_buffer_ms: f64,
    /// From the first packet of a picture to its decoding, the middle of the streams.
    pub processing_ms: f64,
    pub cores: f64,
    pub rss_mb: f64,
}

/// A room whose members have little upload, in simulated time; of several seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Narrow {
    pub what: &'static str,
    pub seeds: u64,
    pub streams: usize,
    /// Streams whose picture stood still for more than a second, once or more often.
    pub over_a_second: usize,
    /// The longest time without a new picture: of the middle stream, and of the worst.
    pub middle_still_ms: u64,
    pub longest_still_ms: u64,
    pub slowest_fps: f64,
    /// Share of sounds that neither came nor could be repaired, of the worst stream.
    pub unheard: f64,
    /// Of the best layer that the first person sends, on average.
    pub kbps: u32,
    /// In how many of them somebody else passes the first person's pictures on.
    pub carried: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct PictureQuality {
    pub width: u32,
    pub height: u32,
    pub asked_kbps: u32,
    pub kbps: f64,
    pub psnr_db: f64,
    pub ssim: f64,
    /// Pictures that the encoder left out, of all.
    pub skipped: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct SpeechQuality {
    pub network: String,
    /// PESQ-WB (ITU-T P.862.2), the mean of several seeds and the least; none without the scorer.
    pub pesq: Option<f64>,
    pub least_pesq: Option<f64>,
    pub kbps: f64,
    pub concealed: f64,
    pub delay_ms: f64,
}

/// What speech processing made of a mixture.
#[derive(Clone, Debug, Serialize)]
pub struct Cleaned {
    pub what: String,
    /// How much less there is of the echo or the noise.
    pub taken_db: f64,
    /// The voice's level afterwards against before.
    pub level_db: f64,
    /// The mean correlation of what is left of the voice with the voice, 0 to 1.
    pub likeness: f64,
    /// PESQ-WB of the mixture and of what was made of it, against the voice alone; none without the scorer.
    pub pesq_before: Option<f64>,
    pub pesq_after: Option<f64>,
}

/// What 10 ms of sound cost to play, in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Mixed {
    pub people: usize,
    pub talking: usize,
    pub decode_us: f64,
    pub mix_us: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Soak {
    pub what: &'static str,
    pub hours: f64,
    /// What is held flat: its name, at the beginning, at the end, and the most it may be.
    pub held: Vec<Held>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Held {
    pub name: &'static str,
    pub early: f64,
    pub late: f64,
    pub most: f64,
}

impl Held {
    pub fn is_flat(&self) -> bool {
        self.late <= self.most
    }
}
