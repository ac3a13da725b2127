//! Carries what facets want done to where it is done: to other facets, links, the disk and the window.

use std::{collections::VecDeque, time::Instant};

use super::Inside;
use crate::{
    api::{RoomEvent, RoomKind},
    room::{
        call, chat,
        content::RoomUri,
        door::{self, KNOCKING},
        links, media,
        output::Output,
        roster, trust,
        wire::{LinkMessage, Refusal},
    },
};

impl Inside {
    pub(super) fn carry_out_links(&mut self, now: Instant, output: links::Output, out: &mut VecDeque<Output>) {
        use links::Output as Wants;
        match output {
            Wants::Dial { to, is_hearsay } => out.push_back(Output::Dial { to, is_hearsay }),
            Wants::Send { link, purpose, bytes } => out.push_back(Output::Send { link, purpose, bytes }),
            Wants::Forward { link, author, bytes } => out.push_back(Output::Forward { link, author, bytes }),
            Wants::SendDatagram { link, bytes } => out.push_back(Output::SendDatagram { link, bytes }),
            Wants::Vouch(link) => out.push_back(Output::Vouch { link }),
            Wants::Close(link) => out.push_back(Output::Close { link }),
            Wants::Tell { to, message } => self.tell_in_time(now, &to, &message, out),
            Wants::TellLinked(message) => self.tell_linked(now, &message, out),
            Wants::Heard(member) => self.media.on_heard(now, member),
            Wants::Said { by, message } => self.on_link_message(now, by, message, out),
            Wants::PassedOn { by, from, bytes } => self.on_passed_on(now, (by, from), &bytes, out),
            Wants::Join(guest, shown) => self.at_door(now, out, |door, hall| door.on_join(hall, guest, shown)),
            Wants::StrangerGone(link) => {
                self.at_door(now, out, |door, _| door.on_link_closed(link));
                self.roster.on_stranger_gone(link);
            }
            Wants::CameBack(member) => self.add_lost(member, String::new()),
            Wants::Greeted { by, run, is_new_run, streams } => {
                self.on_greeted(now, by, (run, is_new_run), streams, out);
            }
            Wants::Met { by, received, acknowledged } => {
                self.in_roster(now, out, |roster, around| roster.renew_imported(around.now));
                self.in_chat(now, out, |chat, view, rows| chat.on_met(view, by, received, acknowledged, rows));
            }
            Wants::Replaced(member) => self.media.on_link_replaced(member),
            Wants::Settled(member) => {
                self.in_media(now, out, |media, _| media.ask(member));
                self.in_chat(now, out, |chat, _, _| chat.ask_again(member));
            }
            Wants::Unlinked(member) => self.in_roster(now, out, |roster, _| roster.on_unlinked(now, member)),
            Wants::SaysRemoved { by, commits } => {
                self.in_roster(now, out, |roster, _| roster.on_refused(now, by, &commits));
            }
            Wants::Changed(member) => self.keep_member(member),
            Wants::Keep(kept) => self.keep(kept),
            Wants::Trouble(trouble) => out.push_back(Output::Trouble(trouble)),
        }
    }

    pub(super) fn carry_out_roster(&mut self, now: Instant, output: roster::Output, out: &mut VecDeque<Output>) {
        use roster::Output as Wants;
        match output {
            Wants::Send { to, bytes, was_missed } => {
                self.in_links(now, out, |links, around| links.tell_keys(around, to, bytes, was_missed));
            }
            Wants::Said { from, message } => self.on_room_message(now, from, message, out),
            Wants::Epoch { next, at_once } => self.media.enter_epoch(now, &next, at_once),
            Wants::EpochEntered => self.in_media(now, out, |media, at| media.retry_parked(at)),
            Wants::Joined { member, pair, first_pair } => self.on_joined(now, &member, pair, first_pair, out),
            Wants::Dropped(member) => {
                if self.links.link_with(member).is_none() {
                    let name = self.name_of(member).unwrap_or_default();
                    self.depart(member, name);
                }
                self.links.on_dropped(now, member);
            }
            Wants::Left { member, name } => self.on_left(now, member, name, out),
            Wants::GivenUp(member) => self.forget(now, member, out),
            Wants::Parted(member) => {
                self.media.drop_path(member);
                self.in_links(now, out, |links, around| links.on_goodbye(around, member));
            }
            Wants::Out(member) => self.media.drop_path(member),
            Wants::Unwanted => self.at_door(now, out, |door, _| door.revoke_for_many()),
            Wants::Named { member, name } => {
                self.in_trust(now, out, |trust, view| trust.on_name(view, member, &name));
            }
            Wants::Retitled => self.show_title(out),
            Wants::Changed(member) => self.keep_member(member),
            Wants::Renewed => self.keep_details(),
            Wants::Admitted { link, welcome: Ok(welcome) } => {
                let (title, by) = (self.about.title_for_others(), self.roster.me().0);
                let admitted = LinkMessage::Admitted { welcome, title: title.into(), by };
                self.in_links(now, out, |links, _| links.answer(link, &admitted));
            }
            Wants::Admitted { link, welcome: Err(why) } => self.in_links(now, out, |links, _| links.refuse(link, why)),
            Wants::Reunited(member) => {
                self.in_chat(now, out, |chat, _, _| chat.ask_again(member));
                self.in_call(now, out, |call, _, _| call.ring_again(member));
            }
            // Whatever media there was is over at the other ends.
            Wants::MediaOver => self.media.drop_all_paths(),
            Wants::Closing(why) => {
                self.in_call(now, out, |call, view, _| call.hang_up(view));
                self.in_roster(now, out, |roster, around| roster.close(around, why));
                self.media.drop_all_paths();
                self.in_links(now, out, |links, _| links.close_all());
            }
            Wants::Over(why) => self.pending.over = Some(why),
            Wants::Keep(kept) => self.keep(kept),
            Wants::Event(event) => out.push_back(Output::Event(event)),
            Wants::Trouble(trouble) => out.push_back(Output::Trouble(trouble)),
        }
    }

    pub(super) fn carry_out_chat(&mut self, now: Instant, output: chat::Output, out: &mut VecDeque<Output>) {
        match output {
            chat::Output::Tell { to, after, message } => match self.roster.seal(&message) {
                Some(bytes) => self.in_links(now, out, |links, _| links.tell(&to, message.purpose(), &bytes)),
                None => self.chat.on_unsealed(&to, after),
            },
            chat::Output::Received { to, up_to, again } => {
                self.in_links(now, out, |links, _| links.send_to(to, &LinkMessage::Received { up_to, again }));
            }
            chat::Output::Met(member) => self.keep_member(member),
            chat::Output::Renew => self.in_roster(now, out, |roster, around| roster.renew_keys(around.now)),
            chat::Output::Keep(kept) => self.keep(kept),
            chat::Output::Changed(changed) => out.push_back(Output::Changed(changed)),
            chat::Output::Event(event) => out.push_back(Output::Event(event)),
            chat::Output::Trouble(trouble) => out.push_back(Output::Trouble(trouble)),
        }
    }

    pub(super) fn carry_out_call(&mut self, now: Instant, output: call::Output, out: &mut VecDeque<Output>) {
        match output {
            call::Output::TellLinked(message) => self.tell_linked(now, &message, out),
            call::Output::TellOne(member, message) => self.tell_in_time(now, &[member], &message, out),
            call::Output::SendStreams(streams) => {
                self.in_links(now, out, |links, _| links.send_to_all(&LinkMessage::Streams(streams)));
            }
            call::Output::Part(member, streams) => self.roster.set_streams(member, streams),
            call::Output::Together(member) => self.in_media(now, out, |media, at| media.on_together(at, member)),
            call::Output::Apart(member) => self.media.on_apart(now, member),
            call::Output::Entered => self.media.on_entered(),
            call::Output::HungUp => self.media.on_hung_up(),
            call::Output::Switched => self.in_media(now, out, |media, at| media.share_uplink_anew(at)),
            call::Output::TurnOff => out.push_back(Output::TurnOff),
            call::Output::Leave => self.leave(now, out),
            call::Output::Keep(kept) => self.keep(kept),
            call::Output::Event(event) => out.push_back(Output::Event(event)),
            call::Output::Trouble(trouble) => out.push_back(Output::Trouble(trouble)),
        }
    }

    pub(super) fn carry_out_door(&mut self, now: Instant, output: door::Output, out: &mut VecDeque<Output>) {
        match output {
            door::Output::Refuse { link, why } => self.in_links(now, out, |links, _| links.refuse(link, why)),
            door::Output::AskForClassical { link } => {
                self.in_links(now, out, |links, _| links.ask_for_classical(link));
            }
            door::Output::LetWait { link } => {
                out.push_back(Output::LetWait { link });
                self.in_links(now, out, |links, _| links.let_wait(link, KNOCKING));
            }
            door::Output::Dispense { link } => {
                if self.links.serve(link) {
                    out.push_back(Output::Dispense { link });
                }
            }
            door::Output::Admit { link, key_package, open, anew } => {
                if anew && !self.begin_anew(now, out) {
                    return self.in_links(now, out, |links, _| links.refuse(link, Refusal::Suite));
                }
                self.door.use_up(&open);
                let endpoint = self.links.endpoint_of(link);
                self.in_roster(now, out, |roster, around| {
                    roster.admit(around, link, endpoint, key_package, open.secret());
                });
            }
            door::Output::Keep(kept) => self.keep(kept),
            door::Output::Event(event) => out.push_back(Output::Event(event)),
        }
    }

    pub(super) fn carry_out_trust(&mut self, output: trust::Output, out: &mut VecDeque<Output>) {
        match output {
            trust::Output::Keep(kept) => self.keep(kept),
            trust::Output::Event(event) => out.push_back(Output::Event(event)),
            trust::Output::Trouble(trouble) => out.push_back(Output::Trouble(trouble)),
        }
    }

    pub(super) fn carry_out_media(&mut self, now: Instant, output: media::Output, out: &mut VecDeque<Output>) {
        match output {
            media::Output::Send(member, message) => {
                self.in_links(now, out, |links, _| links.send_to(member, &message));
            }
            media::Output::SendDatagram(member, bytes) => {
                let link = self.links.link_with(member);
                out.extend(link.map(|link| Output::SendDatagram { link, bytes }));
            }
            media::Output::Transmit { from, to, bytes } => out.push_back(Output::Transmit { from, to, bytes }),
            media::Output::Frame { member, sequence, timestamp, frame, came } => {
                out.push_back(Output::Frame { member, sequence, timestamp, frame, came });
            }
            media::Output::Layers(rates) => out.push_back(Output::Layers(rates)),
            media::Output::Screen(rate) => out.push_back(Output::Screen(rate)),
            media::Output::Voice(settings) => out.push_back(Output::Voice(settings)),
            media::Output::KeyframeWanted(layer) => out.push_back(Output::KeyframeWanted(layer)),
            media::Output::ScreenKeyframeWanted => out.push_back(Output::ScreenKeyframeWanted),
        }
    }

    /// The room with classical keys, for one whose program has no others. False where it is too late for that.
    fn begin_anew(&mut self, now: Instant, out: &mut VecDeque<Output>) -> bool {
        let mut is_anew = false;
        self.in_roster(now, out, |roster, around| is_anew = roster.begin_anew(around));
        if is_anew {
            self.media.begin_anew(self.roster.group(), self.about.own.run);
            self.trust.forget_code();
            self.chat.begin_anew(RoomUri::new(self.roster.group().id()));
            self.door.on_begun_anew();
        }
        is_anew
    }

    /// What the room is called here.
    pub(super) fn show_title(&self, out: &mut VecDeque<Output>) {
        if self.about.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
    }
}
