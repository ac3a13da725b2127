//! Redraws only when there is something new: an idle window costs nothing.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bevy::{
    a11y::AccessibilityRequested,
    input::{
        keyboard::KeyboardInput,
        mouse::{MouseButtonInput, MouseWheel},
    },
    prelude::*,
    window::{CursorMoved, RequestRedraw, WindowResized},
    winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings},
};

use crate::ui::{
    action::{Action, Actions},
    binding::{ALL, Binding},
};

type Rouse = Box<dyn Fn() + Send + Sync>;

/// Wakes the window from any thread; many calls before the window looks count as one.
#[derive(Resource, Clone, Default)]
pub struct Waker {
    pending: Arc<AtomicBool>,
    /// Known once the window's loop is; shared, because engines may hold a waker before.
    rouse: Arc<OnceLock<Rouse>>,
}

impl Waker {
    pub fn wake(&self) {
        if !self.pending.swap(true, Ordering::AcqRel)
            && let Some(rouse) = self.rouse.get()
        {
            rouse();
        }
    }

    /// From here on a call wakes again.
    pub fn awake(&self) {
        self.pending.store(false, Ordering::Release);
    }
}

/// When the window has to look again though nothing wakes it, in seconds of its clock.
#[derive(Resource, Default, Clone, Copy, PartialEq, Debug)]
pub struct Alarm(pub Option<f64>);

/// Something changed, and may need more than one frame to come to rest.
#[derive(Message)]
pub struct Stirred;

/// How often the window was drawn.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Redraws(pub u64);

/// Whether the system asked the window to end: SIGINT, SIGTERM, or closing the console.
#[derive(Resource, Default)]
struct Interrupted(Arc<AtomicBool>);

/// The number of frames until layout, states and glyphs have come to rest after an event.
#[derive(Resource, Default)]
struct Settling(u8);

const FRAMES_TO_SETTLE: u8 = 3;

/// Longer than anybody leaves a window alone; everything else wakes it.
const FOREVER: Duration = Duration::from_hours(24 * 365);

/// Ends the window.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quit {
    /// During a call that is asked about.
    Asked,
    /// The system wants the window to end: nobody is asked.
    Surely,
}

impl Action for Quit {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('q', ALL, Self::Asked).over_sheets()];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// Decides whether another frame is needed; systems that write [`Stirred`] run before this set.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Settles;

/// A plugin: messages of this kind may need more than the frame that they came in.
pub fn stirs<M: Message>(app: &mut App) {
    app.add_systems(Last, stir::<M>.before(Settles));
}

fn stir<M: Message>(mut messages: MessageReader<M>, mut stirred: MessageWriter<Stirred>) {
    if messages.read().count() > 0 {
        stirred.write(Stirred);
    }
}

pub fn plugin(app: &mut App) {
    app.add_action::<Quit>()
        .init_resource::<Waker>()
        .init_resource::<Redraws>()
        .init_resource::<Alarm>()
        .add_message::<Stirred>()
        .init_resource::<Settling>()
        .init_resource::<Interrupted>()
        .insert_resource(WinitSettings {
            focused_mode: UpdateMode::reactive_low_power(FOREVER),
            unfocused_mode: UpdateMode::reactive_low_power(FOREVER),
        })
        .add_systems(PreStartup, connect)
        .add_systems(PreUpdate, obey)
        .add_systems(Last, (count, settle.in_set(Settles), attend));
}

fn connect(waker: Res<Waker>, interrupted: Res<Interrupted>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    let Some(proxy) = proxy else {
        return;
    };
    let proxy = (**proxy).clone();
    let rouse: Rouse = Box::new(move || {
        // Fails only when the window is gone, and then nobody needs waking.
        let _ = proxy.send_event(bevy::winit::WinitUserEvent::WakeUp);
    });
    if waker.rouse.set(rouse).is_ok() {
        // A call from before the loop was known counts now.
        waker.awake();
        waker.wake();
    }
    let (waker, asked) = (waker.clone(), Arc::clone(&interrupted.0));
    let listening = std::thread::Builder::new().name("signals".into()).spawn(move || {
        while interrupt().is_ok() {
            asked.store(true, Ordering::Release);
            waker.wake();
        }
    });
    if listening.is_err() {
        tracing::warn!("an interrupt will end the window without a goodbye: the system refused a thread");
    }
}

/// Waits until the system asks the program to end.
fn interrupt() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                done = tokio::signal::ctrl_c() => done,
                _ = terminate.recv() => Ok(()),
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

/// How often a screen reader's requests are looked for: they do not wake the window.
const ATTENTIVE: Duration = Duration::from_millis(200);

fn attend(
    requested: Option<Res<AccessibilityRequested>>,
    alarm: Res<Alarm>,
    time: Res<Time<Real>>,
    mut settings: ResMut<WinitSettings>,
) {
    let wait = if requested.is_some_and(|requested| requested.get()) { ATTENTIVE } else { FOREVER };
    let alarm = alarm.0.map(|at| (at - time.elapsed_secs_f64()).max(0.01));
    let wait =
        alarm.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).map_or(wait, |alarm| wait.min(alarm));
    let mode = UpdateMode::reactive_low_power(wait);
    if settings.focused_mode != mode {
        (settings.focused_mode, settings.unfocused_mode) = (mode, mode);
    }
}

/// A polite end asked for by the system.
fn obey(interrupted: Res<Interrupted>, mut acts: MessageWriter<Quit>) {
    if interrupted.0.swap(false, Ordering::AcqRel) {
        acts.write(Quit::Surely);
    }
}

fn count(mut redraws: ResMut<Redraws>) {
    redraws.0 += 1;
}

fn settle(
    mut settling: ResMut<Settling>,
    mut keys: MessageReader<KeyboardInput>,
    mut clicks: MessageReader<MouseButtonInput>,
    mut wheels: MessageReader<MouseWheel>,
    mut moves: MessageReader<CursorMoved>,
    mut sizes: MessageReader<WindowResized>,
    mut stirred: MessageReader<Stirred>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let events = keys.read().count()
        + clicks.read().count()
        + wheels.read().count()
        + stirred.read().count()
        + sizes.read().count();
    let moved = moves.read().count();
    settling.0 = match (events, moved) {
        (0, 0) => settling.0.saturating_sub(1),
        (0, _) => settling.0.max(1),
        _ => FRAMES_TO_SETTLE,
    };
    if settling.0 > 0 {
        redraw.write(RequestRedraw);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn many_calls_before_the_window_looks_wake_it_once() {
        let roused = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&roused);
        let waker = Waker::default();
        let rouse: Rouse = Box::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        assert!(waker.rouse.set(rouse).is_ok());
        for _ in 0..3 {
            waker.wake();
        }
        assert_eq!(roused.load(Ordering::Relaxed), 1);
        waker.awake();
        waker.wake();
        assert_eq!(roused.load(Ordering::Relaxed), 2);
    }
}
