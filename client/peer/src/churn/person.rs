//! One person of a churning room: a profile in a folder of its own, an engine while it runs, and what it told.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine,
    api::{
        CallState, Ended, Event, InvitationId, MediaSettings, MemberId, NetworkSettings, OverBecause, ParticipantState,
        RoomEvent, RoomId, RoomKind, RoomWish, Settings, Terms, Wish,
    },
    invitation::Invitation,
    profiles::{self, Face, Lock, Passphrase, Profile},
    stats::Stats,
};

use crate::{error::PeerError, output};

/// The profiles are gone with the process: this guards nothing.
const PASSPHRASE: &str = "a folder that is gone in a minute";
const TITLE: &str = "Mesh";
/// For one person, who need not hurry.
const ONCE: Terms = Terms { many: false, valid: None, waiting_room: false };

/// What everybody runs with.
pub struct Means {
    pub folder: PathBuf,
    pub network: NetworkSettings,
    pub media: MediaSettings,
}

/// Where in the churn somebody is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Founds the room.
    Founds,
    /// Has asked this person for an invitation.
    Asks {
        whom: u32,
        since: Instant,
    },
    /// Has set out with this person's invitation.
    Joins {
        whom: u32,
        since: Instant,
    },
    In,
    Crashed {
        back_at: Instant,
    },
    Returns {
        since: Instant,
    },
    /// Said goodbye, or another asked for their removal.
    Leaves {
        removed: bool,
        since: Instant,
    },
    /// Its engine stops, or has: nothing more is expected.
    Gone,
}

pub struct Person {
    pub number: u32,
    pub stage: Stage,
    folder: PathBuf,
    engine: Option<Engine>,
    room: Option<RoomId>,
    pub me: Option<MemberId>,
    /// The newest figures of this run, and when they came.
    pub stats: Stats,
    pub told_at: Option<Instant>,
    /// How this run sees the others.
    pub sees: BTreeMap<MemberId, ParticipantState>,
    /// Epochs of this run, and when each began: the last 64.
    epochs: VecDeque<(u64, Instant)>,
    call: CallState,
    called_at: Option<Instant>,
    /// Invitations of theirs, this run's and former ones', that were handed out.
    handed_out: BTreeSet<InvitationId>,
    ready: Vec<(InvitationId, Invitation)>,
    pub over: Option<OverBecause>,
    pub ended: Option<Ended>,
    stop_asked: Option<Instant>,
}

impl Person {
    /// Makes the profile and starts the engine.
    pub fn new(number: u32, means: &Means, stage: Stage) -> Result<Self, PeerError> {
        let folder = means.folder.join(number.to_string());
        let profile = profiles::create(&folder, &lock()?, &Face { name: name(number), notify: false })?;
        let mut person = Self {
            number,
            stage,
            folder,
            engine: None,
            room: None,
            me: None,
            stats: Stats::default(),
            told_at: None,
            sees: BTreeMap::new(),
            epochs: VecDeque::new(),
            call: CallState::None,
            called_at: None,
            handed_out: BTreeSet::new(),
            ready: Vec::new(),
            over: None,
            ended: None,
            stop_asked: None,
        };
        person.start(profile, means)?;
        Ok(person)
    }

    fn start(&mut self, profile: Profile, means: &Means) -> Result<(), PeerError> {
        let (network, media) = (means.network.clone(), means.media.clone());
        let settings = Settings { name: name(self.number), network, media, post_quantum: true, wake: Arc::new(|| {}) };
        self.engine = Some(Engine::start_apart(settings, Some(profile))?);
        Ok(())
    }

    /// Ends the engine as a kill would.
    pub fn crash(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.crash();
        }
        (self.room, self.call, self.called_at, self.told_at) = (None, CallState::None, None, None);
        self.sees.clear();
        self.epochs.clear();
        self.ready.clear();
    }

    /// Goes on with what the disk has.
    pub fn come_back(&mut self, means: &Means) -> Result<(), PeerError> {
        let all = profiles::list(&self.folder)?;
        let (id, _) = all.first().ok_or(PeerError::NoProfile)?;
        let profile = profiles::open(&self.folder, *id, &lock()?)?;
        self.stats = Stats::default();
        self.start(profile, means)
    }

    pub fn found(&self) {
        self.wish(Wish::Found { title: TITLE.to_owned(), kind: RoomKind::Kept });
    }

    pub fn redeem(&mut self, invitation: Invitation) {
        self.over = None;
        self.wish(Wish::Redeem { invitation });
    }

    pub fn invite(&self) {
        self.in_room(RoomWish::Invite(ONCE));
    }

    pub fn remove(&self, member: MemberId) {
        self.in_room(RoomWish::Remove(member));
    }

    pub fn leave(&self) {
        self.in_room(RoomWish::Leave);
    }

    /// An invitation of theirs that nobody has yet.
    pub fn take_invitation(&mut self) -> Option<Invitation> {
        let (id, invitation) = self.ready.pop()?;
        self.handed_out.insert(id);
        Some(invitation)
    }

    pub fn stop(&mut self) {
        if self.stop_asked.is_none() {
            self.stop_asked = Some(Instant::now());
            self.wish(Wish::Stop);
        }
    }

    /// It has ended, or never will.
    pub fn has_stopped(&self) -> bool {
        const PATIENCE: Duration = Duration::from_secs(5);
        self.engine.is_none() || self.ended.is_some() || self.stop_asked.is_some_and(|at| at.elapsed() > PATIENCE)
    }

    /// Takes the engine's threads and the profile away.
    pub fn clear_away(mut self) -> Stats {
        drop(self.engine.take());
        // What is left here goes with the folder of all.
        let _ = std::fs::remove_dir_all(&self.folder);
        self.stats
    }

    pub fn is_in_call(&self) -> bool {
        matches!(self.call, CallState::In | CallState::Calling)
    }

    /// Goes into the call, again if it was thrown out of it; says whether that was so.
    pub fn see_to_call(&mut self, now: Instant) -> bool {
        const AGAIN: Duration = Duration::from_secs(2);
        if self.room.is_none() || self.is_in_call() || self.called_at.is_some_and(|at| now < at + AGAIN) {
            return false;
        }
        let again = self.called_at.replace(now).is_some();
        self.in_room(RoomWish::Call { video: true });
        again
    }

    pub fn take_events(&mut self) {
        while let Some(event) = self.engine.as_mut().and_then(Engine::next_event) {
            match event {
                Event::Room { room, what } => self.happened(room, what),
                Event::Trouble(trouble) => output::complain(&format_args!("{}: {trouble}", name(self.number))),
                Event::Figures(stats) => {
                    self.stats = stats;
                    self.told_at = Some(Instant::now());
                }
                Event::Ended(how) => self.ended = Some(how),
                _ => {}
            }
        }
    }

    fn happened(&mut self, room: RoomId, what: RoomEvent) {
        match what {
            RoomEvent::Entered { me, epoch, .. } => {
                (self.room, self.me) = (Some(room), Some(me));
                self.entered_epoch(epoch);
            }
            RoomEvent::Suite { me, epoch, .. } => {
                self.me = Some(me);
                self.entered_epoch(epoch);
            }
            RoomEvent::NewEpoch { epoch } => self.entered_epoch(epoch),
            RoomEvent::InvitationReady { id, invitation, .. } => {
                // Told again after a restart, and when they have moved.
                self.ready.retain(|(known, _)| *known != id);
                if !self.handed_out.contains(&id) {
                    self.ready.push((id, invitation));
                }
            }
            RoomEvent::Joined { member, .. } => {
                self.sees.insert(member, ParticipantState::default());
            }
            RoomEvent::Left { member, .. } => {
                self.sees.remove(&member);
            }
            RoomEvent::Changed { member, state } => {
                self.sees.insert(member, state);
            }
            RoomEvent::Call(call) => self.call = call,
            RoomEvent::Over(why) => (self.over, self.room) = (Some(why), None),
            RoomEvent::ReadOnly(Some(_)) => (self.over, self.room) = (Some(OverBecause::Removed), None),
            _ => {}
        }
    }

    pub fn has_entered(&self) -> bool {
        self.room.is_some()
    }

    fn entered_epoch(&mut self, epoch: u64) {
        const REMEMBERED: usize = 64;
        if self.epochs.len() == REMEMBERED {
            self.epochs.pop_front();
        }
        self.epochs.push_back((epoch, Instant::now()));
    }

    /// When the epoch began for them that their newest figures are of.
    pub fn epoch_began(&self) -> Option<Instant> {
        self.epochs.iter().rev().find(|(epoch, _)| *epoch == self.stats.epoch).map(|(_, at)| *at)
    }

    fn in_room(&self, wish: RoomWish) {
        if let Some(room) = self.room {
            self.wish(Wish::InRoom { room, wish });
        }
    }

    fn wish(&self, wish: Wish) {
        if let Some(engine) = &self.engine {
            engine.wish(wish);
        }
    }
}

pub fn name(number: u32) -> String {
    format!("Person {number}")
}

fn lock() -> Result<Lock, PeerError> {
    Ok(Lock::Passphrase(Passphrase::new(PASSPHRASE.to_owned())?))
}
