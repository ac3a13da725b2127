//! The two ways of media, direct and over the link: when to leave one for the other.

use std::{collections::VecDeque, net::SocketAddr, time::Instant};

use ::media::transport::{MAX_CANDIDATES, Probe, Verdict, WatchOutput};
use group_crypto::MemberId;

use super::{
    Output,
    inside::Inside,
    media::MediaPeer,
    numbers::Generation,
    send,
    wire::{self, LinkMessage},
};

impl Inside {
    /// Lets the watchdog of a participant's media look, and does what it says.
    pub fn watch(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let mut touched = false;
        if let Some(p) = self.participants.get_mut(&index)
            && let Some(media) = p.media.as_mut().filter(|media| media.connected)
        {
            media.watch.observe(now, &media.peer.figures());
            while let Some(output) = media.watch.poll(now) {
                touched = true;
                match output {
                    WatchOutput::Probe(Probe { received }) => {
                        if let Some(link) = p.link {
                            let generation = media.generation;
                            send(out, link, &LinkMessage::Probe { generation, received });
                        }
                    }
                    WatchOutput::LeaveDirect => {
                        tracing::debug!(member = ?p.member.id, "the direct way is dead");
                        media.peer.leave_direct(now);
                    }
                    WatchOutput::TryDirect => media.peer.try_direct(now, &self.own.sockets, &media.theirs),
                }
            }
        }
        if touched {
            self.drain(now, index, out);
        }
    }

    pub fn probed(
        &mut self,
        now: Instant,
        index: MemberId,
        generation: Generation,
        received: u32,
        out: &mut VecDeque<Output>,
    ) {
        let link = self.participants.get(&index).and_then(|p| p.link);
        let Some((media, link)) = self.of_generation(index, generation).zip(link) else {
            return;
        };
        media.watch.observe(now, &media.peer.figures());
        let verdict = match media.watch.probe(now, Probe { received }) {
            Verdict::Idle => wire::Verdict::Idle,
            Verdict::Doubt => wire::Verdict::Doubt,
            Verdict::Dead => wire::Verdict::Dead,
        };
        send(out, link, &LinkMessage::Verdict { generation, verdict });
        self.watch(now, index, out);
    }

    pub fn verdict_came(
        &mut self,
        now: Instant,
        index: MemberId,
        generation: Generation,
        verdict: wire::Verdict,
        out: &mut VecDeque<Output>,
    ) {
        let Some(media) = self.of_generation(index, generation) else {
            return;
        };
        media.watch.observe(now, &media.peer.figures());
        let verdict = match verdict {
            wire::Verdict::Idle => Verdict::Idle,
            wire::Verdict::Doubt => Verdict::Doubt,
            wire::Verdict::Dead => Verdict::Dead,
        };
        media.watch.verdict(now, verdict);
        self.watch(now, index, out);
    }

    /// Our sockets are others now.
    pub fn sockets_changed(&mut self, now: Instant, sockets: Vec<SocketAddr>, out: &mut VecDeque<Output>) {
        self.own.sockets = sockets;
        let indexes: Vec<_> = self.participants.keys().copied().collect();
        for index in indexes {
            self.tell_candidates(now, index, out);
        }
    }

    /// Tells a participant where our sockets are, who may know others.
    pub fn tell_candidates(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let candidates: Vec<_> = self.own.sockets.iter().copied().take(MAX_CANDIDATES).collect();
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let Some(media) = p.media.as_mut().filter(|media| media.connected) else {
            return;
        };
        media.watch.network_changed(now);
        if let Some(link) = p.link {
            let generation = media.generation;
            send(out, link, &LinkMessage::Candidates { generation, candidates });
        }
        self.watch(now, index, out);
    }

    /// Their sockets are others now.
    pub fn candidates_came(
        &mut self,
        now: Instant,
        index: MemberId,
        generation: Generation,
        candidates: Vec<SocketAddr>,
        out: &mut VecDeque<Output>,
    ) {
        let candidates = self.permitted(candidates);
        let Some(media) = self.of_generation(index, generation) else {
            return;
        };
        media.theirs = candidates;
        media.watch.network_changed(now);
        self.watch(now, index, out);
    }

    /// The addresses of others that the wall lets us send to.
    pub fn permitted(&self, mut candidates: Vec<SocketAddr>) -> Vec<SocketAddr> {
        if self.own.sockets.is_empty() {
            // Without a socket there is nothing to send from, and an answer would tell our address.
            return Vec::new();
        }
        candidates.retain(|candidate| self.own.wall.permits_told(*candidate));
        candidates.truncate(MAX_CANDIDATES);
        candidates
    }

    fn of_generation(&mut self, index: MemberId, generation: Generation) -> Option<&mut MediaPeer> {
        let media = self.participants.get_mut(&index)?.media.as_mut()?;
        (media.generation == generation && media.connected).then_some(media)
    }
}
