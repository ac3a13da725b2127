//! A room as a synchronous state machine: links, group and media of one person in one room.
//!
//! Time and bytes come in through [`Room::handle`], actions come out of [`Room::poll`]. The contract is str0m's: after
//! every `handle`, poll until `None`, then call again no later than [`Room::deadline`].

mod joining;

mod budget;
mod call;
mod chat;
mod closing;
mod disk;
mod door;
mod forward;
mod hearing;
mod hello;
#[cfg(feature = "hostile")]
mod hostile;
mod inside;
mod links;
mod membership;
mod meter;
pub(crate) mod numbers;
mod routing;
mod rows;
mod telling;
mod trust;
mod view;
mod whereabouts;

mod media;
mod participant;

pub(crate) mod keep;
pub(crate) mod wire;

#[cfg(any(test, feature = "simulation"))]
pub(crate) mod simulation;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use ::media::{
    EncodedFrame, Ladder, Layer, Stream,
    repair::{Came, VoiceSettings},
    transport::Certificate,
};
use group_crypto::{Agreement, Card, Group, MemberId, RunId, Suite};

use crate::{
    api::{InvitationId, JoinFailed, KnockId, OverBecause, RoomEvent, RoomKind, Route, Rules, Terms, Trouble},
    invitation::Invitation,
    rendezvous::{Secret, Side, Whereabouts},
    wall::Wall,
};
use inside::Inside;
use joining::Joining;
use keep::{Clock, Keep, Stored};
pub(crate) use media::KeepsUpWith;
use media::MediaFigures;
use view::Members;
use wire::{LinkMessage, MAX_TITLE, Said};

/// Most people in a room that is kept.
pub(crate) const MAX_MEMBERS: usize = 128;
/// Most people in a call, and so in a room that is nothing else: everybody sends to everybody.
pub(crate) const MAX_IN_CALL: usize = 16;
/// How often the room looks at its slow timers while something goes on in it, and else.
const HOUSEKEEPING: Duration = Duration::from_millis(50);
const IDLE_HOUSEKEEPING: Duration = Duration::from_millis(1000);

/// One control connection, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LinkId(pub u64);

/// Why a dial led to no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialError {
    NoAnswer,
    /// What answers there speaks another version than we do. Nothing proves who it is.
    OtherVersion,
}

/// What this person brings into the room: all of it is this room's alone, but for the name.
pub(crate) struct Own {
    pub name: String,
    /// Names our media keys of this run.
    pub run: RunId,
    /// Where our links are.
    pub at: Whereabouts,
    pub certificate: Certificate,
    /// Where the call's UDP sockets are bound: the host candidates. None outside of a call, and when the address is hidden.
    pub sockets: Vec<SocketAddr>,
    pub wall: Wall,
    pub camera_on: bool,
    pub microphone_on: bool,
    /// A screen is shared.
    pub screen_on: bool,
    pub clock: Clock,
    /// Others can be found by what the driver searches: waiting for it is worth a while.
    pub searches: bool,
    /// This program has the post-quantum suite, and founds rooms with it.
    pub post_quantum: bool,
    /// The layers that our camera has.
    pub ladder: Ladder,
    /// Kilobits per second that a shared screen takes at most.
    pub screen_kbps: u32,
}

impl Own {
    /// The best suite that this program has.
    fn suite(&self) -> Suite {
        suite(self.post_quantum)
    }

    fn card(&self) -> Card {
        let mut addresses = self.at.addresses.clone();
        addresses.truncate(group_crypto::MAX_ADDRESSES);
        Card {
            name: self.name.clone(),
            endpoint: self.at.endpoint,
            fingerprint: self.certificate.fingerprint().0,
            addresses,
        }
    }
}

/// Who is searched for, or may search for us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Whom {
    Member(MemberId),
    /// The same, by the secret that the invitation gave the two: the one who let us in, or whom we let in.
    FirstPair(MemberId),
    /// Whoever bears this invitation of ours.
    Bearer(InvitationId),
    /// The maker of the invitation that we bear.
    Inviter,
}

/// A secret that two share, for the rendezvous.
pub(crate) struct Pair {
    pub whom: Whom,
    pub secret: Secret,
    pub side: Side,
    /// They are here; nobody needs to search.
    pub present: bool,
    /// We want to reach them, beyond being found.
    pub wanted: bool,
}

pub(crate) enum Input<'a> {
    LinkOpened {
        link: LinkId,
        endpoint: [u8; 32],
        dialled: bool,
    },
    LinkMessage {
        link: LinkId,
        bytes: Vec<u8>,
    },
    LinkDatagram {
        link: LinkId,
        bytes: Vec<u8>,
    },
    LinkRoute {
        link: LinkId,
        route: Route,
    },
    /// A link hears nothing. It may still be of use, but another one is worth a dial.
    LinkDoubtful {
        link: LinkId,
    },
    LinkClosed {
        link: LinkId,
    },
    DialFailed {
        endpoint: [u8; 32],
        why: DialError,
    },
    /// The rendezvous has found somebody.
    Found {
        whom: Whom,
        at: Whereabouts,
    },
    /// Our own links are elsewhere now.
    Moved {
        at: Whereabouts,
        wall: Wall,
    },
    /// The machine is on another network than before.
    NetworkChanged,
    /// The sockets of the call.
    Sockets(Vec<SocketAddr>),
    Datagram {
        from: SocketAddr,
        to: SocketAddr,
        bytes: &'a [u8],
    },
    /// A frame of our voice or screen to seal and send.
    Frame(EncodedFrame),
    /// One picture of our camera, in the layers of [`Output::Layers`].
    Pictures(Vec<(Layer, EncodedFrame)>),
    /// A member's camera or screen is shown with so many lines; 0: not at all.
    Look {
        member: MemberId,
        stream: Stream,
        lines: u16,
    },
    /// Whether our own microphone hears speech.
    WeSpeak(bool),
    /// The decoder of a member's pictures needs a keyframe.
    PictureBroken(MemberId, Stream),
    FirstPicture(MemberId),
    /// To decode a member's camera, whose pictures have so many lines, takes more than one stream's share of this machine.
    PictureTakesTooMuch {
        member: MemberId,
        lines: u32,
    },
    /// Of camera pictures this machine keeps up with no more than this.
    KeepsUpWith(KeepsUpWith),
    Speaking {
        member: MemberId,
        speaking: bool,
    },
    Streams {
        camera_on: bool,
        microphone_on: bool,
        screen_on: bool,
    },
    Say(Said),
    /// Own lines from the disk: sequence, time, text. See [`Room::wanted_lines`].
    Lines(Vec<(u64, i64, Said)>),
    /// What this member said last was not kept, as it does not fit what is. `progress`: the last of their lines that is
    /// kept, and the last of ours that they have.
    NotKept {
        member: MemberId,
        progress: Option<(u64, u64)>,
    },
    Call {
        video: bool,
    },
    Decline,
    HangUp,
    Invite(Terms),
    Revoke(InvitationId),
    AnswerKnock {
        knock: KnockId,
        admit: bool,
    },
    /// A fresh invitation for the one on this link; see [`Output::Dispense`].
    Dispensed {
        link: LinkId,
        invitation: Invitation,
    },
    Remove(MemberId),
    SetRules(Rules),
    Label(String),
    Verify {
        member: MemberId,
        verified: bool,
    },
    /// What they showed or read to us.
    Compare {
        member: MemberId,
        shown: String,
    },
    Rename(String),
    Clock(Clock),
    /// Away for a while: hangs up, and says so to those who are here.
    Rest,
    Leave,
    Timeout,
}

pub(crate) enum Output {
    Dial {
        to: Whereabouts,
        /// Others say that somebody is there, and nothing has proven it.
        is_hearsay: bool,
    },
    Send {
        link: LinkId,
        bytes: Vec<u8>,
    },
    /// Like [`Output::Send`], for another member: dropped where the link does not keep up.
    Forward {
        link: LinkId,
        bytes: Vec<u8>,
    },
    /// A media datagram over the link.
    SendDatagram {
        link: LinkId,
        bytes: Vec<u8>,
    },
    /// The other end of the link is no stranger any more.
    Vouch {
        link: LinkId,
    },
    /// The other end of the link is still a stranger, and may stay for longer than others.
    LetWait {
        link: LinkId,
    },
    /// Close the link once what was sent on it is delivered.
    Close {
        link: LinkId,
    },
    Transmit {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    /// An opened frame of a member, in order for pictures.
    Frame {
        member: MemberId,
        sequence: u64,
        timestamp: u64,
        frame: EncodedFrame,
        came: Came,
    },
    /// Which layers of our camera are wanted, and at which rate in kilobits per second.
    Layers([Option<u32>; Layer::COUNT]),
    /// At which rate our screen is wanted, in kilobits per second.
    Screen(Option<u32>),
    /// What the encoder of our voice shall do from now on.
    Voice(VoiceSettings),
    /// Somebody needs a keyframe of ours.
    KeyframeWanted(Layer),
    /// Somebody needs a keyframe of our screen.
    ScreenKeyframeWanted,
    /// Camera, microphone and the sharing of the screen are to be turned off: we have told all that they are.
    TurnOff,
    /// The bearer of an invitation for many contacts wants one of their own.
    Dispense {
        link: LinkId,
    },
    Event(RoomEvent),
    Trouble(Trouble),
    /// The room is over for us.
    Over(OverBecause),
}

/// The figures of one participant that the room itself knows.
#[derive(Clone)]
pub(crate) struct RoomFigures {
    pub member: Option<MemberId>,
    pub name: String,
    pub route: Option<Route>,
    pub keys: crate::api::KeyState,
    /// The name of the member who passes their pictures on now.
    pub carried_by: Option<String>,
    pub media: MediaFigures,
}

pub(crate) struct Room {
    phase: Phase,
    out: VecDeque<Output>,
    next_look: Instant,
}

#[expect(clippy::large_enum_variant, reason = "there is one room per person")]
enum Phase {
    Joining(Joining),
    Inside(Inside),
    Over(Option<Summary>, Vec<RoomFigures>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RoomError {
    #[error("the room's title must have 1 to 64 visible letters")]
    BadTitle,
    #[error("the keys could not be created")]
    Keys,
    #[error("the stored keys cannot be read")]
    Kept,
}

impl Room {
    /// Founds a room with ourselves in it.
    pub fn found(now: Instant, own: Own, kind: RoomKind, title: String) -> Result<Self, RoomError> {
        let title = title.trim().to_owned();
        if !title_is_fine(&title) {
            return Err(RoomError::BadTitle);
        }
        let group = Group::create(own.card(), own.suite()).map_err(|_| RoomError::Keys)?;
        let mut out = VecDeque::new();
        let inside = Inside::new(now, own, group, kind, title, &mut out);
        Ok(Self { phase: Phase::Inside(inside), out, next_look: now })
    }

    /// Sets out to join the invitation's room.
    pub fn join(now: Instant, own: Own, invitation: Invitation) -> Result<Self, RoomError> {
        let mut out = VecDeque::new();
        let joining = Joining::new(now, own, invitation, &mut out).map_err(|_| RoomError::Keys)?;
        Ok(Self { phase: Phase::Joining(joining), out, next_look: now })
    }

    /// Goes on with a room that was kept.
    pub fn restore(now: Instant, own: Own, mut stored: Stored) -> Result<Self, RoomError> {
        let most = inside::most_members(stored.details.kind);
        let history = std::mem::take(&mut stored.history);
        let agreement = Agreement::restore(&stored.group, history, own.card(), most).map_err(|_| RoomError::Kept)?;
        let mut out = VecDeque::new();
        let inside = Inside::restore(now, own, agreement, stored, &mut out);
        Ok(Self { phase: Phase::Inside(inside), out, next_look: now })
    }

    /// What must be durable, all or nothing, before the outputs of [`Self::poll`] are carried out.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        let mut kept = Vec::new();
        self.fence(|room| {
            if let Phase::Inside(inside) = &mut room.phase {
                kept = inside.take_kept();
            }
        });
        kept
    }

    /// Own lines behind this one are to be read from the disk and handed in as [`Input::Lines`].
    pub fn wanted_lines(&mut self) -> Option<u64> {
        match &mut self.phase {
            Phase::Inside(inside) => inside.chat.take_wanted(),
            _ => None,
        }
    }

    /// Whether this output only follows from what the member said: it shows or confirms it.
    pub fn follows_from(&self, member: MemberId, output: &Output) -> bool {
        matches!(&self.phase, Phase::Inside(inside) if inside.follows_from(member, output))
    }

    /// With whom we have a secret to be found by.
    pub fn pairs(&self) -> Vec<Pair> {
        match &self.phase {
            Phase::Joining(joining) => joining.pair().into_iter().collect(),
            Phase::Inside(inside) => inside.pairs(),
            Phase::Over(..) => Vec::new(),
        }
    }

    pub fn kind(&self) -> Option<RoomKind> {
        match &self.phase {
            Phase::Inside(inside) => Some(inside.kind),
            Phase::Joining(joining) => Some(joining.kind()),
            Phase::Over(..) => None,
        }
    }

    /// A member's name by their id, ourselves included.
    pub fn name_of(&self, member: MemberId) -> Option<String> {
        match &self.phase {
            Phase::Inside(inside) => inside.name_of(member),
            _ => None,
        }
    }

    /// Who else is in the call.
    pub fn others_in_call(&self) -> Vec<(MemberId, String)> {
        match &self.phase {
            Phase::Inside(inside) => {
                let there = inside.participants.values().filter(|p| p.is_in_call());
                there.map(|p| (p.member.id, p.name.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// There are others in the call, and no place for us.
    pub fn call_is_full(&self) -> bool {
        matches!(&self.phase, Phase::Inside(inside) if inside.call.is_full(Members::new(&inside.participants)))
    }

    /// Nobody else is a member, is about to be one, or can become one by an invitation of ours.
    pub fn is_alone(&self) -> bool {
        matches!(&self.phase, Phase::Inside(inside) if inside.is_alone())
    }

    pub fn my_id(&self) -> Option<MemberId> {
        match &self.phase {
            Phase::Inside(inside) => Some(inside.agreement.group().my_id()),
            _ => None,
        }
    }

    /// Takes in what has happened. A panic, which is a bug of ours, ends this room and nothing else.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.fence(|room| room.take_in(now, input));
    }

    /// Where `act` panics the room is over: nothing of what was half done is kept, or leaves.
    fn fence(&mut self, act: impl FnOnce(&mut Self)) {
        // Nothing of the phase is looked at again after a panic, so it does not matter how it was left.
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            tracing::error!("a room failed; it is over, and what is kept of it stays");
            self.out.clear();
            self.phase = Phase::Over(None, Vec::new());
            self.out.push_back(Output::Over(OverBecause::Failed));
        }
    }

    fn take_in(&mut self, now: Instant, input: Input<'_>) {
        // While joining, every input looks at the timers; inside, only a timeout does.
        let looks = matches!(input, Input::Timeout) || matches!(self.phase, Phase::Joining(_));
        match &mut self.phase {
            Phase::Joining(joining) => match joining.handle(now, input, &mut self.out) {
                joining::Step::Wait
                | joining::Step::Waiting
                | joining::Step::Instead(_)
                | joining::Step::Classically => {}
                joining::Step::Failed(why) => self.end(OverBecause::JoinFailed(why)),
                joining::Step::Left => self.end(OverBecause::Left),
                joining::Step::Admitted(link, admitted) => self.enter(now, link, admitted),
            },
            Phase::Inside(inside) => {
                let over = inside.handle(now, input, &mut self.out);
                // Here and not when they are polled: what they do to the group is to be kept before they leave.
                if inside.forwards.are_used() {
                    let outputs = std::mem::take(&mut self.out);
                    self.out = outputs.into_iter().filter_map(|output| inside.reroute(output)).collect();
                }
                if let Some(why) = over {
                    inside.show_what_changed(&mut self.out);
                    self.end(why);
                }
            }
            Phase::Over(..) => {}
        }
        if looks && self.next_look <= now {
            let idle = matches!(&self.phase, Phase::Inside(inside) if !inside.is_busy(now));
            self.next_look = now + if idle { IDLE_HOUSEKEEPING } else { HOUSEKEEPING };
        } else if !looks && self.next_look > now + HOUSEKEEPING {
            // Something happened: what follows from it is looked after soon.
            self.next_look = now + HOUSEKEEPING;
        }
    }

    /// The next thing to do. What has changed about members is shown last, once for all inputs before.
    pub fn poll(&mut self) -> Option<Output> {
        if self.out.is_empty() {
            self.fence(|room| {
                if let Phase::Inside(inside) = &mut room.phase {
                    inside.show_what_changed(&mut room.out);
                }
            });
        }
        self.out.pop_front()
    }

    /// When to hand in [`Input::Timeout`] at the latest.
    pub fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::Inside(inside) => inside.deadline().map_or(self.next_look, |d| d.min(self.next_look)),
            _ => self.next_look,
        }
    }

    /// Our own standing: title, epoch, suite and names, for the figures.
    pub fn summary(&self) -> Option<Summary> {
        match &self.phase {
            Phase::Inside(inside) => Some(inside.summary()),
            Phase::Over(summary, _) => summary.clone(),
            Phase::Joining(_) => None,
        }
    }

    /// Figures of everybody who is or was in the room.
    pub fn figures(&self) -> Vec<RoomFigures> {
        match &self.phase {
            Phase::Inside(inside) => inside.figures(),
            Phase::Over(_, figures) => figures.clone(),
            Phase::Joining(_) => Vec::new(),
        }
    }

    fn enter(&mut self, now: Instant, link: LinkId, mut admitted: joining::Admitted) {
        let Phase::Joining(joining) = std::mem::replace(&mut self.phase, Phase::Over(None, Vec::new())) else {
            return;
        };
        let title = &mut admitted.title;
        if title.len() > MAX_TITLE {
            return self.end(OverBecause::JoinFailed(JoinFailed::Malformed));
        }
        // Of a room that was founded by an older rule.
        if !title_is_fine(title) {
            *title = group_crypto::plain_name(title);
        }
        match joining.enter(now, link, admitted, &mut self.out) {
            Ok(inside) => self.phase = Phase::Inside(inside),
            Err(why) => self.end(OverBecause::JoinFailed(why)),
        }
    }

    fn end(&mut self, why: OverBecause) {
        self.phase = Phase::Over(self.summary(), self.figures());
        self.out.push_back(Output::Over(why));
    }
}

/// See [`Room::summary`].
#[derive(Clone)]
pub(crate) struct Summary {
    pub title: String,
    pub epoch: u64,
    pub suite: Suite,
    pub names: Vec<String>,
    pub roster: Vec<MemberId>,
    pub authenticator: [u8; 32],
}

fn suite(post_quantum: bool) -> Suite {
    if post_quantum { Suite::PostQuantum } else { Suite::Classical }
}

/// Titles and labels stand beside names, and follow their rules.
fn title_is_fine(title: &str) -> bool {
    group_crypto::check_name(title).is_ok()
}

fn send(out: &mut VecDeque<Output>, link: LinkId, message: &LinkMessage) {
    out.push_back(Output::Send { link, bytes: wire::encode(message) });
}
