//! The whole window without a GPU, over a scripted engine.

use bevy::{
    asset::AssetPlugin,
    input::{
        ButtonState, InputPlugin,
        keyboard::{Key, KeyCode, KeyboardInput},
    },
    input_focus::{InputDispatchPlugin, InputFocus, InputFocusVisible, tab_navigation::TabNavigationPlugin},
    prelude::*,
    state::app::StatesPlugin,
    window::{CursorMoved, PrimaryWindow, RequestRedraw, WindowResized},
};
use engine::{
    api::{
        Body, CallState, CameraChoice, Event, InvitationId, KeyState, LazySafety, Line, MemberId, MessageId,
        MicrophoneChoice, Network, NetworkSettings, ParticipantState, Presence, RoomEvent, RoomId, RoomKind, Route,
        SpeakerChoice, Terms,
    },
    profiles::{LockKind, ProfileId},
};

use crate::{
    cli,
    engine::{
        choices::Choices,
        door::Door,
        journey::{Destination, Journey, JourneyAction},
        mirror::ShowRoom,
        profile::Errands,
    },
    features::share::ShareSheet,
    stage::video::Planes,
    testing::script::{self, Script, Scripted as Profile},
    ui::{
        action::{Action, AnyAction, Does},
        clip::{self, Clip, tests::Scripted},
        kit::{Form, Secrets, Sheet},
        page::Page,
        theme::{Shade, Theme},
        words::{Tongue, Words},
    },
    window,
};

pub struct Bench {
    pub app: App,
    pub script: Script,
    pub clipboard: clip::tests::Scripted,
}

pub const ME: MemberId = MemberId([0; 16]);

/// The ephemeral room of [`Bench::in_room`].
pub const ROOM: RoomId = room(255);

pub const fn room(number: u8) -> RoomId {
    RoomId([number; 16])
}

pub fn member(number: u8) -> MemberId {
    MemberId([number; 16])
}

/// What we and any member compare, as it stands here.
pub fn safety() -> LazySafety {
    LazySafety::of(b"room", &[1; 32], &[2; 32])
}

/// Links as the engine writes them, into an ephemeral room, a kept room, and to a contact.
pub const LINKS: [&str; 3] = [
    "incamera://join#aiaaaaaaaaaacaqdaqcqmbyibefawdanbyhraeiscmkbkfqxdamrugy4dupb6ibbeirsijjge4ucskrlfqws4lzqgezdgnbvgy3tqoj2hm6d2pr7aaaeadcleq",
    "incamera://join#aiaqaaaaaaaacaqdaqcqmbyibefawdanbyhraeiscmkbkfqxdamrugy4dupb6ibbeirsijjge4ucskrlfqws4lzqgezdgnbvgy3tqoj2hm6d2pr7aaaozzypmy",
    "incamera://join#aibaaaaaaaaacaqdaqcqmbyibefawdanbyhraeiscmkbkfqxdamrugy4dupb6ibbeirsijjge4ucskrlfqws4lzqgezdgnbvgy3tqoj2hm6d2pr7aaanx2mf4u",
];

/// What all call the line of this number of somebody.
pub fn message(number: u8, sequence: u64) -> MessageId {
    let mut bytes = [number; MessageId::LENGTH];
    bytes[0] = 1;
    bytes[1] = sequence as u8;
    MessageId::from_bytes(&bytes).expect("it begins as the draft says")
}

/// A line that somebody else wrote.
pub fn line(number: u8, sequence: u64, text: &str) -> Line {
    Line {
        id: Some(sequence as i64),
        sequence,
        message: Some(message(number, sequence)),
        ..Line::new(member(number), "Bea".into(), 1_700_000_000_000 + sequence as i64, Body::Text(text.into()))
    }
}

/// An own line that is still on its way.
pub fn own_line(sequence: u64, text: &str) -> Line {
    Line { member: ME, name: "Ada".into(), mine: true, delivered: false, ..line(0, sequence, text) }
}

impl Bench {
    pub fn new() -> Self {
        Self::speaking(Tongue::En)
    }

    pub fn speaking(tongue: Tongue) -> Self {
        let (script, clipboard) = (Script::default(), Scripted::default());
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, StatesPlugin, InputPlugin, AssetPlugin::default()))
            .init_asset::<Image>()
            .init_asset::<Planes>()
            .init_resource::<InputFocus>()
            .init_resource::<InputFocusVisible>()
            .init_resource::<ClearColor>()
            .add_message::<RequestRedraw>()
            .add_message::<WindowResized>()
            .add_message::<CursorMoved>()
            .add_plugins((InputDispatchPlugin, TabNavigationPlugin))
            .insert_resource(Door::new(script.clone()))
            .insert_resource(Words::new(tongue))
            .insert_resource(Theme(Shade::Dark))
            .insert_resource(Choices {
                name: "Ada".into(),
                network: NetworkSettings::of(Network::Local),
                network_fixed: false,
                media: cli::media(CameraChoice::Test, MicrophoneChoice::Test, SpeakerChoice::None),
            })
            .insert_resource(Journey {
                title: "Tuesday".into(),
                destination: Some(Destination::NewRoom),
                ..Journey::default()
            })
            .add_plugins(window::floors)
            .insert_resource(Clip::on(clipboard.clone()));
        // What is typed goes to what has the focus, as in a window.
        app.world_mut().spawn((Window::default(), PrimaryWindow));
        let mut bench = Self { app, script, clipboard };
        bench.run();
        bench
    }

    /// In the lobby, with a running engine.
    pub fn in_lobby() -> Self {
        let mut bench = Self::new();
        bench.go(Page::Lobby);
        bench
    }

    /// In a room, alone.
    pub fn in_room() -> Self {
        Self::new().and_in_room()
    }

    pub fn and_in_room(mut self) -> Self {
        self.go(Page::Lobby);
        self.act(JourneyAction::Enter);
        self.happen(Event::OwnMedia { camera_on: true, camera_lost: false, microphone_on: true, screen_on: false });
        self.enter(ROOM, "Tuesday", RoomKind::Ephemeral);
        self.tell(ROOM, RoomEvent::Call(CallState::In));
        self
    }

    /// At home, with a profile that is open, which the keyring locks.
    pub fn at_home() -> Self {
        Self::new().and_at_home()
    }

    fn and_at_home(mut self) -> Self {
        self.keep(1, LockKind::Keyring);
        self.go(Page::Profiles);
        self.rest();
        assert_eq!(self.page(), Page::Home);
        self
    }

    /// At home, with a contact named Bea who can be reached, shown.
    pub fn with_contact() -> Self {
        Self::new().and_with_contact()
    }

    pub fn and_with_contact(self) -> Self {
        let mut bench = self.and_at_home();
        bench.enter(room(1), "Bea", RoomKind::Contact);
        bench.tell(room(1), RoomEvent::Joined { member: member(1), name: "Bea".into() });
        let here = ParticipantState { presence: Presence::Here(Route::Direct), connected: true, ..default() };
        bench.tell(room(1), RoomEvent::Changed { member: member(1), state: here });
        bench.act(ShowRoom::This(room(1)));
        bench
    }

    /// A profile that is kept from before.
    pub fn keep(&mut self, number: u8, kind: LockKind) -> ProfileId {
        let id = script::profile(number);
        let profile = Profile { id, kind, name: "Ada".into(), notify: true, values: default() };
        let mut stage = self.script.stage();
        stage.keyring = kind == LockKind::Keyring;
        stage.profiles.push(profile);
        id
    }

    pub fn go(&mut self, page: Page) {
        self.app.world_mut().resource_mut::<NextState<Page>>().set(page);
        self.run();
    }

    /// Until what was asked of the safe is answered: that is done on other threads.
    pub fn rest(&mut self) {
        for _ in 0..500 {
            self.run();
            if !self.app.world().resource::<Errands>().busy() {
                self.run();
                if !self.app.world().resource::<Errands>().busy() {
                    return;
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        panic!("the safe does not answer");
    }

    pub fn enter(&mut self, room: RoomId, title: &str, kind: RoomKind) {
        self.tell(room, RoomEvent::Entered { title: title.into(), kind, me: ME, epoch: 1, post_quantum: true });
    }

    /// Something happens in a room.
    pub fn tell(&mut self, room: RoomId, what: RoomEvent) {
        self.happen(Event::Room { room, what });
    }

    pub fn invitation(&mut self, room: RoomId, number: u8, terms: Terms) {
        let id = InvitationId([number; 16]);
        let invitation = LINKS[1].parse().expect("a link");
        self.tell(room, RoomEvent::InvitationReady { id, invitation, terms });
    }

    /// Writes into a field of the open sheet.
    pub fn write(&mut self, name: &'static str, text: &str) {
        let world = self.app.world_mut();
        match name {
            "passphrase" | "again" | "sealed-with" => world.resource_mut::<Secrets>().set(name, text),
            _ => world.resource_mut::<Form>().set(name, text),
        }
    }

    pub fn sheet(&self) -> Sheet {
        self.app.world().resource::<Sheet>().clone()
    }

    /// Enough frames for anything to come to rest.
    pub fn run(&mut self) {
        for _ in 0..4 {
            self.app.update();
        }
    }

    pub fn act(&mut self, action: impl Into<AnyAction>) {
        action.into().write(self.app.world_mut());
        self.run();
    }

    pub fn happen(&mut self, event: Event) {
        self.script.say(event);
        self.run();
    }

    pub fn join(&mut self, number: u8, name: &str) {
        self.tell(ROOM, RoomEvent::Joined { member: member(number), name: name.into() });
    }

    pub fn change(&mut self, number: u8, keys: KeyState) {
        let state = ParticipantState { connected: true, keys, camera_on: true, microphone_on: true, ..default() };
        self.tell(ROOM, RoomEvent::Changed { member: member(number), state });
    }

    pub fn press(&mut self, key: Key, state: ButtonState) {
        let input = KeyboardInput {
            key_code: KeyCode::F35,
            logical_key: key,
            state,
            text: None,
            repeat: false,
            window: Entity::PLACEHOLDER,
        };
        self.input(input);
    }

    fn input(&mut self, input: KeyboardInput) {
        let world = self.app.world_mut();
        let mut windows = world.query_filtered::<Entity, With<PrimaryWindow>>();
        let window = windows.single(world).expect("one window");
        world.write_message(KeyboardInput { window, ..input });
        self.run();
    }

    /// Types letters as a keyboard does.
    pub fn type_text(&mut self, text: &str) {
        for letter in text.chars() {
            let logical_key = if letter == ' ' { Key::Space } else { Key::Character(letter.to_string().into()) };
            for state in [ButtonState::Pressed, ButtonState::Released] {
                self.input(KeyboardInput {
                    key_code: KeyCode::F35,
                    logical_key: logical_key.clone(),
                    state,
                    text: state.is_pressed().then(|| letter.to_string().into()),
                    repeat: false,
                    window: Entity::PLACEHOLDER,
                });
            }
        }
    }

    /// Presses a letter while Control is held, and Shift if it is a capital one.
    pub fn ctrl(&mut self, letter: &str) {
        let shift = letter.chars().all(char::is_uppercase);
        self.press(Key::Control, ButtonState::Pressed);
        if shift {
            self.press(Key::Shift, ButtonState::Pressed);
        }
        self.letter(letter);
        if shift {
            self.press(Key::Shift, ButtonState::Released);
        }
        self.press(Key::Control, ButtonState::Released);
    }

    /// Until the desktop has said what can be shared.
    pub fn settle_screens(&mut self) {
        for _ in 0..500 {
            self.run();
            if self.sheet() != Sheet::of(ShareSheet) || self.says("The whole screen") {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        panic!("the screens are not listed");
    }

    /// A key by its place on the keyboard, with what the layout makes of it.
    pub fn press_code(&mut self, key_code: KeyCode, logical_key: Key) {
        let (state, window) = (ButtonState::Pressed, Entity::PLACEHOLDER);
        self.input(KeyboardInput { key_code, logical_key, state, text: None, repeat: false, window });
    }

    pub fn letter(&mut self, letter: &str) {
        self.press(Key::Character(letter.into()), ButtonState::Pressed);
        self.press(Key::Character(letter.into()), ButtonState::Released);
    }

    pub fn page(&self) -> Page {
        *self.app.world().resource::<State<Page>>().get()
    }

    pub fn count<F: bevy::ecs::query::QueryFilter>(&mut self) -> usize {
        self.app.world_mut().query_filtered::<(), F>().iter(self.app.world()).count()
    }

    /// Whether the engine stops within a moment: its goodbye is said on another thread.
    pub fn engine_stops(&self) -> bool {
        let running = || self.script.stage().running;
        for _ in 0..500 {
            if !running() {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        false
    }

    /// Every text in the window, without the marks that isolate names in it.
    pub fn texts(&mut self) -> Vec<String> {
        let plain = |text: &Text| text.0.replace(['\u{2068}', '\u{2069}'], "");
        self.app.world_mut().query::<&Text>().iter(self.app.world()).map(plain).collect()
    }

    pub fn says(&mut self, words: &str) -> bool {
        self.texts().iter().any(|text| text == words)
    }

    /// Whether there is a button that does this.
    pub fn offers(&mut self, action: impl Action) -> bool {
        self.app.world_mut().query::<&Does>().iter(self.app.world()).any(|does| does.0.is(action))
    }
}
