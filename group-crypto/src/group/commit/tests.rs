//! A goodbye in a commit.

use super::*;
use crate::{Card, Joiner, Received, Suite};

fn card() -> Card {
    Card::new("member", [0; 32], [0; 32], Vec::new()).unwrap()
}

#[test]
fn goodbye_in_a_commit_counts_when_its_member_signed_it() {
    let secret = InvitationSecret::generate();
    let mut liar = Group::create(card(), Suite::Classical).unwrap();
    let joiners = [(); 3].map(|()| Joiner::new(card(), Suite::Classical).unwrap());
    let admit = |joiner| Change::Admit { key_package: Joiner::key_package(joiner), secret: &secret };
    let welcome = liar.commit(&joiners.each_ref().map(admit)).unwrap().welcome.unwrap();
    let [mut reader, one, other] = joiners.map(|joiner| joiner.join(&welcome, &secret).unwrap());
    let goodbyes = [one.sign_goodbye().unwrap(), one.sign_goodbye().unwrap()];
    let gone = [one.me(), other.me()];
    // What an honest program checks before it commits, a liar does not.
    let plan = Plan { removed: gone.into(), parted: gone.into_iter().zip(goodbyes).collect(), ..Plan::default() };
    let ((), committed) = liar.build(&plan, |_| Ok(())).unwrap();
    let Ok(Received::Epoch(change)) = reader.process(&committed.commit) else { panic!("it is valid") };
    assert_eq!(change.removed.len(), 2);
    assert!(change.parted.keys().eq([&one.my_id()]), "a goodbye of another counts for none");
}
