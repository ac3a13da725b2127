//! Voice on its way to and from everybody: each path has the protection from loss that it needs, and the one encoder what
//! several of them leave it.

use ::media::{
    repair::{LossMeter, LossReport, Plan, Protector, VoiceSettings},
    split::Packet,
    transport::Topic,
};
use group_crypto::MemberId;

use super::{Media, MediaView, Output};

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

impl Media {
    /// Hands packets of our voice to everybody: what is sealed is the same for all, what is added to it is not.
    pub(super) fn send_voice(&mut self, at: MediaView<'_>, packets: &[Packet]) {
        for member in self.peers.keys().copied().collect::<Vec<_>>() {
            let Some(path) = self.live_mut(at, member) else {
                continue;
            };
            for packet in packets {
                let packet = path.voice.protector.packet(packet);
                path.peer.send(at.now(), &packet);
            }
            self.drain(at, member);
        }
    }

    /// Tells a member which packets of their voice came, if it is time to.
    pub(super) fn report_voice(&mut self, at: MediaView<'_>, member: MemberId) {
        if let Some(path) = self.live_mut(at, member)
            && let Some(report) = path.voice.meter.report(at.now())
        {
            path.peer.report(at.now(), Topic::Loss, &report.to_bytes());
            self.drain(at, member);
        }
    }

    /// Sets the encoder to what all paths together ask for.
    pub(super) fn follow_voice(&mut self, at: MediaView<'_>) {
        let paths = self.all_live(at).map(|(.., path)| (path.voice.plan(), path.voice.protector.left_percent()));
        let settings = VoiceSettings::of(paths);
        if settings != self.voice {
            self.voice = settings;
            self.out.push_back(Output::Voice(settings));
        }
    }
}
