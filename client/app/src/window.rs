//! Puts the window together.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use bevy::{
    input_focus::tab_navigation::TabNavigationPlugin,
    prelude::*,
    window::{MonitorSelection, PrimaryWindow, WindowMode, WindowResizeConstraints},
};
use engine::{
    api::{CameraChoice, MicrophoneChoice, Network, NetworkSettings, SpeakerChoice},
    invitation::Invitation,
};

use crate::{
    cli::{self, Chat, Cli, Command, First, Options},
    demo,
    engine::{
        choices::Choices,
        door::{Door, ThisMachine},
        journey::{Destination, Journey},
    },
    features::{self, chat::ChatOpen, devices::picker::Unchosen},
    pages,
    stage::{self, video::VideoRenderPlugin},
    testing::screenshot::{self, Photograph},
    ui::{
        self,
        action::{Action, Actions},
        binding::{ALL, Binding, Press},
        embedded,
        page::Page,
        theme::Theme,
        words::{self, Words},
    },
};

/// Fills the screen, or no longer.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fullscreen;

impl Action for Fullscreen {
    const KEYS: &'static [Binding<Self>] = &[Binding::plain(Press::F11, ALL, Self).over_sheets()];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// Everything but the window itself: what tests run without a GPU.
pub fn floors(app: &mut App) {
    app.add_action::<Fullscreen>();
    app.add_plugins((ui::plugin, crate::engine::plugin, stage::plugin, features::plugin, pages::plugin, demo::plugin));
}

pub fn run(cli: Cli) -> ExitCode {
    engine::logging::to_stderr();

    let invited = match &cli.command {
        Some(Command::Join { invitation }) => match cli::invitation(invitation, std::io::stdin().lock()) {
            Ok(invitation) => Some(invitation),
            Err(why) => {
                eprintln!("incamera: {why}");
                return ExitCode::from(2);
            }
        },
        _ => None,
    };
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(Window {
                    title: "In Camera".into(),
                    name: Some("incamera".into()),
                    resolution: (1280, 720).into(),
                    resize_constraints: WindowResizeConstraints { min_width: 720.0, min_height: 480.0, ..default() },
                    ..default()
                }),
                // A call is asked about before the window goes.
                close_when_requested: false,
                ..default()
            })
            .disable::<bevy::log::LogPlugin>()
            .disable::<bevy::app::TerminalCtrlCHandlerPlugin>(),
    );
    if !app.is_plugin_added::<TabNavigationPlugin>() {
        app.add_plugins(TabNavigationPlugin);
    }
    app.add_plugins((embedded::plugin, VideoRenderPlugin, floors))
        .insert_resource(Door::new(ThisMachine { profiles: folder(&cli), guests: demo::join_guests }))
        .add_systems(Startup, camera)
        .add_systems(Update, fullscreen);
    #[cfg(feature = "scenes")]
    if let Some(scene) = cli.options.scene {
        crate::testing::scene::set(&mut app, scene);
    }
    settle_on(&mut app, cli, invited);
    match app.run() {
        AppExit::Success => ExitCode::SUCCESS,
        AppExit::Error(code) => ExitCode::from(code.get()),
    }
}

/// Where profiles are kept, unless the command line says otherwise.
fn folder(cli: &Cli) -> Option<PathBuf> {
    cli.options.data_dir.clone().or_else(engine::profiles::default_folder)
}

fn camera(mut commands: Commands) {
    // Nodes smooth their own edges.
    commands.spawn((Camera2d, Msaa::Off));
}

/// Turns the command line into resources.
fn settle_on(app: &mut App, cli: Cli, invited: Option<Invitation>) {
    let options = cli.options;
    let words = Words::new(options.language.unwrap_or_else(words::of_environment));
    let destination = match cli.command {
        Some(Command::Demo { chat }) => {
            app.insert_resource(ChatOpen(chat == Chat::Open));
            Some(Destination::Demo)
        }
        Some(Command::Join { .. }) => invited.map(Destination::Invited),
        None if options.screen != First::Start => Some(Destination::NewRoom),
        None => None,
    };
    let unchosen = Unchosen {
        camera: options.camera.is_none(),
        microphone: options.microphone.is_none(),
        speaker: options.speaker.is_none(),
    };
    let theme = Theme(options.theme);
    let photograph = options.screenshot.clone().map(|path| {
        let after = Duration::try_from_secs_f32(options.after).unwrap_or_default();
        Photograph { path, after }
    });
    let keep_nothing = options.keep_nothing;
    let choices = choices(&options, destination.as_ref(), &words);
    let journey = journey(&options, destination, &words);
    // What leads straight to a room needs no profile. An invitation does not say yet that it does, so it waits for one.
    let first = match (&journey.destination, keep_nothing) {
        (Some(Destination::NewRoom | Destination::Demo), _) => Page::Lobby,
        (Some(Destination::Invited(_)), true) if !choices.name.is_empty() => Page::Lobby,
        (_, true) => Page::Start,
        _ => Page::Profiles,
    };
    app.insert_resource(words)
        .insert_resource(theme)
        .insert_resource(unchosen)
        .insert_resource(choices)
        .insert_resource(journey)
        .insert_state(first);
    if let Some(photograph) = photograph {
        app.insert_resource(photograph).add_plugins(screenshot::plugin);
    }
}

/// What the command line chooses.
fn choices(options: &Options, destination: Option<&Destination>, words: &Words) -> Choices {
    let demo = matches!(destination, Some(Destination::Demo));
    let invited = matches!(destination, Some(Destination::Invited(_)));
    // Where there is no device, the demo shows a test card, and everybody else joins without.
    let (camera, microphone) = match demo {
        true => (CameraChoice::Test, MicrophoneChoice::Test),
        false => (CameraChoice::None, MicrophoneChoice::None),
    };
    let name = match &options.name {
        Some(name) => name.clone(),
        None if destination.is_some() && !invited => words.say("tile-you"),
        None => String::new(),
    };
    let network = match (demo, options.network) {
        (true, _) => Network::Local,
        (false, reach) => reach.map_or(Network::Internet, Network::from),
    };
    Choices {
        name,
        network: NetworkSettings::of(network),
        network_fixed: options.network.is_some(),
        media: cli::media(
            options.camera.clone().unwrap_or(camera),
            options.microphone.clone().unwrap_or(microphone),
            options.speaker.clone().unwrap_or(SpeakerChoice::None),
        ),
    }
}

/// The way that the command line leads.
fn journey(options: &Options, destination: Option<Destination>, words: &Words) -> Journey {
    let demo = matches!(destination, Some(Destination::Demo));
    let title = if demo { words.say("demo-title") } else { String::new() };
    Journey { title, at_once: demo || options.screen == First::Room, destination, ..Journey::default() }
}

fn fullscreen(mut acts: MessageReader<Fullscreen>, mut window: Single<&mut Window, With<PrimaryWindow>>) {
    for Fullscreen in acts.read() {
        window.mode = match window.mode {
            WindowMode::Windowed => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
            _ => WindowMode::Windowed,
        };
    }
}
