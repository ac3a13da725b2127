use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use group_crypto::{Action, Agreement, Card, Change, Group, History, InvitationSecret, Joiner, MemberId, Suite};

use super::genuine::{Made, card, changed, group_of};

/// The most members of the room.
const LIMIT: usize = 4;
/// Nobody has something to do so often while they wait for nothing but a peer.
const MAX_DEADLINES: usize = 100;

/// Bob's agreement as his disk has it, and what Alice says to him.
struct Disk {
    bob: Vec<u8>,
    card: Card,
    history: History,
    alice: MemberId,
    messages: Vec<Vec<u8>>,
}

static DISK: LazyLock<Disk> = LazyLock::new(|| disk().expect("a room can be made"));

fn disk() -> Made<Disk> {
    let secret = InvitationSecret::from_bytes([1; 32]);
    let mut alice = Group::create(card("Alice")?, Suite::Classical)?;
    let joiner = Joiner::new(card("Bob")?, Suite::Classical)?;
    let admitted = alice.commit(&[Change::Admit { key_package: joiner.key_package(), secret: &secret }])?;
    let bob = joiner.join(&admitted.welcome.ok_or("no welcome")?, &secret)?;
    let (mut now, (alice_id, bob_id)) = (Instant::now(), (alice.my_id(), bob.my_id()));
    let mut alice = Agreement::new(alice, card("Alice")?, LIMIT);
    let mut bob = Agreement::new(bob, card("Bob")?, LIMIT);
    bob.linked(now, alice_id);
    alice.linked(now, bob_id);
    // Bob has a commit to tell, and is told another that he does not have yet.
    bob.renew(now);
    let mut messages = vec![Vec::new(); 1];
    for of_alice in 0..4 {
        now += Duration::from_millis(100);
        alice.handle_timeout(now);
        for bytes in sent(&mut alice) {
            if of_alice < 2 {
                bob.handle(now, alice_id, &bytes);
            }
            messages.push(bytes);
        }
        for bytes in sent(&mut bob) {
            alice.handle(now, bob_id, &bytes);
        }
        if of_alice == 1 {
            alice.renew(now);
        }
    }
    messages.push(alice.protect(b"hello")?);
    bob.save_all();
    let bob_saved = bob.save()?.to_vec();
    let history = bob.take_history().ok_or("Bob has followed no commit")?;
    Ok(Disk { bob: bob_saved, card: card("Bob")?, history, alice: alice_id, messages })
}

fn sent(agreement: &mut Agreement) -> Vec<Vec<u8>> {
    let actions = std::iter::from_fn(|| agreement.poll());
    let bytes = |action| match action {
        Action::Send { bytes, .. } | Action::Missed { bytes, .. } => Some(bytes),
        _ => None,
    };
    actions.filter_map(bytes).collect()
}

/// The first byte says what is changed: the agreement, but for its group, which the target `saved_group` changes, or the
/// commits that are kept. An import can hold either. What is restored may be of no use, but using it must do no harm.
pub fn run(input: &[u8]) {
    let Some((&which, input)) = input.split_first() else { return };
    let (mut saved, mut history) = (DISK.bob.clone(), DISK.history.clone());
    if which % 2 == 0 {
        saved = with_group(changed(&saved, input));
    } else if let Some((epoch, rest)) = input.split_first_chunk()
        && let Some((_, commit)) = history.first()
    {
        history.push((u64::from_be_bytes(*epoch), changed(commit, rest)));
    }
    let Ok(bob) = Agreement::restore(&saved, history, DISK.card.clone(), LIMIT) else { return };
    let group = bob.group();
    assert!(group.member(group.me()).is_some_and(|member| member.id == group.my_id()), "a group without its member");
    live(bob);
}

/// With Bob's group where it is as long. A group that was changed is refused for its hash.
fn with_group(mut saved: Vec<u8>) -> Vec<u8> {
    let mut whole = DISK.bob.clone();
    if let (Some(group), Some(whole)) = (group_of(&mut saved), group_of(&mut whole))
        && group.len() == whole.len()
    {
        group.copy_from_slice(whole);
    }
    saved
}

fn live(mut bob: Agreement) {
    let mut now = Instant::now();
    bob.handle_timeout(now);
    bob.linked(now, DISK.alice);
    for message in &DISK.messages {
        bob.handle(now, DISK.alice, message);
    }
    let _ = (bob.protect(b"text"), bob.is_sequencer(), bob.key_state(DISK.alice), bob.save());
    bob.renew(now);
    bob.remove(now, DISK.alice);
    for _ in 0..MAX_DEADLINES {
        let Some(due) = bob.deadline() else { break };
        now = now.max(due);
        bob.handle_timeout(now);
        assert!(bob.deadline().is_none_or(|next| next > now), "what was due is due again at once");
    }
    if let Some(Ok(saved)) = bob.take_save() {
        let history = bob.take_history().unwrap_or_default();
        assert!(Agreement::restore(&saved, history, DISK.card.clone(), LIMIT).is_ok(), "what it writes is not read");
    }
}
