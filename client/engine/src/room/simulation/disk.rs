//! The disk of a simulated person: what a room asked to be kept, in memory.

use std::collections::BTreeMap;

use group_crypto::MemberId;
use zeroize::Zeroizing;

use crate::{
    api::ReadOnly,
    room::{
        keep::{Details, Keep, MemberDetails, OpenInvitation, Stored, StoredMember, Verified},
        wire::Said,
    },
};

#[derive(Clone, Default)]
pub struct Disk {
    details: Option<Details>,
    group: Option<Zeroizing<Vec<u8>>>,
    members: BTreeMap<MemberId, (MemberDetails, u64, u64)>,
    own: BTreeMap<u64, (i64, Said)>,
    /// So many lines of one's own there are at least, though another copy of the disk may have them.
    counted: u64,
    pub theirs: Vec<(MemberId, u64, Said)>,
    pub calls: Vec<crate::api::CallOutcome>,
    invitations: Vec<OpenInvitation>,
    history: Vec<(u64, Vec<u8>)>,
    verified: Option<Vec<Verified>>,
    read_only: Option<ReadOnly>,
    stated: u64,
    names: Vec<Verified>,
    /// Who was called what, and is called what now.
    pub renamings: Vec<(String, String)>,
}

impl Disk {
    pub fn keep(&mut self, all: Vec<Keep>) {
        for keep in all {
            match keep {
                Keep::Details(details) => self.details = Some(details),
                Keep::Group(group) => self.group = Some(group),
                Keep::Member { member, details } => {
                    let last = self.lines();
                    self.members.entry(member).or_insert((MemberDetails::default(), 0, last)).0 = details;
                }
                Keep::ForgetMember(member) => drop(self.members.remove(&member)),
                Keep::Own { sequence, at_ms, said, .. } => {
                    assert!(self.own.insert(sequence, (at_ms, said)).is_none(), "a line is counted once");
                }
                Keep::Theirs { from, sequence, said, .. } => {
                    let member = self.members.get_mut(&from).expect("a member's line");
                    assert_eq!(sequence, member.1 + 1, "lines come in order");
                    member.1 = sequence;
                    self.theirs.push((from, sequence, said));
                }
                Keep::Acknowledged { member, up_to } => {
                    assert!(up_to <= self.lines(), "a line that was never said is acknowledged");
                    let member = self.members.get_mut(&member).expect("a member who has a line");
                    member.2 = member.2.max(up_to);
                }
                Keep::CountOn { behind, up_to, lines } => {
                    assert!(self.lines() < lines && behind <= up_to, "lines are counted on");
                    let moved = self.own.split_off(&(behind + 1));
                    self.own.extend(moved.into_iter().map(|(sequence, line)| (sequence + up_to - behind, line)));
                    self.counted = lines;
                }
                Keep::Begin { member, received, acknowledged } => {
                    // The store would refuse it, and with it all that is kept at the same time, again and again.
                    assert!(received <= i64::MAX as u64, "the store cannot hold line {received}");
                    assert!(acknowledged <= self.lines(), "a line that was never said is acknowledged");
                    let member = self.members.get_mut(&member).expect("a member who begins");
                    (member.1, member.2) = (received, acknowledged);
                }
                Keep::Missing { from, up_to, count, .. } => {
                    let member = self.members.get_mut(&from).expect("a member whose lines are gone");
                    assert_eq!(up_to, member.1 + count, "what is missing is counted");
                    member.1 = up_to;
                }
                Keep::Call { outcome, .. } => self.calls.push(outcome),
                Keep::Invitation(open) => self.invitations.push(open),
                Keep::ForgetInvitation(id) => self.invitations.retain(|open| open.secret().id().0 != id),
                Keep::History(history) => self.history = history,
                Keep::Verified(verified) => self.verified = Some(verified),
                Keep::Names(names) => self.names = names,
                Keep::Renamed { from, to, .. } => self.renamings.push((from, to)),
                Keep::ReadOnly(why) => self.read_only = Some(why),
                Keep::Stated(number) => self.stated = number,
            }
        }
    }

    /// How many lines of one's own there are.
    fn lines(&self) -> u64 {
        self.own.last_key_value().map_or(0, |(last, _)| *last).max(self.counted)
    }

    pub fn stored(&self) -> Option<Stored> {
        let members = self.members.iter().map(|(id, (details, received, acknowledged))| StoredMember {
            id: *id,
            details: details.clone(),
            received: *received,
            acknowledged: *acknowledged,
        });
        Some(Stored {
            details: self.details.clone()?,
            group: self.group.clone()?,
            members: members.collect(),
            invitations: self.invitations.clone(),
            lines: self.lines(),
            history: self.history.clone(),
            verified: self.verified.clone(),
            names: self.names.clone(),
            read_only: self.read_only,
            stated: self.stated,
        })
    }

    /// With other rows of the room and of each member, as bytes; `None` where a room's row is none, which is left alone.
    /// What stands beside them is dropped where it is none, as the shelf does it.
    #[cfg(feature = "fuzzing")]
    pub fn rewritten(mut self, mut change: impl FnMut(Vec<u8>) -> Vec<u8>) -> Option<Self> {
        use crate::room::wire::{decode, encode};
        if let Some(details) = &mut self.details {
            *details = decode(&change(encode(details)))?;
        }
        for (details, ..) in self.members.values_mut() {
            *details = decode(&change(encode(details))).unwrap_or_default();
        }
        self.history = decode(&change(encode(&self.history))).unwrap_or_default();
        self.verified = decode(&change(encode(&self.verified.unwrap_or_default())));
        self.names = decode(&change(encode(&self.names))).unwrap_or_default();
        let invitations = self.invitations.iter().filter_map(|open| decode(&change(encode(open))));
        self.invitations = invitations.collect();
        self.read_only = decode(&change(self.read_only.as_ref().map(encode).unwrap_or_default()));
        Some(self)
    }

    /// As a version wrote it that knew no marks of members, only one of a contact.
    pub fn age(&mut self) {
        let details = self.details.as_mut().expect("something was kept");
        details.verified = self.verified.take().is_some_and(|verified| !verified.is_empty());
    }

    pub fn outgoing(&self, after: u64) -> Vec<(u64, i64, Said)> {
        let lines = self.own.range(after + 1..).take(64);
        lines.map(|(sequence, (at_ms, said))| (*sequence, *at_ms, said.clone())).collect()
    }
}
