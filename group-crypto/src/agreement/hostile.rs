//! What a member who keeps no rule says, and what it can't do to the others.

use std::time::{Duration, Instant};

use super::message::{Admit, Bundle, Ids, Inner, Message, Package, Proposed, Readmit, Sealed, Stand};
use super::proposal::{Kind, MAX_PROPOSALS_EACH, Proposal};
use super::{Action, Agreement, KeyState, MAX_PROPOSALS, MAX_REMOVED};
use crate::{
    Card, Change, EpochId, Group, InvitationSecret, Joiner, MAX_PLAINTEXT_BYTES, MemberId, MemberIndex, ProtectError,
    Standing, Suite,
};

const SUITE: Suite = Suite::Classical;

fn encode(message: &Message) -> Vec<u8> {
    super::message::encode(message).unwrap()
}

fn card(name: &str) -> Card {
    Card::new(name, [0; 32], [0; 32], Vec::new()).unwrap()
}

/// The first is the sequencer, the last the one who keeps no rule. All have links with all.
fn room(people: usize, limit: usize) -> Vec<Agreement> {
    let secret = InvitationSecret::generate();
    let mut first = Group::create(card("first"), SUITE).unwrap();
    let joiners: Vec<_> = (1..people).map(|_| Joiner::new(card("other"), SUITE).unwrap()).collect();
    let admit = |joiner| Change::Admit { key_package: Joiner::key_package(joiner), secret: &secret };
    let changes: Vec<_> = joiners.iter().map(admit).collect();
    let welcome = first.commit(&changes).unwrap().welcome.unwrap();
    let others = joiners.into_iter().map(|joiner| joiner.join(&welcome, &secret).unwrap());
    let groups: Vec<_> = std::iter::once(first).chain(others).collect();
    groups.into_iter().map(|group| Agreement::new(group, card("of now"), limit)).collect()
}

fn link(now: Instant, people: &mut [Agreement]) {
    let ids: Vec<_> = people.iter().map(|person| person.group().my_id()).collect();
    for person in &mut *people {
        ids.iter().for_each(|id| person.linked(now, *id));
    }
    deliver(now, people);
}

fn deliver(now: Instant, people: &mut [Agreement]) {
    deliver_all_but(now, people, |_, _| false);
}

/// What `lost` says of sender and reader does not arrive.
fn deliver_all_but(now: Instant, people: &mut [Agreement], lost: impl Fn(MemberId, MemberId) -> bool) {
    loop {
        let mut sent = Vec::new();
        for person in &mut *people {
            let from = person.group().my_id();
            let actions: Vec<_> = std::iter::from_fn(|| person.poll()).collect();
            sent.extend(actions.into_iter().filter_map(|action| match action {
                Action::Send { to, bytes } | Action::Missed { to, bytes } => Some((from, to, bytes)),
                _ => None,
            }));
        }
        if sent.is_empty() {
            return;
        }
        for (from, to, bytes) in sent.into_iter().filter(|(from, to, _)| !lost(*from, *to)) {
            let reader = people.iter_mut().find(|person| person.group().my_id() == to);
            reader.unwrap().handle(now, from, &bytes);
        }
    }
}

fn wait(mut now: Instant, people: &mut [Agreement]) -> Instant {
    for _ in 0..20 {
        now += Duration::from_millis(50);
        people.iter_mut().for_each(|person| person.handle_timeout(now));
        deliver(now, people);
    }
    now
}

/// Proposes to bring back somebody whom nobody has met.
fn propose_stranger(now: Instant, people: &mut [Agreement]) {
    let stranger = Joiner::new(card("stranger"), SUITE).unwrap();
    let (hostile, others) = people.split_last_mut().unwrap();
    let proposed = Proposed::Readmit(Package(stranger.key_package().to_vec()));
    let bytes = hostile.protect_inner(&Inner::Propose(proposed)).unwrap();
    let from = hostile.group().my_id();
    for person in others {
        person.handle(now, from, &bytes);
    }
}

#[test]
fn who_claims_to_stand_beyond_every_epoch_breaks_nothing() {
    for (epoch, state) in [
        (u64::MAX, KeyState::Missing),
        (u64::MAX - 1, KeyState::Missing),
        // There is no epoch before it whose commit could be told.
        (0, KeyState::Forked),
    ] {
        let mut now = Instant::now();
        let mut people = room(2, 4);
        link(now, &mut people);
        let (from, before) = (people[1].group().my_id(), people[0].group().standing());
        let at = Standing { epoch, by: MemberIndex(u32::MAX), id: EpochId::from_bytes([9; 16]) }.into();
        let stand = Message::Stand(Stand { serial: u64::MAX, asks: true, at });
        people[0].handle(now, from, &encode(&stand));
        for _ in 0..20 {
            now = people[0].deadline().unwrap();
            people[0].handle_timeout(now);
            assert!(people[0].deadline().is_none_or(|next| next > now));
        }
        assert_eq!((people[0].key_state(from), people[0].group().standing()), (state, before));
        assert!(people[0].protect(b"still here").is_ok());
    }
}

#[test]
fn text_too_long_for_any_length_is_refused() {
    let mut people = room(2, 4);
    // Of the longer one no byte is ever touched, so it takes no memory.
    for len in [MAX_PLAINTEXT_BYTES + 1, 1 << 30] {
        assert_eq!(people[0].protect(&vec![0; len]).err(), Some(ProtectError::TooLong));
    }
    assert_eq!(people[0].group().generations_used(), 0);
}

#[test]
fn commit_kept_from_one_member_reaches_them_within_200_ms() {
    let mut now = Instant::now();
    let mut people = room(4, 4);
    link(now, &mut people);
    now = wait(now, &mut people);
    let [hostile, victim] = [0, 2].map(|nth| people[nth].group().my_id());
    people[0].renew(now);
    let lost = |from, to| from == hostile && to == victim;
    let stands = |people: &[Agreement], nth: usize| people[nth].group().standing();
    while stands(&people, 1) == stands(&people, 2) {
        now += Duration::from_millis(10);
        people.iter_mut().for_each(|person| person.handle_timeout(now));
        deliver_all_but(now, &mut people, lost);
    }
    let began = now;
    while stands(&people, 1) != stands(&people, 2) {
        now += Duration::from_millis(10);
        people.iter_mut().for_each(|person| person.handle_timeout(now));
        deliver_all_but(now, &mut people, lost);
    }
    assert!(now - began <= Duration::from_millis(200), "{:?}", now - began);
}

#[test]
fn nobody_crowds_out_their_own_removal() {
    let now = Instant::now();
    let mut people = room(2, 2);
    link(now, &mut people);
    for _ in 0..MAX_PROPOSALS {
        propose_stranger(now, &mut people);
    }
    let hostile = people[1].group().my_id();
    assert_eq!(people[0].proposals.len(), MAX_PROPOSALS_EACH);
    people[0].remove(now, hostile);
    assert!(people[0].group().members().iter().all(|member| member.id != hostile), "the removal is crowded out");
    let late = Joiner::new(card("late"), SUITE).unwrap();
    assert!(people[0].admit(now, late.key_package().to_vec(), &InvitationSecret::generate()).is_ok());
}

#[test]
fn strangers_whom_a_member_vouches_for_do_not_overfill_the_room() {
    const LIMIT: usize = 4;
    let now = Instant::now();
    let mut people = room(3, LIMIT);
    link(now, &mut people);
    for _ in 0..3 {
        propose_stranger(now, &mut people);
    }
    wait(now, &mut people);
    let standing = people[0].group().standing();
    assert!(people[0].group().members().len() <= LIMIT);
    assert!(people.iter().all(|person| person.group().standing() == standing), "the room has come apart");
}

#[test]
fn removed_newcomers_are_not_kept_as_unmet() {
    let mut now = Instant::now();
    let mut people = room(3, 8);
    link(now, &mut people);
    for _ in 0..4 {
        propose_stranger(now, &mut people);
        now = wait(now, &mut people);
        let linked: Vec<_> = people.iter().map(|person| person.group().my_id()).collect();
        let members: Vec<_> = people[0].group().members().iter().map(|member| member.id).collect();
        let strangers: Vec<_> = members.into_iter().filter(|id| !linked.contains(id)).collect();
        assert_eq!(strangers.len(), 1, "a stranger came in");
        people[1].remove(now, strangers[0]);
        now = wait(now, &mut people);
    }
    assert!(people.iter().all(|person| person.unmet.is_empty()));
}

#[test]
fn what_bars_a_commit_does_not_bar_a_removal() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let gone = people[2].group().my_id();
    let stranger = MemberId([8; 16]);
    let proposal = |kind| Proposal { kind, asker: MemberId([9; 16]), since: now, look_again: now, until: None };
    people[0].proposals = vec![
        proposal(Kind::Readmit { id: stranger, package: vec![7; 9], welcomes: Default::default() }),
        proposal(Kind::Renew),
    ];
    people[0].remove(now, gone);
    wait(now, &mut people);
    assert!(people[..2].iter().all(|person| person.group().members().len() == 2));
    assert!(people[0].proposals.is_empty(), "one that can never be made is tried for ever");
}

#[test]
fn a_commit_is_followed_as_a_commit_alone() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let (from, epoch) = (people[2].group().my_id(), people[0].group().epoch());
    let commit = people[2].group.commit(&[]).unwrap().commit;
    people[0].handle(now, from, &encode(&Message::Sealed(Sealed(commit.clone()))));
    people[0].handle(now, from, &encode(&Message::Commit(Bundle { secret: commit.clone(), commit: Vec::new() })));
    assert_eq!(people[0].group().epoch(), epoch);
    people[0].handle(now, from, &encode(&Message::Commit(Bundle { secret: Vec::new(), commit })));
    assert_eq!(people[0].group().epoch(), epoch + 1);
}

#[test]
fn invented_removals_make_nobody_forget_true_ones() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let gone = people[1].group().my_id();
    people[0].remove(now, gone);
    let from = people[2].group().my_id();
    let invented = (0..2 * MAX_REMOVED as u128).map(|n| MemberId(n.to_be_bytes()));
    let out = Ids::of(invented);
    people[0].handle(now, from, &encode(&Message::Readmit(Readmit { out, key_package: Vec::new() })));
    assert!(people[0].is_out(gone));
}

#[test]
fn commits_parked_in_reverse_are_followed_without_recursion() {
    const LINKS: usize = 5;
    // With so little of a stack that no input may lead to another from within.
    let follow = || {
        let now = Instant::now();
        let mut people = room(LINKS + 1, LINKS + 1);
        link(now, &mut people);
        let ids: Vec<_> = people.iter().skip(1).map(|person| person.group().my_id()).collect();
        let before = people[0].group().epoch();
        let commits: Vec<_> = (0..LINKS * super::MAX_PARKED)
            .map(|_| {
                let commit = people[1].group.commit(&[]).unwrap().commit;
                encode(&Message::Commit(Bundle { secret: Vec::new(), commit }))
            })
            .collect();
        for (at, bytes) in commits.iter().enumerate().rev() {
            people[0].handle(now, ids[at % LINKS], bytes);
        }
        people[0].group().epoch() - before
    };
    let small = std::thread::Builder::new().stack_size(1024 * 1024).spawn(follow).unwrap();
    assert_eq!(small.join().unwrap(), (LINKS * super::MAX_PARKED) as u64);
}

#[test]
fn parked_messages_of_a_member_are_bounded_in_bytes() {
    let now = Instant::now();
    let mut people = room(2, 4);
    link(now, &mut people);
    let from = people[1].group().my_id();
    for _ in 0..super::MAX_PARKED {
        people[0].park(from, &vec![7; 400_000]);
    }
    let bytes: usize = people[0].parked.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!((400_000..=super::MAX_PARKED_BYTES).contains(&bytes), "{bytes}");
}

#[test]
fn message_that_no_key_opens_is_told_apart_from_others() {
    let now = Instant::now();
    let mut people = room(2, 4);
    link(now, &mut people);
    let from = people[1].group().my_id();
    let mut bytes = people[1].protect(b"hello").unwrap();
    assert!(people[0].handle(now, from, &bytes));
    assert!(!people[0].handle(now, from, b"garbage"));
    *bytes.last_mut().unwrap() ^= 1;
    assert!(!people[0].handle(now, from, &bytes));
}

/// How many commits are told within a minute to one who missed ten, and says a few times a second to stand where they
/// stood, or in the next epoch, or says so on a new link each time.
fn commits_told(moves: bool, relinks: bool) -> usize {
    let mut now = Instant::now();
    let mut people = room(2, 4);
    link(now, &mut people);
    let behind = people[1].group().my_id();
    let ahead = &mut people[0];
    let commit = encode(&Message::Commit(Bundle { secret: Vec::new(), commit: vec![7; 9] }));
    for _ in 0..10 {
        let change = ahead.group.commit(&[]).unwrap().change;
        ahead.remember(now, change.epoch - 1, commit.clone());
        ahead.enter_epoch(now, change, false);
    }
    let stands: Vec<_> = ahead.chain.iter().take(2).copied().collect();
    let mut told = 0;
    for step in 0..600 {
        now += Duration::from_millis(100);
        ahead.handle_timeout(now);
        if step % 6 == 0 {
            if relinks {
                ahead.unlinked(now, behind);
                ahead.linked(now, behind);
            }
            let at = stands[usize::from(moves && step % 12 == 0)].into();
            let stand = Stand { serial: 100 + step as u64, asks: false, at };
            ahead.handle(now, behind, &encode(&Message::Stand(stand)));
        }
        let actions = std::iter::from_fn(|| ahead.poll());
        told += actions.filter(|action| matches!(action, Action::Missed { bytes, .. } if *bytes == commit)).count();
    }
    told
}

#[test]
fn commits_are_told_less_and_less_often_to_one_far_behind() {
    let told = commits_told(false, false);
    assert!((50..=80).contains(&told), "{told}");
}

#[test]
fn going_back_and_forth_brings_no_more_commits() {
    let told = commits_told(true, false);
    assert!((50..=90).contains(&told), "{told}");
}

#[test]
fn new_links_bring_no_more_commits_to_one_far_behind() {
    let told = commits_told(false, true);
    assert!((50..=80).contains(&told), "{told}");
}

/// One of the others asks the first to be readmitted, standing where nobody can follow from. What that makes the first send.
fn ask_readmission(now: Instant, people: &mut [Agreement], key_package: Vec<u8>) -> usize {
    let from = people[1].group().my_id();
    let ask = Readmit { out: Ids::of(std::iter::empty()), key_package };
    people[0].handle(now, from, &encode(&Message::Readmit(ask)));
    std::iter::from_fn(|| people[0].poll()).filter(|action| matches!(action, Action::Send { .. })).count()
}

/// They stand in an epoch before that nobody knows.
fn fall_behind(now: Instant, people: &mut [Agreement]) {
    let from = people[1].group().my_id();
    let at = Standing { epoch: 0, by: MemberIndex(0), id: EpochId::from_bytes([9; 16]) }.into();
    people[0].handle(now, from, &encode(&Message::Stand(Stand { serial: 1000, asks: false, at })));
    while people[0].poll().is_some() {}
}

#[test]
fn readmission_is_told_to_others_once_when_it_is_asked_again() {
    let now = Instant::now();
    let mut people = room(6, 8);
    link(now, &mut people);
    fall_behind(now, &mut people);
    let packages: Vec<_> =
        (0..20).map(|_| people[1].group.rejoiner(&card("again")).unwrap().key_package().to_vec()).collect();
    let mut sent = 0;
    for package in packages.iter().chain(std::iter::repeat_n(&packages[0], 20)) {
        sent += ask_readmission(now, &mut people, package.clone());
    }
    assert_eq!(sent, 5, "the others hear of it once");
    assert_eq!(people[0].proposals.len(), 1);
    people[0].held_until = Some(now + Duration::from_secs(10));
    ask_readmission(now + super::RETRY, &mut people, packages[1].clone());
    let newest =
        |proposal: &Proposal| matches!(&proposal.kind, Kind::Readmit { package, .. } if *package == packages[1]);
    assert!(people[0].proposals.iter().all(newest), "another key package counts a moment later");
}

#[test]
fn member_who_asks_again_keeps_their_turn() {
    let now = Instant::now();
    let mut people = room(2, 8);
    link(now, &mut people);
    let id = people[1].group().my_id();
    for later in 0..3 {
        let package = people[1].group.rejoiner(&card("again")).unwrap().key_package().to_vec();
        people[0].propose_readmission(now + Duration::from_millis(5 * later), id, package);
    }
    assert_eq!(people[0].proposals.len(), 1);
    assert_eq!(people[0].proposals[0].since, now);
}

#[test]
fn welcome_that_nobody_asked_for_is_not_passed_on() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let (victim, liar) = (people[1].group().my_id(), people[2].group().my_id());
    let welcome = || Message::Welcome(super::message::Welcome { for_whom: victim.0, welcome: vec![7; 450_000] });
    for _ in 0..11 {
        assert!(!people[0].handle(now, liar, &encode(&welcome())));
    }
    assert!(people[0].poll().is_none());
    fall_behind(now, &mut people);
    let package = people[1].group.rejoiner(&card("again")).unwrap().key_package().to_vec();
    ask_readmission(now, &mut people, package);
    for _ in 0..11 {
        people[0].handle(now, liar, &encode(&welcome()));
    }
    assert!(people[0].poll().is_none(), "only the member who makes the commit has the Welcome");
}

#[test]
fn welcome_is_passed_on_when_the_commit_is_followed() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let ids: Vec<_> = people.iter().map(|person| person.group().my_id()).collect();
    people[0].unlinked(now, ids[2]);
    people[2].unlinked(now, ids[0]);
    let at = Standing { epoch: 0, by: MemberIndex(0), id: EpochId::from_bytes([9; 16]) }.into();
    people[1].handle(now, ids[2], &encode(&Message::Stand(Stand { serial: 1000, asks: false, at })));
    people[2].ask_readmission(now, ids[1]);
    wait(now, &mut people);
    let standing = people[0].group().standing();
    assert!(standing.epoch > 1);
    assert!(people.iter().all(|person| person.group().standing() == standing));
}

#[test]
fn absent_member_is_not_dropped_when_another_proposes_it() {
    let now = Instant::now();
    let mut people = room(4, 4);
    link(now, &mut people);
    let absent = people[1].group().my_id();
    for at in [0, 2, 3] {
        let id = people[at].group().my_id();
        people[1].unlinked(now, id);
        people[at].unlinked(now, absent);
    }
    let bytes = people[3].protect_inner(&Inner::Propose(Proposed::Drop(absent.0))).unwrap();
    let from = people[3].group().my_id();
    for person in &mut people[..3] {
        person.handle(now, from, &bytes);
    }
    wait(now, &mut people);
    assert!(people[0].is_member(absent));
}

#[test]
fn commits_that_prove_a_removal_end_at_the_first_misfit() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let ids: Vec<_> = people.iter().map(|person| person.group().my_id()).collect();
    people.iter_mut().for_each(|person| ids.iter().for_each(|id| person.unlinked(now, *id)));
    // One of an epoch before leads nowhere, and is passed over.
    let old = people[0].group.commit(&[]).unwrap().commit;
    people[1].group.process(&old).unwrap();
    people[2].group.process(&old).unwrap();
    let epoch = people[1].group().epoch();
    let true_one = people[0].group.commit(&[]).unwrap().commit;
    let mut false_one = people[2].group.commit(&[]).unwrap().commit;
    *false_one.last_mut().unwrap() ^= 1;
    let [old, true_one, false_one] =
        [old, true_one, false_one].map(|commit| encode(&Message::Commit(Bundle { secret: Vec::new(), commit })));
    people[1].refused(now, ids[2], &[old.clone(), false_one, true_one.clone()]);
    assert_eq!(people[1].group().epoch(), epoch);
    people[1].refused(now, ids[2], &[old, true_one]);
    assert_eq!(people[1].group().epoch(), epoch + 1);
}

#[test]
fn rejected_messages_are_told_apart_from_others() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let (from, me) = (people[1].group().my_id(), people[0].group().my_id());
    let commit = people[1].group.commit(&[]).unwrap().commit;
    let mut forged = commit.clone();
    *forged.last_mut().unwrap() ^= 1;
    let bundle = |secret: &[u8], commit: &[u8]| {
        encode(&Message::Commit(Bundle { secret: secret.to_vec(), commit: commit.to_vec() }))
    };
    let none = || Ids::of(std::iter::empty());
    let readmitted = Message::Readmitted(super::message::Readmitted { out: none(), welcome: vec![7; 99] });
    let readmit = || Message::Readmit(Readmit { out: none(), key_package: vec![7; 99] });
    let welcome = Message::Welcome(super::message::Welcome { for_whom: me.0, welcome: vec![7; 99] });
    for bytes in [bundle(&[], &forged), bundle(&forged, &commit), encode(&readmitted), encode(&welcome)] {
        assert!(!people[0].handle(now, from, &bytes));
    }
    fall_behind(now, &mut people);
    assert!(!people[0].handle(now, from, &encode(&readmit())));
    assert!(people[0].handle(now, from, &bundle(&[], &commit)));
    assert!(people[0].handle(now, from, &bundle(&[], &commit)), "one who is told it twice is told by no liar");
    people[0].handle_timeout(now + super::OVERLAP);
    assert!(people[0].handle(now, from, &bundle(&[], &commit)));
    assert!(people[0].handle(now, from, &bundle(&[], &forged)), "of an epoch gone by no key is tried");
}

#[test]
fn parked_garbage_is_tried_a_few_times_when_its_epoch_comes() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let (from, honest) = (people[2].group().my_id(), people[1].group().my_id());
    let commit = people[1].group.commit(&[]).unwrap().commit;
    people[2].group.process(&commit).unwrap();
    let mut garbage = people[2].protect(b"of the epoch to come").unwrap();
    let last = people[2].protect(b"last").unwrap();
    *garbage.last_mut().unwrap() ^= 1;
    for _ in 0..super::MAX_FAILED_REPLAYS {
        people[0].handle(now, from, &garbage);
    }
    people[0].handle(now, from, &last);
    let said = people[1].protect(b"honest").unwrap();
    people[0].handle(now, honest, &said);
    people[0].handle(now, honest, &encode(&Message::Commit(Bundle { secret: Vec::new(), commit })));
    let messages = std::iter::from_fn(|| people[0].poll()).filter_map(|action| match action {
        Action::Message { from, .. } => Some(from),
        _ => None,
    });
    assert_eq!(messages.collect::<Vec<_>>(), [honest]);
}

#[test]
fn bad_key_packages_use_up_no_key_of_the_sequencer() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let (from, before) = (people[2].group().my_id(), people[0].group().generations_used());
    for _ in 0..MAX_PROPOSALS_EACH {
        let mut package = Joiner::new(card("stranger"), SUITE).unwrap().key_package().to_vec();
        // The signature is at the end.
        *package.last_mut().unwrap() ^= 1;
        let admit = Admit { secret: *InvitationSecret::generate().as_bytes(), package: Package(package) };
        let bytes = people[2].protect_inner(&Inner::Propose(Proposed::Admit(admit))).unwrap();
        people[0].handle(now, from, &bytes);
    }
    assert_eq!(people[0].proposals.len(), MAX_PROPOSALS_EACH);
    wait(now, &mut people);
    assert!(people[0].proposals.is_empty());
    assert_eq!(people[0].group().generations_used(), before);
}

#[test]
fn keys_are_renewed_when_many_messages_were_sealed() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let epoch = people[1].group().epoch();
    for _ in 0..=super::WORN {
        people[1].protect(b"for one alone").unwrap();
    }
    wait(now + super::RENEWAL, &mut people);
    assert_eq!(people[1].group().epoch(), epoch + 1);
    assert_eq!(people[0].group().epoch(), epoch + 1);
}

/// Whether the others take it for a goodbye that the last said the second had said.
fn goodbye_counts(goodbye: impl Fn(&Agreement) -> Vec<u8>) -> bool {
    let now = Instant::now();
    let mut people = room(4, 4);
    link(now, &mut people);
    let (gone, from) = (people[1].group().my_id(), people[3].group().my_id());
    let signature = goodbye(&people[1]);
    let part = Proposed::Part(super::message::Goodbye { member: gone.0, signature });
    let bytes = people[3].protect_inner(&Inner::Propose(part)).unwrap();
    people[0].handle(now, from, &bytes);
    let outs: Vec<_> = std::iter::from_fn(|| people[0].poll())
        .filter_map(|action| match action {
            Action::Out { member, parted } if member == gone => Some(parted),
            _ => None,
        })
        .collect();
    assert_eq!(outs.len(), 1, "they are out all the same");
    outs[0]
}

#[test]
fn goodbye_counts_as_a_removal_unless_its_member_signed_it() {
    assert!(goodbye_counts(|gone| gone.group().sign_goodbye().unwrap()));
    assert!(!goodbye_counts(|_| vec![7; 64]));
    assert!(!goodbye_counts(|gone| gone.group().sign("hello", &gone.group().my_id().0).unwrap()));
}

#[test]
fn removal_of_one_who_is_gone_is_told_to_nobody() {
    let now = Instant::now();
    let mut people = room(3, 4);
    link(now, &mut people);
    let gone = people[1].group().my_id();
    let signature = people[1].group().sign_goodbye().unwrap();
    // Another heard the goodbye as well, and says so before they know of the commit.
    let part = Proposed::Part(super::message::Goodbye { member: gone.0, signature: signature.clone() });
    let late = people[2].protect_inner(&Inner::Propose(part)).unwrap();
    assert!(people[0].part(now, gone, signature));
    wait(now, &mut people);
    assert!(!people[0].is_member(gone));
    let from = people[2].group().my_id();
    people[0].handle(now, from, &late);
    assert!(people[0].parted.contains_key(&gone));
    let bytes = people[2].protect_inner(&Inner::Propose(Proposed::Remove(gone.0))).unwrap();
    people[0].handle(now, from, &bytes);
    assert!(!std::iter::from_fn(|| people[0].poll()).any(|action| matches!(action, Action::Out { .. })));
}
