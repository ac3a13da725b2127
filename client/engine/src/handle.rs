//! The handle that a window or a script holds.

use std::{
    sync::{OnceLock, mpsc as std_mpsc},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle},
};

use crate::{
    api::{Ended, Event, Settings, Trouble, Wish},
    events,
    pictures::Pictures,
    profiles::Profile,
    session, studio,
};

/// Wishes that wait for the engine; beyond it [`Trouble::Busy`] answers.
const WISHES: usize = 256;
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(3);
/// How long one that crashes may take to stand still: a disk under load keeps a write for seconds.
const STIFF: Duration = Duration::from_secs(20);
/// How long its threads may take to end then.
const CRASH: Duration = Duration::from_secs(2);

/// One running profile: its contacts, rooms and devices. Dropping it says goodbye and stops everything.
pub struct Engine {
    wishes: mpsc::Sender<Wish>,
    events: events::Receiver,
    refused: events::Sender,
    pictures: Pictures,
    abort: AbortHandle,
    watch: JoinHandle<()>,
    stiffen: Option<oneshot::Sender<session::Stiff>>,
    /// Threads that nobody else's engine is on.
    apart: Option<Runtime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Name(#[from] group_crypto::CardError),
    #[error("the system refused a thread, a socket or a timer")]
    System,
}

impl Engine {
    /// Goes on with all contacts and rooms of the profile. Without one nothing is kept, and only ephemeral rooms can be.
    pub fn start(settings: Settings, profile: Option<Profile>) -> Result<Self, StartError> {
        let runtime = runtime().ok_or(StartError::System)?;
        Self::start_on(runtime.handle(), settings, profile, studio::channel())
    }

    /// As [`Self::start`] without a profile, of somebody who also does what no honest program does.
    #[cfg(feature = "hostile")]
    #[doc(hidden)]
    pub fn start_hostile(settings: Settings) -> Result<(Self, crate::hostile::Acts), StartError> {
        let runtime = runtime().ok_or(StartError::System)?;
        let studio = studio::channel();
        let acts = crate::hostile::Acts::new(studio.0.clone());
        Ok((Self::start_on(runtime.handle(), settings, None, studio)?, acts))
    }

    /// As [`Self::start`], on a thread of its own beside the studio's, so that [`Self::crash`] can end it.
    pub fn start_apart(settings: Settings, profile: Option<Profile>) -> Result<Self, StartError> {
        // One worker: while it drops what is on it, nothing of this engine runs any more that could still say something.
        let runtime = builder(1).build().map_err(|_| StartError::System)?;
        let mut engine = Self::start_on(runtime.handle(), settings, profile, studio::channel())?;
        engine.apart = Some(runtime);
        Ok(engine)
    }

    fn start_on(
        runtime: &Handle,
        settings: Settings,
        profile: Option<Profile>,
        studio: studio::Channel,
    ) -> Result<Self, StartError> {
        group_crypto::check_name(&settings.name)?;
        let (wishes, wished) = mpsc::channel(WISHES);
        let (happened, events) = events::queue();
        let pictures = Pictures::new(settings.wake.clone());
        let refused = happened.clone();
        let store = profile.map(Profile::into_store);
        let wake = settings.wake.clone();
        let (stiffen, stiffened) = oneshot::channel();
        let task = runtime.spawn(session::run(settings, store, wished, happened, pictures.clone(), stiffened, studio));
        let (abort, failed) = (task.abort_handle(), refused.clone());
        let watch = runtime.spawn(async move {
            // Whatever a bug does to the engine, whoever waits for it is told.
            if task.await.is_err() {
                failed.send(Event::Ended(Ended::Failed));
                wake();
            }
        });
        Ok(Self { wishes, events, refused, pictures, abort, watch, stiffen: Some(stiffen), apart: None })
    }

    /// Ends it as if its process were killed, to see what that costs: nobody is told anything, not even by the links, and
    /// nothing more is written. What the disk was handed is on it, and the profile can be opened again.
    ///
    /// Waits until its threads have ended, which takes a moment unless the disk hangs. One that was not started apart is dropped instead, with a goodbye.
    pub fn crash(mut self) {
        if let Some(runtime) = self.apart.take() {
            self.end_threads(runtime);
        }
    }

    fn end_threads(&mut self, runtime: Runtime) {
        let (stiff, waits) = std_mpsc::sync_channel(1);
        // A thread that ends amid a write of its own would see what nobody sees who is killed.
        if let Some(stiffen) = self.stiffen.take()
            && stiffen.send(stiff).is_ok()
        {
            let _ = waits.recv_timeout(STIFF);
        }
        runtime.shutdown_timeout(CRASH);
    }

    /// Never blocks. Too many at once answer with [`Trouble::Busy`].
    pub fn wish(&self, wish: Wish) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.wishes.try_send(wish) {
            self.refused.send(Event::Trouble(Trouble::Busy));
        }
    }

    /// As [`Self::wish`], but waits for a place for it, `timeout` at most: for programs, as a window must not wait.
    ///
    /// # Errors
    /// The wish, if no place came free.
    pub fn wish_within(&self, wish: Wish, timeout: Duration) -> Result<(), Box<Wish>> {
        let deadline = Instant::now() + timeout;
        let mut wish = wish;
        loop {
            wish = match self.wishes.try_send(wish) {
                // An engine that has ended says so by an event.
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => return Ok(()),
                Err(mpsc::error::TrySendError::Full(back)) => back,
            };
            if Instant::now() >= deadline {
                return Err(Box::new(wish));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The next event, if one is waiting.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.take()
    }

    /// Waits for the next event, `timeout` at most.
    pub fn wait_event(&mut self, timeout: Duration) -> Option<Event> {
        self.events.wait(timeout)
    }

    /// The newest pictures.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let deadline = Instant::now() + GOODBYE;
        let mut told = false;
        while !self.watch.is_finished() && Instant::now() < deadline {
            // Too many wishes at once may leave no place for this one yet.
            told = told || !matches!(self.wishes.try_send(Wish::Stop), Err(mpsc::error::TrySendError::Full(_)));
            std::thread::sleep(Duration::from_millis(5));
        }
        if let Some(runtime) = self.apart.take() {
            self.end_threads(runtime);
        }
        self.abort.abort();
    }
}

/// One runtime for all people of a process: their sockets are few and their media work is on threads of its own.
fn runtime() -> Option<&'static Runtime> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    RUNTIME.get_or_init(|| builder(2).build().ok()).as_ref()
}

fn builder(workers: usize) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(workers).thread_name("engine").enable_all();
    builder
}
