//! What others say, on its way in: checked, kept, shown, confirmed.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::post::{Answer, Arrived, Post};
use crate::{
    api::{Body, Line, RoomEvent},
    room::{
        Output,
        inside::Inside,
        keep::Keep,
        numbers::{Sequence, UnixMs},
        participant::Participant,
        send,
        wire::{LinkMessage, Said},
    },
};

impl Inside {
    pub fn line_came(
        &mut self,
        now: Instant,
        from: MemberId,
        (sequence, at, said): (Sequence, UnixMs, Said),
        out: &mut VecDeque<Output>,
    ) {
        self.arrived(now, from, sequence, Some((at, said)), out);
    }

    /// The member's lines that we don't have yet are gone, up to this one.
    pub fn gap_came(&mut self, now: Instant, from: MemberId, up_to: Sequence, out: &mut VecDeque<Output>) {
        self.arrived(now, from, up_to, None, out);
    }

    fn arrived(
        &mut self,
        now: Instant,
        from: MemberId,
        up_to: Sequence,
        line: Option<(UnixMs, Said)>,
        out: &mut VecDeque<Output>,
    ) {
        let Some(p) = self.participants.get_mut(&from) else {
            return;
        };
        match p.post.arrive(up_to, line) {
            Answer::TakeIn => self.take_in_lines(now, from, out),
            Answer::Confirm => confirm(p, false, out),
            Answer::AskAgain => confirm(p, true, out),
            Answer::Nothing => {}
        }
    }

    /// Keeps and shows what has come of a member, as far as their budget allows, and confirms it.
    pub(super) fn take_in_lines(&mut self, now: Instant, from: MemberId, out: &mut VecDeque<Output>) {
        let unix_ms = self.own.clock.unix_ms(now);
        let mut is_news = false;
        while let Some(p) = self.participants.get_mut(&from)
            && let Some(arrival) = p.post.take_in(now, unix_ms, &mut self.rows)
        {
            is_news = true;
            let (name, sequence) = (p.name.clone(), arrival.up_to.get());
            let (at_ms, body) = match arrival.what {
                Arrived::Line { at, said } => {
                    let at_ms = at.get();
                    self.keep(Keep::Theirs { from, name: name.clone(), sequence, at_ms, said: said.clone() });
                    (at_ms, said.into())
                }
                Arrived::Gap(count) => {
                    self.keep(Keep::Missing { from, name: name.clone(), up_to: sequence, at_ms: unix_ms, count });
                    (unix_ms, Body::Missing { count })
                }
            };
            let (mine, delivered) = (false, true);
            let line = Line { id: None, member: from, name, mine, sequence, at_ms, body, delivered };
            out.push_back(Output::Event(RoomEvent::Said(line)));
        }
        if let Some(p) = self.participants.get(&from).filter(|_| is_news) {
            confirm(p, false, out);
        }
    }

    /// What a member said was not kept. Their link is closed, and the chat with them stands where the disk has it.
    pub fn not_kept(
        &mut self,
        now: Instant,
        member: MemberId,
        progress: Option<(u64, u64)>,
        out: &mut VecDeque<Output>,
    ) {
        out.retain(|output| !self.follows_from(member, output));
        let Some(p) = self.participants.get_mut(&member) else {
            return;
        };
        let post = progress.map_or(Post::beginning(self.mail.lines), |(received, acknowledged)| {
            let received = p.post.received.map(|_| Sequence::clamped(received));
            Post::restored(received, Sequence::clamped(acknowledged))
        });
        p.post = post.with_budget_of(&p.post);
        let links = [p.link, p.former_link.map(|(former, _)| former)];
        if progress.is_none() {
            let kept = p.keep();
            self.keep(kept);
        }
        for link in links.into_iter().flatten() {
            self.link_closed(now, link, out);
            out.push_back(Output::Close { link });
        }
    }

    pub fn follows_from(&self, member: MemberId, output: &Output) -> bool {
        match output {
            Output::Event(RoomEvent::Said(line)) => line.member == member,
            Output::Send { link, .. } => self.by_link(*link) == Some(member),
            _ => false,
        }
    }

    /// What a member said while the keys were not common may be lost.
    pub fn ask_for_lines(&mut self, member: MemberId, out: &mut VecDeque<Output>) {
        if let Some(p) = self.participants.get(&member) {
            confirm(p, true, out);
        }
    }
}

fn confirm(p: &Participant, again: bool, out: &mut VecDeque<Output>) {
    if let (Some(link), Some(up_to)) = (p.link, p.post.received) {
        send(out, link, &LinkMessage::Received { up_to, again });
    }
}
