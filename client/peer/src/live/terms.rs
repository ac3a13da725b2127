//! Words of `--json` for values that the engine does not name itself.

use engine::api::{OverBecause, ReadOnly};

pub fn read_only(why: ReadOnly) -> &'static str {
    match why {
        ReadOnly::SaidRemoved => "said to be removed",
        ReadOnly::Removed => "removed",
        ReadOnly::ContactEnded => "contact ended",
    }
}

pub fn over(why: OverBecause) -> &'static str {
    match why {
        OverBecause::Left => "left",
        OverBecause::Removed => "removed",
        OverBecause::JoinFailed(_) | OverBecause::Failed => "failed",
    }
}
