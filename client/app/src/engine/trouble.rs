//! Says what the engine has trouble with.

use bevy::prelude::*;
use engine::api::{Event, Trouble, clock_says};

use super::door::{EventsIn, Happened};
use crate::ui::{notice::Notice, words::Words};

pub fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, report.after(EventsIn));
}

fn report(mut happened: MessageReader<Happened>, words: Res<Words>, mut notices: MessageWriter<Notice>) {
    for event in happened.read() {
        if let Event::Lagged { .. } = event.0 {
            notices.write(Notice::trouble(words.say("trouble-lagged")).waiting());
        }
        if let Event::Trouble(trouble) = event.0 {
            let waits = matches!(trouble, Trouble::LeftAlone | Trouble::CallLeftAlone | Trouble::ClockInDoubt { .. });
            let said = match trouble {
                Trouble::ClockInDoubt { unix_s } => words.say_with(key(trouble), "time", clock_says(&unix_s)),
                _ => words.say(key(trouble)),
            };
            let notice = Notice::trouble(said);
            notices.write(if waits { notice.waiting() } else { notice });
        }
    }
}

fn key(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::CameraUnusable => "trouble-camera-unusable",
        Trouble::CameraLost => "trouble-camera-lost",
        Trouble::ScreenUnusable => "trouble-screen-unusable",
        Trouble::ScreenDeclined => "trouble-screen-declined",
        Trouble::ScreenGone => "trouble-screen-gone",
        Trouble::MicrophoneUnusable => "trouble-microphone-unusable",
        Trouble::MicrophoneLost => "trouble-microphone-lost",
        Trouble::SpeakerUnusable => "trouble-speaker-unusable",
        Trouble::SpeakerLost => "trouble-speaker-lost",
        Trouble::CameraClipUnreadable => "trouble-camera-clip",
        Trouble::MicrophoneClipUnreadable => "trouble-microphone-clip",
        Trouble::Overloaded => "trouble-overloaded",
        Trouble::PictureRests => "trouble-picture-rests",
        Trouble::DecoderNotStarted => "trouble-decoder-not-started",
        Trouble::StreamFailed => "trouble-stream-failed",
        Trouble::RecordingStopped => "trouble-recording",
        Trouble::MessageTooLong => "trouble-message-too-long",
        Trouble::MessageBlank => "trouble-message-blank",
        Trouble::NoSuchMember => "trouble-no-such-member",
        Trouble::NoSuchMessage => "trouble-no-such-message",
        Trouble::NotYourMessage => "trouble-not-your-message",
        Trouble::NoReaction => "trouble-no-reaction",
        Trouble::Busy => "trouble-busy",
        Trouble::StoreRefused => "trouble-store-refused",
        Trouble::NoStore => "trouble-no-store",
        Trouble::ReadOnly => "trouble-read-only",
        Trouble::OlderCopy => "trouble-older-copy",
        Trouble::RoomIsCrowded => "trouble-room-is-crowded",
        Trouble::CallFull => "trouble-call-full",
        Trouble::OtherVersion => "trouble-other-version",
        Trouble::LeftAlone => "trouble-left-alone",
        Trouble::CallLeftAlone => "trouble-call-left-alone",
        Trouble::ClockInDoubt { .. } => "trouble-clock-in-doubt",
        Trouble::InAnotherCall => "trouble-in-another-call",
    }
}
