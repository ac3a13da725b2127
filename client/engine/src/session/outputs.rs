//! What rooms want: kept first, then done.

use std::time::Instant;

use group_crypto::MemberId;
use media::{EncodedFrame, Stream, jitter::VoicePacket};

use super::Session;
use crate::{
    api::{Event, RoomEvent, RoomId, Trouble},
    room::{Input, Output},
};

impl Session {
    /// Keeps what rooms want kept, then does what they want done, until nothing is left.
    pub(super) async fn settle(&mut self) {
        // Rooms make each other dirty at most once or twice; what goes on for longer gets its turn in the loop.
        for _ in 0..8 {
            let dirty = std::mem::take(&mut self.dirty);
            if dirty.is_empty() {
                break;
            }
            for room in dirty {
                self.keep(room);
                self.carry_out(room).await;
            }
        }
    }

    pub(super) fn keep(&mut self, id: RoomId) {
        let now = Instant::now();
        let Some(live) = self.rooms.get_mut(&id) else {
            return;
        };
        if live.try_again.is_some_and(|at| now < at) {
            return;
        }
        let kept = live.take_kept();
        let Some(shelf) = self.shelf.as_mut().filter(|_| !kept.is_empty()) else {
            return live.kept();
        };
        match tokio::task::block_in_place(|| shelf.keep(id, &kept)) {
            Ok(left_out) => {
                live.was_kept = true;
                live.kept();
                self.contradicted(id, left_out);
            }
            Err(why) if why.is_of_meaning() => {
                // What is in memory and what is on the disk contradict each other, and the disk outlives us.
                tracing::error!(%why, "a room does not fit what is kept of it; it begins anew");
                live.must_begin_anew = true;
            }
            Err(why) => {
                tracing::error!(%why, "the store refused a write");
                if live.try_again.is_none() {
                    self.door.tell(Event::Trouble(Trouble::StoreRefused));
                }
                live.refused(now, kept);
            }
        }
    }

    /// Members said what does not fit what is kept: it counts for nothing, and their links are closed. All others go on.
    fn contradicted(&mut self, id: RoomId, members: Vec<MemberId>) {
        for member in members {
            tracing::warn!("a member said what does not fit the chat with them; their link is closed");
            let progress = self.shelf.as_ref().and_then(|shelf| shelf.progress(id, member).ok()).flatten();
            if let Some(live) = self.rooms.get_mut(&id) {
                live.not_kept(Instant::now(), member, progress);
                self.dirty.insert(id);
            }
        }
    }

    /// Does what the room wants done.
    async fn carry_out(&mut self, id: RoomId) {
        loop {
            // What was just done may have made the room say more: that is kept first, too.
            if self.dirty.remove(&id) {
                self.keep(id);
            }
            let Some(live) = self.rooms.get_mut(&id) else {
                return;
            };
            if live.must_begin_anew {
                return self.begin_anew(id).await;
            }
            let Some(output) = live.poll() else {
                break;
            };
            match output {
                Output::Transmit { from, to, bytes } => {
                    if let Some(sockets) = &mut live.sockets {
                        sockets.send(from, to, &bytes);
                    }
                }
                Output::SendDatagram { link, bytes } => live.links.send_datagram(link, bytes),
                Output::Frame { member, sequence, timestamp, frame, came } => match frame.stream {
                    Stream::Audio => {
                        let EncodedFrame { captured_us, data, .. } = frame;
                        let packet = VoicePacket { sequence, timestamp, captured_us, data, came };
                        self.studio.playing.packet(member, packet);
                    }
                    stream @ (Stream::Video | Stream::Screen) => {
                        if !self.studio.screen.frame(member, frame) {
                            self.input(id, Input::PictureBroken(member, stream));
                        }
                    }
                },
                Output::Voice(settings) => self.studio.use_voice(settings),
                Output::TurnOff => self.turn_off(id),
                Output::Layers(rates) => self.studio.layers(rates),
                Output::Screen(rate) => self.studio.share_at(rate),
                Output::KeyframeWanted(layer) => self.studio.keyframe(layer),
                Output::ScreenKeyframeWanted => self.studio.screen_keyframe(),
                Output::Dial { to, is_hearsay } => live.links.dial(to, is_hearsay),
                Output::Send { link, purpose, bytes } => live.links.send(link, purpose, bytes),
                Output::Forward { link, author, bytes } => live.links.forward(link, author, bytes),
                Output::Vouch { link } => live.links.vouch(link),
                Output::LetWait { link } => live.links.let_wait(link),
                Output::Close { link } => live.links.close(link),
                Output::Dispense { link } => self.dispense(id, link).await,
                Output::Changed(changed) => self.line_changed(id, changed),
                Output::Event(event) => self.happened(id, event).await,
                // Of the first only: more rooms may have somebody like that, and it is one thing to know.
                Output::Trouble(Trouble::OtherVersion) if std::mem::replace(&mut self.told_version, true) => {}
                Output::Trouble(trouble) => self.door.tell(Event::Trouble(trouble)),
                Output::Over(why) => return self.over(id, why).await,
            }
        }
        self.bring_lines(id).await;
    }

    /// Gives a room those of its lines that it asks for, or begins it anew where it could not write for too long.
    async fn bring_lines(&mut self, id: RoomId) {
        let Some(live) = self.rooms.get_mut(&id) else { return };
        if let (Some(after), Some(shelf)) = (live.room.wanted_lines(), &self.shelf) {
            match tokio::task::block_in_place(|| shelf.outgoing(id, after)) {
                Ok(lines) => self.input(id, Input::Lines(lines)),
                Err(why) => tracing::error!(%why, "the outbox cannot be read"),
            }
        } else if live.holds_too_much() {
            tracing::error!("the disk refuses for too long; a room begins anew");
            self.begin_anew(id).await;
        }
    }

    /// Passes on what a room tells, and follows it with devices, figures and what else hangs on it.
    async fn happened(&mut self, id: RoomId, event: RoomEvent) {
        let event = match event {
            RoomEvent::Said(line) => RoomEvent::Said(self.line_said(id, line)),
            event => event,
        };
        match &event {
            RoomEvent::InvitationReady { invitation, .. } => {
                if self.purposes.contains_key(&id) {
                    return self.invitation_made(id, invitation.clone());
                }
            }
            RoomEvent::Entered { .. } if self.leave_if_twice(id) => return,
            RoomEvent::InvitationOver { .. } => self.forget_if_empty(id).await,
            _ => self.follow_call(id, &event).await,
        }
        self.door.room(id, event);
    }
}
