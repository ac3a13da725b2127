//! What anybody can do at the gate of our links, as a script of bytes: calls from many sources, at many times. What a room makes
//! of messages, before a Hello and after, `room::simulation::hostile` tries.

use std::time::{Duration, Instant};

use arbitrary::Unstructured;

use super::gate::{Gate, Source, Verdict};

/// What a script asks for beyond this is left undone.
const MAX_ACTS: usize = 256;

/// An act is how many milliseconds pass, of which source a call is, how often it comes, and how: bit 0 over a relay, bit 1
/// each from another source, bit 2 from a proven address; the rest are handshakes under way.
///
/// # Panics
/// When more callers get in at once than may, or more sources are remembered.
pub fn run(script: &[u8]) {
    let mut script = Unstructured::new(script);
    let mut now = Instant::now();
    let mut gate = Gate::new(now);
    for _ in 0..MAX_ACTS {
        let Ok([wait, of, times, how]) = script.arbitrary::<[u8; 4]>() else { break };
        if script.is_empty() {
            break;
        }
        now += Duration::from_millis(wait.into());
        let (is_relayed, is_one, is_proven) = (how & 1 != 0, how & 2 == 0, how & 4 != 0);
        let mut admitted = 0;
        for nth in 0..times {
            let of = if is_one { of } else { of.wrapping_add(nth) };
            let source = if is_relayed { Source::Relayed([of; 32]) } else { Source::Direct([10, 0, 0, of].into()) };
            admitted += u32::from(gate.ask(now, source, is_proven, (how >> 3).into()) == Verdict::Admit);
        }
        gate.check(admitted, is_one && (is_proven || is_relayed));
    }
}
