//! One person in one room that leaves nothing behind: events to stdout, lines of stdin to the room, figures at the end.

use std::{
    collections::BTreeMap,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine,
    api::{
        Compared, Ended, Event, LazySafety, MemberId, NetworkSettings, OverBecause, Presence, RoomEvent, RoomId,
        RoomKind, RoomWish, Settings, SpokenWords, Terms, Verification, Wish,
    },
    stats::Stats,
};

use crate::{
    accept,
    arguments::{Global, Media},
    book,
    console::{self, Line, Quit},
    desk::ANSWER,
    error::PeerError,
    flow::{self, Flow},
    output::{answer, complain, lagged, quoted, say, write_figures},
    room,
    safety::{self, Shown},
    said,
};

pub fn create(name: String, title: &str, global: &Global, media: &Media) -> Result<(), PeerError> {
    let title = room::check_title(title)?;
    run(name, Wish::Found { title, kind: RoomKind::Ephemeral }, global, media)
}

pub fn join(invitation: &str, name: String, global: &Global, media: &Media) -> Result<(), PeerError> {
    let invitation = accept::given_invitation(invitation)?;
    accept::must_lead_to(RoomKind::Ephemeral, &invitation)?;
    run(name, Wish::Redeem { invitation }, global, media)
}

fn run(name: String, enter: Wish, global: &Global, media: &Media) -> Result<(), PeerError> {
    // Until here a signal ends the program at once: a pipe may never answer.
    let network = global.network()?;
    make_folder(media)?;
    let quit = Quit::on_signals().map_err(PeerError::Signals)?;
    let creates = matches!(enter, Wish::Found { .. });
    let engine = start(name, network, !global.classical, media)?;
    engine.wish(enter);
    let mut session = Session {
        engine,
        room: None,
        members: BTreeMap::new(),
        code: None,
        stats: Stats::default(),
        creates,
        flow: Flow::default(),
        over: None,
    };
    let ended = session.live(&quit, media.seconds());
    if let Some(path) = &media.stats {
        write_figures(path, &session.stats)?;
    }
    match (session.over, ended) {
        (Some(Err(why)), _) => Err(why),
        (_, Ended::Failed) => Err(PeerError::Engine),
        (_, Ended::Stopped) => Ok(()),
    }
}

pub fn make_folder(media: &Media) -> Result<(), PeerError> {
    media.record.as_ref().map_or(Ok(()), fs::create_dir_all).map_err(PeerError::Folder)
}

/// Without a profile: nothing is kept.
pub fn start(name: String, network: NetworkSettings, post_quantum: bool, media: &Media) -> Result<Engine, PeerError> {
    let settings = Settings { name, network, media: media.settings(), post_quantum, wake: Arc::new(|| {}) };
    Ok(Engine::start(settings, None)?)
}

/// An invitation for as many as come, while its maker is in the room.
pub const OPEN: Terms = Terms { many: true, valid: None, waiting_room: false };

/// Whoever listens in today and has a quantum computer one day should not come as a surprise.
pub const CLASSICAL: &str = "the keys of this room are classical, not post-quantum";

/// Lines of stdin taken at each turn of 20 ms.
const LINES_AT_ONCE: usize = 16;

struct Session {
    engine: Engine,
    /// The room, once we are in.
    room: Option<RoomId>,
    members: BTreeMap<MemberId, Member>,
    /// What all members compare, of the present epoch.
    code: Option<SpokenWords>,
    stats: Stats,
    creates: bool,
    /// Own messages that the engine has not taken yet.
    flow: Flow,
    /// How our stay in the room ended.
    over: Option<Result<(), PeerError>>,
}

#[derive(Default)]
struct Member {
    name: String,
    presence: Presence,
    verification: Verification,
    safety: Option<LazySafety>,
}

impl Session {
    fn live(&mut self, quit: &Quit, seconds: Option<Duration>) -> Ended {
        let mut lines = None;
        let deadline = seconds.and_then(|s| Instant::now().checked_add(s));
        let mut leaving = false;
        loop {
            if let Some(event) = self.engine.wait_event(Duration::from_millis(20))
                && let Some(ended) = self.happened(event)
            {
                return ended;
            }
            // Nobody would hear what is said before we are in; stdin waits.
            if self.room.is_some() && lines.is_none() {
                lines = Some(console::lines());
            }
            for _ in 0..LINES_AT_ONCE {
                // While the engine is behind with what was said, stdin waits.
                let line = lines.as_ref().filter(|_| self.flow.may_ask()).and_then(|lines| lines.try_recv().ok());
                let Some(line) = line else { break };
                self.wish(line);
            }
            let over = self.over.is_some() || quit.asked() || deadline.is_some_and(|d| Instant::now() >= d);
            if over && !leaving {
                leaving = true;
                self.engine.wish(Wish::Stop);
            }
        }
    }

    fn happened(&mut self, event: Event) -> Option<Ended> {
        if flow::is_answer(&event) {
            self.flow.answered();
        }
        match event {
            Event::Room { room, what } => self.happened_in(room, what),
            Event::Trouble(trouble) => complain(&trouble),
            Event::Lagged { dropped } => complain(&lagged(dropped)),
            Event::Figures(stats) => self.stats = stats,
            Event::Ended(ended) => return Some(ended),
            _ => {}
        }
        None
    }

    fn happened_in(&mut self, room: RoomId, what: RoomEvent) {
        match what {
            RoomEvent::Entered { post_quantum, .. } => {
                self.room = Some(room);
                if !post_quantum {
                    complain(&CLASSICAL);
                }
                if self.creates {
                    self.engine.wish(Wish::InRoom { room, wish: RoomWish::Invite(OPEN) });
                }
            }
            RoomEvent::Suite { post_quantum: false, .. } => complain(&CLASSICAL),
            RoomEvent::Waiting => complain(&"waiting to be let in"),
            RoomEvent::InvitationReady { invitation, .. } => say(invitation),
            RoomEvent::InvitationOver { .. } => complain(&"the link of this room has ended; /invite prints a new one"),
            RoomEvent::Joined { member, name } | RoomEvent::Renamed { member, name } => {
                self.members.entry(member).or_default().name = name;
            }
            RoomEvent::Left { member, .. } => {
                self.members.remove(&member);
            }
            RoomEvent::Safety { member, safety } => {
                self.members.entry(member).or_default().safety = Some(safety);
            }
            RoomEvent::NewEpoch { .. } => self.code = None,
            RoomEvent::RoomCode(code) => self.code = Some(code),
            RoomEvent::Changed { member, state } => {
                let known = self.members.entry(member).or_default();
                known.presence = state.presence;
                if known.verification != state.verification {
                    known.verification = state.verification;
                    let verification = <&str>::from(state.verification);
                    complain(&format_args!("{}: {verification}", quoted(&known.name)));
                }
            }
            RoomEvent::Compared { outcome: Ok(Compared::Same), .. } => answer("the codes match"),
            RoomEvent::Compared { outcome: Ok(Compared::Different), .. } => complain(&PeerError::CodesDiffer),
            RoomEvent::Compared { outcome: Err(why), .. } => complain(&why),
            RoomEvent::Said(line) if !line.mine => said::print(&line),
            RoomEvent::LineChanged(line) => said::print(&line),
            RoomEvent::Over(why) => {
                self.over = Some(match why {
                    OverBecause::Left => Ok(()),
                    OverBecause::Removed => {
                        complain(&"you were removed from the room");
                        Ok(())
                    }
                    OverBecause::JoinFailed(why) => Err(why.into()),
                    OverBecause::Failed => Err(PeerError::Engine),
                });
            }
            _ => {}
        }
    }

    fn wish(&mut self, line: Line) {
        let Some(room) = self.room else { return };
        let in_room = |wish| Wish::InRoom { room, wish };
        let wish = match line {
            Line::Say(text) => {
                self.flow.asked();
                in_room(RoomWish::Say(text))
            }
            Line::With(deed, text) => match deed.wish(&text) {
                Ok(wish) => in_room(wish),
                Err(why) => return complain(&why),
            },
            Line::Microphone(on) => Wish::MicrophoneOn(on),
            Line::Camera(on) => Wish::CameraOn(on),
            Line::Leave => {
                self.over = Some(Ok(()));
                return;
            }
            Line::Remove(name) => match self.find(&name) {
                Ok(member) => in_room(RoomWish::Remove(member)),
                Err(why) => return complain(&why),
            },
            Line::Who => return self.list_members(),
            Line::Invite => in_room(RoomWish::Invite(OPEN)),
            Line::Code => match &self.code {
                Some(code) => return answer(code),
                None => return complain(&PeerError::NoSafetyCode),
            },
            Line::Verify(text) => match self.verify(&text) {
                Ok(Some(wish)) => in_room(wish),
                Ok(None) => return,
                Err(why) => return complain(&why),
            },
            Line::TooLong => return complain(&"a line of more than 64 KiB was ignored"),
            // With contacts and kept rooms only.
            Line::To(_)
            | Line::Call { .. }
            | Line::Answer
            | Line::Decline
            | Line::HangUp
            | Line::Accept(_)
            | Line::Admit(_)
            | Line::Refuse(_)
            | Line::Unknown => {
                return complain(&"there is no such command here; start a line with // to send one slash");
            }
        };
        if self.engine.wish_within(wish, ANSWER).is_err() {
            self.over = Some(Err(PeerError::NoAnswer));
        }
    }

    fn find(&self, name: &str) -> Result<MemberId, PeerError> {
        let named = self.members.iter().map(|(member, known)| (*member, known.name.as_str(), known.presence));
        book::find_member(name, named)
    }

    fn list_members(&self) {
        let ids = book::member_ids(self.members.keys());
        for (known, id) in self.members.values().zip(ids.into_values()) {
            answer(format_args!("{id}  {}  ({})", quoted(&known.name), book::presence_name(known.presence)));
        }
    }

    /// Shows what to compare with a member, or what to ask of the room.
    fn verify(&self, text: &str) -> Result<Option<RoomWish>, PeerError> {
        let (name, shown) = console::verifying(text, |name| !matches!(self.find(name), Err(PeerError::Unknown(_))));
        let member = self.find(name)?;
        if let Some(shown) = shown {
            return Ok(Some(RoomWish::Compare { member, shown: safety::given(shown)? }));
        }
        let known = self.members.get(&member);
        let safety = known.and_then(|known| known.safety.as_ref()).ok_or(PeerError::NoSafetyCode)?;
        Shown::from(safety.get()).lines().iter().for_each(answer);
        Ok(None)
    }
}
