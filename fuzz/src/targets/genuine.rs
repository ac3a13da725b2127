//! A room of two and a joiner, and one genuine message of each kind, for the targets to change.
//!
//! Made anew in each run, since what was made once could not be made again: keys are random. Lengths and order are not,
//! so an input does the same again, unless it makes a part of a key be read as something else.

use group_crypto::{Card, Change, Group, InvitationSecret, Joiner, Suite};

/// The targets begin with these, so a failure in here is one of the group itself.
pub type Made<T> = Result<T, Box<dyn std::error::Error>>;

/// Bob's room, as Alice and Carol and Bob's disk know it.
pub struct Room {
    /// Bob, as [`Group::save`] wrote him: where each input begins.
    pub bob: Vec<u8>,
    /// From Alice to Bob. He can follow each, but only one.
    pub messages: Vec<Vec<u8>>,
    /// Carol's, who is not in the room.
    pub key_package: Vec<u8>,
    /// Alice's answer to it.
    pub welcome: Vec<u8>,
}

impl Room {
    pub fn new(suite: Suite) -> Made<Self> {
        let secret = InvitationSecret::from_bytes([1; 32]);
        let mut alice = Group::create(card("Alice")?, suite)?;
        let joiner = Joiner::new(card("Bob")?, suite)?;
        let admitted = alice.commit(&[Change::Admit { key_package: joiner.key_package(), secret: &secret }])?;
        let mut bob = joiner.join(&admitted.welcome.ok_or("no welcome")?, &secret)?;
        bob.learn_invitation(&secret);

        let saved = alice.save()?;
        let text = alice.protect(b"hello")?;
        let carol = Joiner::new(card("Carol")?, suite)?;
        let admit = |secret| Change::Admit { key_package: carol.key_package(), secret };
        let unknown = InvitationSecret::from_bytes([2; 32]);
        let commits = [&[][..], &[Change::Remove(bob.me())], &[admit(&secret)], &[admit(&unknown)]]
            .map(|changes| Ok::<_, Box<dyn std::error::Error>>(Group::load(&saved)?.commit(changes)?));
        let commits = commits.into_iter().collect::<Result<Vec<_>, _>>()?;
        let welcome = commits.iter().find_map(|committed| committed.welcome.clone()).ok_or("no welcome")?;
        Ok(Self {
            bob: bob.save()?.to_vec(),
            messages: [text].into_iter().chain(commits.into_iter().map(|committed| committed.commit)).collect(),
            key_package: carol.key_package().to_vec(),
            welcome,
        })
    }
}

pub fn card(name: &str) -> Made<Card> {
    Ok(Card::new(name, [3; 32], [4; 32], vec!["127.0.0.1:4000".parse()?])?)
}

/// `input` says how `genuine` is changed: from where on (2 bytes, big endian, in bytes), how much goes (2), and behind
/// these what comes in its place. Too short an input changes nothing.
pub fn changed(genuine: &[u8], input: &[u8]) -> Vec<u8> {
    let Some((&[a, b, c, d], instead)) = input.split_first_chunk() else { return genuine.to_vec() };
    let from = usize::from(u16::from_be_bytes([a, b])).min(genuine.len());
    let (before, rest) = genuine.split_at(from);
    let gone = usize::from(u16::from_be_bytes([c, d])).min(rest.len());
    [before, instead, &rest[gone..]].concat()
}

/// The group's part of what an agreement wrote down: behind the version and the length (RFC 9420, section 2.1.2).
pub fn group_of(agreement: &mut [u8]) -> Option<&mut [u8]> {
    let bytes = 1 << (agreement.get(1)? >> 6);
    let length = agreement.get(1..1 + bytes)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    // The upper two bits of the first byte say how many there are.
    let length = length & !(3 << (8 * bytes - 2));
    agreement.get_mut(1 + bytes..)?.get_mut(..length)
}

/// A vector as RFC 9420, section 2.1.2, writes it.
pub fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u32;
    let length = if length < 64 { vec![length as u8] } else { (length | 2 << 30).to_be_bytes().into() };
    [&length, bytes].concat()
}
