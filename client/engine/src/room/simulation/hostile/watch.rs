//! What honest members are owed, whatever one of them does.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{HONEST, MALLORY, World, say};
use crate::room::{
    Output, Phase,
    view::{MemberView, Source},
    wire::{self, LinkMessage, Said, Streams},
};

/// Outputs of one member but for media: for one message of Mallory's, whenever it is read, and for each act of the script.
const OUTPUTS_FOR_ONE: usize = 48;
const OUTPUTS_FOR_ACT: usize = 400;
/// Bytes that a member says for what Mallory does in a moment.
const BYTES: usize = 4 << 20;
/// Dials to endpoints of nobody: so many, and as many more every so often.
const STRAY_DIALS: usize = 16;
const STRAY_DIAL: Duration = Duration::from_secs(5);
/// Lines and calls that are kept: one for each message of Mallory's at most, and these for what the script has others do.
const ROWS: usize = 96;
/// Somebody who says not to be in the call has no media after this.
const MEDIA_ENDS: Duration = Duration::from_secs(2);

pub(super) struct Watch {
    /// Mallory does not say to be in the call.
    pub hides: bool,
    /// Mallory says to have no line that arrives.
    pub confirms_nothing: bool,
    /// Mallory says that others were removed, where a Hello is due.
    pub turns_away: bool,
    /// So many of the next messages of Mallory's are damaged.
    pub damages: u32,
    /// Where somebody is or was.
    pub endpoints: BTreeSet<[u8; 32]>,
    acts: usize,
    outputs: [usize; 3],
    bytes: [usize; 3],
    wrong: usize,
    hidden_since: Option<Instant>,
    hidden_for: Duration,
    random: u64,
    ids: [group_crypto::MemberId; 3],
    rows: [usize; 2],
}

impl Watch {
    pub fn new(world: &World) -> Self {
        let mut endpoints: BTreeSet<_> = world.beings.iter().map(|being| being.at.endpoint).collect();
        // Where they were in the run before.
        for being in &world.beings {
            if let Phase::Inside(inside) = &being.room.phase {
                endpoints.extend(inside.links.everyone(&inside.roster).members().map(|member| *member.endpoint));
            }
        }
        Self {
            hides: false,
            confirms_nothing: false,
            turns_away: false,
            damages: 0,
            endpoints,
            acts: 0,
            outputs: [0; 3],
            bytes: [0; 3],
            wrong: 0,
            hidden_since: None,
            hidden_for: Duration::ZERO,
            random: 7,
            ids: [0, 1, 2].map(|who| world.id(who)),
            rows: HONEST.map(|who| rows(world, who)),
        }
    }

    pub fn next_act(&mut self) {
        self.acts += 1;
        self.bytes = [0; 3];
    }

    pub fn rest(&mut self) {
        (self.hides, self.confirms_nothing, self.turns_away, self.damages) = (false, false, false, 0);
    }

    /// Sees what somebody's room wants done, and changes what Mallory's does.
    pub fn pass(&mut self, who: usize, output: Output) -> Vec<Output> {
        if who == MALLORY {
            return self.change(output).into_iter().collect();
        }
        match &output {
            Output::Transmit { .. } | Output::SendDatagram { .. } => {}
            Output::Frame { member, frame, .. } => {
                // Honest members' pictures and sounds hold nothing but who they are.
                if let Some(of) = HONEST.into_iter().find(|of| self.ids[*of] == *member) {
                    let is_theirs = frame.data.iter().all(|byte| usize::from(*byte) == of);
                    self.wrong += usize::from(!is_theirs);
                }
            }
            Output::Send { bytes, .. } => {
                self.outputs[who] += 1;
                self.bytes[who] += bytes.len();
            }
            _ => self.outputs[who] += 1,
        }
        vec![output]
    }

    fn change(&mut self, output: Output) -> Option<Output> {
        let Output::Send { link, purpose, mut bytes } = output else { return Some(output) };
        match wire::decode(&bytes) {
            Some(LinkMessage::Received { .. }) if self.confirms_nothing => return None,
            Some(LinkMessage::Hello(_)) if self.turns_away => bytes = say::removed(),
            _ => {}
        }
        if self.hides {
            match wire::decode(&bytes) {
                Some(LinkMessage::Streams(streams)) if streams.in_call => return None,
                Some(LinkMessage::Hello(mut hello)) => {
                    hello.streams = Streams { number: hello.streams.number, ..Streams::default() };
                    bytes = wire::encode(&LinkMessage::Hello(hello));
                }
                _ => {}
            }
        }
        if self.damages > 0 && !bytes.is_empty() {
            self.damages -= 1;
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (self.random >> 33) as usize % bytes.len();
            bytes[at] ^= 1 << (self.random >> 29 & 7);
        }
        Some(Output::Send { link, purpose, bytes })
    }

    pub fn saw_hidden_listener(&mut self, now: Instant, is_there: bool) {
        let since = is_there.then(|| *self.hidden_since.get_or_insert(now));
        self.hidden_since = since;
        self.hidden_for = since.map_or(self.hidden_for, |since| self.hidden_for.max(now - since));
    }

    /// After so many messages of Mallory's.
    pub fn check(&self, world: &World, messages: usize, lasted: Duration) {
        for who in HONEST {
            let outputs = self.outputs[who];
            let most = OUTPUTS_FOR_ACT * (self.acts + 1) + OUTPUTS_FOR_ONE * messages;
            assert!(outputs <= most, "person {who} does {outputs} things for {messages} messages");
            assert!(self.bytes[who] <= BYTES, "person {who} says {} bytes in a moment", self.bytes[who]);
            let rows = rows(world, who) - self.rows[who];
            assert!(rows <= ROWS + messages, "person {who} keeps {rows} rows for {messages} messages");
        }
        let most = STRAY_DIALS + lasted.div_duration_f32(STRAY_DIAL) as usize;
        let strays = world.dialled.iter().filter(|(who, to)| *who != MALLORY && !self.endpoints.contains(to)).count();
        assert!(strays <= most, "{strays} dials to nobody in {lasted:?}");
        assert_eq!(self.wrong, 0, "what is shown is not its sender's");
        assert!(self.hidden_for <= MEDIA_ENDS, "somebody unseen listens for {:?}", self.hidden_for);
    }
}

/// Whether an honest member has media with somebody who is not in the call, as far as they know.
pub(super) fn hidden_listener(world: &mut World) -> bool {
    HONEST.into_iter().any(|who| match &world.beings[who].room.phase {
        Phase::Inside(inside) => {
            let is_hidden =
                |member: &MemberView<'_>| inside.media.has_connected_path(member.id) && !member.streams.in_call;
            inside.links.everyone(&inside.roster).members().any(|member| is_hidden(&member))
        }
        _ => false,
    })
}

/// The texts of another that somebody's disk has, of this run.
pub(super) fn lines_of(world: &World, who: usize, of: usize) -> Vec<String> {
    let id = world.id(of);
    let texts =
        world.beings[who].disk.theirs.iter().filter(|(from, ..)| *from == id).filter_map(|(.., said)| match said {
            Said::Text(text) if text != "begun" => Some(text.clone()),
            _ => None,
        });
    texts.collect()
}

/// What is kept for good because Mallory said something, or somebody did.
fn rows(world: &World, who: usize) -> usize {
    let disk = &world.beings[who].disk;
    let mallory = world.id(MALLORY);
    disk.theirs.iter().filter(|(from, ..)| *from == mallory).count() + disk.calls.len()
}
