//! Inside the room: everything a member holds, and the way of each input.

mod acting;
mod beginning;
mod carrying;
mod heard;
mod keeping;
mod showing;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use self::keeping::Pending;
use super::{
    about::About,
    call::{Call, Switches},
    chat::Chat,
    door::Door,
    input::{DialError, Input},
    links::Links,
    media::Media,
    output::Output,
    pairs::Whom,
    roster::Roster,
    status::Status,
    trust::Trust,
};
use crate::api::{OverBecause, Trouble};

/// A change by itself that is further away than this is no reason to look often.
pub(super) const IDLE_HOUSEKEEPING: Duration = Duration::from_millis(1000);

/// Everything that a member holds. Each facet owns its part; here inputs go to the facet that they are for, and what facets
/// want goes where it is done.
pub(super) struct Inside {
    pub about: About,
    pub roster: Roster,
    pub links: Links,
    pub chat: Chat,
    pub call: Call,
    pub door: Door,
    pub media: Media,
    pub trust: Trust,
    pub status: Status,
    pub pending: Pending,
}

impl Inside {
    /// Takes in what has happened.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut VecDeque<Output>) -> Option<OverBecause> {
        // There are thousands a second of these, and what they do change is shown with the next look at the timers.
        let is_media = matches!(input, Input::Datagram { .. } | Input::Frame(_));
        if self.roster.is_closed() {
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
            Input::LinkOpened { link, endpoint, dialled } => {
                self.in_links(now, out, |links, around| links.on_opened(around, link, endpoint, dialled));
            }
            Input::LinkMessage { link, bytes } => {
                self.in_links(now, out, |links, around| links.on_message(around, link, bytes));
            }
            Input::LinkDatagram { link, bytes } => self.on_datagram(now, link, &bytes, out),
            Input::LinkRoute { link, route } => self.links.on_route(link, route),
            Input::LinkDoubtful { link } => {
                self.in_links(now, out, |links, around| links.on_doubtful(around, link));
            }
            Input::LinkClosed { link } => self.in_links(now, out, |links, around| links.on_closed(around, link)),
            Input::DialFailed { endpoint, why } => self.in_links(now, out, |links, around| {
                links.on_dial_failed(around, endpoint, why == DialError::OtherVersion);
            }),
            Input::Found { whom: Whom::Member(member) | Whom::FirstPair(member), at } => {
                self.in_links(now, out, |links, around| links.on_found(around, member, at));
            }
            Input::Found { .. } => {}
            Input::Moved { at, wall } => self.on_moved(now, at, wall, out),
            Input::NetworkChanged => self.in_links(now, out, |links, around| links.on_network_changed(around)),
            Input::Dispensed { link, invitation } => {
                self.in_links(now, out, |links, _| links.dispense(link, &invitation));
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
        if says && self.roster.is_read_only() {
            return out.push_back(Output::Trouble(Trouble::ReadOnly));
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
            Input::Remove(id) => self.in_roster(now, out, |roster, around| roster.remove(around, id)),
            Input::SetRules(rules) => self.set_rules(rules, out),
            Input::Label(label) => self.relabel(&label, out),
            Input::Verify { member, verified } => {
                self.in_trust(now, out, |trust, view| trust.verify(view, member, verified));
            }
            Input::Compare { member, shown } => {
                let safety = self.roster.safety(member);
                self.in_trust(now, out, |trust, view| trust.compare(view, member, safety.as_ref(), &shown));
            }
            Input::Rename(name) => self.rename(now, name, out),
            Input::Clock(clock) => self.about.own.clock = clock,
            Input::Rest => self.rest(now, out),
            Input::Leave => self.leave(now, out),
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

    /// What can still be done in a room that is closed for good.
    fn handle_closed(&mut self, input: Input<'_>, out: &mut VecDeque<Output>) {
        match input {
            Input::Leave => self.pending.over = Some(OverBecause::Left),
            Input::LinkOpened { link, .. } | Input::LinkMessage { link, .. } => out.push_back(Output::Close { link }),
            Input::Label(label) => self.relabel(&label, out),
            Input::Clock(clock) => self.about.own.clock = clock,
            Input::Say(_) | Input::Call { .. } | Input::Invite(_) | Input::Remove(_) => {
                out.push_back(Output::Trouble(Trouble::ReadOnly));
            }
            _ => {}
        }
    }

    /// When the room needs to be called again at the latest; `None`: no sooner than its housekeeping.
    pub fn deadline(&self) -> Option<Instant> {
        self.media.deadline().into_iter().chain(self.roster.deadline()).min()
    }

    /// Whether anything here changes by itself within moments.
    pub fn is_busy(&self, now: Instant) -> bool {
        !self.roster.is_closed()
            && (self.call.is_in()
                || self.chat.is_busy()
                || self.media.is_up()
                || self.roster.is_busy()
                || self.links.is_busy(now, now + IDLE_HOUSEKEEPING))
    }

    fn on_timeout(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.in_links(now, out, |links, around| links.on_timeout(around));
        self.in_media(now, out, |media, at| media.on_timeout(at));
        self.look_after_call(now, out);
        self.at_door(now, out, |door, hall| door.on_timeout(hall));
        self.in_roster(now, out, |roster, around| roster.on_timeout(around));
        self.in_chat(now, out, |chat, view, rows| chat.on_timeout(view, rows));
        self.tell_room_code(now, out);
    }
}
