//! The sender's side for one peer: makes its packets out of everybody's.

use std::collections::VecDeque;
use std::sync::Arc;

use super::block::{self, BLOCK_HEADER, Block, MAX_LAG, MAX_SPAN};
use super::choice::Choice;
use super::field;
use super::plan::Plan;
use super::report::LossReport;
use crate::frame::Stream;
use crate::split::{AUDIO_FRAME_TICKS, END, MAX_PAYLOAD, Packet, REPAIR, START};

/// Frames that blocks can cover.
const KEPT: usize = MAX_LAG as usize + MAX_SPAN as usize;
/// Frames from before a longer pause (200 ms) are of no use to anybody.
const STALE: u32 = 10 * AUDIO_FRAME_TICKS;

/// What a [`Protector`] did, in total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProtectorFigures {
    pub packets: u64,
    pub blocks: u64,
    /// Blocks that the packet had no room for.
    pub left_out: u64,
    /// Changes of the plan.
    pub changes: u64,
}

struct Kept {
    number: u64,
    symbol: Vec<u8>,
}

/// See the module. One per peer and transport: it counts the packets that this transport sends, from 1.
pub struct Protector {
    recent: VecDeque<Kept>,
    last: Option<u32>,
    sent: u64,
    choice: Choice,
    figures: ProtectorFigures,
}

impl Protector {
    pub fn new() -> Self {
        Self {
            recent: VecDeque::new(),
            last: None,
            sent: 0,
            choice: Choice::new(),
            figures: ProtectorFigures::default(),
        }
    }

    pub fn plan(&self) -> Plan {
        self.choice.plan()
    }

    /// Percent of the frames that are missing at the peer after repair.
    pub fn left_percent(&self) -> u8 {
        (self.choice.missed() * 100.0).round() as u8
    }

    pub fn figures(&self) -> ProtectorFigures {
        self.figures
    }

    /// The peer says what came. Whatever it says, what is added to the packets for others stays the same; what the one encoder
    /// does for all follows several peers, never one alone (see [`super::VoiceSettings::of`]).
    pub fn reported(&mut self, report: &LossReport) {
        let before = self.plan();
        self.choice.reported(report, self.sent);
        self.figures.changes += u64::from(before != self.plan());
    }

    /// The packet for this peer. To be called for every packet of voice that its transport sends, in that order.
    pub fn packet(&mut self, packet: &Packet) -> Packet {
        self.sent += 1;
        self.figures.packets += 1;
        let whole = packet.lane == Stream::Audio.into() && packet.payload.first() == Some(&(START | END));
        let paused = self.last.is_some_and(|last| packet.timestamp.wrapping_sub(last) > STALE);
        if !whole || paused {
            self.recent.clear();
        }
        if !whole {
            return packet.clone();
        }
        self.last = Some(packet.timestamp);
        let protected = self.protect(packet);
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        let symbol = block::symbol(u64::from(packet.timestamp), &packet.payload[1..]);
        self.recent.push_back(Kept { number: self.sent, symbol });
        protected
    }

    fn protect(&mut self, packet: &Packet) -> Packet {
        let plan = self.plan();
        let mut room = MAX_PAYLOAD - packet.payload.len();
        let mut sums = Vec::new();
        for block in 0..plan.blocks {
            let row = Plan::row(self.sent, block);
            let oldest = self.recent.front().map_or(u64::MAX, |kept| kept.number);
            let reach = self.sent.saturating_sub(oldest);
            let Some(span) = (reach + 1).checked_sub(u64::from(plan.lag)).filter(|span| *span > 0) else {
                break;
            };
            let span = plan.span.min(span as u8);
            let mut sum = Vec::new();
            for (frame, factor) in Plan::terms(plan.lag, span, row, self.sent) {
                if let Some(kept) = self.recent.get((frame - oldest) as usize) {
                    field::add(&mut sum, factor, &kept.symbol);
                }
            }
            if sum.len() + BLOCK_HEADER > room {
                self.figures.left_out += 1;
                break;
            }
            room -= sum.len() + BLOCK_HEADER;
            sums.push((span, row, sum));
        }
        if sums.is_empty() {
            return packet.clone();
        }
        self.figures.blocks += sums.len() as u64;
        let mut payload = vec![START | END | REPAIR];
        for (index, (span, row, sum)) in sums.iter().enumerate() {
            let block = Block { lag: plan.lag, span: *span, row: *row, symbol: sum };
            block.write(index + 1 < sums.len(), &mut payload);
        }
        payload.extend_from_slice(&packet.payload[1..]);
        Packet { payload: Arc::from(payload), ..packet.clone() }
    }
}

impl Default for Protector {
    fn default() -> Self {
        Self::new()
    }
}
