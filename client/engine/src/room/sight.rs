//! What of the others' cameras this machine keeps up with, and whose is seen where that is not everybody's.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use ::media::{Layer, Stream};
use group_crypto::MemberId;

use super::{
    Output,
    inside::Inside,
    participant::Participant,
    send,
    wire::{Lines, LinkMessage},
};

/// Who is seen alone stays so for this long, whoever speaks.
const HOLD: Duration = Duration::from_secs(2);
/// A member whose camera took too much of this machine is asked for a higher layer again after this.
const EASED: Duration = Duration::from_secs(60);

/// What a machine keeps up with. What is less saves it work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeepsUpWith {
    /// The camera of who spoke last, in the least layer.
    Speaker,
    /// Everybody's camera, in this layer at most.
    Everybody(Layer),
}

impl KeepsUpWith {
    pub const ALL: Self = Self::Everybody(Layer::High);

    pub fn layer(self) -> Layer {
        match self {
            Self::Speaker => Layer::Least,
            Self::Everybody(layer) => layer,
        }
    }

    pub fn less(self) -> Option<Self> {
        match self {
            Self::Speaker => None,
            Self::Everybody(layer) => {
                Some(layer.index().checked_sub(1).and_then(Layer::from_index).map_or(Self::Speaker, Self::Everybody))
            }
        }
    }

    pub fn more(self) -> Option<Self> {
        match self {
            Self::Speaker => Some(Self::Everybody(Layer::Least)),
            Self::Everybody(layer) => Layer::from_index(layer.index() + 1).map(Self::Everybody),
        }
    }
}

impl Participant {
    /// What they are asked for on a machine that keeps up with so much.
    pub fn asked_for(&self, most: KeepsUpWith) -> Lines {
        let most = self.eased.map_or(most.layer(), |(layer, _)| layer.min(most.layer()));
        let Lines { camera, screen } = self.shows.within(most);
        Lines { camera: if self.camera_paused { 0 } else { camera }, screen }
    }

    fn could_be_seen(&self) -> bool {
        self.is_in_call() && self.streams.camera && self.shows.camera > 0
    }
}

impl Inside {
    /// A member's camera or screen is shown with so many lines: they are told, so that they send no more than that.
    pub fn look_at(&mut self, member: MemberId, stream: Stream, lines: u16, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&member) else {
            return;
        };
        let shown = match stream {
            Stream::Audio => return,
            Stream::Video => &mut p.shows.camera,
            Stream::Screen => &mut p.shows.screen,
        };
        if std::mem::replace(shown, lines) != lines
            && let Some(link) = p.link
        {
            send(out, link, &LinkMessage::Want(p.asked_for(self.keeps_up_with)));
        }
    }

    /// A member's camera, whose pictures have so many lines, takes too much of this machine: they alone are asked for a lower
    /// layer.
    pub fn ask_for_less(&mut self, now: Instant, member: MemberId, lines: u32, out: &mut VecDeque<Output>) {
        let most = self.keeps_up_with;
        let Some(p) = self.participants.get_mut(&member) else {
            return;
        };
        let gets = p.eased.map_or(Layer::High, |(layer, _)| layer).min(Layer::of(lines)).min(most.layer());
        let less = gets.index().checked_sub(1).and_then(Layer::from_index).unwrap_or(Layer::Least);
        p.eased = Some((less, now + EASED));
        if let Some(link) = p.link {
            send(out, link, &LinkMessage::Want(p.asked_for(most)));
        }
    }

    /// Members whose cameras took too much a while ago are asked for one layer more.
    fn ask_for_more(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let most = self.keeps_up_with;
        for p in self.participants.values_mut() {
            let Some((layer, _)) = p.eased.filter(|(_, until)| now >= *until) else {
                continue;
            };
            let more = Layer::from_index(layer.index() + 1).filter(|more| *more < Layer::High);
            p.eased = more.map(|more| (more, now + EASED));
            if let Some(link) = p.link {
                send(out, link, &LinkMessage::Want(p.asked_for(most)));
            }
        }
    }

    /// From now on cameras are asked for no more than that, and ours sends no more.
    pub fn keep_up_with(&mut self, now: Instant, most: KeepsUpWith, out: &mut VecDeque<Output>) {
        if std::mem::replace(&mut self.keeps_up_with, most) == most {
            return;
        }
        self.choose_who_is_seen(now);
        for p in self.participants.values() {
            if let Some(link) = p.link {
                send(out, link, &LinkMessage::Want(p.asked_for(most)));
            }
        }
        self.share_uplink_anew(now, out);
    }

    /// Where only one camera is seen, whose may change with who speaks, comes or goes.
    pub fn look_who_is_seen(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.ask_for_more(now, out);
        let most = self.keeps_up_with;
        for member in self.choose_who_is_seen(now) {
            if let Some(p) = self.participants.get(&member)
                && let Some(link) = p.link
            {
                send(out, link, &LinkMessage::Want(p.asked_for(most)));
            }
        }
    }

    /// Those whose pictures pause or no longer do.
    fn choose_who_is_seen(&mut self, now: Instant) -> Vec<MemberId> {
        let only_one = self.keeps_up_with == KeepsUpWith::Speaker;
        self.alone = if only_one { self.speaker(now) } else { None };
        let alone = self.alone.map(|(member, _)| member);
        let mut changed = Vec::new();
        for p in self.participants.values_mut() {
            let paused = only_one && alone != Some(p.member.id);
            if std::mem::replace(&mut p.camera_paused, paused) != paused {
                changed.push(p.member.id);
            }
        }
        changed
    }

    fn speaker(&self, now: Instant) -> Option<(MemberId, Instant)> {
        let fit = |id: &MemberId| self.participants.get(id).is_some_and(Participant::could_be_seen);
        let speaks = |id: &MemberId| self.participants.get(id).is_some_and(|p| p.speaking);
        let before = self.alone.filter(|(member, _)| fit(member));
        if before.is_some_and(|(member, since)| speaks(&member) || now < since + HOLD) {
            return before;
        }
        let mut fit = self.participants.keys().copied().filter(fit);
        let next = fit.clone().find(speaks);
        next.map(|member| (member, now)).or(before).or_else(|| fit.next().map(|member| (member, now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_and_more_go_the_same_way() {
        let down: Vec<_> = std::iter::successors(Some(KeepsUpWith::ALL), |most| most.less()).collect();
        let mut up: Vec<_> = std::iter::successors(Some(KeepsUpWith::Speaker), |most| most.more()).collect();
        up.reverse();
        assert_eq!(down, up);
        assert_eq!(down.len(), Layer::COUNT + 1);
        assert!(down.is_sorted_by(|more, less| more > less));
    }
}
