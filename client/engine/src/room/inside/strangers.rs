//! What is said on links whose other end is no member, or not known to be one.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::Inside;
use crate::room::{
    budget::Cost,
    door::{Guest, Shown},
    link::LinkId,
    output::{Output, send},
    own::suite,
    wire::LinkMessage,
};

/// Messages a stranger may send before their admission is known to us.
const STRANGER_MESSAGES: usize = 16;

impl Inside {
    pub fn stranger_said(&mut self, now: Instant, link: LinkId, message: LinkMessage, out: &mut VecDeque<Output>) {
        let Some(stranger) = self.links.strangers.get(&link) else {
            return;
        };
        let (endpoint, dialled, meant) = (stranger.endpoint, stranger.dialled, stranger.meant);
        let (is_served, told_suite) = (stranger.is_served, stranger.told_suite);
        let meant = meant.or_else(|| self.member_behind(link, &endpoint).filter(|_| dialled));
        match (message, meant) {
            // Only where we dialled it is known who they are.
            (LinkMessage::Removed { commits }, Some(member)) => {
                if self.charge(now, member, Cost::Unreadable, out) {
                    self.membership.agreement.refused(now, member, &commits);
                    self.carry_out(now, out);
                }
                // Nothing follows it, and to look at more of them would cost whatever they like.
                self.lose_link(now, link, out);
            }
            (LinkMessage::Join { invitation, tag, post_quantum, key_package }, _) => {
                let guest = Guest {
                    link,
                    endpoint: Some(endpoint),
                    is_asked: self.membership.asked.iter().any(|asked| asked.link == link),
                    is_served,
                    told_suite,
                    is_taken: self.participants.values().any(|p| p.reach.at.endpoint == endpoint),
                };
                let shown = Shown { invitation, tag, suite: suite(post_quantum), key_package };
                self.at_door(now, out, |door, hall| door.on_join(hall, guest, shown));
            }
            (LinkMessage::Hello(hello), _) => {
                if let Some(index) = self.check_hello(link, &endpoint, &hello) {
                    if !self.participants.contains_key(&index) {
                        self.add_lost(now, index, String::new());
                    }
                    self.attach(now, index, link, hello, out);
                } else if self.membership.agreement.is_out(MemberId(hello.member)) {
                    // They were away when it happened.
                    let commits = self.membership.agreement.removal_proof();
                    send(out, link, &LinkMessage::Removed { commits });
                    self.links.strangers.remove(&link);
                    out.push_back(Output::Close { link });
                } else {
                    self.wait_for_admission(link, LinkMessage::Hello(hello), out);
                }
            }
            (other, _) => self.wait_for_admission(link, other, out),
        }
    }

    /// They may be a member whose admission has not reached us yet.
    pub fn wait_for_admission(&mut self, link: LinkId, message: LinkMessage, out: &mut VecDeque<Output>) {
        if let Some(stranger) = self.links.strangers.get_mut(&link) {
            if stranger.said.len() < STRANGER_MESSAGES {
                return stranger.said.push(message);
            }
            self.links.strangers.remove(&link);
            out.push_back(Output::Close { link });
        }
    }
}
