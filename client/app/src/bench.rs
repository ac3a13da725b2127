//! The whole window without a GPU, over a scripted engine.

use bevy::{
    asset::AssetPlugin,
    input::{
        ButtonState, InputPlugin,
        keyboard::{Key, KeyCode, KeyboardInput},
    },
    input_focus::{InputFocus, InputFocusVisible},
    prelude::*,
    state::app::StatesPlugin,
    window::{CursorMoved, RequestRedraw, WindowResized},
};
use engine::api::{
    CameraChoice, Event, KeyState, MemberId, MicrophoneChoice, Network, ParticipantState, SpeakerChoice,
};

use crate::{
    action::{Act, Action},
    cli::{self, Shade, Tongue},
    door::{Door, script::Script},
    screen::{Destination, Journey, Screen},
    theme::Theme,
    video::Planes,
    window,
    words::Words,
};

pub struct Bench {
    pub app: App,
    pub script: Script,
}

pub const ME: MemberId = MemberId([0; 16]);

pub fn member(number: u8) -> MemberId {
    MemberId([number; 16])
}

impl Bench {
    pub fn new() -> Self {
        let script = Script::default();
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
            .insert_resource(Door::new(script.clone()))
            .insert_resource(Words::new(Tongue::En))
            .insert_resource(Theme(Shade::Dark))
            .insert_resource(Journey {
                name: "Ada".into(),
                title: "Tuesday".into(),
                network: Network::Local,
                media: cli::media(CameraChoice::Test, MicrophoneChoice::Test, SpeakerChoice::None),
                destination: Some(Destination::NewRoom),
                at_once: false,
                entering: false,
                refused: None,
                ended: None,
            })
            .add_plugins(window::features);
        let mut bench = Self { app, script };
        bench.run();
        bench
    }

    /// In the lobby, with a running engine.
    pub fn in_lobby() -> Self {
        let mut bench = Self::new();
        bench.app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Lobby);
        bench.run();
        bench
    }

    /// In a room, alone.
    pub fn in_room() -> Self {
        let mut bench = Self::in_lobby();
        bench.act(Action::EnterRoom);
        bench.happen(Event::OwnMedia { camera_on: true, microphone_on: true });
        bench.happen(Event::Entered { title: "Tuesday".into(), me: ME, epoch: 1, post_quantum: true });
        bench
    }

    /// Enough frames for anything to come to rest.
    pub fn run(&mut self) {
        for _ in 0..4 {
            self.app.update();
        }
    }

    pub fn act(&mut self, action: Action) {
        self.app.world_mut().write_message(Act(action));
        self.run();
    }

    pub fn happen(&mut self, event: Event) {
        self.script.say(event);
        self.run();
    }

    pub fn join(&mut self, number: u8, name: &str) {
        self.happen(Event::Joined { member: member(number), name: name.into() });
    }

    pub fn change(&mut self, number: u8, keys: KeyState) {
        let state = ParticipantState { connected: true, keys, camera_on: true, microphone_on: true, ..default() };
        self.happen(Event::Changed { member: member(number), state });
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
        self.app.world_mut().write_message(input);
        self.run();
    }

    pub fn letter(&mut self, letter: &str) {
        self.press(Key::Character(letter.into()), ButtonState::Pressed);
        self.press(Key::Character(letter.into()), ButtonState::Released);
    }

    pub fn screen(&self) -> Screen {
        *self.app.world().resource::<State<Screen>>().get()
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

    /// Every text that is on the screen.
    pub fn texts(&mut self) -> Vec<String> {
        self.app.world_mut().query::<&Text>().iter(self.app.world()).map(|text| text.0.clone()).collect()
    }

    pub fn says(&mut self, words: &str) -> bool {
        self.texts().iter().any(|text| text == words)
    }
}
