//! Inputs made of other inputs. Seeded: the same seed gives the same inputs again.

use fuzz::Target;

/// Numbers at the edges of what fields hold.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];
/// Changes to one input, at most.
const CHANGES: usize = 8;
/// One input in so many is made of nothing but chance.
const FRESH: usize = 16;

pub struct Mutator {
    random: fastrand::Rng,
    target: &'static Target,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    pub fn new(seed: u64, target: &'static Target, seeds: Vec<Vec<u8>>) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), target, seeds }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.usize(..limit.max(1))
    }

    fn chance(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.random.fill(&mut bytes);
        bytes
    }

    pub fn make(&mut self) -> Vec<u8> {
        if self.seeds.is_empty() || self.below(FRESH) == 0 {
            // Most are short: what is long repeats itself.
            let most = 1 << self.below(usize::BITS as usize - self.target.longest.leading_zeros() as usize);
            let length = self.below(most + 1).min(self.target.longest);
            return self.chance(length);
        }
        let at = self.below(self.seeds.len());
        let mut input = self.seeds[at].clone();
        for _ in 0..=self.below(CHANGES) {
            self.change(&mut input);
        }
        input.truncate(self.target.longest);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        match self.below(9) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.random.u8(..),
            // Something like arithmetic.
            2 if at < input.len() => input[at] = input[at].wrapping_add(self.below(33) as u8).wrapping_sub(16),
            3 => {
                let bytes = 1 << self.below(4);
                let edge = EDGES[self.below(EDGES.len())];
                let edge = if self.below(2) == 0 { edge.to_be_bytes() } else { edge.reverse_bits().to_be_bytes() };
                self.write(input, at, &edge[8 - bytes..]);
            }
            4 => {
                let gone = self.below(1 + (input.len() - at).min(32));
                input.drain(at..at + gone);
            }
            5 => {
                let length = 1 + self.below(8);
                let new = self.chance(length);
                input.splice(at..at, new);
            }
            // A part of this input, or of another, again.
            6 | 7 => {
                let other = self.below(self.seeds.len());
                let other = if self.below(2) == 0 { input.clone() } else { self.seeds[other].clone() };
                let from = self.below(other.len() + 1);
                let length = self.below(1 + (other.len() - from).min(64));
                let part = other[from..from + length].to_vec();
                if self.below(2) == 0 { drop(input.splice(at..at, part)) } else { self.write(input, at, &part) }
            }
            _ if !self.target.words.is_empty() => {
                let word = self.target.words[self.below(self.target.words.len())];
                if self.below(2) == 0 {
                    input.splice(at..at, word.iter().copied());
                } else {
                    self.write(input, at, word);
                }
            }
            _ => {}
        }
    }

    fn write(&mut self, input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
        let end = input.len().min(at + bytes.len());
        input.splice(at..end, bytes.iter().copied());
    }
}
