//! The seam: group-crypto's SFrame keys behind media's [`Seal`] and [`Open`].

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use ::media::{EncodedFrame, Open, OpenError, ReceivedFrame, Seal, Stream};
use group_crypto::{
    EpochId, EpochKeys, Group, Member, MemberId, MemberIndex, Opener, RETAINED_EPOCHS, RunId, SealError, Sealer,
};

/// Frames of a former epoch still open for this long after it was left: they were under way, or of members who have not
/// followed yet, be it into the next epoch or into another branch.
const GRACE: Duration = Duration::from_secs(3);
/// Frames are sealed in the epoch just left for at most this long, while others have not followed. Well below [`GRACE`], in
/// which they open it.
const FOLLOWING: Duration = Duration::from_secs(1);

pub(super) struct Keys {
    sealer: Sealer,
    opener: Opener,
    /// The epoch that the group is in.
    entered: EpochId,
    next: Option<Next>,
    /// Former epochs and when to forget them, soonest first; at most [`RETAINED_EPOCHS`], as the opener has no more.
    former: VecDeque<(Instant, EpochId)>,
}

/// Where to seal next.
struct Next {
    /// The latest time for it.
    latest: Instant,
    /// How many epochs after the one in which frames are sealed.
    epochs: usize,
    keys: EpochKeys,
    me: MemberIndex,
}

impl Keys {
    pub fn new(group: &Group, run: RunId) -> Self {
        let keys = group.epoch_keys();
        let mut opener = Opener::new();
        opener.add_epoch(&keys, group.members());
        let sealer = Sealer::new(&keys, group.me(), run);
        Self { sealer, opener, entered: keys.id(), next: None, former: VecDeque::new() }
    }

    /// Opens what others seal in the group's epoch, whichever branch it is of. Seals in it from the next frame on if `at_once`,
    /// as where somebody is not to hear any more; else once all have followed, so that nobody who is told of it late hears
    /// nothing meanwhile.
    pub fn enter_epoch(&mut self, now: Instant, keys: &EpochKeys, me: MemberIndex, members: &[Member], at_once: bool) {
        self.opener.add_epoch(keys, members);
        if self.former.len() == RETAINED_EPOCHS {
            self.former.pop_front();
        }
        self.former.push_back((now + GRACE, std::mem::replace(&mut self.entered, keys.id())));
        // One epoch after the other must not put it off for ever, nor beyond what others still open.
        let (latest, epochs) = self.next.take().map_or((now + FOLLOWING, 1), |next| (next.latest, next.epochs + 1));
        self.next = Some(Next { latest, epochs, keys: keys.clone(), me });
        if at_once || epochs + 1 >= RETAINED_EPOCHS {
            self.seal_in_next();
        }
    }

    /// Whether frames are still sealed in an epoch that the group has left.
    pub fn is_behind(&self) -> bool {
        self.next.is_some()
    }

    /// Seals in the group's epoch, if all have followed or were waited for long enough.
    pub fn follow(&mut self, now: Instant, have_all_followed: bool) {
        if self.next.as_ref().is_some_and(|next| have_all_followed || next.latest <= now) {
            self.seal_in_next();
        }
    }

    fn seal_in_next(&mut self) {
        if let Some(next) = self.next.take()
            && self.sealer.rotate(&next.keys, next.me).is_err()
        {
            // No branch leads back into an epoch, so this is a bug of ours. The keys stay what they are.
            tracing::error!("an epoch came twice");
        }
    }

    /// The member's frames open with the keys of this run of theirs from now on.
    pub fn set_run(&mut self, member: MemberId, run: RunId) {
        self.opener.set_run(member, run);
    }

    pub fn forget_run(&mut self, member: MemberId) {
        self.opener.forget_run(member);
    }

    pub fn forget_old(&mut self, now: Instant) {
        while let Some((_, epoch)) = self.former.pop_front_if(|(at, _)| *at <= now) {
            self.opener.forget(epoch);
        }
    }

    /// Opens what came from `member`, and refuses a frame that claims to be another's: the pair's DTLS says who sent it.
    pub fn of_member(&mut self, member: MemberId) -> FromMember<'_> {
        FromMember { opener: &mut self.opener, member }
    }
}

impl Seal for Keys {
    type Error = SealError;

    fn seal_bytes(&mut self, frame: &EncodedFrame) -> Result<Vec<u8>, SealError> {
        let plaintext = frame.to_plaintext();
        let mut sealed = Vec::with_capacity(plaintext.len() + 32);
        self.sealer.seal(frame.stream.context(), &plaintext, &mut sealed)?;
        Ok(sealed)
    }
}

pub(super) struct FromMember<'a> {
    opener: &'a mut Opener,
    member: MemberId,
}

impl Open for FromMember<'_> {
    fn open(&mut self, frame: &ReceivedFrame) -> Result<EncodedFrame, OpenError> {
        // Sound that was sent as picture, or the other way round.
        if Opener::peek(frame.bytes()).is_none_or(|id| Stream::from_context(id.context) != Some(frame.stream)) {
            return Err(OpenError::Rejected);
        }
        let mut plaintext = Vec::with_capacity(frame.bytes().len());
        use group_crypto::OpenError as Why;
        self.opener.open(self.member, frame.bytes(), &mut plaintext).map_err(|why| match why {
            // Each may come with a message that is still under way: a frame that no key opens may be of another branch.
            Why::UnknownEpoch | Why::UnknownRun | Why::Rejected => OpenError::UnknownEpoch,
            Why::WrongMember | Why::Replayed | Why::Malformed => OpenError::Rejected,
        })?;
        EncodedFrame::from_plaintext(frame.stream, plaintext).ok_or(OpenError::Rejected)
    }
}

#[cfg(test)]
mod tests {
    use group_crypto::{Card, Change, InvitationSecret, Joiner, Suite};

    use super::*;
    use crate::room::simulation::unsealed::danger_unsealed;

    fn card(number: u8) -> Card {
        Card::new(format!("Person {number}"), [number; 32], [number; 32], vec![]).unwrap()
    }

    fn enter(keys: &mut Keys, now: Instant, group: &Group) {
        keys.enter_epoch(now, &group.epoch_keys(), group.me(), group.members(), true);
    }

    fn frame() -> EncodedFrame {
        EncodedFrame { stream: Stream::Video, keyframe: true, captured_us: 7, data: vec![1, 2, 3] }
    }

    #[test]
    fn frame_in_anothers_name_costs_the_other_nothing() {
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
        keys.set_run(mallory.my_id(), runs[1]);
        keys.set_run(cyril.my_id(), runs[2]);
        let mut forger = Sealer::new(&mallory.epoch_keys(), cyril.me(), runs[2]);
        let plaintext = frame().to_plaintext();
        for _ in 0..3000 {
            let mut sealed = Vec::new();
            forger.seal(Stream::Video.context(), &plaintext, &mut sealed).unwrap();
            let sealed = danger_unsealed(Stream::Video, 0, sealed).into();
            assert_eq!(keys.of_member(mallory.my_id()).open(&sealed), Err(OpenError::Rejected));
        }
        let real = Keys::new(&cyril, runs[2]).seal(&frame()).unwrap().into();
        assert_eq!(keys.of_member(cyril.my_id()).open(&real), Ok(frame()));
        // The same frame again is a replay.
        assert_eq!(keys.of_member(cyril.my_id()).open(&real), Err(OpenError::Rejected));
    }

    /// A room of two in two branches, seen by its founder, and its other member.
    struct Parted {
        ours: [Group; 2],
        theirs: [Group; 2],
    }

    fn parted() -> Parted {
        let mut founder = Group::create(card(0), Suite::Classical).unwrap();
        let secret = InvitationSecret::generate();
        let other = Joiner::new(card(1), Suite::Classical).unwrap();
        let change = Change::Admit { key_package: other.key_package(), secret: &secret };
        let welcome = founder.commit(&[change]).unwrap().welcome.unwrap();
        let other = other.join(&welcome, &secret).unwrap();
        let copy = |group: &Group| Group::load(&group.save().unwrap()).unwrap();
        let (mut ours, mut theirs) = ([copy(&founder), founder], [copy(&other), other]);
        let x = ours[0].commit(&[]).unwrap().commit;
        theirs[0].process(&x).unwrap();
        let y = theirs[1].commit(&[]).unwrap().commit;
        ours[1].process(&y).unwrap();
        Parted { ours, theirs }
    }

    #[test]
    fn former_branch_is_heard_while_frames_of_the_other_wait() {
        let Parted { ours: [ours_x, ours_y], theirs: [theirs_x, theirs_y] } = parted();
        let run = RunId::generate();
        let now = Instant::now();
        let mut keys = Keys::new(&ours_x, RunId::generate());
        let from = theirs_x.my_id();
        keys.set_run(from, run);
        let mut theirs = Keys::new(&theirs_x, run);
        let in_x = [0; 3].map(|_| theirs.seal(&frame()).unwrap().into());
        enter(&mut theirs, now, &theirs_y);
        let in_y = [0; 2].map(|_| theirs.seal(&frame()).unwrap().into());

        assert_eq!(keys.of_member(from).open(&in_x[0]), Ok(frame()));
        assert_eq!(keys.of_member(from).open(&in_y[0]), Err(OpenError::UnknownEpoch));
        enter(&mut keys, now, &ours_y);
        assert_eq!(keys.of_member(from).open(&in_y[0]), Ok(frame()));
        assert_eq!(keys.of_member(from).open(&in_x[1]), Ok(frame()));
        keys.forget_old(now + GRACE - Duration::from_millis(1));
        assert_eq!(keys.of_member(from).open(&in_x[1]), Err(OpenError::Rejected));
        keys.forget_old(now + GRACE);
        assert_eq!(keys.of_member(from).open(&in_x[2]), Err(OpenError::UnknownEpoch));
        assert_eq!(keys.of_member(from).open(&in_y[1]), Ok(frame()));
    }

    #[test]
    fn former_epoch_seals_frames_until_all_have_followed() {
        let mut group = Group::create(card(0), Suite::Classical).unwrap();
        let mut keys = Keys::new(&group, RunId::generate());
        let now = Instant::now();
        let first = keys.sealer.epoch_id();
        let mut renew = |keys: &mut Keys, now| {
            group.commit(&[]).unwrap();
            keys.enter_epoch(now, &group.epoch_keys(), group.me(), group.members(), false);
            group.epoch_keys().id()
        };
        let second = renew(&mut keys, now);
        keys.follow(now + FOLLOWING / 2, false);
        assert!(keys.is_behind() && keys.sealer.epoch_id() == first);
        keys.follow(now + FOLLOWING / 2, true);
        assert!(!keys.is_behind() && keys.sealer.epoch_id() == second);
        // A member that never follows, or begins one epoch after the other, puts it off for a moment only.
        let mut last = second;
        for step in 0..2 {
            let now = now + FOLLOWING + FOLLOWING / 2 * step;
            last = renew(&mut keys, now);
            keys.follow(now, false);
            assert!(keys.is_behind());
        }
        keys.follow(now + 2 * FOLLOWING, false);
        assert!(!keys.is_behind() && keys.sealer.epoch_id() == last);
    }

    #[test]
    fn frames_open_when_many_epochs_follow_at_once() {
        let mut group = Group::create(card(0), Suite::Classical).unwrap();
        let run = RunId::generate();
        let (mut ours, mut theirs) = (Keys::new(&group, run), Keys::new(&group, RunId::generate()));
        theirs.set_run(group.my_id(), run);
        let now = Instant::now();
        for _ in 0..10 {
            group.commit(&[]).unwrap();
            for keys in [&mut ours, &mut theirs] {
                keys.enter_epoch(now, &group.epoch_keys(), group.me(), group.members(), false);
            }
            let sealed = ours.seal(&frame()).unwrap().into();
            assert_eq!(theirs.of_member(group.my_id()).open(&sealed), Ok(frame()));
        }
    }

    #[test]
    fn a_former_epoch_is_forgotten_in_time_though_others_follow() {
        let mut group = Group::create(card(0), Suite::Classical).unwrap();
        let mut keys = Keys::new(&group, RunId::generate());
        let now = Instant::now();
        for step in 0..20 {
            let now = now + Duration::from_secs(2) * step;
            group.commit(&[]).unwrap();
            enter(&mut keys, now, &group);
            keys.forget_old(now);
            // The present one, the one just left, and the one left two seconds ago.
            assert!(keys.opener.epochs().count() <= 3);
        }
        keys.forget_old(now + Duration::from_secs(38) + GRACE);
        assert_eq!(keys.opener.epochs().collect::<Vec<_>>(), [group.epoch_keys().id()]);
    }
}
