//! What the person asks for.

use std::time::Instant;

use media::Stream;

use super::{
    Live, Session, Wall,
    handing_on::{HANDED_ON, Purpose},
    live::Admission,
    opening::new_room_id,
    shelf::Reader,
};
use crate::{
    api::{
        CameraChoice, Ended, Event, Help, JoinFailed, MicrophoneChoice, OverBecause, RoomEvent, RoomId, RoomKind,
        RoomWish, Terms, Trouble, Wish,
    },
    pictures::Tile,
    room::{Input, Room},
};

impl Session {
    pub(super) async fn wish(&mut self, wish: Wish) {
        match wish {
            Wish::Found { title, kind } => drop(self.found(title, kind).await),
            Wish::InviteContact { label, terms } => {
                let title = if label.trim().is_empty() { self.name.clone() } else { label };
                if let Some(room) = self.found(title, RoomKind::Contact).await {
                    self.input(room, Input::Invite(terms));
                }
            }
            Wish::Redeem { invitation } => self.redeem(invitation).await,
            Wish::InRoom { room, wish } => self.room_wish(room, wish).await,
            Wish::Preview(on) => {
                self.preview = on;
                self.use_devices();
            }
            Wish::UseCamera(choice) => self.choose_camera(choice),
            Wish::UseMicrophone(choice) => self.choose_microphone(choice),
            Wish::UseSpeaker(choice) => {
                let awake = self.is_awake();
                tokio::task::block_in_place(|| self.studio.choose_speaker(choice, awake));
            }
            Wish::PlayTone => self.studio.playing.play_tone(),
            Wish::CameraOn(on) => self.camera(on),
            Wish::MicrophoneOn(on) => self.microphone(on),
            Wish::SuppressNoise(on) => self.suppress_noise(on),
            Wish::ShareScreen(source) => self.share(source),
            Wish::StopSharing => self.stop_sharing(),
            Wish::Place { member, x } => self.studio.playing.place(member, x),
            Wish::Look { tile, lines } => {
                let of = match tile {
                    Tile::Me => None,
                    Tile::Member(member) => Some((member, Stream::Video)),
                    Tile::Screen(member) => Some((member, Stream::Screen)),
                };
                if let (Some(room), Some((member, stream))) = (self.calling, of) {
                    self.input(room, Input::Look { member, stream, lines });
                }
            }
            Wish::Rename(name) => self.rename(name.trim()),
            Wish::UseNetwork(network) => {
                self.network = network;
                self.use_network().await;
            }
            Wish::Stop => self.ended = Some(Ended::Stopped),
        }
    }

    /// A camera that was turned off stays off, whichever is chosen.
    fn choose_camera(&mut self, choice: CameraChoice) {
        let was_off = self.studio.settings.camera != CameraChoice::None && !self.camera_on;
        (self.camera_on, self.camera_lost) = (choice != CameraChoice::None && !was_off, false);
        let used = self.is_awake() && self.camera_on;
        self.studio.choose_camera(choice, used);
        self.tell_own_media();
    }

    fn choose_microphone(&mut self, choice: MicrophoneChoice) {
        let was_off = self.studio.settings.microphone != MicrophoneChoice::None && !self.microphone_on;
        self.microphone_on = choice != MicrophoneChoice::None && !was_off;
        let used = self.is_awake() && self.microphone_on;
        self.studio.choose_microphone(choice, used);
        self.tell_own_media();
    }

    fn rename(&mut self, name: &str) {
        if group_crypto::check_name(name).is_err() {
            return;
        }
        name.clone_into(&mut self.name);
        if let Some(shelf) = &mut self.shelf
            && let Err(why) = tokio::task::block_in_place(|| shelf.rename(name.to_owned()))
        {
            tracing::error!(%why, "the new name could not be kept");
            self.door.tell(Event::Trouble(Trouble::StoreRefused));
        }
        self.input_all(|| Input::Rename(name.to_owned()));
    }

    async fn found(&mut self, title: String, kind: RoomKind) -> Option<RoomId> {
        if kind != RoomKind::Ephemeral && self.shelf.is_none() {
            self.door.tell(Event::Trouble(Trouble::NoStore));
            return None;
        }
        if kind == RoomKind::Ephemeral && self.calling.is_some() {
            self.door.tell(Event::Trouble(Trouble::InAnotherCall));
            return None;
        }
        let id = new_room_id();
        if self.open(id, kind == RoomKind::Ephemeral, |own| Room::found(Instant::now(), own, kind, title)).await {
            return Some(id);
        }
        self.door.room(id, RoomEvent::Over(OverBecause::Failed));
        None
    }

    async fn room_wish(&mut self, room: RoomId, wish: RoomWish) {
        match wish {
            RoomWish::Invite(terms) => self.input(room, Input::Invite(terms)),
            RoomWish::Revoke(id) => self.input(room, Input::Revoke(id)),
            RoomWish::Admit(knock) => self.input(room, Input::AnswerKnock { knock, admit: true }),
            RoomWish::Refuse(knock) => self.input(room, Input::AnswerKnock { knock, admit: false }),
            RoomWish::Remove(member) => self.input(room, Input::Remove(member)),
            RoomWish::Say(text) => self.say(room, &text, None),
            RoomWish::Reply { to, text } => self.say(room, &text, Some(to)),
            RoomWish::Edit { message, text } => self.edit(room, message, &text),
            RoomWish::Delete { message } => self.delete(room, message),
            RoomWish::React { message, signs } => self.react(room, message, signs),
            RoomWish::Bring { into } => {
                let takes = |live: &Live| live.room.my_id().is_some() && live.room.kind() != Some(RoomKind::Contact);
                if !self.rooms.get(&into).is_some_and(takes) || !self.rooms.contains_key(&room) {
                    return;
                }
                self.purposes.insert(into, Purpose::Bring { contact: room });
                let valid = Some(HANDED_ON);
                self.input(into, Input::Invite(Terms { many: false, valid, waiting_room: false }));
            }
            RoomWish::Call { video } => self.begin_call(room, video).await,
            RoomWish::Switch { video } => self.switch_call(room, video).await,
            RoomWish::Decline => self.input(room, Input::Decline),
            RoomWish::HangUp => self.input(room, Input::HangUp),
            RoomWish::SetRules(rules) => self.input(room, Input::SetRules(rules)),
            RoomWish::Label(label) => self.input(room, Input::Label(label)),
            RoomWish::Verify { member, verified } => self.input(room, Input::Verify { member, verified }),
            RoomWish::Compare { member, shown } => self.input(room, Input::Compare { member, shown }),
            RoomWish::Older { before } => self.older(room, before),
            RoomWish::Clear => self.clear(room),
            RoomWish::Leave => self.input(room, Input::Leave),
        }
    }

    fn clear(&mut self, id: RoomId) {
        if let Some(shelf) = &mut self.shelf
            && let Err(why) = tokio::task::block_in_place(|| shelf.clear(id))
        {
            tracing::error!(%why, "the chat could not be removed");
            self.door.tell(Event::Trouble(Trouble::StoreRefused));
        }
        self.older(id, None);
    }

    fn older(&mut self, id: RoomId, before: Option<i64>) {
        let (Some(live), Some(shelf)) = (self.rooms.get(&id), &self.shelf) else {
            return;
        };
        let Some(me) = live.room.my_id() else {
            return;
        };
        let reader = Reader { me, name: &self.name, now_ms: super::clock().unix_ms };
        match tokio::task::block_in_place(|| shelf.history(id, before, &reader)) {
            Ok((lines, more)) => self.door.room(id, RoomEvent::History { lines, more }),
            Err(why) => tracing::error!(%why, "the history cannot be read"),
        }
    }

    /// Everything that was kept begins anew on the network as it is set now.
    pub(super) async fn use_network(&mut self) {
        self.relay = if self.network.relays.is_empty() { Help::Off } else { Help::Trying };
        self.wall = Some(Wall::new(self.network.network));
        let known = self.shelf.as_ref().map(|shelf| shelf.dht_nodes()).unwrap_or_default();
        self.seeker = super::seeker::Seeker::start(&self.network, &Wall::new(self.network.network), known);
        let ephemeral: Vec<_> = self
            .rooms
            .iter()
            // What is not on the disk cannot be gone on with: neither is a join that is under way.
            .filter(|(_, live)| live.room.kind() == Some(RoomKind::Ephemeral) || live.room.my_id().is_none())
            .map(|(id, _)| *id)
            .collect();
        // A call cannot go on over links that are made anew: the others are told, and so is our own side.
        if let Some(id) = self.calling.filter(|id| !ephemeral.contains(id)) {
            self.input(id, Input::HangUp);
        }
        for id in ephemeral {
            self.input(id, Input::Leave);
        }
        self.settle().await;
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        for id in rooms {
            self.end_call(id).await;
            if let Some(Live { links, .. }) = self.rooms.remove(&id) {
                links.shut_down().await;
            }
        }
        let stored = self.shelf.as_mut().map(|shelf| tokio::task::block_in_place(|| shelf.rooms()));
        match stored {
            None => {}
            Some(Ok(stored)) => {
                for (id, stored) in stored {
                    if self.open(id, false, |own| Room::restore(Instant::now(), own, stored)).await {
                        self.name_lines(id);
                    } else {
                        self.door.room(id, RoomEvent::Over(OverBecause::Failed));
                    }
                }
            }
            Some(Err(why)) => {
                tracing::error!(%why, "the rooms cannot be read from the store");
                self.ended = Some(Ended::Failed);
                // Nobody is to take what there is for all that was kept.
                return;
            }
        }
        // Who listens takes the first word of this for the sign that everything kept is there.
        self.settle().await;
        (self.ready, self.reach) = (true, None);
        self.tell_reach();
    }

    /// A room is over for us. What is kept of it goes only if the person wants to leave it: nobody else's word deletes
    /// anything here.
    pub(super) async fn over(&mut self, id: RoomId, why: OverBecause) {
        self.end_call(id).await;
        let Some(live) = self.rooms.remove(&id) else {
            return;
        };
        self.purposes.remove(&id);
        tokio::spawn(live.links.shut_down());
        if why == OverBecause::Left
            && live.was_kept
            && let Some(shelf) = &mut self.shelf
            && let Err(why) = tokio::task::block_in_place(|| shelf.forget(id))
        {
            tracing::error!(%why, "a room could not be forgotten");
            self.door.tell(Event::Trouble(Trouble::StoreRefused));
        }
        let why = match live.admission {
            Admission::Needless { member_of } if why == OverBecause::Left => {
                OverBecause::JoinFailed(JoinFailed::TakenUpBefore { room: member_of })
            }
            _ => why,
        };
        self.door.room(id, RoomEvent::Over(why));
    }
}
