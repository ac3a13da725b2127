//! What facets ask of the roster and of links, without knowing either.

use std::time::Instant;

use group_crypto::MemberId;

use super::{
    link::LinkId,
    wire::{Abilities, Streams},
};

/// What everybody may ask of the group.
pub(super) trait Company {
    /// Our signature, as a member, over `content` under `label`.
    fn sign(&self, label: &str, content: &[u8]) -> Option<[u8; 64]>;

    /// Whether a signature is the member's.
    fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool;

    /// Whether a member has followed into our epoch.
    fn is_current(&self, member: MemberId) -> bool;

    /// Our place in the group.
    fn my_index(&self) -> u32;
}

/// Who is a member, and who was: for links, whose other ends may be anybody.
pub(super) trait Directory: Company {
    fn me(&self) -> MemberId;

    /// `None` for ourselves, and for one who is no member.
    fn listed(&self, member: MemberId) -> Option<Listed<'_>>;

    /// All members but ourselves, in the order of their ids.
    fn all(&self) -> Box<dyn Iterator<Item = Listed<'_>> + '_>;

    /// Whether they are or were a member, and may come back.
    fn may_return(&self, member: MemberId) -> bool;

    /// Whether they were removed.
    fn is_out(&self, member: MemberId) -> bool;

    /// Whether a signature is that of a member who was removed, as far as their key is kept.
    fn verify_removed(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool;

    /// The commits that show members who were away that they were removed.
    fn removal_proof(&self) -> Vec<Vec<u8>>;

    /// Whether the admission of the one on this link is under way.
    fn is_asked(&self, link: LinkId) -> bool;
}

/// How members are linked.
pub(super) trait Linkage {
    /// `None` for one who is no member.
    fn linked(&self, member: MemberId) -> Option<Linked<'_>>;
}

/// What the roster knows of a member.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub id: MemberId,
    pub name: &'a str,
    pub said_goodbye: bool,
    pub to_be_removed: bool,
    pub streams: Streams,
    pub index: u32,
}

/// What links know of a member.
#[derive(Clone, Copy)]
pub(super) struct Linked<'a> {
    pub has_link: bool,
    pub has_own_link: bool,
    pub linkless_since: Option<Instant>,
    pub endpoint: &'a [u8; 32],
    pub fingerprint: [u8; 32],
    pub abilities: &'a Abilities,
}
