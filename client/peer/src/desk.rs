//! A profile with its engine running.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine,
    api::{Event, MediaSettings, Network, NetworkSettings, RoomId, RoomWish, Settings, Trouble, Wish},
    qr,
};

use crate::{
    arguments::{Global, Inviting},
    book::Book,
    console::Quit,
    error::{Named, PeerError},
    output, profile,
};

/// How long the engine may take for what needs nobody else.
pub const ANSWER: Duration = Duration::from_secs(30);
/// As [`ANSWER`], once the disk has refused something: it is tried again after two seconds.
const REFUSED: Duration = Duration::from_secs(5);
const GOODBYE: Duration = Duration::from_secs(10);

pub struct Desk {
    engine: Engine,
    pub book: Book,
    pub quit: Quit,
    /// The disk refused a write before anything was asked for.
    was_refused: bool,
}

impl Desk {
    /// Without a single packet to anybody, for what is between us and the disk.
    pub fn offline(global: &Global) -> Result<Self, PeerError> {
        Self::open(global, NetworkSettings::of(Network::Local), MediaSettings::default())
    }

    pub fn online(global: &Global) -> Result<Self, PeerError> {
        Self::open(global, global.network()?, MediaSettings::default())
    }

    /// Opens the chosen profile and reads what it keeps.
    pub fn open(global: &Global, network: NetworkSettings, media: MediaSettings) -> Result<Self, PeerError> {
        // Until here a signal ends the program at once: a keyring or a pipe may never answer.
        let profile = profile::open(global)?;
        let quit = Quit::on_signals().map_err(PeerError::Signals)?;
        let name = profile.face().name.clone();
        let settings = Settings { name, network, media, post_quantum: !global.classical, wake: Arc::new(|| {}) };
        let engine = Engine::start(settings, Some(profile))?;
        let mut desk = Self { engine, book: Book::default(), quit, was_refused: false };
        // All that is kept comes before the first word about the network.
        let opened = |_: &Self, event: &Event| match event {
            Event::Reach(_) => Some(false),
            Event::Trouble(Trouble::StoreRefused) => Some(true),
            _ => None,
        };
        // A disk that is full can still be read: only what is to be written fails.
        while desk.until(Some(ANSWER), opened)? {
            desk.was_refused = true;
        }
        Ok(desk)
    }

    /// Waits for its place while the engine has much to do, so that no line of a long input is dropped.
    pub fn wish(&self, wish: Wish) {
        if self.engine.wish_within(wish, ANSWER).is_err() {
            output::complain(&PeerError::NoAnswer);
        }
    }

    pub fn in_room(&self, room: RoomId, wish: RoomWish) {
        self.wish(Wish::InRoom { room, wish });
    }

    /// The next event, which the book does not know yet.
    pub fn next(&mut self, wait: Duration) -> Option<Event> {
        self.engine.wait_event(wait)
    }

    /// Takes in what happens until `found` finds what it looks for, with the book up to date.
    ///
    /// # Errors
    ///
    /// `NoAnswer` after `limit`, `Interrupted` after a signal, `Engine` when the engine ends, `NotKept` when the disk refuses
    /// a write.
    pub fn until<T>(
        &mut self,
        limit: Option<Duration>,
        mut found: impl FnMut(&Self, &Event) -> Option<T>,
    ) -> Result<T, PeerError> {
        // It was said once that the disk refuses, and is not said again.
        let limit = if self.was_refused && limit == Some(ANSWER) { Some(REFUSED) } else { limit };
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        loop {
            if let Some(event) = self.next(Duration::from_millis(20)) {
                self.book.note(&event);
                if let Some(found) = found(self, &event) {
                    return Ok(found);
                }
                match event {
                    Event::Trouble(Trouble::StoreRefused) => return Err(PeerError::NotKept),
                    Event::Trouble(trouble) => output::complain(&trouble),
                    Event::Lagged { dropped } => output::complain(&output::lagged(dropped)),
                    Event::Ended(_) => return Err(PeerError::Engine),
                    _ => {}
                }
            }
            if self.quit.asked() {
                return Err(PeerError::Interrupted);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(if self.was_refused { PeerError::NotKept } else { PeerError::NoAnswer });
            }
        }
    }

    pub fn find(&self, name: &str, kind: Named) -> Result<RoomId, PeerError> {
        self.book.find(name, kind)
    }

    /// Prints an invitation's link as the first line, writes the picture if one is wanted, and stops.
    pub fn hand_out(self, link: &str, inviting: &Inviting) -> Result<(), PeerError> {
        output::say(link);
        if let Some(path) = &inviting.qr {
            qr::save_png(link, path)?;
        }
        self.close()
    }

    /// Stops, with everything written and said that was to be.
    pub fn close(mut self) -> Result<(), PeerError> {
        self.wish(Wish::Stop);
        let deadline = Instant::now() + GOODBYE;
        while Instant::now() < deadline {
            match self.next(Duration::from_millis(100)) {
                Some(Event::Ended(engine::api::Ended::Stopped)) => return Ok(()),
                Some(Event::Ended(engine::api::Ended::Failed)) => return Err(PeerError::Engine),
                _ => {}
            }
        }
        Err(PeerError::NoAnswer)
    }
}
