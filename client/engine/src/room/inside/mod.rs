//! Inside the room: everything a member holds, and the way of each input.

mod admission;
mod closing;
mod dialing;
mod disk;
mod entering;
mod forwarding;
mod hearing;
mod hello;
#[cfg(feature = "hostile")]
mod hostile;
mod links;
mod membership;
mod naming;
pub(super) mod participant;
mod parts;
mod routing;
mod showing;
mod strangers;
mod telling;
mod whereabouts;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use self::{
    participant::{Participant, RECONNECTING},
    parts::{About, Links, Membership, Pending},
};
use super::{
    call::{Call, Switches},
    chat::Chat,
    door::Door,
    input::Input,
    media::Media,
    output::{Output, send},
    pairs::Whom,
    trust::Trust,
    wire::LinkMessage,
};
use crate::api::OverBecause;

pub(super) use self::naming::is_fine_title;

/// A change by itself that is further away than this is no reason to look often.
pub(super) const IDLE_HOUSEKEEPING: Duration = Duration::from_millis(1000);

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

impl Inside {
    /// Takes in what has happened.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Option<OverBecause> {
        // There are thousands a second of these, and what they do change is shown with the next look at the timers.
        let is_media = matches!(input, Input::Datagram { .. } | Input::Frame(_));
        if self.about.closing.is_final() {
            self.handle_closed(input, out);
            return self.pending.over;
        }
        match input {
            Input::Timeout => self.on_timeout(now, out),
            input => self.on_link_input(now, input, out),
        }
        if !is_media {
            self.read(now, out);
            self.pending.unshown = Some(now);
        }
        self.pending.over
    }

    /// What happens to links, and where everybody is.
    fn on_link_input(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) {
        match input {
            Input::LinkOpened { link, endpoint, dialled } => self.link_opened(now, link, endpoint, dialled, out),
            Input::LinkMessage { link, bytes } => self.link_message(now, link, bytes, out),
            Input::LinkDatagram { link, bytes } => self.link_datagram(now, link, &bytes, out),
            Input::LinkRoute { link, route } => self.link_route(link, route),
            Input::LinkDoubtful { link } => self.link_doubtful(link, out),
            Input::LinkClosed { link } => self.link_closed(now, link, out),
            Input::DialFailed { endpoint, why } => self.on_dial_failed(now, endpoint, why, out),
            Input::Found { whom: Whom::Member(member) | Whom::FirstPair(member), at } => {
                self.found(now, member, at, out);
            }
            Input::Found { .. } => {}
            Input::Moved { at, wall } => {
                self.about.own.wall = wall;
                self.moved(now, at, out);
            }
            Input::NetworkChanged => self.network_changed(now, out),
            Input::Dispensed { link, invitation } => {
                send(out, link, &LinkMessage::Instead(invitation.to_string()));
                self.links.strangers.remove(&link);
                out.push_back(Output::Close { link });
            }
            input => self.on_media_input(now, input, out),
        }
    }

    /// What happens to media: our own, and others' as they are shown here.
    fn on_media_input(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) {
        match input {
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
            input => self.on_wish(now, input, out),
        }
    }

    /// What the person wants, and what the disk says.
    fn on_wish(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) {
        let says = matches!(input, Input::Say(_) | Input::Call { .. } | Input::Invite(_));
        if says && self.is_read_only(out) {
            return;
        }
        match input {
            Input::Say(said) => self.in_chat(now, out, |chat, view, _| chat.say(view, said)),
            Input::NotKept { member, progress } => self.not_kept(now, member, progress, out),
            Input::Lines(lines) => self.in_chat(now, out, |chat, view, _| chat.on_lines_read(view, lines)),
            Input::Call { video } => self.in_call(now, out, |call, view, _| call.enter(view, video)),
            Input::Decline => self.in_call(now, out, |call, view, _| call.decline(view)),
            Input::HangUp => self.in_call(now, out, |call, view, _| call.hang_up(view)),
            Input::Invite(terms) => self.at_door(now, out, |door, hall| door.invite(hall, terms)),
            Input::Revoke(id) => self.at_door(now, out, |door, _| door.revoke(id)),
            Input::AnswerKnock { knock, admit } => {
                self.at_door(now, out, |door, hall| door.answer(hall, knock, admit));
            }
            Input::Remove(id) => self.remove(now, id, out),
            Input::SetRules(rules) => self.set_rules(rules, out),
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
            Input::Rest => self.rest(now, out),
            Input::Leave => self.leave(out),
            // Handled before it came here.
            Input::Timeout
            | Input::LinkOpened { .. }
            | Input::LinkMessage { .. }
            | Input::LinkDatagram { .. }
            | Input::LinkRoute { .. }
            | Input::LinkDoubtful { .. }
            | Input::LinkClosed { .. }
            | Input::DialFailed { .. }
            | Input::Found { .. }
            | Input::Moved { .. }
            | Input::NetworkChanged
            | Input::Dispensed { .. }
            | Input::Sockets(_)
            | Input::Datagram { .. }
            | Input::Frame(_)
            | Input::Pictures(_)
            | Input::Look { .. }
            | Input::WeSpeak(_)
            | Input::PictureBroken(..)
            | Input::FirstPicture(_)
            | Input::PictureTakesTooMuch { .. }
            | Input::KeepsUpWith(_)
            | Input::Speaking { .. }
            | Input::Streams { .. } => {}
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
            p.reach.dial_at.is_some_and(|at| at <= now + IDLE_HOUSEKEEPING)
                || p.reach.stated.is_due(now + IDLE_HOUSEKEEPING)
                || p.greeting.tell_again_at.is_some()
                || p.former_link.is_some()
                || !p.inbox.is_empty()
                || p.link.is_none() && p.reach.seen && p.linkless_since.is_some_and(|since| now < since + RECONNECTING)
        };
        self.call.is_in()
            || self.chat.is_busy()
            || self.media.is_up()
            || !self.links.strangers.is_empty()
            || !self.membership.asked.is_empty()
            || self.participants.values().any(unsettled)
    }

    fn on_timeout(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.look_after_links(now, out);
        self.look_after_forwarding(now, out);
        self.in_media(now, out, |media, at| media.on_timeout(at));
        self.look_after_call(now, out);
        self.at_door(now, out, |door, hall| door.on_timeout(hall));
        self.look_after_members(now, out);
        self.in_chat(now, out, |chat, view, rows| chat.on_timeout(view, rows));
        self.tell_room_code(now, out);
    }
}
