//! Lines of others, on their way in: checked, kept, shown, confirmed.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use group_crypto::MemberId;

use super::{
    Chat, Output, Progress,
    post::{Answer, Arrived, Post},
};
use crate::{
    api::{Body, Line},
    room::{
        content::{Meaning, Names},
        keep::Keep,
        numbers::{Sequence, UnixMs},
        rows::Rows,
        view::View,
        wire::Said,
    },
};

impl Chat {
    /// A member's line.
    pub fn on_line(
        &mut self,
        view: View<'_>,
        from: MemberId,
        sequence: Sequence,
        line: (UnixMs, Said),
        rows: &mut Rows,
    ) {
        self.arrive(view, from, sequence, Some(line), rows);
    }

    /// The member's lines that we don't have yet are gone, up to this one.
    pub fn on_missing(&mut self, view: View<'_>, from: MemberId, up_to: Sequence, rows: &mut Rows) {
        self.arrive(view, from, up_to, None, rows);
    }

    fn arrive(
        &mut self,
        view: View<'_>,
        from: MemberId,
        up_to: Sequence,
        line: Option<(UnixMs, Said)>,
        rows: &mut Rows,
    ) {
        let Some(post) = self.posts.get_mut(&from) else {
            return;
        };
        match post.arrive(up_to, line) {
            Answer::TakeIn => self.take_in(view, from, rows),
            Answer::Confirm => self.confirm(from, false),
            Answer::AskAgain => self.confirm(from, true),
            Answer::Nothing => {}
        }
    }

    /// Keeps and shows what has come of a member, as far as their budget allows, and confirms it.
    pub(super) fn take_in(&mut self, view: View<'_>, from: MemberId, rows: &mut Rows) {
        let unix_ms = view.unix_ms();
        let Some((post, member)) = self.posts.get_mut(&from).zip(view.members.get(from)) else {
            return;
        };
        let mut news = Vec::new();
        while let Some(arrival) = post.take_in(view.now, unix_ms, from, rows) {
            let (name, up_to) = (member.name.to_owned(), arrival.up_to);
            news.push(match arrival.what {
                Arrived::Line { at, said } => {
                    let (names, meaning) = self.room.read(from, up_to, &said);
                    let (sequence, at_ms) = (up_to.get(), at.get());
                    let kept = Keep::Theirs { from, name: name.clone(), sequence, at_ms, said, names };
                    (kept, Line::new(from, name, at_ms, Body::NeedsNewerVersion), up_to, names, meaning)
                }
                Arrived::Gap(count) => {
                    let kept = Keep::Missing { from, name: name.clone(), up_to: up_to.get(), at_ms: unix_ms, count };
                    let line = Line::new(from, name, unix_ms, Body::NeedsNewerVersion);
                    let meaning = Meaning::Says { body: Body::Missing { count }, reply_to: None };
                    (kept, line, up_to, Names::default(), meaning)
                }
            });
        }
        let is_news = !news.is_empty();
        for (kept, line, up_to, names, meaning) in news {
            self.out.push_back(Output::Keep(kept));
            self.show(Line { sequence: up_to.get(), ..line }, names, meaning);
        }
        if is_news {
            self.confirm(from, false);
        }
    }

    /// What a member said while the keys were not common may be lost: they are asked for it once more.
    pub fn ask_again(&mut self, member: MemberId) {
        self.confirm(member, true);
    }

    /// What a member said was not kept. The chat with them stands where the disk has it.
    ///
    /// `progress`: the last of their lines that is kept, and the last of ours that they have.
    pub fn on_not_kept(&mut self, member: MemberId, progress: Option<(u64, u64)>) {
        let Some(post) = self.posts.get_mut(&member) else {
            return;
        };
        let anew = progress.map_or(Post::beginning(self.lines), |(received, acknowledged)| {
            let received = post.progress().received.map(|_| Sequence::clamped(received));
            Post::restored(Progress { received, acknowledged: Sequence::clamped(acknowledged) })
        });
        *post = anew.with_budget_of(post);
    }

    fn confirm(&mut self, member: MemberId, again: bool) {
        if let Some(up_to) = self.progress(member).received {
            self.out.push_back(Output::Received { to: member, up_to, again });
        }
    }
}
