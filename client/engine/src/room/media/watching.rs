//! The two ways of a path, direct and over the link: when one is left for the other.

use ::media::transport::{MAX_CANDIDATES, Probe, Verdict, WatchOutput};
use group_crypto::MemberId;

use super::{Media, MediaView, path::MediaPath};
use crate::room::{
    numbers::Generation,
    wire::{self, Candidates, LinkMessage},
};

impl Media {
    /// Lets the watchdog of a member's media look, and does what it says.
    pub(super) fn watch(&mut self, at: MediaView<'_>, id: MemberId) {
        let now = at.now();
        let Some(path) = self.path_mut(id).filter(|path| path.connected) else {
            return;
        };
        let mut probes = Vec::new();
        let mut is_touched = false;
        path.watch.observe(now, &path.peer.figures());
        while let Some(output) = path.watch.poll(now) {
            is_touched = true;
            match output {
                WatchOutput::Probe(Probe { received }) => {
                    probes.push(LinkMessage::Probe { generation: path.generation, received });
                }
                WatchOutput::LeaveDirect => {
                    tracing::debug!(member = ?id, "the direct way is dead");
                    path.peer.leave_direct(now);
                }
                WatchOutput::TryDirect => path.peer.try_direct(now, at.sockets, &path.theirs),
            }
        }
        probes.into_iter().for_each(|probe| self.send(id, probe));
        if is_touched {
            self.drain(at, id);
        }
    }

    pub(super) fn on_probe(&mut self, at: MediaView<'_>, from: MemberId, generation: Generation, received: u32) {
        let has_link = at.member(from).is_some_and(|member| member.has_link);
        let Some(path) = self.of_generation(from, generation).filter(|_| has_link) else {
            return;
        };
        path.watch.observe(at.now(), &path.peer.figures());
        let verdict = match path.watch.probe(at.now(), Probe { received }) {
            Verdict::Idle => wire::Verdict::Idle,
            Verdict::Doubt => wire::Verdict::Doubt,
            Verdict::Dead => wire::Verdict::Dead,
        };
        self.send(from, LinkMessage::Verdict { generation, verdict });
        self.watch(at, from);
    }

    pub(super) fn on_verdict(
        &mut self,
        at: MediaView<'_>,
        from: MemberId,
        generation: Generation,
        verdict: wire::Verdict,
    ) {
        let Some(path) = self.of_generation(from, generation) else {
            return;
        };
        path.watch.observe(at.now(), &path.peer.figures());
        let verdict = match verdict {
            wire::Verdict::Idle => Verdict::Idle,
            wire::Verdict::Doubt => Verdict::Doubt,
            wire::Verdict::Dead => Verdict::Dead,
        };
        path.watch.verdict(at.now(), verdict);
        self.watch(at, from);
    }

    /// Our sockets are others now.
    pub fn on_sockets(&mut self, at: MediaView<'_>) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            self.tell_candidates(at, id);
        }
    }

    /// Tells a member where our sockets are, who may know others.
    pub fn tell_candidates(&mut self, at: MediaView<'_>, id: MemberId) {
        let candidates: Candidates = at.sockets.iter().copied().take(MAX_CANDIDATES).collect();
        let Some(path) = self.path_mut(id).filter(|path| path.connected) else {
            return;
        };
        path.watch.network_changed(at.now());
        let generation = path.generation;
        self.send(id, LinkMessage::Candidates { generation, candidates });
        self.watch(at, id);
    }

    /// Their sockets are others now.
    pub(super) fn on_candidates(
        &mut self,
        at: MediaView<'_>,
        from: MemberId,
        generation: Generation,
        candidates: Candidates,
    ) {
        let Some(path) = self.of_generation(from, generation) else {
            return;
        };
        path.theirs = at.permitted(candidates);
        path.watch.network_changed(at.now());
        self.watch(at, from);
    }

    fn of_generation(&mut self, id: MemberId, generation: Generation) -> Option<&mut MediaPath> {
        self.path_mut(id).filter(|path| path.generation == generation && path.connected)
    }
}
