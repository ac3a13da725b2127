//! Inside the room: everything a member holds, and the way of each input.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use ::media::split::Splitter;
use group_crypto::{Group, InvitationSecret, Member, MemberId, MemberIndex, Suite};

use super::{
    Input, LinkId, Output, Own, Pair, RoomFigures, Summary, Whom,
    call::Call,
    door::Knock,
    forward::Forwards,
    keep::{Details, Keep, OpenInvitation, Stored},
    keys::Keys,
    links::Stranger,
    mail::{Mail, Post},
    membership::Asked,
    participant::{Participant, RECONNECTING},
    send,
    trust::Trust,
    wire::{LinkMessage, RoomMessage, Said},
};
use crate::{
    api::{InvitationId, OverBecause, ParticipantState, RoomEvent, RoomKind, Rules, Trouble},
    rendezvous::{Secret, Side, Whereabouts},
};

pub(super) struct Inside {
    pub own: Own,
    pub kind: RoomKind,
    pub title: String,
    /// Our own name for it.
    pub label: Option<String>,
    pub rules: Rules,
    pub trust: Trust,
    /// The keys are to be renewed with the first who comes.
    pub renew: bool,
    pub group: Group,
    pub keys: Keys,
    pub splitter: Splitter,
    pub participants: BTreeMap<MemberIndex, Participant>,
    pub strangers: BTreeMap<LinkId, Stranger>,
    pub mail: Mail,
    pub call: Call,
    pub forwards: Forwards,
    /// Invitations of ours that can still be taken up: at most 64, the oldest is withdrawn first.
    pub invitations: VecDeque<OpenInvitation>,
    /// The waiting room: at most 32.
    pub knocks: Vec<Knock>,
    /// Secrets that others' admissions used: the last 16.
    pub learnt: VecDeque<InvitationSecret>,
    /// MLS messages that wait for their epoch or for an invitation under way, with whose link they came by: at most 32
    /// from each member.
    pub parked: VecDeque<(MemberIndex, Vec<u8>)>,
    /// Commits and invitations for those who missed them, by the epoch they belong to: the last 64.
    pub history: VecDeque<(u64, Vec<u8>)>,
    /// The last 16 who were taken out, so that one who was away can be told.
    pub taken_out: VecDeque<MemberId>,
    /// The figures of those who have left: at most 64.
    pub departed: Vec<RoomFigures>,
    /// Somebody asked for our own removal: the commit is another's to make.
    pub stepping_down: bool,
    /// What we asked the sequencer for and did not get yet: at most 64.
    pub asked: Vec<Asked>,
    pub next_ticket: u64,
    pub over: Option<OverBecause>,
    /// What is to be on the disk before anything more leaves.
    pub kept: Vec<Keep>,
    /// The group has changed since it was kept last.
    pub group_changed: bool,
}

impl Inside {
    fn bare(own: Own, group: Group, kind: RoomKind, title: String) -> Self {
        let keys = Keys::new(&group, own.run);
        Self {
            own,
            kind,
            title,
            label: None,
            rules: Rules::default(),
            trust: Trust::default(),
            renew: false,
            group,
            keys,
            splitter: Splitter::new(),
            participants: BTreeMap::new(),
            strangers: BTreeMap::new(),
            mail: Mail::default(),
            call: Call::default(),
            forwards: Forwards::default(),
            invitations: VecDeque::new(),
            knocks: Vec::new(),
            learnt: VecDeque::new(),
            parked: VecDeque::new(),
            history: VecDeque::new(),
            taken_out: VecDeque::new(),
            departed: Vec::new(),
            stepping_down: false,
            asked: Vec::new(),
            next_ticket: 0,
            over: None,
            kept: Vec::new(),
            group_changed: true,
        }
    }

    /// Of one who founded the room or was just let in.
    pub fn new(
        now: Instant,
        own: Own,
        group: Group,
        kind: RoomKind,
        title: String,
        out: &mut VecDeque<Output>,
    ) -> Self {
        let mut inside = Self::bare(own, group, kind, title);
        inside.keep_details();
        inside.show_entered(out);
        for member in inside.group.members() {
            inside.add_participant(now, member, out);
        }
        if kind == RoomKind::Ephemeral {
            inside.enter_call(now, true, out);
        }
        inside
    }

    /// Of one who comes back after a restart.
    pub fn restore(now: Instant, own: Own, group: Group, stored: Stored, out: &mut VecDeque<Output>) -> Self {
        let Stored { details, members, invitations, lines, history, verified, .. } = stored;
        let mut inside = Self::bare(own, group, details.kind, details.title);
        (inside.label, inside.rules) = (details.label, details.rules);
        inside.restore_trust(verified, details.verified, &members);
        inside.taken_out = details.taken_out.into_iter().map(MemberId).collect();
        inside.invitations = invitations.into();
        inside.history = history.into();
        inside.group_changed = false;
        inside.renew = details.renew;
        inside.keep_details();
        let everybody = members.iter().map(|m| m.acknowledged).min().unwrap_or(0);
        inside.mail = Mail::restored(lines, everybody);
        inside.show_entered(out);
        for member in inside.group.members() {
            let known = members.iter().find(|m| m.id == member.id);
            let post = known.map_or(Post::beginning(lines), |known| {
                Post::restored(known.details.met.then_some(known.received), known.acknowledged)
            });
            let index = member.index;
            inside.admit_participant(now, member, post, out);
            if let (Some(p), Some(known)) = (inside.participants.get_mut(&index), known) {
                p.pair = known.details.pair;
                if let Some(at) = known.details.at.clone() {
                    p.at = at.into();
                }
                if p.name != known.details.name {
                    p.name.clone_from(&known.details.name);
                    let (member, name) = (p.member.id, p.name.clone());
                    out.push_back(Output::Event(RoomEvent::Renamed { member, name }));
                }
                // Whoever comes back dials; the other may not know that there is anybody to dial.
                p.dial_at = Some(now);
            }
        }
        for open in &inside.invitations {
            inside.show_invitation(open, out);
        }
        inside
    }

    fn show_entered(&self, out: &mut VecDeque<Output>) {
        out.push_back(Output::Event(RoomEvent::Entered {
            title: self.shown_title(),
            kind: self.kind,
            me: self.group.my_id(),
            epoch: self.group.epoch(),
            post_quantum: self.group.suite() == Suite::PostQuantum,
        }));
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.rules }));
    }

    /// Our note of whom a contact is for is nobody else's business.
    pub fn title_for_others(&self) -> String {
        match self.kind {
            RoomKind::Contact => self.own.name.clone(),
            _ => self.title.clone(),
        }
    }

    /// What the room is called here: a contact by our label, or by their own name.
    pub fn shown_title(&self) -> String {
        let them = match self.kind {
            RoomKind::Contact => self.participants.values().next().map(|p| p.name.clone()),
            _ => None,
        };
        self.label.clone().or(them).unwrap_or_else(|| self.title.clone())
    }

    pub fn add_participant(&mut self, now: Instant, member: Member, out: &mut VecDeque<Output>) {
        let (index, lines) = (member.index, self.mail.lines);
        self.admit_participant(now, member, Post::beginning(lines), out);
        if self.kind == RoomKind::Contact
            && let Some(p) = self.participants.get_mut(&index)
            && let Ok(secret) = self.group.export("pair", &[])
        {
            // There are only two in this epoch, and both export it.
            p.pair = Some(*secret);
        }
        if let Some(p) = self.participants.get(&index) {
            let (kept, member, acknowledged) = (p.keep(), p.member.id, p.post.acknowledged);
            self.keep(kept);
            self.keep(Keep::Begin { member, received: 0, acknowledged });
        }
        self.meet_waiting(now, index, out);
    }

    fn admit_participant(&mut self, now: Instant, member: Member, post: Post, out: &mut VecDeque<Output>) {
        if member.index == self.group.me() {
            return;
        }
        let (index, id, name) = (member.index, member.id, member.card.name.clone());
        out.push_back(Output::Event(RoomEvent::Joined { member: id, name }));
        let mut participant = Participant::new(now, member, post);
        if self.group.my_id() < id {
            participant.dial_at = Some(now);
        }
        self.participants.insert(index, participant);
        if self.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
        self.meet(index, out);
    }

    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Option<OverBecause> {
        match input {
            Input::LinkOpened { link, endpoint, dialled } => self.link_opened(now, link, endpoint, dialled, out),
            Input::LinkMessage { link, bytes } => self.link_message(now, link, bytes, out),
            Input::LinkDatagram { link, bytes } => self.link_datagram(now, link, &bytes, out),
            Input::LinkRoute { link, route } => self.link_route(link, route),
            Input::LinkClosed { link } => self.link_closed(now, link, out),
            Input::DialFailed { endpoint } => self.dial_failed(now, endpoint),
            Input::Found { whom, at } => {
                if let Whom::Member(member) = whom {
                    self.found(now, member, at, true, out);
                }
            }
            Input::Moved { at, wall } => {
                self.own.wall = wall;
                self.moved(at, out);
            }
            Input::NetworkChanged => self.network_changed(now, out),
            Input::Sockets(sockets) => self.sockets_changed(now, sockets, out),
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
            Input::Streams { camera_on, microphone_on } => {
                let before = self.streams_now();
                (self.own.camera_on, self.own.microphone_on) = (camera_on, microphone_on);
                // Outside of the call it is nobody's business when something is switched.
                if self.streams_now() != before {
                    self.tell_streams(out);
                }
            }
            Input::Say(said) => self.say(now, said, out),
            Input::Lines(lines) => self.lines_came(lines, out),
            Input::Call { video } => self.enter_call(now, video, out),
            Input::Decline => self.decline(now, out),
            Input::HangUp => self.hang_up(now, out),
            Input::Invite(terms) => self.invite(now, terms, out),
            Input::Revoke(id) => self.revoke(id, out),
            Input::AnswerKnock { knock, admit } => self.answer_knock(now, knock, admit, out),
            Input::Dispensed { link, invitation } => {
                send(out, link, &LinkMessage::Instead(invitation.to_string()));
                self.strangers.remove(&link);
                out.push_back(Output::Close { link });
            }
            Input::Remove(id) => self.remove(now, id, out),
            Input::SetRules(rules) => {
                self.rules = rules;
                self.settled(out);
            }
            Input::Label(label) => {
                self.label = Some(label).filter(|label| super::title_is_fine(label) && !label.trim().is_empty());
                self.keep_details();
                out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
            }
            Input::Verify { member, verified } => self.verify(member, verified, out),
            Input::Compare { member, shown } => self.compare(member, &shown, out),
            Input::Rename(name) => self.rename(name, out),
            Input::Clock(clock) => self.own.clock = clock,
            Input::Rest => {
                self.hang_up(now, out);
                for link in self.participants.values().filter_map(|p| p.link) {
                    send(out, link, &LinkMessage::Rest);
                    out.push_back(Output::Close { link });
                }
            }
            Input::Leave => {
                for link in self.participants.values().filter_map(|p| p.link) {
                    send(out, link, &LinkMessage::Goodbye);
                    out.push_back(Output::Close { link });
                }
                self.over = Some(OverBecause::Left);
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

    /// Whether anything here changes by itself within moments.
    pub fn is_busy(&self, now: Instant) -> bool {
        let unsettled = |p: &Participant| {
            p.dial_at.is_some_and(|at| at <= now + super::IDLE_HOUSEKEEPING)
                || p.tell_again_at.is_some()
                || p.former_link.is_some()
                || p.media.is_some()
                || p.link.is_none() && p.seen && p.linkless_since.is_some_and(|since| now < since + RECONNECTING)
        };
        self.call.is_in()
            || !self.strangers.is_empty()
            || !self.asked.is_empty()
            || self.trust.is_busy()
            || self.participants.values().any(unsettled)
    }

    fn housekeeping(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.keys.forget_old(now);
        self.look_after_links(now, out);
        self.look_after_forwards(now, out);
        self.look_after_media(now, out);
        self.look_after_call(now, out);
        self.look_after_door(now, out);
        self.look_after_members(now, out);
        self.look_after_trust(out);
    }

    pub fn pairs(&self) -> Vec<Pair> {
        let us = self.group.my_id();
        let members = self.participants.values().filter(|p| !p.said_goodbye).filter_map(|p| {
            let id = p.member.id;
            let side = if us < id { Side::Lower } else { Side::Higher };
            let present = p.link.is_some();
            let secret = Secret::from_bytes(p.pair?);
            Some(Pair { whom: Whom::Member(id), secret, side, present, wanted: !present })
        });
        let bearers = self.invitations.iter().map(|open| {
            let secret = open.secret();
            let whom = Whom::Bearer(InvitationId(secret.id().0));
            let secret = Secret::from_bytes(*secret.as_bytes());
            Pair { whom, secret, side: Side::Lower, present: false, wanted: false }
        });
        members.chain(bearers).collect()
    }

    pub fn name_of(&self, member: MemberId) -> Option<String> {
        if member == self.group.my_id() {
            return Some(self.own.name.clone());
        }
        self.participants.values().find(|p| p.member.id == member).map(|p| p.name.clone())
    }

    pub fn by_id(&mut self, id: MemberId) -> Option<&mut Participant> {
        self.participants.values_mut().find(|p| p.member.id == id)
    }

    fn show_changes(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let epoch = self.group.epoch();
        let verifications = self.verifications();
        for (p, verification) in self.participants.values_mut().zip(verifications) {
            let met = self.strangers.values().any(|s| s.is_met_at(&p.at.endpoint));
            p.watch_keys(now, epoch, met);
            let state = ParticipantState { verification, ..p.state(now, epoch) };
            if state != p.shown && !p.said_goodbye {
                p.shown = state.clone();
                out.push_back(Output::Event(RoomEvent::Changed { member: p.member.id, state }));
            }
        }
    }

    fn settled(&mut self, out: &mut VecDeque<Output>) {
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.rules }));
    }

    fn rename(&mut self, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_ok() && name != self.own.name {
            self.own.name.clone_from(&name);
            self.tell_all(&RoomMessage::Name(name), out);
        }
    }

    /// A member's new name.
    pub fn renamed(&mut self, index: MemberIndex, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_err() {
            return;
        }
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        p.name.clone_from(&name);
        let (member, kept) = (p.member.id, p.keep());
        self.keep(kept);
        out.push_back(Output::Event(RoomEvent::Renamed { member, name }));
        if self.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
    }

    /// Our own whereabouts are others now.
    fn moved(&mut self, at: Whereabouts, out: &mut VecDeque<Output>) {
        if self.own.at == at {
            return;
        }
        self.own.at = at;
        let known = &self.own.at;
        let message = RoomMessage::Whereabouts {
            member: self.group.my_id().0,
            endpoint: known.endpoint,
            relays: known.relays.clone(),
            addresses: known.addresses.clone(),
        };
        self.tell_linked(&message, out);
        for open in &self.invitations {
            self.show_invitation(open, out);
        }
    }

    pub fn keep_details(&mut self) {
        let details = Details {
            kind: self.kind,
            title: self.title.clone(),
            label: self.label.clone(),
            rules: self.rules,
            verified: false,
            taken_out: self.taken_out.iter().map(|member| member.0).collect(),
            renew: self.renew,
        };
        self.keep(Keep::Details(details));
    }

    /// What must be on the disk before anything more leaves; the group goes last, as it is after all of it.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        if self.kind == RoomKind::Ephemeral {
            return Vec::new();
        }
        if std::mem::take(&mut self.group_changed) {
            match self.group.save() {
                Ok(bytes) => self.kept.push(Keep::Group(bytes)),
                Err(why) => {
                    tracing::error!(%why, "the keys of a room could not be written down");
                    self.over = Some(OverBecause::Failed);
                }
            }
        }
        std::mem::take(&mut self.kept)
    }

    pub fn trouble(&self, trouble: Trouble, out: &mut VecDeque<Output>) {
        out.push_back(Output::Trouble(trouble));
    }

    pub fn summary(&self) -> Summary {
        Summary {
            title: self.title.clone(),
            epoch: self.group.epoch(),
            suite: self.group.suite(),
            roster: self.group.members().iter().map(|m| m.id).collect(),
            authenticator: self.group.epoch_authenticator(),
            names: self.group.members().into_iter().map(|m| m.card.name).collect(),
        }
    }

    pub fn figures(&self) -> Vec<RoomFigures> {
        self.departed.iter().cloned().chain(self.participants.values().map(Participant::figures)).collect()
    }
}

/// A text to say, as the window gives it.
impl From<String> for Said {
    fn from(text: String) -> Self {
        Said::Text(text)
    }
}
