//! The stream of pictures: PipeWire's loop on a thread of its own, which copies the newest buffer and gives it back.

use std::sync::Arc;
use std::thread::JoinHandle;

use pipewire::buffer::Buffer;
use pipewire::channel::{Receiver, Sender, channel};
use pipewire::context::ContextBox;
use pipewire::main_loop::MainLoopRc;
use pipewire::properties::properties;
use pipewire::spa::buffer::meta::{MetaHeader, MetaHeaderFlags, MetaVideoCrop};
use pipewire::spa::buffer::{ChunkFlags, Data, DataType};
use pipewire::spa::param::ParamType;
use pipewire::spa::param::video::VideoInfoRaw;
use pipewire::spa::pod::Pod;
use pipewire::spa::utils::Direction;
use pipewire::stream::{StreamBox, StreamFlags, StreamState};
use pipewire::{Error, keys};

use super::params::Params;
use super::portal::Source;
use super::shot::{Chunk, Format};
use super::slot::Slot;
use crate::capture::screen::{Region, ScreenError};

/// Broken pictures in a row that are forgiven.
const BROKEN: u32 = 10;

/// Ends when dropped.
pub(super) struct Stream {
    stop: Sender<Stop>,
    thread: Option<JoinHandle<()>>,
}

/// Said once, so the library's queue has a bound.
struct Stop;

impl Stream {
    pub(super) fn open(source: Source, fps: u32, slot: Arc<Slot>) -> Result<Self, ScreenError> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("pipewire".into()).spawn(move || {
            let _end = End(slot.clone());
            let _ = run(source, fps, &slot, stopped);
        });
        Ok(Self { stop, thread: Some(thread.map_err(|_| ScreenError::NoDesktop)?) })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.stop.send(Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whatever ends the thread, nobody waits for pictures any more.
struct End(Arc<Slot>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.lose();
    }
}

/// Reads until it is stopped; what ends the stream before is said in `slot`.
fn run(source: Source, fps: u32, slot: &Arc<Slot>, stopped: Receiver<Stop>) -> Result<(), Error> {
    pipewire::init();
    let main_loop = MainLoopRc::new(None)?;
    let _stop = stopped.attach(main_loop.loop_(), {
        let main_loop = main_loop.clone();
        move |Stop| main_loop.quit()
    });
    // What the library would write to stderr names programs and streams.
    let context = ContextBox::new(main_loop.loop_(), Some(properties! { "log.level" => "0" }))?;
    let core = context.connect_fd(source.remote, None)?;
    let lost = slot.clone();
    let _errors = core
        .add_listener_local()
        .error(move |of, _, _, _| {
            if of == pipewire::core::PW_ID_CORE {
                lost.lose();
            }
        })
        .register();
    let properties = properties! {
        *keys::MEDIA_TYPE => "Video",
        *keys::MEDIA_CATEGORY => "Capture",
        *keys::MEDIA_ROLE => "Screen",
    };
    let stream = StreamBox::new(&core, "screen", properties)?;
    let _events = stream
        .add_local_listener_with_user_data(Reading { slot: slot.clone(), format: None, broken: 0 })
        .state_changed(|_, reading, _, state| reading.on_state(&state))
        .param_changed(|stream, reading, id, param| {
            if id != ParamType::Format.as_raw() {
                return;
            }
            // Without one it is being agreed on anew.
            reading.format = None;
            if let Some(param) = param {
                reading.agree(param);
                let buffers = Params::buffers();
                if stream.update_params(&mut buffers.pods()).is_err() {
                    reading.slot.lose();
                }
            }
        })
        .process(|stream, reading| {
            let mut newest = None;
            while let Some(buffer) = stream.dequeue_buffer() {
                newest = Some(buffer);
            }
            if let Some(mut buffer) = newest {
                reading.take(&mut buffer);
            }
        })
        .register()?;
    let formats = Params::formats(fps);
    // Never another stream in place of the one that was granted.
    let flags = StreamFlags::AUTOCONNECT | StreamFlags::MAP_BUFFERS | StreamFlags::DONT_RECONNECT;
    stream.connect(Direction::Input, Some(source.node), flags, &mut formats.pods())?;
    main_loop.run();
    Ok(())
}

/// What PipeWire's thread knows. It is called from C, where a panic would end the process.
struct Reading {
    slot: Arc<Slot>,
    format: Option<Format>,
    broken: u32,
}

impl Reading {
    fn on_state(&self, state: &StreamState) {
        if matches!(state, StreamState::Error(_) | StreamState::Unconnected) {
            self.slot.lose();
        }
    }

    fn agree(&mut self, param: &Pod) {
        let mut info = VideoInfoRaw::new();
        let parsed = info.parse(param).map_err(|_| ScreenError::Unsupported("unusual colours"));
        match parsed.and_then(|_| Format::of(info)) {
            Ok(format) => {
                self.format = Some(format);
                self.slot.agree();
            }
            Err(why) => self.slot.end(why),
        }
    }

    fn take(&mut self, buffer: &mut Buffer) {
        let Some(format) = self.format else { return };
        match read(buffer, format, &self.slot) {
            Ok(()) => self.broken = 0,
            Err(why) => {
                self.broken += 1;
                if self.broken >= BROKEN {
                    self.slot.end(why);
                }
            }
        }
    }
}

/// Copies a buffer's picture, if it has one: some only say where the pointer is.
fn read(buffer: &mut Buffer, format: Format, slot: &Slot) -> Result<(), ScreenError> {
    const WRONG: ScreenError = ScreenError::Unsupported("broken pictures");
    let header = buffer.find_meta::<MetaHeader>();
    if header.is_some_and(|header| header.flags().contains(MetaHeaderFlags::CORRUPTED)) {
        return Ok(());
    }
    let part = buffer.find_meta::<MetaVideoCrop>().and_then(|crop| {
        let (at, size) = (crop.meta_region().position(), crop.meta_region().size());
        // Without a size it is not told.
        let told = size.width > 0 && size.height > 0;
        told.then_some(Region { x: at.x, y: at.y, width: size.width, height: size.height })
    });
    let data = buffer.datas_mut().first_mut().ok_or(WRONG)?;
    if data.as_raw().chunk.is_null() {
        return Err(WRONG);
    }
    let chunk = data.chunk();
    if chunk.size() == 0 || chunk.flags().contains(ChunkFlags::CORRUPTED) {
        return Ok(());
    }
    let chunk = Chunk { offset: chunk.offset(), size: chunk.size(), stride: chunk.stride() };
    if !is_whole(data) {
        return Err(WRONG);
    }
    let shot = format.shot(data.data().ok_or(WRONG)?, chunk, part)?;
    slot.put(&shot);
    Ok(())
}

/// Whether a file behind a buffer has all that the buffer claims: reading after its end would end the process.
fn is_whole(data: &Data) -> bool {
    match data.type_() {
        DataType::MemPtr => true,
        DataType::MemFd => {
            let claimed = u64::from(data.as_raw().mapoffset) + u64::from(data.as_raw().maxsize);
            std::fs::metadata(format!("/proc/self/fd/{}", data.fd())).is_ok_and(|file| file.len() >= claimed)
        }
        // It was not agreed on.
        _ => false,
    }
}
