//! The roster, without links and a network.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use group_crypto::{Agreement, Group, InvitationSecret, Joiner, MemberId, PassedOn, Suite};

use super::{Around, Output, Roster};
use crate::{
    api::{LeftBecause, OverBecause, ReadOnly, RoomEvent, RoomKind, Trouble},
    room::{
        company::{Directory, Linkage, Linked},
        keep::Keep,
        link::LinkId,
        own::{Own, testing::own},
        size::most_members,
        view::{
            SOUGHT,
            testing::{UNIX_MS, id},
        },
        wire::{self, Abilities, LinkMessage, Refusal, RoomMessage, Streams},
    },
};

const SECOND: Duration = Duration::from_secs(1);
const LINK: LinkId = LinkId::Own(1);

/// Since when there is no link with whom; with all others there is one.
#[derive(Default)]
struct Wires(BTreeMap<MemberId, Instant>);

static ABILITIES: std::sync::LazyLock<Abilities> = std::sync::LazyLock::new(Abilities::ours);

impl Linkage for Wires {
    fn linked(&self, member: MemberId) -> Option<Linked<'_>> {
        let since = self.0.get(&member).copied();
        Some(Linked {
            has_link: since.is_none(),
            has_own_link: since.is_none(),
            linkless_since: since,
            endpoint: &[0; 32],
            fingerprint: [0; 32],
            abilities: &ABILITIES,
        })
    }
}

/// One member's roster.
struct Side {
    now: Instant,
    kind: RoomKind,
    own: Own,
    roster: Roster,
    wires: Wires,
    has_met: bool,
}

impl Side {
    fn new(own: Own, group: Group, kind: RoomKind) -> Self {
        let agreement = Agreement::new(group, own.card(), most_members(kind));
        let roster = Roster::new(agreement, false);
        Self { now: Instant::now(), kind, own, roster, wires: Wires::default(), has_met: false }
    }

    fn founder(kind: RoomKind) -> Self {
        let own = own(1);
        let group = Group::create(own.card(), Suite::Classical).unwrap();
        Self::new(own, group, kind)
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut Roster, Around<'_>) -> T) -> T {
        let has_met = self.has_met;
        let around =
            Around { now: self.now, kind: self.kind, own: &self.own, links: &self.wires, has_met: &|_| has_met };
        act(&mut self.roster, around)
    }

    fn poll(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.act(Roster::poll)).collect()
    }

    fn timeout(&mut self) -> Vec<Output> {
        self.act(|roster, around| roster.on_timeout(around));
        self.poll()
    }

    /// Lets in the bearer of an invitation. Gives their side, and what came of it here.
    fn admit(&mut self, number: u8) -> (Side, Vec<Output>) {
        let (own, secret) = (own(number), InvitationSecret::generate());
        let joiner = Joiner::new(own.card(), Suite::Classical).unwrap();
        let package = joiner.key_package().to_vec();
        let bearer = secret.clone();
        self.act(|roster, around| roster.admit(around, LINK, Some([number; 32]), package, bearer));
        let mut outputs = self.poll();
        while !outputs.iter().any(|output| matches!(output, Output::Admitted { .. })) {
            self.now += Duration::from_millis(100);
            outputs.extend(self.timeout());
        }
        let welcome = outputs.iter().find_map(|output| match output {
            Output::Admitted { welcome: Ok(welcome), .. } => Some(welcome.clone()),
            _ => None,
        });
        let group = joiner.join(&welcome.expect("they are welcome"), &secret).unwrap();
        let mut side = Side::new(own, group, self.kind);
        side.now = self.now;
        for member in side.roster.group().members().to_vec() {
            side.act(|roster, around| roster.add(around, member));
        }
        // What a link that comes up leads to is not said: both stand at one epoch.
        let (now, member) = (self.now, side.roster.me());
        self.roster.on_linked(now, member);
        side.roster.on_linked(now, self.roster.me());
        (side, outputs)
    }

    /// Takes in what another sealed.
    fn hear(&mut self, from: MemberId, sealed: &[u8]) -> (bool, Vec<Output>) {
        let Some(LinkMessage::Group(bytes)) = wire::decode(sealed) else { panic!("it is for the group") };
        let now = self.now;
        let is_readable = self.roster.on_message(now, from, &bytes);
        (is_readable, self.poll())
    }
}

/// Two who are in one room, and what came of the second at the first.
fn two(kind: RoomKind) -> (Side, Side, Vec<Output>) {
    let mut one = Side::founder(kind);
    let (other, outputs) = one.admit(2);
    (one, other, outputs)
}

fn left(outputs: &[Output]) -> Vec<LeftBecause> {
    let why = |output: &Output| match output {
        Output::Event(RoomEvent::Left { why, .. }) => Some(*why),
        _ => None,
    };
    outputs.iter().filter_map(why).collect()
}

fn troubles(outputs: &[Output]) -> Vec<Trouble> {
    let trouble = |output: &Output| if let Output::Trouble(trouble) = output { Some(*trouble) } else { None };
    outputs.iter().filter_map(trouble).collect()
}

#[test]
fn founder_is_alone_until_somebody_is_let_in() {
    let mut one = Side::founder(RoomKind::Kept);
    assert!(one.roster.is_alone() && one.roster.may_begin_anew());
    one.admit(2);
    assert!(!one.roster.is_alone() && !one.roster.may_begin_anew());
}

#[test]
fn newcomer_gets_a_welcome_and_is_a_member() {
    let (one, other, outputs) = two(RoomKind::Kept);
    let newcomer = other.roster.me();
    assert!(one.roster.is_member(newcomer));
    assert_eq!(one.roster.name_of(newcomer), Some("Member 2"));
    let joined =
        outputs.iter().filter(|output| matches!(output, Output::Joined { member, .. } if member.id == newcomer));
    assert_eq!(joined.count(), 1);
}

#[test]
fn epoch_is_told_before_those_who_come_with_it() {
    let (_, _, outputs) = two(RoomKind::Kept);
    let place = |wanted: fn(&Output) -> bool| outputs.iter().position(wanted).expect("it is told");
    let epoch = place(|output| matches!(output, Output::Epoch { .. }));
    let joined = place(|output| matches!(output, Output::Joined { .. }));
    let entered = place(|output| matches!(output, Output::EpochEntered));
    assert!(epoch < joined && joined < entered);
}

#[test]
fn two_contacts_export_the_same_secret_to_meet_by() {
    let pair = |outputs: &[Output]| {
        outputs.iter().find_map(|output| match output {
            Output::Joined { pair, first_pair, .. } => Some((*pair, *first_pair)),
            _ => None,
        })
    };
    let (_, mut other, outputs) = two(RoomKind::Contact);
    let (ours, theirs) = (pair(&outputs).unwrap(), pair(&other.poll()).unwrap());
    assert!(ours.0.is_some() && ours == theirs);
    let (_, _, outputs) = two(RoomKind::Kept);
    let (lasting, first) = pair(&outputs).unwrap();
    assert!(lasting.is_none() && first.is_some(), "in a room of many the invitation gives it");
}

#[test]
fn broken_key_package_is_refused() {
    let mut one = Side::founder(RoomKind::Kept);
    let secret = InvitationSecret::generate();
    one.act(|roster, around| roster.admit(around, LINK, None, b"no package".to_vec(), secret));
    let refused = |output: &Output| matches!(output, Output::Admitted { welcome: Err(Refusal::Invalid), .. });
    assert!(one.poll().iter().any(refused));
    assert!(!one.roster.is_busy());
}

#[test]
fn stranger_that_goes_is_asked_for_no_longer() {
    let (mut one, _, _) = two(RoomKind::Kept);
    let secret = InvitationSecret::generate();
    let package = Joiner::new(own(3).card(), Suite::Classical).unwrap().key_package().to_vec();
    one.act(|roster, around| roster.admit(around, LINK, None, package, secret));
    assert!(one.roster.is_asked(LINK));
    one.roster.on_stranger_gone(LINK);
    assert!(!one.roster.is_asked(LINK));
}

#[test]
fn sealed_message_is_said_by_its_author() {
    let (mut one, mut other, _) = two(RoomKind::Kept);
    let (author, told) = (one.roster.me(), other.roster.told());
    let sealed = one.roster.seal(&RoomMessage::Decline).unwrap();
    let (is_readable, outputs) = other.hear(author, &sealed);
    assert!(is_readable);
    assert!(outputs.iter().any(|output| matches!(output, Output::Said { from, .. } if *from == author)));
    assert_eq!(other.roster.told(), told + 1);
    let (is_readable, outputs) = other.hear(author, &sealed);
    let is_again = outputs.iter().any(|output| matches!(output, Output::Said { .. }));
    assert!(!is_readable && !is_again, "it is taken in once");
}

#[test]
fn garbage_is_not_readable() {
    let (mut one, other, _) = two(RoomKind::Kept);
    let now = one.now;
    assert!(!one.roster.on_message(now, other.roster.me(), &[0xee; 100]));
}

#[test]
fn unsealed_words_are_not_taken_from_one_who_passes_them_on() {
    let (mut one, mut other, _) = two(RoomKind::Kept);
    let by = other.roster.me();
    let sealed = other.roster.seal(&RoomMessage::Decline).unwrap();
    let Some(LinkMessage::Group(bytes)) = wire::decode(&sealed) else { panic!("it is for the group") };
    let now = one.now;
    assert_eq!(one.roster.on_passed_on(now, by, &[0; 40]), PassedOn::Unreadable);
    assert_eq!(one.roster.on_passed_on(now, by, &bytes), PassedOn::By(by), "a sealed word is its author's");
}

#[test]
fn goodbye_counts_only_with_the_members_signature() {
    let (mut one, other, _) = two(RoomKind::Kept);
    let member = other.roster.me();
    assert!(!one.act(|roster, around| roster.on_goodbye(around, member, b"bye".to_vec())));
    assert!(left(&one.poll()).is_empty());
    let goodbye = other.roster.farewell();
    assert!(one.act(|roster, around| roster.on_goodbye(around, member, goodbye.clone())));
    let outputs = one.poll();
    assert!(outputs.iter().any(|output| matches!(output, Output::Parted(parted) if *parted == member)));
    assert_eq!(left(&outputs).first(), Some(&LeftBecause::Goodbye));
    one.act(|roster, around| roster.on_goodbye(around, member, goodbye));
    assert!(left(&one.poll()).is_empty(), "it is said once");
}

#[test]
fn goodbye_of_a_contact_closes_the_room() {
    let (mut one, other, _) = two(RoomKind::Contact);
    let (member, goodbye) = (other.roster.me(), other.roster.farewell());
    one.act(|roster, around| roster.on_goodbye(around, member, goodbye));
    let closing = |output: &Output| matches!(output, Output::Closing(ReadOnly::ContactEnded));
    assert!(one.poll().iter().any(closing));
}

#[test]
fn only_members_of_a_room_of_many_can_be_removed() {
    let (mut one, other, _) = two(RoomKind::Contact);
    let member = other.roster.me();
    one.act(|roster, around| roster.remove(around, member));
    assert_eq!(troubles(&one.poll()), [Trouble::NoSuchMember], "a contact is ended, not removed");
    let (mut one, _, _) = two(RoomKind::Kept);
    one.act(|roster, around| roster.remove(around, id(9)));
    assert_eq!(troubles(&one.poll()), [Trouble::NoSuchMember]);
}

#[test]
fn removed_member_hears_nothing_more_and_leaves() {
    let (mut one, other, _) = two(RoomKind::Kept);
    let member = other.roster.me();
    one.act(|roster, around| roster.remove(around, member));
    let mut outputs = one.poll();
    for _ in 0..50 {
        one.now += Duration::from_millis(100);
        outputs.extend(one.timeout());
    }
    assert!(outputs.iter().any(|output| matches!(output, Output::Out(out) if *out == member)));
    assert!(outputs.iter().any(|output| matches!(output, Output::Left { member: gone, .. } if *gone == member)));
    assert_eq!(left(&outputs), [LeftBecause::Removed]);
    assert!(outputs.iter().any(|output| matches!(output, Output::Unwanted)), "they may hold invitations");
    assert!(one.roster.audience().is_empty() && one.roster.is_out(member));
}

#[test]
fn kept_room_that_is_closed_can_be_read_on() {
    let mut one = Side::founder(RoomKind::Kept);
    one.act(|roster, around| roster.close(around, ReadOnly::Removed));
    let outputs = one.poll();
    assert!(outputs.iter().any(|output| matches!(output, Output::Keep(Keep::ReadOnly(ReadOnly::Removed)))));
    assert!(one.roster.is_closed() && one.roster.is_read_only());
    one.act(|roster, around| roster.remove(around, id(9)));
    assert_eq!(troubles(&one.poll()), [Trouble::ReadOnly]);
}

#[test]
fn ephemeral_room_that_is_closed_is_over() {
    let mut one = Side::founder(RoomKind::Ephemeral);
    one.act(|roster, around| roster.close(around, ReadOnly::Removed));
    assert!(matches!(one.poll()[..], [Output::Over(OverBecause::Removed)]));
}

#[test]
fn word_of_all_others_ends_only_an_ephemeral_room() {
    for (kind, ends) in [(RoomKind::Ephemeral, true), (RoomKind::Kept, false)] {
        let mut one = Side::founder(kind);
        let now = one.now;
        one.roster.on_called_out(now, true);
        one.poll();
        assert!(one.roster.is_read_only() && !one.roster.is_closed());
        one.now += 11 * SECOND;
        assert_eq!(one.timeout().iter().any(|output| matches!(output, Output::Over(_))), ends);
    }
}

#[test]
fn room_is_open_again_when_a_word_is_taken_back() {
    let mut one = Side::founder(RoomKind::Kept);
    let now = one.now;
    one.roster.on_called_out(now, true);
    one.roster.on_called_out(now, false);
    assert!(!one.roster.is_read_only());
}

#[test]
fn room_begins_anew_only_when_nobody_ever_was_in_it() {
    let mut one = Side::founder(RoomKind::Kept);
    let before = one.roster.group().epoch_authenticator();
    assert!(one.act(|roster, around| roster.begin_anew(around)));
    assert_ne!(one.roster.group().epoch_authenticator(), before, "it is another group");
    assert!(one.poll().iter().any(|output| matches!(output, Output::Event(RoomEvent::Suite { .. }))));
    one.admit(2);
    assert!(!one.act(|roster, around| roster.begin_anew(around)));
}

#[test]
fn renaming_takes_room_and_no_bad_name() {
    let (one, other, _) = two(RoomKind::Kept);
    let member = other.roster.me();
    assert_eq!(one.roster.length_of_renaming(member, "Bea"), Some("Member 2".len() + 3));
    for name in ["Member 2", "", "two\nlines"] {
        assert_eq!(one.roster.length_of_renaming(member, name), None, "{name:?}");
    }
    assert_eq!(one.roster.length_of_renaming(id(9), "Bea"), None);
}

#[test]
fn new_name_stands_in_the_history() {
    let (mut one, other, _) = two(RoomKind::Kept);
    let member = other.roster.me();
    one.roster.on_name(member, "Bea".to_owned(), UNIX_MS);
    let outputs = one.poll();
    let kept = |output: &Output| matches!(output, Output::Keep(Keep::Renamed { from, to, .. }) if from == "Member 2" && to == "Bea");
    assert!(outputs.iter().any(kept));
    assert_eq!(one.roster.name_of(member), Some("Bea"));
}

#[test]
fn older_part_in_the_call_does_not_replace_a_newer_one() {
    let (mut one, other, _) = two(RoomKind::Kept);
    let member = other.roster.me();
    let streams = |number| Streams { number, in_call: true, ..Streams::default() };
    one.roster.set_streams(member, streams(5));
    assert_eq!(one.roster.newer_streams(member, streams(4), false), streams(5));
    assert_eq!(one.roster.newer_streams(member, streams(6), false), streams(6));
    assert_eq!(one.roster.newer_streams(member, streams(1), true), streams(1), "in a new run they count anew");
}

#[test]
fn dropped_member_is_given_up_unless_they_were_ever_here() {
    for (kind, has_met, given_up) in
        [(RoomKind::Kept, false, true), (RoomKind::Kept, true, false), (RoomKind::Ephemeral, true, true)]
    {
        let mut one = Side::founder(kind);
        one.has_met = has_met;
        one.roster.add_lost(id(9), "Dora".to_owned());
        one.wires.0.insert(id(9), one.now);
        one.now += SOUGHT - SECOND;
        assert!(!one.timeout().iter().any(|output| matches!(output, Output::GivenUp(_))));
        one.now += SECOND;
        let is_over = one.timeout().iter().any(|output| matches!(output, Output::GivenUp(_)));
        assert_eq!((is_over, one.roster.is_member(id(9))), (given_up, !given_up), "{kind:?}, met: {has_met}");
    }
}

#[test]
fn lost_member_is_dropped_only_from_an_ephemeral_room() {
    for (kind, drops) in [(RoomKind::Ephemeral, true), (RoomKind::Kept, false)] {
        let (mut one, lost, _) = two(kind);
        one.admit(3);
        let (now, gone) = (one.now, lost.roster.me());
        one.wires.0.insert(gone, now);
        one.roster.on_unlinked(now, gone);
        let mut outputs = Vec::new();
        for _ in 0..60 {
            one.now += SECOND;
            outputs.extend(one.timeout());
        }
        let is_dropped = outputs.iter().any(|o| matches!(o, Output::Dropped(member) if *member == gone));
        assert_eq!(is_dropped, drops, "{kind:?}");
        assert!(one.roster.is_member(gone), "they may come back");
    }
}

#[test]
fn nobody_is_lost_to_one_who_reaches_nobody() {
    let (mut one, other, _) = two(RoomKind::Ephemeral);
    one.wires.0.insert(other.roster.me(), one.now);
    for _ in 0..60 {
        one.now += SECOND;
        assert!(!one.timeout().iter().any(|output| matches!(output, Output::Dropped(_))));
    }
}
