//! The recording of one stream's pictures, written by a thread of its own: neither a slow disk nor the repetitions that fill a
//! long gap keep anybody's picture waiting.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use media::{Picture, record::Y4mRecorder};

/// Pictures that wait for the disk, and their bytes. What comes beyond it is left out: the picture before is repeated instead.
const WAITING: usize = 64;
const WAITING_BYTES: usize = 24 << 20;

/// Ends when dropped, or by [`Self::finish`].
pub(super) struct Recording {
    pictures: SyncSender<(Picture, Duration)>,
    /// Written ones come back, so that their memory is used again.
    written: Receiver<Picture>,
    shared: Arc<Shared>,
    began: Option<Instant>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    waiting_bytes: AtomicUsize,
    /// How long it is to last, in milliseconds, known once it ends.
    lasts_ms: AtomicU64,
}

impl Recording {
    /// Begins to write. `failed` is called once if the disk refuses.
    ///
    /// # Errors
    ///
    /// The system refused a thread.
    pub fn begin(file: Y4mRecorder, failed: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (pictures, waiting) = sync_channel(WAITING);
        let (back, written) = sync_channel(1);
        let shared = Arc::new(Shared::default());
        let of_thread = shared.clone();
        let thread = thread::Builder::new().name("recording".into()).spawn(move || {
            // A panic over a picture ends its recording only.
            let outcome = catch_unwind(AssertUnwindSafe(|| write(file, &waiting, &back, &of_thread)));
            if !matches!(outcome, Ok(Ok(()))) {
                failed();
            }
        })?;
        Ok(Self { pictures, written, shared, began: None, thread })
    }

    /// Hands over a picture of this moment, which `copy` makes. Never waits. `false` once nothing more is written.
    pub fn put(&mut self, captured: Instant, copy: impl FnOnce(&mut Picture)) -> bool {
        let began = *self.began.get_or_insert(captured);
        if self.shared.waiting_bytes.load(SeqCst) > WAITING_BYTES {
            return true;
        }
        let mut picture = self.written.try_recv().unwrap_or_else(|_| Picture::black(2, 2));
        copy(&mut picture);
        let bytes = bytes(&picture);
        self.shared.waiting_bytes.fetch_add(bytes, SeqCst);
        match self.pictures.try_send((picture, captured.saturating_duration_since(began))) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.shared.waiting_bytes.fetch_sub(bytes, SeqCst);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// The stream is over. The thread ends once all is written.
    pub fn finish(self) -> JoinHandle<()> {
        let lasts = self.began.map(|began| began.elapsed()).unwrap_or_default();
        self.shared.lasts_ms.store(lasts.as_millis().try_into().unwrap_or(u64::MAX), SeqCst);
        self.thread
    }
}

fn bytes(picture: &Picture) -> usize {
    picture.y.len() + picture.u.len() + picture.v.len()
}

fn write(
    mut file: Y4mRecorder,
    waiting: &Receiver<(Picture, Duration)>,
    back: &SyncSender<Picture>,
    shared: &Shared,
) -> io::Result<()> {
    for (picture, at) in waiting {
        shared.waiting_bytes.fetch_sub(bytes(&picture), SeqCst);
        file.write_at(&picture, at)?;
        let _ = back.try_send(picture);
    }
    file.finish_at(Duration::from_millis(shared.lasts_ms.load(SeqCst)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{fs, io::Read, process::Command, sync::mpsc};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn disk_that_stands_still_keeps_no_picture_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("recording");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // A disk that takes nothing beyond what a pipe holds, until it is read.
        let disk = fs::File::options().read(true).write(true).open(&pipe).unwrap();
        let (tell, told) = mpsc::sync_channel(1);
        let path = pipe.clone();
        let hands_over = thread::spawn(move || {
            let failed = || panic!("nothing failed");
            let mut recording = Recording::begin(Y4mRecorder::create(&path, 1).unwrap(), failed).unwrap();
            let start = Instant::now();
            // The second is an hour later: a gap of sixty seconds is to be filled.
            for at in [0, 3_600].into_iter().chain(3_601..4_000) {
                let captured = start + Duration::from_secs(at);
                assert!(recording.put(captured, |into| into.clone_from(&Picture::black(640, 360))));
            }
            let waits = recording.shared.waiting_bytes.load(SeqCst);
            assert!(waits <= WAITING_BYTES + (1 << 20), "{waits}");
            tell.send(()).unwrap();
            recording.finish()
        });
        told.recv_timeout(PATIENCE).expect("nobody waits for the disk");
        // Now it is read, to its end.
        let mut reader = fs::File::open(&pipe).unwrap();
        drop(disk);
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        assert!(hands_over.join().unwrap().join().is_ok());
        let pictures = bytes.len() / (640 * 360 * 3 / 2);
        assert!(bytes.starts_with(b"YUV4MPEG2 ") && (62..500).contains(&pictures), "{pictures}");
    }

    #[test]
    fn full_disk_ends_the_recording_and_is_told_once() {
        let (tell, told) = mpsc::sync_channel(1);
        let file = Y4mRecorder::create(std::path::Path::new("/dev/full"), 30).unwrap();
        let mut recording = Recording::begin(file, move || tell.send(()).unwrap()).unwrap();
        let start = Instant::now();
        for at in 0.. {
            if !recording.put(start + Duration::from_secs(at), |into| into.clone_from(&Picture::black(640, 360))) {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "it goes on");
        }
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
        assert!(recording.finish().join().is_ok());
    }
}
