//! The call and its devices: one call at a time has them, and outside of calls and previews they are given back.

use std::time::Instant;

use media::{Layer, Stream};

use super::Session;
use crate::{
    api::{CallState, CameraChoice, Event, MemberId, MicrophoneChoice, RoomEvent, RoomId, RoomKind, Trouble},
    room::Input,
    studio::StudioEvent,
};

impl Session {
    pub(super) async fn begin_call(&mut self, id: RoomId, video: bool) {
        if self.calling.is_some_and(|other| other != id) {
            return self.door.tell(Event::Trouble(Trouble::InAnotherCall));
        }
        if self.rooms.get(&id).is_some_and(|live| live.room.call_is_full()) {
            return self.door.tell(Event::Trouble(Trouble::CallFull));
        }
        if self.calling.is_none() {
            self.camera_on = video && self.studio.settings.camera != CameraChoice::None;
            self.microphone_on = self.studio.settings.microphone != MicrophoneChoice::None;
            self.tell_own_media();
        }
        // Whoever is in the call already is told where our sockets are from the first word on.
        if let Some(live) = self.rooms.get_mut(&id) {
            live.open_sockets(Instant::now()).await;
        }
        self.input(id, Input::Call { video });
    }

    /// Ends the call that we are in, and goes into this room's. The person talks on, and did not ask to be heard again.
    pub(super) async fn switch_call(&mut self, id: RoomId, video: bool) {
        let is_full = self.rooms.get(&id).is_none_or(|live| live.room.call_is_full());
        let Some(former) = self.calling.filter(|former| *former != id && !is_full) else {
            return self.begin_call(id, video).await;
        };
        let is_muted = !self.microphone_on;
        let is_kept = self.rooms.get(&former).is_some_and(|live| live.room.kind() != Some(RoomKind::Ephemeral));
        self.input(former, if is_kept { Input::HangUp } else { Input::Leave });
        self.settle().await;
        self.begin_call(id, video).await;
        if is_muted {
            self.microphone(false);
        }
    }

    /// Follows a room's events with devices and figures.
    pub(super) async fn follow_call(&mut self, id: RoomId, event: &RoomEvent) {
        match event {
            // It began while it was joined, and another has the devices by now.
            RoomEvent::Call(CallState::Calling | CallState::In) if self.calling.is_some_and(|other| other != id) => {
                self.door.tell(Event::Trouble(Trouble::InAnotherCall));
                self.input(id, Input::HangUp);
            }
            RoomEvent::Call(CallState::Calling | CallState::In) => self.enter_call(id).await,
            RoomEvent::Call(CallState::None) => self.end_call(id).await,
            RoomEvent::Changed { member, state } if self.calling == Some(id) => {
                match (state.in_call, self.ledger.is_there(*member)) {
                    (true, false) => {
                        let name = self.rooms.get(&id).and_then(|live| live.room.name_of(*member));
                        self.show(*member, name.unwrap_or_default());
                    }
                    (false, true) => self.hide(*member),
                    _ => {}
                }
                for (stream, on) in
                    [(Stream::Video, state.camera_on && !state.camera_paused), (Stream::Screen, state.screen_on)]
                {
                    if !on {
                        self.studio.screen.pause(*member, stream);
                    }
                }
            }
            RoomEvent::Left { member, .. } if self.calling == Some(id) && self.ledger.is_there(*member) => {
                self.hide(*member);
            }
            _ => {}
        }
    }

    /// Somebody is in the call with us: there is a screen and a voice for them.
    fn show(&mut self, member: MemberId, name: String) {
        tokio::task::block_in_place(|| {
            self.studio.screen.add(member, name.clone());
            self.studio.playing.add(member, name);
        });
        self.ledger.set_there(member, true);
    }

    fn hide(&mut self, member: MemberId) {
        tokio::task::block_in_place(|| {
            self.studio.screen.remove(member);
            self.studio.playing.remove(member);
        });
        self.ledger.set_there(member, false);
    }

    async fn enter_call(&mut self, id: RoomId) {
        if self.calling.is_some() {
            return;
        }
        self.calling = Some(id);
        let now = Instant::now();
        self.ledger.begin(now);
        let there = self.rooms.get(&id).map(|live| live.room.others_in_call()).unwrap_or_default();
        for (member, name) in there {
            self.show(member, name);
        }
        self.pressure.begin(now);
        self.told_overloaded = false;
        self.input(id, Input::KeepsUpWith(self.pressure.most()));
        self.use_devices();
        self.studio.send(true);
        self.tell_own_media();
        if let Some(source) = self.studio.settings.share.clone() {
            self.share(source);
        }
    }

    /// Gives sockets and devices back.
    pub(super) async fn end_call(&mut self, id: RoomId) {
        if self.calling != Some(id) {
            return;
        }
        self.tell_figures(Instant::now());
        self.calling = None;
        for member in self.ledger.there() {
            self.hide(member);
        }
        self.studio.send(false);
        self.studio.layers([None; Layer::COUNT]);
        self.stop_sharing();
        if let Some(live) = self.rooms.get_mut(&id) {
            live.sockets = None;
        }
        self.use_devices();
    }

    /// Looks whether this machine keeps up with the call.
    pub(super) fn judge_pressure(&mut self, now: Instant) {
        let waits = [std::mem::take(&mut self.waits), self.studio.screen.waited()];
        if let Some(room) = self.calling
            && self.pressure.judge(now, &waits)
        {
            let most = self.pressure.most();
            tracing::info!(?most, "what this machine keeps up with has changed");
            self.input(room, Input::KeepsUpWith(most));
            if !std::mem::replace(&mut self.told_overloaded, true) {
                self.door.tell(Event::Trouble(Trouble::Overloaded));
            }
        }
    }

    pub(super) fn is_awake(&self) -> bool {
        self.preview || self.calling.is_some()
    }

    /// Opens the devices if they are needed now, and gives them back if not.
    pub(super) fn use_devices(&mut self) {
        let awake = self.is_awake();
        tokio::task::block_in_place(|| match awake {
            true => self.studio.wake(self.camera_on, self.microphone_on),
            false => self.studio.sleep(),
        });
    }

    pub(super) fn studio_event(&mut self, event: StudioEvent) {
        let calling = self.calling;
        let mut tell = |input: Input<'_>| {
            if let Some(room) = calling {
                self.input(room, input);
            }
        };
        match event {
            StudioEvent::PictureBroken(member, stream) => tell(Input::PictureBroken(member, stream)),
            StudioEvent::PictureTakesTooMuch { member, lines } => tell(Input::PictureTakesTooMuch { member, lines }),
            StudioEvent::FirstPicture(member) => tell(Input::FirstPicture(member)),
            StudioEvent::Speaking { member, speaking } => tell(Input::Speaking { member, speaking }),
            // A frame under way when its stream was turned off must not leave any more.
            StudioEvent::Frame(frame) => {
                let on = if frame.stream == Stream::Screen { self.screen_on } else { self.microphone_on };
                if let Some(room) = calling.filter(|_| on) {
                    self.input(room, Input::Frame(frame));
                }
            }
            StudioEvent::Pictures(pictures) => {
                if let Some(room) = calling.filter(|_| self.camera_on) {
                    self.input(room, Input::Pictures(pictures));
                }
            }
            StudioEvent::MicrophoneLevel { level, speaking } => {
                let speaking = speaking && self.microphone_on;
                if let Some(room) = calling {
                    self.input(room, Input::WeSpeak(speaking));
                }
                self.door.tell(Event::MicrophoneLevel { level, speaking });
            }
            StudioEvent::CameraLost(lost) => self.camera_lost(lost),
            StudioEvent::SharingBegan => self.sharing_began(),
            StudioEvent::SharingEnded(why) => self.sharing_ended(why),
            StudioEvent::Trouble(trouble) => self.device_trouble(trouble),
            #[cfg(feature = "hostile")]
            StudioEvent::Act(act) => self.act(act),
        }
    }

    fn device_trouble(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::CameraUnusable | Trouble::CameraClipUnreadable => self.camera(false),
            Trouble::MicrophoneUnusable | Trouble::MicrophoneClipUnreadable => {
                // Its thread has ended: unmuting begins anew.
                self.studio.microphone = None;
                self.microphone(false);
            }
            _ => {}
        }
        self.door.tell(Event::Trouble(trouble));
    }

    /// The others see that there is no picture for now; whether there is to be one stays as it was.
    fn camera_lost(&mut self, lost: bool) {
        if !self.camera_on || std::mem::replace(&mut self.camera_lost, lost) == lost {
            return;
        }
        if lost {
            self.studio.forget_own_picture();
            self.door.tell(Event::Trouble(Trouble::CameraLost));
        }
        self.tell_own_media();
    }

    pub(super) fn camera(&mut self, on: bool) {
        self.camera_on = on && self.studio.settings.camera != CameraChoice::None;
        self.camera_lost = false;
        if self.is_awake() {
            self.studio.use_camera(self.camera_on);
        }
        self.tell_own_media();
    }

    pub(super) fn microphone(&mut self, on: bool) {
        self.microphone_on = on && self.studio.settings.microphone != MicrophoneChoice::None;
        if self.is_awake() {
            self.studio.use_microphone(self.microphone_on);
        }
        self.tell_own_media();
    }

    /// Nothing more of the person is taken up for this call, until they turn it on again.
    pub(super) fn turn_off(&mut self, id: RoomId) {
        if self.calling != Some(id) {
            return;
        }
        // All at once: what is told one after the other would say in between that one of them was turned on.
        (self.camera_on, self.camera_lost, self.microphone_on, self.screen_on) = (false, false, false, false);
        self.studio.use_camera(false);
        // Not only muted: nobody is there to whom speaking again would cost a word.
        self.studio.microphone = None;
        self.studio.stop_sharing();
        self.tell_own_media();
    }

    fn keep_noise(&mut self, on: bool) {
        if let Some(shelf) = &mut self.shelf
            && let Err(why) = tokio::task::block_in_place(|| shelf.keep_suppress_noise(on))
        {
            tracing::error!(%why, "whether noise is suppressed could not be kept");
            self.door.tell(Event::Trouble(Trouble::StoreRefused));
        }
    }

    pub(super) fn suppress_noise(&mut self, on: bool) {
        self.studio.suppress_noise(on);
        self.keep_noise(on);
        self.door.tell(Event::NoiseSuppressed(on));
    }

    pub(super) fn tell_own_media(&mut self) {
        let Self { camera_on, camera_lost, microphone_on, screen_on, .. } = *self;
        let seen = camera_on && !camera_lost;
        self.input_all(|| Input::Streams { camera_on: seen, microphone_on, screen_on });
        self.door.tell(Event::OwnMedia { camera_on, camera_lost, microphone_on, screen_on });
    }
}
