//! What a path says, taken in.

use std::time::Instant;

use ::media::{
    Stream,
    congestion::Report,
    transport::{PeerEvent, Topic},
};

use super::{connecting::REBUILD, peer::MediaPeer};

/// What is to be done after a path has said all that it had to say.
#[derive(Default)]
pub(super) struct Happened {
    /// It is connected over the link, and the direct way has not been tried yet.
    pub tries_direct: bool,
    pub gathered: bool,
    /// Of several reports at once the latest counts.
    pub reported: Option<Report>,
    pub keyframe_wanted: bool,
    pub screen_keyframe_wanted: bool,
}

impl MediaPeer {
    pub fn on_event(&mut self, now: Instant, event: PeerEvent, happened: &mut Happened) {
        let Some(path) = self.path.as_mut() else {
            return;
        };
        match event {
            PeerEvent::Connected => {
                (path.connected, path.was_connected) = (true, true);
                self.figures.connected_at.get_or_insert(now);
                path.outbound.begin();
                for stream in [Stream::Video, Stream::Screen] {
                    path.ask_for_keyframe(now, stream);
                }
                happened.tries_direct |= std::mem::take(&mut self.link_first);
            }
            PeerEvent::Lost => {
                self.drop_path();
                self.rebuild_at = Some(now + REBUILD);
            }
            PeerEvent::Packet(packet) => {
                path.gather(now, &packet);
                happened.gathered = true;
            }
            PeerEvent::KeyframeWanted(Stream::Screen) => {
                happened.screen_keyframe_wanted |= path.may_begin_screen(now);
            }
            PeerEvent::KeyframeWanted(_) => happened.keyframe_wanted = true,
            PeerEvent::Report(Topic::Congestion, bytes) => match Report::from_bytes(&bytes) {
                Ok(report) => happened.reported = Some(report),
                Err(why) => tracing::debug!(%why, "a report is dropped"),
            },
            PeerEvent::Report(Topic::Loss, bytes) => path.voice.reported(&bytes),
        }
    }
}
