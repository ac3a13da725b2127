//! Members: how each stands, and who may still come back.

use group_crypto::{Card, Member, MemberId, MemberIndex};

use super::{Around, Output, Roster};
use crate::{
    api::{KeyState, LeftBecause, ReadOnly, RoomEvent, RoomKind},
    room::{
        company::{Company, Directory, Listed},
        link::LinkId,
        wire::Streams,
    },
};

/// In the place of what only the group knew of one who is not in it any more.
const LOST_NAME: &str = "Lost";
const NO_INDEX: MemberIndex = MemberIndex(u32::MAX);

/// A member, or one who was and may come back.
pub(super) struct Entry {
    pub member: Member,
    /// Their name now; the card has the one they joined with.
    pub name: String,
    pub standing: Standing,
    /// Their part in the call, as they told it last.
    pub streams: Streams,
}

/// How a member stands in the room.
#[derive(Default)]
pub(super) struct Standing {
    pub said_goodbye: bool,
    /// Somebody asked for their removal, and the commit is ours to make.
    pub to_be_removed: bool,
    /// Somebody wanted them out, and they may still hold invitations: they did not just say goodbye.
    pub is_unwanted: bool,
    /// They are not in the group any more, and may come back.
    pub is_dropped: bool,
}

impl Entry {
    pub fn new(member: Member, name: String) -> Self {
        Self { member, name, standing: Standing::default(), streams: Streams::default() }
    }

    fn listed(&self) -> Listed<'_> {
        Listed {
            id: self.member.id,
            name: &self.name,
            said_goodbye: self.standing.said_goodbye,
            to_be_removed: self.standing.to_be_removed,
            streams: self.streams,
            index: self.member.index.0,
        }
    }
}

impl Roster {
    /// A member of the group as the disk knows them, by this name.
    pub fn restore(&mut self, member: Member, name: String) {
        self.members.insert(member.id, Entry::new(member, name));
    }

    /// One who is not in the group any more, and whose key is known, may come back.
    pub fn add_lost(&mut self, id: MemberId, name: String) {
        // Nobody sees this card: they come back with a new one.
        let Ok(card) = Card::new(LOST_NAME, [0; 32], [0; 32], Vec::new()) else {
            return;
        };
        let mut entry = Entry::new(Member { index: NO_INDEX, id, card }, name);
        entry.standing.is_dropped = true;
        self.members.insert(id, entry);
    }

    pub fn is_member(&self, member: MemberId) -> bool {
        self.members.contains_key(&member)
    }

    /// A member's name, ours included.
    pub fn name_of(&self, member: MemberId) -> Option<&str> {
        self.members.get(&member).map(|entry| entry.name.as_str())
    }

    /// The name of the first member, who is the only one of a contact.
    pub fn first_name(&self) -> Option<&str> {
        self.members.values().next().map(|entry| entry.name.as_str())
    }

    pub fn key_state(&self, member: MemberId) -> KeyState {
        self.agreement.key_state(member)
    }

    /// Those to whom what the room says is said, if late.
    pub fn audience(&self) -> Vec<MemberId> {
        let is_there = |entry: &&Entry| !entry.standing.said_goodbye && !entry.standing.to_be_removed;
        self.members.values().filter(is_there).map(|entry| entry.member.id).collect()
    }

    /// A member's part in the call is this from now on.
    pub fn set_streams(&mut self, member: MemberId, streams: Streams) {
        if let Some(entry) = self.members.get_mut(&member) {
            entry.streams = streams;
        }
    }

    /// A member's part in the call as their Hello says it, unless they have said something newer. In a new run they count anew.
    pub fn newer_streams(&mut self, member: MemberId, said: Streams, is_new_run: bool) -> Streams {
        let Some(entry) = self.members.get_mut(&member) else {
            return said;
        };
        if is_new_run {
            entry.streams = Streams::default();
        }
        if entry.streams.number <= said.number { said } else { entry.streams }
    }

    /// A member says goodbye. False where their signature is not on it.
    pub fn on_goodbye(&mut self, around: Around<'_>, member: MemberId, statement: Vec<u8>) -> bool {
        if !self.agreement.is_goodbye(member, &statement) {
            return false;
        }
        let Some(entry) = self.members.get_mut(&member) else {
            return true;
        };
        if std::mem::replace(&mut entry.standing.said_goodbye, true) {
            return true;
        }
        self.out.push_back(Output::Parted(member));
        self.out.push_back(Output::Event(RoomEvent::Left { member, why: LeftBecause::Goodbye }));
        if around.kind == RoomKind::Contact {
            // There is nobody left to have a relationship with. What was said stays until we delete it.
            self.out.push_back(Output::Closing(ReadOnly::ContactEnded));
        } else {
            self.agreement.part(around.now, member, statement);
        }
        true
    }

    /// Nothing more may go to a member from now on.
    pub(super) fn on_out(&mut self, member: MemberId, has_parted: bool) {
        match self.members.get_mut(&member) {
            Some(entry) => {
                entry.standing.to_be_removed = true;
                entry.standing.is_unwanted |= !has_parted;
                self.out.push_back(Output::Out(member));
            }
            None if !has_parted => self.out.push_back(Output::Unwanted),
            None => {}
        }
    }
}

impl Company for Roster {
    fn sign(&self, label: &str, content: &[u8]) -> Option<[u8; 64]> {
        self.group().sign(label, content).ok()?.try_into().ok()
    }

    fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        self.agreement.verify(member, label, content, signature)
    }

    fn is_current(&self, member: MemberId) -> bool {
        self.key_state(member) == KeyState::Current
    }

    fn my_index(&self) -> u32 {
        self.group().me().0
    }
}

impl Directory for Roster {
    fn me(&self) -> MemberId {
        self.group().my_id()
    }

    fn listed(&self, member: MemberId) -> Option<Listed<'_>> {
        self.members.get(&member).map(Entry::listed)
    }

    fn all(&self) -> Box<dyn Iterator<Item = Listed<'_>> + '_> {
        Box::new(self.members.values().map(Entry::listed))
    }

    fn may_return(&self, member: MemberId) -> bool {
        self.agreement.knows(member)
    }

    fn is_out(&self, member: MemberId) -> bool {
        self.agreement.is_out(member)
    }

    fn verify_removed(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        self.agreement.verify_removed(member, label, content, signature)
    }

    fn removal_proof(&self) -> Vec<Vec<u8>> {
        self.agreement.removal_proof()
    }

    fn is_asked(&self, link: LinkId) -> bool {
        self.asked.iter().any(|asked| asked.link == link)
    }
}
