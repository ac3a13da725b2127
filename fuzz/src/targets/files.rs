use std::{fs, path::PathBuf, sync::LazyLock};

use engine::{fuzzing, qr};
use media::{
    capture::{self, CameraSource, RawConverter, RawFormat, VideoFormat},
    microphone::{self, MicrophoneSource},
};
use tempfile::TempDir;

const FORMAT: VideoFormat = VideoFormat { width: 64, height: 48, fps: 120 };
/// Where the file of this process lies.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder can be made"));

/// A file that somebody else made (a clip, a sound, a picture of a code, a backup), or a picture of a camera. The first byte says of which kind; for a camera's, two more say
/// how large it is. The properties: nothing breaks, and a picture has the planes of its size.
pub fn run(input: &[u8]) {
    let Some((&kind, bytes)) = input.split_first() else { return };
    match kind % 9 {
        0 => clip("y4m", bytes),
        1 => clip("h264", bytes),
        2 => drop(microphone::open(&MicrophoneSource::Clip(written("wav", bytes)))),
        3 => drop(qr::read_file(&written("png", bytes))),
        4 => {
            if let Some((&[wide, high], luma)) = bytes.split_first_chunk() {
                let _ = qr::read_luma(wide.into(), high.into(), usize::from(wide) + 1, luma);
            }
        }
        5 => camera(RawFormat::Mjpeg, bytes),
        6 => camera(RawFormat::Nv12, bytes),
        7 => camera(RawFormat::Yuyv, bytes),
        _ => drop(fuzzing::envelope(bytes)),
    }
}

fn written(extension: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.path().join("input").with_extension(extension);
    fs::write(&path, bytes).expect("the file can be written");
    path
}

fn clip(extension: &str, bytes: &[u8]) {
    let Ok(mut clip) = capture::open(&CameraSource::Clip(written(extension, bytes)), FORMAT) else { return };
    if let Ok(frame) = clip.next() {
        let picture = &frame.picture;
        assert_eq!(picture.y.len(), picture.width as usize * picture.height as usize);
    }
}

fn camera(format: RawFormat, bytes: &[u8]) {
    let Some((&[wide, high], data)) = bytes.split_first_chunk() else { return };
    let size = (u32::from(wide), u32::from(high));
    if let Some(picture) = RawConverter::new().convert(format, data, size) {
        assert_eq!(picture.y.len(), picture.width as usize * picture.height as usize);
    }
}
