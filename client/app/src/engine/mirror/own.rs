//! The own camera and microphone: what they are, and the wish to switch them.

use bevy::prelude::*;
use engine::api::{CameraChoice, Event, MicrophoneChoice, ParticipantState, Wish};

use super::{Known, Me, Own, Spoke};
use crate::{
    engine::{
        choices::Choices,
        door::{Happened, Wished},
    },
    ui::{action::Action, binding::Binding, notice::Notice, page::Page, words::Words},
};

/// Switches what others see and hear of us.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OwnAction {
    Microphone,
    Camera,
    /// Takes noise out of the own voice, or leaves it in.
    Noise,
}

impl Action for OwnAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding::ctrl('m', &[Page::Lobby, Page::Room], Self::Microphone),
        Binding::ctrl('e', &[Page::Lobby, Page::Room], Self::Camera),
        Binding::shift('n', &[Page::Lobby, Page::Room], Self::Noise),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        true
    }
}

pub fn follow(
    mut happened: MessageReader<Happened>,
    mut own: ResMut<Own>,
    mut me: Query<(&mut Known, &mut Spoke), With<Me>>,
    time: Res<Time<Real>>,
) {
    for event in happened.read() {
        let mut now = *own;
        match &event.0 {
            Event::MicrophoneLevel { level, speaking } => {
                now.level = *level;
                now.speaking = *speaking;
            }
            Event::OwnMedia { camera_on, camera_lost, microphone_on, screen_on } => {
                (now.camera_on, now.camera_lost) = (*camera_on, *camera_lost);
                (now.microphone_on, now.screen_on) = (*microphone_on, *screen_on);
            }
            Event::NoiseSuppressed(on) => now.noisy = !on,
            _ => continue,
        }
        own.set_if_neq(now);
    }
    for (mut known, mut spoke) in &mut me {
        let speaking = own.speaking && own.microphone_on;
        if speaking {
            spoke.0 = time.elapsed_secs_f64();
        }
        known.set_if_neq(Known(ParticipantState {
            camera_on: own.camera_on && !own.camera_lost,
            microphone_on: own.microphone_on,
            screen_on: own.screen_on,
            speaking,
            ..known.0.clone()
        }));
    }
}

pub fn switch(
    mut acts: MessageReader<OwnAction>,
    page: Res<State<Page>>,
    own: Res<Own>,
    choices: Res<Choices>,
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        if !matches!(page.get(), Page::Lobby | Page::Room) {
            continue;
        }
        let none = match *act {
            OwnAction::Camera if !own.camera_on && choices.media.camera == CameraChoice::None => "notice-no-camera",
            OwnAction::Microphone if !own.microphone_on && choices.media.microphone == MicrophoneChoice::None => {
                "notice-no-microphone"
            }
            _ => "",
        };
        if !none.is_empty() {
            notices.write(Notice::trouble(words.say(none)));
            continue;
        }
        match *act {
            OwnAction::Microphone => wishes.write(Wished(Wish::MicrophoneOn(!own.microphone_on))),
            OwnAction::Camera => wishes.write(Wished(Wish::CameraOn(!own.camera_on))),
            OwnAction::Noise => {
                let suppress = own.noisy;
                notices.write(Notice::news(words.say(if suppress { "noise-out" } else { "noise-in" })));
                wishes.write(Wished(Wish::SuppressNoise(suppress)))
            }
        };
    }
}

pub fn forget(mut own: ResMut<Own>) {
    *own = Own::default();
}
