//! Inside the room: everything a member holds, and the way of each input.

mod closing;
mod disk;
mod forwarding;
mod hearing;
mod hello;
#[cfg(feature = "hostile")]
mod hostile;
mod links;
mod membership;
pub(super) mod participant;
mod routing;
mod telling;
mod whereabouts;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use group_crypto::{Agreement, Group, Member, MemberId, Suite};

use crate::room::{
    DialError, Input, LinkId, Output, Own, Pair, RoomFigures, Summary, Whom,
    call::{Call, Switches},
    chat::{Chat, Progress},
    door::Door,
    forwarding::Forwarding,
    inside::closing::Closing,
    inside::hearing::Unread,
    inside::links::Stranger,
    inside::membership::Asked,
    inside::participant::{Participant, RECONNECTING},
    inside::routing::view,
    keep::{Keep, Stored, StoredMember, Verified},
    media::Media,
    numbers::Sequence,
    output::send,
    rows::Rows,
    size::most_members,
    trust::Trust,
    wire::{LinkMessage, RoomMessage, Statement},
};
use crate::{
    api::{Body, InvitationId, Line, OverBecause, ParticipantState, RoomEvent, RoomKind, Rules, Trouble},
    rendezvous::{Secret, Side, Whereabouts},
};

/// Everything that a member holds. Each facet owns its part; here inputs go to the facet that they are for, and what facets
/// want goes where it is done.
pub(super) struct Inside {
    pub about: About,
    pub membership: Membership,
    pub participants: BTreeMap<MemberId, Participant>,
    pub links: Links,
    pub chat: Chat,
    pub call: Call,
    pub door: Door,
    pub media: Media,
    pub trust: Trust,
    pub pending: Pending,
}

/// What the room is, to us.
pub(super) struct About {
    pub own: Own,
    pub kind: RoomKind,
    pub title: String,
    /// Our own name for it.
    pub label: Option<String>,
    pub rules: Rules,
    /// Whether it can only be read, and why.
    pub closing: Closing,
}

/// Who is in the group, and who is about to be.
pub(super) struct Membership {
    pub agreement: Agreement,
    /// Whom the sequencer was asked to admit, and who waits for it at our door.
    pub asked: Vec<Asked>,
    /// How many messages came out of the group's protection.
    pub told: u64,
    /// What the agreement wants done is being done: a loop further out goes on with it.
    pub carrying_out: bool,
    /// The keys are to be renewed with the first member who comes.
    pub renew: bool,
    /// The figures of those who have left: at most 64.
    pub departed: Vec<RoomFigures>,
}

/// Links that are no member's yet, what is said on links, and where ours are.
#[derive(Default)]
pub(super) struct Links {
    pub strangers: BTreeMap<LinkId, Stranger>,
    pub forwarding: Forwarding,
    /// What was said and is not read yet: empty between two inputs.
    pub unread: Unread,
    /// What we have signed about where we are, and the highest number of such a statement.
    pub own_statement: Option<Statement>,
    pub stated: u64,
    /// That a member has a program of another version was said once.
    pub told_version: bool,
}

/// What is to be written down, shown and done when an input has been handled.
#[derive(Default)]
pub(super) struct Pending {
    /// What is to be on the disk before anything more leaves.
    pub kept: Vec<Keep>,
    /// What others may still have written down.
    pub rows: Rows,
    /// When the last input came, where nobody has looked since for changes to be shown.
    pub unshown: Option<Instant>,
    pub over: Option<OverBecause>,
}

impl Inside {
    fn bare(own: Own, agreement: Agreement, kind: RoomKind, title: String) -> Self {
        let media = Media::new(agreement.group(), own.run, own.ladder.clone());
        let switches = Switches { camera: own.camera_on, microphone: own.microphone_on, screen: own.screen_on };
        let (chat, call) = (Chat::new(kind), Call::new(switches));
        let closing = Closing::default();
        Self {
            about: About { own, kind, title, label: None, rules: Rules::default(), closing },
            membership: Membership {
                agreement,
                asked: Vec::new(),
                told: 0,
                carrying_out: false,
                renew: false,
                departed: Vec::new(),
            },
            participants: BTreeMap::new(),
            links: Links::default(),
            chat,
            call,
            door: Door::default(),
            media,
            trust: Trust::default(),
            pending: Pending::default(),
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
        let agreement = Agreement::new(group, own.card(), most_members(kind));
        let mut inside = Self::bare(own, agreement, kind, title);
        inside.keep_details();
        inside.show_entered(out);
        for member in inside.membership.agreement.group().members().to_vec() {
            inside.add_participant(now, member, out);
        }
        if kind == RoomKind::Ephemeral {
            inside.in_call(now, out, |call, view, _| call.enter(view, true));
        }
        inside
    }

    fn resume_chat(&mut self, member: MemberId, known: Option<&StoredMember>) {
        if let Some(known) = known.filter(|_| member != self.membership.agreement.group().my_id()) {
            let received = known.details.met.then(|| Sequence::clamped(known.received));
            let acknowledged = Sequence::clamped(known.acknowledged);
            self.chat.resume(member, Progress { received, acknowledged });
        }
    }

    /// Of one who comes back after a restart.
    pub fn restore(now: Instant, own: Own, agreement: Agreement, stored: Stored, out: &mut VecDeque<Output>) -> Self {
        let Stored { details, members, invitations, lines, verified, names, read_only, stated, .. } = stored;
        // An older rule took titles that are none any more, and an import may hold any.
        let mut inside = Self::bare(own, agreement, details.kind, group_crypto::plain_name(&details.title));
        inside.about.label = details.label.map(|label| group_crypto::plain_name(&label));
        inside.about.rules = details.rules;
        let contact = members.iter().filter(|_| details.verified);
        let contact = contact.map(|known| Verified { member: known.id.0, name: known.details.name.clone() });
        inside.trust = Trust::restored(verified, names, contact.collect());
        inside.door = Door::restored(invitations);
        inside.membership.renew = details.renew;
        inside.links.stated = stated;
        inside.keep_details();
        let lines = Sequence::clamped(lines);
        let everybody = members.iter().map(|m| m.acknowledged).min().unwrap_or(0);
        inside.chat = Chat::restored(details.kind, lines, Sequence::clamped(everybody));
        inside.show_entered(out);
        for member in inside.membership.agreement.group().members().to_vec() {
            let known = members.iter().find(|m| m.id == member.id);
            // As they were known last.
            let name = group_crypto::plain_name(known.map_or(&member.card.name, |known| &known.details.name));
            inside.resume_chat(member.id, known);
            inside.admit_participant(now, member, name, out);
        }
        let us = inside.membership.agreement.group().my_id();
        for known in members.iter().filter(|known| known.id != us) {
            if known.details.met
                && !inside.participants.contains_key(&known.id)
                && inside.membership.agreement.knows(known.id)
            {
                let name = group_crypto::plain_name(&known.details.name);
                inside.resume_chat(known.id, Some(known));
                inside.add_lost(now, known.id, name);
            }
            if let Some(p) = inside.participants.get_mut(&known.id) {
                (p.pair, p.first_pair) = (known.details.pair, known.details.first_pair);
                if let Some(at) = known.details.at.clone() {
                    p.at = at.into();
                }
                // Whoever comes back dials; the other may not know that there is anybody to dial.
                p.dial_at = Some(now);
            }
        }
        inside.at_door(now, out, |door, hall| door.show_all(hall));
        if let Some(why) = read_only {
            inside.membership.agreement.retire();
            inside.about.closing = Closing::restored(Some(why));
            inside.show_closing(Some(why), out);
        }
        // Who is verified is known without anybody, and at once.
        inside.show_changes(now, out);
        inside
    }

    fn show_entered(&self, out: &mut VecDeque<Output>) {
        out.push_back(Output::Event(RoomEvent::Entered {
            title: self.shown_title(),
            kind: self.about.kind,
            me: self.membership.agreement.group().my_id(),
            epoch: self.membership.agreement.group().epoch(),
            post_quantum: self.membership.agreement.group().suite() == Suite::PostQuantum,
        }));
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.about.rules }));
    }

    /// Our note of whom a contact is for is nobody else's business.
    pub fn title_for_others(&self) -> String {
        match self.about.kind {
            RoomKind::Contact => self.about.own.name.clone(),
            _ => self.about.title.clone(),
        }
    }

    /// What the room is called here: a contact by our label, or by their own name.
    pub fn shown_title(&self) -> String {
        let them = match self.about.kind {
            RoomKind::Contact => self.participants.values().next().map(|p| p.name.clone()),
            _ => None,
        };
        self.about.label.clone().or(them).unwrap_or_else(|| self.about.title.clone())
    }

    pub fn add_participant(&mut self, now: Instant, member: Member, out: &mut VecDeque<Output>) {
        let index = member.id;
        let name = member.card.name.clone();
        let first_pair = self.first_pair_with(&member);
        self.admit_participant(now, member, name, out);
        if let Some(p) = self.participants.get_mut(&index) {
            if self.about.kind != RoomKind::Contact {
                // Members of a larger room could all export the same.
                p.first_pair = first_pair;
            } else if let Ok(secret) = self.membership.agreement.group().export("pair", &[]) {
                // There are only two in this epoch, and both export it.
                p.pair = Some(*secret);
            }
        }
        if self.participants.contains_key(&index) {
            self.keep_member(index);
            let acknowledged = self.chat.progress(index).acknowledged.get();
            self.keep(Keep::Begin { member: index, received: 0, acknowledged });
        }
        self.meet_waiting(index);
    }

    fn admit_participant(&mut self, now: Instant, member: Member, name: String, out: &mut VecDeque<Output>) {
        if member.id == self.membership.agreement.group().my_id() {
            return;
        }
        let id = member.id;
        self.in_trust(now, out, |trust, view| trust.on_name(view, id, &name));
        out.push_back(Output::Event(RoomEvent::Joined { member: id, name: name.clone() }));
        let mut participant = Participant::new(now, member);
        participant.name = name;
        if self.membership.agreement.group().my_id() < id {
            participant.dial_at = Some(now);
        }
        self.participants.insert(id, participant);
        self.chat.begin(id);
        self.media.begin(id);
        if self.about.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
        self.show_safety(id, out);
    }

    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Option<OverBecause> {
        // There are thousands a second of these, and what they do change is shown with the next look at the timers.
        let is_media = matches!(input, Input::Datagram { .. } | Input::Frame(_));
        if self.about.closing.is_final() {
            self.handle_closed(input, out);
            return self.pending.over;
        }
        match input {
            Input::LinkOpened { link, endpoint, dialled } => self.link_opened(now, link, endpoint, dialled, out),
            Input::LinkMessage { link, bytes } => self.link_message(now, link, bytes, out),
            Input::LinkDatagram { link, bytes } => self.link_datagram(now, link, &bytes, out),
            Input::LinkRoute { link, route } => self.link_route(link, route),
            Input::LinkDoubtful { link } => self.link_doubtful(link, out),
            Input::LinkClosed { link } => self.link_closed(now, link, out),
            Input::DialFailed { endpoint, why } => {
                if why == DialError::OtherVersion {
                    self.met_other_version(&endpoint, out);
                }
                self.dial_failed(now, endpoint);
            }
            Input::Found { whom, at } => {
                if let Whom::Member(member) | Whom::FirstPair(member) = whom {
                    self.found(now, member, at, out);
                }
            }
            Input::Moved { at, wall } => {
                self.about.own.wall = wall;
                self.moved(now, at, out);
            }
            Input::NetworkChanged => self.network_changed(now, out),
            Input::Sockets(sockets) => {
                self.about.own.sockets = sockets;
                self.in_media(now, out, |media, at| media.on_sockets(at));
            }
            Input::Datagram { from, to, bytes } => {
                self.in_media(now, out, |media, at| media.on_datagram(at, from, to, bytes));
            }
            Input::Frame(frame) => self.in_media(now, out, |media, at| media.send_frame(at, &frame)),
            Input::Pictures(pictures) => self.in_media(now, out, |media, at| media.send_pictures(at, &pictures)),
            Input::Look { member, stream, lines } => {
                self.in_media(now, out, |media, _| media.look_at(member, stream, lines));
            }
            Input::WeSpeak(speaking) => self.media.we_speak(speaking),
            Input::PictureBroken(member, stream) => {
                self.in_media(now, out, |media, at| media.on_picture_broken(at, member, stream));
            }
            Input::FirstPicture(member) => self.media.on_first_picture(now, member),
            Input::PictureTakesTooMuch { member, lines } => {
                self.in_media(now, out, |media, _| media.ask_for_less(now, member, lines));
            }
            Input::KeepsUpWith(most) => self.in_media(now, out, |media, at| media.keep_up_with(at, most)),
            Input::Speaking { member, speaking } => {
                self.in_media(now, out, |media, at| media.on_speaking(at, member, speaking));
            }
            Input::Streams { camera_on, microphone_on, screen_on } => {
                let to = Switches { camera: camera_on, microphone: microphone_on, screen: screen_on };
                self.in_call(now, out, |call, _, _| call.switch(to));
            }
            Input::Say(said) => {
                if !self.is_read_only(out) {
                    self.in_chat(now, out, |chat, view, _| chat.say(view, said));
                }
            }
            Input::NotKept { member, progress } => self.not_kept(now, member, progress, out),
            Input::Lines(lines) => self.in_chat(now, out, |chat, view, _| chat.on_lines_read(view, lines)),
            Input::Call { video } => {
                if !self.is_read_only(out) {
                    self.in_call(now, out, |call, view, _| call.enter(view, video));
                }
            }
            Input::Decline => self.in_call(now, out, |call, view, _| call.decline(view)),
            Input::HangUp => self.in_call(now, out, |call, view, _| call.hang_up(view)),
            Input::Invite(terms) => {
                if !self.is_read_only(out) {
                    self.at_door(now, out, |door, hall| door.invite(hall, terms));
                }
            }
            Input::Revoke(id) => self.at_door(now, out, |door, _| door.revoke(id)),
            Input::AnswerKnock { knock, admit } => {
                self.at_door(now, out, |door, hall| door.answer(hall, knock, admit));
            }
            Input::Dispensed { link, invitation } => {
                send(out, link, &LinkMessage::Instead(invitation.to_string()));
                self.links.strangers.remove(&link);
                out.push_back(Output::Close { link });
            }
            Input::Remove(id) => self.remove(now, id, out),
            Input::SetRules(rules) => {
                self.about.rules = rules;
                self.settled(out);
            }
            Input::Label(label) => self.relabel(label, out),
            Input::Verify { member, verified } => {
                self.in_trust(now, out, |trust, view| trust.verify(view, member, verified));
            }
            Input::Compare { member, shown } => {
                let safety = self.safety_of(member);
                self.in_trust(now, out, |trust, view| trust.compare(view, member, safety.as_ref(), &shown));
            }
            Input::Rename(name) => self.rename(name, out),
            Input::Clock(clock) => self.about.own.clock = clock,
            Input::Rest => {
                self.in_call(now, out, |call, view, _| call.hang_up(view));
                self.membership.agreement.save_all();
                for link in self.participants.values().filter_map(|p| p.link) {
                    send(out, link, &LinkMessage::Rest);
                    out.push_back(Output::Close { link });
                }
            }
            Input::Leave => self.leave(out),
            Input::Timeout => self.housekeeping(now, out),
        }
        if !is_media {
            self.read(now, out);
            self.pending.unshown = Some(now);
        }
        self.pending.over
    }

    /// Shows what the inputs since the last call have changed. It looks at every member, and in a large room many messages
    /// come at once, so it is called at the end of a burst.
    pub fn show_what_changed(&mut self, out: &mut VecDeque<Output>) {
        if let Some(now) = self.pending.unshown.take() {
            self.show_changes(now, out);
        }
    }

    /// When the room needs to be called again at the latest; `None`: no sooner than its housekeeping.
    pub fn deadline(&self) -> Option<Instant> {
        self.media.deadline().into_iter().chain(self.membership.agreement.deadline()).min()
    }

    /// Whether anything here changes by itself within moments.
    pub fn is_busy(&self, now: Instant) -> bool {
        if self.about.closing.is_final() {
            return false;
        }
        let unsettled = |p: &Participant| {
            p.dial_at.is_some_and(|at| at <= now + crate::room::IDLE_HOUSEKEEPING)
                || p.stated.is_due(now + crate::room::IDLE_HOUSEKEEPING)
                || p.tell_again_at.is_some()
                || p.former_link.is_some()
                || !p.inbox.is_empty()
                || p.link.is_none() && p.seen && p.linkless_since.is_some_and(|since| now < since + RECONNECTING)
        };
        self.call.is_in()
            || self.chat.is_busy()
            || self.media.is_up()
            || !self.links.strangers.is_empty()
            || !self.membership.asked.is_empty()
            || self.participants.values().any(unsettled)
    }

    fn housekeeping(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.look_after_links(now, out);
        self.look_after_forwarding(now, out);
        self.in_media(now, out, |media, at| media.on_timeout(at));
        self.look_after_call(now, out);
        self.at_door(now, out, |door, hall| door.on_timeout(hall));
        self.look_after_members(now, out);
        self.in_chat(now, out, |chat, view, rows| chat.on_timeout(view, rows));
        self.tell_room_code(now, out);
    }

    pub fn pairs(&self) -> Vec<Pair> {
        if self.about.closing.is_final() {
            return Vec::new();
        }
        let us = self.membership.agreement.group().my_id();
        let members = self.participants.values().filter(|p| !p.said_goodbye).flat_map(|p| {
            let id = p.member.id;
            let side = if us < id { Side::Lower } else { Side::Higher };
            let present = p.link.is_some();
            let secrets = [(Whom::Member(id), p.pair), (Whom::FirstPair(id), p.first_pair)];
            secrets.into_iter().filter_map(move |(whom, secret)| {
                let secret = Secret::from_bytes(secret?);
                Some(Pair { whom, secret, side, present, wanted: !present })
            })
        });
        let bearers = self.door.secrets().map(|secret| {
            let whom = Whom::Bearer(InvitationId(secret.id().0));
            let secret = Secret::from_bytes(*secret.as_bytes());
            Pair { whom, secret, side: Side::Lower, present: false, wanted: false }
        });
        members.chain(bearers).collect()
    }

    pub fn name_of(&self, member: MemberId) -> Option<String> {
        if member == self.membership.agreement.group().my_id() {
            return Some(self.about.own.name.clone());
        }
        self.participants.values().find(|p| p.member.id == member).map(|p| p.name.clone())
    }

    pub fn by_id(&mut self, id: MemberId) -> Option<&mut Participant> {
        self.participants.values_mut().find(|p| p.member.id == id)
    }

    fn show_changes(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        let verifications = self.trust.verifications(view);
        for p in self.participants.values_mut() {
            let met = self.links.strangers.values().any(|s| s.dialled && p.is_at(&s.endpoint));
            p.note_keys(now, self.membership.agreement.key_state(p.member.id));
            self.media.watch_keys(now, p.member.id, p.standing(met));
        }
        let mut media = BTreeMap::new();
        self.in_media(now, out, |all, at| {
            media.extend(at.view.members.iter().map(|member| (member.id, all.state(at, member.id))));
        });
        for (p, (verification, verified_as)) in self.participants.values_mut().zip(verifications) {
            let media = media.remove(&p.member.id).unwrap_or_default();
            let state = ParticipantState { verification, verified_as, ..p.state(now, &media) };
            if state != p.shown && !p.said_goodbye {
                p.shown = state.clone();
                out.push_back(Output::Event(RoomEvent::Changed { member: p.member.id, state }));
            }
        }
    }

    pub fn relabel(&mut self, label: String, out: &mut VecDeque<Output>) {
        self.about.label = Some(label.trim().to_owned()).filter(|label| is_fine_title(label));
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
    }

    fn settled(&mut self, out: &mut VecDeque<Output>) {
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.about.rules }));
    }

    fn rename(&mut self, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_ok() && name != self.about.own.name {
            self.about.own.name.clone_from(&name);
            self.membership.agreement.set_card(self.about.own.card());
            self.tell_all(&RoomMessage::Name(name), out);
        }
    }

    /// A member's new name. It stands in the history, so that nobody becomes another without a word.
    pub fn renamed(&mut self, now: Instant, index: MemberId, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_err() {
            return;
        }
        let Some(p) = self.participants.get_mut(&index).filter(|p| p.name != name) else {
            return;
        };
        let from = std::mem::replace(&mut p.name, name.clone());
        let member = p.member.id;
        self.keep_member(member);
        self.in_trust(now, out, |trust, view| trust.on_name(view, member, &name));
        let at_ms = self.about.own.clock.unix_ms(now);
        self.keep(Keep::Renamed { member, from: from.clone(), to: name.clone(), at_ms });
        out.push_back(Output::Event(RoomEvent::Renamed { member, name: name.clone() }));
        out.push_back(Output::Event(RoomEvent::Said(Line {
            id: None,
            member,
            name: from,
            mine: false,
            sequence: 0,
            at_ms,
            body: Body::Renamed { to: name },
            delivered: true,
        })));
        if self.about.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
    }

    /// Our own whereabouts are others now.
    fn moved(&mut self, now: Instant, at: Whereabouts, out: &mut VecDeque<Output>) {
        if self.about.own.at == at {
            return;
        }
        self.about.own.at = at;
        self.membership.agreement.set_card(self.about.own.card());
        if let Some(us) = self.own_statement() {
            self.tell_linked(&RoomMessage::Whereabouts(vec![us]), out);
        }
        self.at_door(now, out, |door, hall| door.show_all(hall));
    }

    pub fn trouble(&self, trouble: Trouble, out: &mut VecDeque<Output>) {
        out.push_back(Output::Trouble(trouble));
    }

    pub fn summary(&self) -> Summary {
        Summary {
            title: self.about.title.clone(),
            epoch: self.membership.agreement.group().epoch(),
            suite: self.membership.agreement.group().suite(),
            roster: self.membership.agreement.group().members().iter().map(|m| m.id).collect(),
            authenticator: self.membership.agreement.group().epoch_authenticator(),
            names: self.membership.agreement.group().members().iter().map(|m| m.card.name.clone()).collect(),
        }
    }

    pub fn figures(&self) -> Vec<RoomFigures> {
        let members = self.participants.values().filter_map(|p| self.figures_of(p));
        self.membership.departed.iter().cloned().chain(members).collect()
    }

    pub fn figures_of(&self, p: &Participant) -> Option<RoomFigures> {
        let media = self.media.figures(p.member.id)?;
        let carried_by = media.carried_by.and_then(|by| self.name_of(by));
        Some(p.figures(media, carried_by))
    }
}

/// Titles and labels stand beside names, and follow their rules.
pub(super) fn is_fine_title(title: &str) -> bool {
    group_crypto::check_name(title).is_ok()
}
