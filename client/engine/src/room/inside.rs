//! Inside the room: everything a member holds, and the way of each input.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use ::media::split::Splitter;
use group_crypto::{Group, InvitationSecret, MemberId, MemberIndex, Suite};

use super::{
    Input, LinkId, Output, Own, RoomFigures, Summary, chat_text,
    keys::Keys,
    links::Stranger,
    membership::Asked,
    participant::Participant,
    send,
    wire::{LinkMessage, RoomMessage},
};
use crate::{
    api::{EndedBecause, Event, Trouble},
    invitation::Invitation,
};

pub(super) struct Inside {
    pub own: Own,
    pub title: String,
    pub group: Group,
    pub keys: Keys,
    pub splitter: Splitter,
    pub participants: BTreeMap<MemberIndex, Participant>,
    pub strangers: BTreeMap<LinkId, Stranger>,
    /// Secrets of invitations that we handed out: at most 64, the oldest is withdrawn first.
    pub invitations: VecDeque<InvitationSecret>,
    /// Secrets that others' admissions used: the last 16.
    pub learnt: VecDeque<InvitationSecret>,
    /// MLS messages that wait for their epoch or for an invitation under way, with whose link they came by: at most 32
    /// from each member.
    pub parked: VecDeque<(MemberIndex, Vec<u8>)>,
    /// Commits and invitations for those who missed them, by the epoch they belong to: the last 64.
    pub history: VecDeque<(u64, Vec<u8>)>,
    /// Endpoints of the last 16 who were taken out, so that one who was away can be told.
    pub taken_out: VecDeque<[u8; 32]>,
    /// The figures of those who have left: at most 64.
    pub departed: Vec<RoomFigures>,
    /// Somebody asked for our own removal: the commit is another's to make.
    pub stepping_down: bool,
    /// What we asked the sequencer for and did not get yet: at most 64.
    pub asked: Vec<Asked>,
    pub next_ticket: u64,
    pub over: Option<EndedBecause>,
}

impl Inside {
    pub fn new(now: Instant, own: Own, group: Group, title: String, out: &mut VecDeque<Output>) -> Self {
        let keys = Keys::new(&group);
        let mut inside = Self {
            own,
            title,
            group,
            keys,
            splitter: Splitter::new(),
            participants: BTreeMap::new(),
            strangers: BTreeMap::new(),
            invitations: VecDeque::new(),
            learnt: VecDeque::new(),
            parked: VecDeque::new(),
            history: VecDeque::new(),
            taken_out: VecDeque::new(),
            departed: Vec::new(),
            stepping_down: false,
            asked: Vec::new(),
            next_ticket: 0,
            over: None,
        };
        out.push_back(Output::Event(Event::Entered {
            title: inside.title.clone(),
            me: inside.group.my_id(),
            epoch: inside.group.epoch(),
            post_quantum: inside.group.suite() == Suite::PostQuantum,
        }));
        for member in inside.group.members() {
            inside.add_participant(now, member, out);
        }
        inside
    }

    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Option<EndedBecause> {
        match input {
            Input::LinkOpened { link, endpoint, dialled } => self.link_opened(now, link, endpoint, dialled, out),
            Input::LinkMessage { link, bytes } => self.link_message(now, link, bytes, out),
            Input::LinkClosed { link } => self.link_closed(now, link),
            Input::DialFailed { endpoint } => self.dial_failed(now, endpoint),
            Input::Datagram { from, to, bytes } => self.datagram(now, from, to, bytes, out),
            Input::Frame(frame) => self.send_frame(now, &frame, out),
            Input::PictureBroken(id) => self.picture_broken(now, id, out),
            Input::FirstPicture(id) => {
                if let Some(p) = self.by_id(id) {
                    p.first_picture_at.get_or_insert(now);
                }
            }
            Input::Speaking { member, speaking } => {
                if let Some(p) = self.by_id(member) {
                    p.speaking = speaking;
                }
            }
            Input::Streams { camera_on, microphone_on } => self.streams(camera_on, microphone_on, out),
            Input::Say(text) => self.say(&text, out),
            Input::Invite => self.invite(out),
            Input::Remove(id) => self.remove(now, id, out),
            Input::Leave => {
                for link in self.participants.values().filter_map(|p| p.link) {
                    send(out, link, &LinkMessage::Goodbye);
                    out.push_back(Output::Close { link });
                }
                self.over = Some(EndedBecause::Left);
            }
            Input::Timeout => self.housekeeping(now, out),
        }
        self.show_changes(now, out);
        self.over
    }

    /// When the room needs to be called again at the latest; `None`: no sooner than its housekeeping.
    pub fn deadline(&self) -> Option<Instant> {
        self.participants.values().filter_map(|p| p.media.as_ref()?.deadline()).min()
    }

    fn housekeeping(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.keys.forget_old(now);
        self.look_after_links(now, out);
        self.look_after_media(now, out);
        self.look_after_members(now, out);
    }

    pub fn by_id(&mut self, id: MemberId) -> Option<&mut Participant> {
        self.participants.values_mut().find(|p| p.member.id == id)
    }

    fn show_changes(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let epoch = self.group.epoch();
        for p in self.participants.values_mut() {
            let state = p.state(now, epoch);
            if state != p.shown && !p.said_goodbye {
                p.shown = state.clone();
                out.push_back(Output::Event(Event::Changed { member: p.member.id, state }));
            }
        }
    }

    fn streams(&mut self, camera_on: bool, microphone_on: bool, out: &mut VecDeque<Output>) {
        (self.own.camera_on, self.own.microphone_on) = (camera_on, microphone_on);
        for link in self.participants.values().filter_map(|p| p.link) {
            send(out, link, &LinkMessage::Streams { camera: camera_on, microphone: microphone_on });
        }
    }

    fn say(&mut self, text: &str, out: &mut VecDeque<Output>) {
        let text = match chat_text(text) {
            Ok(Some(text)) => text,
            Ok(None) => return,
            Err(trouble) => return out.push_back(Output::Event(Event::Trouble(trouble))),
        };
        self.tell_all(&RoomMessage::Say(text.to_owned()), out);
        out.push_back(Output::Event(Event::Said {
            member: self.group.my_id(),
            name: self.own.card.name.clone(),
            text: text.to_owned(),
            mine: true,
        }));
    }

    fn invite(&mut self, out: &mut VecDeque<Output>) {
        const OUTSTANDING: usize = 64;
        let invitation = Invitation::new(self.own.card.endpoint, self.own.card.addresses.clone());
        if self.invitations.len() == OUTSTANDING {
            self.invitations.pop_front();
        }
        self.invitations.push_back(invitation.secret.clone());
        out.push_back(Output::Event(Event::InvitationReady(invitation)));
    }

    pub fn trouble(&self, trouble: Trouble, out: &mut VecDeque<Output>) {
        out.push_back(Output::Event(Event::Trouble(trouble)));
    }

    pub fn summary(&self) -> Summary {
        Summary {
            title: self.title.clone(),
            epoch: self.group.epoch(),
            suite: self.group.suite(),
            names: self.group.members().into_iter().map(|m| m.card.name).collect(),
        }
    }

    pub fn figures(&self) -> Vec<RoomFigures> {
        self.departed.iter().cloned().chain(self.participants.values().map(Participant::figures)).collect()
    }
}
