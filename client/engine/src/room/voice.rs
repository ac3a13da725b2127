//! Voice on its way to and from everybody: each path has the protection from loss that it needs, and the one encoder what
//! several of them leave it.

use std::{collections::VecDeque, time::Instant};

use ::media::{
    repair::{LossMeter, LossReport, Plan, Protector, VoiceSettings},
    split::Packet,
    transport::Topic,
};
use group_crypto::MemberId;

use super::{Output, inside::Inside, participant::Participant};

/// What protects the voice to one participant, and what is said about theirs.
#[derive(Default)]
pub(super) struct VoicePath {
    protector: Protector,
    meter: LossMeter,
}

/// What became of the voice on one path, since the path was made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VoiceFigures {
    /// Repair blocks that each of our packets to them carries now.
    pub blocks: u8,
    /// Frames of theirs whose packets were lost and that were repaired.
    pub repaired: u64,
    /// Packets of theirs that came again, or too late to tell.
    pub duplicate: u64,
    pub late: u64,
}

impl VoicePath {
    pub fn plan(&self) -> Plan {
        self.protector.plan()
    }

    /// A packet of theirs came.
    pub fn arrived(&mut self, sequence: u64) {
        self.meter.arrived(sequence);
    }

    /// They say which of our packets came.
    pub fn reported(&mut self, bytes: &[u8]) {
        match LossReport::from_bytes(bytes) {
            Ok(report) => self.protector.reported(&report),
            Err(why) => tracing::debug!(%why, "a report is dropped"),
        }
    }
}

impl Inside {
    /// Hands packets of our voice to everybody: what is sealed is the same for all, what is added to it is not.
    pub fn send_voice(&mut self, now: Instant, packets: &[Packet], out: &mut VecDeque<Output>) {
        let everybody: Vec<MemberId> = self.participants.keys().copied().collect();
        for member in everybody {
            let Some(media) = self.participants.get_mut(&member).and_then(Participant::live_media_mut) else {
                continue;
            };
            for packet in packets {
                let packet = media.voice.protector.packet(packet);
                media.peer.send(now, &packet);
            }
            self.drain(now, member, out);
        }
    }

    /// Tells a participant which packets of their voice came, if it is time to.
    pub fn report_voice(&mut self, now: Instant, member: MemberId, out: &mut VecDeque<Output>) {
        let media = self.participants.get_mut(&member).and_then(Participant::live_media_mut);
        if let Some(media) = media
            && let Some(report) = media.voice.meter.report(now)
        {
            media.peer.report(now, Topic::Loss, &report.to_bytes());
            self.drain(now, member, out);
        }
    }

    /// Sets the encoder to what all paths together ask for.
    pub fn follow_voice(&mut self, out: &mut VecDeque<Output>) {
        let media = self.participants.values().filter_map(Participant::live_media);
        let paths = media.map(|media| (media.voice.plan(), media.voice.protector.left_percent()));
        let settings = VoiceSettings::of(paths);
        if settings != self.voice {
            self.voice = settings;
            out.push_back(Output::Voice(settings));
        }
    }
}
