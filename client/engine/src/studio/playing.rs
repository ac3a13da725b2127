//! The playing thread: jitter buffers, recordings and the speaker of everybody's voice.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread,
    time::Instant,
};

use group_crypto::MemberId;
use media::{FrameClock, jitter::VoicePacket, playout::AudioSnapshot};
use tokio::sync::mpsc;

use super::{Recordings, StudioEvent, lips::Lips, microphone::FarEndSlot, voices::PlayingThread};
use crate::api::SpeakerChoice;

/// Packets that wait for their jitter buffer, all participants together; beyond it they are dropped as if lost.
const WAITING: usize = 256;

pub(super) enum Work {
    Packet { came: Instant, member: MemberId, packet: VoicePacket },
    Add(MemberId, String),
    Remove(MemberId),
    Place(MemberId, f32),
    Speaker(SpeakerChoice),
    Tone,
    Stop,
}

/// The thread's handle. Ends when dropped, its recordings finished.
pub(crate) struct Playing {
    work: std_mpsc::SyncSender<Work>,
    figures: Ledger,
    far_end: FarEndSlot,
    thread: Option<thread::JoinHandle<()>>,
}

pub(super) type Ledger = Arc<Mutex<BTreeMap<MemberId, AudioSnapshot>>>;

impl Playing {
    pub fn start(
        clock: FrameClock,
        record: Option<Arc<Recordings>>,
        speaker: SpeakerChoice,
        events: mpsc::Sender<StudioEvent>,
        lips: Lips,
    ) -> Self {
        let (work, waiting) = std_mpsc::sync_channel(WAITING);
        let (figures, far_end) = (Ledger::default(), FarEndSlot::default());
        let (ledger, slot) = (figures.clone(), far_end.clone());
        let spawned = thread::Builder::new().name("playing".into()).spawn(move || {
            let mut thread = PlayingThread::new(clock, record, events, ledger, slot, lips);
            thread.use_speaker(speaker);
            thread.run(&waiting);
        });
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the voices");
        }
        Self { work, figures, far_end, thread: spawned.ok() }
    }

    /// A packet that finds no room is as good as lost on the way.
    pub fn packet(&self, member: MemberId, packet: VoicePacket) {
        let _ = self.work.try_send(Work::Packet { came: Instant::now(), member, packet });
    }

    pub fn add(&self, member: MemberId, name: String) {
        let _ = self.work.send(Work::Add(member, name));
    }

    pub fn remove(&self, member: MemberId) {
        let _ = self.work.send(Work::Remove(member));
    }

    pub fn place(&self, member: MemberId, x: f32) {
        let _ = self.work.try_send(Work::Place(member, x));
    }

    pub fn use_speaker(&self, choice: SpeakerChoice) {
        let _ = self.work.send(Work::Speaker(choice));
    }

    /// A few notes, to find out whether the speaker is heard.
    pub fn play_tone(&self) {
        let _ = self.work.try_send(Work::Tone);
    }

    /// Where the final mix for the echo canceller lies.
    pub fn far_end(&self) -> FarEndSlot {
        self.far_end.clone()
    }

    /// Figures of everyone who was ever heard.
    pub fn figures(&self, member: MemberId) -> Option<AudioSnapshot> {
        lock(&self.figures).get(&member).cloned()
    }

    /// Ends the thread and waits until its recordings are finished.
    pub fn stop(&mut self) {
        let _ = self.work.send(Work::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(super) fn lock(figures: &Ledger) -> std::sync::MutexGuard<'_, BTreeMap<MemberId, AudioSnapshot>> {
    // Figures are whole after every statement, so a panic elsewhere does not spoil them.
    figures.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
