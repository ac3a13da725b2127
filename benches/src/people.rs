//! Groups of any size, made as rooms make them: each newcomer by invitation and commit.

use group_crypto::{Card, Change, Group, InvitationSecret, Joiner, MemberIndex, Suite};

/// Somebody, told apart from the others by a number.
pub fn card(number: u8) -> Card {
    let address = format!("127.0.0.1:{}", 4000 + u16::from(number));
    let addresses = vec![address.parse().expect("an address")];
    Card::new(format!("Person {number}"), [number; 32], [number; 32], addresses).expect("a card within all limits")
}

/// A group seen by its founder and by its second member.
pub struct Company {
    pub founder: Group,
    pub second: Group,
}

/// A group of `size`, at least two.
pub fn company(size: u8, suite: Suite) -> Company {
    let mut founder = Group::create(card(0), suite).expect("a group of one");
    let (mut second, _) = admit(&mut founder, 1, suite);
    for number in 2..size {
        let secret = InvitationSecret::generate();
        second.learn_invitation(&secret);
        let (_, commit) = admit_with(&mut founder, number, suite, &secret);
        second.process(&commit).expect("the founder's commit");
    }
    Company { founder, second }
}

/// Brings one more person in; returns their view of the group, and the commit that the others need.
pub fn admit(founder: &mut Group, number: u8, suite: Suite) -> (Group, Vec<u8>) {
    admit_with(founder, number, suite, &InvitationSecret::generate())
}

/// Somebody at the door, and the secret that they and the group have.
pub fn guest(number: u8, suite: Suite) -> (Joiner, InvitationSecret) {
    (Joiner::new(card(number), suite).expect("a key package"), InvitationSecret::generate())
}

fn admit_with(founder: &mut Group, number: u8, suite: Suite, secret: &InvitationSecret) -> (Group, Vec<u8>) {
    let joiner = Joiner::new(card(number), suite).expect("a key package");
    founder.learn_invitation(secret);
    let change = Change::Admit { key_package: joiner.key_package(), secret };
    let committed = founder.commit(&[change]).expect("an admission");
    let welcome = committed.welcome.expect("a Welcome for who is admitted");
    let joined = joiner.join(&welcome, secret).expect("the founder's Welcome");
    (joined, committed.commit)
}

/// Sends the last member of a group of `size` away again.
pub fn remove_last(founder: &mut Group, size: u8) {
    let last = MemberIndex(u32::from(size) - 1);
    founder.commit(&[Change::Remove(last)]).expect("a removal");
}
