//! The seam: group-crypto's SFrame keys behind media's [`Seal`] and [`Open`].

use std::time::{Duration, Instant};

use ::media::{EncodedFrame, Open, OpenError, Seal, SealedFrame, Stream};
use group_crypto::{Group, MemberIndex, Opener, RunId, SealError, Sealer};

/// Frames of the former epoch still open for this long: they were under way when the epoch changed.
const GRACE: Duration = Duration::from_secs(3);

pub(super) struct Keys {
    sealer: Sealer,
    opener: Opener,
    forget: Option<(Instant, u64)>,
}

impl Keys {
    pub fn new(group: &Group, run: RunId) -> Self {
        let keys = group.epoch_keys();
        let mut opener = Opener::new();
        opener.add_epoch(&keys, group.members().iter().map(|m| m.index));
        Self { sealer: Sealer::new(&keys, group.me(), run), opener, forget: None }
    }

    /// Seals with the new epoch from the next frame on.
    pub fn enter_epoch(&mut self, now: Instant, group: &Group) {
        let keys = group.epoch_keys();
        self.opener.add_epoch(&keys, group.members().iter().map(|m| m.index));
        if self.sealer.rotate(&keys, group.me()).is_err() {
            // Only an epoch seen before is refused, and MLS epochs only grow.
            tracing::error!("an epoch came twice");
        }
        self.forget = Some((now + GRACE, group.epoch()));
    }

    /// The member's frames open with the keys of this run of theirs from now on.
    pub fn set_run(&mut self, member: MemberIndex, run: RunId) {
        self.opener.set_run(member, run);
    }

    pub fn forget_run(&mut self, member: MemberIndex) {
        self.opener.forget_run(member);
    }

    pub fn forget_old(&mut self, now: Instant) {
        if let Some((at, epoch)) = self.forget
            && at <= now
        {
            self.opener.forget_before(epoch);
            self.forget = None;
        }
    }

    /// Opens what came from `member`, and refuses a frame that claims to be another's: the pair's DTLS says who sent it.
    pub fn of_member(&mut self, member: MemberIndex) -> FromMember<'_> {
        FromMember { opener: &mut self.opener, member }
    }
}

impl Seal for Keys {
    type Error = SealError;

    fn seal(&mut self, frame: &EncodedFrame) -> Result<SealedFrame, SealError> {
        let plaintext = frame.to_plaintext();
        let mut sealed = Vec::with_capacity(plaintext.len() + 32);
        self.sealer.seal(frame.stream.context(), &plaintext, &mut sealed)?;
        Ok(SealedFrame::from_ciphertext(frame.stream, frame.captured_us, sealed))
    }
}

pub(super) struct FromMember<'a> {
    opener: &'a mut Opener,
    member: MemberIndex,
}

impl Open for FromMember<'_> {
    fn open(&mut self, frame: &SealedFrame) -> Result<EncodedFrame, OpenError> {
        // Asked before any key is used: all members have all keys, and a frame that one of them seals in another's name
        // must not count against that other's counter.
        let theirs = Opener::peek(frame.bytes())
            .is_some_and(|id| id.member == self.member && Stream::from_context(id.context) == Some(frame.stream));
        if !theirs {
            return Err(OpenError::Rejected);
        }
        let mut plaintext = Vec::with_capacity(frame.bytes().len());
        self.opener.open(frame.bytes(), &mut plaintext).map_err(|why| match why {
            // Both come with a message that is still under way.
            group_crypto::OpenError::UnknownEpoch | group_crypto::OpenError::UnknownRun => OpenError::UnknownEpoch,
            _ => OpenError::Rejected,
        })?;
        EncodedFrame::from_plaintext(frame.stream, plaintext).ok_or(OpenError::Rejected)
    }
}

#[cfg(test)]
mod tests {
    use group_crypto::{Card, Change, InvitationSecret, Joiner, Suite};

    use super::*;

    fn card(number: u8) -> Card {
        Card::new(format!("Person {number}"), [number; 32], [number; 32], vec![]).unwrap()
    }

    fn frame() -> EncodedFrame {
        EncodedFrame { stream: Stream::Video, keyframe: true, captured_us: 7, data: vec![1, 2, 3] }
    }

    #[test]
    fn a_frame_sealed_in_anothers_name_is_refused_and_costs_the_other_nothing() {
        let mut founder = Group::create(card(0), Suite::PostQuantum).unwrap();
        let secret = InvitationSecret::generate();
        let [mallory, cyril] = [1, 2].map(|n| Joiner::new(card(n), Suite::PostQuantum).unwrap());
        let admit = |joiner: &Joiner| joiner.key_package().to_vec();
        let (one, other) = (admit(&mallory), admit(&cyril));
        let changes = [&one, &other].map(|key_package| Change::Admit { key_package, secret: &secret });
        let welcome = founder.commit(&changes).unwrap().welcome.unwrap();
        let [mallory, cyril] = [mallory, cyril].map(|joiner| joiner.join(&welcome, &secret).unwrap());

        let runs = [0; 3].map(|_| RunId::generate());
        let mut keys = Keys::new(&founder, runs[0]);
        keys.set_run(mallory.me(), runs[1]);
        keys.set_run(cyril.me(), runs[2]);
        let mut forger = Sealer::new(&mallory.epoch_keys(), cyril.me(), runs[2]);
        let plaintext = frame().to_plaintext();
        for _ in 0..3000 {
            let mut sealed = Vec::new();
            forger.seal(Stream::Video.context(), &plaintext, &mut sealed).unwrap();
            let sealed = SealedFrame::from_ciphertext(Stream::Video, 0, sealed);
            assert_eq!(keys.of_member(mallory.me()).open(&sealed), Err(OpenError::Rejected));
        }
        let real = Keys::new(&cyril, runs[2]).seal(&frame()).unwrap();
        assert_eq!(keys.of_member(cyril.me()).open(&real), Ok(frame()));
        // The same frame again is a replay.
        assert_eq!(keys.of_member(cyril.me()).open(&real), Err(OpenError::Rejected));
    }
}
