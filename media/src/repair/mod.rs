//! Sound that survives loss: packets of voice carry sums of frames before them, as many as the path to that peer needs.
//!
//! The code is a sliding window over sealed frames, as in RFC 8681: nothing is encoded or sealed twice, and each peer has
//! what its own path needs. Within the rate of one copy of each frame (RFC 2198), sums over six frames leave a tenth of what
//! copies leave missing at 10 % of loss, and a fifth at 20 %. A copy is a sum of one frame.
//!
//! ```text
//! sender                                    receiver
//! Protector::packet ── packets with blocks ──► Gather (Recover)
//!   ▲ Plan                                  │
//! Choice ◄─────────── LossReport ────────── LossMeter
//! ```
//!
//! The receiver says which packets came. The sender tries every [`Plan`] on what it is told, with the solver that the
//! receiver has, and so knows what each would have left unrepaired.

mod block;
mod choice;
mod field;
mod plan;
mod protect;
mod recover;
mod report;
mod solve;
mod trial;

pub use block::{BLOCK_HEADER, SYMBOL_HEADER};
pub(crate) use block::{Block, read as read_blocks};
pub use plan::{BUDGET_KBPS, Plan, VoiceSettings};
pub use protect::{Protector, ProtectorFigures};
pub(crate) use recover::Recover;
pub use report::{LossMeter, LossReport, ReportError};

/// Repair blocks in one packet, at most.
pub const MAX_BLOCKS: usize = 2;

/// How a frame of voice came, for who plays it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// Its packet was lost; it followed from others.
    pub repaired: bool,
    /// What its packet carried can repair frames that are up to so many frames older.
    pub wait: u8,
}
