//! The figures of a call, in the shape that `--stats` writes.

use group_crypto::MemberId;
use serde::Serialize;

use crate::api::{KeyState, Path, Route};

#[derive(Clone, Default, Serialize)]
pub struct Stats {
    pub name: String,
    pub room: String,
    pub epoch: u64,
    pub cipher_suite: String,
    pub members: Vec<String>,
    /// Who is in the MLS group, and what all members of one epoch have in common: to be compared with the others'.
    #[serde(skip)]
    pub roster: Vec<MemberId>,
    #[serde(skip)]
    pub authenticator: [u8; 32],
    pub cpu_seconds: f64,
    pub peak_rss_mb: f64,
    pub seconds: f64,
    pub participants: Vec<Participant>,
    /// How what others send is decoded.
    pub decoder: Decoder,
    /// How often the decoder's process ended.
    pub decoder_ended: u64,
    /// Its processor time, which is within `cpu_seconds`.
    pub decoder_seconds: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    Sandboxed,
    /// The system has only a part of the sandbox.
    Partly,
    #[serde(rename = "not sandboxed")]
    NotSandboxed,
    /// No decoder can be had.
    #[default]
    #[serde(rename = "not started")]
    NotStarted,
}

#[derive(Clone, Serialize)]
pub struct Participant {
    pub name: String,
    pub path: Path,
    /// None while there is no link.
    pub link_route: Option<Route>,
    pub connected_after_ms: Option<u64>,
    pub first_picture_after_ms: Option<u64>,
    /// How long each interruption of the media lasted.
    pub reconnected_after_ms: Vec<u64>,
    #[serde(with = "KeyStateName")]
    pub keys: KeyState,
    #[serde(flatten)]
    pub key_lacks: KeyLacks,
    pub video: Video,
    /// Of their camera's pictures, those that came by way of another member.
    pub carried: u64,
    /// The name of who passes them on now; none where they come straight.
    pub carried_by: Option<String>,
    /// What they shared of their screen. It has pictures when something changes, so there are no freezes.
    pub screen: Screen,
    pub audio: Audio,
    pub received_bytes: u64,
    pub sent_bytes: u64,
}

/// What was not seen or heard of somebody for want of keys.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct KeyLacks {
    /// The longest time in one piece in which they could be reached and either of us lacked the other's keys.
    pub without_keys_ms: u64,
    /// How often their sound or picture stood still for more than 200 ms because frames came that could not be opened.
    pub frozen_by_keys: u32,
    /// Their frames that were given up for want of a key.
    pub dropped_for_keys: u32,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Video {
    pub frames: u64,
    pub fps: f64,
    pub width: u32,
    pub height: u32,
    pub freezes: u64,
    pub frozen_ms: u64,
    pub longest_freeze_ms: u64,
    /// What they sent as pictures that are none, or larger than may be.
    pub refused: u64,
    pub latency_ms: Latency,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Screen {
    pub frames: u64,
    pub width: u32,
    pub height: u32,
    pub latency_ms: Latency,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Audio {
    pub played_ms: u64,
    pub concealed_ratio: f64,
    /// Packets that came too late to be played, and packets that came again.
    pub late: u64,
    pub duplicate: u64,
    /// Frames whose packets were lost and that were repaired.
    pub repaired: u64,
    /// Repair blocks that each packet of ours to them carries now.
    pub repair_blocks: u8,
    pub jitter_buffer_ms: f64,
    pub latency_ms: Latency,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p95: f64,
}

/// The names of [`KeyState`].
#[derive(Serialize)]
#[serde(remote = "KeyState", rename_all = "lowercase")]
enum KeyStateName {
    Current,
    Behind,
    Missing,
    Forked,
}

/// What this process has used so far.
pub(crate) struct ProcessFigures {
    /// User and system time in seconds.
    pub cpu_seconds: f64,
    /// Largest resident set in MB (10^6 bytes).
    pub peak_rss_mb: f64,
}

pub(crate) fn process_figures() -> ProcessFigures {
    let cpu = cpu_time::ProcessTime::try_now().map_or(0.0, |time| time.as_duration().as_secs_f64());
    ProcessFigures { cpu_seconds: cpu, peak_rss_mb: peak_rss() as f64 / 1e6 }
}

/// Linux keeps the peak itself; elsewhere it is the largest of the values seen at each asking.
fn peak_rss() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    static PEAK: AtomicUsize = AtomicUsize::new(0);
    let kept = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()
    });
    let resident = match kept {
        Some(kb) => kb * 1024,
        None => memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem),
    };
    PEAK.fetch_max(resident, Relaxed);
    PEAK.load(Relaxed)
}
